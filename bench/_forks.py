"""Does something in a process forked for it alone, as Airflow parses files and runs tasks: what it imports, it imports anew."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any


def in_a_fork(act: Callable[[], Any]) -> tuple[Any, float]:
    """Return what ``act`` returned there, through JSON, and the largest resident memory of that process in MB.

    Raises RuntimeError where the process died before it answered; why is in its standard error.
    """
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        os.close(reading)
        try:
            with os.fdopen(writing, "w") as answer:
                json.dump(act(), answer)
        except BaseException:  # noqa: BLE001 - whatever it is, only this process may end of it, and it says why
            import traceback

            traceback.print_exc()
        finally:
            os._exit(0)  # it runs none of its parent's farewells
    os.close(writing)
    with os.fdopen(reading) as answer:
        said = answer.read()
    _, _, usage = os.wait4(child, 0)
    if not said:
        raise RuntimeError("the forked process died")
    return json.loads(said), usage.ru_maxrss / 1024  # kilobytes on Linux

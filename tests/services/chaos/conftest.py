"""No test here may hang, whatever it has broken: its time is up before CI's is."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from chaos_plan import WHOLE

SECONDS = 700 if WHOLE else 480


@pytest.fixture(autouse=True)
def deadline() -> Iterator[None]:
    """Fail the test once its time is up; what it started is ended as after any failure."""

    def give_up(*_: object) -> None:
        raise TimeoutError(f"not done after {SECONDS} s")

    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)

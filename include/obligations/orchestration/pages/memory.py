"""The memory of the API server's process, which Airflow fills with more than a million objects before the first page is asked for."""

from __future__ import annotations

import gc
from functools import cache


async def spare_what_is_loaded() -> None:
    """Let the garbage collector pass over what is there when the first page is asked for: modules, tables, routes.

    They stay for as long as the process does. To search them all takes a quarter of a second and more, and whichever page
    is being made meanwhile waits; so it is done once, and what is no longer needed by then is not kept.
    """
    _freeze()


@cache
def _freeze() -> None:
    gc.collect()
    gc.freeze()

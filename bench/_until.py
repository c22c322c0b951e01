"""Waiting for what another process brings about."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(reached: Callable[[], object], seconds: float = 600) -> None:
    """Ask twice a second until ``reached`` is true; raises TimeoutError."""
    end = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > end:
            raise TimeoutError(f"not reached within {seconds:.0f} s")
        time.sleep(0.5)

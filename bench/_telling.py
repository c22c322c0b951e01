"""How far a bench is, on standard error: its figures are for standard output."""

from __future__ import annotations

import sys
import time

_last = 0.0


def tell(said: str) -> None:
    """Say at once what begins now."""
    global _last
    _last = time.monotonic()
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {said}\n")
    sys.stderr.flush()


def tell_at_times(said: str, every: float = 15) -> None:
    """Say how far it is, unless something was said within ``every`` seconds."""
    if time.monotonic() - _last >= every:
        tell(said)

"""The clock of the pages: a browser asks, and what is asked for is as of now."""

from __future__ import annotations

from datetime import datetime

from obligations.words.times import SHANGHAI


def now() -> datetime:
    """Read the clock."""
    return datetime.now(SHANGHAI)

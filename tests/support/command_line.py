"""The command line called in this process, for tests of the commands."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What one call printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Return what was printed for programs."""
        return json.loads(self.out)


Call = Callable[..., Answer]

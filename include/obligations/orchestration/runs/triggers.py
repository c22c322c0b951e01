"""What every trigger is about that a task of an occurrence defers to; what it waits for is its own module's."""

from __future__ import annotations

from abc import ABC
from typing import Any

from airflow.triggers.base import BaseTrigger


class OccurrenceTrigger(BaseTrigger, ABC):
    """Waits on behalf of one occurrence.

    Attributes:
        key: the obligation's key.
        period: the period's key.
    """

    def __init__(self, key: str, period: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.key = key
        self.period = period

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return the class path and plain JSON arguments."""
        return f"{type(self).__module__}.{type(self).__qualname__}", {"key": self.key, "period": self.period}

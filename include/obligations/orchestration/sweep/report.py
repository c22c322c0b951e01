"""What one pass did, as a value and as JSON. Nothing is decided here."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from obligations.steps.ledger import OccurrenceRow


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something about the system itself that operators must know.

    Attributes:
        kind: stable code; said: one Chinese sentence that says what to do.
        about: what it is told once a day for: a DAG, a file, or nothing.
    """

    kind: str
    said: str
    about: str = ""


@dataclass(slots=True)
class SweepReport:
    """What one pass did; every list but ``alarms`` holds small objects with ``key`` and ``period``.

    Attributes:
        at: the instant it went by; first_sweep: of the installation, None where a pass was refused before there was one.
        expected, rebound, missed, queued, sent, dropped, failed, started: what was new in this pass.
        alarms: what operators must know, told to them once a day.
    """

    at: datetime
    first_sweep: datetime | None = None
    expected: list[dict[str, Any]] = field(default_factory=list)
    rebound: list[dict[str, Any]] = field(default_factory=list)
    missed: list[dict[str, Any]] = field(default_factory=list)
    queued: list[dict[str, Any]] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)
    dropped: list[dict[str, Any]] = field(default_factory=list)
    failed: list[dict[str, Any]] = field(default_factory=list)
    started: list[dict[str, Any]] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the object that ``obligations sweep --json`` prints."""
        lists = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "alarms"}
        return lists | {
            "alarms": [{"kind": alarm.kind, "about": alarm.about, "said": alarm.said} for alarm in self.alarms]
        }

    def counts(self) -> dict[str, int]:
        """Return how many of each, for the log of a task."""
        return {one.name: len(getattr(self, one.name)) for one in fields(self) if one.name not in {"at", "first_sweep"}}


def named(row: OccurrenceRow, **more: Any) -> dict[str, Any]:
    """Return a small object that names an occurrence."""
    return {"key": row.key, "period": row.period, **more}

"""Periods, due dates and occurrences as values; how they are computed is ``rules.clocks`` and ``rules.occurrences``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

INCIDENT, FOLLOWUP = "incident", "incident-followup"
"""Types of event: an incident, and that a follow-up bulletin (续报) of one is expected."""
PARENT = "parent"
"""Field of a follow-up: id of the incident."""


@dataclass(frozen=True, slots=True)
class Period:
    """The time the data cover.

    Attributes:
        key: ``2026-09``, ``2026-Q3``, ``2026-W40``, ``2026-H1``, ``2026``, ``2026-06-05`` or an event's id.
        start, end: first and last day, both included.
    """

    key: str
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class DueDate:
    """A computed limit.

    Attributes:
        start: the instant it is counted from.
        due_at: the last instant that is still in time (Asia/Shanghai).
        provisional: it lies beyond the announced calendar (暂定，待节假日通知).
        earliest, latest: bounds; equal to ``due_at`` unless provisional.
        derivation: Chinese sentences that explain it, fit to print.
    """

    start: datetime
    due_at: datetime
    provisional: bool
    earliest: datetime
    latest: datetime
    derivation: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One instance of an obligation that falls due.

    Attributes:
        key: the obligation's key.
        period: see ``Period``.
        opens_at: when data can first be gathered.
        draft_by: internal limit for the draft to be at review.
        due: the binding limit.
    """

    key: str
    period: Period
    opens_at: datetime
    draft_by: datetime
    due: DueDate

    @property
    def due_at(self) -> datetime:
        """The last instant that is still in time."""
        return self.due.due_at


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened and starts clocks.

    Attributes:
        id: stable across repeated reports; letters, digits, ``-`` only.
        type: ``incident``.
        level: 特别重大, 重大, 较大 or 一般.
        happened_at: when it happened (clocks start here), as best known.
        reported_at, noticed_at: when it was reported to, and noticed by, the office.
        fields: the remaining typed fields of the report, text by name.
        closed_at: when it was over, or None while it goes on.
    """

    id: str
    type: str
    level: str
    title: str
    happened_at: datetime
    reported_at: datetime
    noticed_at: datetime | None
    fields: dict[str, str]
    closed_at: datetime | None = None

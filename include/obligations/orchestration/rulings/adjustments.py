"""Pauses and extensions as the ledger keeps them: read back, applied again, and written with the dates they lead to.

What a provision allows is ``rules.suspensions``; who decides is ``rulings``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from obligations.rules.binding import binding_limit
from obligations.rules.calendar import WorkingCalendar
from obligations.rules.suspensions import Adjustment
from obligations.steps.ledger import EventKind, LedgerEvent
from obligations.words.limits import Limit
from obligations.words.obligation import Obligation
from obligations.words.occurrence import Occurrence
from obligations.words.times import SHANGHAI, end_of_day


@dataclass(frozen=True, slots=True)
class OpenPause:
    """A pause that nobody has ended yet.

    Attributes:
        first: first day that does not count; reason, authority: as granted.
        lapses_on: last day that may be left out; on the next the clock runs again, asked for or not.
    """

    first: date
    reason: str
    authority: str
    lapses_on: date

    @property
    def lapses_at(self) -> datetime:
        """The instant from which an occurrence no longer counts as paused."""
        return end_of_day(self.lapses_on)


def adjustments_of(events: Iterable[LedgerEvent]) -> list[Adjustment]:
    """Return what was granted, in order; ``suspensions.adjust`` applies it to an occurrence as first computed."""
    said = (event.payload.get("adjustment") for event in events)
    return [_read(adjustment) for adjustment in said if adjustment is not None]


def adjustment_payload(adjustment: Adjustment) -> dict[str, Any]:
    """Write an adjustment for the ledger; ``adjustments_of`` reads it back."""
    return {
        "kind": adjustment.kind,
        "first": adjustment.first,
        "last": adjustment.last,
        "by": None if adjustment.by is None else str(adjustment.by),
        "reason": adjustment.reason,
        "authority": adjustment.authority,
    }


def dates_payload(occurrence: Occurrence, *, calendar_version: str, catalogue_version: str) -> dict[str, Any]:
    """Write an occurrence's dates in the form in which ``extended``, ``resumed`` and ``rebound`` move them."""
    return {
        "opens_at": occurrence.opens_at,
        "draft_by": occurrence.draft_by,
        "due_at": occurrence.due.due_at,
        "provisional": occurrence.due.provisional,
        "earliest": occurrence.due.earliest,
        "latest": occurrence.due.latest,
        "derivation": occurrence.due.derivation,
        "calendar_version": calendar_version,
        "catalogue_version": catalogue_version,
    }


def open_pause(events: Iterable[LedgerEvent]) -> OpenPause | None:
    """Return the pause that still runs, or None."""
    found: OpenPause | None = None
    for event in events:
        if event.kind == EventKind.PAUSED:
            said = event.payload
            first, lapses_on = date.fromisoformat(said["first"]), date.fromisoformat(said["lapses_on"])
            found = OpenPause(first, said["reason"], said["authority"], lapses_on)
        elif event.kind == EventKind.RESUMED:
            found = None
    return found


def last_day_of_pause(obligation: Obligation, occurrence: Occurrence, first: date, calendar: WorkingCalendar) -> date:
    """Return the last day that a pause from ``first`` may leave out; ``first`` itself where the provision names none."""
    binding = binding_limit(obligation, occurrence.due.start.astimezone(SHANGHAI).date())
    longest = binding.law.pause_limit if binding and binding.law else None
    return calendar.add_working_days(first - timedelta(days=1), longest.amount) if longest else first


def _read(said: dict[str, Any]) -> Adjustment:
    return Adjustment(
        said["kind"],
        date.fromisoformat(said["first"]),
        date.fromisoformat(said["last"]),
        None if said["by"] is None else Limit.parse(said["by"]),
        said["reason"],
        said["authority"],
    )

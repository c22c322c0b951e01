"""What a changed calendar changes: which days become off or worked, and which occurrences move. Pure.

The ledger's own rebinding, with its events and reasons, is ``rules.rebind``; this only says beforehand what it will do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from obligations.rules.calendar import WorkingCalendar
from obligations.rules.occurrences import occurrence_of, occurrence_of_event
from obligations.rules.periods import has_periods, period_from_key
from obligations.words.obligation import Obligation
from obligations.words.occurrence import Event, Occurrence
from obligations.words.times import say_day, say_weekday

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ChangedDays:
    """Days in a row that change alike.

    Attributes:
        first, last: both included.
        was_worked, is_worked: in the old calendar and the new.
        was_announced: the old one knew it for good, rather than by estimate.
        why: 国庆节放假, 调休上班, 周六休息, 工作日.
    """

    first: date
    last: date
    was_worked: bool
    is_worked: bool
    was_announced: bool
    why: str

    @property
    def days(self) -> int:
        """How many days they are."""
        return (self.last - self.first).days + 1

    def say(self) -> str:
        """Write them: ``2027年2月13日（周六）由放假改为上班：调休上班``."""
        until = f"至{say_day(self.last, year=False)}（{say_weekday(self.last)}）" if self.last > self.first else ""
        old, new = ("上班" if worked else "放假" for worked in (self.was_worked, self.is_worked))
        estimated = "" if self.was_announced else "预计"
        changes = f"{new}，与预计相同" if old == new else f"由{estimated}{old}改为{new}"
        return f"{say_day(self.first)}（{say_weekday(self.first)}）{until}{changes}：{self.why}"


@dataclass(frozen=True, slots=True)
class MovedOccurrence:
    """One occurrence whose dates the new calendar gives otherwise, or no longer provisionally."""

    before: Occurrence
    after: Occurrence

    @property
    def moved(self) -> bool:
        """Whether a date changed; False if it was only confirmed or its bounds narrowed."""
        old, new = self.before, self.after
        return (old.due_at, old.draft_by, old.opens_at) != (new.due_at, new.draft_by, new.opens_at)


def changed_days(before: WorkingCalendar, after: WorkingCalendar, years: Iterable[int]) -> list[ChangedDays]:
    """Return the days of these years that become off or worked, and those off or made up that become certain.

    The last week before each year counts, too: a New Year run reaches back into December.
    """
    found: list[ChangedDays] = []
    for day in sorted({day for year in years for day in _days_of(year)}):
        was, is_ = before.is_working_day(day), after.is_working_day(day)
        announced = before.covers(day)
        becomes_certain = not announced and after.covers(day) and after.remark(day) is not None
        if was == is_ and not becomes_certain:
            continue
        why = (after.remark(day) or "工作日") if is_ else after.why_off(day)
        one = ChangedDays(day, day, was, is_, announced, why)
        if found and found[-1].last + _DAY == day and _alike(found[-1], one):
            found[-1] = replace(found[-1], last=day)
        else:
            found.append(one)
    return found


def _alike(one: ChangedDays, other: ChangedDays) -> bool:
    return replace(one, first=other.first, last=other.last) == other


def moved_occurrence(
    obligation: Obligation, period: str, event: Event | None, before: WorkingCalendar, after: WorkingCalendar
) -> MovedOccurrence | None:
    """Compute one occurrence under both calendars; None where they agree. Raises UnusableInput for an unknown period."""
    if event is not None:
        old, new = (occurrence_of_event(obligation, event, calendar) for calendar in (before, after))
    elif has_periods(obligation.clock):
        known = period_from_key(obligation.clock, period)
        old, new = (occurrence_of(obligation, known, calendar) for calendar in (before, after))
    else:
        return None
    dates_agree = (old.due_at, old.draft_by, old.opens_at) == (new.due_at, new.draft_by, new.opens_at)
    if dates_agree and _bounds(old) == _bounds(new):
        return None
    return MovedOccurrence(old, new)


def _bounds(occurrence: Occurrence) -> tuple[object, ...]:
    return occurrence.due.provisional, occurrence.due.earliest, occurrence.due.latest


def _days_of(year: int) -> Iterator[date]:
    day = date(year - 1, 12, 25)
    while day.year <= year:
        yield day
        day += _DAY

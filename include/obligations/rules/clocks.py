"""What a limit comes to on a calendar: the arithmetic of the Civil Code, arts. 200 to 204, and nothing else.

Hours run from the moment. Days, working days and months exclude the starting day; the last day ends at 24:00, or for
a submission to an office at its close of business. The last day of a calendar-day or month limit counted from an
event rolls to the next working day; the caller says whether it does. Which obligation has which limit is
``occurrences``; the sentences are ``derivations``.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from obligations.rules.calendar import FIRST_DAY, LAST_DAY, WorkingCalendar
from obligations.rules.derivations import (
    explain_before,
    explain_calendar_days,
    explain_end,
    explain_hours,
    explain_provisional,
    explain_receipt,
    explain_working_days,
)
from obligations.words.errors import UnusableInput
from obligations.words.limits import Limit, Unit
from obligations.words.occurrence import DueDate
from obligations.words.times import SHANGHAI, end_of_day, midnight


def due_at_after(
    limit: Limit,
    start: datetime,
    calendar: WorkingCalendar,
    *,
    rolls: bool = True,
    close_of_business: time | None = None,
) -> datetime:
    """Return the last instant in time, without bounds or derivation; arguments and errors as ``due_after``."""
    if start.tzinfo is None:
        raise UnusableInput("起算时间须带时区，例如 2026-09-30T14:05+08:00")
    local = start.astimezone(SHANGHAI)
    if limit.unit == "working_day" and close_of_business is None:
        return calendar.end_of_working_day(local, limit.amount)
    if limit.unit == "hour":
        return local + timedelta(hours=limit.amount)
    return _end(last_day(limit, local.date(), calendar, rolls=rolls), close_of_business)


def last_day(limit: Limit, day: date, calendar: WorkingCalendar, *, rolls: bool = True) -> date:
    """Return the last day of a day, working-day or month limit that starts on ``day``."""
    if limit.unit == "working_day":
        return calendar.add_working_days(day, limit.amount)
    nominal = last_day_of(limit, day)
    return calendar.next_working_day(nominal) if rolls else nominal


def last_day_of(limit: Limit, day: date) -> date:
    """Return the last day of a day or month limit that starts on ``day``, before any rolling."""
    return _shift(day, limit.unit, limit.amount)


def _shift(day: date, unit: Unit, amount: int) -> date:
    """Move ``day`` by days or months; a month without that day gives its last one (art. 202)."""
    if unit == "day":
        return day + timedelta(days=amount)
    year, month = divmod(day.year * 12 + day.month - 1 + amount, 12)
    if not FIRST_DAY.year <= year <= LAST_DAY.year:
        raise UnusableInput(f"结果不在日历范围内，只能计算{FIRST_DAY.year}年至{LAST_DAY.year}年")
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _end(day: date, close_of_business: time | None) -> datetime:
    return end_of_day(day) if close_of_business is None else datetime.combine(day, close_of_business, SHANGHAI)


def due_after(
    limit: Limit,
    start: datetime,
    calendar: WorkingCalendar,
    *,
    rolls: bool = True,
    close_of_business: time | None = None,
    receipt_cut_off: time | None = None,
) -> DueDate:
    """Return the due date of ``limit`` counted from ``start``, with bounds where provisional, and its derivation.

    ``rolls``: a last day that is a holiday moves to the next working day (art. 203); False for limits counted from
    the end of a period. ``close_of_business``: the time at which a submission's last day ends; None for 24:00.
    ``receipt_cut_off``: a request arriving at or after this time, or on a day off, counts as received on the next
    working day (条例 art. 31); None takes the day of ``start`` as it is.

    Raises UnusableInput for a start without an offset, or a result outside 2004 to 2099.
    """
    if start.tzinfo is None:
        raise UnusableInput("起算时间须带时区，例如 2026-09-30T14:05+08:00")
    if receipt_cut_off is None:
        return _due(limit, start, calendar, rolls, close_of_business)
    counted = received_on(start, calendar, receipt_cut_off)
    if counted == start.astimezone(SHANGHAI).date():
        return _due(limit, start, calendar, rolls, close_of_business)
    due = _due(limit, midnight(counted), calendar, rolls, close_of_business)
    said = explain_receipt(start, counted, receipt_cut_off)
    return DueDate(due.start, due.due_at, due.provisional, due.earliest, due.latest, (said, *due.derivation))


def due_before(
    limit: Limit, event_at: datetime, calendar: WorkingCalendar, *, close_of_business: time | None = None
) -> DueDate:
    """Return the last instant that is still ``limit`` before an event.

    Counted back from the day before the event, whose own day is excluded: 提前5个工作日 ends with the fifth working
    day before it. Nothing rolls, for that would shorten the time before the event. Errors as ``due_after``.
    """
    if event_at.tzinfo is None:
        raise UnusableInput("事件时间须带时区，例如 2026-09-30T14:05+08:00")
    local = event_at.astimezone(SHANGHAI)
    if limit.unit == "hour":
        due_at = local - timedelta(hours=limit.amount)
        return DueDate(event_at, due_at, False, due_at, due_at, tuple(explain_before(limit, event_at, due_at)))
    if limit.unit == "working_day" and limit.amount:
        day = calendar.subtract_working_days(local.date(), limit.amount)
        first, last = calendar.bounds_of_working_days_before(local.date(), limit.amount)
    else:
        day = local.date() if limit.unit == "working_day" else _shift(local.date(), limit.unit, -limit.amount)
        first = last = day
    due_at, earliest, latest = (_end(each, close_of_business) for each in (day, first, last))
    provisional = limit.unit == "working_day" and not calendar.covers(local.date() - timedelta(days=1))
    said = [*explain_before(limit, event_at, due_at)]
    if provisional:
        said.append(explain_provisional(calendar.covered_until, earliest, latest, calendar))
    return DueDate(event_at, due_at, provisional, earliest, latest, tuple(said))


def received_on(arrived: datetime, calendar: WorkingCalendar, cut_off: time) -> date:
    """Return the day on which a request that arrived at ``arrived`` counts as received, by an office that closes at ``cut_off``."""
    local = arrived.astimezone(SHANGHAI)
    if local.time() >= cut_off:
        return calendar.add_working_days(local.date(), 1)
    return calendar.next_working_day(local.date())


@lru_cache(maxsize=16384)
def _due(
    limit: Limit, start: datetime, calendar: WorkingCalendar, rolls: bool, close_of_business: time | None
) -> DueDate:
    due_at = due_at_after(limit, start, calendar, rolls=rolls, close_of_business=close_of_business)
    if limit.unit == "hour":
        return DueDate(start, due_at, False, due_at, due_at, tuple(explain_hours(limit, start, due_at)))
    day = start.astimezone(SHANGHAI).date()
    first, last = _bounds(limit, day, calendar, rolls=rolls)
    earliest, latest = _end(first, close_of_business), _end(last, close_of_business)
    provisional = _waits_for_notice(limit, day, calendar, rolls=rolls)
    sentences = (
        *_explain(limit, day, calendar, rolls=rolls),
        explain_end(due_at, close_of_business),
        *([explain_provisional(day, earliest, latest, calendar)] if provisional else []),
    )
    return DueDate(start, due_at, provisional, earliest, latest, sentences)


def _explain(limit: Limit, day: date, calendar: WorkingCalendar, *, rolls: bool) -> Iterator[str]:
    last = last_day(limit, day, calendar, rolls=rolls)
    if limit.unit == "working_day":
        return explain_working_days(limit, day, last, calendar)
    return explain_calendar_days(limit, day, last_day_of(limit, day), last, calendar, rolls=rolls)


def _bounds(limit: Limit, day: date, calendar: WorkingCalendar, *, rolls: bool) -> tuple[date, date]:
    if limit.unit == "working_day" and limit.amount:
        return calendar.bounds_of_working_days(day, limit.amount)
    nominal = last_day_of(limit, day) if limit.unit != "working_day" else day
    return calendar.bounds_of_next_working_day(nominal) if rolls or limit.unit == "working_day" else (nominal, nominal)


def _waits_for_notice(limit: Limit, day: date, calendar: WorkingCalendar, *, rolls: bool) -> bool:
    if limit.unit != "working_day" and not rolls:
        return False
    return not calendar.covers(last_day(limit, day, calendar, rolls=rolls))

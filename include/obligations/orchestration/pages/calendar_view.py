"""What the pages of the calendar show: a month's weeks, a year's months, each day with what it is and what falls due. Pure."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from obligations.rules.calendar import WorkingCalendar
from obligations.steps.ledger.due_dates import DayCount, Due

FIRST_YEAR, LAST_YEAR = 2004, 2098
"""Years that the calendar of working days knows, and one to look ahead."""
_WEEKS = Calendar(firstweekday=0)


@dataclass(frozen=True, slots=True)
class Day:
    """One day.

    Attributes:
        kind: ``off`` (a holiday or a weekend), ``made-up`` (调休上班) or ``worked``.
        remark: 国庆节放假, 调休上班; empty for plain days.
        is_awaited: no notice covers it yet, so that it may be arranged otherwise.
        is_outside: it belongs to the month before or after.
        dues: those shown; more: how many are not.
    """

    day: date
    kind: str
    remark: str
    is_awaited: bool
    is_today: bool
    is_outside: bool
    count: DayCount
    dues: tuple[Due, ...] = ()
    more: int = 0


def weeks_of(
    year: int,
    month: int,
    today: date,
    working: WorkingCalendar,
    counts: Mapping[date, DayCount],
    dues: Mapping[date, Sequence[Due]],
    most: int,
) -> list[list[Day]]:
    """Return the weeks of a month, Monday first; at most ``most`` occurrences of a day are named."""
    return [
        [_day(day, month, today, working, counts, dues, most) for day in week]
        for week in _WEEKS.monthdatescalendar(year, month)
    ]


def months_of(
    year: int, today: date, working: WorkingCalendar, counts: Mapping[date, DayCount]
) -> list[tuple[int, DayCount, list[list[Day]]]]:
    """Return each month of a year with its sum and its weeks."""
    months = []
    for month in range(1, 13):
        of_month = [count for day, count in counts.items() if (day.year, day.month) == (year, month)]
        total = DayCount(
            sum(count.total for count in of_month),
            sum(count.late for count in of_month),
            sum(count.provisional for count in of_month),
        )
        months.append((month, total, weeks_of(year, month, today, working, counts, {}, 0)))
    return months


def _day(
    day: date,
    month: int,
    today: date,
    working: WorkingCalendar,
    counts: Mapping[date, DayCount],
    dues: Mapping[date, Sequence[Due]],
    most: int,
) -> Day:
    remark = working.remark(day) or ""
    is_worked = working.is_working_day(day)
    kind = "made-up" if is_worked and day.weekday() >= 5 else "worked" if is_worked else "off"
    if not remark and not working.covers(day) and not is_worked and day.weekday() < 5:
        remark = working.why_off(day)
    count, outside = counts.get(day, DayCount()), day.month != month
    shown = () if outside else tuple(dues.get(day, ()))[:most]
    return Day(
        day, kind, remark, not working.covers(day), day == today, outside, count, shown, count.total - len(shown)
    )

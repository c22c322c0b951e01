"""Periods: which stretches of time a clock reports on, their keys, and their order. When they open is ``openings``."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

from obligations.words.clocks import Clock, DeadlineClock, EventClock, Every, QuotaClock, RecurringClock, Season
from obligations.words.errors import UnusableInput
from obligations.words.occurrence import Period

CHECK = "检查"
"""Type of the event that a quota per check waits for: one inspection, reported like any other event."""
_DAY = timedelta(days=1)
_MONTHS: dict[str, int] = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
_KEY = re.compile(
    r"(?P<year>20\d\d)(?:-(?:(?P<month>0[1-9]|1[0-2])|Q(?P<quarter>[1-4])|H(?P<half>[12])|W(?P<week>\d\d)))?"
)
_DAY_KEY = re.compile(r"20\d\d-\d\d-\d\d")
_FORMS = {
    "week": "2026-W40（按周，周一至周日）",
    "month": "2026-09（按月）",
    "quarter": "2026-Q3（按季）",
    "half-year": "2026-H1（按半年）",
    "year": "2026（按年）",
}


def every_of(clock: Clock) -> Every | None:
    """Return the calendar unit of the clock's periods; None for events, deadlines, per check and every N days."""
    if isinstance(clock, QuotaClock):
        return None if clock.per == "check" else clock.per
    return None if isinstance(clock, EventClock | DeadlineClock) else clock.every


def opening_event(clock: Clock) -> str | None:
    """Return the type of event that opens the clock's occurrences; None where the calendar alone does."""
    if isinstance(clock, EventClock):
        return clock.event
    return CHECK if isinstance(clock, QuotaClock) and clock.per == "check" else None


def has_periods(clock: Clock) -> bool:
    """Say whether the calendar alone gives the clock's periods; events and quotas per check wait for something to happen."""
    return opening_event(clock) is None


def periods_between(clock: Clock, first: date, last: date) -> Iterator[Period]:
    """Yield, in order, every period that overlaps ``first`` to ``last``, both included; none for events."""
    if isinstance(clock, DeadlineClock):
        if first <= clock.date <= last:
            yield _deadline(clock)
    elif isinstance(clock, RecurringClock) and clock.every_days is not None:
        for year in range(first.year, last.year + 1):
            yield from (p for p in _in_season(clock, year) if p.end >= first and p.start <= last)
    elif (every := every_of(clock)) is not None and first <= last:
        period = _containing(every, first)
        while period.start <= last:
            yield period
            period = _containing(every, period.end + _DAY)


def periods_in_force(
    clock: Clock, in_force_from: date, in_force_until: date | None, first: date, last: date
) -> Iterator[Period]:
    """Yield the periods of ``periods_between`` that close while the obligation binds.

    A period counts if its last day, or the fixed date within it, lies in force. A deadline is its own range: 2020年底前
    in a plan of 2017 binds in 2020.
    """
    for period in periods_between(clock, first, last):
        closes = closing_day(clock, period)
        in_force = in_force_from <= closes and (in_force_until is None or closes <= in_force_until)
        if in_force or isinstance(clock, DeadlineClock):
            yield period


def closing_day(clock: Clock, period: Period) -> date:
    """Return the fixed date that falls in the period, or the period's last day."""
    if isinstance(clock, RecurringClock) and clock.fixed_date:
        month, day = clock.fixed_date
        return _day_of_month(period.start.year, month, day)
    return period.end


def period_from_key(clock: Clock, key: str) -> Period:
    """Return the period that ``key`` names; raises UnusableInput if the clock has no such period."""
    if isinstance(clock, DeadlineClock):
        if key == clock.date.isoformat():
            return _deadline(clock)
        raise _unknown(key, f"{clock.date.isoformat()}（一次性期限只有这一期）")
    if isinstance(clock, RecurringClock) and clock.every_days is not None:
        return _seasonal_from_key(clock, key)
    every = every_of(clock)
    if every is None:
        raise UnusableInput(f"期间“{key}”无法计算：这是由事件触发的事项，请写事件编号")
    period = _calendar_from_key(every, key)
    if period is None:
        raise _unknown(key, _FORMS[every])
    return period


def _unknown(key: str, expected: str) -> UnusableInput:
    return UnusableInput(f"期间“{key}”无法识别，应为 {expected} 的形式")


def _deadline(clock: DeadlineClock) -> Period:
    return Period(clock.date.isoformat(), clock.date, clock.date)


def _day_of_month(year: int, month: int, day: int) -> date:
    last = monthrange(year, month)[1]
    return date(year, month, last if day == -1 else min(day, last))


def _containing(every: Every, day: date) -> Period:
    if every == "week":
        year, week, weekday = day.isocalendar()
        monday = day - timedelta(days=weekday - 1)
        return Period(f"{year}-W{week:02d}", monday, monday + timedelta(days=6))
    months = _MONTHS[every]
    number = (day.month - 1) // months
    start = date(day.year, number * months + 1, 1)
    end = _day_of_month(day.year, (number + 1) * months, -1)
    return Period(_name(every, day.year, number + 1), start, end)


def _name(every: Every, year: int, number: int) -> str:
    tails = {"month": f"-{number:02d}", "quarter": f"-Q{number}", "half-year": f"-H{number}", "year": ""}
    return f"{year}{tails[every]}"


def _calendar_from_key(every: Every, key: str) -> Period | None:
    match = _KEY.fullmatch(key)
    if match is None:
        return None
    year = int(match["year"])
    if week := match["week"]:
        try:
            day = date.fromisocalendar(year, int(week), 1)
        except ValueError:  # 2026-W54, or week 53 of a year that has 52
            return None
    else:
        month = int(match["month"] or (int(match["quarter"] or 1) - 1) * 3 + 1)
        day = date(year, 7 if match["half"] == "2" else month, 1)
    period = _containing(every, day)
    return period if period.key == key else None


def _in_season(clock: RecurringClock, year: int) -> Iterator[Period]:
    """Yield the periods of one year's season, each ending on an as-of date.

    As-of dates are every N-th day of a month but for one within N days of the 30th, and the last day of the month:
    for five the 5th, 10th, 15th, 20th, 25th and last. Days after the last as-of date of the season are not reported.
    """
    if clock.season is None or clock.every_days is None:
        return
    start, end = _season(clock.season, year)
    after = start
    for month in range(start.month, end.month + 1):
        for as_of in _as_of_dates(clock.every_days, year, month):
            if start <= as_of <= end:
                yield Period(as_of.isoformat(), after, as_of)
                after = as_of + _DAY


def _season(season: Season, year: int) -> tuple[date, date]:
    (first_month, first_day), (last_month, last_day) = (
        (int(text[:2]), int(text[3:])) for text in (season.start, season.end)
    )
    return _day_of_month(year, first_month, first_day), _day_of_month(year, last_month, last_day)


def _as_of_dates(every: int, year: int, month: int) -> list[date]:
    last = monthrange(year, month)[1]
    days = [day for day in range(every, last, every) if every == 1 or day <= 30 - every]
    return [date(year, month, day) for day in [*days, last]]


def _seasonal_from_key(clock: RecurringClock, key: str) -> Period:
    expected = "2026-06-05（季节内的截止日）"
    if _DAY_KEY.fullmatch(key):
        periods = list(_in_season(clock, int(key[:4])))
        for period in periods:
            if period.key == key:
                return period
        expected = (
            f"{periods[0].key}、{periods[1].key} …… {periods[-1].key}（季节内的截止日）" if periods[1:] else expected
        )
    raise _unknown(key, expected)

"""An independent oracle: walk the days one by one over ``chinese_calendar`` and compare."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from functools import cache

import chinese_calendar
from dateutil.relativedelta import relativedelta

from obligations.rules.calendar import load_calendar
from obligations.rules.clocks import due_after, due_at_after
from obligations.words.limits import Limit
from obligations.words.times import SHANGHAI

PAIRS = 21_000
is_workday = cache(chinese_calendar.is_workday)  # the library searches its whole table at each call
UNITS = ("hour", "day", "working_day", "month")
FIRST, LAST = datetime(2008, 1, 1, tzinfo=SHANGHAI), datetime(2026, 9, 15, tzinfo=SHANGHAI)


def walk(limit: Limit, start: datetime, *, rolls: bool) -> datetime:
    """Count as a clerk would with a wall calendar."""
    if limit.unit == "hour":
        return start + timedelta(hours=limit.amount)
    day = start.date()
    if limit.unit == "month":
        day += relativedelta(months=limit.amount)
    left = {"day": limit.amount, "working_day": limit.amount, "month": 0}[limit.unit]
    while left:
        day += timedelta(days=1)
        if limit.unit == "day" or is_workday(day):
            left -= 1
    while (rolls or limit.unit == "working_day") and not is_workday(day):
        day += timedelta(days=1)
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI)


def random_pairs(count: int, seed: int) -> list[tuple[Limit, datetime, bool]]:
    dice = random.Random(seed)  # noqa: S311 - repeatable sampling
    minutes = int((LAST - FIRST).total_seconds() // 60)
    pairs = []
    for _ in range(count):
        unit = dice.choice(UNITS)
        amount = dice.randint(0, 3) if unit == "month" else dice.randint(0, 65)
        pairs.append((Limit(amount, unit), FIRST + timedelta(minutes=dice.randrange(minutes)), dice.random() < 0.5))
    return pairs


def test_due_dates_agree_with_a_day_by_day_walk_on_random_pairs_of_2008_to_2026():
    calendar = load_calendar()
    wrong = [
        (str(limit), start, rolls, found, expected)
        for limit, start, rolls in random_pairs(PAIRS, seed=20190515)
        if (found := due_at_after(limit, start, calendar, rolls=rolls)) != (expected := walk(limit, start, rolls=rolls))
    ]
    assert wrong == []


def test_the_explained_due_date_is_the_fast_one_and_exact_within_the_announced_years():
    calendar = load_calendar()
    for limit, start, rolls in random_pairs(1_000, seed=711):
        due = due_after(limit, start, calendar, rolls=rolls)
        assert not due.provisional
        assert due.earliest == due.due_at == due.latest == due_at_after(limit, start, calendar, rolls=rolls)


def test_every_day_of_the_announced_years_is_what_the_library_says():
    calendar = load_calendar()
    days = (date(2004, 1, 1) + timedelta(days=n) for n in range((calendar.covered_until - date(2004, 1, 1)).days + 1))
    assert all(calendar.is_working_day(day) == chinese_calendar.is_workday(day) for day in days)

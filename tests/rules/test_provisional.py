"""Beyond the announced calendar: each year's arrangement is withheld, and what actually came must lie in the bounds."""

from __future__ import annotations

import statistics
from datetime import date, datetime, timedelta

import pytest

from obligations.rules.calendar import WorkingCalendar, announced_by_library, load_calendar
from obligations.rules.clocks import due_after
from obligations.words.limits import Limit
from obligations.words.occurrence import DueDate
from obligations.words.times import midnight

YEARS = range(2009, 2027)
LIMITS = [Limit(n, "working_day") for n in (5, 10, 20, 30)]
ANNOUNCED = announced_by_library()


def withholding(year: int) -> WorkingCalendar:
    """Return the calendar as it was before the notice for ``year``, its days of the December before withheld too."""
    return WorkingCalendar({known: days for known, days in ANNOUNCED.items() if known < year}, f"before {year}")


def autumn_before(year: int) -> list[datetime]:
    first = date(year - 1, 10, 1)
    days = (first + timedelta(days=n) for n in range(92))
    return [midnight(day) for day in days if load_calendar().is_working_day(day)]


def replay(year: int, limits: list[Limit], **how: bool) -> list[tuple[Limit, datetime, DueDate, DueDate]]:
    before, after = withholding(year), load_calendar()
    return [
        (limit, start, due_after(limit, start, before, **how), due_after(limit, start, after, **how))
        for limit in limits
        for start in autumn_before(year)
    ]


def outside(replayed: list[tuple[Limit, datetime, DueDate, DueDate]]) -> list[tuple[str, datetime, DueDate, DueDate]]:
    return [
        (str(limit), start, guess, truth)
        for limit, start, guess, truth in replayed
        if not guess.earliest <= truth.due_at <= guess.latest
    ]


@pytest.fixture(scope="module")
def replayed() -> dict[int, list[tuple[Limit, datetime, DueDate, DueDate]]]:
    return {year: replay(year, LIMITS) for year in YEARS}


@pytest.mark.parametrize("year", YEARS)
def test_the_true_date_lies_inside_the_bounds_of_every_rule_and_start_before_the_notice(year, replayed):
    assert outside(replayed[year]) == []


def test_the_bounds_are_at_most_five_days_apart_in_the_median_of_the_provisional_results(replayed):
    widths = [
        (guess.latest - guess.earliest).days
        for cases in replayed.values()
        for *_, guess, _ in cases
        if guess.provisional
    ]
    assert len(widths) > 1_000
    assert statistics.median(widths) <= 5


def test_the_estimate_lies_inside_its_own_bounds(replayed):
    for cases in replayed.values():
        for *_, guess, _ in cases:
            assert guess.earliest <= guess.due_at <= guess.latest


def test_what_is_not_provisional_was_right_before_the_notice_came(replayed):
    exact = [(guess, truth) for cases in replayed.values() for *_, guess, truth in cases if not guess.provisional]
    assert exact
    assert all(guess.due_at == truth.due_at for guess, truth in exact)


@pytest.mark.parametrize("year", YEARS)
def test_a_last_day_that_rolls_over_a_holiday_not_yet_arranged_lies_inside_its_bounds(year):
    assert outside(replay(year, [Limit(n, "day") for n in (20, 40, 60, 90, 120)])) == []


@pytest.mark.parametrize("year", [2012, 2019])
def test_late_december_is_not_covered_while_the_new_year_run_may_still_move_it(year):
    """2011-12-31, a Saturday, was worked by the notice for 2012; 2018-12-29 by that for 2019, and 12-31 was off."""
    before = withholding(year)
    moved = date(2011, 12, 31) if year == 2012 else date(2018, 12, 29)
    assert not before.covers(moved)
    assert load_calendar().is_working_day(moved)
    due = due_after(Limit(5, "working_day"), midnight(moved - timedelta(days=5)), before)
    assert due.provisional


def test_december_is_covered_to_its_end_where_new_year_makes_a_weekend_of_its_own():
    assert withholding(2027).covered_until == date(2026, 12, 31)  # 2027-01-01 is a Friday: nothing to move


def test_most_full_years_ahead_stay_inside_the_bounds():
    """All starts of the year itself, not only its eve; 2015, with its one-off day off on 3 September, is excused."""
    truth = load_calendar()
    for year in set(YEARS) - {2015}:
        before = withholding(year)
        for n in range(0, 364, 3):
            start = midnight(date(year, 1, 1) + timedelta(days=n))
            guess, actual = due_after(LIMITS[2], start, before), due_after(LIMITS[2], start, truth)
            assert guess.provisional
            if actual.due_at <= midnight(date(2026, 12, 31)):
                assert guess.earliest <= actual.due_at <= guess.latest, (year, start)


def test_a_provisional_date_says_so_and_between_which_dates_it_will_lie():
    calendar = load_calendar()
    due = due_after(Limit(30, "working_day"), midnight(date(2026, 12, 31)), calendar)
    assert due.provisional
    assert due.derivation[-1] == (
        "2027年1月1日起的放假调休通知尚未公布，其间2027年元旦、2027年春节的安排未定，本期限暂定（待节假日通知）："
        "最早2027年2月18日24时前，最迟2027年2月22日24时前。"
    )


def test_a_last_day_on_a_festival_not_yet_arranged_names_it():
    due = due_after(
        Limit(20, "day"), midnight(date(2027, 1, 18)), load_calendar()
    )  # 7 February, second day of the year
    assert any("逢春节（放假安排待通知），顺延" in sentence for sentence in due.derivation)
    assert due.earliest < due.due_at < due.latest


def test_hours_and_days_that_do_not_roll_are_never_provisional():
    calendar, start = load_calendar(), midnight(date(2027, 2, 1))
    assert not due_after(Limit(24, "hour"), start, calendar).provisional
    assert not due_after(Limit(5, "day"), start, calendar, rolls=False).provisional

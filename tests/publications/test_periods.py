"""How publications name the time their data cover."""

from __future__ import annotations

from datetime import date

import pytest

from obligations.publications.periods import (
    closing_month,
    month_before,
    say_cumulative,
    say_days,
    say_period,
    say_quarter,
    say_through,
    say_week,
    step_before,
    year_and_month,
    years_before,
)
from obligations.words.errors import UnusableInput
from obligations.words.occurrence import Period

JANUARY = Period("2017-01", date(2017, 1, 1), date(2017, 1, 31))


def test_months_from_january_on_are_named_together():
    assert say_cumulative(2017, 6) == "2017年1—6月"
    assert say_cumulative(2017, 6, with_year=False) == "1—6月"
    assert say_cumulative(2017, 1) == "2017年1月"


def test_the_month_before_january_is_december():
    assert month_before(JANUARY) == "2016-12"


def test_quarters_and_weeks_are_named_as_people_do():
    assert say_quarter(Period("2012-Q1", date(2012, 1, 1), date(2012, 3, 31))) == ("2012年一季度", "一季度")
    assert say_week(Period("2020-W05", date(2020, 1, 27), date(2020, 2, 2))) == "2020年第5周"


def test_days_are_joined_and_one_day_stands_alone():
    assert say_days(date(2020, 3, 27), date(2020, 4, 3)) == "3月27日—4月3日"
    assert say_days(date(2020, 3, 27), date(2020, 3, 27)) == "3月27日"


@pytest.mark.parametrize("name", [say_quarter, say_week])
def test_another_kind_of_period_is_refused(name):
    with pytest.raises(UnusableInput, match="2017-01"):
        name(JANUARY)


def test_a_quarter_is_no_month():
    with pytest.raises(UnusableInput, match="应为年月"):
        year_and_month(Period("2012-Q1", date(2012, 1, 1), date(2012, 3, 31)))


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("2026", "2026年"),
        ("2026-H2", "2026年下半年"),
        ("2026-Q3", "2026年三季度"),
        ("2026-09", "2026年9月"),
        ("2026-W04", "2026年第4周"),
        ("2026-06-05", "2026年6月5日"),
        ("incident-20260930-1405-1a2b3c4d", None),
    ],
)
def test_any_period_of_the_calendar_is_named_and_an_event_is_not(key, said):
    assert say_period(Period(key, date(2026, 1, 1), date(2026, 12, 31))) == said


@pytest.mark.parametrize(
    ("key", "closing", "through", "short", "before", "years"),
    [
        ("2018-02", (2018, 2), "2018年1—2月", "1—2月", "2018-01", ("2016-02", "2016-12")),
        ("2018-01", (2018, 1), "2018年1月", "1月", None, ("2016-01", "2016-12")),
        ("2018-Q1", (2018, 3), "2018年一季度", "一季度", None, ("2016-Q1", "2016-Q4")),
        ("2018-Q3", (2018, 9), "2018年前三季度", "前三季度", "2018-Q2", ("2016-Q3", "2016-Q4")),
        ("2018-Q4", (2018, 12), "2018年", "全年", "2018-Q3", ("2016-Q4", "2016-Q4")),
        ("2018", (2018, 12), "2018年", "全年", None, ("2016", "2016")),
    ],
)
def test_what_runs_from_january_on_is_named_and_stepped_back(key, closing, through, short, before, years):
    period = Period(key, date(2018, 1, 1), date(2018, 12, 31))
    assert closing_month(period) == closing
    assert (say_through(period), say_through(period, with_year=False)) == (through, short)
    assert step_before(period) == before
    assert years_before(period, 2) == years


def test_a_week_has_no_months_from_january_on():
    with pytest.raises(UnusableInput, match="期间“2020-W14”应为月、季度或年"):
        closing_month(Period("2020-W14", date(2020, 3, 30), date(2020, 4, 5)))

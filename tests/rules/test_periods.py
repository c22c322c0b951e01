"""Periods: their keys, their order, and what a person may type for them."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from obligations.rules.periods import has_periods, period_from_key, periods_between, periods_in_force
from obligations.words.clocks import Clock
from obligations.words.errors import UnusableInput
from obligations.words.occurrence import Period


def clock_of(**words) -> Clock:
    return TypeAdapter(Clock).validate_python(words)


WEEKLY = clock_of(kind="recurring", rule="FREQ=WEEKLY")
MONTHLY = clock_of(kind="recurring", rule="FREQ=MONTHLY")
QUARTERLY = clock_of(kind="recurring", rule="FREQ=MONTHLY;INTERVAL=3")
HALF_YEARLY = clock_of(kind="recurring", rule="FREQ=MONTHLY;INTERVAL=6")
YEARLY = clock_of(kind="recurring", rule="FREQ=YEARLY")
BY_JUNE = clock_of(kind="recurring", rule="FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=30")
GRAIN = clock_of(kind="recurring", rule="FREQ=DAILY;INTERVAL=5", season={"start": "06-01", "end": "09-30"})
DEADLINE = clock_of(kind="deadline", date="2017-12-31")
PER_WEEK = clock_of(kind="quota", min=3, per="week")
PER_CHECK = clock_of(kind="quota", min_pct=15, of="网站总数", per="check")
FRESH = clock_of(kind="standing", rule="CONTINUOUS")
TIMELY_HALF = clock_of(kind="standing", rule="TIMELY", fresh_within="P6M")
INCIDENT = clock_of(kind="event", event="incident", rule="PT5H")
WITH_PERIODS = [
    WEEKLY, MONTHLY, QUARTERLY, HALF_YEARLY, YEARLY, BY_JUNE, GRAIN, DEADLINE, PER_WEEK, FRESH, TIMELY_HALF,
]  # fmt: skip


def keys(clock: Clock, first: str, last: str) -> list[str]:
    return [period.key for period in periods_between(clock, date.fromisoformat(first), date.fromisoformat(last))]


@pytest.mark.parametrize(
    ("clock", "first", "last", "expected"),
    [
        (MONTHLY, "2026-08-31", "2026-10-01", ["2026-08", "2026-09", "2026-10"]),
        (QUARTERLY, "2026-03-31", "2026-04-01", ["2026-Q1", "2026-Q2"]),
        (HALF_YEARLY, "2026-06-30", "2027-01-01", ["2026-H1", "2026-H2", "2027-H1"]),
        (YEARLY, "2026-12-31", "2027-01-01", ["2026", "2027"]),
        (BY_JUNE, "2026-07-01", "2026-07-01", ["2026"]),
        # 31 December 2025 is a Wednesday: its ISO week is the first of 2026; 2026 has 53 weeks
        (WEEKLY, "2025-12-31", "2025-12-31", ["2026-W01"]),
        (WEEKLY, "2026-12-28", "2027-01-04", ["2026-W53", "2027-W01"]),
        (PER_WEEK, "2026-09-28", "2026-10-04", ["2026-W40"]),
        (FRESH, "2026-09-01", "2026-09-30", ["2026-09"]),
        (TIMELY_HALF, "2026-09-01", "2026-09-30", ["2026-H2"]),
        (DEADLINE, "2017-12-31", "2018-12-31", ["2017-12-31"]),
        (DEADLINE, "2018-01-01", "2018-12-31", []),
        (PER_CHECK, "2026-01-01", "2026-12-31", []),
        (INCIDENT, "2026-01-01", "2026-12-31", []),
        (MONTHLY, "2026-10-01", "2026-09-01", []),
    ],
)
def test_the_periods_that_overlap_a_stretch_of_days(clock, first, last, expected):
    assert keys(clock, first, last) == expected


def test_grain_purchase_is_reported_on_the_5th_to_25th_and_last_day_of_each_month_in_season():
    june = ["2026-06-05", "2026-06-10", "2026-06-15", "2026-06-20", "2026-06-25", "2026-06-30"]
    assert keys(GRAIN, "2026-06-01", "2026-06-30") == june
    assert keys(GRAIN, "2026-07-26", "2026-08-01") == ["2026-07-31", "2026-08-05"]
    assert len(keys(GRAIN, "2026-01-01", "2026-12-31")) == 24
    assert keys(GRAIN, "2026-10-01", "2027-05-31") == []


def test_a_seasonal_period_runs_from_the_day_after_the_last_as_of_date_or_the_season_s_start():
    late = clock_of(kind="recurring", rule="FREQ=DAILY;INTERVAL=5", season={"start": "02-12", "end": "03-07"})
    found = list(periods_between(late, date(2028, 1, 1), date(2028, 12, 31)))
    assert found == [
        Period("2028-02-15", date(2028, 2, 12), date(2028, 2, 15)),
        Period("2028-02-20", date(2028, 2, 16), date(2028, 2, 20)),
        Period("2028-02-25", date(2028, 2, 21), date(2028, 2, 25)),
        Period("2028-02-29", date(2028, 2, 26), date(2028, 2, 29)),  # leap day
        Period("2028-03-05", date(2028, 3, 1), date(2028, 3, 5)),
    ]  # the 6th and 7th of March end no period: the season closes between as-of dates


@pytest.mark.parametrize(
    ("every", "days"),
    [
        (1, list(range(1, 32))),
        (2, [*range(2, 29, 2), 31]),
        (7, [7, 14, 21, 31]),
        (10, [10, 20, 31]),
        (15, [15, 31]),
        (30, [31]),
    ],
)
def test_every_n_days_gives_the_multiples_of_n_and_the_month_s_last_day(every, days):
    clock = clock_of(kind="recurring", rule=f"FREQ=DAILY;INTERVAL={every}", season={"start": "07-01", "end": "07-31"})
    assert [period.end.day for period in periods_between(clock, date(2026, 7, 1), date(2026, 7, 31))] == days


@pytest.mark.parametrize("clock", WITH_PERIODS, ids=lambda clock: str(clock.canonical()))
@given(st.dates(date(2016, 1, 1), date(2028, 1, 1)), st.integers(0, 500))
def test_periods_are_in_order_without_overlap_and_each_key_leads_back(clock, first, length):
    found = list(periods_between(clock, first, first + timedelta(days=length)))
    assert all(one.end < other.start for one, other in pairwise(found))
    assert all(period_from_key(clock, period.key) == period for period in found)


@pytest.mark.parametrize(
    ("clock", "key", "expected"),
    [
        (MONTHLY, "2026-13", "2026-09"),
        (MONTHLY, "2026-9", "2026-09"),
        (MONTHLY, "2026-Q3", "2026-09"),
        (MONTHLY, "2026-09-01", "2026-09"),
        (MONTHLY, "", "2026-09"),
        (MONTHLY, "２０２６-09", "2026-09"),
        (QUARTERLY, "2026-Q5", "2026-Q3"),
        (QUARTERLY, "2026-09", "2026-Q3"),
        (HALF_YEARLY, "2026-H3", "2026-H1"),
        (YEARLY, "2026-01", "2026（按年）"),
        (WEEKLY, "2027-W53", "2026-W40"),  # 2027 has 52 ISO weeks
        (WEEKLY, "2026-W00", "2026-W40"),
        (GRAIN, "2026-06-04", "2026-06-05、2026-06-10 …… 2026-09-30"),
        (GRAIN, "2026-05-31", "2026-06-05"),
        (GRAIN, "2026-06", "2026-06-05"),
        (DEADLINE, "2018-12-31", "2017-12-31"),
        (INCIDENT, "2026-09", "事件编号"),
        (PER_CHECK, "2026", "事件编号"),
    ],
)
def test_a_key_that_names_no_period_is_refused_with_the_expected_form(clock, key, expected):
    with pytest.raises(UnusableInput) as refused:
        period_from_key(clock, key)
    assert expected in str(refused.value)
    assert f"“{key}”" in str(refused.value)


def test_only_periods_that_close_while_the_plan_binds_are_in_force():
    def in_force(clock: Clock) -> list[str]:
        found = periods_in_force(clock, date(2017, 5, 4), date(2017, 12, 31), date(2016, 1, 1), date(2019, 12, 31))
        return [period.key for period in found]

    assert in_force(MONTHLY)[0] == "2017-05"  # begins before the plan, closes under it
    assert in_force(MONTHLY)[-1] == "2017-12"
    assert in_force(WEEKLY)[-1] == "2017-W52"  # ends on Sunday, 31 December 2017
    assert in_force(BY_JUNE) == ["2017"]
    assert in_force(clock_of(kind="recurring", rule="FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=31")) == []
    # a deadline is its own range: 2020年底前 in a plan of 2017
    assert in_force(clock_of(kind="deadline", date="2019-06-30")) == ["2019-06-30"]


def test_events_and_checks_have_no_periods():
    assert not has_periods(INCIDENT)
    assert not has_periods(PER_CHECK)
    assert all(has_periods(clock) for clock in WITH_PERIODS)

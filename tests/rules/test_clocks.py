"""Golden due dates, each with what its dates are, and what must hold of every limit."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from obligations.rules.calendar import load_calendar
from obligations.rules.clocks import due_after, due_at_after, due_before, received_on
from obligations.words.errors import UnusableInput
from obligations.words.limits import Limit
from obligations.words.times import SHANGHAI, end_of_day, midnight, parse_instant, say_due

WORKING_DAY_GOLDEN = [
    # Mid-Autumn Monday off; Saturday 29 and Sunday 30 September worked for National Day
    ("P20WD", "2018-09-20T10:00", "2018年10月24日24时前"),
    # eve of National Day; Saturday 10 October is worked in exchange
    ("P7WD", "2026-09-30", "2026年10月15日24时前"),
    # an event on a holiday: counting begins with the first working day after it
    ("P7WD", "2026-10-03T15:00", "2026年10月15日24时前"),
    # Sunday 4 February worked, New Year's Eve 9 February an ordinary Friday in 2024, Sunday 18 February worked
    ("P7WD", "2024-02-02", "2024年2月18日24时前"),
    # Sunday 22 January worked before the Spring Festival of 2017
    ("P5WD", "2017-01-20", "2017年1月26日24时前"),
    # Saturday 14 and Saturday 28 February worked around the nine days of 2026
    ("P10WD", "2026-02-13T09:00", "2026年3月5日24时前"),
    # the extension of 2020-01-26: off until Sunday 2 February, Saturday 1 February no longer worked
    ("P1WD", "2020-01-23", "2020年2月3日24时前"),
    # Saturday, last day of 2011, worked by the notice for 2012
    ("P1WD", "2011-12-30", "2011年12月31日24时前"),
    # Saturday 29 December worked, Monday 31 off, by the notice for 2019
    ("P3WD", "2018-12-28", "2019年1月3日24时前"),
    # across a year end: Sunday 4 January 2026 worked
    ("P10WD", "2025-12-24", "2026年1月8日24时前"),
    # Labour Day of 2019, amended by a second notice: Sunday 28 April and Sunday 5 May worked
    ("P3WD", "2019-04-26", "2019年4月30日24时前"),
    ("P5WD", "2019-04-30", "2019年5月9日24时前"),
    # leap day is a working Thursday
    ("P1WD", "2024-02-28", "2024年2月29日24时前"),
    # ten working days from the day before a plain weekend
    ("P10WD", "2026-07-10", "2026年7月24日24时前"),
    # nothing to count: the day itself, or the first working day from it on
    ("P0WD", "2026-10-08T08:00", "2026年10月8日24时前"),
    ("P0WD", "2026-10-03", "2026年10月8日24时前"),
]
DAY_AND_MONTH_GOLDEN = [
    # 3 October, National Day, rolls to Thursday 8
    ("P20D", "2026-09-13", "2026年10月8日24时前"),
    # 21 February lies in the Spring Festival that ends on Monday 23
    ("P20D", "2026-02-01", "2026年2月24日24时前"),
    # 3 September 2015 off once; Friday 4 off, Sunday 6 worked
    ("P20D", "2015-08-14", "2015年9月6日24时前"),
    # a Saturday rolls to Monday
    ("P30D", "2026-06-11", "2026年7月13日24时前"),
    # a Saturday that is a make-up day does not roll
    ("P10D", "2026-09-30", "2026年10月10日24时前"),
    # lands on leap day
    ("P30D", "2024-01-30", "2024年2月29日24时前"),
    # months without a 31st, a 30th and a 29th end on their last day
    ("P1M", "2026-03-31", "2026年4月30日24时前"),
    ("P1M", "2024-01-31", "2024年2月29日24时前"),
    ("P1M", "2023-01-30", "2023年2月28日24时前"),
    # 28 February 2026 is a Saturday, worked in exchange for the Spring Festival
    ("P1M", "2026-01-31", "2026年2月28日24时前"),
    # 31 January 2026 is a plain Saturday and rolls to Monday
    ("P1M", "2025-12-31", "2026年2月2日24时前"),
    # from leap day, a year on
    ("P12M", "2024-02-29", "2025年2月28日24时前"),
]
HOUR_GOLDEN = [
    # an incident at 23:50 runs into the night
    ("PT5H", "2017-05-04T23:50", "2017年5月5日04:50前"),
    # through New Year's Eve of the lunar year: hours know no holiday
    ("PT24H", "2026-02-16T20:00", "2026年2月17日20:00前"),
    ("PT48H", "2024-02-28T00:10", "2024年3月1日00:10前"),
    # reaching midnight is the end of the day
    ("PT24H", "2026-11-21T00:00", "2026年11月21日24时前"),
    ("PT0S", "2026-11-22T10:30", "2026年11月22日10:30前"),
]


@pytest.mark.parametrize(("rule", "start", "due"), WORKING_DAY_GOLDEN + DAY_AND_MONTH_GOLDEN + HOUR_GOLDEN)
def test_golden_due_dates(rule, start, due, calendar):
    assert say_due(due_after(Limit.parse(rule), parse_instant(start), calendar).due_at) == due


@pytest.mark.parametrize(("rule", "start", "due"), DAY_AND_MONTH_GOLDEN[:4])
def test_a_limit_counted_from_a_period_does_not_roll(rule, start, due, calendar):
    limit, begin = Limit.parse(rule), parse_instant(start)
    unrolled = due_after(limit, begin, calendar, rolls=False)
    assert unrolled.due_at == end_of_day(begin.date() + timedelta(days=limit.amount))
    assert say_due(unrolled.due_at) < due
    assert any("不顺延" in sentence for sentence in unrolled.derivation)


def test_the_day_of_the_start_is_that_of_shanghai(calendar):
    evening_in_utc = datetime(2026, 11, 15, 17, 0, tzinfo=UTC)  # 01:00 on Monday the 16th
    assert say_due(due_at_after(Limit.parse("P1WD"), evening_in_utc, calendar)) == "2026年11月17日24时前"


def test_a_start_without_an_offset_is_refused(calendar):
    for compute in (due_after, due_at_after, due_before):
        with pytest.raises(UnusableInput, match="时区"):
            compute(Limit.parse("P1WD"), datetime(2026, 11, 16), calendar)  # noqa: DTZ001 - the fault under test


@pytest.mark.parametrize(
    ("rule", "start"), [("P5WD", "2003-12-31"), ("P10000WD", "2080-01-01"), ("P900M", "2026-01-01")]
)
def test_what_the_calendar_cannot_know_is_refused(rule, start, calendar):
    with pytest.raises(UnusableInput, match="2004年至2099年"):
        due_after(Limit.parse(rule), parse_instant(start), calendar)


def test_a_submission_ends_at_the_close_of_business_of_its_last_day(calendar):
    due = due_after(Limit.parse("P7WD"), parse_instant("2026-09-30"), calendar, close_of_business=time(17, 30))
    assert say_due(due.due_at) == "2026年10月15日17:30前"
    assert "停止业务活动" in due.derivation[-1]


@pytest.mark.parametrize(
    ("arrived", "counted"),
    [
        ("2026-09-18T10:00", date(2026, 9, 18)),  # within office hours
        ("2026-09-18T17:30", date(2026, 9, 20)),  # Friday at closing time; Sunday the 20th is worked
        ("2026-10-03T10:00", date(2026, 10, 8)),  # on a holiday
        ("2026-10-10T10:00", date(2026, 10, 10)),  # a make-up Saturday is an ordinary day of receipt
    ],
)
def test_a_request_out_of_hours_counts_as_received_on_the_next_working_day(arrived, counted, calendar):
    assert received_on(parse_instant(arrived), calendar, time(17, 30)) == counted


def test_the_receipt_cut_off_moves_the_due_date_and_says_so(calendar):
    late = parse_instant("2026-09-30T17:45")
    due = due_after(Limit.parse("P20WD"), late, calendar, receipt_cut_off=time(17, 30))
    assert due.start == midnight(date(2026, 10, 8))
    assert due.due_at == due_at_after(Limit.parse("P20WD"), midnight(date(2026, 10, 8)), calendar)
    assert "2026年9月30日17:45到达，不在17:30前的工作时间内" in due.derivation[0]
    assert "第三十一条" in due.derivation[0]


def test_time_before_an_event_is_counted_back_from_the_day_before_it(calendar):
    meeting = parse_instant("2026-10-13T09:00")  # Tuesday; Saturday the 10th is worked, the 1st to 7th are off
    assert say_due(due_before(Limit.parse("P5WD"), meeting, calendar).due_at) == "2026年9月30日24时前"
    assert say_due(due_before(Limit.parse("P5D"), meeting, calendar).due_at) == "2026年10月8日24时前"
    assert say_due(due_before(Limit.parse("P1M"), meeting, calendar).due_at) == "2026年9月13日24时前"
    assert say_due(due_before(Limit.parse("PT24H"), meeting, calendar).due_at) == "2026年10月12日09:00前"


def test_time_before_an_event_beyond_the_announced_years_is_bounded(calendar):
    due = due_before(Limit.parse("P5WD"), parse_instant("2027-02-16T09:00"), calendar)
    assert due.provisional
    assert due.earliest <= due.due_at <= due.latest
    assert due.earliest < due.latest


def test_the_derivation_names_what_was_skipped_and_what_was_made_up(calendar):
    due = due_after(Limit.parse("P20WD"), parse_instant("2026-09-30T16:00"), calendar)
    assert due.derivation == (
        "自2026年9月30日起算，开始的当日不计入，自次日起计20个工作日（《中华人民共和国民法典》第二百条至第二百零四条）。",
        "10月1日至10月7日国庆节放假，不计入。",
        "10月10日（周六）为调休上班日，计入。",
        "其余周六、周日休息，不计入。",
        "第20个工作日为2026年11月3日（周二）。",
        "截止时间为当日24时，应于2026年11月3日24时前完成。",
    )


def test_the_derivation_of_a_rolled_day_names_the_holiday(calendar):
    due = due_after(Limit.parse("P20D"), parse_instant("2026-09-13"), calendar)
    assert "最后一日2026年10月3日（周六）逢国庆节放假，顺延至休假日结束的次日2026年10月8日（周四）。" in due.derivation


@pytest.mark.parametrize(
    ("start", "law"),
    [("2017-09-30", "民法通则》第一百五十四条"), ("2020-12-31", "民法总则》"), ("2021-01-01", "民法典》")],
)
def test_the_arithmetic_cites_the_law_on_periods_in_force_at_the_start(start, law, calendar):
    assert law in due_after(Limit.parse("P5D"), parse_instant(start), calendar).derivation[0]


INSTANTS = st.datetimes(datetime(2005, 1, 1), datetime(2060, 1, 1)).map(lambda at: at.replace(tzinfo=SHANGHAI))  # noqa: DTZ001 - made aware at once
LIMITS = st.builds(Limit, st.integers(0, 400), st.sampled_from(["hour", "day", "working_day"])) | st.builds(
    Limit, st.integers(0, 36), st.just("month")
)


@settings(max_examples=300, deadline=None)
@given(LIMITS, INSTANTS, INSTANTS, st.booleans())
def test_a_later_start_is_never_due_earlier(limit, one, other, rolls):
    first, second = sorted((one, other))
    calendar = load_calendar()
    assert due_at_after(limit, first, calendar, rolls=rolls) <= due_at_after(limit, second, calendar, rolls=rolls)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2000), INSTANTS)
def test_working_day_limits_end_with_a_working_day(amount, start):
    calendar = load_calendar()
    due_at = due_at_after(Limit(amount, "working_day"), start, calendar)
    last = (due_at - timedelta(seconds=1)).date()
    assert due_at == end_of_day(last)
    assert calendar.is_working_day(last)


@settings(max_examples=300, deadline=None)
@given(LIMITS.filter(lambda limit: limit.unit != "hour"), INSTANTS)
def test_limits_that_roll_end_with_a_working_day_and_never_before_the_unrolled_end(limit, start):
    calendar = load_calendar()
    rolled = due_at_after(limit, start, calendar)
    assert calendar.is_working_day((rolled - timedelta(seconds=1)).date())
    assert rolled >= due_at_after(limit, start, calendar, rolls=False)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 400), INSTANTS)
def test_no_working_day_limit_ends_before_as_many_calendar_days(amount, start):
    blind = end_of_day(start.date() + timedelta(days=amount))
    assert due_at_after(Limit(amount, "working_day"), start, load_calendar()) >= blind


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 250), INSTANTS)
def test_counting_back_and_forth_meets_again(amount, start):
    calendar = load_calendar()
    day = calendar.next_working_day(start.date())
    assert calendar.subtract_working_days(calendar.add_working_days(day, amount), amount) == day


@settings(max_examples=200, deadline=None)
@given(LIMITS, INSTANTS, st.booleans())
def test_the_bounds_hold_the_estimate_and_are_one_date_unless_provisional(limit, start, rolls):
    due = due_after(limit, start, load_calendar(), rolls=rolls)
    assert due.earliest <= due.due_at <= due.latest
    assert due.provisional or due.earliest == due.latest
    assert due.derivation

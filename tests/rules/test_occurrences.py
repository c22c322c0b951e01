"""Occurrences: what each kind of clock owes, when it opens, when its draft is wanted, and how it explains itself."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from obligations.rules.occurrences import (
    binding_range,
    earliest_fulfilment,
    occurrence_of,
    occurrence_of_event,
    periods_of,
)
from obligations.rules.pace import fresh_until, pace_warning
from obligations.rules.periods import period_from_key
from obligations.words.clocks import QuotaClock, StandingClock
from obligations.words.errors import UnusableInput
from obligations.words.occurrence import Event, Occurrence
from obligations.words.times import end_of_day, midnight, parse_instant, say_due

MONTHLY = {"kind": "recurring", "rule": "FREQ=MONTHLY"}
WEEKLY = {"kind": "recurring", "rule": "FREQ=WEEKLY"}
BY_LAW = {"limit": "P20WD", "origin": "law", "law": "proactive-disclosure"}
GRAIN = {"kind": "recurring", "rule": "FREQ=DAILY;INTERVAL=5", "season": {"start": "06-01", "end": "09-30"}}


@pytest.fixture
def occur(calendar, make_obligation):
    def occurrence(key: str, clock: dict, due: dict | None = None, **changes) -> Occurrence:
        obligation = make_obligation(clock, due, **changes)
        return occurrence_of(obligation, period_from_key(obligation.clock, key), calendar)

    return occurrence


def event(at: str, reported: str | None = None) -> Event:
    happened = parse_instant(at)
    return Event("20170504-1", "incident", "重大", "某事故", happened, parse_instant(reported or at), None, {})


@pytest.fixture
def follow(calendar, make_obligation):
    def occurrence(at: str, clock: dict, due: dict | None = None, reported: str | None = None, **changes) -> Occurrence:
        obligation = make_obligation({"kind": "event", **clock}, due, **changes)
        return occurrence_of_event(obligation, event(at, reported), calendar)

    return occurrence


@pytest.mark.parametrize(
    ("key", "clock", "due", "expected"),
    [
        # 20 working days from 30 September: National Day skipped, Saturday 10 October counted
        ("2026-09", MONTHLY, BY_LAW, ("2026-10-01T09:00", "2026-10-30T00:00", "2026年11月3日24时前")),
        # 20 working days from the end of the first quarter: Qingming Monday, Labour Day, Saturday 9 May is later
        (
            "2026-Q1",
            {"kind": "recurring", "rule": "FREQ=MONTHLY;INTERVAL=3"},
            BY_LAW,
            ("2026-04-01T09:00", "2026-04-25T00:00", "2026年4月29日24时前"),
        ),
        # a week's draft is wanted one working day before
        (
            "2026-W47",
            WEEKLY,
            {"limit": "P2WD", "origin": "text"},
            ("2026-11-23T09:00", "2026-11-24T00:00", "2026年11月24日24时前"),
        ),
        # within ten days of the month's end: Saturday 10 January 2026, a recurring limit does not roll
        (
            "2025-12",
            MONTHLY,
            {"limit": "P10D", "origin": "text"},
            ("2026-01-01T09:00", "2026-01-08T00:00", "2026年1月10日24时前"),
        ),
        # nothing says how long after: due as the period ends; Mid-Autumn is off from Friday 25 to Sunday 27 September
        ("2026-06-05", GRAIN, None, ("2026-06-01T09:00", "2026-06-05T00:00", "2026年6月5日24时前")),
        ("2026-09", MONTHLY, None, ("2026-09-23T09:00", "2026-09-25T00:00", "2026年9月30日24时前")),
        # a fixed date opens thirty days before; Sunday 31 May is not moved
        (
            "2026",
            {"kind": "recurring", "rule": "FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=-1"},
            None,
            ("2026-05-01T09:00", "2026-05-28T00:00", "2026年5月31日24时前"),
        ),
        (
            "2024",
            {"kind": "recurring", "rule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1", "opens": "P1M"},
            None,
            ("2024-01-29T09:00", "2024-02-27T00:00", "2024年2月29日24时前"),  # leap day
        ),
        (
            "2017-12-31",
            {"kind": "deadline", "date": "2017-12-31"},
            None,
            ("2017-12-01T09:00", "2017-12-28T00:00", "2017年12月31日24时前"),
        ),
        (
            "2026-W40",
            {"kind": "quota", "min": 3, "per": "week"},
            None,
            # the week of National Day: the last working day is Wednesday 30 September
            ("2026-09-28T09:00", "2026-10-01T00:00", "2026年10月4日24时前"),
        ),
        (
            "2026-Q3",
            {"kind": "standing", "rule": "TIMELY"},
            None,
            ("2026-09-23T09:00", "2026-09-25T00:00", "2026年9月30日24时前"),
        ),
    ],
)
def test_golden_occurrences(key, clock, due, expected, occur):
    found = occur(key, clock, due)
    opens, draft, due_at = expected
    assert (found.opens_at, found.draft_by) == (parse_instant(opens), parse_instant(draft))
    assert say_due(found.due_at) == due_at


def test_a_report_to_an_office_ends_at_its_close_of_business(occur):
    found = occur("2026", {"kind": "recurring", "rule": "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=31"}, duty="report-up")
    assert say_due(found.due_at) == "2026年1月31日17:30前"
    counted = occur("2026-09", MONTHLY, {"limit": "P7WD", "origin": "text"}, duty="report-up")
    assert say_due(counted.due_at) == "2026年10月15日17:30前"


def test_the_derivation_names_document_clause_law_presumption_holidays_and_the_last_day(occur):
    assert occur("2026-09", MONTHLY, BY_LAW).due.derivation == (
        "依据《2017年山东省政务公开工作要点》（鲁政办发〔2017〕39号）一(一)1：“按月公開全省財政收支情況”。",
        "该事项执行至2017年12月31日，本期延续执行（依据：测试延续；批准：测试主任）。",
        "条款未写明天数，依照2026年9月30日施行中的《政府信息公开条例》（国务院令第711号）第二十六条，时限为20个工作日。",
        "形成日未登记，推定为本期期末2026年9月30日。",
        "自2026年9月30日起算，开始的当日不计入，自次日起计20个工作日（《中华人民共和国民法典》第二百条至第二百零四条）。",
        "10月1日至10月7日国庆节放假，不计入。",
        "10月10日（周六）为调休上班日，计入。",
        "其余周六、周日休息，不计入。",
        "第20个工作日为2026年11月3日（周二）。",
        "截止时间为当日24时，应于2026年11月3日24时前完成。",
    )


@pytest.mark.parametrize(
    ("key", "cited"),
    [("2019-04", "国务院令第492号）第十八条（该条未核到原文"), ("2019-05", "国务院令第711号）第二十六条，")],
)
def test_the_law_cited_is_the_one_in_force_at_the_end_of_the_period(key, cited, occur):
    """The new regulation takes effect on 2019-05-15: April closed under the old one, May under the new."""
    assert any(cited in sentence for sentence in occur(key, MONTHLY, BY_LAW).due.derivation)


def test_a_request_answered_under_the_old_regulation_had_15_working_days_and_has_20_under_the_new(follow):
    due = {"limit": "P15WD", "origin": "law", "law": "on-request"}
    clock = {"event": "收到政府信息公开申请"}
    # Tuesday 14 May 2019, then Wednesday 15 May; Dragon Boat Friday 7 June is off
    assert say_due(follow("2019-05-14T10:00", clock, due).due_at) == "2019年6月4日24时前"
    assert say_due(follow("2019-05-15T10:00", clock, due).due_at) == "2019年6月13日24时前"


def test_a_request_after_hours_is_received_the_next_working_day_but_an_incident_is_not(calendar, make_obligation):
    asked = make_obligation(
        {"kind": "event", "event": "收到申请"}, {"limit": "P20WD", "origin": "law", "law": "on-request"}
    )
    permit = make_obligation({"kind": "event", "event": "作出许可", "rule": "P7WD"})
    late = event("2026-09-29T19:00")
    cut_off = time(17, 30)
    asked_due = occurrence_of_event(asked, late, calendar, receipt_cut_off=cut_off).due
    assert asked_due.start == midnight(date(2026, 9, 30))
    assert occurrence_of_event(permit, late, calendar, receipt_cut_off=cut_off).due.start == late.happened_at


def test_a_yearly_date_of_law_binds_a_report_on_the_year_before(occur):
    due = {"limit": "P3M", "origin": "law", "law": "government-annual-report"}
    found = occur("2025", {"kind": "recurring", "rule": "FREQ=YEARLY"}, due)
    assert say_due(found.due_at) == "2026年3月31日24时前"
    assert found.opens_at == parse_instant("2026-01-01T09:00")
    assert any("每年3月31日前" in sentence and "第四十九条第二款" in sentence for sentence in found.due.derivation)


def test_a_law_not_in_force_at_the_time_is_not_cited_and_the_number_is_marked_for_checking(occur):
    due = {"limit": "P3WD", "origin": "law", "law": "penalty-withdrawal"}
    derivation = "".join(occur("2020-06", MONTHLY, due).due.derivation)
    assert "行政处罚法" not in derivation
    assert "没有查到2020年6月30日施行中的法定条文" in derivation


def test_a_local_limit_is_never_presented_as_the_text_s(occur):
    due = {"limit": "P5WD", "origin": "local", "note": "局务会定"}
    assert "时限5个工作日为本单位规定，不是条款原文：局务会定。" in occur("2026-09", MONTHLY, due).due.derivation


@pytest.mark.parametrize(
    ("rule", "asked"),
    [("CONTINUOUS", "条款要求保持更新而未写频次"), ("TIMELY", "条款要求及时（或定期、适时）办理而未写频次")],
)
def test_what_only_has_to_be_timely_is_not_said_to_be_kept_current(rule, asked, occur):
    """定期召开新闻发布会 and 及时上报 keep nothing current."""
    derivation = occur("2026-Q3" if rule == "TIMELY" else "2026-09", {"kind": "standing", "rule": rule}).due.derivation
    assert [said for said in derivation if said.startswith(f"{asked}，每期核对一次为本单位规定")] != []


def test_a_fixed_date_on_a_holiday_says_that_it_does_not_roll(occur):
    found = occur("2026", {"kind": "recurring", "rule": "FREQ=YEARLY;BYMONTH=10;BYMONTHDAY=3"})
    assert say_due(found.due_at) == "2026年10月3日24时前"
    assert "2026年10月3日逢国庆节放假，固定日期和期末不顺延，宜提前办理。" in found.due.derivation


def test_an_incident_at_ten_to_midnight_is_due_five_hours_later_and_drafted_half_way(follow):
    found = follow("2017-05-04T23:50", {"event": "incident", "rule": "PT5H"}, reported="2017-05-05T02:00")
    assert found.due_at == parse_instant("2017-05-05T04:50")
    assert found.draft_by == parse_instant("2017-05-05T02:20")
    assert found.opens_at == parse_instant("2017-05-04T23:50")  # it happened then, whenever it was reported
    assert (found.period.key, found.period.start) == ("20170504-1", date(2017, 5, 4))


def test_a_short_event_limit_leaves_the_draft_half_of_the_time(follow):
    found = follow("2026-11-16T08:00", {"event": "决定", "rule": "P1WD"})
    assert found.due_at == end_of_day(date(2026, 11, 17))
    assert found.draft_by == parse_instant("2026-11-17T04:00")


def test_together_with_an_event_is_due_at_its_moment(follow):
    for clock in ({"event": "发文", "rule": "PT0S", "relation": "with"}, {"event": "发文", "relation": "with"}):
        found = follow("2026-11-16T08:00", clock)
        assert found.opens_at == found.draft_by == found.due_at == parse_instant("2026-11-16T08:00")


def test_before_an_event_is_due_before_it_and_opens_when_the_event_was_reported(follow):
    at, reported = "2026-11-30T09:00", "2026-11-10T10:00"
    plain = follow(at, {"event": "决策", "relation": "before"}, reported=reported)
    assert (plain.opens_at, plain.due_at) == (parse_instant(reported), parse_instant(at))
    early = follow(at, {"event": "决策", "relation": "before", "rule": "P5WD"}, reported=reported)
    assert say_due(early.due_at) == "2026年11月23日24时前"


def test_after_an_event_without_any_number_is_refused_with_what_to_write(follow):
    with pytest.raises(UnusableInput, match="origin: local"):
        follow("2026-11-16T08:00", {"event": "招生工作结束"})


def test_periods_and_events_are_not_mixed_up(calendar, make_obligation):
    monthly, incident = (
        make_obligation(MONTHLY),
        make_obligation({"kind": "event", "event": "incident", "rule": "PT5H"}),
    )
    with pytest.raises(UnusableInput, match="不由事件触发"):
        occurrence_of_event(monthly, event("2026-11-16T08:00"), calendar)
    with pytest.raises(UnusableInput, match="请先登记事件"):
        occurrence_of(incident, period_from_key(monthly.clock, "2026-09"), calendar)


@pytest.mark.parametrize(
    ("clock", "due"),
    [
        (MONTHLY, BY_LAW),
        (WEEKLY, BY_LAW),
        (MONTHLY, None),
        (WEEKLY, {"limit": "PT24H", "origin": "text"}),
        (GRAIN, None),
        ({"kind": "recurring", "rule": "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=10"}, None),
        ({"kind": "deadline", "date": "2020-12-31"}, None),
        ({"kind": "quota", "count": 2, "per": "half-year"}, None),
        ({"kind": "standing", "rule": "CONTINUOUS", "fresh_within": "P7D"}, None),
    ],
)
def test_every_occurrence_opens_before_its_draft_is_wanted_and_that_before_it_is_due(
    clock, due, calendar, make_obligation
):
    obligation = make_obligation(clock, due)
    for period in periods_of(obligation, date(2017, 1, 1), date(2027, 12, 31)):
        found = occurrence_of(obligation, period, calendar)
        assert found.opens_at < found.draft_by < found.due_at
        assert found.due.earliest <= found.due_at <= found.due.latest
        assert found.due.derivation[-1 - found.due.provisional].endswith("完成。")


def test_an_expired_plan_binds_to_its_end_and_a_continued_one_as_long_as_it_says(make_obligation):
    expired = make_obligation(MONTHLY, continued=None)
    until = make_obligation(MONTHLY, continued={"basis": "延续", "approved_by": "主任", "until": "2018-06-30"})
    assert binding_range(expired) == (date(2017, 5, 4), date(2017, 12, 31))
    assert binding_range(until) == (date(2017, 5, 4), date(2018, 6, 30))
    assert binding_range(make_obligation(MONTHLY)) == (date(2017, 5, 4), None)
    assert [period.key for period in periods_of(expired, date(2017, 11, 1), date(2026, 1, 1))] == ["2017-11", "2017-12"]


@pytest.mark.parametrize(
    ("quota", "done", "as_of", "said"),
    [
        ({"min": 3, "per": "quarter"}, 0, "2026-07-15", None),  # day 15 of 92: not even one is expected
        ({"min": 3, "per": "quarter"}, 0, "2026-07-31", "应有1次"),
        ({"min": 3, "per": "quarter"}, 1, "2026-07-31", None),
        ({"min": 3, "per": "quarter"}, 2, "2026-09-30", "尚缺1次"),
        ({"count": 2, "per": "quarter"}, 3, "2026-08-01", "多于规定"),
        ({"max": 1, "per": "quarter"}, 2, "2026-08-01", "超过"),
        ({"max": 1, "per": "quarter"}, 1, "2026-09-30", None),
        ({"min_pct": 15, "of": "网站总数", "per": "quarter"}, 0, "2026-09-30", None),
        ({"min": 3, "per": "quarter"}, 0, "2026-10-01", None),  # the period is over: that is a miss, not a pace
    ],
)
def test_a_quota_warns_when_it_is_behind_its_even_pace_or_over_its_most(quota, done, as_of, said):
    clock = QuotaClock(kind="quota", **quota)
    warning = pace_warning(clock, period_from_key(clock, "2026-Q3"), done, date.fromisoformat(as_of))
    assert (warning is None) if said is None else (warning is not None and said in warning)


@pytest.mark.parametrize(
    ("standing", "until"),
    [
        ({"rule": "CONTINUOUS"}, "2026-02-28"),  # a month from 31 January
        ({"rule": "TIMELY"}, "2026-04-30"),  # a quarter
        ({"rule": "TIMELY", "fresh_within": "P7D"}, "2026-02-07"),
        ({"rule": "TIMELY", "fresh_within": "P12M"}, "2027-01-31"),
    ],
)
def test_what_was_proven_stays_fresh_for_as_long_as_the_clock_says(standing, until):
    clock = StandingClock(kind="standing", **standing)
    assert fresh_until(date(2026, 1, 31), clock) == date.fromisoformat(until)


def test_an_occurrence_does_not_depend_on_when_it_is_asked_for(occur):
    first = occur("2026-12", MONTHLY, BY_LAW)
    assert first == occur("2026-12", MONTHLY, BY_LAW)
    assert first.due.provisional
    assert isinstance(first.due_at, datetime)
    assert first.due_at - first.due.earliest < timedelta(days=30)


CHECK = {"kind": "quota", "min_pct": 15, "of": "网站总数", "per": "check"}


def test_a_quota_per_check_is_due_by_the_end_of_the_day_of_the_check(calendar, make_obligation):
    obligation = make_obligation(CHECK)
    found = occurrence_of_event(obligation, event("2017-06-01T10:00"), calendar)
    assert (found.period.start, found.period.end) == (date(2017, 6, 1), date(2017, 6, 1))
    assert found.opens_at == parse_instant("2017-06-01T10:00")
    assert say_due(found.due_at) == "2017年6月1日24时前"
    assert "条款规定每次检查不低于15%（占网站总数），以检查当日2017年6月1日为限。" in found.due.derivation
    with pytest.raises(UnusableInput, match="由事件触发"):
        occurrence_of(obligation, found.period, calendar)


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ({"kind": "event", "event": "政策公布", "rule": "P7WD"}, "2017-06-01T10:00"),  # what follows cannot precede
        ({"kind": "event", "event": "政策公布", "rule": "PT0S", "relation": "with"}, "2017-05-04T00:00"),
        ({"kind": "event", "event": "政策公布", "relation": "before"}, "2017-05-04T00:00"),
        (CHECK, "2017-06-01T10:00"),
    ],
)
def test_what_is_due_before_or_with_an_event_may_be_done_since_the_clause_binds(
    clock, expected, calendar, make_obligation
):
    obligation, happened = make_obligation(clock), event("2017-06-01T10:00")
    found = occurrence_of_event(obligation, happened, calendar)
    assert earliest_fulfilment(obligation, found, happened) == parse_instant(expected)


@pytest.mark.parametrize(
    ("key", "clock", "expected"),
    [
        ("2017-06", MONTHLY, "2017-06-01T00:00"),
        ("2017-12-31", {"kind": "deadline", "date": "2017-12-31"}, "2017-05-04T00:00"),  # since the plan binds
        ("2017-05-15", {"kind": "deadline", "date": "2017-05-15"}, "2017-04-15T09:00"),  # its run opened before that
        ("2017-Q3", {"kind": "standing", "rule": "TIMELY"}, "2017-07-01T00:00"),
    ],
)
def test_a_one_off_date_may_be_met_at_any_time_before_it(key, clock, expected, calendar, make_obligation):
    obligation = make_obligation(clock)
    found = occurrence_of(obligation, period_from_key(obligation.clock, key), calendar)
    assert earliest_fulfilment(obligation, found, None) == parse_instant(expected)

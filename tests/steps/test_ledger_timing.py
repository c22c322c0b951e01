"""Working hours, stage times, lateness in words, and which stage lost the time."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from obligations.rules.calendar import load_calendar
from obligations.steps.ledger.events import GENESIS, LedgerEvent, NewEvent, following
from obligations.steps.ledger.lateness import find_loss, late_by, say_lateness
from obligations.steps.ledger.projection import OccurrenceRow, first, project
from obligations.steps.ledger.timing import WorkingTime, marks_of, review_rounds, stage_times
from obligations.words.times import SHANGHAI

WORKING = WorkingTime(load_calendar().is_working_day)


def at(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2018, month, day, hour, minute, tzinfo=SHANGHAI)


OPENS, DRAFT_BY, DUE = at(9, 1), at(9, 20), at(9, 29)


def occurrence(
    *events: tuple[str, datetime] | tuple[str, datetime, dict[str, Any]],
    opens_at: datetime = OPENS,
    draft_by: datetime = DRAFT_BY,
    due_at: datetime = DUE,
    **said: Any,
) -> tuple[OccurrenceRow, list[LedgerEvent]]:
    expected: dict[str, Any] = {
        "period_start": "2018-08-01",
        "period_end": "2018-08-31",
        "document": "0" * 64,
        "clause": "一(二)3",
        "title": "财政收支情况",
        "jurisdiction": "demo",
        "departments": ["财政厅", "统计局"],
        "office": "政务公开办",
        "duty": "publish",
        "fulfilment": "published",
        "event_id": None,
        "historical": False,
        "original_due_at": due_at,
        "opens_at": opens_at,
        "draft_by": draft_by,
        "due_at": due_at,
        "provisional": False,
        "earliest": due_at,
        "latest": due_at,
        "derivation": [],
        "calendar_version": "",
        "catalogue_version": "",
    } | said
    row, made = None, []
    for kind, moment, *payload in (("expected", opens_at, expected), *events):
        head = (0, GENESIS) if row is None else (row.head_seq, row.head_hash)
        person = "审核人" if kind in {"approved", "returned"} else None
        said = NewEvent(kind, moment, payload[0] if payload else {}, person=person)
        event = following(head, "demo/x", "2018-08", said, moment)
        row = first("demo/x", "2018-08", event) if row is None else project(row, event)
        made.append(event)
    assert row is not None
    return row, made


def route(opened: datetime, arrived: datetime, requested: datetime, approved: datetime, published: datetime) -> Any:
    return (
        ("opened", opened),
        ("data_arrived", arrived),
        ("drafted", requested),
        ("review_requested", requested),
        ("approved", approved),
        ("published", published),
        ("verified", published + timedelta(minutes=1)),
    )


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        (at(9, 19, 9), at(9, 19, 17, 30), 7),  # Wednesday: the two hours and a half between the spans do not count
        (at(9, 19, 8), at(9, 19, 10, 30), 1.5),  # before the office opens nothing is worked
        (at(9, 19, 12, 15), at(9, 19, 13, 15), 0),  # the noon rest
        (at(9, 19, 16, 30), at(9, 20, 9, 30), 1.5),  # over a night
        (at(9, 21, 16, 30), at(9, 25, 10), 2),  # Friday to Tuesday: Mid-Autumn Monday the 24th is off
        (at(9, 28, 17), at(9, 30, 17), 14),  # Saturday the 29th and Sunday the 30th are made up for National Day
        (at(10, 1), at(10, 8), 0),  # National Day week
        (at(9, 20), at(9, 19), 0),  # backwards
    ],
)
def test_working_hours_are_office_hours_of_working_days(start: datetime, end: datetime, hours: float) -> None:
    assert WORKING.hours(start, end) == hours


def test_an_installation_may_keep_other_office_hours() -> None:
    summer = WorkingTime(lambda _: True, ((time(8), time(12)), (time(15), time(18))))
    assert summer.hours(at(7, 2, 7), at(7, 3, 7)) == 7


def test_each_day_is_asked_about_once() -> None:
    asked: list[date] = []

    def ask(day: date) -> bool:
        asked.append(day)
        return True

    working = WorkingTime(ask)
    for _ in range(3):
        working.hours(at(9, 1), at(9, 30, 12))
    assert sorted(asked) == [date(2018, 9, day) for day in range(1, 31)]


def test_the_four_stages_run_from_mark_to_mark() -> None:
    row, events = occurrence(*route(at(9, 3, 9), at(9, 4, 9), at(9, 4, 10), at(9, 5, 10), at(9, 5, 11)))
    times = stage_times(row, marks_of(row, events), WORKING, at(9, 30))
    assert [(time.code, time.label, time.hours, time.working_hours) for time in times] == [
        ("data", "数据", 24, 7),
        ("draft", "起草", 1, 1),
        ("review", "审核", 24, 7),
        ("publication", "发布", 1, 1),
    ]


def test_review_includes_the_returns_and_what_was_reworked_between() -> None:
    row, events = occurrence(
        ("opened", at(9, 3, 9)),
        ("data_arrived", at(9, 3, 9)),
        ("drafted", at(9, 3, 10), {"version": 1}),
        ("review_requested", at(9, 3, 10), {"version": 1}),
        ("returned", at(9, 4, 10), {"version": 1, "level": "终审", "comment": "请核对"}),
        ("opened", at(9, 5, 9)),
        ("data_arrived", at(9, 5, 9)),
        ("drafted", at(9, 5, 10), {"version": 2}),
        ("review_requested", at(9, 5, 10), {"version": 2}),
        ("approved", at(9, 6, 10), {"version": 2, "level": "终审"}),
        ("published", at(9, 6, 11)),
        ("verified", at(9, 6, 12)),
    )
    data, draft, review, publication = stage_times(row, marks_of(row, events), WORKING, at(9, 30))
    assert (data.hours, draft.hours, review.hours, publication.hours) == (0, 1, 72, 1)
    assert [
        (round_.version, round_.result, round_.person, round_.comment, round_.hours)
        for round_ in review_rounds(events, WORKING, at(9, 30))
    ] == [(1, "returned", "审核人", "请核对", 24), (2, "approved", "审核人", None, 24)]


def test_a_stage_that_still_runs_is_measured_up_to_now() -> None:
    row, events = occurrence(("opened", at(9, 3, 9)), ("waiting", at(9, 3, 9)))
    data, draft, *_ = stage_times(row, marks_of(row, events), WORKING, at(9, 3, 15))
    assert (data.started_at, data.ended_at, data.hours, data.working_hours) == (at(9, 3, 9), None, 6, 4.5)
    assert (draft.started_at, draft.hours) == (None, None)


def test_a_nil_report_ends_what_was_running() -> None:
    row, events = occurrence(("opened", at(9, 3, 9)), ("nil", at(9, 3, 11)))
    assert stage_times(row, marks_of(row, events), WORKING, at(9, 30))[0].hours == 2


def test_a_later_correction_does_not_lengthen_the_stages() -> None:
    once = route(at(9, 3, 9), at(9, 4, 9), at(9, 4, 10), at(9, 5, 10), at(9, 5, 11))
    later = route(*(moment + timedelta(days=20) for _, moment in (once[0], once[1], once[2], once[4], once[5])))
    row, events = occurrence(*once, *later)
    assert [time.hours for time in stage_times(row, marks_of(row, events), WORKING, at(9, 30))] == [24, 1, 24, 1]


def test_a_review_of_two_levels_at_once_pairs_each_request_with_its_own_answer() -> None:
    _, events = occurrence(
        ("review_requested", at(9, 3, 9), {"version": 1, "level": "复审"}),
        ("review_requested", at(9, 3, 9), {"version": 1, "level": "保密审查"}),
        ("approved", at(9, 3, 10), {"version": 1, "level": "保密审查", "final": False}),
        ("approved", at(9, 3, 12), {"version": 1, "level": "复审", "final": False}),
        ("review_requested", at(9, 3, 12), {"version": 1, "level": "终审"}),
    )
    assert [(r.level, r.result, r.hours) for r in review_rounds(events, WORKING, at(9, 3, 13))] == [
        ("复审", "approved", 3),
        ("保密审查", "approved", 1),
        ("终审", None, 1),
    ]


@pytest.mark.parametrize(
    ("due_at", "met_at", "words", "hours"),
    [
        (at(9, 29), at(9, 28, 23, 59), "按时", 0),
        (at(9, 29), at(9, 29), "按时", 0),  # 9月28日24时 itself is in time
        (at(9, 29), at(9, 29, 0, 1), "逾期1天", 0.02),
        (at(9, 29), at(9, 29, 10), "逾期1天", 10),
        (at(9, 29), at(9, 30), "逾期1天", 24),
        (at(9, 29), at(9, 30, 9), "逾期2天", 33),
        (at(9, 30, 14, 5), at(9, 30, 14, 25), "逾期1小时", 0.33),  # an hour limit
        (at(9, 30, 14, 5), at(9, 30, 17, 35), "逾期4小时", 3.5),
        (at(9, 30, 14, 5), at(10, 2, 14, 5), "逾期2天", 48),
    ],
)
def test_lateness_is_said_in_begun_days_or_hours(due_at: datetime, met_at: datetime, words: str, hours: float) -> None:
    row, _ = occurrence(("published", met_at), ("verified", met_at), due_at=due_at)
    assert say_lateness(row, at(12, 31)) == words
    assert late_by(row, at(12, 31)).total_seconds() / 3600 == pytest.approx(hours, abs=0.01)


@pytest.mark.parametrize(
    ("events", "now", "words"),
    [
        ([], at(9, 29), "未到期"),
        ([], at(9, 29, 1), "逾期1天"),
        ([("paused", at(9, 28))], at(10, 8), "时限中止"),
        ([("waived", at(10, 8))], at(10, 9), "不计入考核"),
        ([("nil", at(9, 28))], at(10, 9), "按时"),
        ([("nil", at(9, 29, 9))], at(10, 9), "逾期1天"),
    ],
)
def test_what_is_still_owed_or_excused_says_so(events: list[tuple[str, datetime]], now: datetime, words: str) -> None:
    row, _ = occurrence(*events)
    assert say_lateness(row, now) == words


# In force below: opens 1 September, internal limit 20 September, due 29 September 00:00, so nine days for the rest.
@pytest.mark.parametrize(
    ("marks", "stage", "owner"),
    [
        ((at(9, 3), at(9, 26), at(9, 26), at(10, 5), at(10, 5)), "data", "财政厅、统计局"),
        ((at(9, 3), at(9, 5), at(9, 26), at(10, 5), at(10, 5)), "draft", "财政厅、统计局"),
        ((at(9, 3), at(9, 21), at(9, 21), at(10, 8), at(10, 8)), "review", "财政厅、统计局"),
        ((at(9, 3), at(9, 5), at(9, 5), at(9, 10), at(10, 8)), "publication", "政务公开办"),
        ((at(9, 28), at(9, 28), at(9, 28), at(9, 29), at(9, 30)), "start", "系统运行"),
    ],
)
def test_the_stage_that_ran_longest_beyond_its_share_lost_the_time(marks: Any, stage: str, owner: str) -> None:
    row, events = occurrence(*route(*marks))
    loss = find_loss(row, marks_of(row, events), events, at(12, 31))
    assert loss is not None
    assert (loss.stage, loss.owner, loss.found_by) == (stage, owner, "系统推定")


@pytest.mark.parametrize(
    ("events", "stage"),
    [
        ([], "start"),
        ([("opened", at(9, 3)), ("waiting", at(9, 3))], "data"),
        ([("opened", at(9, 3)), ("data_arrived", at(9, 4))], "draft"),
        ([("opened", at(9, 3)), ("data_arrived", at(9, 4)), ("review_requested", at(9, 4))], "review"),
        ([("opened", at(9, 3)), ("review_requested", at(9, 4)), ("approved", at(9, 5))], "publication"),
    ],
)
def test_while_it_is_open_the_stage_still_running_is_losing_the_time(events: Any, stage: str) -> None:
    row, made = occurrence(*events)
    loss = find_loss(row, marks_of(row, made), made, at(10, 31))
    assert loss is not None
    assert loss.stage == stage


def test_nothing_is_lost_when_it_is_in_time_or_excused() -> None:
    in_time, events = occurrence(*route(at(9, 3), at(9, 26), at(9, 26), at(9, 28), at(9, 29)))
    assert find_loss(in_time, marks_of(in_time, events), events, at(12, 31)) is None
    waived, events = occurrence(("waived", at(10, 8)))
    assert find_loss(waived, marks_of(waived, events), events, at(12, 31)) is None


def test_an_event_that_was_reported_late_is_the_reporting_departments() -> None:
    row, events = occurrence(
        *route(at(9, 1, 4), at(9, 1, 4), at(9, 1, 4), at(9, 1, 5), at(9, 1, 6)),
        draft_by=at(9, 1, 2),
        due_at=at(9, 1, 5),
        event_id="E-1",
    )
    loss = find_loss(row, marks_of(row, events), events, at(12, 31))
    assert loss is not None
    assert (loss.stage, loss.label, loss.owner) == ("start", "事件报告", "财政厅、统计局")


def test_time_lost_to_a_failing_system_is_not_a_departments() -> None:
    row, events = occurrence(("opened", at(9, 3)), ("data_arrived", at(9, 4)), ("failed", at(9, 5)))
    loss = find_loss(row, marks_of(row, events), events, at(10, 31))
    assert loss is not None
    assert (loss.stage, loss.owner) == ("draft", "系统运行")


def test_a_run_that_ended_because_of_bad_input_did_not_fail_by_itself() -> None:
    row, events = occurrence(
        ("opened", at(9, 3)), ("bad_input", at(9, 5)), ("notice_queued", at(9, 5)), ("failed", at(9, 5))
    )
    loss = find_loss(row, marks_of(row, events), events, at(10, 31))
    assert loss is not None
    assert (loss.stage, loss.owner) == ("data", "财政厅、统计局")


def test_a_person_may_correct_whose_time_it_was_with_a_reason() -> None:
    said = {"late_stage": "data", "owner": "上级机关", "reason": "上级数据未下达"}
    row, events = occurrence(
        *route(at(9, 3), at(9, 21), at(9, 21), at(10, 8), at(10, 8)), ("corrected", at(10, 9), said)
    )
    loss = find_loss(row, marks_of(row, events), events, at(12, 31))
    assert loss is not None
    assert (loss.stage, loss.label, loss.owner, loss.found_by, loss.reason) == (
        "data",
        "数据",
        "上级机关",
        "人工更正",
        "上级数据未下达",
    )

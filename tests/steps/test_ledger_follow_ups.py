"""What is still to be done beside the due time, and that any order of events adds up to a row without an exception."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from obligations.steps.ledger.events import GENESIS, LedgerEvent, NewEvent, following
from obligations.steps.ledger.follow_ups import follow_ups_of, open_correction
from obligations.steps.ledger.projection import first, project
from obligations.steps.ledger.stages import Stage
from obligations.words.times import SHANGHAI

NOW = datetime(2026, 11, 2, 9, tzinfo=SHANGHAI)
EXPECTED: dict[str, Any] = {
    "period_start": "2026-09-01",
    "period_end": "2026-09-30",
    "document": "0" * 64,
    "clause": "一",
    "title": "财政收支情况",
    "jurisdiction": "demo",
    "departments": ["财政厅"],
    "office": None,
    "duty": "publish",
    "fulfilment": "published",
    "event_id": None,
    "historical": False,
    "derivation": ["20个工作日"],
    "provisional": False,
    "calendar_version": "2026",
    "catalogue_version": "一",
    **dict.fromkeys(("opens_at", "draft_by", "due_at", "original_due_at", "earliest", "latest"), NOW),
}
PAGE = {"address": "https://www.example.gov.cn/1.html", "sha256": "1" * 64}
ORAL = {"oral": {"by": "演示乙", "at": NOW.isoformat()}}
SAID: dict[str, tuple[str, dict[str, Any]]] = {
    "approved": ("approved", {**PAGE, "version": 1, "level": "终审"}),
    "approved orally": ("approved", {**PAGE, "version": 1, "level": "终审", **ORAL}),
    "returned": ("returned", {**PAGE, "version": 1}),
    "published": ("published", {**PAGE, "version": 1}),
    "verified": ("verified", {**PAGE, "published_at": NOW, "evidence": {}, "grade": "系统核验"}),
    "accepted": (
        "verified",
        {**PAGE, "published_at": NOW - timedelta(days=1), "evidence": {}, "grade": "人工佐证", "accepted_by": "乙"},
    ),
    "vouched": ("vouched", {**PAGE, "fulfilled_at": NOW, "basis": "page_time", "reference": "栏", "attachments": []}),
    "rejected": ("evidence_rejected", {**PAGE, "reason": "不足"}),
    "correction": ("corrected", {"correction": True, "corrects": "1" * 64, "reason": "有误"}),
    "late stage": ("corrected", {"late_stage": "data", "reason": "晚"}),
    "ordered": ("withdrawal_ordered", {**PAGE, "due_at": NOW + timedelta(days=3), "reason": "撤销", "authority": "甲"}),
    "withdrawal missed": ("withdrawal_missed", PAGE),
    "withdrawn": ("withdrawn", PAGE),
    "formalized": ("formalized", {**PAGE, "level": "终审"}),
    "withheld": ("withheld", {"partial": False, "reassess_on": "2027-11-05", "reason": "秘密"}),
    "partly withheld": ("withheld", {"partial": True, "reassess_on": "2027-11-05", "reason": "秘密"}),
    "merged": ("merged", {"into_key": "county/other", "into_period": "2026-10", "met_at": NOW}),
    "overridden": ("overridden", {**PAGE, "errors": ["错"], "reason": "理由"}),
    "released": ("released", {**PAGE}),
    "looked": ("looked", {**PAGE, "outcome": "blocked"}),
    "page gone": ("page_changed", {**PAGE, "state": "gone"}),
    "attached": ("attached", {"sha256": "a" * 64}),
    "missed": ("missed", {}),
    "nil": ("nil", {"reason": "无"}),
    "waived": ("waived", {"reason": "停", "authority": "甲"}),
    "opened": ("opened", {"run_id": "x", "number": 1}),
}


def chain(*names: str) -> list[LedgerEvent]:
    """Chain the named events, a minute apart, after the one that expects the occurrence."""
    said = [("expected", EXPECTED), *(SAID[name] for name in names)]
    head, events = (0, GENESIS), []
    for number, (kind, payload) in enumerate(said):
        at = NOW + timedelta(minutes=number)
        event = following(head, "demo/x", "2026-09", NewEvent(kind, at, payload), at)
        head = event.seq, event.hash
        events.append(event)
    return events


def open_after(*names: str) -> list[str]:
    return [each.kind for each in follow_ups_of(chain(*names))]


def test_each_is_open_until_what_ends_it():
    assert open_after("ordered") == ["withdrawal"]
    assert open_after("ordered", "withdrawal missed") == ["withdrawal"], "late is not done"
    assert open_after("ordered", "withdrawn") == []
    assert open_after("approved orally") == ["paperwork"]
    assert open_after("approved") == []
    assert open_after("approved orally", "formalized") == open_after("approved orally", "returned") == []
    assert open_after("withheld") == open_after("withheld", "partly withheld") == ["reassessment"]
    assert open_after("vouched") == open_after("vouched", "verified") == ["evidence"], "the office has still to say"
    assert open_after("vouched", "accepted") == open_after("vouched", "rejected") == []
    assert open_after("correction") == ["correction"]
    assert open_after("correction", "published") == open_after("late stage") == []


def test_of_what_is_asked_twice_the_last_counts():
    (asked,) = follow_ups_of(chain("withheld", "withheld"))
    assert asked.event.seq == 3
    correction = open_correction(chain("correction", "opened"))
    assert correction is not None
    assert correction.seq == 2


def test_what_a_notice_says_of_each_is_a_sentence_that_says_what_to_do():
    found = follow_ups_of(chain("ordered", "approved orally", "withheld", "vouched"))
    said = {each.kind: each.facts["said"] for each in found}
    assert {kind: "请" in text for kind, text in said.items()} == dict.fromkeys(said, True)
    assert "2026年11月5日09:00前" in said["withdrawal"]
    assert "第1版终审" in said["paperwork"]


@given(st.lists(st.sampled_from(sorted(SAID)), max_size=12))
def test_any_order_of_events_adds_up_and_being_met_is_never_taken_back_or_made_later(names):
    events = chain(*names)
    row = first("demo/x", "2026-09", events[0])
    for event in events[1:]:
        before, row = row, project(row, event)
        assert row.stage in set(Stage)
        assert row.stage_label
        if before.is_met:
            assert row.is_met
            assert row.met_at is not None
            assert before.met_at is not None
            assert row.met_at <= before.met_at
        if event.is_aside:
            assert (row.stage, row.outcome, row.closed_at) == (before.stage, before.outcome, before.closed_at)
    kinds = [(each.kind, each.subject) for each in follow_ups_of(events)]
    assert len(kinds) == len(set(kinds))

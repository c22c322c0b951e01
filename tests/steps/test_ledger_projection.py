"""What events add up to: stages, outcomes, met or not, and the dates that move while the original stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from obligations.steps.ledger.events import GENESIS, LedgerEvent, NewEvent, following
from obligations.steps.ledger.projection import EXPECTED_FIELDS, OccurrenceRow, first, project
from obligations.words.times import SHANGHAI

NOW = datetime(2026, 10, 1, 9, tzinfo=SHANGHAI)
DUE = datetime(2026, 10, 31, tzinfo=SHANGHAI)
EXPECTED: dict[str, Any] = {
    "period_start": "2026-09-01",
    "period_end": "2026-09-30",
    "document": "0" * 64,
    "clause": "一(二)3",
    "title": "财政收支情况",
    "jurisdiction": "demo",
    "departments": ["财政厅"],
    "office": None,
    "duty": "publish",
    "fulfilment": "published",
    "event_id": None,
    "historical": False,
    "original_due_at": DUE,
    "opens_at": NOW,
    "draft_by": DUE - timedelta(days=5),
    "due_at": DUE,
    "provisional": False,
    "earliest": DUE,
    "latest": DUE,
    "derivation": ["20个工作日"],
    "calendar_version": "2026",
    "catalogue_version": "一",
}


def event(kind: str, at: datetime = NOW, head: tuple[int, str] = (0, GENESIS), **payload: Any) -> LedgerEvent:
    return following(head, "demo/x", "2026-09", NewEvent(kind, at, payload), at)


def row_after(*kinds: str | LedgerEvent, fulfilment: str = "published") -> OccurrenceRow:
    row = first("demo/x", "2026-09", event("expected", **(EXPECTED | {"fulfilment": fulfilment})))
    for kind in kinds:
        row = project(row, event(kind) if isinstance(kind, str) else kind)
    return row


def test_the_sample_names_every_field_that_an_expected_event_must_hold() -> None:
    assert set(EXPECTED) == set(EXPECTED_FIELDS)


@pytest.mark.parametrize(
    ("kinds", "label"),
    [
        (["opened"], "数据收集中"),
        (["opened", "waiting"], "等待数据"),
        (["opened", "bad_input"], "数据有误待更正"),
        (["opened", "bad_input", "failed"], "数据有误待更正"),
        (["opened", "data_arrived"], "起草中"),
        (["data_arrived", "drafted"], "待送审"),
        (["drafted", "review_requested"], "审核中"),
        (["review_requested", "answer_refused"], "审核中"),
        (["review_requested", "returned"], "退回修改"),
        (["review_requested", "returned", "failed"], "退回修改"),
        (["review_requested", "returned", "opened"], "数据收集中"),
        (["review_requested", "approved"], "待发布"),
        (["approved", "published"], "已发布待核验"),
        (["data_arrived", "failed"], "处理失败"),
        (["review_requested", "missed", "notice_sent", "paused"], "审核中"),
        (["nil"], "零报告"),
        (["waived"], "经批准不计入考核"),
        (["withheld"], "不予公开"),
        (["published", "verified"], "已公开"),
    ],
)
def test_the_stage_follows_the_events(kinds: list[str], label: str) -> None:
    assert row_after(*kinds).stage_label == label


def test_an_approval_of_an_earlier_level_leaves_the_review_open() -> None:
    assert row_after("review_requested", event("approved", level="复审", final=False)).stage_label == "审核中"


def test_publishing_alone_does_not_meet_a_duty_and_neither_does_a_held_conference() -> None:
    assert not row_after("published", "held", "completed", "submitted").is_met


def test_a_verified_publication_is_met_when_it_came_out_not_when_it_was_verified() -> None:
    row = row_after(event("published", DUE), event("verified", DUE + timedelta(hours=1)))
    assert (row.is_met, row.met_at) == (True, DUE)


def test_the_time_that_the_proof_establishes_counts_before_the_time_of_publishing() -> None:
    row = row_after(event("published", DUE), event("verified", DUE, published_at=DUE - timedelta(hours=2)))
    assert row.met_at == DUE - timedelta(hours=2)


@pytest.mark.parametrize(("kind", "label"), [("held", "已召开"), ("submitted", "已报送"), ("completed", "已办结")])
def test_other_duties_are_met_by_their_own_event_at_its_own_time(kind: str, label: str) -> None:
    row = row_after("approved", event(kind, DUE), fulfilment=kind)
    assert (row.is_met, row.met_at, row.stage_label) == (True, DUE, label)


def test_a_conference_that_was_only_announced_is_not_met() -> None:
    assert not row_after("published", "verified", fulfilment="held").is_met


def test_what_is_met_stays_met_when_it_is_corrected_later() -> None:
    met = row_after(event("published", NOW), event("verified", NOW))
    later = met
    for kind in ("opened", "drafted", "review_requested", "approved", "published", "verified", "failed", "nil"):
        later = project(later, event(kind, DUE))
    assert (later.stage, later.outcome, later.met_at) == (met.stage, met.outcome, met.met_at)


def test_being_met_outranks_a_nil_report_made_before() -> None:
    row = row_after("nil", event("published", DUE), event("verified", DUE))
    assert (row.outcome, row.closed_at) == ("met", DUE)


def test_a_waiver_is_kept_when_the_duty_is_met_after_all() -> None:
    row = row_after(event("waived", NOW), event("published", DUE), event("verified", DUE))
    assert (row.outcome, row.waived_at) == ("met", NOW)


@pytest.mark.parametrize("kind", ["rebound", "extended", "resumed"])
def test_a_moved_due_time_leaves_the_original_on_record(kind: str) -> None:
    later = DUE + timedelta(days=3)
    row = row_after(event(kind, NOW, due_at=later, derivation=["因放假安排调整"]))
    assert (row.due_at, row.original_due_at, row.derivation) == (later, DUE, ("因放假安排调整",))


def test_a_miss_is_of_the_due_time_and_is_lifted_when_that_moves_on() -> None:
    missed = row_after(event("missed", DUE))
    assert missed.missed_at == DUE
    assert project(missed, event("extended", due_at=DUE + timedelta(days=1))).missed_at is None
    assert project(missed, event("rebound", due_at=DUE - timedelta(days=1))).missed_at == DUE


def test_a_pause_lasts_until_it_is_resumed() -> None:
    paused = row_after(event("paused", NOW))
    assert (paused.paused_at, project(paused, event("resumed", DUE)).paused_at) == (NOW, None)


def test_the_head_is_the_last_event() -> None:
    last = event("opened", head=(1, "f" * 64))
    assert replace(row_after(), head_seq=2, head_hash=last.hash, stage="gathering") == row_after(last)


@pytest.mark.parametrize("kind", ["progress", "feedback", "ruled", "purged", "notice_sent"])
@pytest.mark.parametrize("before", ["expected", "review_requested", "nil"])
def test_what_is_said_beside_the_work_moves_nothing_but_the_head(kind: str, before: str) -> None:
    row = row_after(*() if before == "expected" else (before,))
    said = event(kind, NOW, (row.head_seq, row.head_hash))
    assert project(row, said) == replace(row, head_seq=said.seq, head_hash=said.hash)
    assert said.is_aside

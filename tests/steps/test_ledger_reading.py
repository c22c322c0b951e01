"""The rows people read, from a whole route through the ledger, and what of it prints as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.event import listen

from obligations.rules.calendar import load_calendar
from obligations.rules.catalogue import load_one
from obligations.steps.ledger import EventKind, Ledger, LedgerRow, open_ledger
from obligations.steps.ledger.reading import events_of_those_with
from obligations.words.occurrence import DueDate, Occurrence, Period
from obligations.words.publication import Blank
from obligations.words.times import SHANGHAI

CATALOGUE = Path(__file__).parents[2] / "include" / "obligations" / "catalogue"
KEY = "demo/fiscal-monthly"
DUE = datetime(2018, 9, 29, tzinfo=SHANGHAI)
OPENS = datetime(2018, 9, 3, tzinfo=SHANGHAI)
FIRST, FINAL = "a" * 64, "b" * 64
IS_WORKING_DAY = load_calendar().is_working_day


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}") as ledger:
        yield ledger


def expect(ledger: Ledger, key: str = KEY, period: str = "2018-08", **said: Any) -> None:
    due_at = said.get("due_at", DUE)
    due = DueDate(OPENS, due_at, False, due_at, due_at, ("8月数据，20个工作日",))
    ledger.expect(
        load_one(CATALOGUE, key),
        Occurrence(key, Period(period, date(2018, 8, 1), date(2018, 8, 31)), OPENS, due_at - timedelta(days=9), due),
        calendar_version="2018",
        catalogue_version="一",
        historical=said.get("historical", False),
        now=OPENS,
    )


def walk(ledger: Ledger, published: datetime, period: str = "2018-08") -> None:
    def append(kind: str, at: datetime, person: str | None = None, **payload: Any) -> None:
        ledger.append(KEY, period, kind, happened_at=at, recorded_at=at, person=person, payload=payload)

    review = published - timedelta(hours=2)
    append("opened", OPENS + timedelta(hours=9))
    append("data_arrived", OPENS + timedelta(hours=10))
    for sha256, state, at in ((FIRST, "generated", OPENS + timedelta(hours=11)), (FINAL, "final", review)):
        ledger.register_draft(
            KEY,
            period,
            version=1,
            sha256=sha256,
            folder=f"/drafts/{state}/",
            files=["稿.docx", "page.html"],
            happened_at=at,
            recorded_at=at,
            state="final" if state == "final" else "generated",
            open_blanks=[Blank("outlook", "下一步打算")] if state == "generated" else [],
        )
        if state == "generated":
            append("review_requested", at, version=1, sha256=sha256)
    append("approved", review, "审核人", version=1, level="终审", sha256=FINAL)
    ledger.register_publication(
        KEY,
        period,
        version=1,
        sha256=FINAL,
        address="file:///发布包/财政",
        happened_at=published,
        recorded_at=published,
    )
    ledger.register_evidence(
        KEY,
        period,
        sha256=FINAL,
        address="file:///发布包/财政",
        evidence={"method": "回读比对"},
        happened_at=published + timedelta(minutes=1),
        recorded_at=published + timedelta(minutes=1),
    )


def read(ledger: Ledger, now: datetime, key: str | None = None, period: str | None = None) -> list[LedgerRow]:
    return ledger.rows(key, period, now=now, is_working_day=IS_WORKING_DAY)


def test_a_row_tells_the_whole_story_in_json(ledger: Ledger) -> None:
    expect(ledger)
    walk(ledger, DUE - timedelta(hours=8))
    (row,) = read(ledger, DUE + timedelta(days=90))
    said = json.loads(json.dumps(row.as_json()))
    assert {name: said[name] for name in ("key", "period", "due_at", "stage", "stage_label", "met", "met_at")} == {
        "key": KEY,
        "period": "2018-08",
        "due_at": "2018-09-29T00:00:00+08:00",
        "stage": "met",
        "stage_label": "已公开",
        "met": True,
        "met_at": "2018-09-28T16:00:00+08:00",
    }
    assert (said["lateness"], said["lateness_hours"], said["late_stage"], said["late_owner"]) == ("按时", 0, None, None)
    assert said["stages"]["draft"] == {
        "label": "起草",
        "started_at": "2018-09-03T10:00:00+08:00",
        "ended_at": "2018-09-03T11:00:00+08:00",
        "hours": 1,
        "working_hours": 1,
    }
    # Two requests never were: the first draft was reviewed, the answers filled in, and that final version approved.
    assert [(round_["result"], round_["person"], round_["level"]) for round_ in said["rounds"]] == [
        ("approved", "审核人", "终审")
    ]
    assert said["address"] == "file:///发布包/财政"
    assert [(proof["kind"], proof["grade"], proof["evidence"]) for proof in said["evidence"]] == [
        ("verified", "系统核验", {"method": "回读比对"})
    ]
    assert [(draft["state"], draft["paths"][0], draft["open_blanks"]) for draft in said["drafts"]] == [
        ("generated", "/drafts/generated/稿.docx", ["下一步打算"]),
        ("final", "/drafts/final/稿.docx", []),
    ]


def test_a_late_row_names_the_stage_and_whose_it_was(ledger: Ledger) -> None:
    expect(ledger)
    walk(ledger, DUE + timedelta(days=3, hours=1))
    (row,) = read(ledger, DUE + timedelta(days=90))
    said = row.as_json()
    assert (said["lateness"], said["lateness_hours"], said["true_lateness"]) == ("逾期4天", 73, "逾期4天")
    assert (said["late_stage"], said["late_stage_label"], said["late_found_by"]) == ("review", "审核", "系统推定")
    assert said["late_owner"] == "、".join(row.occurrence.departments)


def test_a_historical_row_is_a_later_entry_beside_its_true_lateness(ledger: Ledger) -> None:
    expect(ledger, historical=True)
    walk(ledger, DUE + timedelta(days=400))
    said = read(ledger, DUE + timedelta(days=500))[0].as_json()
    assert (said["historical"], said["lateness"], said["true_lateness"]) == (True, "补录", "逾期400天")
    assert said["lateness_hours"] == 9600


def test_rows_are_chosen_by_key_and_period_and_come_earliest_due_first(ledger: Ledger) -> None:
    expect(ledger, period="2018-09", due_at=DUE + timedelta(days=30))
    expect(ledger)
    expect(ledger, "demo/land-supply-quarterly", "2018-Q3", due_at=DUE + timedelta(days=20))

    def keys(**chosen: str) -> list[tuple[str, str]]:
        return [(row.occurrence.key, row.occurrence.period) for row in read(ledger, DUE, **chosen)]

    assert keys() == [(KEY, "2018-08"), ("demo/land-supply-quarterly", "2018-Q3"), (KEY, "2018-09")]
    assert keys(key=KEY) == [(KEY, "2018-08"), (KEY, "2018-09")]
    assert keys(period="2018-Q3") == [("demo/land-supply-quarterly", "2018-Q3")]
    assert keys(key=KEY, period="2018-Q3") == []


def test_an_open_row_has_no_end_no_proof_and_no_address(ledger: Ledger) -> None:
    expect(ledger)
    said = read(ledger, DUE)[0].as_json()
    assert (said["met"], said["met_at"], said["address"], said["evidence"], said["drafts"]) == (
        False,
        None,
        None,
        [],
        [],
    )
    assert (said["lateness"], said["stage_label"]) == ("未到期", "待启动")


def test_entries_of_progress_are_counted_and_the_basis_is_cited(ledger: Ledger) -> None:
    expect(ledger)
    for number in (1, 2):
        at = OPENS + timedelta(days=number)
        ledger.append(KEY, "2018-08", "progress", happened_at=at, recorded_at=at, payload={"count": number})
    (row,) = read(ledger, DUE - timedelta(days=1))
    said = row.as_json()
    assert (said["progress_count"], said["stage_label"], said["lateness"]) == (2, "待启动", "未到期")
    document = load_one(CATALOGUE, KEY).document
    assert said["basis"] == f"{document.cited}（{document.number}）{row.occurrence.clause}"


def test_rounds_of_feedback_are_found_by_their_index_and_told_whole(ledger: Ledger) -> None:
    for period in ("2018-06", "2018-07", "2018-08"):
        expect(ledger, period=period)
    for act, period in (("opened", "2018-06"), ("settled", "2018-06"), ("opened", "2018-08")):
        ledger.append(KEY, period, "feedback", happened_at=OPENS, recorded_at=OPENS, payload={"act": act})
    asked: list[tuple[str, Any]] = []
    with ledger.reading() as connection:
        listen(connection, "before_cursor_execute", lambda *said: asked.append((said[2], said[3])))
        found = events_of_those_with(connection, "demo", EventKind.FEEDBACK)
        assert events_of_those_with(connection, "shandong", EventKind.FEEDBACK) == []
        statement, values = asked[0]
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    kinds = [[event.kind for event in events] for events in found]
    assert sorted(kinds) == [["expected", "feedback"], ["expected", "feedback", "feedback"]]
    assert "event_feedback_idx" in str(plan)

"""Reported events: idempotent by id, a changed level added with both starts kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from obligations.rules.catalogue import load_one
from obligations.steps.ledger import Ledger, open_ledger, verify_ledger
from obligations.steps.ledger.reported import children_of
from obligations.words.errors import UnusableInput
from obligations.words.occurrence import FOLLOWUP, DueDate, Event, Occurrence, Period
from obligations.words.times import SHANGHAI

HAPPENED = datetime(2026, 9, 30, 23, 50, tzinfo=SHANGHAI)  # ten minutes before midnight, on the eve of National Day
REPORTED = HAPPENED + timedelta(minutes=40)
RAISED = HAPPENED + timedelta(hours=3)
EVENT = Event("E-20260930-1", "incident", "较大", "某路段事故", HAPPENED, REPORTED, None, {"place": "某路段"})


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}") as ledger:
        yield ledger


def test_a_first_report_is_new_and_can_be_read_back(ledger: Ledger) -> None:
    outcome = ledger.report(EVENT, REPORTED)
    assert (outcome.is_new, outcome.level_changed, outcome.previous_level) == (True, False, None)
    assert ledger.get_reported_event(EVENT.id) == EVENT == outcome.event


def test_a_repeated_report_changes_nothing_and_names_what_it_did_not_take_over(ledger: Ledger) -> None:
    ledger.report(EVENT, REPORTED)
    repeat = replace(EVENT, title="另一个标题", happened_at=HAPPENED + timedelta(minutes=5), reported_at=RAISED)
    outcome = ledger.report(repeat, RAISED)
    assert (outcome.is_new, outcome.level_changed, len(outcome.levels)) == (False, False, 1)
    assert outcome.ignored == ("title", "happened_at")
    assert ledger.get_reported_event(EVENT.id) == EVENT


def test_a_changed_level_keeps_both_starts_and_the_clock_of_the_first_report(ledger: Ledger) -> None:
    ledger.report(EVENT, REPORTED)
    raised = replace(EVENT, level="重大", reported_at=RAISED, fields={"place": "某路段", "lead": "伤亡增加"})
    outcome = ledger.report(raised, RAISED)
    assert (outcome.level_changed, outcome.previous_level) == (True, "较大")
    assert [(entry.level, entry.happened_at, entry.reported_at) for entry in outcome.levels] == [
        ("较大", HAPPENED, REPORTED),
        ("重大", HAPPENED, RAISED),
    ]
    assert ledger.get_reported_event(EVENT.id) == replace(raised, reported_at=REPORTED)


def test_a_retried_earlier_report_does_not_change_the_level_back(ledger: Ledger) -> None:
    for report in (EVENT, replace(EVENT, level="重大", reported_at=RAISED)):
        ledger.report(report, RAISED)
    outcome = ledger.report(EVENT, RAISED + timedelta(hours=1))
    assert (outcome.level_changed, outcome.event.level, len(outcome.levels)) == (False, "重大", 2)


def test_an_older_report_that_comes_in_late_is_kept_but_decides_nothing(ledger: Ledger) -> None:
    ledger.report(replace(EVENT, level="重大", reported_at=RAISED), RAISED)
    outcome = ledger.report(EVENT, RAISED + timedelta(hours=1))
    assert (outcome.level_changed, outcome.event.level, len(outcome.levels)) == (False, "重大", 2)


def test_the_occurrences_that_the_event_opened_learn_of_the_new_level_once(ledger: Ledger) -> None:
    bulletin = load_one(Path(__file__).parents[2] / "include" / "obligations" / "catalogue", "demo/incident-bulletin")
    due_at = HAPPENED + timedelta(hours=5)
    due = DueDate(HAPPENED, due_at, False, due_at, due_at, ())
    period = Period(EVENT.id, date(2026, 9, 30), date(2026, 9, 30))
    ledger.report(replace(EVENT, level="重大"), REPORTED)
    ledger.expect(
        bulletin,
        Occurrence(bulletin.key, period, REPORTED, due_at, due),
        calendar_version="",
        catalogue_version="",
        historical=False,
        now=REPORTED,
    )
    for _ in range(2):
        ledger.report(replace(EVENT, level="特别重大", reported_at=RAISED), RAISED)
    changes = [event for event in ledger.events(bulletin.key, EVENT.id) if event.kind == "level_changed"]
    assert [(event.happened_at, event.payload) for event in changes] == [
        (RAISED, {"from": "重大", "to": "特别重大", "happened_at": HAPPENED.isoformat()})
    ]
    assert verify_ledger(ledger) == []


def test_one_id_is_never_two_kinds_of_event(ledger: Ledger) -> None:
    ledger.report(EVENT, REPORTED)
    with pytest.raises(UnusableInput, match="已用于另一类事件"):
        ledger.report(replace(EVENT, type="rumour"), REPORTED)


@pytest.mark.parametrize("event_id", ["", "../x", "事件1", "a" * 101])
def test_an_id_that_could_not_be_a_file_or_run_name_is_refused(ledger: Ledger, event_id: str) -> None:
    with pytest.raises(UnusableInput, match="不可用"):
        ledger.report(replace(EVENT, id=event_id), REPORTED)


def test_a_follow_up_of_an_event_whose_id_only_begins_alike_is_not_taken_for_ones_own(ledger: Ledger) -> None:
    for id_, follow_up in (("E-1", "E-1-f1"), ("E-1-fire", "E-1-fire-f1")):
        ledger.report(replace(EVENT, id=id_), REPORTED)
        ledger.report(replace(EVENT, id=follow_up, type=FOLLOWUP, fields={"followup": "1"}), REPORTED)
    with ledger.reading() as connection:
        assert [event.id for event in children_of(connection, "E-1")] == ["E-1-f1"]
        assert [event.id for event in children_of(connection, "E-1-fire")] == ["E-1-fire-f1"]


def test_an_unknown_event_is_said_to_be_unknown(ledger: Ledger) -> None:
    with pytest.raises(UnusableInput, match="没有编号为 E-0 的事件报告"):
        ledger.get_reported_event("E-0")

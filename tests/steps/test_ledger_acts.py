"""Acts of a pass written in bulk, what the next pass must look at, and alarms that concern no occurrence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from obligations.rules.catalogue import load_one
from obligations.steps.ledger import (
    Act,
    Acted,
    Expected,
    Ledger,
    NewEvent,
    OccurrenceRow,
    Stage,
    Sweeps,
    act_many,
    open_ledger,
    queue_alarm,
    verify_ledger,
)
from obligations.steps.ledger.acts import LINES
from obligations.steps.ledger.tables import delivery, notice
from obligations.words.contacts import Role
from obligations.words.notices import NewNotice
from obligations.words.occurrence import DueDate, Occurrence, Period
from obligations.words.times import SHANGHAI

KEY = "demo/fiscal-monthly"
OBLIGATION = load_one(Path(__file__).parents[2] / "include" / "obligations" / "catalogue", KEY)
NOW = datetime(2026, 10, 1, 9, tzinfo=SHANGHAI)
DAY = timedelta(days=1)
DUE = NOW - DAY


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}") as ledger:
        yield ledger


@pytest.fixture
def sweeps(ledger: Ledger) -> Sweeps:
    return Sweeps(ledger)


def expect(ledger: Ledger, count: int, *, key: str = KEY, historical: bool = False) -> None:
    def occurrence(number: int) -> Occurrence:
        period = Period(f"P-{number:04}", date(2026, 8, 1), date(2026, 8, 31))
        return Occurrence(
            key, period, DUE - 20 * DAY, DUE - 5 * DAY, DueDate(DUE, DUE, False, DUE, DUE, ("20个工作日",))
        )

    entries = [Expected(OBLIGATION, occurrence(number), "一", historical) for number in range(count)]
    ledger.expect_many(entries, calendar_version="2026", now=DUE - 20 * DAY)


def told(recipient: str = "zhang", tier: str = "due", channels: tuple[str, ...] = ("email",)) -> NewNotice:
    return NewNotice(tier, "到期未完成", recipient, Role.RESPONSIBLE, channels, False, NOW + DAY, {"stage": "待启动"})


def missed(row: OccurrenceRow) -> NewEvent:
    return NewEvent("missed", row.due_at, {"due_at": row.due_at}, once=f"missed:{row.due_at.isoformat()}")


def all_rows(sweeps: Sweeps) -> list[OccurrenceRow]:
    return sweeps.to_look_at(NOW, "never used", limit=10_000)


@contextmanager
def counting_commits(ledger: Ledger) -> Iterator[list[int]]:
    """Collect how many occurrences, events, notices, deliveries and watches each transaction wrote."""
    written: list[int] = []
    original = ledger.writing

    @contextmanager
    def writing() -> Iterator[Connection]:
        with original() as connection:
            before = connection.exec_driver_sql("SELECT total_changes()").scalar_one()
            yield connection
            written.append(connection.exec_driver_sql("SELECT total_changes()").scalar_one() - before)

    ledger.writing = writing  # type: ignore[method-assign]
    try:
        yield written
    finally:
        ledger.writing = original  # type: ignore[method-assign]


def test_acts_in_bulk_leave_what_single_appends_would_leave(tmp_path: Path, ledger: Ledger, sweeps: Sweeps) -> None:
    expect(ledger, 3)
    rows = all_rows(sweeps)
    acts = [Act(row, (missed(row), NewEvent("waiting", NOW)), (told(), told("li"))) for row in rows]
    assert act_many(ledger, acts, basis="一", now=NOW) == Acted(events=6, notices=6)

    with open_ledger(f"sqlite:///{tmp_path / 'single.db'}") as single:
        expect(single, 3)
        for row in rows:
            queued = [(f"notice_queued:due:{name}", name) for name in ("zhang", "li")]
            event = missed(row)
            single.append(
                KEY, row.period, "missed", happened_at=DUE, recorded_at=NOW, payload=event.payload, once=event.once
            )
            single.append(KEY, row.period, "waiting", happened_at=NOW, recorded_at=NOW)
            for once, name in queued:
                payload = {
                    "tier": "due",
                    "recipient": name,
                    "role": "responsible",
                    "channels": ["email"],
                    "urgent": False,
                    "send_after": NOW + DAY,
                }
                single.append(
                    KEY, row.period, "notice_queued", happened_at=NOW, recorded_at=NOW, payload=payload, once=once
                )
        for row in rows:
            assert ledger.occurrence(KEY, row.period) == single.occurrence(KEY, row.period)
            assert ledger.events(KEY, row.period) == single.events(KEY, row.period)
    assert verify_ledger(ledger) == []


def test_an_act_on_an_occurrence_that_went_on_meanwhile_is_skipped_whole_and_the_others_are_written(
    ledger: Ledger, sweeps: Sweeps
) -> None:
    expect(ledger, 3)
    rows = all_rows(sweeps)
    ledger.append(KEY, rows[1].period, "data_arrived", happened_at=NOW, recorded_at=NOW)
    acts = [Act(row, (missed(row),), (told(),), look_at=NOW + DAY) for row in rows]
    assert act_many(ledger, acts, basis="一", now=NOW) == Acted(events=2, notices=2, skipped=1)
    assert [event.kind for event in ledger.events(KEY, rows[1].period)] == ["expected", "data_arrived"]
    assert [row.period for row in sweeps.to_look_at(NOW, "一")] == [rows[1].period]
    assert verify_ledger(ledger) == []


def test_of_two_acts_on_one_occurrence_decided_upon_the_same_state_one_is_written(
    ledger: Ledger, sweeps: Sweeps
) -> None:
    expect(ledger, 1)
    (row,) = all_rows(sweeps)
    acts = [Act(row, (NewEvent("waiting", NOW),)), Act(row, (NewEvent("failed", NOW),))]
    assert act_many(ledger, acts, basis="一", now=NOW) == Acted(events=1, skipped=1)
    assert verify_ledger(ledger) == []


def test_the_same_decisions_taken_again_later_write_nothing_new(ledger: Ledger, sweeps: Sweeps) -> None:
    expect(ledger, 2)
    acts = [Act(row, (missed(row), missed(row)), (told(), told())) for row in all_rows(sweeps)]
    assert act_many(ledger, acts, basis="一", now=NOW) == Acted(events=2, notices=2)
    again = [Act(row, (missed(row),), (told(), told("li"))) for row in sweeps.to_look_at(NOW, "二")]
    assert act_many(ledger, again, basis="二", now=NOW + DAY) == Acted(events=0, notices=2)
    assert sweeps.to_look_at(NOW + 9 * DAY, "二") == []


def test_a_notice_has_one_delivery_for_each_of_its_channels_and_is_queued_for_its_time(
    ledger: Ledger, sweeps: Sweeps
) -> None:
    expect(ledger, 1)
    (row,) = all_rows(sweeps)
    act_many(ledger, [Act(row, notices=(told(channels=("email", "sms", "email")),))], basis="一", now=NOW)
    with ledger.reading() as connection:
        found = connection.execute(select(delivery.c.channel, delivery.c.send_after, delivery.c.message_id)).all()
        kept = connection.execute(select(notice.c.subject, notice.c.facts, notice.c.queued_at)).one()
    assert found == [("email", NOW + DAY, None), ("sms", NOW + DAY, None)]
    assert tuple(kept) == (f"{KEY} P-0000", {"stage": "待启动"}, NOW)
    (event,) = [event for event in ledger.events(KEY, "P-0000") if event.kind == "notice_queued"]
    assert event.payload["channels"] == ["email", "sms", "email"]


def test_a_transaction_of_acts_is_small_however_many_there_are(ledger: Ledger, sweeps: Sweeps) -> None:
    expect(ledger, 600)
    rows = all_rows(sweeps)
    with counting_commits(ledger) as written:
        act_many(ledger, [Act(row, look_at=NOW + DAY) for row in rows], basis="一", now=NOW)
    assert written == [500, 100]
    with counting_commits(ledger) as written:
        heavy = [Act(row, (missed(row),), (told(channels=("email", "sms")), told("li"))) for row in rows]
        assert act_many(ledger, heavy, basis="一", now=NOW) == Acted(events=600, notices=1200)
    # 10 rows an act: the occurrence, its watch, 3 events, 2 notices, 3 deliveries.
    assert written == [LINES] * 4
    assert verify_ledger(ledger) == []


def test_a_pass_is_told_of_what_is_new_changed_due_or_decided_by_other_rules_and_of_nothing_else(
    ledger: Ledger, sweeps: Sweeps
) -> None:
    expect(ledger, 5)
    rows = all_rows(sweeps)
    assert [row.period for row in rows] == ["P-0000", "P-0001", "P-0002", "P-0003", "P-0004"]
    act_many(ledger, [Act(row, look_at=NOW + DAY) for row in rows[:2]], basis="一", now=NOW)
    act_many(ledger, [Act(row) for row in rows[2:4]], basis="一", now=NOW)
    assert sweeps.to_look_at(NOW, "一") == [rows[4]]
    act_many(ledger, [Act(rows[4])], basis="一", now=NOW)
    assert sweeps.to_look_at(NOW + DAY - timedelta(seconds=1), "一") == []
    assert sweeps.to_look_at(NOW + DAY, "一") == rows[:2]
    ledger.append(KEY, "P-0003", "data_arrived", happened_at=NOW, recorded_at=NOW)
    assert [row.period for row in sweeps.to_look_at(NOW, "一")] == ["P-0003"]
    assert [row.period for row in sweeps.to_look_at(NOW, "二", after_id=rows[1].id, limit=2)] == ["P-0002", "P-0003"]


def test_a_closed_occurrence_is_looked_at_once_after_each_event_and_again_where_that_left_a_time(
    ledger: Ledger, sweeps: Sweeps
) -> None:
    expect(ledger, 2)
    expect(ledger, 2, key="demo/land-supply-quarterly", historical=True)
    ledger.append(KEY, "P-0000", "nil", happened_at=NOW, recorded_at=NOW)
    found = all_rows(sweeps)
    assert [(row.key, row.period) for row in found] == [(KEY, "P-0000"), (KEY, "P-0001")], "no historical one"
    act_many(ledger, [Act(row, look_at=None) for row in found], basis="一", now=NOW)
    assert sweeps.to_look_at(NOW, "一") == []
    assert [row.period for row in sweeps.to_look_at(NOW, "二")] == ["P-0001"], "of the closed nothing waits for a basis"
    ledger.append(KEY, "P-0000", "withdrawal_missed", happened_at=NOW, recorded_at=NOW)
    (closed,) = sweeps.to_look_at(NOW, "一")
    act_many(ledger, [Act(closed, look_at=NOW + DAY)], basis="一", now=NOW)
    assert sweeps.to_look_at(NOW, "一") == []
    assert [row.period for row in sweeps.to_look_at(NOW + DAY, "一")] == ["P-0000"]


def test_a_run_is_wanted_where_none_works_some_time_after_the_opening(ledger: Ledger, sweeps: Sweeps) -> None:
    expect(ledger, 7)
    for number, kind in enumerate(["opened", "review_requested", "returned", "failed", "paused", "nil"]):
        ledger.append(KEY, f"P-{number:04}", kind, happened_at=NOW, recorded_at=NOW)
    opens_at = all_rows(sweeps)[0].opens_at
    minutes = timedelta(minutes=10)
    assert sweeps.startable(opens_at + minutes - timedelta(seconds=1), grace=minutes) == []
    found = sweeps.startable(opens_at + minutes, grace=minutes)
    assert [row.stage for row in found] == [Stage.RETURNED, Stage.FAILED, Stage.EXPECTED]
    working = sweeps.startable(NOW, grace=minutes, stages=[Stage.GATHERING, Stage.REVIEW])
    assert [row.period for row in working] == ["P-0000", "P-0001"]
    assert sweeps.startable(NOW, grace=minutes, after_id=found[0].id, limit=1) == [found[1]]


def test_dates_computed_under_another_calendar_or_catalogue_are_found_until_they_are_rebound(
    ledger: Ledger, sweeps: Sweeps
) -> None:
    expect(ledger, 3)
    expect(ledger, 1, key="demo/no-longer-in-the-catalogue")
    ledger.append(KEY, "P-0002", "nil", happened_at=NOW, recorded_at=NOW)
    assert sweeps.to_rebind("2026", {KEY: "一"}) == []
    first, second = sweeps.to_rebind("2027", {KEY: "一"})
    assert sweeps.to_rebind("2026", {KEY: "二"}) == [first, second]
    assert sweeps.to_rebind("2026", {KEY: "二"}, limit=1) == [first]
    assert sweeps.to_rebind("2026", {KEY: "二"}, after_id=first.id) == [second]
    rebound = NewEvent("rebound", NOW, {"due_at": NOW + DAY, "calendar_version": "2027", "reason": "节假日通知"})
    assert act_many(ledger, [Act(first, (rebound,))], basis="一", now=NOW) == Acted(events=1)
    assert sweeps.to_rebind("2027", {KEY: "一"}) == [second]
    moved = ledger.occurrence(KEY, first.period)
    assert moved is not None
    assert (moved.due_at, moved.original_due_at, moved.calendar_version) == (NOW + DAY, DUE, "2027")
    assert verify_ledger(ledger) == []


def test_the_events_of_several_occurrences_come_in_order_by_id(ledger: Ledger, sweeps: Sweeps) -> None:
    expect(ledger, 2)
    rows = all_rows(sweeps)
    ledger.append(KEY, "P-0001", "opened", happened_at=NOW, recorded_at=NOW)
    found = sweeps.events_of(rows)
    assert [[event.kind for event in found[row.id]] for row in rows] == [["expected"], ["expected", "opened"]]


def test_passes_are_remembered_with_their_facts_finished_or_not(sweeps: Sweeps) -> None:
    assert (sweeps.first_at(), sweeps.last()) == (None, None)
    first = sweeps.begin(NOW, {"obligations": 900})
    assert sweeps.last() == first
    assert first.finished_at is None
    sweeps.finish(first, NOW + timedelta(minutes=1), {"obligations": 901})
    finished = replace(first, finished_at=NOW + timedelta(minutes=1), facts={"obligations": 901})
    assert sweeps.last() == finished
    second = sweeps.begin(NOW + DAY, {})
    assert (sweeps.last(), sweeps.first_at()) == (second, NOW)


def test_an_alarm_is_queued_once_and_leaves_the_chains_alone(ledger: Ledger) -> None:
    expect(ledger, 1)
    assert queue_alarm(ledger, "system:gap:2026-10-01", [told(), told("li")], NOW) == 2
    assert queue_alarm(ledger, "system:gap:2026-10-01", [told(), told("wang")], NOW) == 1
    assert queue_alarm(ledger, "system:gap:2026-10-02", [told()], NOW) == 1
    with ledger.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(delivery)) == 4
    assert [event.kind for event in ledger.events(KEY, "P-0000")] == ["expected"]
    with pytest.raises(ValueError, match="system:"):
        queue_alarm(ledger, f"{KEY} P-0000", [told()], NOW)


def test_a_payload_that_the_ledger_cannot_hold_stops_the_batch_before_anything_is_written(
    ledger: Ledger, sweeps: Sweeps
) -> None:
    expect(ledger, 2)
    first, second = all_rows(sweeps)
    with pytest.raises(ValueError, match="no_such_kind"):
        act_many(
            ledger, [Act(first, (missed(first),)), Act(second, (NewEvent("no_such_kind", NOW),))], basis="一", now=NOW
        )
    assert all_rows(sweeps) == [first, second]

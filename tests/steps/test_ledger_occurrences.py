"""Expecting occurrences and appending events: idempotence, order, locks, and triggers that refuse edits."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from obligations.rules.catalogue import load_one
from obligations.steps.ledger import Expected, Ledger, NewEvent, OccurrenceRow, open_ledger, verify_ledger
from obligations.steps.ledger.events import GENESIS
from obligations.steps.ledger.occurrences import append_to, known
from obligations.words.errors import UnusableInput
from obligations.words.occurrence import DueDate, Event, Occurrence, Period
from obligations.words.times import SHANGHAI

INCLUDE = Path(__file__).parents[2] / "include"
KEY = "demo/fiscal-monthly"
OBLIGATION = load_one(INCLUDE / "obligations" / "catalogue", KEY)
NOW = datetime(2026, 10, 1, 9, tzinfo=SHANGHAI)
APPEND = """
import sys
from datetime import datetime
from obligations.steps.ledger import open_ledger
from obligations.words.times import SHANGHAI
url, name, *periods = sys.argv[1:]
now = datetime(2026, 10, 1, 9, tzinfo=SHANGHAI)
sys.stdin.readline()
with open_ledger(url) as ledger:
    for number in range(25):
        period = periods[number % len(periods)]
        ledger.append("demo/fiscal-monthly", period, "waiting", happened_at=now, recorded_at=now,
                      payload={"process": name, "number": number}, once=f"{name}:{number}")
        ledger.append("demo/fiscal-monthly", period, "waiting", happened_at=now, recorded_at=now, once="all of us")
"""


def occurrence(period: str = "2026-09", *, due_at: datetime = datetime(2026, 10, 31, tzinfo=SHANGHAI)) -> Occurrence:
    opens = datetime(2026, 10, 1, tzinfo=SHANGHAI)
    due = DueDate(opens, due_at, False, due_at, due_at, ("自2026年10月1日起算20个工作日",))
    covered = Period(period, date(2026, 9, 1), date(2026, 9, 30))
    return Occurrence(KEY, covered, opens, due_at - timedelta(days=5), due)


def expect(ledger: Ledger, expected: Occurrence, *, historical: bool = False) -> OccurrenceRow:
    return ledger.expect(
        OBLIGATION, expected, calendar_version="2026", catalogue_version="一", historical=historical, now=NOW
    )


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}") as ledger:
        yield ledger


def test_an_expected_occurrence_keeps_what_the_catalogue_and_the_clock_said(ledger: Ledger) -> None:
    row = expect(ledger, occurrence(), historical=True)
    assert (row.key, row.period, row.period_start, row.period_end) == (
        KEY,
        "2026-09",
        date(2026, 9, 1),
        date(2026, 9, 30),
    )
    assert (row.title, row.clause, row.duty) == (OBLIGATION.title, OBLIGATION.clause, "publish")
    assert row.departments == (OBLIGATION.department_names or OBLIGATION.departments)
    assert row.due_at == row.original_due_at == datetime(2026, 10, 31, tzinfo=SHANGHAI)
    assert row.derivation == ("自2026年10月1日起算20个工作日",)
    assert (row.historical, row.event_id, row.stage_label) == (True, None, "待启动")
    assert ledger.occurrence(KEY, "2026-09") == row


def test_expecting_again_changes_nothing_even_under_other_dates(ledger: Ledger) -> None:
    first = expect(ledger, occurrence())
    assert expect(ledger, occurrence(due_at=datetime(2026, 11, 30, tzinfo=SHANGHAI))) == first
    assert [event.kind for event in ledger.events(KEY, "2026-09")] == ["expected"]


def test_an_event_duty_remembers_which_event_opened_it(ledger: Ledger) -> None:
    bulletin = load_one(INCLUDE / "obligations" / "catalogue", "demo/incident-bulletin")
    opened = replace(occurrence("E-1"), key=bulletin.key)
    row = ledger.expect(
        bulletin, opened, calendar_version="2026", catalogue_version="一", historical=False, now=NOW
    )  # fmt: skip
    assert row.event_id == "E-1"


def test_many_are_expected_in_batches_and_counted_once(ledger: Ledger) -> None:
    batch = [Expected(OBLIGATION, occurrence(f"P-{number}"), "一") for number in range(1201)]
    assert ledger.expect_many(batch[:700] + batch[:1], calendar_version="2026", now=NOW) == 700
    assert ledger.expect_many(batch, calendar_version="2026", now=NOW) == 501
    assert verify_ledger(ledger) == []


def test_events_are_numbered_without_a_gap_and_each_carries_the_hash_before_it(ledger: Ledger) -> None:
    expect(ledger, occurrence())
    for kind in ("opened", "waiting", "data_arrived"):
        ledger.append(KEY, "2026-09", kind, happened_at=NOW, recorded_at=NOW)
    events = ledger.events(KEY, "2026-09")
    assert [event.seq for event in events] == [1, 2, 3, 4]
    assert [event.previous_hash for event in events] == [GENESIS, *(event.hash for event in events[:-1])]


def test_an_event_comes_back_as_it_was_recorded(ledger: Ledger) -> None:
    expect(ledger, occurrence())
    happened_at, recorded_at = NOW - timedelta(days=1), NOW
    payload = {"comment": "数字有误，“同比”一栏请核对\n", "figures": {"总计": 1.5, "空": None}, "at": NOW}
    ledger.append(
        KEY,
        "2026-09",
        "returned",
        happened_at=happened_at,
        recorded_at=recorded_at,
        person="复审人",
        payload=payload,
    )
    event = ledger.events(KEY, "2026-09")[-1]
    assert (event.kind, event.happened_at, event.recorded_at, event.person) == (
        "returned",
        happened_at,
        recorded_at,
        "复审人",
    )
    assert event.payload == payload | {"at": "2026-10-01T09:00:00+08:00"}


def test_the_same_token_appends_once_and_finds_the_first_event_again(ledger: Ledger) -> None:
    expect(ledger, occurrence())
    first = ledger.append(KEY, "2026-09", "opened", happened_at=NOW, recorded_at=NOW, once="opened:1")
    ledger.append(KEY, "2026-09", "waiting", happened_at=NOW, recorded_at=NOW)
    again = ledger.append(KEY, "2026-09", "failed", happened_at=NOW, recorded_at=NOW, once="opened:1")
    assert (first, again, len(ledger.events(KEY, "2026-09"))) == (2, 2, 3)


@pytest.mark.parametrize(
    ("kind", "happened_at", "payload", "error"),
    [
        ("published!", NOW, {}, ValueError),
        ("opened", datetime(2026, 10, 1), {}, ValueError),  # noqa: DTZ001 - naive on purpose
        ("opened", NOW, {"value": float("nan")}, ValueError),
        ("opened", NOW, {"value": object()}, TypeError),
    ],
    ids=["unknown kind", "no time zone", "not a number", "not JSON"],
)
def test_what_could_not_be_read_back_is_never_recorded(
    ledger: Ledger, kind: str, happened_at: datetime, payload: dict[str, object], error: type[Exception]
) -> None:
    row = expect(ledger, occurrence())
    with pytest.raises(error):
        ledger.append(KEY, "2026-09", kind, happened_at=happened_at, recorded_at=NOW, payload=payload)
    assert ledger.occurrence(KEY, "2026-09") == row


def test_an_occurrence_that_nobody_expected_takes_no_events(ledger: Ledger) -> None:
    with pytest.raises(UnusableInput, match="台账中没有 demo/fiscal-monthly 的 2026-08 这一期"):
        ledger.append(KEY, "2026-08", "opened", happened_at=NOW, recorded_at=NOW)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET person = 'x'",
        "DELETE FROM event",
        "INSERT OR REPLACE INTO event SELECT * FROM event",
        "UPDATE reported_event SET level = '一般'",
        "DELETE FROM reported_event",
        "UPDATE checkpoint SET root = ''",
        "UPDATE occurrence SET original_due_at = '2030-01-01 00:00:00.000000'",
        "UPDATE occurrence SET period = '2026-10'",
        "DELETE FROM occurrence",
    ],
)
def test_the_database_itself_refuses_to_rewrite_history(ledger: Ledger, statement: str) -> None:
    expect(ledger, occurrence())
    ledger.report(Event("E-1", "incident", "重大", "事件", NOW, NOW, None, {}), NOW)
    ledger.checkpoint(NOW)
    with pytest.raises(IntegrityError, match=r"台账|FOREIGN KEY"), ledger.writing() as connection:
        connection.execute(text(statement))
    assert verify_ledger(ledger) == []


def test_eight_processes_append_to_the_same_occurrences_without_a_lock_error_or_a_gap(
    ledger: Ledger, tmp_path: Path
) -> None:
    periods = ["2026-07", "2026-08", "2026-09"]
    for period in periods:
        expect(ledger, occurrence(period))
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    started = [
        subprocess.Popen(
            [sys.executable, "-c", APPEND, url, f"process {number}", *periods],
            env={"PYTHONPATH": str(INCLUDE)},
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(8)
    ]
    for process in started:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    errors = [process.communicate(timeout=240)[1] for process in started]
    assert errors == [""] * 8
    found = {period: ledger.events(KEY, period) for period in periods}
    for events in found.values():
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
        assert sum(event.once == "all of us" for event in events) == 1
    # Each process appended 25 events of its own; besides them an occurrence has "expected" and the shared token.
    assert sum(len(events) for events in found.values()) == 8 * 25 + 2 * len(periods)
    assert verify_ledger(ledger) == []


def test_several_acts_in_one_transaction_are_all_kept_or_none(ledger: Ledger) -> None:
    row = expect(ledger, occurrence())

    def two_acts() -> None:
        with ledger.writing() as connection:
            here = known(connection, KEY, "2026-09", lock=True)
            append_to(connection, here, NewEvent("opened", NOW), NOW)
            raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        two_acts()
    assert ledger.occurrence(KEY, "2026-09") == row


def test_reading_goes_on_beside_a_writer_and_sees_what_was_committed(ledger: Ledger) -> None:
    row = expect(ledger, occurrence())
    with ledger.writing() as connection:
        connection.execute(text("UPDATE occurrence SET title = '改'"))
        assert ledger.occurrence(KEY, "2026-09") == row
        connection.rollback()

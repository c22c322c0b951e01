"""The ledger on a real PostgreSQL server: each test makes a database of its own and drops it.

Needs ``OBLIGATIONS_TEST_POSTGRESQL_URL``, for example ``postgresql+psycopg2://postgres@127.0.0.1:5432/postgres``.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from fresh_databases import SERVER, fresh_database
from sqlalchemy import func, inspect, select, text
from sqlalchemy.event import listen
from sqlalchemy.exc import DBAPIError

from obligations.rules.catalogue import load_one
from obligations.steps.ledger import (
    Act,
    Acted,
    EventKind,
    Expected,
    Ledger,
    NewEvent,
    OccurrenceRow,
    Outbox,
    PurgedFile,
    Sweeps,
    act_many,
    messages,
    migrate,
    open_ledger,
    purge,
    verify_ledger,
)
from obligations.steps.ledger.brief import Courses, judged, stage_times_of
from obligations.steps.ledger.engine import REVISION, alembic_config
from obligations.steps.ledger.listing import Head
from obligations.steps.ledger.occurrences import append_to, known, lock
from obligations.steps.ledger.reading import events_of_those_with
from obligations.steps.ledger.tables import checkpoint, metadata, notice
from obligations.steps.ledger.timing import WorkingTime
from obligations.words.contacts import Role
from obligations.words.errors import LedgerNotReady
from obligations.words.notices import NewNotice
from obligations.words.occurrence import INCIDENT, DueDate, Event, Occurrence, Period
from obligations.words.times import SHANGHAI

if not SERVER:
    pytest.skip(
        "OBLIGATIONS_TEST_POSTGRESQL_URL is not set: THE LEDGER WAS NOT TESTED ON POSTGRESQL", allow_module_level=True
    )

INCLUDE = Path(__file__).parents[2] / "include"
KEY = "demo/fiscal-monthly"
OBLIGATION = load_one(INCLUDE / "obligations" / "catalogue", KEY)
NOW = datetime(2026, 10, 1, 9, 0, 0, 123456, tzinfo=SHANGHAI)
DAY = timedelta(days=1)
VERSIONS = {"calendar_version": "2026", "catalogue_version": "一"}
APPEND = """
import sys
from datetime import datetime
from obligations.steps.ledger import open_ledger
from obligations.words.times import SHANGHAI
url, name, *periods = sys.argv[1:]
now = datetime(2026, 10, 1, 9, tzinfo=SHANGHAI)
with open_ledger(url) as ledger:
    for number in range(30):
        period = periods[number % len(periods)]
        ledger.append("demo/fiscal-monthly", period, "waiting", happened_at=now, recorded_at=now,
                      payload={"process": name, "number": number}, once=f"{name}:{number}")
        ledger.append("demo/fiscal-monthly", period, "waiting", happened_at=now, recorded_at=now, once="all of us")
"""

SWEEP = """
import json, sys
from datetime import datetime, timedelta
from obligations.steps.ledger import Act, NewEvent, Outbox, Sweeps, act_many, open_ledger
from obligations.words.contacts import Role
from obligations.words.notices import NewNotice
url, basis, at = sys.argv[1:]
now = datetime.fromisoformat(at)
with open_ledger(url) as ledger:
    sweeps, outbox = Sweeps(ledger), Outbox(ledger)
    print("ready", flush=True)
    sys.stdin.readline()
    while rows := sweeps.to_look_at(now, basis, limit=7):
        told = [NewNotice(basis, "", who, Role.OFFICE, ("email",), False, now, {}) for who in ("a", "b", "c")]
        event = NewEvent("waiting", now, once=f"waiting:{basis}")
        act_many(ledger, [Act(row, (event,), tuple(told)) for row in rows], basis=basis, now=now)
    while messages := outbox.take(now, lease=timedelta(minutes=5), limit=2):
        for message in messages:
            print(json.dumps([message.message_id, [told.id for told in message.notices]]), flush=True)
            outbox.sent(message.message_id, now)
"""


@pytest.fixture
def url() -> Iterator[str]:
    with fresh_database() as made:
        yield made


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    migrate(url)
    with open_ledger(url) as ledger:
        yield ledger


def occurrence(period: str = "2026-09") -> Occurrence:
    due = DueDate(NOW, NOW + 30 * DAY, False, NOW + 30 * DAY, NOW + 30 * DAY, ("20个工作日",))
    return Occurrence(KEY, Period(period, date(2026, 9, 1), date(2026, 9, 30)), NOW, NOW + 20 * DAY, due)


def expect(ledger: Ledger, period: str = "2026-09") -> OccurrenceRow:
    return ledger.expect(OBLIGATION, occurrence(period), historical=False, now=NOW, **VERSIONS)


def test_a_database_without_tables_is_refused_with_the_command_that_makes_them(url: str) -> None:
    with pytest.raises(LedgerNotReady, match="还没有建表；请先运行 obligations migrate"):
        open_ledger(url)
    assert migrate(url) == migrate(url) == REVISION
    with open_ledger(url) as ledger:
        assert ledger.occurrence(KEY, "2026-09") is None


def test_four_migrations_at_once_make_the_tables_once(url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(migrate, [url] * 4)) == [REVISION] * 4


def test_the_migrations_make_exactly_the_tables_that_the_program_reads_and_run_down_again(ledger: Ledger) -> None:
    with ledger.writing() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "ledger_version"})
        assert compare_metadata(context, metadata) == []
        command.downgrade(alembic_config(connection), "base")
        assert inspect(connection).get_table_names() == ["ledger_version"]
        command.upgrade(alembic_config(connection), "head")


def test_the_second_migration_runs_down_with_rows_in_its_tables_and_up_again_with_rows_in_the_old_one(
    ledger: Ledger, url: str
) -> None:
    row = expect(ledger)
    told = NewNotice("due", "到期", "a", Role.OFFICE, ("email",), urgent=False, send_after=NOW)
    act_many(ledger, [Act(row, notices=(told,))], basis="一", now=NOW)
    Outbox(ledger).take(NOW, lease=DAY)
    Sweeps(ledger).begin(NOW, {})
    file = PurgedFile("a" * 64, "drafts/1.docx", "draft", 10)
    purge(ledger, KEY, "2026-09", [file], reason="保存期满", person="演示甲", authority="保存期限表", now=NOW)
    before = ledger.events(KEY, "2026-09")
    with ledger.writing() as connection:
        command.downgrade(alembic_config(connection), "0001")
        connection.execute(
            text("INSERT INTO notice VALUES (1, :id, 'due', 'a', 'email', 'queued', 'm', now(), now(), NULL, NULL, 0)"),
            {"id": row.id},
        )
    assert migrate(url) == REVISION
    assert ledger.events(KEY, "2026-09") == before
    assert verify_ledger(ledger) == [f"{KEY} 2026-09：第 3 条（purged）登记的文件清除记录已缺失"]
    with ledger.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(notice)) == 0


def test_rounds_of_feedback_are_found_by_their_index(ledger: Ledger) -> None:
    expect(ledger, "2026-08")
    expect(ledger)
    ledger.append(KEY, "2026-09", "feedback", happened_at=NOW, recorded_at=NOW, payload={"act": "opened"})
    asked: list[tuple[str, dict[str, str]]] = []
    with ledger.reading() as connection:
        listen(connection, "before_cursor_execute", lambda *said: asked.append((said[2], said[3])))
        (found,) = events_of_those_with(connection, "demo", EventKind.FEEDBACK)
        statement, values = asked[0]
        connection.execute(text("SET LOCAL enable_seqscan = off"))  # of a few rows it would rather read all
        plan = connection.exec_driver_sql(f"EXPLAIN {statement}", values).all()
    assert [event.kind for event in found] == ["expected", "feedback"]
    assert "event_feedback_idx" in str(plan)


def test_what_statistics_read_of_an_occurrence_is_what_its_whole_row_tells(ledger: Ledger) -> None:
    expect(ledger)
    words = {"failed": {}, "corrected": {"late_stage": "review", "owner": "上级单位"}, "approved": {"final": True}}
    for hours, kind in enumerate(("opened", "data_arrived", "failed", "notice_sent", "approved", "corrected")):
        at = NOW + timedelta(hours=hours)
        ledger.append(KEY, "2026-09", kind, happened_at=at, recorded_at=at, payload=words.get(kind, {}))
    later, every_day = NOW + 60 * DAY, lambda _: True
    (row,) = ledger.rows(now=later, is_working_day=every_day)
    with ledger.reading() as connection:
        (course,) = Courses().of(connection, [Head(row.occurrence.id, row.occurrence.head_hash)], later)
    briefly, stages = judged(course, later), stage_times_of(course, WorkingTime(every_day), later)
    assert row.loss is not None
    assert row.loss.owner == "上级单位"
    assert (briefly.true_lateness, briefly.loss, stages) == (row.true_lateness, row.loss, row.stages)


def test_everything_comes_back_as_it_was_recorded(ledger: Ledger) -> None:
    row = expect(ledger)
    ledger.append(
        KEY, "2026-09", "returned", happened_at=NOW, recorded_at=NOW, person="复审人", payload={"数": [1.50, "：%"]}
    )
    event = ledger.events(KEY, "2026-09")[-1]
    assert (event.happened_at, event.person, event.payload) == (NOW, "复审人", {"数": [1.5, "：%"]})
    assert (row.opens_at, row.opens_at.tzinfo, row.derivation) == (NOW, SHANGHAI, ("20个工作日",))
    assert verify_ledger(ledger) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET person = 'x'",
        "DELETE FROM event",
        "TRUNCATE event",
        "UPDATE reported_event SET level = '一般'",
        "TRUNCATE reported_event",
        "DELETE FROM checkpoint",
        "UPDATE purged SET reason = 'x'",
        "DELETE FROM purged",
        "TRUNCATE purged",
        "UPDATE occurrence SET original_due_at = now()",
        "UPDATE occurrence SET obligation_key = 'x/y'",
        "DELETE FROM occurrence",
    ],
)
def test_the_database_itself_refuses_to_rewrite_history(ledger: Ledger, statement: str) -> None:
    expect(ledger)
    ledger.report(Event("E-1", "incident", "重大", "事件", NOW, NOW, None, {}), NOW)
    ledger.checkpoint(NOW)
    file = PurgedFile("a" * 64, "drafts/1.docx", "draft", 10)
    purge(ledger, KEY, "2026-09", [file], reason="保存期满", person="演示甲", authority="保存期限表", now=NOW)
    with pytest.raises(DBAPIError, match=r"台账|foreign key"), ledger.writing() as connection:
        connection.execute(text(statement))
    assert verify_ledger(ledger) == []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE event SET person = 'x' WHERE seq = 2", "第 2 条（opened）的内容与其散列值不符"),
        ("DELETE FROM event WHERE seq = 2", "第 3 条（waiting）之前缺少第 2 条"),
        ("DELETE FROM event WHERE seq = 3", "第 2 条（opened）之后应有至第 3 条的事件，现已缺失"),
        ("UPDATE occurrence SET due_at = due_at + interval '1 day'", "事项记录的 due_at"),
    ],
)
def test_an_edit_with_the_triggers_disabled_is_found(ledger: Ledger, statement: str, said: str) -> None:
    expect(ledger)
    for kind in ("opened", "waiting"):
        ledger.append(KEY, "2026-09", kind, happened_at=NOW, recorded_at=NOW)
    with ledger.writing() as connection:
        connection.execute(text("ALTER TABLE event DISABLE TRIGGER USER"))
        connection.execute(text(statement))
    (fault,) = verify_ledger(ledger)
    assert said in fault


def test_eight_processes_append_to_the_same_occurrences_without_a_gap(ledger: Ledger, url: str) -> None:
    periods = ["2026-07", "2026-08", "2026-09"]
    for period in periods:
        expect(ledger, period)
    started = [
        subprocess.Popen(
            [sys.executable, "-c", APPEND, url, f"process {number}", *periods],
            env={"PYTHONPATH": str(INCLUDE)},
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(8)
    ]
    for _ in range(3):  # checkpoints and proofs run beside the writers
        ledger.checkpoint(NOW)
        assert verify_ledger(ledger) == []
    assert [process.communicate(timeout=240)[1] for process in started] == [""] * 8
    found = [ledger.events(KEY, period) for period in periods]
    for events in found:
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert sum(map(len, found)) == 8 * 30 + 2 * len(periods)
    assert verify_ledger(ledger) == []


def start_sweep(url: str, basis: str, now: datetime) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SWEEP, url, basis, now.isoformat()],
        env={"PYTHONPATH": str(INCLUDE)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def let_go(processes: list[subprocess.Popen[str]]) -> None:
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()


def test_eight_sweeps_at_once_queue_every_notice_once_and_send_it_in_one_message(ledger: Ledger, url: str) -> None:
    batch = [Expected(OBLIGATION, occurrence(f"P-{number}"), "一") for number in range(60)]
    ledger.expect_many(batch, calendar_version="2026", now=NOW)
    processes = [start_sweep(url, "due", NOW) for _ in range(8)]
    let_go(processes)
    ends = [process.communicate(timeout=240) for process in processes]
    assert [errors for _, errors in ends] == [""] * 8
    taken = [json.loads(line) for printed, _ in ends for line in printed.splitlines()]
    assert len({message_id for message_id, _ in taken}) == len(taken)
    told = [id_ for _, ids in taken for id_ in ids]
    assert len(told) == len(set(told)) == 180
    with ledger.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(notice)) == 180
    for events in Sweeps(ledger).events_of(Sweeps(ledger).to_look_at(NOW, "another", limit=100)).values():
        assert len(events) == 1 + 1 + 3 + 3  # expected, waiting, each notice queued and sent
    assert verify_ledger(ledger) == []


def test_sweeps_killed_at_any_point_leave_a_sound_ledger_that_the_next_one_finishes(ledger: Ledger, url: str) -> None:
    batch = [Expected(OBLIGATION, occurrence(f"P-{number}"), "一") for number in range(30)]
    ledger.expect_many(batch, calendar_version="2026", now=NOW)
    lease = timedelta(minutes=5)
    moments = random.Random(20261001)  # noqa: S311 - moments, not secrets; what they hit differs anyway
    for number in range(6):
        process = start_sweep(url, f"tier-{number // 2}", NOW + number * lease)
        let_go([process])
        time.sleep(moments.uniform(0, 0.25))
        process.kill()
        process.communicate()
        assert verify_ledger(ledger) == []
    for number in range(3):
        process = start_sweep(url, f"tier-{number}", NOW + (6 + number) * lease)
        let_go([process])
        assert process.communicate(timeout=120)[1] == ""
    for events in Sweeps(ledger).events_of(Sweeps(ledger).to_look_at(NOW, "another", limit=100)).values():
        counted = Counter((event.kind, event.payload.get("tier"), event.payload.get("recipient")) for event in events)
        assert {kind: sum(k == kind for k, _, _ in counted) for kind in ("notice_queued", "notice_sent")} == {
            "notice_queued": 9,
            "notice_sent": 9,
        }
        assert {count for (kind, _, _), count in counted.items() if kind.startswith("notice_")} == {1}
    assert verify_ledger(ledger) == []


def test_an_act_waits_for_who_is_appending_and_is_skipped_then(ledger: Ledger) -> None:
    row = expect(ledger)
    with ThreadPoolExecutor(1) as pool:
        with ledger.writing() as connection:
            append_to(connection, known(connection, KEY, "2026-09", lock=True), NewEvent("opened", NOW), NOW)
            acted = pool.submit(act_many, ledger, [Act(row, (NewEvent("failed", NOW),))], basis="一", now=NOW)
            while not acted.done() and not _somebody_waits(ledger):
                time.sleep(0.01)
        assert acted.result() == Acted(skipped=1)
    assert [event.kind for event in ledger.events(KEY, "2026-09")] == ["expected", "opened"]


def test_messages_that_another_process_is_claiming_are_left_to_it(ledger: Ledger) -> None:
    row = expect(ledger)
    told = NewNotice("due", "到期", "a", Role.OFFICE, ("email",), urgent=False, send_after=NOW)
    act_many(ledger, [Act(row, notices=(told,))], basis="一", now=NOW)
    with ledger.writing() as connection:
        (claimed,) = messages.take_new(connection, NOW, NOW + DAY, 50, urgent=False)
        assert claimed
        assert Outbox(ledger).take(NOW, lease=DAY) == []
    (repeat,) = Outbox(ledger).take(NOW + DAY, lease=DAY)
    assert repeat.is_repeat


def test_sweeps_that_expect_the_same_occurrences_at_once_expect_each_once(ledger: Ledger) -> None:
    batch = [Expected(OBLIGATION, occurrence(f"P-{number}"), "一") for number in range(1200)]

    def sweep(turn: int) -> int:
        ordered = batch if turn % 2 else batch[::-1]
        return ledger.expect_many(ordered, calendar_version="2026", now=NOW)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(sweep, range(4))) == 1200
    assert verify_ledger(ledger) == []


def test_reports_of_one_event_at_once_make_one_first_report(ledger: Ledger) -> None:
    event = Event("E-1", "incident", "较大", "事件", NOW, NOW, None, {})
    reports = [event, replace(event, level="重大", reported_at=NOW + DAY)] * 8
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda said: ledger.report(said, NOW + DAY), reports))
    assert sum(outcome.is_new for outcome in outcomes) == 1
    assert ledger.get_reported_event("E-1").level == "重大"
    assert len(ledger.report(event, NOW + DAY).levels) == 2
    assert verify_ledger(ledger) == []


def test_a_checkpoint_waits_for_an_event_that_is_not_committed_yet(ledger: Ledger) -> None:
    for period in ("2026-08", "2026-09"):
        expect(ledger, period)
    with ThreadPoolExecutor(1) as pool:
        with ledger.writing() as connection:
            row = known(connection, KEY, "2026-08", lock=True)
            append_to(connection, row, NewEvent("opened", NOW), NOW)
            # This one gets the higher id but is committed first.
            ledger.append(KEY, "2026-09", "opened", happened_at=NOW, recorded_at=NOW)
            taken = pool.submit(ledger.checkpoint, NOW)
            while not taken.done() and not _somebody_waits(ledger):
                time.sleep(0.01)
        taken.result()
    with ledger.reading() as connection:
        assert connection.scalar(select(checkpoint.c.events)) == 4
    assert verify_ledger(ledger) == []


def test_a_change_of_level_and_a_pass_never_wait_for_one_another(ledger: Ledger) -> None:
    """A pass locks by id. What an event opens is entered in the order of its due times, here the other way round than by key."""
    event = Event("incident-1", INCIDENT, "重大", "演示事故", NOW, NOW, None, {})
    ledger.report(event, NOW)
    keys = ("demo/incident-press-conference", "demo/incident-bulletin")
    rows = []
    for key in keys:
        due = DueDate(NOW, NOW + DAY, False, NOW + DAY, NOW + DAY, ("24小时",))
        opened = Occurrence(key, Period(event.id, NOW.date(), NOW.date()), NOW, NOW + DAY, due)
        duty = load_one(INCLUDE / "obligations" / "catalogue", key)
        rows.append(ledger.expect(duty, opened, historical=False, now=NOW, **VERSIONS))
    assert rows[0].id < rows[1].id
    with ThreadPoolExecutor(1) as pool:
        with ledger.writing() as connection:
            lock(connection, [rows[0].id])
            raised = replace(event, level="特别重大", reported_at=NOW + timedelta(hours=1))
            told = pool.submit(ledger.report, raised, NOW + timedelta(hours=1))
            while not told.done() and not _somebody_waits(ledger):
                time.sleep(0.01)
            assert set(lock(connection, [row.id for row in rows])) == {row.id for row in rows}
        assert told.result().level_changed
    assert [[each.kind for each in ledger.events(key, event.id)] for key in keys] == [["expected", "level_changed"]] * 2
    assert verify_ledger(ledger) == []


def _somebody_waits(ledger: Ledger) -> bool:
    """Whether a connection to this ledger waits for a lock; other tests use the same server."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with ledger.reading() as connection:
        return bool(connection.scalar(text(waiting)))

"""Opening, making and migrating a ledger on SQLite; what PostgreSQL does is in ``tests/services``."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, insert, inspect, select, text
from sqlalchemy.event import listens_for
from sqlalchemy.exc import OperationalError

from obligations.rules.catalogue import load_one
from obligations.steps.ledger import (
    Act,
    Ledger,
    Outbox,
    PurgedFile,
    Sweeps,
    act_many,
    migrate,
    open_ledger,
    purge,
    verify_ledger,
)
from obligations.steps.ledger.engine import REVISION, alembic_config, connect, ledger_url
from obligations.steps.ledger.tables import checkpoint, metadata
from obligations.words.contacts import Role
from obligations.words.errors import LedgerNotReady, UnusableInput
from obligations.words.notices import NewNotice
from obligations.words.occurrence import DueDate, Occurrence, Period
from obligations.words.times import SHANGHAI

pytestmark = pytest.mark.usefixtures("migrated_anew")
INCLUDE = Path(__file__).parents[2] / "include"
OPEN = """
import sys
from obligations.steps.ledger import open_ledger
sys.stdin.readline()
with open_ledger(sys.argv[1]) as ledger:
    print(ledger.occurrence("demo/fiscal-monthly", "2026-09"))
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "台账 100%" / "ledger.db"


@pytest.fixture
def connection(file: Path) -> Iterator[Connection]:
    migrate(f"sqlite:///{file}")
    engine = connect(ledger_url(f"sqlite:///{file}"))
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def test_an_absent_ledger_is_made_on_first_use_and_leaves_nothing_beside_it(file: Path) -> None:
    with open_ledger(f"sqlite:///{file}") as ledger:
        assert ledger.rows(now=datetime(2026, 1, 1, tzinfo=UTC), is_working_day=lambda _: True) == []
    assert [path.name for path in file.parent.iterdir()] == ["ledger.db"]


def test_a_ledger_waits_in_line_for_thirty_seconds_and_keeps_every_commit(connection: Connection) -> None:
    names = ("journal_mode", "busy_timeout", "foreign_keys", "synchronous")
    found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names}
    assert found == {"journal_mode": "wal", "busy_timeout": 30_000, "foreign_keys": 1, "synchronous": 2}


def test_eight_processes_may_make_the_same_absent_ledger_at_once(file: Path) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN, f"sqlite:///{file}"],
            env={"PYTHONPATH": str(INCLUDE)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(8)
    ]
    for process in started:  # all are up before any may begin
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=120) for process in started]
    assert [(process.returncode, *answer) for process, answer in zip(started, answers, strict=True)] == [
        (0, "None\n", "")
    ] * 8


def test_what_a_killed_process_left_half_made_is_made_anew(file: Path) -> None:
    file.parent.mkdir()
    for name in (".ledger.db.new", ".ledger.db.new-wal"):
        (file.parent / name).write_bytes(b"half a ledger")
    with open_ledger(f"sqlite:///{file}") as ledger:
        assert ledger.occurrence("demo/fiscal-monthly", "2026-09") is None
    assert [path.name for path in file.parent.iterdir()] == ["ledger.db"]


def test_no_new_ledger_is_made_beside_the_journal_of_one_that_is_gone(file: Path) -> None:
    with open_ledger(f"sqlite:///{file}") as ledger:
        fill(ledger)
    with closing(sqlite3.connect(file)) as writer:
        writer.execute("PRAGMA wal_autocheckpoint = 0")
        writer.execute("INSERT INTO sweep (at, facts) VALUES ('2026-10-01 01:00:00.000000', '{}')")
        writer.commit()
        journal = file.with_name("ledger.db-wal").read_bytes()
    file.unlink()
    file.with_name("ledger.db-wal").write_bytes(journal)
    with pytest.raises(LedgerNotReady, match=r"请从备份恢复台账，确要另建的，先把 ledger\.db-wal 移到别处"):
        open_ledger(f"sqlite:///{file}")
    assert [path.name for path in file.parent.iterdir()] == ["ledger.db-wal"]
    file.with_name("ledger.db-wal").unlink()
    with open_ledger(f"sqlite:///{file}") as ledger:
        assert Sweeps(ledger).last() is None


@pytest.mark.parametrize(
    "url", ["ledger.db", "sqlite://", "sqlite:///:memory:", "sqlite:///file:a?uri=true", "mysql://a:geheim@b/c"]
)
def test_an_address_that_is_no_file_and_no_postgresql_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(UnusableInput, match="台账") as refusal:
        open_ledger(url)
    assert "geheim" not in str(refusal.value)


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (["CREATE TABLE something_else (id INTEGER)"], "还没有建表；请先运行 obligations migrate"),
        (
            ["CREATE TABLE ledger_version (version_num TEXT)", "INSERT INTO ledger_version VALUES ('0000')"],
            f"的版本是 0000，本程序需要 {REVISION}；请先运行 obligations migrate",
        ),
        (
            ["CREATE TABLE ledger_version (version_num TEXT)", "INSERT INTO ledger_version VALUES ('9999')"],
            "请先升级本程序",
        ),
    ],
    ids=["foreign", "older", "newer"],
)
def test_a_database_that_is_not_a_ledger_of_this_revision_is_refused(
    tmp_path: Path, statements: list[str], said: str
) -> None:
    with sqlite3.connect(tmp_path / "other.db") as other:
        for statement in statements:
            other.execute(statement)
    other.close()
    with pytest.raises(LedgerNotReady) as refusal:
        open_ledger(f"sqlite:///{tmp_path / 'other.db'}")
    assert said in str(refusal.value)


def test_migrate_makes_the_tables_in_an_empty_file_and_again_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    assert [migrate(url), migrate(url)] == [REVISION, REVISION]
    with open_ledger(url) as ledger:
        assert ledger.occurrence("demo/fiscal-monthly", "2026-09") is None


def test_migrate_refuses_the_ledger_of_a_newer_program(file: Path, connection: Connection) -> None:
    connection.execute(text("UPDATE ledger_version SET version_num = '9999'"))
    connection.commit()
    with pytest.raises(LedgerNotReady, match="请先升级本程序"):
        migrate(f"sqlite:///{file}")


def test_the_revision_written_in_the_program_is_the_newest_migration(connection: Connection) -> None:
    assert ScriptDirectory.from_config(alembic_config(connection)).get_heads() == [REVISION]


def test_the_migrations_make_exactly_the_tables_that_the_program_reads(connection: Connection) -> None:
    context = MigrationContext.configure(connection, opts={"version_table": "ledger_version"})
    assert compare_metadata(context, metadata) == []


def test_the_migrations_run_down_to_nothing_and_up_again(connection: Connection) -> None:
    before = connection.execute(text("SELECT type, name, sql FROM sqlite_master ORDER BY name")).all()
    command.downgrade(alembic_config(connection), "base")
    assert inspect(connection).get_table_names() == ["ledger_version"]
    command.upgrade(alembic_config(connection), "head")
    assert connection.execute(text("SELECT type, name, sql FROM sqlite_master ORDER BY name")).all() == before


def test_the_second_migration_keeps_every_row_of_the_first_and_runs_down_with_rows_in_its_own(file: Path) -> None:
    filled = f"sqlite:///{file}"
    with open_ledger(filled) as ledger:
        fill(ledger)
    before = contents(file)
    step(filled, "downgrade", "0001")
    with closing(sqlite3.connect(file)) as old:
        old.execute("INSERT INTO notice VALUES (1, 1, 'due', 'zhang', 'email', 'queued', 'm', '', '', NULL, NULL, 0)")
        old.commit()
    kept = contents(file)
    assert {name: before[name] for name in ("document", "occurrence", "event", "draft")} == {
        name: kept[name] for name in ("document", "occurrence", "event", "draft")
    }
    assert migrate(filled) == REVISION
    with open_ledger(filled) as ledger:
        assert contents(file)["notice"] == []
        # The events are all there; the tombstone that went with the table is missed.
        assert verify_ledger(ledger) == ["demo/fiscal-monthly 2026-09：第 3 条（purged）登记的文件清除记录已缺失"]


def fill(ledger: Ledger) -> None:
    """Put a row into every table that the second migration makes."""
    now = datetime(2026, 10, 1, 9, tzinfo=SHANGHAI)
    key = "demo/fiscal-monthly"
    due = DueDate(now, now, False, now, now, ("20个工作日",))
    expected = Occurrence(key, Period("2026-09", now.date(), now.date()), now, now, due)
    obligation = load_one(INCLUDE / "obligations" / "catalogue", key)
    row = ledger.expect(
        obligation, expected, calendar_version="2026", catalogue_version="一", historical=False, now=now
    )
    told = NewNotice("due", "到期", "zhang", Role.RESPONSIBLE, ("email",), urgent=False, send_after=now)
    act_many(ledger, [Act(row, notices=(told,))], basis="一", now=now)
    Outbox(ledger).take(now, lease=timedelta(minutes=5))
    Sweeps(ledger).begin(now, {})
    file = PurgedFile("a" * 64, "drafts/1.docx", "draft", 10)
    purge(ledger, key, "2026-09", [file], reason="保存期满", person="演示甲", authority="保存期限表", now=now)


@pytest.mark.parametrize(
    "scheme", ["postgresql+psycopg", "postgresql+asyncpg", "postgresql+pg8000", "sqlite+aiosqlite"]
)
def test_a_driver_that_the_ledger_is_not_written_for_is_refused_with_the_one_to_write_instead(scheme: str) -> None:
    with pytest.raises(UnusableInput) as refused:
        open_ledger(f"{scheme}://user:secret@host/ledger")
    right = {"postgresql": "postgresql+psycopg2", "sqlite": "sqlite+pysqlite"}[scheme.partition("+")[0]]
    assert f"请把开头的“{scheme}”改为“{right}”" in str(refused.value)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["postgresql://u@h/ledger", "postgresql+psycopg2://u@h/ledger", "sqlite+pysqlite:////l.db"]
)
def test_a_driver_that_is_named_or_left_out_is_the_same(url: str) -> None:
    engine = connect(ledger_url(url))
    assert engine.driver in {"psycopg2", "pysqlite"}
    engine.dispose()


def step(url: str, direction: str, revision: str) -> None:
    engine = connect(ledger_url(url))
    with engine.begin() as connection:
        getattr(command, direction)(alembic_config(connection), revision)
    engine.dispose()


def contents(file: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(file)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in names}  # noqa: S608 - our own


def test_an_instant_is_stored_as_utc_and_comes_back_in_shanghai(connection: Connection) -> None:
    at = datetime(2026, 9, 30, 23, 50, 0, 123456, tzinfo=SHANGHAI)
    values = {"day": at.date(), "last_event_id": 0, "events": 0, "root": "", "previous_hash": "", "hash": ""}
    connection.execute(insert(checkpoint).values(taken_at=at, **values))
    assert connection.scalar(text("SELECT taken_at FROM checkpoint")) == "2026-09-30 15:50:00.123456"
    found = connection.scalars(select(checkpoint.c.taken_at)).one()
    assert (found, found.tzinfo) == (at, SHANGHAI)


@pytest.mark.parametrize(("patience", "query"), [(2, ""), (600, "?connect_timeout=2")])
def test_a_server_that_takes_a_connection_and_says_nothing_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, patience: int, query: str
) -> None:
    """As behind a load balancer whose database hangs; the address may say how long to wait."""
    monkeypatch.setattr("obligations.steps.ledger.engine._BUSY_SECONDS", patience)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/ledger{query}"
        with pytest.raises(OperationalError, match="timeout expired"):
            open_ledger(url)


def test_a_server_that_dies_in_mid_answer_is_given_up_within_a_minute_unless_the_address_says_otherwise() -> None:
    engine = connect(ledger_url("postgresql://nobody@127.0.0.1:1/ledger?keepalives_idle=300"))
    said: dict[str, object] = {}

    @listens_for(engine, "do_connect")
    def refuse(_dialect: object, _record: object, _args: object, parameters: dict[str, object]) -> None:
        said.update(parameters)
        raise ConnectionError

    with pytest.raises(ConnectionError), engine.connect():
        pass
    assert said["keepalives_idle"] == "300"
    assert (said["keepalives_interval"], said["keepalives_count"], said["tcp_user_timeout"]) == (10, 3, 60_000)

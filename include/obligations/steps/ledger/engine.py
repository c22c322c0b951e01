"""Opening and migrating the ledger's database: SQLite in WAL with immediate transactions, or PostgreSQL.

A ledger is never migrated behind its keeper's back: an absent SQLite file is made on first use, anything else that is
not at this program's revision is refused with the command that mends it.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError

from obligations.words.errors import LedgerNotReady, UnusableInput

if TYPE_CHECKING:
    from alembic.config import Config

REVISION = "0004"
"""The newest migration, written here so that opening a ledger need not load Alembic; a test compares the two."""

_MIGRATIONS = Path(__file__).with_name("migrations")
_VERSION_TABLE = "ledger_version"  # not Alembic's default, which Airflow uses where the two share a database
_DRIVERS = {"sqlite": "pysqlite", "postgresql": "psycopg2"}  # bulk writes and types are written for these alone
_EXPECTED = "sqlite:////绝对路径/ledger.db 或 postgresql+psycopg2://用户@主机/库名"
_BUSY_SECONDS = 30
# Of itself the driver waits for ever for a server that takes the connection and says nothing, and the system two hours
# for one that died in the middle of an answer.
_DEAD_AFTER = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 60_000}
_MIGRATION_LOCK = 7_100_401  # any number that is ours: two `migrate` on one PostgreSQL take turns


def ledger_url(url: str) -> URL:
    """Read a ledger's URL; raises UnusableInput for anything but a SQLite file or PostgreSQL through psycopg2."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise UnusableInput(f"台账地址无法识别，应为 {_EXPECTED}") from None
    shown = parsed.render_as_string(hide_password=True)
    backend, _, driver = parsed.drivername.partition("+")
    if backend not in _DRIVERS or (backend == "sqlite" and not _is_file(parsed)):
        raise UnusableInput(
            f"台账地址 {shown} 不可用：台账只能存放在 SQLite 文件或 PostgreSQL 数据库中，应为 {_EXPECTED}"
        )
    if driver not in {"", _DRIVERS[backend]}:
        mended = f"请把开头的“{parsed.drivername}”改为“{backend}+{_DRIVERS[backend]}”，其余不变"
        raise UnusableInput(f"台账地址 {shown} 不可用：本程序不支持驱动 {driver}，{mended}")
    # SQLAlchemy would choose psycopg 3 for a PostgreSQL address that names no driver.
    return parsed if backend == "sqlite" else parsed.set(drivername=f"{backend}+{_DRIVERS[backend]}")


def _is_file(url: URL) -> bool:
    return bool(url.database) and url.database != ":memory:" and not str(url.database).startswith("file:")


def connect(url: URL) -> Engine:
    """Make the engine for one ledger; opens no connection yet."""
    if url.get_backend_name() == "postgresql":
        patience = {"connect_timeout": _BUSY_SECONDS, **_DEAD_AFTER}
        return create_engine(
            url,
            pool_pre_ping=True,
            executemany_mode="values_plus_batch",  # a hundred statements a round trip, so that bulk writes stay short
            connect_args={
                "options": f"-c lock_timeout={_BUSY_SECONDS}s",
                "application_name": "obligations-ledger",
                **{key: url.query.get(key, value) for key, value in patience.items()},
            },
        )
    # One connection a transaction: safe in forked task processes, and cheap for a file.
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": _BUSY_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where _begin_sqlite says, not where the driver guesses
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA recursive_triggers = ON")  # INSERT OR REPLACE, too, must meet the triggers on DELETE
    connection.execute("PRAGMA synchronous = FULL")  # a recorded event survives a power cut


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once: a transaction that reads first and then writes would fail instead of waiting."""
    reads = connection.get_execution_options().get("ledger_reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def for_reading(engine: Engine) -> Engine:
    """Return the same engine for transactions that only read, each seeing one state of the ledger and locking nobody."""
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return engine.execution_options(ledger_reads=True)


def open_engine(url: str) -> Engine:
    """Return an engine on a ledger that is ready for use; makes an absent SQLite ledger.

    Raises LedgerNotReady where the ledger must be migrated first, was written by a newer program, or has gone and left
    its journal behind.
    """
    engine = connect(ledger_url(url))
    try:
        require_ready(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def require_ready(engine: Engine) -> None:
    """Make an absent SQLite ledger; raise LedgerNotReady as ``open_engine`` does.

    An engine that is kept asks this each time it is used, for a ledger may be migrated, or put back, meanwhile.
    """
    if _is_absent(engine.url):
        _create_sqlite(engine.url)
    with for_reading(engine).connect() as connection:
        _require_revision(engine.url, _revision(connection))


def migrate(url: str) -> str:
    """Bring the ledger's tables up to date, making them where there are none; return the revision reached."""
    parsed = ledger_url(url)
    if _is_absent(parsed):
        _create_sqlite(parsed)
    else:
        _upgrade(parsed)
    return REVISION


def alembic_config(connection: Connection) -> Config:
    """Return Alembic's configuration for the ledger's migrations on an open connection."""
    from alembic.config import Config  # here, because it is slow to import and only migrations need it

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("version_table", _VERSION_TABLE)
    config.attributes["connection"] = connection
    return config


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSION_TABLE):
        return None
    found = connection.scalar(text(f"SELECT version_num FROM {_VERSION_TABLE}"))  # noqa: S608 - our own constant
    return None if found is None else str(found)


def _require_revision(url: URL, found: str | None) -> None:
    if found == REVISION:
        return
    shown = url.render_as_string(hide_password=True)
    if found is not None and found > REVISION:
        raise LedgerNotReady(f"台账 {shown} 的版本是 {found}，比本程序认识的 {REVISION} 新；请先升级本程序")
    state = "还没有建表" if found is None else f"的版本是 {found}，本程序需要 {REVISION}"
    raise LedgerNotReady(f"台账 {shown} {state}；请先运行 obligations migrate")


def _upgrade(url: URL) -> None:
    from alembic import command  # here, because it is slow to import and only migrations need it

    engine = connect(url)
    try:
        if url.get_backend_name() == "sqlite":
            _use_wal(Path(str(url.database)))
        with engine.begin() as connection:  # DDL is transactional on both: a failed migration leaves nothing behind
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            if (found := _revision(connection)) is not None and found > REVISION:
                _require_revision(url, found)
            command.upgrade(alembic_config(connection), "head")
    finally:
        engine.dispose()


def _use_wal(path: Path) -> None:
    """Let readers and one writer work side by side; the file remembers it. Not possible inside a transaction."""
    with closing(sqlite3.connect(path, timeout=_BUSY_SECONDS)) as connection:
        (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise LedgerNotReady(
            f"台账 {path} 所在的磁盘不支持 SQLite 的 WAL 模式（多为网络盘）；请放到本机磁盘，或改用 PostgreSQL"
        )


def _is_absent(url: URL) -> bool:
    return url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists()


def _create_sqlite(url: URL) -> None:
    """Make a SQLite ledger under another name and move it into place whole, so that nobody ever opens half of one."""
    path = Path(str(url.database)).absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    with _alone_in(path.parent):
        if path.exists():
            return  # another process was faster
        _require_no_remains(path)
        unfinished = path.with_name(f".{path.name}.new")
        for leftover in path.parent.glob(f"{unfinished.name}*"):
            leftover.unlink()
        _upgrade(url.set(database=str(unfinished)))
        unfinished.replace(path)


def _require_no_remains(path: Path) -> None:
    """Raise LedgerNotReady where a journal outlived its ledger: SQLite would play it into the new one."""
    journal = path.with_name(f"{path.name}-wal")
    if journal.exists() and journal.stat().st_size:
        raise LedgerNotReady(
            f"台账文件 {path} 不见了，旁边却有它的日志 {journal.name}，其中可能有别处没有的记录；请从备份恢复台账，"
            f"确要另建的，先把 {journal.name} 移到别处"
        )


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Hold the lock on a folder, which needs no lock file and goes when the process goes."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)

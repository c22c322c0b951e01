"""Runs the one SELECT of a database source, read-only, and writes the answer as CSV. What it must hold is the contract.

The statement comes from the catalogue, the period is always a bound parameter, and the transaction is read-only where
the database can be told so, and rolled back everywhere. A read-only account is still the department's to give.
"""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlparse
from sqlalchemy import Connection, CursorResult, Engine, text
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlparse import tokens
from sqlparse.sql import Statement

from obligations.steps.gather.patience import ANSWER_SECONDS, within
from obligations.words.errors import CatalogueFault, Fault, SourceNotReady
from obligations.words.obligation import Obligation
from obligations.words.sources import SqlSource

LIMIT_CHARACTERS = 20 * 1024 * 1024
_READ_ONLY = {
    "postgresql": "SET TRANSACTION READ ONLY",
    "mysql": "SET TRANSACTION READ ONLY",
    "mariadb": "SET TRANSACTION READ ONLY",
    "oracle": "SET TRANSACTION READ ONLY",
    "sqlite": "PRAGMA query_only = ON",
}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def require_rows(obligation: Obligation, source: SqlSource, period: str, engine: Engine) -> None:
    """Ask whether the query has any row for the period, reading one.

    Raises SourceNotReady while it has none or the database cannot be reached or does not answer, CatalogueFault for a
    query that fails.
    """

    def ask() -> bool:
        with _answer(obligation, source, period, engine) as rows:
            return rows.first() is not None

    if not within(_patience(engine), source.connection, ask):
        raise SourceNotReady(f"来源数据库 {source.connection} 中还没有 {period} 的数据")


def fetch(obligation: Obligation, source: SqlSource, period: str, engine: Engine) -> bytes:
    """Return the query's rows as CSV: UTF-8, header first, NULL as an empty cell, numbers with every digit.

    Raises as ``require_rows`` does. Reading stops above 20 MB, which the caller refuses as too large.
    """
    page, count = within(_patience(engine), source.connection, lambda: _read(obligation, source, period, engine))
    if count == 0:
        raise SourceNotReady(f"来源数据库 {source.connection} 中还没有 {period} 的数据")
    return page.encode()


def _read(obligation: Obligation, source: SqlSource, period: str, engine: Engine) -> tuple[str, int]:
    with _answer(obligation, source, period, engine) as rows:
        page = io.StringIO(newline="")
        writer = csv.writer(page, lineterminator="\n")
        writer.writerow(rows.keys())
        count = 0
        for row in rows:
            writer.writerow([_cell(obligation, source, value) for value in row])
            count += 1
            if page.tell() > LIMIT_CHARACTERS:
                break
    return page.getvalue(), count


def _patience(engine: Engine) -> float:
    """Return seconds; an engine may be given its own as the execution option ``answers_within``."""
    return float(engine.get_execution_options().get("answers_within", ANSWER_SECONDS))


def require_one_select(obligation: Obligation, source: SqlSource) -> None:
    """Raise CatalogueFault unless the query is one SELECT that writes nothing and binds ``:period``, and only that."""
    bare = sqlparse.format(source.query, strip_comments=True)
    statements = [part for part in sqlparse.parse(bare) if str(part).strip(" \t\r\n;")]
    words = [token for part in statements for token in part.flatten()]  # type: ignore[no-untyped-call]
    writes = any(
        (token.ttype in tokens.DML and token.normalized != "SELECT")
        or token.ttype in tokens.DDL
        or (token.ttype in tokens.Keyword and token.normalized in {"INTO", "EXEC", "EXECUTE", "CALL", "GRANT", "LOCK"})
        for token in words
    )
    if len(statements) != 1 or _kind(statements[0]) != "SELECT" or writes:
        raise _fault(obligation, source, "一条只读的 SELECT 语句")
    if set(text(source.query).compile().params) != {"period"}:
        raise _fault(obligation, source, "用 :period 作为唯一参数的查询，例如 … WHERE 期间 = :period")


def _kind(statement: Statement) -> str:
    return str(statement.get_type())  # type: ignore[no-untyped-call]


@contextmanager
def _answer(obligation: Obligation, source: SqlSource, period: str, engine: Engine) -> Iterator[CursorResult[Any]]:
    require_one_select(obligation, source)
    try:
        with _connection(source, engine) as connection:
            yield connection.execution_options(stream_results=True).execute(text(source.query), {"period": period})
    except OperationalError as error:
        if engine.dialect.name == "sqlite" and getattr(error.orig, "sqlite_errorcode", None) not in _BUSY:
            raise _failed(obligation, source, error) from error  # SQLite says "no such table" in this class too
        raise SourceNotReady(f"来源数据库 {source.connection} 暂时不能查询（{_reason(error)}）") from error
    except DBAPIError as error:
        raise _failed(obligation, source, error) from error


@contextmanager
def _connection(source: SqlSource, engine: Engine) -> Iterator[Connection]:
    """Open a connection that cannot write, and leave nothing behind."""
    file = engine.url.database
    if engine.dialect.name == "sqlite" and file and file != ":memory:" and not Path(file).exists():
        raise SourceNotReady(f"来源数据库 {source.connection} 还没有建立")  # connecting would create an empty one
    try:
        connection = engine.connect()
    except SQLAlchemyError as error:
        raise SourceNotReady(f"来源数据库 {source.connection} 暂时连接不上（{_reason(error)}）") from error
    with connection:
        if statement := _READ_ONLY.get(connection.dialect.name):
            connection.execute(text(statement))
        try:
            yield connection
        finally:
            if not connection.invalidated:
                connection.rollback()
                if connection.dialect.name == "sqlite":
                    connection.execute(text("PRAGMA query_only = OFF"))  # the pragma outlives the transaction


def _cell(obligation: Obligation, source: SqlSource, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f")
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        raise _fault(obligation, source, "只查询文字、数字和日期列，不含二进制列")
    return str(value)


def _reason(error: SQLAlchemyError) -> str:
    """Return the database's own words, first line, without the statement or address that SQLAlchemy adds."""
    return str(getattr(error, "orig", None) or error).strip().split("\n", 1)[0]


def _failed(obligation: Obligation, source: SqlSource, error: DBAPIError) -> CatalogueFault:
    return _fault(
        obligation, source, f"能在来源数据库 {source.connection} 上执行的查询（数据库答复：{_reason(error)}）"
    )


def _fault(obligation: Obligation, source: SqlSource, expected: str) -> CatalogueFault:
    return CatalogueFault((Fault(f"{obligation.key}.yaml", "source.query", source.query, expected, (obligation.key,)),))

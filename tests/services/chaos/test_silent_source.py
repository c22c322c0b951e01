"""A department's database that falls silent in the middle of a query: waited for as long as is sensible, then asked again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

import pytest
from network_pipe import Pipe, pipe_to
from servers import Server, postgresql_server
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from obligations.orchestration.settings import PACKAGE
from obligations.rules.catalogue import load_one
from obligations.steps.gather import Sources, gather, what_is_missing
from obligations.words.errors import SourceNotReady
from obligations.words.occurrence import Period
from obligations.words.publication import Column, DataContract
from obligations.words.sources import SqlSource
from obligations.words.times import SHANGHAI

NOW = datetime(2017, 7, 6, 9, 30, tzinfo=SHANGHAI)
JUNE = Period("2017-06", date(2017, 6, 1), date(2017, 6, 30))
CONTRACT = DataContract(columns=(Column("期间", "text", "期间"), Column("数额", "number", "数字")), unique=("期间",))
SECONDS = 1.5
PATIENCE = 60.0  # seconds; where the source is not silent, a busy machine is no reason to give up


@pytest.fixture(scope="module")
def database() -> Iterator[Server]:
    with postgresql_server() as server:
        engine = create_engine(f"postgresql+psycopg2://postgres@127.0.0.1:{server.port}/postgres")
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE 财政收支 (期间 text, 数额 numeric)"))
            connection.execute(text("INSERT INTO 财政收支 VALUES ('2017-06', 258912.5)"))
        engine.dispose()
        yield server


@pytest.fixture
def pipe(database) -> Iterator[Pipe]:
    with pipe_to(database.port) as found:
        yield found


def test_a_source_that_falls_silent_is_waited_for_no_longer_than_its_time(tmp_path, pipe):
    query = "SELECT 期间, 数额 FROM 财政收支 WHERE 期间 = :period"
    fiscal = load_one(PACKAGE / "catalogue", "demo/fiscal-monthly")
    obligation = fiscal.model_copy(update={"source": SqlSource(kind="sql", connection="silent", query=query)})
    address = f"postgresql+psycopg2://postgres@127.0.0.1:{pipe.port}/postgres"
    patience = {"answers_within": PATIENCE}

    def engine_for(_: str):
        return create_engine(address, poolclass=NullPool, execution_options=dict(patience))

    sources = Sources(tmp_path / "inbox", tmp_path / "store", tmp_path / "quarantine", engine_for)
    found = gather(obligation, JUNE, CONTRACT, sources=sources, now=NOW)
    pipe.pause("back")
    patience["answers_within"] = SECONDS
    began = time.monotonic()
    with pytest.raises(SourceNotReady, match="没有应答"):
        gather(obligation, JUNE, CONTRACT, sources=sources, now=NOW)
    assert time.monotonic() - began >= SECONDS
    assert "对上一次查询还没有应答" in what_is_missing(obligation, JUNE.key, sources, NOW), "one question at a time"
    pipe.resume()
    patience["answers_within"] = PATIENCE
    end = time.monotonic() + PATIENCE
    while what_is_missing(obligation, JUNE.key, sources, NOW) is not None:
        assert time.monotonic() < end
        time.sleep(0.1)
    assert replace(gather(obligation, JUNE, CONTRACT, sources=sources, now=NOW), path="") == replace(found, path="")

"""The waiting trigger, really run on an event loop over real files and a real database; pauses are counted, not waited."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import sqlite3
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import pytest
from airflow.triggers.base import TriggerEvent

from obligations.orchestration.sources import arrival
from obligations.orchestration.sources.arrival import SourceArrival
from obligations.orchestration.sources.polling import Answer, Awaited, Finding, SharedPolls, pauses
from obligations.words.errors import UnusableInput

DOCUMENT = """
jurisdiction: {slug: demo, name: 演示单位, level: demo}
document: {title: 要点, issued_by: 办公厅, in_force_from: 2017-05-04}
departments: [{name: 财政局}]
"""
OBLIGATION = """
title: 按月公开
clause: 一
quote: 按月公開
duty: publish
departments: [财政局]
publication: fiscal-monthly
clock: {kind: recurring, rule: FREQ=MONTHLY}
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "catalogue" / "demo"
    folder.mkdir(parents=True)
    (folder / "_document.yaml").write_text(DOCUMENT)
    (folder / "inbox.yaml").write_text(OBLIGATION + "source: {kind: inbox}\n")
    query = "SELECT * FROM fiscal WHERE period = :period"
    (folder / "database.yaml").write_text(
        OBLIGATION + f"source: {{kind: sql, connection: finance, query: '{query}'}}\n"
    )
    monkeypatch.setenv("OBLIGATIONS_HOME", str(tmp_path))
    monkeypatch.setenv("OBLIGATIONS_CATALOGUE", str(tmp_path / "catalogue"))
    return tmp_path


class Pauses:
    """Stands in for sleep: notes each length, runs what is to happen meanwhile, and lets other tasks run."""

    def __init__(self, meanwhile: Mapping[int, Callable[[], object]] | None = None) -> None:
        self.lengths: list[float] = []
        self.meanwhile = meanwhile or {}

    async def __call__(self, seconds: float) -> None:
        self.lengths.append(seconds)
        self.meanwhile.get(len(self.lengths), lambda: None)()
        await asyncio.sleep(0)


def shared(monkeypatch: pytest.MonkeyPatch, sleep: Pauses) -> SharedPolls:
    polls = SharedPolls(sleep)
    monkeypatch.setattr(arrival, "POLLS", polls)
    return polls


async def fire(trigger: SourceArrival) -> list[TriggerEvent]:
    return [event async for event in trigger.run()]


def drop(home: Path, name: str) -> None:
    file = home / "inbox" / "demo" / "inbox" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("a,b\n1,2\n")
    os.utime(file, (1, 1))


def test_the_trigger_survives_a_round_through_json() -> None:
    path, arguments = SourceArrival("demo/inbox", "2017-06").serialize()
    module, _, name = path.rpartition(".")
    assert (module, name) == (SourceArrival.__module__, SourceArrival.__name__)
    assert SourceArrival(**json.loads(json.dumps(arguments))).serialize() == (path, arguments)


def test_it_fires_once_when_the_file_has_appeared(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sleep = Pauses({3: lambda: drop(home, "2017-06.csv")})
    shared(monkeypatch, sleep)
    events = asyncio.run(fire(SourceArrival("demo/inbox", "2017-06")))
    assert [event.payload for event in events] == [{"key": "demo/inbox", "period": "2017-06", "arrived": True}]
    assert sleep.lengths[:3] == [5, 10, 20]


def test_what_is_missing_is_said_once_until_it_changes(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Thousands wait: a line a round and occurrence kept the triggerer busier than waiting itself."""
    folder_appears, file_appears = (lambda: drop(home, "2017-05.csv")), (lambda: drop(home, "2017-06.csv"))
    shared(monkeypatch, Pauses({3: folder_appears, 6: file_appears}))
    asyncio.run(fire(SourceArrival("demo/inbox", "2017-06")))
    said = [line for line in capsys.readouterr().out.splitlines() if "到达前一再查看" in line]
    assert len(said) == 2
    assert "收件夹 demo/inbox 还没有建立" in said[0]
    assert "收件夹 demo/inbox 中还没有文件 2017-06.*" in said[1]


def test_it_fires_when_the_row_has_appeared_in_the_database(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = home / "finance.sqlite3"
    monkeypatch.setenv("OBLIGATIONS_SOURCE_FINANCE", f"sqlite:///{file}")

    def create() -> None:
        connection = sqlite3.connect(file)
        connection.execute("CREATE TABLE fiscal (period TEXT)")
        connection.close()

    def insert() -> None:
        connection = sqlite3.connect(file)
        connection.execute("INSERT INTO fiscal VALUES ('2017-06')")
        connection.commit()
        connection.close()

    sleep = Pauses({1: create, 2: insert})
    shared(monkeypatch, sleep)
    events = asyncio.run(fire(SourceArrival("demo/database", "2017-06")))
    assert events[0].payload["arrived"] is True
    assert sleep.lengths[:2] == [5, 10]


@pytest.mark.parametrize(
    ("key", "message"),
    [("demo/database", "没有名为 finance 的数据来源连接"), ("demo/absent", "目录中没有公开事项“demo/absent”")],
)
def test_what_waiting_cannot_mend_goes_back_to_the_task_after_a_minute(
    home: Path, monkeypatch: pytest.MonkeyPatch, key: str, message: str
) -> None:
    sleep = Pauses()
    shared(monkeypatch, sleep)
    events = asyncio.run(fire(SourceArrival(key, "2017-06")))
    assert len(events) == 1
    assert events[0].payload["arrived"] is False
    assert events[0].payload["message"].startswith(message)
    assert 60 in sleep.lengths


def test_a_source_that_is_already_there_fires_without_a_pause(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sleep = Pauses()
    shared(monkeypatch, sleep)
    drop(home, "2017-06.csv")
    assert asyncio.run(fire(SourceArrival("demo/inbox", "2017-06")))[0].payload["arrived"] is True


def test_a_waiting_trigger_can_be_cancelled_and_leaves_no_poll_behind(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> int:
        waiting = asyncio.create_task(fire(SourceArrival("demo/inbox", "2017-06")))
        await asyncio.wait_for(asked.wait(), 30)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await asyncio.sleep(0)
        return len(asyncio.all_tasks()) - 1

    asked = asyncio.Event()
    monkeypatch.setattr(arrival, "POLLS", SharedPolls(lambda _: note_and_wait(asked)))
    assert asyncio.run(main()) == 0


async def note_and_wait(asked: asyncio.Event) -> None:
    asked.set()
    await asyncio.Event().wait()


def test_the_pauses_double_from_five_seconds_to_ten_minutes() -> None:
    assert list(itertools.islice(pauses(), 9)) == [5, 10, 20, 40, 80, 160, 320, 540, 540]


class Source:
    """A source that notes each round of questions and says what has arrived."""

    def __init__(self) -> None:
        self.rounds: list[set[Awaited]] = []
        self.arrived: dict[Awaited, Finding] = {}

    async def check(self, awaited: Collection[Awaited]) -> dict[Awaited, Finding]:
        self.rounds.append(set(awaited))
        await asyncio.sleep(0)
        return {one: self.arrived.get(one, "还没有") for one in awaited}


async def follow(polls: SharedPolls, source: Source, awaited: Awaited, key: str = "same") -> list[Answer]:
    return [answer async for answer in polls.follow(key, awaited, source.check)]


JUNE, JULY = ("demo/inbox", "2017-06"), ("demo/inbox", "2017-07")


def test_all_who_wait_for_one_source_share_every_check() -> None:
    source = Source()
    sleep = Pauses({3: lambda: source.arrived.update({JUNE: None, JULY: None})})

    async def main() -> list[list[Answer]]:
        polls = SharedPolls(sleep)
        return await asyncio.gather(*(follow(polls, source, awaited) for awaited in (JUNE, JULY, JUNE)))

    everyone = asyncio.run(main())
    assert source.rounds == [{JUNE, JULY}] * 4
    assert [answer.missing for answer in everyone[0]] == ["还没有", "还没有", "还没有", None]


def test_sources_that_differ_are_polled_apart() -> None:
    source = Source()
    source.arrived = {JUNE: None, JULY: None}

    async def main() -> None:
        polls = SharedPolls(Pauses())
        await asyncio.gather(follow(polls, source, JUNE, "one"), follow(polls, source, JULY, "other"))

    asyncio.run(main())
    assert sorted(source.rounds, key=str) == [{JUNE}, {JULY}]


def test_a_newcomer_is_asked_for_at_once_and_the_pauses_start_afresh() -> None:
    source = Source()
    lengths: list[float] = []
    fourth, release = asyncio.Event(), asyncio.Event()

    async def sleep(seconds: float) -> None:
        lengths.append(seconds)
        if len(lengths) == 4:
            fourth.set()
            await release.wait()  # would be a pause of 40 s: only the newcomer ends it

    async def main() -> None:
        polls = SharedPolls(sleep)
        first = asyncio.create_task(follow(polls, source, JUNE))
        await asyncio.wait_for(fourth.wait(), 30)
        source.arrived = {JUNE: None, JULY: None}
        await asyncio.wait_for(asyncio.gather(first, follow(polls, source, JULY)), 30)

    asyncio.run(main())
    assert lengths[:5] == [5, 10, 20, 40, 5]
    assert source.rounds[-1] == {JUNE, JULY}


def test_one_waiters_trouble_is_not_the_others() -> None:
    source = Source()
    source.arrived = {JUNE: UnusableInput("查询写错了"), JULY: None}

    async def main() -> list[object]:
        polls = SharedPolls(Pauses())
        waiting = (follow(polls, source, JUNE), follow(polls, source, JULY))
        return list(await asyncio.gather(*waiting, return_exceptions=True))

    june, july = asyncio.run(main())
    assert isinstance(june, UnusableInput)
    assert july == [Answer(None, 5)]


def test_a_check_that_breaks_is_raised_by_everyone_and_the_next_waiter_starts_anew() -> None:
    calls = itertools.count()

    async def check(awaited: Collection[Awaited]) -> dict[Awaited, Finding]:
        if next(calls) == 0:
            raise RuntimeError("broken")
        return dict.fromkeys(awaited)

    async def main() -> list[object]:
        polls = SharedPolls(Pauses())

        async def one(awaited: Awaited) -> list[Answer]:
            return [answer async for answer in polls.follow("same", awaited, check)]

        broken = await asyncio.gather(one(JUNE), one(JULY), return_exceptions=True)
        return [*broken, await one(JUNE)]

    first, second, third = asyncio.run(main())
    assert isinstance(first, RuntimeError)
    assert isinstance(second, RuntimeError)
    assert third == [Answer(None, 5)]

"""The trigger that waits for a page, really run on an event loop over a real ledger and site; pauses are counted, not waited."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from airflow.triggers.base import TriggerEvent
from public_pages import KEY, PERIOD, shown
from websites import Reply

from obligations.orchestration.publication import sighting
from obligations.orchestration.publication.sighting import LEDGER_PAUSE_SECONDS, PageSighted, what_is_missing
from obligations.orchestration.sources.polling import SharedPolls
from obligations.words.times import SHANGHAI

NOW = datetime.now(SHANGHAI)  # the trigger reads the real clock, and is patient for three days
STUCK = 600  # seconds
FINISHED = {"key": KEY, "period": PERIOD, "over": True}


class Pauses:
    """Stands in for sleep: notes the pauses between looks, and does what is to happen after the n-th of them.

    The ledger's pauses are never longer than 15 s; a look's that are shorter are told apart by who asks first.
    """

    def __init__(self, after: dict[int, Callable[[], object]]) -> None:
        self.looks: list[float] = []
        self.after = after

    async def look(self, seconds: float) -> None:
        self.looks.append(seconds)
        self.after.get(len(self.looks), lambda: None)()
        await asyncio.sleep(0)

    async def ledger(self, seconds: float) -> None:
        assert seconds <= LEDGER_PAUSE_SECONDS
        await asyncio.sleep(0.02)


class Polls(SharedPolls):
    """Shared polls whose own pauses are the ledger's, and whose ``sleep`` as others call it is a look's."""

    def __init__(self, pauses: Pauses) -> None:
        super().__init__(pauses.look, LEDGER_PAUSE_SECONDS)
        self._pauses = pauses

    async def _rest(self, poll, pause: float) -> None:
        await self._pauses.ledger(pause)


def wait(monkeypatch: pytest.MonkeyPatch, after: dict[int, Callable[[], object]]) -> tuple[TriggerEvent, list[float]]:
    pauses = Pauses(after)
    monkeypatch.setattr(sighting, "POLLS", Polls(pauses))

    async def main() -> list[TriggerEvent]:
        before = asyncio.all_tasks()
        events = [event async for event in PageSighted(KEY, PERIOD).run()]
        while asyncio.all_tasks() != before:  # nothing goes on behind it
            await asyncio.sleep(0.01)
        return events

    (event,) = asyncio.run(asyncio.wait_for(main(), STUCK))
    return event, pauses.looks


def test_it_survives_a_round_through_json():
    path, arguments = PageSighted(KEY, PERIOD).serialize()
    module, _, name = path.rpartition(".")
    assert (module, name) == (PageSighted.__module__, PageSighted.__name__)
    assert PageSighted(**json.loads(json.dumps(arguments))).serialize() == (path, arguments)


def test_it_fires_once_when_the_page_is_there_and_has_proven_it(public_office, site, monkeypatch):
    public_office.publish(NOW)
    event, looks = wait(monkeypatch, {4: lambda: site.pages.update({"/1.html": shown()})})
    assert event.payload == FINISHED
    assert looks == [5, 10, 20, 40]
    assert public_office.row().stage_label == "已公开"
    assert public_office.row().met_at > NOW, "first seen now, not when it was entered"
    (looked,) = public_office.events("looked")
    assert (looked.payload["outcome"], looked.payload["run_id"]) == ("not_found", "run")


def test_between_looks_it_never_pauses_longer_than_half_an_hour(public_office, site, monkeypatch):
    public_office.publish(NOW)
    site.pages["/1.html"] = Reply(b"", 403)
    _, looks = wait(monkeypatch, {13: lambda: site.pages.update({"/1.html": shown()})})
    assert looks == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 1800, 1800, 1800, 1800]
    assert [event.payload["outcome"] for event in public_office.events("looked")] == ["blocked"]


def test_evidence_that_the_office_accepts_ends_the_wait_at_once(public_office, site, monkeypatch):
    public_office.publish(NOW)

    async def never(seconds: float) -> None:
        public_office.accept(datetime.now(SHANGHAI), NOW)
        await asyncio.Event().wait()

    pauses = Pauses({})
    pauses.look = never
    monkeypatch.setattr(sighting, "POLLS", Polls(pauses))

    async def main() -> list[TriggerEvent]:
        return [event async for event in PageSighted(KEY, PERIOD).run()]

    (event,) = asyncio.run(asyncio.wait_for(main(), STUCK))
    assert (event.payload, site.requests) == (FINISHED, [])


def test_a_withdrawal_ends_the_wait(public_office, site, monkeypatch):
    address = public_office.publish(NOW)
    event, _ = wait(monkeypatch, {2: lambda: public_office.say("withdrawn", datetime.now(SHANGHAI), address=address)})
    assert event.payload == FINISHED


def test_patience_ends_three_days_after_the_publication_was_registered(public_office):
    public_office.publish(NOW)
    events = public_office.events()
    assert what_is_missing(events, NOW + timedelta(days=3, seconds=-1)) == "已发布，待核验"
    assert what_is_missing(events, NOW + timedelta(days=3)) is None


def test_an_old_publication_is_handed_back_at_once(public_office, site, monkeypatch):
    public_office.publish(NOW - timedelta(days=4))
    event, _ = wait(monkeypatch, {})
    assert (event.payload, site.requests) == (FINISHED, [])


def test_a_publication_of_a_run_that_is_over_is_no_longer_waited_for(public_office, site, monkeypatch):
    public_office.publish(NOW)
    public_office.approve(NOW, version=2)
    event, _ = wait(monkeypatch, {})
    assert event.payload == FINISHED


def test_a_faulty_catalogue_is_handed_back_to_the_task(public_office, site, monkeypatch, tmp_path):
    public_office.publish(NOW)
    (tmp_path / "catalogue" / "county" / "monthly.yaml").write_text("colour: red\n", "utf-8")
    event, _ = wait(monkeypatch, {})
    assert event.payload["over"] is False
    assert "monthly.yaml" in event.payload["message"]


def test_pages_of_one_host_are_looked_at_one_after_the_other(public_office, monkeypatch):
    """Two triggers, one host: while one look runs, the other waits for it."""
    public_office.publish(NOW)
    running, most = 0, 0

    def look_again(key: str, period: str) -> str | None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        time.sleep(0.05)
        running -= 1
        return None

    pauses = Pauses({})
    monkeypatch.setattr(sighting, "POLLS", Polls(pauses))
    monkeypatch.setattr(sighting, "_look_again", look_again)

    async def one() -> list[TriggerEvent]:
        return [event async for event in PageSighted(KEY, PERIOD).run()]

    async def main() -> None:
        await asyncio.gather(*(one() for _ in range(4)))

    asyncio.run(asyncio.wait_for(main(), STUCK))
    assert most == 1

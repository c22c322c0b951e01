"""The trigger a waiting ``verify`` defers to: looks at the page ever less often, and resumes the task when it is proven.

Beside it the ledger is asked every few seconds, by all waiting pages together, so that evidence which the office accepts
ends the wait at once. Pages of one host are looked at one after the other. What a look finds ``proving`` says in the
ledger; here nothing is judged. After three days the task is resumed and fails as 待核验; evidence still ends that.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from airflow.triggers.base import TriggerEvent

from obligations.orchestration.publication.looking import looker
from obligations.orchestration.publication.proving import is_withdrawn, prove, verified_by
from obligations.orchestration.runs.claims import last_claim
from obligations.orchestration.runs.triggers import OccurrenceTrigger
from obligations.orchestration.settings import Settings
from obligations.orchestration.sources.polling import Awaited, Finding, SharedPolls, pauses
from obligations.orchestration.work import open_work
from obligations.rules.catalogue import load_one
from obligations.steps.ledger import LedgerEvent, open_ledger
from obligations.steps.verify.addresses import web_host
from obligations.words.errors import ObligationsError
from obligations.words.times import SHANGHAI

PATIENCE = timedelta(days=3)
"""From when the publication was registered."""
LONGEST_PAUSE_SECONDS = 1800.0
LEDGER_PAUSE_SECONDS = 15.0
POLLS = SharedPolls(longest=LEDGER_PAUSE_SECONDS)
log = logging.getLogger(__name__)
_TURNS: WeakKeyDictionary[asyncio.AbstractEventLoop, defaultdict[str, asyncio.Lock]] = WeakKeyDictionary()


class PageSighted(OccurrenceTrigger):
    """Fires once, when a publication is proven or withdrawn, or patience has ended."""

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Wait for whichever comes first; every look goes to the task's log."""
        said: dict[str, Any] = {"key": self.key, "period": self.period, "over": True}
        tasks = [asyncio.create_task(self._follow_ledger()), asyncio.create_task(self._look_patiently())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        except ObligationsError as error:
            self.log.warning("%s；交回任务处理。", error)
            said |= {"over": False, "message": str(error)}
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        yield TriggerEvent(said)  # type: ignore[no-untyped-call]

    async def _follow_ledger(self) -> None:
        """Return once the ledger says that there is nothing more to wait for."""
        async with aclosing(POLLS.follow("ledger", (self.key, self.period), _check)) as answers:
            async for _ in answers:
                pass

    async def _look_patiently(self) -> None:
        """Return once a look has proven it; the first look was the task's own."""
        for pause in pauses(LONGEST_PAUSE_SECONDS):
            await POLLS.sleep(pause)
            async with await self._turn():
                found = await asyncio.to_thread(_look_again, self.key, self.period)
            if found is None:
                return
            self.log.info("%s。", found)

    async def _turn(self) -> asyncio.Lock:
        """Return what makes pages of one host wait for one another."""
        host = await asyncio.to_thread(_host_looked_at, self.key, self.period)
        turns = _TURNS.setdefault(asyncio.get_running_loop(), defaultdict(asyncio.Lock))
        return turns[host]


async def _check(awaited: Collection[Awaited]) -> Mapping[Awaited, Finding]:
    return await asyncio.to_thread(_settled, awaited)


def _settled(awaited: Collection[Awaited]) -> dict[Awaited, Finding]:
    now = datetime.now(SHANGHAI)
    with open_ledger(Settings.from_environment().ledger_url) as ledger:
        return {(key, period): what_is_missing(ledger.events(key, period), now) for key, period in awaited}


def what_is_missing(events: Iterable[LedgerEvent], now: datetime) -> str | None:
    """Say what a page's proof still waits for, None where waiting is over."""
    events = list(events)
    published = published_last(events)
    if published is None or verified_by(events, published) or is_withdrawn(events, published):
        return None
    return None if now >= published.recorded_at + PATIENCE else "已发布，待核验"


def published_last(events: Iterable[LedgerEvent]) -> LedgerEvent | None:
    """Return the last publication of the run that owns the occurrence."""
    found: LedgerEvent | None = None
    for event in events:
        if event.kind == "opened":
            found = None
        elif event.kind == "published":
            found = event
    return found


def _look_again(key: str, period: str) -> str | None:
    """Look once more on behalf of the run that waits; say what was seen, None where nothing more is to be looked for."""
    settings, now = Settings.from_environment(), datetime.now(SHANGHAI)
    with open_ledger(settings.ledger_url) as ledger:
        events = ledger.events(key, period)
    claim, published = last_claim(events), published_last(events)
    if claim is None or published is None or what_is_missing(events, now) is None:
        return None
    try:
        with open_work(settings, load_one(settings.catalogue, key), period, claim.run_id) as work:
            evidence = prove(work, looker(settings), now)
    except ObligationsError:
        raise
    except Exception as error:
        # A busy database or a file system away for a minute is no reason to stop looking for three days.
        log.exception("%s %s was not looked at", key, period)
        return f"这次没有看成（{type(error).__name__}），稍后再看"
    return None if evidence is None or evidence.fulfilled_at is not None else evidence.method


def _host_looked_at(key: str, period: str) -> str:
    with open_ledger(Settings.from_environment().ledger_url) as ledger:
        published = published_last(ledger.events(key, period))
    host = web_host(str(published.payload["address"])) if published else None
    return host or f"{key} {period}"

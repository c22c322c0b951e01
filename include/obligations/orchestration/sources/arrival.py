"""The trigger a waiting ``gather`` defers to: resumes the task when its source has arrived. Reads, and never judges.

Runs that wait for the same folder or database share one poll within a triggerer. Whatever waiting cannot mend (a
fault in the catalogue, an unknown connection) resumes the task too, which meets the same error and reports it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Hashable, Mapping
from contextlib import aclosing
from datetime import datetime
from pathlib import Path
from typing import Any

from airflow.triggers.base import TriggerEvent

from obligations.orchestration.runs.triggers import OccurrenceTrigger
from obligations.orchestration.settings import Settings
from obligations.orchestration.sources.connections import engine_for
from obligations.orchestration.sources.polling import Awaited, Check, Finding, SharedPolls
from obligations.rules.catalogue import load_one
from obligations.steps.gather.inbox import folder_of
from obligations.steps.gather.sources import Sources, what_is_missing
from obligations.words.errors import ObligationsError
from obligations.words.obligation import Obligation
from obligations.words.sources import InboxSource, SqlSource
from obligations.words.times import SHANGHAI

POLLS = SharedPolls()
PAUSE_AFTER_ERROR_SECONDS = 60.0
"""Where worker and triggerer are set up differently the task may defer again at once; this bounds that to once a minute."""


class SourceArrival(OccurrenceTrigger):
    """Fires once, when ``gather`` of the period has something to work on.

    The event's payload is ``{"key", "period", "arrived": true}``, or ``{"key", "period", "arrived": false, "message"}``
    where waiting is of no use.
    """

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Wait; what is missing goes to the task's log, once until it changes: thousands wait, and Airflow files each line."""
        said: str | None = None
        try:
            settings = Settings.from_environment()
            obligation = await asyncio.to_thread(load_one, settings.catalogue, self.key)
            answers = POLLS.follow(_source_of(obligation), (self.key, self.period), _check_with(settings))
            async with aclosing(answers):
                async for answer in answers:
                    if answer.missing is not None and answer.missing != said:
                        self.log.info("%s；到达前一再查看，最长隔 %d 秒。", answer.missing, POLLS.longest)
                        said = answer.missing
        except ObligationsError as error:
            self.log.warning("%s；%d 秒后交回任务处理。", error, PAUSE_AFTER_ERROR_SECONDS)
            await POLLS.sleep(PAUSE_AFTER_ERROR_SECONDS)
            yield self._event(arrived=False, message=str(error))
            return
        yield self._event(arrived=True)

    def _event(self, **facts: Any) -> TriggerEvent:
        return TriggerEvent({"key": self.key, "period": self.period, **facts})  # type: ignore[no-untyped-call]


def _source_of(obligation: Obligation) -> Hashable:
    """Return what is read to see whether data have arrived: obligations with an equal one share a poll."""
    source = obligation.source
    if isinstance(source, InboxSource):
        return ("inbox", folder_of(obligation, source))
    return ("sql", source.connection) if isinstance(source, SqlSource) else ("event", obligation.key)


def _check_with(settings: Settings) -> Check:
    sources = Sources(settings.inbox, settings.store, settings.quarantine, engine_for)

    async def check(awaited: Collection[Awaited]) -> Mapping[Awaited, Finding]:
        return await asyncio.to_thread(_look, awaited, settings.catalogue, sources)

    return check


def _look(awaited: Collection[Awaited], catalogue: Path, sources: Sources) -> dict[Awaited, Finding]:
    """Look one after the other, so that a department's database sees one connection at a time."""
    return {one: _look_for(one, catalogue, sources) for one in awaited}


def _look_for(awaited: Awaited, catalogue: Path, sources: Sources) -> Finding:
    """Look for one (key, period); the catalogue is read anew, so a correction there takes effect while waiting."""
    key, period = awaited
    try:
        return what_is_missing(load_one(catalogue, key), period, sources, datetime.now(SHANGHAI))
    except ObligationsError as error:
        return error

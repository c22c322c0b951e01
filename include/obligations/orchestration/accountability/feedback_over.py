"""The trigger a waiting ``feedback`` defers to: resumes the task when the round is over. Reads the ledger, never judges.

All rounds share one poll of the ledger within a triggerer. What waiting cannot mend resumes the task, which reports it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import aclosing
from datetime import datetime

from airflow.triggers.base import TriggerEvent

from obligations.orchestration.accountability.rounds import round_of, what_is_missing
from obligations.orchestration.runs.triggers import OccurrenceTrigger
from obligations.orchestration.settings import Settings
from obligations.orchestration.sources.polling import Awaited, Finding, SharedPolls
from obligations.steps.ledger import open_ledger
from obligations.words.errors import ObligationsError
from obligations.words.times import SHANGHAI

POLLS = SharedPolls()


class FeedbackOver(OccurrenceTrigger):
    """Fires once, when the round of feedback of an occurrence is over."""

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Wait; every poll's answer goes to the task's log."""
        said = {"key": self.key, "period": self.period, "over": True}
        try:
            async with aclosing(POLLS.follow("ledger", (self.key, self.period), _check)) as answers:
                async for answer in answers:
                    if answer.missing is not None:
                        self.log.info("%s；%d 秒后再看。", answer.missing, answer.pause)
        except ObligationsError as error:
            self.log.warning("%s；交回任务处理。", error)
            said |= {"over": False, "message": str(error)}
        yield TriggerEvent(said)  # type: ignore[no-untyped-call]


async def _check(awaited: Collection[Awaited]) -> Mapping[Awaited, Finding]:
    return await asyncio.to_thread(_look, awaited)


def _look(awaited: Collection[Awaited]) -> dict[Awaited, Finding]:
    now = datetime.now(SHANGHAI)
    with open_ledger(Settings.from_environment().ledger_url) as ledger:
        return {(key, period): what_is_missing(round_of(ledger.events(key, period)), now) for key, period in awaited}

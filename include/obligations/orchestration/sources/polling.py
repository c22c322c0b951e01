"""Many waits, one poll a source: asks what each waiter misses, ever less often. Knows neither Airflow nor what a source is.

Airflow's own shared streams (``BaseEventTrigger``) open one stream a group from the arguments of one member. A poll here
must know every period that is awaited, and must start afresh when a newcomer joins, which they cannot do.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass, field

FIRST_PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 540.0  # an arrival is to be noticed within ten minutes, with time to tell of it

Awaited = tuple[str, str]
Finding = str | Exception | None
Check = Callable[[Collection[Awaited]], Awaitable[Mapping[Awaited, Finding]]]
"""Given what is awaited, return for each what is missing, None for what has arrived, or why waiting is of no use."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one poll found for one waiter.

    Attributes:
        missing: Chinese sentence; None when it has arrived.
        pause: seconds until the next poll, if any.
    """

    missing: str | None
    pause: float


def pauses(longest: float = LONGEST_PAUSE_SECONDS) -> Iterator[float]:
    """Yield the pauses between polls in seconds: 5, 10, 20 … and ``longest`` for ever."""
    pause = FIRST_PAUSE_SECONDS
    while True:
        yield pause
        pause = min(pause * 2, longest)


@dataclass(eq=False)
class _Poll:
    """One source's loop and those who wait for it."""

    check: Check
    waiting: dict[asyncio.Queue[Answer | Exception], Awaited] = field(default_factory=dict)
    newcomer: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None


class SharedPolls:
    """All polls of one event loop.

    Attributes:
        sleep: replaced in tests; otherwise ``asyncio.sleep``.
        longest: seconds between polls at most.
    """

    def __init__(
        self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep, longest: float = LONGEST_PAUSE_SECONDS
    ) -> None:
        self.sleep = sleep
        self.longest = longest
        self._polls: dict[Hashable, _Poll] = {}

    async def follow(self, source: Hashable, awaited: Awaited, check: Check) -> AsyncGenerator[Answer]:
        """Yield one answer a poll until what is awaited has arrived; raises what ``check`` finds or raises.

        Everyone who follows the same source shares one loop, and one ``check`` call a round, whoever's came first. A
        newcomer is answered at once and sets the pauses back to the shortest.
        """
        poll = self._polls.get(source)
        if poll is None or poll.task is None or poll.task.done():
            poll = self._polls[source] = _Poll(check)
            # A context of its own: the loop outlives the waiter that happened to start it.
            poll.task = asyncio.create_task(self._run(poll), context=contextvars.Context())
        answers: asyncio.Queue[Answer | Exception] = asyncio.Queue()
        poll.waiting[answers] = awaited
        poll.newcomer.set()
        try:
            while True:
                answer = await answers.get()
                if isinstance(answer, Exception):
                    raise answer
                yield answer
                if answer.missing is None:
                    return
        finally:
            del poll.waiting[answers]
            if not poll.waiting:
                poll.task.cancel()
                if self._polls.get(source) is poll:
                    del self._polls[source]

    async def _run(self, poll: _Poll) -> None:
        lengths = pauses(self.longest)
        while True:
            if poll.newcomer.is_set():
                poll.newcomer.clear()
                lengths = pauses(self.longest)
            asking = dict(poll.waiting)
            try:
                found = await poll.check(set(asking.values()))
            except Exception as error:  # noqa: BLE001 - every waiter raises it
                for answers in poll.waiting:
                    answers.put_nowait(error)
                return
            pause = next(lengths)
            for answers, awaited in asking.items():
                finding = found[awaited]
                answers.put_nowait(finding if isinstance(finding, Exception) else Answer(finding, pause))
            await self._rest(poll, pause)

    async def _rest(self, poll: _Poll, pause: float) -> None:
        """Sleep, but wake for a newcomer."""
        sleeping = asyncio.ensure_future(self.sleep(pause))
        waking = asyncio.ensure_future(poll.newcomer.wait())
        try:
            await asyncio.wait({sleeping, waking}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            waking.cancel()

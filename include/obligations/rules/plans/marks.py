"""One time expression of a sentence, as every reader of time words returns it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from obligations.words.clocks import Clock
from obligations.words.limits import Limit


class Rank(IntEnum):
    """Which of two expressions that govern one verb gives its clock: the lower one."""

    QUOTA = 0
    YEARLY_DATE = 1
    EVENT_LIMIT = 2
    DEADLINE = 3
    CADENCE = 4
    EVENT = 5
    CONTINUOUS = 6
    TIMELY = 7


@dataclass(frozen=True, slots=True)
class Mark:
    """A time expression.

    Attributes:
        start, end: where it stands in the sentence; what it orders is looked for from ``end``.
        clock: what it says; rank: against another one of the same verb.
        words: as the report shows them.
        reach: end of what it orders, where the expression itself tells (a quota holds its own verb); else None.
        limit: time from the end of a period, where the text gives it: 每月10日前 for the month before.
        why: a Chinese sentence on how it was read, where that is not plain.
    """

    start: int
    end: int
    clock: Clock
    rank: Rank
    words: str
    reach: int | None = None
    why: str = ""
    limit: Limit | None = None

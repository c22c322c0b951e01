"""How many occurrences stand how, for monitoring: a few numbers over everything that is open. Only reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, select

from obligations.steps.ledger import tables
from obligations.steps.ledger.ledger import Ledger
from obligations.steps.ledger.stages import Stage

_its = tables.occurrence.c
SOON = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Standing:
    """Numbers of open occurrences, 补录 left out.

    Attributes:
        open: all of them.
        due_soon: that fall due within 24 hours and are neither published nor paused.
        late: whose miss is on record.
        lacking: that wait for data, or whose data are at fault.
        in_review: that wait for a level of review.
    """

    open: int
    due_soon: int
    late: int
    lacking: int
    in_review: int


def standing(ledger: Ledger, now: datetime) -> Standing:
    """Count the open occurrences as of ``now``."""
    soon = and_(_its.due_at > now, _its.due_at <= now + SOON, _its.published_at.is_(None), _its.paused_at.is_(None))
    query = select(
        func.count(),
        _number(soon),
        _number(_its.missed_at.is_not(None)),
        _number(_its.stage.in_([Stage.WAITING.value, Stage.BAD_INPUT.value])),
        _number(_its.stage == Stage.REVIEW.value),
    ).where(_its.closed_at.is_(None), ~_its.historical)
    with ledger.reading() as connection:
        return Standing(*(int(number) for number in connection.execute(query).one()))


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

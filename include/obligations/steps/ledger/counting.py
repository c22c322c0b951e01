"""Occurrences counted by the facts that decide how each is counted: alike in all of them, they are one group. Only reads.

What the facts come to is ``rules.accountability``; here nothing is decided, so that a year of them is one small answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, case, func, select

from obligations.steps.ledger import tables
from obligations.steps.ledger.stages import Stage
from obligations.words.times import end_of_day, midnight

_its = tables.occurrence.c
_SOME_TIME = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Month:
    """A month by its name, ``2026-09``, with its first and last day."""

    name: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Alike:
    """Occurrences of which every fact that counts is the same.

    Attributes:
        month: in which they fell due; number: of them.
        due_at, closed_at: instants that stand to each other and to now as theirs do, not theirs.
        unverified: published in time and not proven yet.
    """

    month: str
    departments: tuple[str, ...]
    office: str | None
    historical: bool
    outcome: str | None
    waived: bool
    paused: bool
    unverified: bool
    closed_at: datetime | None
    due_at: datetime
    number: int


def alike(connection: Connection, jurisdiction: str, months: Sequence[Month], now: datetime) -> list[Alike]:
    """Return the occurrences of a jurisdiction that fell due in these months, following one another, in groups."""
    in_month = case(
        *((_its.due_at <= end_of_day(month.last), position) for position, month in enumerate(months)),
    )
    unverified = and_(
        _its.stage == Stage.PUBLISHED.value,
        _its.fulfilment == "published",
        _its.missed_at.is_(None),
        _its.published_at <= _its.due_at,
    )
    facts = (
        in_month.label("month"),
        _its.departments,
        _its.office,
        _its.historical,
        _its.outcome,
        _its.waived_at.is_not(None).label("waived"),
        _its.paused_at.is_not(None).label("paused"),
        case((unverified, 1), else_=0).label("unverified"),
        case((_its.closed_at.is_(None), 0), (_its.closed_at <= _its.due_at, 1), else_=2).label("closed"),
        (_its.due_at >= now).label("to_come"),
    )
    query = (
        select(*facts, func.count().label("number"))
        .where(
            _its.jurisdiction == jurisdiction,
            _its.due_at > midnight(months[0].first),
            _its.due_at <= end_of_day(months[-1].last),
        )
        .group_by(*(each.name for each in facts))
    )
    return [_read(found, months, now) for found in connection.execute(query).mappings()]


def covered_by(connection: Connection, keys: Iterable[str], months: Sequence[Month]) -> frozenset[str]:
    """Return the names of those months over which an occurrence of one of these obligations reaches that is met."""
    query = select(_its.period_start, _its.period_end).where(
        _its.obligation_key.in_(sorted(keys)), _its.outcome == Stage.MET.value
    )
    spans = [(start, end) for start, end in connection.execute(query)]
    return frozenset(
        month.name for month in months if any(start <= month.first and month.last <= end for start, end in spans)
    )


def _read(found: Any, months: Sequence[Month], now: datetime) -> Alike:
    due_at = now + _SOME_TIME if found["to_come"] else now - 2 * _SOME_TIME
    closed_at = (None, due_at, due_at + _SOME_TIME)[found["closed"]]
    return Alike(
        month=months[found["month"]].name,
        departments=tuple(found["departments"]),
        office=found["office"],
        historical=bool(found["historical"]),
        outcome=found["outcome"],
        waived=bool(found["waived"]),
        paused=bool(found["paused"]),
        unverified=bool(found["unverified"]),
        closed_at=closed_at,
        due_at=due_at,
        number=int(found["number"]),
    )

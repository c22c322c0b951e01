"""Lists of occurrences for people: filtered, sorted and paged by the database, with their events left where they are. Only reads.

What the lateness of an occurrence is called is ``lateness``; ``standing`` says the same in SQL, and a test holds the two
alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    case,
    collate,
    func,
    or_,
    select,
    type_coerce,
)

from obligations.steps.ledger import tables
from obligations.steps.ledger.columns import canonical
from obligations.steps.ledger.occurrences import BATCH, row_of, rows_query
from obligations.steps.ledger.projection import OccurrenceRow
from obligations.steps.ledger.stages import Stage
from obligations.steps.ledger.visibility import seen_by
from obligations.words.obligation import Fulfilment
from obligations.words.times import end_of_day, midnight
from obligations.words.visible import Visible

Sort = Literal["due", "title", "department", "stage"]
_its = tables.occurrence.c
_PUBLISHED: Fulfilment = "published"
_STAGE_ORDER = {stage.value: position for position, stage in enumerate(Stage)}


class Standing(StrEnum):
    """How an occurrence stands to its due time; the value is what people read."""

    OVERDUE = "逾期未完成"
    LATE = "逾期完成"
    NOT_DUE = "未到期"
    ON_TIME = "按时"
    UNVERIFIED = "待核验"
    PAUSED = "时限中止"
    WAIVED = "不计入考核"
    HISTORICAL = "补录"


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; None, empty or no words narrow nothing.

    Attributes:
        keys: obligations to which it is narrowed, such as those of one kind of clock.
        department: one of those that owe it, by its canonical name.
        standings: any of these; stage: a ``Stage``.
        period: how the period's name begins: ``2026`` for the whole year, ``2026-Q3``.
        due_from, due_until: days on which it falls due, both included; 24:00 belongs to the day it ends.
        words: each is found in the title or in the key.
    """

    jurisdiction: str | None = None
    keys: frozenset[str] | None = None
    department: str | None = None
    standings: tuple[Standing, ...] = ()
    stage: str | None = None
    period: str = ""
    due_from: date | None = None
    due_until: date | None = None
    words: tuple[str, ...] = ()


class Head(NamedTuple):
    """The id of an occurrence and the hash of its last event, which covers all that ever happened to it."""

    id: int
    head_hash: str


def standing(now: datetime) -> ColumnElement[str]:
    """Return how an occurrence stands as of ``now``, as the value of a ``Standing``."""
    seen_in_time = and_(
        _its.stage == Stage.PUBLISHED.value,
        _its.fulfilment == _PUBLISHED,
        _its.missed_at.is_(None),
        _its.published_at <= _its.due_at,
    )
    is_open = _its.closed_at.is_(None)
    in_time = or_(seen_in_time, _its.closed_at <= _its.due_at, and_(is_open, _its.due_at >= now))
    return case(
        (_its.historical, Standing.HISTORICAL.value),
        (and_(_its.waived_at.is_not(None), _its.outcome.is_distinct_from(Stage.MET.value)), Standing.WAIVED.value),
        (and_(seen_in_time, _its.due_at < now), Standing.UNVERIFIED.value),
        (and_(in_time, is_open), Standing.NOT_DUE.value),
        (in_time, Standing.ON_TIME.value),
        (and_(is_open, _its.paused_at.is_not(None)), Standing.PAUSED.value),
        (is_open, Standing.OVERDUE.value),
        else_=Standing.LATE.value,
    )


def count(connection: Connection, visible: Visible, filters: Filters, now: datetime) -> int:
    """Return how many occurrences the filters leave."""
    query = select(func.count()).select_from(tables.occurrence).where(*_conditions(visible, filters, now))
    return int(connection.scalar(query) or 0)


def ids_of(
    connection: Connection,
    visible: Visible,
    filters: Filters,
    now: datetime,
    *,
    sort: Sort = "due",
    descending: bool = False,
    limit: int | None = None,
    offset: int = 0,
) -> list[int]:
    """Return the ids that the filters leave, in order; where two are equal, in the order they were entered.

    Only ids, for a database that sorts whole rows to skip the first thousands is slow.
    """
    by, last = _sorted_by(sort, connection.dialect.name), _its.id
    ordered = (by.desc(), last.desc()) if descending else (by.asc(), last.asc())
    query: Select[Any] = select(_its.id).where(*_conditions(visible, filters, now)).order_by(*ordered)
    if limit is not None:
        query = query.limit(limit).offset(offset)
    return [int(id_) for id_ in connection.scalars(query)]


def heads_of(connection: Connection, visible: Visible, filters: Filters, now: datetime) -> list[Head]:
    """Return the heads of what the filters leave, earliest due first."""
    query = select(_its.id, _its.head_hash).where(*_conditions(visible, filters, now)).order_by(_its.due_at, _its.id)
    return [Head(*found) for found in connection.execute(query)]


def rows_with(connection: Connection, ids: Sequence[int]) -> list[OccurrenceRow]:
    """Return the occurrences of these ids in their order."""
    found: dict[int, OccurrenceRow] = {}
    for start in range(0, len(ids), BATCH):
        query = rows_query().where(_its.id.in_(ids[start : start + BATCH]))
        found |= {mapping["id"]: row_of(mapping) for mapping in connection.execute(query).mappings()}
    return [found[id_] for id_ in ids]


def _conditions(visible: Visible, filters: Filters, now: datetime) -> list[ColumnElement[bool]]:
    # Of named obligations it is known beforehand which may be seen, and the database need not be asked for all the others.
    named = None if filters.keys is None else sorted(key for key in filters.keys if visible.shows(key))
    conditions = [seen_by(visible) if named is None else _its.obligation_key.in_(named)]
    if filters.jurisdiction is not None:
        conditions.append(_its.jurisdiction == filters.jurisdiction)
    if filters.department is not None:
        # A list of names is kept as JSON, where a whole name stands between quotation marks.
        conditions.append(_departments().contains(canonical(filters.department), autoescape=True))
    if filters.standings:
        conditions.append(standing(now).in_([each.value for each in filters.standings]))
    if filters.stage is not None:
        conditions.append(_its.stage == filters.stage)
    if filters.period:
        conditions.append(_its.period.startswith(filters.period, autoescape=True))
    if filters.due_from is not None:
        conditions.append(_its.due_at > midnight(filters.due_from))
    if filters.due_until is not None:
        conditions.append(_its.due_at <= end_of_day(filters.due_until))
    for word in filters.words:
        # Chinese knows no case, and folding that of every title takes longer than all the rest.
        in_title = _its.title.icontains if word.isascii() else _its.title.contains
        in_key = _its.obligation_key.contains(word.lower(), autoescape=True)
        conditions.append(or_(in_title(word, autoescape=True), in_key))
    return conditions


def _sorted_by(sort: Sort, dialect: str) -> ColumnElement[Any]:
    if sort == "due":
        return _its.due_at
    if sort == "stage":
        return case(_STAGE_ORDER, value=_its.stage, else_=len(_STAGE_ORDER))
    text = _its.title if sort == "title" else _departments()
    # By code point, as SQLite does of itself: by the rules of a language it takes many times as long.
    return collate(text, "C") if dialect == "postgresql" else text


def _departments() -> ColumnElement[str]:
    return type_coerce(_its.departments, Text)

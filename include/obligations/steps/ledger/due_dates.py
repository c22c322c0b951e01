"""What falls due on which day, for calendars: counts, and the few words of each. Only reads, and no events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Text, case, func, select, type_coerce

from obligations.steps.ledger import tables
from obligations.steps.ledger.columns import canonical
from obligations.steps.ledger.events import EventKind
from obligations.steps.ledger.listing import Standing, standing
from obligations.steps.ledger.visibility import seen_by
from obligations.words.times import SHANGHAI, end_of_day
from obligations.words.visible import Visible

_its = tables.occurrence.c
_REDATING = (EventKind.REBOUND, EventKind.EXTENDED, EventKind.RESUMED)


@dataclass(frozen=True, slots=True)
class Due:
    """One occurrence as a calendar shows it.

    Attributes:
        is_open: nothing closed it yet; redated: how often its due time was moved.
    """

    key: str
    period: str
    title: str
    departments: tuple[str, ...]
    due_at: datetime
    provisional: bool
    is_open: bool
    redated: int = 0

    @property
    def day(self) -> date:
        """The day it falls due on: 24:00 belongs to the day it ends."""
        return day_of(self.due_at)


@dataclass(frozen=True, slots=True)
class DayCount:
    """How many fall due on a day.

    Attributes:
        late: of them 逾期未完成; provisional: whose day awaits a holiday notice.
    """

    total: int = 0
    late: int = 0
    provisional: int = 0


def day_of(due_at: datetime) -> date:
    """Return the day that a due instant belongs to."""
    return (due_at.astimezone(SHANGHAI) - timedelta(microseconds=1)).date()


def counts_by_day(
    connection: Connection,
    visible: Visible,
    first: date,
    last: date,
    now: datetime,
    *,
    jurisdiction: str | None = None,
    department: str | None = None,
) -> dict[date, DayCount]:
    """Count what falls due from the first day to the last, both included; the database adds up what shares an instant."""
    late = func.sum(case((standing(now) == Standing.OVERDUE.value, 1), else_=0))
    query = (
        select(_its.due_at, _its.provisional, func.count(), late)
        .where(*_within(visible, first, last, jurisdiction, department))
        .group_by(_its.due_at, _its.provisional)
    )
    found: dict[date, DayCount] = {}
    for due_at, provisional, number, overdue in connection.execute(query):
        day = day_of(due_at)
        known = found.get(day, DayCount())
        found[day] = DayCount(
            known.total + number, known.late + overdue, known.provisional + (number if provisional else 0)
        )
    return found


def first_of_each_day(
    connection: Connection,
    visible: Visible,
    first: date,
    last: date,
    most: int,
    *,
    jurisdiction: str | None = None,
    department: str | None = None,
) -> dict[date, list[Due]]:
    """Return at most ``most`` of each instant's occurrences, by day: those still open before the others."""
    place = func.row_number().over(
        partition_by=_its.due_at, order_by=(_its.closed_at.is_not(None), _its.title, _its.obligation_key)
    )
    ranked = (
        select(*_columns(), place.label("place"))
        .where(*_within(visible, first, last, jurisdiction, department))
        .subquery()
    )
    query = select(ranked).where(ranked.c.place <= most).order_by(ranked.c.due_at, ranked.c.place)
    found: dict[date, list[Due]] = {}
    for mapping in connection.execute(query).mappings():
        due = _due(mapping, 0)
        found.setdefault(due.day, []).append(due)
    return found


def due_between(
    connection: Connection,
    visible: Visible,
    first: date,
    last: date,
    *,
    jurisdiction: str | None = None,
    department: str | None = None,
) -> list[Due]:
    """Return all that falls due from the first day to the last, earliest first, with how often each was moved."""
    event = tables.event.c
    moved = (
        select(func.count())
        .where(event.occurrence_id == _its.id, event.kind.in_([kind.value for kind in _REDATING]))
        .correlate(tables.occurrence)
        .scalar_subquery()
    )
    query = (
        select(*_columns(), moved.label("redated"))
        .where(*_within(visible, first, last, jurisdiction, department))
        .order_by(_its.due_at, _its.obligation_key, _its.period)
    )
    return [_due(mapping, mapping["redated"]) for mapping in connection.execute(query).mappings()]


def _within(
    visible: Visible, first: date, last: date, jurisdiction: str | None, department: str | None
) -> Sequence[ColumnElement[bool]]:
    parts = [
        seen_by(visible),
        ~_its.historical,
        _its.due_at > end_of_day(first - timedelta(days=1)),
        _its.due_at <= end_of_day(last),
    ]
    if jurisdiction is not None:
        parts.append(_its.jurisdiction == jurisdiction)
    if department is not None:
        parts.append(type_coerce(_its.departments, Text).contains(canonical(department), autoescape=True))
    return parts


def _columns() -> tuple[ColumnElement[Any], ...]:
    names = (_its.obligation_key, _its.period, _its.title, _its.departments, _its.due_at, _its.provisional)
    return (*names, _its.closed_at.is_(None).label("is_open"))


def _due(mapping: Any, redated: int) -> Due:
    return Due(
        key=mapping["obligation_key"],
        period=mapping["period"],
        title=mapping["title"],
        departments=tuple(mapping["departments"]),
        due_at=mapping["due_at"],
        provisional=mapping["provisional"],
        is_open=bool(mapping["is_open"]),
        redated=redated,
    )

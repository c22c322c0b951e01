"""What is to be done now: the open occurrences by section (逾期, 24小时内 …), each in one, and what went public today. Only reads.

The sections are told apart and counted in one query, and of each only the most pressing are read. Whose turn it is follows
from an occurrence's last events and is decided above.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from obligations.steps.ledger import tables
from obligations.steps.ledger.events import EventKind, LedgerEvent
from obligations.steps.ledger.follow_ups import FollowUp, follow_ups_of
from obligations.steps.ledger.listing import rows_with
from obligations.steps.ledger.occurrences import BATCH, event_of, events_of, row_of, rows_query
from obligations.steps.ledger.projection import OccurrenceRow
from obligations.steps.ledger.stages import Stage
from obligations.steps.ledger.visibility import seen_by
from obligations.words.visible import Visible

SOON = timedelta(hours=24)
_its = tables.occurrence.c


class Section(StrEnum):
    """A part of the page, as a code; ``label`` is its heading. An occurrence stands in the first that holds."""

    OVERDUE = "overdue"
    SOON = "soon"
    WEEK = "week"
    RETURNED = "returned"
    REVIEW = "review"
    PENDING = "pending"
    WAITING = "waiting"
    UNVERIFIED = "unverified"
    FAILED = "failed"
    PAUSED = "paused"

    @property
    def label(self) -> str:
        """The heading in the field's own words."""
        return _LABELS[self]


_LABELS = {
    Section.OVERDUE: "逾期",
    Section.SOON: "24小时内到期",
    Section.WEEK: "本周到期",
    Section.RETURNED: "已退回",
    Section.REVIEW: "等待审核",
    Section.PENDING: "待完善、待发布",
    Section.WAITING: "等待数据",
    Section.UNVERIFIED: "待核验",
    Section.FAILED: "处理失败",
    Section.PAUSED: "时限中止",
}
_BY_STAGE = {
    Stage.RETURNED: Section.RETURNED,
    Stage.REVIEW: Section.REVIEW,
    Stage.DRAFTED: Section.PENDING,
    Stage.APPROVED: Section.PENDING,
    Stage.WAITING: Section.WAITING,
    Stage.BAD_INPUT: Section.WAITING,
    Stage.PUBLISHED: Section.UNVERIFIED,
    Stage.FAILED: Section.FAILED,
}
_TOLD_BY_EVENTS = {Stage.DRAFTED, Stage.REVIEW, Stage.APPROVED, Stage.PUBLISHED, Stage.FAILED}
_TELLING = (
    "opened", "drafted", "completion_requested", "review_requested", "approved", "passed", "returned",
    "release_requested", "released", "vouched", "verified", "evidence_rejected",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listed:
    """The most pressing occurrences of a section, earliest due first, and how many it has."""

    rows: tuple[OccurrenceRow, ...]
    total: int


def agenda(
    connection: Connection, visible: Visible, *, now: datetime, week_ends: datetime, most: int
) -> dict[Section, Listed]:
    """Return every section that is not empty, with at most ``most`` rows each; 补录 is in none."""
    section = _section(now, week_ends).label("section")
    open_ = and_(_its.closed_at.is_(None), _its.outcome.is_(None), ~_its.historical, seen_by(visible))
    sorted_ = select(_its.id, _its.due_at, section).where(open_).subquery()
    by_section = sorted_.c.section
    number = func.row_number().over(partition_by=by_section, order_by=(sorted_.c.due_at, sorted_.c.id)).label("number")
    total = func.count().over(partition_by=by_section).label("total")
    numbered = select(sorted_.c.id, by_section, number, total).where(by_section.is_not(None)).subquery()
    query = (
        rows_query()
        .add_columns(numbered.c.section, numbered.c.total)
        .join(numbered, numbered.c.id == _its.id)
        .where(numbered.c.number <= most)
        .order_by(_its.due_at, _its.id)
    )
    found: dict[Section, list[OccurrenceRow]] = {}
    totals: dict[Section, int] = {}
    for mapping in connection.execute(query).mappings():
        place = Section(mapping["section"])
        found.setdefault(place, []).append(row_of(mapping))
        totals[place] = mapping["total"]
    return {place: Listed(tuple(found[place]), totals[place]) for place in Section if place in found}


def published_since(connection: Connection, visible: Visible, since: datetime, *, most: int) -> Listed:
    """Return what went public, was held, submitted or completed since then, the latest first."""
    is_public = _its.published_at >= since
    is_done = and_(_its.outcome == Stage.MET.value, _its.closed_at >= since, _its.fulfilment != "published")
    mine = and_(or_(is_public, is_done), seen_by(visible))
    query = rows_query().where(mine).order_by(func.coalesce(_its.published_at, _its.closed_at).desc(), _its.id)
    rows = tuple(row_of(mapping) for mapping in connection.execute(query.limit(most)).mappings())
    if len(rows) < most:
        return Listed(rows, len(rows))
    return Listed(rows, connection.scalar(select(func.count()).where(mine)) or 0)


def paperwork_of(
    connection: Connection, visible: Visible, keys: Sequence[str]
) -> list[tuple[OccurrenceRow, tuple[FollowUp, ...]]]:
    """Return the occurrences of these obligations with an approval by word of mouth whose paperwork (补办手续) is still due."""
    if not keys:
        return []
    query = (
        select(tables.event.c.occurrence_id)
        .join_from(tables.occurrence, tables.event)
        .where(_its.obligation_key.in_(keys), seen_by(visible), tables.event.c.kind == EventKind.APPROVED.value)
        .distinct()
    )
    rows = {row.id: row for row in rows_with(connection, connection.scalars(query).all())}
    owed = (
        (rows[id_], tuple(each for each in follow_ups_of(events) if each.kind == "paperwork"))
        for id_, events in events_of(connection, list(rows)).items()
    )
    return sorted(((row, due) for row, due in owed if due), key=lambda pair: pair[1][0].at)


def telling_events(connection: Connection, rows: Iterable[OccurrenceRow]) -> dict[int, list[LedgerEvent]]:
    """Return, by occurrence id and in order, the events that tell whose turn it is; of other stages none are needed."""
    found: dict[int, list[LedgerEvent]] = {row.id: [] for row in rows if row.stage in _TOLD_BY_EVENTS}
    ids, its = list(found), tables.event.c
    for start in range(0, len(ids), BATCH):
        batch = its.occurrence_id.in_(ids[start : start + BATCH])
        query = select(tables.event).where(batch, its.kind.in_(_TELLING)).order_by(its.occurrence_id, its.seq)
        for mapping in connection.execute(query).mappings():
            found[mapping["occurrence_id"]].append(event_of(mapping))
    return found


def _section(now: datetime, week_ends: datetime) -> ColumnElement[str | None]:
    in_time = and_(
        _its.stage == Stage.PUBLISHED.value,
        _its.fulfilment == "published",
        _its.missed_at.is_(None),
        _its.published_at <= _its.due_at,
    )
    by_stage = ((_its.stage == stage.value, place.value) for stage, place in _BY_STAGE.items())
    return case(
        (in_time, Section.UNVERIFIED.value),
        (_its.paused_at.is_not(None), Section.PAUSED.value),
        (_its.due_at < now, Section.OVERDUE.value),
        (_its.due_at <= now + SOON, Section.SOON.value),
        (_its.due_at <= week_ends, Section.WEEK.value),
        *by_stage,
        else_=None,
    )

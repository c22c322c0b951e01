"""The rows that ``obligations ledger`` prints: each occurrence with its times, lateness, evidence and drafts. Only reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, select

from obligations.steps.ledger import tables
from obligations.steps.ledger.brief import JudgedRow
from obligations.steps.ledger.events import EventKind, LedgerEvent
from obligations.steps.ledger.follow_ups import FollowUp, follow_ups_of
from obligations.steps.ledger.lateness import find_loss, late_by, say_lateness
from obligations.steps.ledger.occurrences import events_of, row_of, rows_query
from obligations.steps.ledger.products import Draft, RegisteredPublication, drafts_of, publications_of
from obligations.steps.ledger.projection import OccurrenceRow
from obligations.steps.ledger.timing import (
    OFFICE_HOURS,
    OfficeHours,
    ReviewRound,
    StageTime,
    WorkingTime,
    marks_of,
    review_rounds,
    stage_times,
)
from obligations.words.obligation import book_marks
from obligations.words.times import parse_instant

_PROOF = {EventKind.VERIFIED, EventKind.HELD, EventKind.SUBMITTED, EventKind.COMPLETED}


@dataclass(frozen=True, slots=True)
class LedgerRow(JudgedRow):
    """One occurrence as people read it.

    Attributes:
        lateness: 按时, 逾期N天, 未到期 …; 补录 for a historical one, whose truth is in ``true_lateness``.
        lateness_hours: past the due time, 0 when in time; never excused by 补录.
        basis: document and clause that order it, ``《…》（文号）一(二)3``.
        events: everything recorded, in order.
    """

    lateness: str
    lateness_hours: float
    stages: tuple[StageTime, ...]
    rounds: tuple[ReviewRound, ...]
    publications: tuple[RegisteredPublication, ...]
    drafts: tuple[Draft, ...]
    basis: str
    events: tuple[LedgerEvent, ...]

    @property
    def progress(self) -> tuple[LedgerEvent, ...]:
        """The entries of progress: one more time held, a page confirmed current."""
        return tuple(event for event in self.events if event.kind == EventKind.PROGRESS)

    @property
    def follow_ups(self) -> tuple[FollowUp, ...]:
        """What is still to be done beside the due time: 待补办手续, 待撤回 and the like."""
        return follow_ups_of(self.events)

    @property
    def evidence(self) -> tuple[LedgerEvent, ...]:
        """The events that prove fulfilment."""
        return tuple(event for event in self.events if event.kind in _PROOF)

    @property
    def address(self) -> str | None:
        """Where the latest publication is."""
        return self.publications[-1].address if self.publications else None

    def as_json(self) -> dict[str, Any]:
        """Return the object that ``obligations ledger --json`` prints; instants are ISO 8601 in Asia/Shanghai."""
        row = self.occurrence
        return {
            "key": row.key,
            "period": row.period,
            "title": row.title,
            "jurisdiction": row.jurisdiction,
            "departments": list(row.departments),
            "clause": row.clause,
            "basis": self.basis,
            "duty": row.duty,
            "fulfilment": row.fulfilment,
            "event_id": row.event_id,
            "period_start": row.period_start.isoformat(),
            "period_end": row.period_end.isoformat(),
            "opens_at": _iso(row.opens_at),
            "draft_by": _iso(row.draft_by),
            "due_at": _iso(row.due_at),
            "original_due_at": _iso(row.original_due_at),
            "provisional": row.provisional,
            "earliest": _iso(row.earliest),
            "latest": _iso(row.latest),
            "derivation": list(row.derivation),
            "calendar_version": row.calendar_version,
            "catalogue_version": row.catalogue_version,
            "stage": row.stage,
            "stage_label": row.stage_label,
            "paused": row.paused_at is not None,
            "progress_count": len(self.progress),
            "outcome": row.outcome,
            "met": row.is_met,
            "met_at": _iso(row.met_at),
            "closed_at": _iso(row.closed_at),
            "missed_at": _iso(row.missed_at),
            "lateness": self.lateness,
            "lateness_hours": self.lateness_hours,
            "historical": row.historical,
            "true_lateness": self.true_lateness,
            "stages": {time.code: _times(time) for time in self.stages},
            "late_stage": self.loss.stage if self.loss else None,
            "late_stage_label": self.loss.label if self.loss else None,
            "late_owner": self.loss.owner if self.loss else None,
            "late_found_by": self.loss.found_by if self.loss else None,
            "rounds": [_plain(asdict(round_)) for round_ in self.rounds],
            "returns": sum(round_.result == EventKind.RETURNED for round_ in self.rounds),
            "address": self.address,
            "publications": [_plain(asdict(publication)) for publication in self.publications],
            "evidence": [_proof(event) for event in self.evidence],
            "follow_ups": [{"kind": f.kind, "label": f.label, "at": _iso(f.at)} for f in self.follow_ups],
            "drafts": [_draft(draft) for draft in self.drafts],
        }


def rows(
    connection: Connection,
    key: str | None,
    period: str | None,
    *,
    now: datetime,
    is_working_day: Callable[[date], bool],
    office_hours: OfficeHours,
    jurisdiction: str | None = None,
    due: tuple[datetime, datetime] | None = None,
) -> list[LedgerRow]:
    """Return the rows of one obligation, one period, both or all, earliest due first; see ``Ledger.rows``."""
    query = rows_query().order_by(tables.occurrence.c.due_at, tables.occurrence.c.obligation_key)
    if key is not None:
        query = query.where(tables.occurrence.c.obligation_key == key)
    if period is not None:
        query = query.where(tables.occurrence.c.period == period)
    if jurisdiction is not None:
        query = query.where(tables.occurrence.c.jurisdiction == jurisdiction)
    if due is not None:
        query = query.where(tables.occurrence.c.due_at > due[0], tables.occurrence.c.due_at <= due[1])
    found = [row_of(mapping) for mapping in connection.execute(query).mappings()]
    return told_of(connection, found, now=now, is_working_day=is_working_day, office_hours=office_hours)


def told_of(
    connection: Connection,
    found: Sequence[OccurrenceRow],
    *,
    now: datetime,
    is_working_day: Callable[[date], bool],
    office_hours: OfficeHours = OFFICE_HOURS,
) -> list[LedgerRow]:
    """Return these occurrences with everything that is told of each, in their order."""
    ids = [row.id for row in found]
    events, drafts = events_of(connection, ids), drafts_of(connection, ids)
    publications = publications_of(connection, ids)
    documents = _cited(connection)
    working = WorkingTime(is_working_day, office_hours)
    return [
        _row(row, documents[row.document], events[row.id], drafts[row.id], publications[row.id], working, now)
        for row in found
    ]


def _cited(connection: Connection) -> dict[str, str]:
    """Return each document's title in book marks with its number, by digest."""
    table = tables.document.c
    return {
        digest: book_marks(title) + (f"（{number}）" if number else "")
        for digest, title, number in connection.execute(select(table.digest, table.title, table.number))
    }


def events_of_those_with(connection: Connection, jurisdiction: str, kind: EventKind) -> list[list[LedgerEvent]]:
    """Return the events, in order, of every occurrence of a jurisdiction that has one of this kind."""
    # Written into the statement, for SQLite knows by no other way that an index of this kind alone will do.
    asked: BindParameter[str] = bindparam("kind", kind.value, literal_execute=True)
    query = (
        select(tables.event.c.occurrence_id)
        .join_from(tables.event, tables.occurrence)
        .where(tables.occurrence.c.jurisdiction == jurisdiction, tables.event.c.kind == asked)
        .distinct()
    )
    return list(events_of(connection, list(connection.scalars(query))).values())


def last_confirmed(connection: Connection, key: str) -> datetime | None:
    """Return when what an obligation keeps current was last proven public, or confirmed (登记进展), in any period."""
    kinds = (EventKind.VERIFIED, EventKind.COMPLETED, EventKind.PROGRESS)
    query = (
        select(tables.event.c.kind, tables.event.c.happened_at, tables.event.c.payload)
        .join_from(tables.event, tables.occurrence)
        .where(tables.occurrence.c.obligation_key == key, tables.event.c.kind.in_(kinds))
    )
    found: list[datetime] = []
    for kind, happened_at, payload in connection.execute(query):
        if kind == EventKind.VERIFIED and payload.get("published_at"):
            found.append(parse_instant(payload["published_at"]))
        elif kind != EventKind.PROGRESS or payload.get("counts") is True:
            found.append(happened_at)
    return max(found, default=None)


def _row(
    row: OccurrenceRow,
    document: str,
    events: Sequence[LedgerEvent],
    drafts: tuple[Draft, ...],
    publications: tuple[RegisteredPublication, ...],
    working: WorkingTime,
    now: datetime,
) -> LedgerRow:
    marks = marks_of(row, events)
    true_lateness = say_lateness(row, now)
    return LedgerRow(
        occurrence=row,
        lateness="补录" if row.historical else true_lateness,
        true_lateness=true_lateness,
        lateness_hours=round(late_by(row, now).total_seconds() / 3600, 4),
        stages=stage_times(row, marks, working, now),
        rounds=review_rounds(events, working, now),
        loss=find_loss(row, marks, events, now),
        publications=publications,
        drafts=drafts,
        basis=f"{document}{row.clause}",
        events=tuple(events),
    )


def _times(time: StageTime) -> dict[str, Any]:
    return _plain({name: value for name, value in asdict(time).items() if name != "code"})


def _proof(event: LedgerEvent) -> dict[str, Any]:
    at = {"happened_at": _iso(event.happened_at), "recorded_at": _iso(event.recorded_at)}
    return {**event.payload, "kind": event.kind, **at, "person": event.person}


def _draft(draft: Draft) -> dict[str, Any]:
    paths = [f"{draft.folder.rstrip('/')}/{name}" for name in draft.files]
    blanks = [blank.label for blank in draft.open_blanks]
    known = {"version": draft.version, "sha256": draft.sha256, "state": draft.state, "folder": draft.folder}
    return {**known, "files": list(draft.files), "paths": paths, "open_blanks": blanks}


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: _iso(value) if isinstance(value, datetime) else value for name, value in values.items()}


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()

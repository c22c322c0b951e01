"""The passes over everything: when they ran, and which occurrences the next one must look at.

What a pass does with them is decided above (``orchestration.sweep``) and written by ``acts``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, insert, or_, select, update

from obligations.steps.ledger import tables
from obligations.steps.ledger.events import LedgerEvent
from obligations.steps.ledger.ledger import Ledger
from obligations.steps.ledger.occurrences import BATCH, events_of, row_of, rows_query
from obligations.steps.ledger.projection import OccurrenceRow
from obligations.steps.ledger.stages import Stage

RESTING = (Stage.EXPECTED, Stage.BAD_INPUT, Stage.RETURNED, Stage.FAILED)
"""Stages in which no run works on an occurrence; in every other open stage one should."""

_occurrence, _watch = tables.occurrence.c, tables.watch.c
_OPEN = _occurrence.outcome.is_(None)
_UNSEEN = or_(_watch.occurrence_id.is_(None), _watch.head_seq != _occurrence.head_seq)


@dataclass(frozen=True, slots=True)
class SweepRecord:
    """One pass.

    Attributes:
        at: the instant it went by; finished_at: None while it runs, or if it was killed.
        facts: JSON that later passes compare with (how many obligations, which versions).
    """

    id: int
    at: datetime
    finished_at: datetime | None
    facts: dict[str, Any]


class Sweeps:
    """Reads and records passes on a ledger. Any number may run at once."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def first_at(self) -> datetime | None:
        """Return when the installation's first pass began, which decides what is historical (补录); None before it."""
        with self._ledger.reading() as connection:
            return connection.scalar(select(tables.sweep.c.at).order_by(tables.sweep.c.id).limit(1))

    def last(self, *, finished: bool = False) -> SweepRecord | None:
        """Return the pass that began last, or of those that came to their end."""
        query = select(tables.sweep).order_by(tables.sweep.c.id.desc()).limit(1)
        if finished:
            query = query.where(tables.sweep.c.finished_at.is_not(None))
        with self._ledger.reading() as connection:
            mapping = connection.execute(query).mappings().one_or_none()
        return None if mapping is None else SweepRecord(**mapping)

    def begin(self, at: datetime, facts: Mapping[str, Any]) -> SweepRecord:
        """Record that a pass begins."""
        values = {"at": at, "facts": dict(facts)}
        with self._ledger.writing() as connection:
            id_ = connection.scalar(insert(tables.sweep).values(values).returning(tables.sweep.c.id))
        return SweepRecord(int(id_ or 0), at, None, dict(facts))

    def finish(self, record: SweepRecord, at: datetime, facts: Mapping[str, Any]) -> None:
        """Record that a pass came to its end, with the facts as they are then."""
        values = {"finished_at": at, "facts": dict(facts)}
        with self._ledger.writing() as connection:
            connection.execute(update(tables.sweep).where(tables.sweep.c.id == record.id).values(values))

    def to_look_at(self, now: datetime, basis: str, *, after_id: int = 0, limit: int = BATCH) -> list[OccurrenceRow]:
        """Return the occurrences about which something may be to decide, ordered by id, those after ``after_id``.

        They have got an event since a pass saw them, or their time has come, or they were seen under another basis, or
        never. Of those that are closed or historical, whose due time is told to nobody, only what a person decided
        later is asked about, so they are looked at once after each event, and again where that left a time.
        """
        due = and_(_OPEN, ~_occurrence.historical)
        others = and_(~due, or_(_occurrence.head_seq > 1, _watch.look_at.is_not(None)))
        unseen = or_(_UNSEEN, _watch.look_at <= now, _watch.basis != basis)
        followed = or_(_UNSEEN, _watch.look_at <= now, and_(_watch.look_at.is_not(None), _watch.basis != basis))
        query = (
            select(_occurrence.id)
            .outerjoin(tables.watch)
            .where(_occurrence.id > after_id, or_(and_(due, unseen), and_(others, followed)))
            .order_by(_occurrence.id)
            .limit(limit)
        )
        return self._rows(query)

    def followed(self, *, after_id: int = 0, limit: int = BATCH) -> list[OccurrenceRow]:
        """Return the met occurrences with something that is still to be done, as a pass found or none has looked yet."""
        query = (
            select(_occurrence.id)
            .outerjoin(tables.watch)
            .where(_occurrence.outcome == Stage.MET.value, _occurrence.id > after_id)
            .where(or_(_UNSEEN, _watch.look_at.is_not(None)))
            .order_by(_occurrence.id)
            .limit(limit)
        )
        return self._rows(query)

    def closed_late(self, *, after_id: int = 0, limit: int = BATCH) -> list[OccurrenceRow]:
        """Return occurrences that were closed after their due time while no pass looked, so that no miss is on record."""
        late = and_(
            ~_OPEN,
            ~_occurrence.historical,
            _occurrence.missed_at.is_(None),
            _occurrence.paused_at.is_(None),
            _occurrence.closed_at > _occurrence.due_at,
            _occurrence.id > after_id,
        )
        return self._rows(select(_occurrence.id).where(late).order_by(_occurrence.id).limit(limit))

    def startable(
        self,
        now: datetime,
        *,
        grace: timedelta,
        stages: Iterable[Stage] = RESTING,
        after_id: int = 0,
        limit: int = BATCH,
    ) -> list[OccurrenceRow]:
        """Return open occurrences, not paused, in one of ``stages`` that opened at least ``grace`` ago, ordered by id."""
        ready = and_(
            _OPEN,
            _occurrence.paused_at.is_(None),
            _occurrence.stage.in_([stage.value for stage in stages]),
            _occurrence.opens_at <= now - grace,
            _occurrence.id > after_id,
        )
        return self._rows(select(_occurrence.id).where(ready).order_by(_occurrence.id).limit(limit))

    def to_rebind(
        self,
        calendar_version: str,
        catalogue_version_by_key: Mapping[str, str],
        *,
        after_id: int = 0,
        limit: int = BATCH,
    ) -> list[OccurrenceRow]:
        """Return the open occurrences whose dates were computed under another calendar or catalogue, ordered by id.

        An obligation that the mapping does not name is no longer in the catalogue; its occurrences stay as they are.
        """
        stale: list[int] = []
        with self._ledger.reading() as connection:
            for id_, key, calendar, catalogue in _versions(connection, after_id):
                wanted = catalogue_version_by_key.get(key)
                if wanted is not None and (calendar, catalogue) != (calendar_version, wanted):
                    stale.append(id_)
                if len(stale) == limit:
                    break
        return self._rows(select(_occurrence.id).where(_occurrence.id.in_(stale))) if stale else []

    def open_keys(self) -> set[str]:
        """Return the obligations of which an occurrence is open."""
        query = select(_occurrence.obligation_key).where(_OPEN, ~_occurrence.historical).distinct()
        with self._ledger.reading() as connection:
            return {str(key) for key in connection.scalars(query)}

    def events_of(self, rows: Iterable[OccurrenceRow]) -> dict[int, list[LedgerEvent]]:
        """Return the events of each occurrence by its id, in order."""
        with self._ledger.reading() as connection:
            return events_of(connection, [row.id for row in rows])

    def _rows(self, ids: Select[tuple[int]]) -> list[OccurrenceRow]:
        query = rows_query().where(_occurrence.id.in_(ids)).order_by(_occurrence.id)
        with self._ledger.reading() as connection:
            return [row_of(mapping) for mapping in connection.execute(query).mappings()]


def opened_by(connection: Connection, event_ids: Iterable[str]) -> Iterator[OccurrenceRow]:
    """Yield the occurrences that reported events opened, in the order of their keys."""
    query = rows_query().where(_occurrence.event_id.in_(list(event_ids))).order_by(_occurrence.obligation_key)
    for mapping in connection.execute(query).mappings():
        yield row_of(mapping)


def _versions(connection: Connection, after_id: int) -> Iterator[tuple[int, str, str, str]]:
    columns = _occurrence.id, _occurrence.obligation_key, _occurrence.calendar_version, _occurrence.catalogue_version
    query = select(*columns).where(_OPEN, _occurrence.id > after_id).order_by(_occurrence.id)
    for row in connection.execute(query, execution_options={"yield_per": 5000}):
        yield row.id, row.obligation_key, row.calendar_version, row.catalogue_version

"""Which occurrences hold which files, for purging them: drafts by their folder, the others by their bytes. Only reads.

Raw inputs and what people handed in (edited files, attachments) are kept by content, so several occurrences may need the
same one; it may go when none of them does any more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Text, or_, select, type_coerce

from obligations.steps.ledger import tables
from obligations.steps.ledger.archiving import of_year
from obligations.steps.ledger.events import EventKind
from obligations.steps.ledger.ledger import Ledger
from obligations.steps.ledger.occurrences import BATCH, events_of, row_of, rows_query
from obligations.steps.ledger.products import Draft, drafts_of
from obligations.steps.ledger.projection import OccurrenceRow

_event = tables.event.c
_HANDED_IN = (EventKind.UPLOADED, EventKind.ATTACHED)
_NAMING = (EventKind.DATA_ARRIVED, *_HANDED_IN)
"""Kinds of event that name a file kept by its content."""


@dataclass(frozen=True, slots=True)
class Input:
    """A raw input that an occurrence gathered: SHA-256 of its bytes, and where it was kept."""

    sha256: str
    path: str


@dataclass(frozen=True, slots=True)
class Holding:
    """An occurrence with the files that belong to it; ``proofs`` are what people handed in."""

    row: OccurrenceRow
    drafts: tuple[Draft, ...]
    inputs: tuple[Input, ...]
    proofs: tuple[Input, ...] = ()


def held_by_closed(ledger: Ledger, closed_before: datetime) -> Iterator[Holding]:
    """Yield every occurrence that was closed before an instant, oldest first."""
    closed_at = tables.occurrence.c.closed_at
    with ledger.reading() as connection:
        yield from _holdings(connection, closed_at < closed_before)


def held_in(ledger: Ledger, year: int) -> Iterator[Holding]:
    """Yield every occurrence that fell due in a year, closed or not, at most 500 in memory."""
    its_id, last = tables.occurrence.c.id, 0
    with ledger.reading() as connection:
        while True:
            query = select(its_id).where(of_year(year), its_id > last).order_by(its_id).limit(BATCH)
            if not (ids := list(connection.scalars(query))):
                return
            yield from _holdings(connection, its_id.in_(ids))
            last = ids[-1]


def held_by(ledger: Ledger, key: str, period: str) -> Iterator[Holding]:
    """Yield one occurrence; nothing for an unknown one."""
    its_own = (tables.occurrence.c.obligation_key == key) & (tables.occurrence.c.period == period)
    with ledger.reading() as connection:
        yield from _holdings(connection, its_own)


def holding(ledger: Ledger, sha256: str) -> Iterator[Holding]:
    """Yield every occurrence that has a draft, an input or a file handed in of this SHA-256, with nothing but those."""
    with ledger.reading() as connection:
        drafted = select(tables.draft.c.occurrence_id).where(tables.draft.c.sha256 == sha256)
        names_it = type_coerce(_event.payload, Text).contains(sha256, autoescape=True)
        gathered = select(_event.occurrence_id).where(_event.kind.in_(_NAMING), names_it)
        its_id = tables.occurrence.c.id
        for found in _holdings(connection, or_(its_id.in_(drafted), its_id.in_(gathered))):
            drafts = tuple(draft for draft in found.drafts if draft.sha256 == sha256)
            inputs = tuple(each for each in found.inputs if each.sha256 == sha256)
            proofs = tuple(each for each in found.proofs if each.sha256 == sha256)
            if drafts or inputs or proofs:
                yield Holding(found.row, drafts, inputs, proofs)


def needed_by(ledger: Ledger, inputs: Collection[str]) -> dict[str, set[tuple[str, str]]]:
    """Return, for each of these files, the key and period of those whose events name it and who have not purged it."""
    wanted, found = set(inputs), {sha256: set[tuple[str, str]]() for sha256 in inputs}
    if not wanted:
        return found
    with ledger.reading() as connection:
        purged = select(tables.purged.c.occurrence_id, tables.purged.c.sha256)
        gone = {(id_, sha256) for id_, sha256 in connection.execute(purged)}
        query = (
            select(_event.occurrence_id, _event.payload, tables.occurrence.c.obligation_key, tables.occurrence.c.period)
            .join_from(tables.event, tables.occurrence)
            .where(_event.kind.in_(_NAMING))
            .execution_options(yield_per=BATCH)
        )
        for id_, payload, key, period in connection.execute(query):
            for each in (*_inputs(payload), *_handed_in(payload)):
                if each.sha256 in wanted and (id_, each.sha256) not in gone:
                    found[each.sha256].add((key, period))
    return found


def _holdings(connection: Connection, which: ColumnElement[bool]) -> Iterator[Holding]:
    query = rows_query().where(which).order_by(tables.occurrence.c.closed_at, tables.occurrence.c.id)
    rows = [row_of(mapping) for mapping in connection.execute(query).mappings()]
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        ids = [row.id for row in batch]
        events, drafts = events_of(connection, ids), drafts_of(connection, ids)
        for row in batch:
            arrived = (event.payload for event in events[row.id] if event.kind == EventKind.DATA_ARRIVED)
            inputs = dict.fromkeys(each for payload in arrived for each in _inputs(payload))
            given = (event.payload for event in events[row.id] if event.kind in _HANDED_IN)
            proofs = dict.fromkeys(each for payload in given for each in _handed_in(payload))
            yield Holding(row, drafts[row.id], tuple(inputs), tuple(proofs))


def _inputs(payload: dict[str, Any]) -> Iterator[Input]:
    snapshot = payload.get("snapshot")
    if snapshot is not None:
        yield Input(snapshot["sha256"], snapshot["path"])


def _handed_in(payload: dict[str, Any]) -> Iterator[Input]:
    if "snapshot" not in payload and "path" in payload:
        yield Input(payload["sha256"], payload["path"])

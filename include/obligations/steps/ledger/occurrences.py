"""Finding occurrences and appending events to them, inside a transaction that the caller holds.

Every function here takes a connection on which a writing transaction is open (``Ledger.writing``), so that several
may be one act. Reading for people is ``reading``; what events add up to is ``projection``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    Table,
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from obligations.steps.ledger import tables
from obligations.steps.ledger.events import LedgerEvent, NewEvent, following
from obligations.steps.ledger.projection import ROW_FIELDS, OccurrenceRow, project
from obligations.words.errors import UnusableInput

BATCH = 500
"""Most occurrences in one transaction or one query, so that other writers never wait long."""

COLUMNS = {"key": "obligation_key", "document": "document_id"}
"""Column names of ``occurrence``, where they differ from the row's fields."""


def rows_query() -> Select[Any]:
    """Select occurrences so that ``row_of`` can read them."""
    columns = [tables.occurrence.c[COLUMNS.get(name, name)].label(name) for name in ROW_FIELDS if name != "document"]
    return select(*columns, tables.document.c.digest.label("document")).join_from(tables.occurrence, tables.document)


def row_of(mapping: RowMapping) -> OccurrenceRow:
    """Make the value of one row of ``rows_query``."""
    values = {name: mapping[name] for name in ROW_FIELDS}
    values["departments"] = tuple(values["departments"])
    values["derivation"] = tuple(values["derivation"])
    return OccurrenceRow(**values)


def find(connection: Connection, key: str, period: str, *, lock: bool = False) -> OccurrenceRow | None:
    """Return one occurrence or None; with ``lock`` nobody else can append to it until the transaction ends."""
    query = rows_query().where(tables.occurrence.c.obligation_key == key, tables.occurrence.c.period == period)
    if lock:
        # SQLite knows no row locks and needs none: its writing transactions begin IMMEDIATE, one at a time.
        query = query.with_for_update(of=tables.occurrence)
    mapping = connection.execute(query).mappings().one_or_none()
    return None if mapping is None else row_of(mapping)


def known(connection: Connection, key: str, period: str, *, lock: bool = False) -> OccurrenceRow:
    """Return one occurrence; raises UnusableInput if the ledger does not expect it."""
    row = find(connection, key, period, lock=lock)
    if row is None:
        raise UnusableInput(f"台账中没有 {key} 的 {period} 这一期；应先登记该期，再记录事件")
    return row


def append_to(
    connection: Connection, row: OccurrenceRow, said: NewEvent, recorded_at: datetime
) -> tuple[OccurrenceRow, int]:
    """Append one event to a locked occurrence; return the row after it, and the event's seq.

    With ``once``, an event of this occurrence that carries the same token is found instead, and nothing changes.
    """
    if said.once is not None:
        its_own = tables.event.c.occurrence_id == row.id, tables.event.c.once == said.once
        if (seq := connection.scalar(select(tables.event.c.seq).where(*its_own))) is not None:
            return row, int(seq)
    folded = fold(row, [said], recorded_at)
    store(connection, [folded])
    return folded.after, folded.after.head_seq


@dataclass(frozen=True, slots=True)
class Folded:
    """Events ready to store: the occurrence before and after them."""

    before: OccurrenceRow
    after: OccurrenceRow
    events: tuple[LedgerEvent, ...]


def fold(row: OccurrenceRow, said: Iterable[NewEvent], recorded_at: datetime) -> Folded:
    """Chain events onto an occurrence without a database."""
    after, events = row, []
    for new in said:
        event = following((after.head_seq, after.head_hash), row.key, row.period, new, recorded_at)
        after = project(after, event)
        events.append(event)
    return Folded(row, after, tuple(events))


def store(connection: Connection, folded: Sequence[Folded]) -> None:
    """Write what ``fold`` made of occurrences that are locked and still as they were before; one row each."""
    events = [event_values(entry.before.id, event) for entry in folded for event in entry.events]
    if events:
        connection.execute(insert(tables.event), events)
    changed: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for entry in folded:
        before, after = entry.before, entry.after
        names = tuple(name for name in ROW_FIELDS if getattr(after, name) != getattr(before, name))
        if names:
            row = {"its_id": before.id} | {name: getattr(after, name) for name in names}
            changed.setdefault(names, []).append(row)
    its_row = tables.occurrence.c.id == bindparam("its_id")
    for names, rows in changed.items():
        connection.execute(update(tables.occurrence).where(its_row).values({n: bindparam(n) for n in names}), rows)


def lock(connection: Connection, ids: Iterable[int]) -> dict[int, OccurrenceRow]:
    """Return occurrences by id, locked in the order of their ids, so that two who lock several never wait in a ring."""
    query = (
        rows_query()
        .where(tables.occurrence.c.id.in_(list(ids)))
        .order_by(tables.occurrence.c.id)
        .with_for_update(of=tables.occurrence)
    )
    return {mapping["id"]: row_of(mapping) for mapping in connection.execute(query).mappings()}


def append_each(connection: Connection, said: Sequence[tuple[int, NewEvent]], recorded_at: datetime) -> int:
    """Append one event or more to each of at most 500 occurrences (by id); return how many were not there yet.

    Every event must have its ``once``; those whose token is there already are left out.
    """
    rows = lock(connection, {id_ for id_, _ in said})
    there = tokens_of(connection, rows, [new.once for _, new in said if new.once])
    wanted: dict[int, dict[str | None, NewEvent]] = {id_: {} for id_ in rows}
    for id_, new in said:
        if (id_, new.once) not in there:
            wanted[id_].setdefault(new.once, new)
    folded = [fold(rows[id_], new.values(), recorded_at) for id_, new in wanted.items() if new]
    store(connection, folded)
    return sum(len(entry.events) for entry in folded)


def tokens_of(connection: Connection, ids: Iterable[int], tokens: Iterable[str]) -> set[tuple[int, str]]:
    """Return those of the ``once`` tokens that the occurrences' events carry already, with the occurrence's id."""
    columns = tables.event.c.occurrence_id, tables.event.c.once
    query = select(*columns).where(columns[0].in_(list(ids)), columns[1].in_(set(tokens)))
    return {(int(id_), str(once)) for id_, once in connection.execute(query)}


def insert_new(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """INSERT … ON CONFLICT DO NOTHING in the database's own dialect."""
    return upserting(connection, table).on_conflict_do_nothing()


def upserting(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """INSERT that can say what happens ON CONFLICT, in the database's own dialect."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def event_values(occurrence_id: int, event: LedgerEvent) -> dict[str, Any]:
    """Return the columns of ``event`` for one event; the inverse of ``event_of``."""
    return {
        "occurrence_id": occurrence_id,
        "seq": event.seq,
        "kind": event.kind,
        "happened_at": event.happened_at,
        "recorded_at": event.recorded_at,
        "person": event.person,
        "once": event.once,
        "payload": event.payload,
        "previous_hash": event.previous_hash,
        "hash": event.hash,
    }


def events_of(connection: Connection, ids: Iterable[int]) -> dict[int, list[LedgerEvent]]:
    """Return the events of each occurrence id, in order."""
    found = of_each(connection, tables.event, ids, tables.event.c.seq)
    return {id_: [event_of(mapping) for mapping in mappings] for id_, mappings in found.items()}


def of_each(
    connection: Connection, table: Table, ids: Iterable[int], order: Column[Any], *more: ColumnElement[Any]
) -> dict[int, list[RowMapping]]:
    """Return the rows of ``table`` that belong to each occurrence id, in the given order, with ``more`` columns."""
    wanted = list(ids)
    found: dict[int, list[RowMapping]] = {id_: [] for id_ in wanted}
    for start in range(0, len(wanted), BATCH):
        batch = wanted[start : start + BATCH]
        query = select(table, *more).where(table.c.occurrence_id.in_(batch)).order_by(table.c.occurrence_id, order)
        for mapping in connection.execute(query).mappings():
            found[mapping["occurrence_id"]].append(mapping)
    return found


def event_of(mapping: Mapping[Any, Any]) -> LedgerEvent:
    """Make the value of one row of ``event``."""
    return LedgerEvent(
        seq=mapping["seq"],
        kind=mapping["kind"],
        happened_at=mapping["happened_at"],
        recorded_at=mapping["recorded_at"],
        person=mapping["person"],
        payload=mapping["payload"],
        once=mapping["once"],
        previous_hash=mapping["previous_hash"],
        hash=mapping["hash"],
    )

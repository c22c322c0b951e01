"""Finding occurrences and appending events to them, inside a transaction that the caller holds.

Every function here takes a connection on which a writing transaction is open (``Ledger.writing``), so that several
may be one act. Reading for people is ``reading``; what events add up to is ``projection``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, RowMapping, Select, Table, insert, select, update

from obligations.steps.ledger import tables
from obligations.steps.ledger.events import LedgerEvent, following
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
    connection: Connection,
    row: OccurrenceRow,
    kind: str,
    *,
    happened_at: datetime,
    recorded_at: datetime,
    person: str | None,
    payload: Mapping[str, Any],
    once: str | None = None,
) -> tuple[OccurrenceRow, int]:
    """Append one event to a locked occurrence; return the row after it, and the event's seq.

    With ``once``, an event of this occurrence that carries the same token is found instead, and nothing changes.
    """
    if once is not None:
        query = select(tables.event.c.seq).where(
            tables.event.c.occurrence_id == row.id, tables.event.c.once == once
        )  # fmt: skip
        if (seq := connection.scalar(query)) is not None:
            return row, int(seq)
    event = following(
        (row.head_seq, row.head_hash),
        row.key,
        row.period,
        kind,
        happened_at=happened_at,
        recorded_at=recorded_at,
        person=person,
        payload=dict(payload),
        once=once,
    )
    after = project(row, event)
    connection.execute(insert(tables.event), [event_values(row.id, event)])
    changes = {
        name: getattr(after, name) for name in ROW_FIELDS if getattr(after, name) != getattr(row, name)
    }  # fmt: skip
    connection.execute(update(tables.occurrence).where(tables.occurrence.c.id == row.id).values(changes))
    return after, event.seq


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


def event_of(mapping: RowMapping) -> LedgerEvent:
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

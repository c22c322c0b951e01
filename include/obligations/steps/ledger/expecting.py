"""Expecting occurrences in bulk, in three steps: find the unknown, work them out, insert them in one short transaction.

An occurrence that the ledger knows is never changed here, whatever its dates would be today: that is a ``rebound``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from obligations.rules.periods import has_periods
from obligations.steps.ledger import tables
from obligations.steps.ledger.columns import canonical
from obligations.steps.ledger.events import GENESIS, EventKind, LedgerEvent, NewEvent, digest, following
from obligations.steps.ledger.occurrences import COLUMNS, event_values, insert_new
from obligations.steps.ledger.projection import ROW_FIELDS, OccurrenceRow, first
from obligations.words.obligation import Document, Obligation
from obligations.words.occurrence import Occurrence


@dataclass(frozen=True, slots=True)
class Expected:
    """An occurrence to expect.

    Attributes:
        obligation, occurrence: what orders it, and its dates.
        catalogue_version: of the obligation, under which the dates were computed.
        historical: due before the installation's first sweep (补录).
    """

    obligation: Obligation
    occurrence: Occurrence
    catalogue_version: str
    historical: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """An occurrence ready to insert: its row, its first event and its document."""

    row: OccurrenceRow
    event: LedgerEvent
    document: Document


def unknown(connection: Connection, batch: Sequence[Expected]) -> list[Expected]:
    """Return those that the ledger does not expect yet, each once, in a fixed order. Only reads."""
    wanted = {(entry.occurrence.key, entry.occurrence.period.key): entry for entry in batch}
    known = connection.execute(
        select(tables.occurrence.c.obligation_key, tables.occurrence.c.period).where(
            # Two plain lists, which both databases look up by index, find a few too many; pairs would be a scan.
            tables.occurrence.c.obligation_key.in_({key for key, _ in wanted}),
            tables.occurrence.c.period.in_({period for _, period in wanted}),
        )
    )
    for key, period in known:
        wanted.pop((key, period), None)
    return [entry for _, entry in sorted(wanted.items(), key=lambda item: item[0])]


def prepare(entries: Sequence[Expected], *, calendar_version: str, now: datetime) -> list[Prepared]:
    """Work out rows and first events; done before the transaction begins, so that no writer waits for it."""
    prepared: list[Prepared] = []
    digests: dict[int, str] = {}
    for entry in entries:
        document = entry.obligation.document
        if id(document) not in digests:
            digests[id(document)] = digest(canonical(_content(document)))
        key, period = entry.occurrence.key, entry.occurrence.period.key
        payload = _expected_payload(entry, digests[id(document)], calendar_version)
        event = following((0, GENESIS), key, period, NewEvent(EventKind.EXPECTED, now, payload), now)
        prepared.append(Prepared(first(key, period, event), event, document))
    return prepared


def insert_prepared(connection: Connection, prepared: Sequence[Prepared]) -> int:
    """Insert what ``prepare`` made, in its order; return how many were new.

    An occurrence that another process expected in the meantime keeps that one's row and first event.
    """
    if not prepared:
        return 0
    documents = _document_ids(connection, {entry.row.document: entry.document for entry in prepared})
    values = [
        {COLUMNS.get(name, name): getattr(entry.row, name) for name in ROW_FIELDS if name != "id"}
        | {"document_id": documents[entry.row.document]}
        for entry in prepared
    ]
    made = connection.execute(
        insert_new(connection, tables.occurrence).returning(
            tables.occurrence.c.id, tables.occurrence.c.obligation_key, tables.occurrence.c.period
        ),
        values,
    ).all()
    if made:
        events = {(entry.row.key, entry.row.period): entry.event for entry in prepared}
        connection.execute(insert(tables.event), [event_values(id_, events[key, period]) for id_, key, period in made])
    return len(made)


def _expected_payload(entry: Expected, document_digest: str, calendar_version: str) -> dict[str, Any]:
    obligation, occurrence = entry.obligation, entry.occurrence
    return {
        "period_start": occurrence.period.start,
        "period_end": occurrence.period.end,
        "document": document_digest,
        "clause": obligation.clause,
        "title": obligation.title,
        "jurisdiction": obligation.jurisdiction.slug,
        "departments": obligation.department_names or obligation.departments,
        "office": obligation.jurisdiction.office,
        "duty": obligation.duty.value,
        "fulfilment": obligation.fulfilment,
        "event_id": None if has_periods(obligation.clock) else occurrence.period.key,
        "historical": entry.historical,
        "original_due_at": occurrence.due_at,
        "opens_at": occurrence.opens_at,
        "draft_by": occurrence.draft_by,
        "due_at": occurrence.due_at,
        "provisional": occurrence.due.provisional,
        "earliest": occurrence.due.earliest,
        "latest": occurrence.due.latest,
        "derivation": occurrence.due.derivation,
        "calendar_version": calendar_version,
        "catalogue_version": entry.catalogue_version,
    }


def _content(document: Document) -> dict[str, Any]:
    return document.model_dump(mode="json")


def _document_ids(connection: Connection, documents: Mapping[str, Document]) -> dict[str, int]:
    """Return the row id of each document by its digest; makes the rows that are not there yet."""
    query = select(tables.document.c.digest, tables.document.c.id).where(tables.document.c.digest.in_(list(documents)))
    ids = {row.digest: int(row.id) for row in connection.execute(query)}
    if missing := sorted(documents.keys() - ids.keys()):
        values = [
            {
                "digest": name,
                "title": documents[name].title,
                "number": documents[name].number,
                "issued_by": documents[name].issued_by,
                "content": _content(documents[name]),
            }
            for name in missing
        ]
        connection.execute(insert_new(connection, tables.document), values)
        ids = {row.digest: int(row.id) for row in connection.execute(query)}
    return ids

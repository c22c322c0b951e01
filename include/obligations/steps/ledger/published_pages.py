"""The published pages that are proven, over all occurrences, for whoever looks at them again. Only reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from obligations.steps.ledger import tables
from obligations.steps.ledger.events import EventKind, LedgerEvent
from obligations.steps.ledger.ledger import Ledger
from obligations.steps.ledger.occurrences import BATCH, events_of


@dataclass(frozen=True, slots=True)
class PublishedPage:
    """The version that stands at an address of an occurrence.

    Attributes:
        sha256: of the final version; published_at: when it was registered.
        state: as the last ``page_changed`` since left it (``gone``, ``altered``, ``restored``), None where none did.
        detail: of that event, or empty.
        changes: how many such events there are of this address, whatever version stood there.
    """

    key: str
    period: str
    address: str
    sha256: str
    published_at: datetime
    state: str | None
    detail: str
    changes: int


def pages_published_since(ledger: Ledger, since: datetime) -> tuple[PublishedPage, ...]:
    """Return what was published since, is proven and has not been withdrawn, by address the last version."""
    occurrence, publication = tables.occurrence.c, tables.publication.c
    query = (
        select(occurrence.id, occurrence.obligation_key, occurrence.period)
        .join(tables.publication, publication.occurrence_id == occurrence.id)
        .where(publication.published_at >= since)
        .distinct()
        .order_by(occurrence.id)
    )
    pages: list[PublishedPage] = []
    with ledger.reading() as connection:
        found = connection.execute(query).all()
        for start in range(0, len(found), BATCH):
            batch = found[start : start + BATCH]
            events = events_of(connection, [id_ for id_, _, _ in batch])
            for id_, key, period in batch:
                pages += _standing(key, period, events[id_], since)
    return tuple(pages)


def _standing(key: str, period: str, events: list[LedgerEvent], since: datetime) -> Iterator[PublishedPage]:
    published: dict[str, LedgerEvent] = {}
    last: dict[str, LedgerEvent] = {}
    changes: Counter[str] = Counter()
    proven: set[tuple[object, object]] = set()
    for event in events:
        address = str(event.payload.get("address"))
        if event.kind == EventKind.PUBLISHED:
            published[address] = event
            last.pop(address, None)
        elif event.kind == EventKind.VERIFIED:
            proven.add((event.payload.get("sha256"), address))
        elif event.kind == EventKind.WITHDRAWN:
            published.pop(address, None)
        elif event.kind == EventKind.PAGE_CHANGED:
            last[address] = event
            changes[address] += 1
    for address, event in published.items():
        sha256 = event.payload["sha256"]
        if event.happened_at >= since and (sha256, address) in proven:
            changed = last[address].payload if address in last else {}
            state, detail = changed.get("state"), str(changed.get("detail") or "")
            yield PublishedPage(key, period, address, sha256, event.happened_at, state, detail, changes[address])

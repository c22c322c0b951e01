"""Finding any edit, removal or reordering in a ledger, from its database alone. Only reads.

Each occurrence's chain is recomputed and folded again: an event's text, its place, its owner, the row that the events
add up to, and the drafts and publications they speak of must all agree. Then the register of reported events and the
daily checkpoints. The first bad event of an occurrence is named; what follows it proves nothing more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, exists, select

from obligations.steps.ledger import checkpoints as checkpointing
from obligations.steps.ledger import tables
from obligations.steps.ledger.columns import raw_text
from obligations.steps.ledger.events import GENESIS, EventKind, LedgerEvent, digest, seal
from obligations.steps.ledger.ledger import Ledger
from obligations.steps.ledger.occurrences import BATCH, event_of, of_each, row_of, rows_query
from obligations.steps.ledger.products import drafted_once, published_once
from obligations.steps.ledger.projection import ROW_FIELDS, OccurrenceRow, first, project
from obligations.steps.ledger.purging import TOMBSTONE, purged_once
from obligations.steps.ledger.reported import seal_report
from obligations.words.obligation import Fulfilment
from obligations.words.telling import Tell, untold

Stored = Mapping[Any, Any]
"""One row as a query returns it, or as an archive holds it."""
_PUBLISHING: tuple[Fulfilment, ...] = ("published", "held", "submitted", "completed")


def verify_ledger(ledger: Ledger, checkpoints: Collection[str] = (), *, tell: Tell = untold) -> list[str]:
    """Return one Chinese sentence for each occurrence, event report or checkpoint that does not hold; empty when sound.

    ``checkpoints`` are hashes that were kept outside: a ledger without one of them is older than it, or another. Reads one
    state of the ledger, so that it may run beside writers, and keeps at most 500 occurrences in memory.
    """
    with ledger.reading() as connection:
        return [
            *_faults_of_documents(connection),
            *_faults_of_occurrences(connection, tell),
            *_orphans(connection),
            *_faults_of_reports(connection),
            *checkpointing.faults(connection),
            *checkpointing.missing(connection, checkpoints),
        ]


def _faults_of_occurrences(connection: Connection, tell: Tell) -> Iterator[str]:
    last = verified = 0
    while True:
        query = rows_query().where(tables.occurrence.c.id > last).order_by(tables.occurrence.c.id).limit(BATCH)
        rows = [row_of(mapping) for mapping in connection.execute(query).mappings()]
        if not rows:
            return
        ids = [row.id for row in rows]
        events = of_each(connection, tables.event, ids, tables.event.c.seq, raw_text(tables.event.c.payload))
        drafts = of_each(connection, tables.draft, ids, tables.draft.c.id)
        publications = of_each(connection, tables.publication, ids, tables.publication.c.id)
        purged = of_each(connection, tables.purged, ids, tables.purged.c.id)
        for row in rows:
            fault = fault_of(row, events[row.id], drafts[row.id], publications[row.id], purged[row.id])
            if fault is not None:
                yield f"{row.key} {row.period}：{fault}"
        last, verified = ids[-1], verified + len(ids)
        tell(f"已核验 {verified:,} 期")


def fault_of(
    row: OccurrenceRow,
    stored: Sequence[Stored],
    drafts: Sequence[Stored],
    publications: Sequence[Stored],
    purged: Sequence[Stored],
) -> str | None:
    """Return what is first wrong with one occurrence, or None; ``stored`` are its events with their payload's ``raw`` text."""
    folded: OccurrenceRow | None = None
    seq, head = 0, GENESIS
    events: list[LedgerEvent] = []
    for mapping in stored:
        event = event_of(mapping)
        if (fault := _fault_of_link(row, event, mapping["raw"], seq, head)) is not None:
            return fault
        try:
            folded = first(row.key, row.period, event) if folded is None else project(folded, event)
        except (KeyError, TypeError, ValueError) as error:
            return f"第 {event.seq} 条（{event.kind}）的内容不成形（{error}），事件被替换"
        seq, head = event.seq, event.hash
        events.append(event)
    if folded is None:
        return "全部事件已被删除"
    if row.head_seq != seq:
        return f"第 {seq} 条（{events[-1].kind}）之后应有至第 {row.head_seq} 条的事件，现已缺失"
    differing = [name for name in ROW_FIELDS if name != "id" and getattr(folded, name) != getattr(row, name)]
    if differing:
        return f"事项记录的 {'、'.join(differing)} 与至第 {seq} 条（{events[-1].kind}）为止的事件不符，记录被改动"
    return _fault_of_products(events, drafts, publications) or _fault_of_tombstones(events, purged)


def _fault_of_link(row: OccurrenceRow, event: LedgerEvent, raw: str, seq: int, head: str) -> str | None:
    name = f"第 {event.seq} 条（{event.kind}）"
    if event.seq != seq + 1:
        return f"{name}之前缺少第 {seq + 1} 条，事件被删除或调换"
    if event.hash != seal(row.key, row.period, event, raw):
        return f"{name}的内容与其散列值不符，事件被改动或调换"
    if event.previous_hash != head:
        return f"{name}与前一条不衔接，前一条被替换"
    if seq == 0 and event.kind != EventKind.EXPECTED:
        return f"{name}不是登记事件，首条被替换"
    return None


def _fault_of_products(
    events: Sequence[LedgerEvent], drafts: Sequence[Stored], publications: Sequence[Stored]
) -> str | None:
    """Compare drafts and publications with the events that registered them, by their tokens."""
    said = {event.once: event for event in events if event.once is not None}
    tokens = {drafted_once(row["version"], row["sha256"]) for row in drafts}
    for row in publications:
        token = next((t for t in _publishing_tokens(row) if t in said), None)
        if token is None:
            return f"发布记录（{row['address']}）没有对应的事件，记录被改动或添加"
        tokens.add(token)
        last = _last_proof(events, row) or said[token]
        same = said[token].payload["version"] == row["version"] and said[token].happened_at == row["published_at"]
        if not same or any(last.payload[name] != row[name] for name in ("evidence", "grade")):
            return f"发布记录（{row['address']}）与第 {last.seq} 条（{last.kind}）不符，记录被改动"
    registered = {token for token, event in said.items() if _registers(event)}
    if lost := sorted(registered - tokens):
        event = said[lost[0]]
        return f"第 {event.seq} 条（{event.kind}）登记的草稿或发布记录已缺失"
    if tokens - registered:
        return "有草稿记录没有对应的事件，记录被改动或添加"
    return None


def _last_proof(events: Sequence[LedgerEvent], publication: Stored) -> LedgerEvent | None:
    """Return the last event that proves a publication: what we saw ourselves, or what the office accepted later."""
    its = (publication["sha256"], publication["address"])
    proofs = [event for event in events if event.kind == EventKind.VERIFIED]
    return next((e for e in reversed(proofs) if (e.payload.get("sha256"), e.payload.get("address")) == its), None)


def _fault_of_tombstones(events: Sequence[LedgerEvent], purged: Sequence[Stored]) -> str | None:
    """Compare the tombstones of purged files with the events that tell of them."""
    said = {event.once: event for event in events if event.kind == EventKind.PURGED}
    for row in purged:
        event = said.pop(purged_once(row["sha256"], row["name"]), None)
        told = {**event.payload, "person": event.person, "at": event.happened_at} if event else {}
        if any(told.get(name) != row[name] for name in TOMBSTONE):
            return f"文件清除记录（{row['name']}）与事件不符，记录被改动或添加"
    for event in said.values():
        return f"第 {event.seq} 条（{event.kind}）登记的文件清除记录已缺失"
    return None


def _publishing_tokens(row: Stored) -> list[str]:
    return [published_once(kind, row["sha256"], row["address"]) for kind in _PUBLISHING]


def _registers(event: LedgerEvent) -> bool:
    """Whether the event was appended together with a row of ``draft`` or ``publication``."""
    payload = event.payload
    if event.kind == EventKind.DRAFTED:
        return event.once == drafted_once(payload.get("version"), payload.get("sha256"))
    return event.kind in _PUBLISHING and event.once == published_once(
        event.kind, payload.get("sha256"), payload.get("address")
    )


def _orphans(connection: Connection) -> list[str]:
    """Find events of occurrences that are gone."""
    gone = ~exists().where(tables.occurrence.c.id == tables.event.c.occurrence_id)
    ids = connection.scalars(select(tables.event.c.occurrence_id).where(gone).distinct().order_by("occurrence_id"))
    return [f"编号 {id_} 的事项记录已被删除，其事件从第 1 条（expected）起无所归属" for id_ in ids]


def _faults_of_documents(connection: Connection) -> list[str]:
    query = select(tables.document.c.title, tables.document.c.digest, raw_text(tables.document.c.content))
    return [
        f"依据文件“{row['title']}”的内容与其散列值不符，记录被改动"
        for row in connection.execute(query).mappings()
        if digest(row["raw"]) != row["digest"]
    ]


def _faults_of_reports(connection: Connection) -> Iterator[str]:
    table = tables.reported_event
    query = select(table, raw_text(table.c.fields)).order_by(table.c.event_id, table.c.seq)
    for event_id, reports in groupby(connection.execute(query).mappings(), key=lambda row: str(row["event_id"])):
        head = GENESIS
        for position, row in enumerate(reports, start=1):
            if row["seq"] != position or row["previous_hash"] != head or row["hash"] != seal_report(row, row["raw"]):
                yield f"事件 {event_id} 的第 {row['seq']} 次报告被改动，或其前有报告被删除"
                break
            head = row["hash"]

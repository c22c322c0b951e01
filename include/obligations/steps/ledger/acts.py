"""What a pass over many occurrences decided, written in bulk: events, notices to send, and when to look again.

Everything is worked out before a transaction begins; inside it are only locks, a look whether the occurrence is still
the one decided upon, and bulk writes. Deciding does not belong here, nor sending (``outbox``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from obligations.steps.ledger import tables
from obligations.steps.ledger.events import NewEvent
from obligations.steps.ledger.ledger import Ledger
from obligations.steps.ledger.occurrences import BATCH, Folded, fold, insert_new, store, tokens_of, upserting
from obligations.steps.ledger.projection import OccurrenceRow
from obligations.words.notices import NewNotice

LINES = 1500
"""Most database rows that one transaction of acts writes: about a tenth of a second, so that other writers get on."""


@dataclass(frozen=True, slots=True)
class Act:
    """What to write about one occurrence.

    Attributes:
        row: as it was read, and decided upon.
        events: to append; one whose ``once`` is there already is left out.
        notices: to queue; those queued already for the tier and recipient are left out.
        look_at: when time alone changes something about it; None for never.
    """

    row: OccurrenceRow
    events: tuple[NewEvent, ...] = ()
    notices: tuple[NewNotice, ...] = ()
    look_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Acted:
    """What acts came to: events (those of notices not counted) and notices that are new, and acts skipped."""

    events: int = 0
    notices: int = 0
    skipped: int = 0

    def __add__(self, other: Acted) -> Acted:
        """Add up two batches."""
        return Acted(self.events + other.events, self.notices + other.notices, self.skipped + other.skipped)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """An act with what is new of it, chained and ready to store."""

    act: Act
    folded: Folded
    notices: tuple[NewNotice, ...]


def act_many(ledger: Ledger, acts: Sequence[Act], *, basis: str, now: datetime) -> Acted:
    """Write acts in short transactions, each occurrence's whole or not at all.

    An act is skipped where its occurrence has got another event since ``row`` was read: the next pass decides anew.
    ``basis`` names what was decided by (policies, contacts, calendar); under another one everything is looked at again.
    """
    acted = Acted()
    for batch in _batches(acts):
        with ledger.reading() as connection:
            prepared = _prepare(connection, batch, now)
        with ledger.writing() as connection:
            acted += _write(connection, prepared, basis, now)
    return acted


def queue_alarm(ledger: Ledger, subject: str, notices: Sequence[NewNotice], now: datetime) -> int:
    """Queue notices that concern no occurrence (``system:…``), each once; return how many are new.

    Raises ValueError for another subject.
    """
    if not subject.startswith("system:"):
        raise ValueError(f"an alarm's subject begins with system:, not {subject!r}")
    with ledger.writing() as connection:
        return _insert_notices(connection, [(subject, None, notice) for notice in notices], now)


def subject_of(row: OccurrenceRow) -> str:
    """Return what notices of an occurrence name it by."""
    return f"{row.key} {row.period}"


def _batches(acts: Iterable[Act]) -> Iterator[list[Act]]:
    """Cut the acts, in the order of their occurrences, into what one transaction may hold."""
    batch: list[Act] = []
    lines = 0
    for act in sorted(acts, key=lambda act: act.row.id):
        its_lines = 2 + len(act.events) + sum(2 + len(notice.channels) for notice in act.notices)
        if batch and (len(batch) == BATCH or lines + its_lines > LINES):
            yield batch
            batch, lines = [], 0
        batch.append(act)
        lines += its_lines
    if batch:
        yield batch


def _prepare(connection: Connection, batch: Sequence[Act], now: datetime) -> list[_Prepared]:
    """Find out what is new and chain it. It stays true while the occurrence's head does: whatever is queued appends."""
    tokens = [event.once for act in batch for event in act.events if event.once is not None]
    telling = [act.row.id for act in batch if act.notices]
    there = tokens_of(connection, [act.row.id for act in batch], tokens) if tokens else set()
    told = _told(connection, telling) if telling else set()
    return [_prepared(act, there, told, now) for act in batch]


def _prepared(act: Act, there: set[tuple[int, str]], told: set[tuple[int, str, str]], now: datetime) -> _Prepared:
    events: dict[object, NewEvent] = {}
    for position, event in enumerate(act.events):
        if event.once is None or (act.row.id, event.once) not in there:
            events.setdefault(event.once or position, event)
    notices: dict[tuple[str, str], NewNotice] = {}
    for notice in act.notices:
        if (act.row.id, notice.tier, notice.recipient) not in told:
            notices.setdefault((notice.tier, notice.recipient), notice)
    said = [*events.values(), *(_queued(notice, now) for notice in notices.values())]
    return _Prepared(act, fold(act.row, said, now), tuple(notices.values()))


def _queued(notice: NewNotice, now: datetime) -> NewEvent:
    payload = {
        "tier": notice.tier,
        "recipient": notice.recipient,
        "role": notice.role.value,
        "channels": list(notice.channels),
        "urgent": notice.urgent,
        "send_after": notice.send_after,
    }
    return NewEvent("notice_queued", now, payload, once=f"notice_queued:{notice.tier}:{notice.recipient}")


def _told(connection: Connection, ids: Sequence[int]) -> set[tuple[int, str, str]]:
    table = tables.notice.c
    query = select(table.occurrence_id, table.tier, table.recipient).where(table.occurrence_id.in_(ids))
    return {(int(id_), str(tier), str(recipient)) for id_, tier, recipient in connection.execute(query)}


def _write(connection: Connection, prepared: Sequence[_Prepared], basis: str, now: datetime) -> Acted:
    heads = _lock_heads(connection, [entry.act.row.id for entry in prepared])
    # Taken out, so that a second act for the same occurrence, decided upon the same head, is skipped, too.
    standing = [entry for entry in prepared if heads.pop(entry.act.row.id, None) == entry.act.row.head_seq]
    store(connection, [entry.folded for entry in standing])
    queued = [(subject_of(e.act.row), e.act.row.id, notice) for e in standing for notice in e.notices]
    notices = _insert_notices(connection, queued, now)
    _watch(connection, standing, basis)
    events = sum(len(entry.folded.events) - len(entry.notices) for entry in standing)
    return Acted(events, notices, len(prepared) - len(standing))


def _lock_heads(connection: Connection, ids: Sequence[int]) -> dict[int, int]:
    table = tables.occurrence.c
    query = select(table.id, table.head_seq).where(table.id.in_(ids)).order_by(table.id).with_for_update()
    return {int(id_): int(head) for id_, head in connection.execute(query)}


def _insert_notices(connection: Connection, queued: Sequence[tuple[str, int | None, NewNotice]], now: datetime) -> int:
    """Insert those notices that are new, with a delivery for each of their channels; return how many."""
    by_key = {(subject, notice.tier, notice.recipient): (id_, notice) for subject, id_, notice in queued}
    if not by_key:
        return 0
    table = tables.notice
    made = connection.execute(
        insert_new(connection, table).returning(table.c.id, table.c.subject, table.c.tier, table.c.recipient),
        [_notice_values(subject, id_, notice, now) for (subject, _, _), (id_, notice) in sorted(by_key.items())],
    ).all()
    deliveries = [
        {
            "notice_id": id_,
            "channel": channel,
            "recipient": recipient,
            "urgent": by_key[subject, tier, recipient][1].urgent,
            "send_after": by_key[subject, tier, recipient][1].send_after,
        }
        for id_, subject, tier, recipient in made
        for channel in dict.fromkeys(by_key[subject, tier, recipient][1].channels)
    ]
    if deliveries:
        connection.execute(insert(tables.delivery), deliveries)
    return len(made)


def _notice_values(subject: str, occurrence_id: int | None, notice: NewNotice, now: datetime) -> dict[str, Any]:
    facts: Mapping[str, Any] = notice.facts
    return {
        "subject": subject,
        "occurrence_id": occurrence_id,
        "tier": notice.tier,
        "label": notice.label,
        "recipient": notice.recipient,
        "role": notice.role.value,
        "urgent": notice.urgent,
        "queued_at": now,
        "send_after": notice.send_after,
        "facts": dict(facts),
    }


def _watch(connection: Connection, standing: Sequence[_Prepared], basis: str) -> None:
    """Keep up to which event, by what, and until when each occurrence has been looked at."""
    if not standing:
        return
    insertion = upserting(connection, tables.watch)
    seen = {name: insertion.excluded[name] for name in ("head_seq", "look_at", "basis")}
    connection.execute(
        insertion.on_conflict_do_update(index_elements=["occurrence_id"], set_=seen),
        [
            {
                "occurrence_id": entry.act.row.id,
                "head_seq": entry.folded.after.head_seq,
                "look_at": entry.act.look_at,
                "basis": basis,
            }
            for entry in standing
        ],
    )

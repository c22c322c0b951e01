"""Tombstones of files that were purged by rule or order: what they were, why, by whom, on whose authority.

The ledger's events can never be purged. Removing the files is the caller's, after this has been recorded; a file that
is gone already is no fault then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Literal

from sqlalchemy import insert, select

from obligations.steps.ledger import tables
from obligations.steps.ledger.events import EventKind, NewEvent, digest
from obligations.steps.ledger.ledger import Ledger
from obligations.steps.ledger.occurrences import append_to, known
from obligations.words.errors import UnusableInput


@dataclass(frozen=True, slots=True)
class PurgedFile:
    """A file to purge.

    Attributes:
        sha256: of its bytes; name: its path in the store.
        kind: ``draft``, ``input`` or ``proof``; size: in bytes.
    """

    sha256: str
    name: str
    kind: Literal["draft", "input", "proof"]
    size: int


@dataclass(frozen=True, slots=True)
class Tombstone(PurgedFile):
    """What is left of a purged file.

    Attributes:
        reason: why; person: who did it; authority: the rule or order it rests on; at: when.
    """

    reason: str
    person: str
    authority: str
    at: datetime


TOMBSTONE = tuple(field.name for field in fields(Tombstone))


def purged_once(sha256: object, name: object) -> str:
    """Return the token of the event that tells of a purged file."""
    return f"purged:{digest(f'{sha256} {name}')}"


def purge(
    ledger: Ledger,
    key: str,
    period: str,
    files: Sequence[PurgedFile],
    *,
    reason: str,
    person: str,
    authority: str,
    now: datetime,
) -> int:
    """Keep a tombstone and append ``purged`` for each file of an occurrence, once; return how many are new.

    Raises UnusableInput where reason, person or authority is missing, or for an unknown occurrence.
    """
    for label, value in (("清除原因", reason), ("经办人", person), ("清除依据", authority)):
        if not value.strip():
            raise UnusableInput(f"清除文件必须写明{label}；请补充后再试")
    made = 0
    with ledger.writing() as connection:
        row = known(connection, key, period, lock=True)
        for file in files:
            why = {"reason": reason, "authority": authority}
            once = purged_once(file.sha256, file.name)
            event = NewEvent(EventKind.PURGED, now, {**asdict(file), **why}, once, person)
            after, _ = append_to(connection, row, event, now)
            if after.head_seq != row.head_seq:
                values = {**asdict(file), **why, "occurrence_id": row.id, "person": person, "at": now}
                connection.execute(insert(tables.purged).values(values))
                made += 1
            row = after
    return made


def tombstones(ledger: Ledger, key: str, period: str) -> tuple[Tombstone, ...]:
    """Return what was purged of an occurrence, in that order; none for an unknown one."""
    query = (
        select(*(tables.purged.c[name] for name in TOMBSTONE))
        .join_from(tables.purged, tables.occurrence)
        .where(tables.occurrence.c.obligation_key == key, tables.occurrence.c.period == period)
        .order_by(tables.purged.c.id)
    )
    with ledger.reading() as connection:
        return tuple(Tombstone(**mapping) for mapping in connection.execute(query).mappings())

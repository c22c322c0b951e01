"""The daily checkpoint: one hash over every event since the one before, and over that one.

A chain inside one occurrence cannot show that its own end was cut off, or that a whole occurrence is gone. A
checkpoint can, and its hash, kept outside (printed, sent to the archive), shows even a ledger rewritten throughout.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, select, text

from obligations.steps.ledger import tables
from obligations.steps.ledger.columns import canonical
from obligations.steps.ledger.events import GENESIS, digest, utc_text
from obligations.words.times import SHANGHAI


def take(connection: Connection, now: datetime) -> str:
    """Take the checkpoint of ``now``'s day in Asia/Shanghai, or find it taken; return its hash."""
    day = now.astimezone(SHANGHAI).date()
    if connection.dialect.name == "postgresql":
        # Ids are given before they are committed; waiting for every writer makes sure that none below ours is to come.
        connection.execute(text("LOCK TABLE event IN SHARE ROW EXCLUSIVE MODE"))
    taken = connection.scalar(select(tables.checkpoint.c.hash).where(tables.checkpoint.c.day == day))
    if taken is not None:
        return str(taken)
    previous = last(connection)
    after = previous["last_event_id"] if previous else 0
    until = int(connection.scalar(select(func.max(tables.event.c.id))) or 0)
    events, root = events_root(connection, after, until)
    values: dict[str, Any] = {
        "day": day,
        "taken_at": now,
        "last_event_id": until,
        "events": events,
        "root": root,
        "previous_hash": previous["hash"] if previous else GENESIS,
    }
    values["hash"] = seal(values)
    connection.execute(insert(tables.checkpoint).values(values))
    return str(values["hash"])


def events_root(connection: Connection, after: int, until: int) -> tuple[int, str]:
    """Return how many events have ids in (after, until], and the SHA-256 over their ids and hashes in that order."""
    root, count = hashlib.sha256(), 0
    query = (
        select(tables.event.c.id, tables.event.c.hash)
        .where(tables.event.c.id > after, tables.event.c.id <= until)
        .order_by(tables.event.c.id)
    )
    for id_, event_hash in connection.execute(query, execution_options={"yield_per": 5000}):
        root.update(f"{id_} {event_hash}\n".encode())
        count += 1
    return count, root.hexdigest()


def faults(connection: Connection) -> list[str]:
    """Recompute every checkpoint; return one sentence for each that does not hold. Only reads."""
    found: list[str] = []
    previous_hash, after = GENESIS, 0
    for mapping in connection.execute(select(tables.checkpoint).order_by(tables.checkpoint.c.id)).mappings().all():
        where = f"核对点 {mapping['day']}"
        events, root = events_root(connection, after, mapping["last_event_id"])
        if mapping["previous_hash"] != previous_hash:
            found.append(f"{where}：与前一核对点不衔接，其间有核对点被删除或改动")
        elif mapping["hash"] != seal(mapping):
            found.append(f"{where}：核对点本身被改动")
        elif events != mapping["events"]:
            found.append(f"{where}：当时新增事件 {mapping['events']} 条，现存 {events} 条")
        elif root != mapping["root"]:
            found.append(f"{where}：当时新增的事件有改动")
        previous_hash, after = mapping["hash"], mapping["last_event_id"]
    return found


def missing(connection: Connection, kept: Collection[str]) -> list[str]:
    """Return one sentence for each hash kept outside the ledger that is not the hash of any of its checkpoints. Only reads."""
    found = set(connection.scalars(select(tables.checkpoint.c.hash).where(tables.checkpoint.c.hash.in_(kept))))
    return [
        f"台账中没有封存值为 {hash_} 的核对点：恢复的备份早于它，或者台账已被整体改写"
        for hash_ in kept
        if hash_ not in found
    ]


def last(connection: Connection) -> RowMapping | None:
    """Return the latest checkpoint, whose ``day`` and ``hash`` are to be kept outside; None before the first. Only reads."""
    query = select(tables.checkpoint).order_by(tables.checkpoint.c.id.desc()).limit(1)
    return connection.execute(query).mappings().one_or_none()


def seal(values: RowMapping | dict[str, Any]) -> str:
    """Return the hash of a checkpoint, over everything it says but that."""
    said = [values[name] for name in ("last_event_id", "events", "root", "previous_hash")]
    return digest(canonical([values["day"], utc_text(values["taken_at"]), *said]))

"""Rows of notices, deliveries and messages, inside a transaction that ``outbox`` holds."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, insert, select, update

from obligations.steps.ledger import tables
from obligations.steps.ledger.events import NewEvent
from obligations.steps.ledger.occurrences import append_each
from obligations.words.contacts import Role
from obligations.words.errors import UnusableInput
from obligations.words.notices import Outgoing, QueuedNotice

GROUP = 100
"""Most notices in one message, so that recording it is one short transaction."""

_notice, _delivery, _message = tables.notice.c, tables.delivery.c, tables.message.c


@dataclass(frozen=True, slots=True)
class Waiting:
    """What has not gone out although it is due.

    Attributes:
        unsent: deliveries that are due; oldest: since when the one waiting longest is, or None.
        failing: by channel, messages whose last attempt failed.
    """

    unsent: int
    oldest: datetime | None
    failing: dict[str, int]


def take_again(connection: Connection, now: datetime, until: datetime, limit: int, *, urgent: bool) -> list[int]:
    """Claim messages made before; return their row ids."""
    query = (
        select(_message.id, _message.state)
        .where(_message.finished_at.is_(None), _message.again_at <= now, _message.urgent == urgent)
        .order_by(_message.again_at, _message.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = connection.execute(query).all()
    for repeats in (True, False):
        ids = [id_ for id_, state in found if (state == "sending") == repeats]
        values: dict[Any, Any] = {"state": "sending", "attempts": _message.attempts + 1, "again_at": until}
        if repeats:
            values["unsure"] = True
        if ids:
            connection.execute(update(tables.message).where(_message.id.in_(ids)).values(values))
    return [id_ for id_, _ in found]


def take_new(connection: Connection, now: datetime, until: datetime, limit: int, *, urgent: bool) -> list[int]:
    """Group due deliveries into new messages; return their row ids."""
    due = (_delivery.message_id.is_(None), _delivery.send_after <= now, _delivery.urgent == urgent)
    its = (_delivery.recipient, _delivery.channel)
    groups = select(*its).where(*due).group_by(*its).order_by(func.min(_delivery.send_after)).limit(limit)
    made: list[int] = []
    for recipient, channel in connection.execute(groups).all():
        query = (
            select(_delivery.id)
            .where(*due, _delivery.recipient == recipient, _delivery.channel == channel)
            .order_by(_delivery.send_after, _delivery.id)
            .limit(GROUP)
            .with_for_update(skip_locked=True)
        )
        ids = connection.scalars(query).all()
        if not ids:
            continue  # another process is claiming them
        values = {
            "message_id": f"<{uuid.uuid4()}@obligations>",
            "recipient": recipient,
            "channel": channel,
            "urgent": urgent,
            "state": "sending",
            "attempts": 1,
            "unsure": False,
            "again_at": until,
            "made_at": now,
        }
        id_ = connection.scalar(insert(tables.message).values(values).returning(_message.id))
        connection.execute(update(tables.delivery).where(_delivery.id.in_(ids)).values(message_id=id_))
        made.append(int(id_ or 0))
    return made


def outgoing(connection: Connection, ids: Sequence[int]) -> list[Outgoing]:
    """Return claimed messages as values, urgent ones first."""
    query = select(tables.message).where(_message.id.in_(ids)).order_by(_message.urgent.desc(), _message.id)
    found = {mapping["id"]: mapping for mapping in connection.execute(query).mappings()}
    notices: dict[int, list[QueuedNotice]] = {id_: [] for id_ in found}
    for mapping in notices_in(connection, ids):
        notices[mapping["in_message"]].append(queued_notice(mapping))
    return [
        Outgoing(
            message_id=mapping["message_id"],
            recipient=mapping["recipient"],
            channel=mapping["channel"],
            urgent=mapping["urgent"],
            attempt=mapping["attempts"],
            is_repeat=mapping["unsure"],
            notices=tuple(notices[id_]),
        )
        for id_, mapping in found.items()
    ]


def _notices_query() -> Select[Any]:
    key, period = tables.occurrence.c.obligation_key.label("key"), tables.occurrence.c.period
    return select(tables.notice, key, period).outerjoin_from(tables.notice, tables.occurrence)


def notices_in(connection: Connection, ids: Iterable[int]) -> list[RowMapping]:
    """Return the notices in messages that have not been dropped, earliest due first."""
    query = (
        _notices_query()
        .add_columns(_delivery.message_id.label("in_message"))
        .join(tables.delivery, _delivery.notice_id == _notice.id)
        .where(_delivery.message_id.in_(list(ids)), _delivery.dropped_at.is_(None))
        .order_by(tables.occurrence.c.due_at, _notice.id)
    )
    return list(connection.execute(query).mappings())


def queued_notice(mapping: RowMapping) -> QueuedNotice:
    """Make the value of one row that ``known_notice`` or ``notices_in`` found."""
    names = (
        "id", "subject", "key", "period", "tier", "label", "recipient", "urgent", "queued_at", "send_after", "facts",
        "acknowledged_at", "acknowledged_by",
    )  # fmt: skip
    return QueuedNotice(role=Role(mapping["role"]), **{name: mapping[name] for name in names})


def known_notice(connection: Connection, notice_id: int) -> RowMapping:
    """Return the row of one notice with its key and period; raises UnusableInput for an unknown one."""
    mapping = connection.execute(_notices_query().where(_notice.id == notice_id)).mappings().one_or_none()
    if mapping is None:
        raise UnusableInput(f"台账中没有编号为 {notice_id} 的提醒")
    return mapping


def lock_message(connection: Connection, message_id: str) -> RowMapping:
    """Lock a message; whoever locks one and occurrences, too, locks the message first.

    Raises UnusableInput for an unknown id.
    """
    query = select(tables.message).where(_message.message_id == message_id).with_for_update()
    mapping = connection.execute(query).mappings().one_or_none()
    if mapping is None:
        raise UnusableInput(f"台账中没有编号为 {message_id} 的消息")
    return mapping


def change(connection: Connection, message: RowMapping, **values: Any) -> None:
    """Change columns of a locked message."""
    connection.execute(update(tables.message).where(_message.id == message["id"]).values(values))


def tell(
    connection: Connection,
    message: RowMapping,
    kind: str,
    notices: Iterable[RowMapping],
    facts: dict[str, Any],
    now: datetime,
) -> None:
    """Append one event for each notice to its occurrence's chain, once a channel; alarms have none."""
    said: list[tuple[int, NewEvent]] = []
    for notice in notices:
        if notice["occurrence_id"] is not None:
            channel = message["channel"]
            payload = {"tier": notice["tier"], "recipient": notice["recipient"], "channel": channel, **facts}
            event = NewEvent(kind, now, payload, once=f"{kind}:{notice['id']}:{channel}")
            said.append((int(notice["occurrence_id"]), event))
    append_each(connection, said, now)


def waiting(connection: Connection, now: datetime) -> Waiting:
    """Return what is due and has not gone out."""
    counted = select(func.count(), func.min(_delivery.send_after))
    queued = counted.where(_delivery.message_id.is_(None), _delivery.send_after <= now)
    in_messages = counted.join_from(tables.message, tables.delivery).where(
        _message.finished_at.is_(None), _delivery.dropped_at.is_(None)
    )
    failing = (
        select(_message.channel, func.count())
        .where(_message.finished_at.is_(None), _message.state == "retrying")
        .group_by(_message.channel)
    )
    found = [connection.execute(query).one() for query in (queued, in_messages)]
    oldest = min((since for _, since in found if since is not None), default=None)
    counts = {str(channel): int(count) for channel, count in connection.execute(failing)}
    return Waiting(sum(count for count, _ in found), oldest, counts)

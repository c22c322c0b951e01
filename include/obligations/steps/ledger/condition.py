"""How the installation itself stands: what it waits for, what it could not send, which dates are provisional. Only reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from obligations.steps.ledger import tables
from obligations.steps.ledger.events import EventKind
from obligations.steps.ledger.occurrences import of_each, row_of, rows_query
from obligations.steps.ledger.projection import OccurrenceRow
from obligations.steps.ledger.stages import Stage
from obligations.steps.ledger.visibility import seen_by
from obligations.words.visible import Visible

_its, _message = tables.occurrence.c, tables.message.c
_LACKING = {Stage.WAITING.value: EventKind.WAITING.value, Stage.BAD_INPUT.value: EventKind.BAD_INPUT.value}


@dataclass(frozen=True, slots=True)
class Lacking:
    """One occurrence whose data have not come, or are at fault: since when, and what was said of them."""

    row: OccurrenceRow
    since: datetime | None
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stuck:
    """One message that did not go out yet."""

    channel: str
    attempts: int
    again_at: datetime
    error: str


def lacking(connection: Connection, visible: Visible, *, most: int) -> tuple[tuple[Lacking, ...], int]:
    """Return the open occurrences that wait for data, earliest due first, at most ``most``; and how many there are."""
    waits = (_its.closed_at.is_(None), _its.stage.in_(list(_LACKING)), ~_its.historical, seen_by(visible))
    query = rows_query().where(*waits).order_by(_its.due_at, _its.id).limit(most)
    rows = [row_of(mapping) for mapping in connection.execute(query).mappings()]
    events = of_each(connection, tables.event, [row.id for row in rows], tables.event.c.seq)
    found = []
    for row in rows:
        last = next((each for each in reversed(events[row.id]) if each["kind"] == _LACKING[row.stage]), None)
        payload = last["payload"] if last is not None else {}
        said = [payload["reason"]] if payload.get("reason") else payload.get("problems", [])
        found.append(Lacking(row, last["happened_at"] if last is not None else None, tuple(map(str, said))))
    return tuple(found), connection.scalar(select(func.count()).where(*waits)) or 0


def open_counts(connection: Connection, visible: Visible) -> tuple[int, int]:
    """Return how many occurrences are open, 补录 left out, and of how many the due time is provisional."""
    open_ = (_its.closed_at.is_(None), ~_its.historical, seen_by(visible))
    query = select(_its.provisional, func.count()).where(*open_).group_by(_its.provisional)
    counts = {bool(provisional): int(count) for provisional, count in connection.execute(query)}
    return sum(counts.values()), counts.get(True, 0)


def stuck_messages(connection: Connection, *, most: int) -> tuple[Stuck, ...]:
    """Return the messages whose last attempt failed, those tried most often first."""
    failed = (_message.finished_at.is_(None), _message.state == "retrying")
    columns = _message.channel, _message.attempts, _message.again_at, _message.error
    query = select(*columns).where(*failed).order_by(_message.attempts.desc(), _message.id).limit(most)
    return tuple(
        Stuck(channel, attempts, again_at, error or "")
        for channel, attempts, again_at, error in connection.execute(query)
    )

"""The register of reported events: what happened, its level, every change of level with both starts kept, and its end.

Append-only like the ledger's own events: the first report is row 1, each change of level one more, its end the last,
chained by hash. An end is a row like the others that says ``closed_at``, who closed it and why among its fields.
Which obligations an event opens is decided above; here it is only known and remembered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, select

from obligations.steps.ledger import tables
from obligations.steps.ledger.columns import canonical
from obligations.steps.ledger.events import GENESIS, EventKind, NewEvent, digest, utc_text
from obligations.steps.ledger.occurrences import append_each
from obligations.words.errors import UnusableInput
from obligations.words.occurrence import FOLLOWUP, Event
from obligations.words.times import SHANGHAI, parse_instant, say_instant

_ID = re.compile(r"[A-Za-z0-9-]{1,100}")
CLOSED_AT, CLOSED_BY, CLOSED_BECAUSE = "closed_at", "closed_by", "closed_because"


@dataclass(frozen=True, slots=True)
class LevelReport:
    """One entry of an event's history of levels.

    Attributes:
        happened_at: when the event happened, as this report said; clocks start at the first report's.
        reported_at: when this level was reported.
        recorded_at: when the ledger learned of it.
    """

    level: str
    happened_at: datetime
    reported_at: datetime
    noticed_at: datetime | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class ReportOutcome:
    """What a report did.

    Attributes:
        event: as the ledger now knows it: latest level, title and fields; times of the first report.
        is_new: this was the first report of it.
        level_changed: this report changed the level, from ``previous_level``.
        levels: the whole history, first report first.
        ignored: names of what a repeat said differently and the ledger did not take over.
    """

    event: Event
    is_new: bool
    level_changed: bool
    previous_level: str | None
    levels: tuple[LevelReport, ...]
    ignored: tuple[str, ...] = ()


def report(connection: Connection, event: Event, now: datetime) -> ReportOutcome:
    """Record a report; a repeat changes nothing, a changed level is added and told to the event's occurrences.

    Raises UnusableInput for an unusable id or for a second event of another type under the same id.
    """
    if not _ID.fullmatch(event.id):
        raise UnusableInput(f"事件编号“{event.id}”不可用，应为 1 至 100 个字母、数字或连字符")
    _serialize_reports_of(connection, event.id)
    history = _history(connection, event.id)
    if not history:
        _insert(connection, event, now, seq=1, previous_hash=GENESIS)
        return ReportOutcome(event, True, False, None, _levels(_history(connection, event.id)))
    if history[0]["type"] != event.type:
        raise UnusableInput(f"事件编号 {event.id} 已用于另一类事件（{history[0]['type']}），请另编一号")
    before = _current(history)
    # A retried request repeats an earlier level together with its time; that is no change back to it.
    told_before = any((row["level"], row["reported_at"]) == (event.level, event.reported_at) for row in history)
    if told_before or event.level == before.level:
        return ReportOutcome(before, False, False, None, _levels(history), _differences(before, event))
    if before.closed_at is not None and event.reported_at > before.closed_at:
        raise UnusableInput(
            f"事件 {event.id} 已于{say_instant(before.closed_at)}结束，不能再变更级别；又有新的情况，请另编一号登记"
        )
    last = history[-1]
    _insert(connection, event, now, seq=last["seq"] + 1, previous_hash=last["hash"])
    history = _history(connection, event.id)
    current = _current(history)
    changed = current.level != before.level  # an older report that comes in late is kept, but decides nothing
    if changed:
        _tell_occurrences(connection, before, event, now, seq=last["seq"] + 1)
    previous_level = before.level if changed else None
    return ReportOutcome(current, False, changed, previous_level, _levels(history), _differences(current, event))


def close(
    connection: Connection, event_id: str, closed_at: datetime, reason: str, person: str, now: datetime
) -> tuple[Event, bool]:
    """Record that an event is over, and tell its occurrences; return it and whether that is new. A repeat changes nothing.

    Raises UnusableInput for an unknown event, one that ended at another time, or a time before it happened or after now.
    """
    _serialize_reports_of(connection, event_id)
    history = _history(connection, event_id)
    if not history:
        raise UnusableInput(f"没有编号为 {event_id} 的事件报告")
    before = _current(history)
    if before.closed_at is not None:
        if before.closed_at == closed_at:
            return before, False
        raise UnusableInput(f"事件 {event_id} 已登记为{say_instant(before.closed_at)}结束，不能再改")
    if not before.happened_at <= closed_at <= now:
        between = f"{say_instant(before.happened_at)}（发生）至{say_instant(now)}（现在）"
        raise UnusableInput(f"结束时间{say_instant(closed_at)}不可用，应在{between}之间")
    last = history[-1]
    ending = {CLOSED_AT: closed_at.isoformat(), CLOSED_BY: person, CLOSED_BECAUSE: reason}
    said = replace(before, reported_at=now, fields={**before.fields, **ending})
    _insert(connection, said, now, seq=last["seq"] + 1, previous_hash=last["hash"])
    payload = {"note": f"事件已于{say_instant(closed_at)}结束：{reason}", "counts": False, CLOSED_AT: closed_at}
    _tell(connection, event_id, NewEvent(EventKind.PROGRESS, closed_at, payload, f"closed:{event_id}", person), now)
    return replace(before, closed_at=closed_at), True


def events_of_type(connection: Connection, type_: str) -> tuple[Event, ...]:
    """Return every event of a type as now known, over or not, in the order of their ids. Only reads."""
    table = tables.reported_event
    query = select(table).where(table.c.type == type_).order_by(table.c.event_id, table.c.seq)
    reports = groupby(connection.execute(query).mappings(), key=lambda row: str(row["event_id"]))
    return tuple(_current(list(history)) for _, history in reports)


def open_events(connection: Connection, type_: str) -> tuple[Event, ...]:
    """Return every event of a type that is not over, in the order of their ids. Only reads."""
    return tuple(event for event in events_of_type(connection, type_) if event.closed_at is None)


def children_of(connection: Connection, event_id: str) -> tuple[Event, ...]:
    """Return the follow-ups (续报) of an event, in order; see ``follow_up_id``. Only reads."""
    table = tables.reported_event
    first_part = follow_up_id(event_id, "")
    mine = table.c.event_id.startswith(first_part, autoescape=True) & (table.c.type == FOLLOWUP)
    ids = {str(id_) for id_ in connection.scalars(select(table.c.event_id).where(mine))}
    # Beside X there may be an event X-fire, whose follow-ups begin alike.
    found = [reported_event(connection, id_) for id_ in ids if id_.removeprefix(first_part).isdecimal()]
    return tuple(sorted(found, key=lambda event: int(event.fields["followup"])))


def follow_up_id(event_id: str, number: int | str) -> str:
    """Return the id of an event's n-th follow-up."""
    return f"{event_id}-f{number}"


def reported_event(connection: Connection, event_id: str) -> Event:
    """Return an event as now known; raises UnusableInput for an unknown id. Only reads."""
    history = _history(connection, event_id)
    if not history:
        raise UnusableInput(f"没有编号为 {event_id} 的事件报告")
    return _current(history)


def seal_report(mapping: RowMapping | dict[str, Any], fields: str) -> str:
    """Return the hash of one row of the register; ``fields`` is its stored JSON text."""
    instants = (utc_text(mapping[name]) for name in ("happened_at", "reported_at", "noticed_at", "recorded_at"))
    said = (mapping[name] for name in ("event_id", "seq", "type", "level", "title"))
    return digest(canonical((*said, *instants, fields, mapping["previous_hash"])))


def _serialize_reports_of(connection: Connection, event_id: str) -> None:
    """Let one report of an event be recorded at a time; on SQLite every writer waits its turn anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(event_id, 0))))


def _history(connection: Connection, event_id: str) -> list[RowMapping]:
    query = (
        select(tables.reported_event)
        .where(tables.reported_event.c.event_id == event_id)
        .order_by(tables.reported_event.c.seq)
    )
    return list(connection.execute(query).mappings())


def _levels(history: list[RowMapping]) -> tuple[LevelReport, ...]:
    return tuple(
        LevelReport(row["level"], row["happened_at"], row["reported_at"], row["noticed_at"], row["recorded_at"])
        for row in filter(_is_report, history)
    )


def _is_report(row: RowMapping) -> bool:
    """Whether a row tells of the event and its level, rather than of its end."""
    return CLOSED_AT not in row["fields"]


def _current(history: list[RowMapping]) -> Event:
    first = history[0]
    last = max(filter(_is_report, history), key=lambda row: (row["reported_at"], row["seq"]))
    ends = [row["fields"][CLOSED_AT] for row in history if CLOSED_AT in row["fields"]]
    return Event(
        id=first["event_id"],
        type=first["type"],
        level=last["level"],
        title=last["title"],
        happened_at=first["happened_at"],
        reported_at=first["reported_at"],
        noticed_at=first["noticed_at"],
        fields=dict(last["fields"]),
        closed_at=parse_instant(ends[0]).astimezone(SHANGHAI) if ends else None,
    )


def _differences(known: Event, said: Event) -> tuple[str, ...]:
    names = ("level", "title", "happened_at", "noticed_at", "fields")
    return tuple(name for name in names if getattr(known, name) != getattr(said, name))


def _insert(connection: Connection, event: Event, now: datetime, *, seq: int, previous_hash: str) -> None:
    values: dict[str, Any] = {
        "event_id": event.id,
        "seq": seq,
        "type": event.type,
        "level": event.level,
        "title": event.title,
        "happened_at": event.happened_at,
        "reported_at": event.reported_at,
        "noticed_at": event.noticed_at,
        "fields": event.fields,
        "recorded_at": now,
        "previous_hash": previous_hash,
    }
    values["hash"] = seal_report(values, canonical(event.fields))
    connection.execute(insert(tables.reported_event).values(values))


def _tell_occurrences(connection: Connection, before: Event, said: Event, now: datetime, *, seq: int) -> None:
    """Append ``level_changed`` to every occurrence that the event has opened already."""
    payload = {"from": before.level, "to": said.level, "happened_at": before.happened_at}
    changed = NewEvent(EventKind.LEVEL_CHANGED, said.reported_at, payload, once=f"level:{seq}")
    _tell(connection, before.id, changed, now)


def _tell(connection: Connection, event_id: str, said: NewEvent, now: datetime) -> None:
    """Append one event, which has its ``once``, to every occurrence that a reported event has opened."""
    opened = connection.scalars(select(tables.occurrence.c.id).where(tables.occurrence.c.event_id == event_id))
    append_each(connection, [(id_, said) for id_ in opened], now)

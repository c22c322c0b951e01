"""Incidents as people look at them: each with the occurrences that it and its follow-ups opened, and what is published. Only reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from obligations.steps.ledger import tables
from obligations.steps.ledger.occurrences import row_of, rows_query
from obligations.steps.ledger.products import RegisteredPublication, publications_of
from obligations.steps.ledger.projection import OccurrenceRow
from obligations.steps.ledger.reported import CLOSED_AT, CLOSED_BECAUSE, CLOSED_BY, events_of_type, follow_up_id
from obligations.words.occurrence import FOLLOWUP, INCIDENT, Event
from obligations.words.visible import Visible


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident with what may be seen of it.

    Attributes:
        event: as now known.
        rows: what it and its follow-ups opened, earliest due first; publications: by the row's id.
        ended_by, ended_because: of one that is over, who said so and why.
    """

    event: Event
    rows: tuple[OccurrenceRow, ...]
    publications: dict[int, tuple[RegisteredPublication, ...]]
    ended_by: str = ""
    ended_because: str = ""


def incidents(
    connection: Connection, visible: Visible, *, is_open: bool, unopened: bool, most: int
) -> tuple[tuple[Incident, ...], int]:
    """Return the incidents that go on, or are over, the latest first, at most ``most``; and how many there are.

    One whose occurrences are all another's is left out; one that opened none (较大、一般) is there where ``unopened``.
    """
    known = [event for event in events_of_type(connection, INCIDENT) if (event.closed_at is None) == is_open]
    known.sort(key=lambda event: (event.happened_at, event.id), reverse=True)
    opened = _opened(connection, known)
    seen = [event for event in known if _may_be_seen(opened[event.id], visible, unopened=unopened)]
    return _with_publications(connection, visible, seen[:most], opened), len(seen)


def find_incident(connection: Connection, visible: Visible, event_id: str, *, unopened: bool) -> Incident | None:
    """Return one incident, over or not, if it may be seen; None for any other id."""
    known = [event for event in events_of_type(connection, INCIDENT) if event.id == event_id]
    opened = _opened(connection, known)
    seen = [event for event in known if _may_be_seen(opened[event.id], visible, unopened=unopened)]
    return next(iter(_with_publications(connection, visible, seen, opened)), None)


def next_due(incident: Incident, is_bulletin: Callable[[str], bool]) -> datetime | None:
    """Return when the next bulletin of an incident that goes on is due; None while none is expected."""
    awaited = (row for row in incident.rows if row.outcome is None and row.published_at is None)
    return min((row.due_at for row in awaited if is_bulletin(row.key)), default=None)


def _may_be_seen(rows: Sequence[OccurrenceRow], visible: Visible, *, unopened: bool) -> bool:
    return any(visible.shows(row.key) for row in rows) if rows else unopened


def _with_publications(
    connection: Connection, visible: Visible, events: Sequence[Event], opened: Mapping[str, Sequence[OccurrenceRow]]
) -> tuple[Incident, ...]:
    shown = {event.id: [row for row in opened[event.id] if visible.shows(row.key)] for event in events}
    published = publications_of(connection, [row.id for rows in shown.values() for row in rows])
    ends = _ends(connection, [event.id for event in events if event.closed_at is not None])
    return tuple(
        Incident(
            event,
            tuple(shown[event.id]),
            {row.id: published[row.id] for row in shown[event.id]},
            *ends.get(event.id, ("", "")),
        )
        for event in events
    )


def _ends(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return who ended an incident and why, by its id."""
    table = tables.reported_event.c
    query = select(table.event_id, table.fields).where(table.event_id.in_(ids)).order_by(table.seq)
    found = connection.execute(query) if ids else ()
    return {
        str(id_): (str(fields.get(CLOSED_BY, "")), str(fields.get(CLOSED_BECAUSE, "")))
        for id_, fields in found
        if CLOSED_AT in fields
    }


def _opened(connection: Connection, events: Sequence[Event]) -> dict[str, list[OccurrenceRow]]:
    """Return what each event and its follow-ups opened, by the event's id."""
    parents = {event.id: event.id for event in events} | _parents(connection, [event.id for event in events])
    found: dict[str, list[OccurrenceRow]] = {event.id: [] for event in events}
    if parents:
        its = tables.occurrence.c
        query = rows_query().where(its.event_id.in_(list(parents))).order_by(its.due_at, its.obligation_key)
        for mapping in connection.execute(query).mappings():
            row = row_of(mapping)
            found[parents[str(row.event_id)]].append(row)
    return found


def _parents(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    """Return the follow-ups of incidents: the incident's id by the follow-up's."""
    table = tables.reported_event.c
    children = connection.scalars(select(table.event_id).where(table.type == FOLLOWUP).distinct()) if ids else ()
    known = {follow_up_id(id_, ""): id_ for id_ in ids}
    found = ((str(child), known.get(str(child).rstrip("0123456789"))) for child in children)
    return {child: parent for child, parent in found if parent is not None}

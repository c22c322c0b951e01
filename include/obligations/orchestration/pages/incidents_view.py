"""An incident as the pages show it: its clocks, what is published, when the next bulletin is due. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from obligations.orchestration.events.following import BULLETINS
from obligations.orchestration.pages.lines import Done, Line, Sight, done_of, line_of
from obligations.steps.ledger import LedgerEvent
from obligations.steps.ledger.incidents import Incident, next_due
from obligations.words.obligation import Obligation
from obligations.words.occurrence import Event
from obligations.words.times import say_due, say_instant


@dataclass(frozen=True, slots=True)
class Published:
    """One address, whether a browser can open it, since when, by which proof."""

    title: str
    address: str
    is_link: bool
    at: str
    grade: str


@dataclass(frozen=True, slots=True)
class IncidentView:
    """What is shown of an incident.

    Attributes:
        clocks: of each duty that it opened and that is open; done: those that are not.
        next_due: when the next bulletin is due, in words; next_live: the same for a countdown.
        follows: it is followed up (续报) until it ends; ended: of one that is over, when, by whom and why.
    """

    event: Event
    happened: str
    reported: str
    clocks: tuple[Line, ...]
    done: tuple[Done, ...]
    published: tuple[Published, ...]
    next_due: str
    next_live: str | None
    ended: str
    about: tuple[tuple[str, str], ...]


def incident_view(
    incident: Incident,
    events: Mapping[int, Sequence[LedgerEvent]],
    obligations: Mapping[str, Obligation],
    sight: Sight,
    labels: Mapping[str, str],
) -> IncidentView:
    """Make the view of one incident; ``labels``: of the report's texts by name, what a form hints at in （） left out."""

    def is_bulletin(key: str) -> bool:
        return key in obligations and obligations[key].publication in BULLETINS

    event = incident.event
    due = next_due(incident, is_bulletin) if event.closed_at is None else None
    return IncidentView(
        event=event,
        happened=say_instant(event.happened_at),
        reported=say_instant(event.reported_at),
        clocks=tuple(line_of(row, events.get(row.id, ()), sight) for row in incident.rows if row.outcome is None),
        done=tuple(done_of(row, sight) for row in incident.rows if row.outcome is not None),
        published=tuple(_published(incident)),
        next_due=say_due(due) if due else "",
        next_live=due.isoformat() if due else None,
        ended=_say_end(incident, event.closed_at) if event.closed_at else "",
        about=tuple(
            (label.partition("（")[0], event.fields[name]) for name, label in labels.items() if event.fields.get(name)
        ),
    )


def _published(incident: Incident) -> list[Published]:
    found = [
        (
            each.published_at,
            Published(row.title, each.address, _is_link(each.address), say_instant(each.published_at), each.grade),
        )
        for row in incident.rows
        for each in incident.publications[row.id]
    ]
    return [shown for _, shown in sorted(found, key=lambda pair: pair[0], reverse=True)]


def _is_link(address: str) -> bool:
    return address.startswith(("https://", "http://"))


def _say_end(incident: Incident, at: datetime) -> str:
    said = say_instant(at) + (f"，{incident.ended_by}登记" if incident.ended_by else "")
    return said + (f"：{incident.ended_because}" if incident.ended_because else "")

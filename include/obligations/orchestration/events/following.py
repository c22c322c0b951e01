"""续报: while an incident goes on, the next bulletin is expected, counted from the last one, published or due.

Each is an event of its own (``incident-followup``, id ``<incident>-f<n>``) that opens the duties whose clock names that
type; how many hours they give is their own limit, this installation's. By state, so that after an outage every bulletin
that was owed meanwhile is on record, each once. Starts no runs: the starter does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from obligations.orchestration.events.incidents import is_opened_by
from obligations.orchestration.settings import Settings
from obligations.orchestration.work import catalogue_version
from obligations.rules.calendar import WorkingCalendar
from obligations.rules.catalogue import load_one
from obligations.rules.occurrences import occurrence_of_event
from obligations.rules.periods import opening_event
from obligations.steps.ledger import Expected, Ledger, OccurrenceRow, Sweeps
from obligations.steps.ledger.reported import children_of, follow_up_id, open_events
from obligations.steps.ledger.sweeps import opened_by
from obligations.words.errors import ObligationsError
from obligations.words.obligation import Obligation
from obligations.words.occurrence import FOLLOWUP, INCIDENT, PARENT, Event, Occurrence

BULLETINS = ("incident-bulletin", "incident-followup")
"""Publication kinds whose time the next follow-up counts from."""
MOST_AT_ONCE = 100
_VERIFIED_ANEW = ("casualties", "measures")
"""What the last bulletin said; a follow-up says it only once somebody has verified it again."""


def following_keys(obligations: Iterable[Obligation]) -> list[str]:
    """Return the keys of the duties that follow incidents up."""
    return sorted(one.key for one in obligations if opening_event(one.clock) == FOLLOWUP)


def follow_incidents(
    settings: Settings, ledger: Ledger, keys: Sequence[str], calendar: WorkingCalendar, now: datetime
) -> list[tuple[Obligation, Occurrence]]:
    """Report every follow-up that is expected by ``now``; return what they opened. ``keys``: of ``following_keys``."""
    if not keys:
        return []
    with ledger.reading() as connection:
        going_on = open_events(connection, INCIDENT)
    opened: list[tuple[Obligation, Occurrence]] = []
    duties = [load_one(settings.catalogue, key) for key in keys] if going_on else []
    for incident in going_on:
        for _ in range(MOST_AT_ONCE):
            if not (more := _follow(settings, ledger, incident, duties, calendar, now)):
                break
            opened += more
    return opened


def _follow(
    settings: Settings,
    ledger: Ledger,
    incident: Event,
    duties: Sequence[Obligation],
    calendar: WorkingCalendar,
    now: datetime,
) -> list[tuple[Obligation, Occurrence]]:
    """Report the next follow-up of one incident, if the last bulletin's time is known; return what it opens."""
    with ledger.reading() as connection:
        children = children_of(connection, incident.id)
        last = children[-1] if children else incident
        rows = list(opened_by(connection, [last.id]))
        concerned = {row.jurisdiction for row in opened_by(connection, [incident.id])}
    if children and not rows:  # the pass that reported it was cut off before it expected what it opens
        return _expect(ledger, last, _bound(duties, concerned, last), calendar, now)
    told = [_told_at(row, now) for row in rows if row.jurisdiction in concerned and _is_bulletin(settings, row)]
    since = [at for at in told if at is not None]
    if len(since) < len(told):
        return []
    next_ = _next(incident, len(children) + 1, max(since, default=incident.happened_at), now)
    bound = _bound(duties, concerned, next_)
    if not bound:
        return []
    return _expect(ledger, ledger.report(next_, now).event, bound, calendar, now)


def _bound(duties: Sequence[Obligation], concerned: Collection[str], event: Event) -> list[Obligation]:
    """Return the duties that a follow-up opens; none once the level of its incident was lowered."""
    return [duty for duty in duties if duty.jurisdiction.slug in concerned and is_opened_by(duty, event)]


def _expect(
    ledger: Ledger, event: Event, bound: Sequence[Obligation], calendar: WorkingCalendar, now: datetime
) -> list[tuple[Obligation, Occurrence]]:
    """Expect what a follow-up opens, all of it or nothing."""
    found = [(duty, occurrence_of_event(duty, event, calendar)) for duty in bound]
    first_sweep = Sweeps(ledger).first_at() or now
    batch = [Expected(duty, one, catalogue_version(duty), one.due_at <= first_sweep) for duty, one in found]
    ledger.expect_many(batch, calendar_version=calendar.version, now=now)
    return found


def _told_at(row: OccurrenceRow, now: datetime) -> datetime | None:
    """Return when a bulletin came out, or was due if it did not; None while neither is so."""
    if row.published_at is not None:
        return row.published_at
    if row.closed_at is not None:
        return row.closed_at
    return row.due_at if now >= row.due_at else None


def _is_bulletin(settings: Settings, row: OccurrenceRow) -> bool:
    try:
        return load_one(settings.catalogue, row.key).publication in BULLETINS
    except ObligationsError:  # withdrawn from the catalogue: told as an alarm, and nothing to wait for
        return False


def _next(incident: Event, number: int, since: datetime, now: datetime) -> Event:
    fields = {name: text for name, text in incident.fields.items() if name not in _VERIFIED_ANEW}
    fields |= {f"last_{name}": incident.fields[name] for name in _VERIFIED_ANEW if incident.fields.get(name)}
    fields |= {
        PARENT: incident.id,
        "followup": str(number),
        "incident_at": incident.happened_at.isoformat(),
        "last_at": since.isoformat(),
    }
    id_ = follow_up_id(incident.id, number)
    return replace(incident, id=id_, type=FOLLOWUP, happened_at=since, reported_at=now, noticed_at=None, fields=fields)

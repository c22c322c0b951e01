"""Rebinding: after a change of calendar or catalogue the open occurrences get their new dates, with the old ones and why.

What changed and the sentences that say so are ``rules.rebind``; pauses and extensions granted before are applied again.
A date that has passed is settled, unless it was provisional (暂定) all along: editing a file forgives no miss.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from obligations.orchestration.rulings.adjustments import adjustments_of, dates_payload
from obligations.orchestration.sweep.report import Alarm, named
from obligations.orchestration.work import catalogue_version, compute
from obligations.rules.calendar import WorkingCalendar
from obligations.rules.catalogue import Catalogue
from obligations.rules.rebind import Rebound, compare
from obligations.rules.suspensions import adjust
from obligations.steps.ledger import Act, EventKind, Ledger, LedgerEvent, NewEvent, OccurrenceRow, Sweeps, act_many
from obligations.words.errors import ObligationsError
from obligations.words.obligation import Obligation
from obligations.words.occurrence import DueDate, Occurrence, Period


def rebind_all(
    ledger: Ledger, catalogue: Catalogue, calendar: WorkingCalendar, now: datetime
) -> tuple[list[dict[str, Any]], list[Alarm]]:
    """Move the dates of what was computed under another calendar or catalogue; return what moved, and what cannot be.

    What somebody else wrote to in the meantime is left to the next pass over the catalogue.
    """
    versions = {key: catalogue_version(obligation) for key, obligation in catalogue.obligations.items()}
    sweeps, made, alarms = Sweeps(ledger), list[dict[str, Any]](), list[Alarm]()
    for rows in _pages(sweeps, calendar.version, versions):
        events, acts = sweeps.events_of(rows), []
        for row in rows:
            if row.due_at <= now and not row.provisional:
                continue
            try:
                rebound = _rebind(ledger, catalogue.obligations[row.key], row, events[row.id], calendar)
            except ObligationsError as error:
                said = f"{row.key} {row.period} 不能按现在的日历和目录重新计算，时限保持不变：{error}"
                alarms.append(Alarm("cannot-rebind", said, f"{row.key} {row.period}"))
                continue
            if rebound is not None:
                acts.append(_act(row, rebound, calendar.version, versions[row.key], now))
                made.append(_told(row, rebound))
        act_many(ledger, acts, basis="", now=now)
    return made, alarms


def _pages(sweeps: Sweeps, calendar_version: str, versions: dict[str, str]) -> Iterator[list[OccurrenceRow]]:
    after = 0
    while page := sweeps.to_rebind(calendar_version, versions, after_id=after):
        yield page
        after = page[-1].id


def _rebind(
    ledger: Ledger, obligation: Obligation, row: OccurrenceRow, events: Sequence[LedgerEvent], calendar: WorkingCalendar
) -> Rebound | None:
    """Compare the occurrence as recorded with what it would be now, both with what was granted for it."""
    event = ledger.get_reported_event(row.event_id) if row.event_id is not None else None
    now_owed = compute(obligation, row.period, event, calendar)
    return compare(_recorded(row), adjust(obligation, now_owed, adjustments_of(events), calendar).current, calendar)


def _recorded(row: OccurrenceRow) -> Occurrence:
    period = Period(row.period, row.period_start, row.period_end)
    due = DueDate(row.opens_at, row.due_at, row.provisional, row.earliest, row.latest, row.derivation)
    return Occurrence(row.key, period, row.opens_at, row.draft_by, due)


def _act(row: OccurrenceRow, rebound: Rebound, calendar_version: str, version: str, now: datetime) -> Act:
    before = rebound.before
    payload = {
        **dates_payload(rebound.after, calendar_version=calendar_version, catalogue_version=version),
        "previous_due_at": before.due_at,
        "previous_draft_by": before.draft_by,
        "previous_calendar_version": row.calendar_version,
        "previous_catalogue_version": row.catalogue_version,
        "moved": rebound.moved,
        "why": rebound.why,
    }
    # To be looked at in this very pass: another due time has other tiers.
    return Act(row, (NewEvent(EventKind.REBOUND, now, payload),), look_at=now)


def _told(row: OccurrenceRow, rebound: Rebound) -> dict[str, Any]:
    return named(row, before=rebound.before.due_at, after=rebound.after.due_at, why=list(rebound.why))

"""What the ledger says of a jurisdiction in one period and the one before, as lines to be frozen. Only reads.

How a line is counted is ``rules.accountability``. What was objected and ruled in any round so far applies: what a month's
round settled holds in the year's statement too.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from obligations.orchestration.accountability.rounds import objections_of, responses_of, round_of
from obligations.rules.accountability import cause_of, counted_as, result_of, settle
from obligations.rules.calendar import WorkingCalendar
from obligations.rules.periods import periods_between
from obligations.steps.ledger import EventKind, Ledger
from obligations.steps.ledger.brief import JudgedRow
from obligations.steps.ledger.lateness import SYSTEM, is_unverified_in_time
from obligations.steps.ledger.reading import events_of_those_with
from obligations.words.accountability import LedgerLine, Objection, OfficeRuling, Response
from obligations.words.obligation import Obligation
from obligations.words.occurrence import Period
from obligations.words.times import SHANGHAI, end_of_day, midnight, say_due, say_instant

_DAY = timedelta(days=1)
_INSTANT = timedelta(microseconds=1)


def lines_of(
    ledger: Ledger, obligation: Obligation, period: Period, calendar: WorkingCalendar, now: datetime
) -> tuple[LedgerLine, ...]:
    """Return every occurrence of the jurisdiction that fell due in the period or the one before, earliest due first."""
    day = period.start - _DAY
    periods = [*periods_between(obligation.clock, day, day), period]
    lines = [
        line_of(row, each.key, now)
        for each in periods
        for row in ledger.rows(
            now=now,
            is_working_day=calendar.is_working_day,
            jurisdiction=obligation.jurisdiction.slug,
            due=(midnight(each.start), end_of_day(each.end)),
        )
    ]
    with ledger.reading() as connection:
        objections, rulings = settled_in(connection, obligation.jurisdiction.slug)
    own = round_of(ledger.events(obligation.key, period.key))
    responses: dict[str, Response] | None = responses_of(own) if own is not None and own.settled else None
    return tuple(
        line
        for each in periods
        for line in settle(
            [line for line in lines if line.counted_in == each.key],
            objections,
            rulings,
            responses if each.key == period.key else None,
        )
    )


def settled_in(
    connection: Connection, jurisdiction: str
) -> tuple[dict[tuple[str, str], Objection], dict[tuple[str, str], OfficeRuling]]:
    """Return what was objected and ruled in every round of a jurisdiction so far, by what it is about; the last counts."""
    told = events_of_those_with(connection, jurisdiction, EventKind.FEEDBACK)
    rounds = sorted((found for events in told if (found := round_of(events))), key=lambda found: found.opened_at)
    objections: dict[tuple[str, str], Objection] = {}
    rulings: dict[tuple[str, str], OfficeRuling] = {}
    for found in rounds:
        objections |= objections_of(found)
        rulings |= found.rulings
    return objections, rulings


def month_of(due_at: datetime) -> str:
    """Return the month in which a due time lies, ``2026-09``; a midnight belongs to the day it ends."""
    return f"{(due_at.astimezone(SHANGHAI) - _INSTANT):%Y-%m}"


def line_of(row: JudgedRow, counted_in: str, now: datetime) -> LedgerLine:
    """Return what is told of one occurrence, counted by the ledger's facts alone."""
    said, loss = row.occurrence, row.loss
    result = result_of(
        historical=said.historical,
        outcome=said.outcome,
        waived=said.waived_at is not None,
        paused=said.paused_at is not None,
        closed_at=said.closed_at,
        due_at=said.due_at,
        now=now,
        unverified=is_unverified_in_time(said),
    )
    late = loss is not None and result.startswith("逾期")
    cause = cause_of(loss.stage, loss.owner, SYSTEM) if loss is not None and late else None
    departments = said.departments or (said.office or said.jurisdiction,)
    return LedgerLine(
        counted_in=counted_in,
        month=month_of(said.due_at),
        key=said.key,
        title=said.title,
        period=said.period,
        department=departments[0],
        others="、".join(departments[1:]),
        due=say_due(said.due_at),
        original_due=say_due(said.original_due_at),
        closed=say_instant(said.closed_at) if said.closed_at else "",
        result=result,
        lateness=row.true_lateness if late else "",
        stage=loss.label if loss is not None and late else "",
        owner=loss.owner if loss is not None and late else "",
        cause=cause or "",
        cause_basis="：".join(filter(None, (loss.found_by, loss.reason))) if loss is not None and late else "",
        counted=counted_as(result, cause),
    )

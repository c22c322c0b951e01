"""How the command line writes obligations and occurrences: as the contract's JSON fields, and in words for its tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from obligations.rules.law import law_in_force
from obligations.rules.occurrences import binding_range
from obligations.rules.periods import has_periods
from obligations.words.clocks import Clock, DeadlineClock, EventClock, RecurringClock, StandingClock
from obligations.words.obligation import Obligation
from obligations.words.occurrence import DueDate, Occurrence
from obligations.words.times import say_day, say_due

_FRESH = {"week": "P7D", "month": "P1M", "quarter": "P3M", "half-year": "P6M", "year": "P12M"}
_SHORT_MONTHS = {2: 28, 4: 30, 6: 30, 9: 30, 11: 30}


def obligation_as_json(obligation: Obligation) -> dict[str, Any]:
    """Return what ``list --json`` prints of one obligation."""
    document = obligation.document
    return {
        "key": obligation.key,
        "jurisdiction": obligation.jurisdiction.slug,
        "title": obligation.title,
        "kind": obligation.clock.kind,
        "duty": obligation.duty.value,
        "document": document.title,
        "document_number": document.number,
        "file": document.file,
        "clause": obligation.clause,
        "quote": obligation.quote,
        "items": list(obligation.items),
        "departments": list(obligation.departments),
        "department_names": list(obligation.department_names),
        "clock": obligation.clock.canonical(),
        "season": season_of(obligation.clock),
        "due": limit_of(obligation),
        "due_origin": obligation.due_origin,
        "law": law_of(obligation),
        "publication": obligation.publication,
        "fulfilment": obligation.fulfilment,
        "adopted_from": obligation.adopted_from,
        "in_force_from": obligation.binds_from,
        "in_force_until": obligation.binds_until,
    }


def season_of(clock: Clock) -> dict[str, str] | None:
    """Return the first and last ``MM-DD`` of a clock that runs in a season only."""
    season = clock.season if isinstance(clock, RecurringClock) else None
    return {"start": season.start, "end": season.end} if season else None


def limit_of(obligation: Obligation) -> str | None:
    """Return the binding limit as text.

    A length of time (``P20WD``), the date of a deadline, ``MM-DD`` of a yearly fixed date (28 February for its last
    day), or how fresh a standing duty must be kept. None for quotas and what only has to happen within its period.
    """
    if obligation.due is not None:
        return str(obligation.due.limit)
    clock = obligation.clock
    if isinstance(clock, EventClock):
        return str(clock.rule) if clock.rule is not None else None
    if isinstance(clock, DeadlineClock):
        return clock.date.isoformat()
    if isinstance(clock, RecurringClock) and clock.fixed_date is not None:
        month, day = clock.fixed_date
        return f"{month:02d}-{_SHORT_MONTHS.get(month, 31) if day == -1 else day:02d}"
    return _FRESH[clock.every] if isinstance(clock, StandingClock) else None


def law_of(obligation: Obligation) -> str | None:
    """Cite the provision a limit of origin law comes from, as in force when the document began to bind."""
    if obligation.due is None or obligation.due.law is None:
        return None
    law = law_in_force(obligation.due.law, obligation.document.in_force_from)
    return law.cite() if law is not None else None


def occurrence_as_json(occurrence: Occurrence) -> dict[str, Any]:
    """Return what ``due --json`` prints of one occurrence."""
    period = occurrence.period
    return {
        "key": occurrence.key,
        "period": period.key,
        "period_start": period.start,
        "period_end": period.end,
        "opens_at": occurrence.opens_at,
        "draft_by": occurrence.draft_by,
        **{name: value for name, value in due_date_as_json(occurrence.due).items() if name != "start"},
    }


def due_date_as_json(due: DueDate) -> dict[str, Any]:
    """Return what ``clock --json`` prints of one start."""
    return {
        "start": due.start,
        "due_at": due.due_at,
        "provisional": due.provisional,
        "earliest": due.earliest,
        "latest": due.latest,
        "derivation": due.derivation,
    }


def say_due_date(due: DueDate) -> str:
    """Say the limit, and between which instants it will lie while the calendar is not announced."""
    if not due.provisional:
        return say_due(due.due_at)
    bounds = "" if due.earliest == due.latest else f"；最早{say_due(due.earliest)}，最迟{say_due(due.latest)}"
    return f"{say_due(due.due_at)}（暂定，待节假日通知{bounds}）"


def say_span(occurrence: Occurrence) -> str:
    """Say the period's days."""
    period = occurrence.period
    if period.start == period.end:
        return say_day(period.start)
    return f"{say_day(period.start)}至{say_day(period.end, year=period.end.year != period.start.year)}"


def say_none(obligation: Obligation) -> str:
    """Say why nothing falls due in a range."""
    if isinstance(obligation.clock, EventClock):
        return "本事项由事件触发，台账中这段时间内没有使它开始计时的事件"
    if not has_periods(obligation.clock):
        return "本事项每次检查计数一次，登记检查（report-event 检查）后才有期间；台账中这段时间内没有登记的检查"
    return "这段时间内没有到期的期间"


def say_in_force(obligation: Obligation, found: Sequence[Occurrence]) -> tuple[str, ...]:
    """Remark that some of the periods lie outside the time in which the obligation binds, and are only computed."""
    begins, ends = binding_range(obligation)
    outside = [o for o in found if o.period.end < begins or (ends is not None and o.period.start > ends)]
    if not outside:
        return ()
    until = f"至{say_day(ends)}" if ends is not None else "起"
    return (f"注：本事项执行期为{say_day(begins)}{until}，其外的 {len(outside)} 期只作推算，不计入按期率",)

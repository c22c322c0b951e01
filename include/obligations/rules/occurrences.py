"""Occurrences: what one obligation owes for one period or event, and by when.

A limit is counted by ``clocks``; which limit binds is ``binding``; when a period opens is ``openings``. Nothing here
depends on today: the same obligation, period and calendar give the same occurrence for ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from obligations.rules.binding import BindingLimit, binding_limit, explain_clause
from obligations.rules.calendar import WorkingCalendar
from obligations.rules.clocks import due_after, due_before
from obligations.rules.derivations import explain_end
from obligations.rules.openings import opens_at
from obligations.rules.pace import fresh_until, pace_warning
from obligations.rules.periods import closing_day, every_of, has_periods, periods_in_force
from obligations.rules.wording import say_cadence
from obligations.words.clocks import Clock, DeadlineClock, EventClock, QuotaClock, RecurringClock, StandingClock
from obligations.words.errors import UnusableInput
from obligations.words.obligation import Duty, Obligation
from obligations.words.occurrence import DueDate, Event, Occurrence, Period
from obligations.words.times import SHANGHAI, end_of_day, midnight, say_day, say_instant

__all__ = [
    "binding_range",
    "earliest_fulfilment",
    "fresh_until",
    "occurrence_of",
    "occurrence_of_event",
    "pace_warning",
    "period_has_limit",
    "periods_of",
]

CLOSE_OF_BUSINESS = time(17, 30)  # 报送: the last day ends when the receiving office closes (Civil Code, art. 203)
_COUNTED_FROM_RECEIPT = {"on-request", "correction-notice"}  # 条例 art. 31 says which day a request is received
_DRAFT_LEAD = 3  # working days between draft and due; a tight cycle leaves one
_TIGHT_DRAFT_LEAD = 1
_INSTANT = timedelta(microseconds=1)


def occurrence_of(obligation: Obligation, period: Period, calendar: WorkingCalendar) -> Occurrence:
    """Return what ``obligation`` owes for ``period``; raises UnusableInput for a clock that events start."""
    clock = obligation.clock
    if not has_periods(clock):
        raise UnusableInput(f"{obligation.key} 由事件触发，没有期间“{period.key}”；请先登记事件")
    binding = binding_limit(obligation, period.end) if period_has_limit(obligation) else None
    if binding is None:
        due = _due_at_close(obligation, period, calendar)
    elif binding.law is not None and binding.law.fixed_date is not None:
        due = _due_by_law(obligation, period, binding, binding.law.date_after(period.end), calendar)
    else:
        due = _due_after_period(obligation, period, binding, calendar)
    opens = opens_at(clock, period, has_limit=binding is not None)
    hours = binding is not None and binding.limit.unit == "hour"
    return Occurrence(obligation.key, period, opens, draft_by_of(clock, opens, due, calendar, hours=hours), due)


def occurrence_of_event(
    obligation: Obligation, event: Event, calendar: WorkingCalendar, *, receipt_cut_off: time | None = None
) -> Occurrence:
    """Return what ``obligation`` owes before, with or after ``event``. The clock starts when it happened.

    ``receipt_cut_off``: time of day from which a request for information (依申请) counts as received on the next
    working day; other events keep their moment. Raises UnusableInput if events do not start the clock, or nothing gives a limit for what comes after it.
    """
    clock = obligation.clock
    happened = event.happened_at.astimezone(SHANGHAI)
    period = Period(event.id, happened.date(), happened.date())
    if not isinstance(clock, EventClock):
        if has_periods(clock):
            raise UnusableInput(f"{obligation.key} 不由事件触发，请写期间")
        due = _due_on(obligation, period, period.end, _explain_close(clock, period.end), calendar)
        draft_by = draft_by_of(clock, happened, due, calendar, hours=False)
        return Occurrence(obligation.key, period, happened, draft_by, due)
    binding = binding_limit(obligation, happened.date())
    due = _due_of_event(obligation, clock, happened, binding, calendar, receipt_cut_off)
    opens = event.reported_at.astimezone(SHANGHAI) if clock.relation == "before" else happened
    opens = min(opens, due.due_at)
    hours = binding is not None and binding.limit.unit == "hour"
    draft_by = draft_by_of(clock, opens, due, calendar, hours=hours)
    return Occurrence(obligation.key, period, opens, draft_by, due)


def earliest_fulfilment(obligation: Obligation, occurrence: Occurrence, event: Event | None) -> datetime:
    """Return the instant before which nothing done can meet the occurrence.

    What follows an event cannot precede it, nor what reports on a period its beginning; what is due before or with an
    event, or by a one-off date, may be done from the day the clause binds, or its run opens.
    """
    clock = obligation.clock
    if isinstance(clock, DeadlineClock) or (isinstance(clock, EventClock) and clock.relation != "after"):
        return min(midnight(obligation.binds_from), occurrence.opens_at)
    return event.happened_at if event is not None else midnight(occurrence.period.start)


def period_has_limit(obligation: Obligation) -> bool:
    """Say whether a limit is counted from each period's end, rather than the clock itself being the limit."""
    clock = obligation.clock
    return obligation.due is not None and isinstance(clock, RecurringClock) and clock.fixed_date is None


def periods_of(obligation: Obligation, first: date, last: date) -> Iterator[Period]:
    """Yield the periods of ``obligation`` that overlap ``first`` to ``last`` and close while it binds."""
    begins, ends = binding_range(obligation)
    return periods_in_force(obligation.clock, begins, ends, first, last)


def binding_range(obligation: Obligation) -> tuple[date, date | None]:
    """Return the first and last day on which the obligation binds, 延续执行 included; None for no end."""
    continued = obligation.continued
    if obligation.binds_until is None or continued is None:
        return obligation.binds_from, obligation.binds_until
    if continued.until is None:
        return obligation.binds_from, None
    return obligation.binds_from, max(obligation.binds_until, continued.until)


def _due_after_period(
    obligation: Obligation, period: Period, binding: BindingLimit, calendar: WorkingCalendar
) -> DueDate:
    """Count the limit from the period's end, on which the information is presumed to have been formed."""
    # an hour limit runs from the 24:00 that ends the period; a day limit excludes the period's last day
    start = end_of_day(period.end) if binding.limit.unit == "hour" else midnight(period.end)
    counted = due_after(binding.limit, start, calendar, rolls=False, close_of_business=_close(obligation))
    presumed = f"形成日未登记，推定为本期期末{say_day(period.end)}。"
    said = (*explain_clause(obligation, period.end), binding.because, presumed, *counted.derivation)
    return replace(counted, derivation=said)


def _due_at_close(obligation: Obligation, period: Period, calendar: WorkingCalendar) -> DueDate:
    """Give the clause's fixed date, or the period's end itself."""
    day = closing_day(obligation.clock, period)
    return _due_on(obligation, period, day, _explain_close(obligation.clock, day), calendar)


def _due_by_law(
    obligation: Obligation, period: Period, binding: BindingLimit, day: date, calendar: WorkingCalendar
) -> DueDate:
    """Give the yearly date that a law sets for what the period covers: the report on 2025 is due on 2026-03-31."""
    said = f"{binding.because}本期为{say_day(day)}。"
    return _due_on(obligation, period, day, said, calendar)


def _due_on(obligation: Obligation, period: Period, day: date, because: str, calendar: WorkingCalendar) -> DueDate:
    """Fall due on a fixed day: no counting, no rolling."""
    close = _close(obligation)
    due_at = end_of_day(day) if close is None else datetime.combine(day, close, SHANGHAI)
    said = [*explain_clause(obligation, min(day, period.end)), because]
    if calendar.covers(day) and not calendar.is_working_day(day):
        said.append(f"{say_day(day)}逢{calendar.why_off(day)}，固定日期和期末不顺延，宜提前办理。")
    said.append(explain_end(due_at, close))
    return DueDate(midnight(period.start), due_at, False, due_at, due_at, tuple(said))


def _explain_close(clock: Clock, day: date) -> str:
    if isinstance(clock, DeadlineClock):
        return f"条款规定的期限为{say_day(day)}。"
    if isinstance(clock, RecurringClock) and clock.fixed_date:
        return f"条款规定每年的固定日期，本期为{say_day(day)}。"
    if isinstance(clock, QuotaClock):
        end = "检查当日" if clock.per == "check" else "本期期末"
        return f"条款规定{say_cadence(clock)}，以{end}{say_day(day)}为限。"
    if isinstance(clock, StandingClock):
        asked = "保持更新" if clock.rule == "CONTINUOUS" else "及时（或定期、适时）办理"
        return f"条款要求{asked}而未写频次，每期核对一次为本单位规定，不是条款原文；以本期期末{say_day(day)}为限。"
    return f"条款和法律均未另定期满后的时限，以本期期末{say_day(day)}为限。"


def _due_of_event(
    obligation: Obligation,
    clock: EventClock,
    happened: datetime,
    binding: BindingLimit | None,
    calendar: WorkingCalendar,
    receipt_cut_off: time | None,
) -> DueDate:
    clause = tuple(explain_clause(obligation, happened.date()))
    if binding is not None:
        close, requested = _close(obligation), binding.law is not None and binding.law.key in _COUNTED_FROM_RECEIPT
        if clock.relation == "before":
            counted = due_before(binding.limit, happened, calendar, close_of_business=close)
        else:
            cut_off = receipt_cut_off if requested else None
            counted = due_after(binding.limit, happened, calendar, close_of_business=close, receipt_cut_off=cut_off)
        return replace(counted, derivation=(*clause, binding.because, *counted.derivation))
    if clock.relation == "after":
        expected = "请在 due 中补写本单位的时限（origin: local）"
        raise UnusableInput(
            f"{obligation.key} 的条款只说在“{clock.event}”之后，没有写明时限，不能计算到期时间；{expected}"
        )
    side = "之前" if clock.relation == "before" else "同时"
    said = f"条款要求在“{clock.event}”{side}完成，以其时间{say_instant(happened)}为限。"
    return DueDate(happened, happened, False, happened, happened, (*clause, said))


def _close(obligation: Obligation) -> time | None:
    return CLOSE_OF_BUSINESS if obligation.duty is Duty.REPORT_UP else None


def draft_by_of(clock: Clock, opens: datetime, due: DueDate, calendar: WorkingCalendar, *, hours: bool) -> datetime:
    """Return when the draft is to be at review: half-way for hours, else the 24:00 a few working days before the due day, or half-way if that is too early."""
    if hours:
        start = max(due.start, opens) if due.start <= due.due_at else opens
        return start + (due.due_at - start) / 2
    tight = every_of(clock) == "week" or (isinstance(clock, RecurringClock) and clock.every_days is not None)
    due_day = (due.due_at - _INSTANT).date()
    draft_day = calendar.subtract_working_days(due_day, _TIGHT_DRAFT_LEAD if tight else _DRAFT_LEAD)
    draft_by = end_of_day(draft_day)
    return draft_by if draft_by > opens else opens + (due.due_at - opens) / 2

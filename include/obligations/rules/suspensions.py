"""Pause and extension of one occurrence: only where the provision that binds it names them, bounded, with who and why.

Pure: the ledger records each ``Adjustment`` and the original stays. Lateness for any other reason is explained
(情况说明), never forgiven, and is not computed here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from obligations.rules.binding import binding_limit
from obligations.rules.calendar import WorkingCalendar
from obligations.rules.clocks import due_after
from obligations.rules.law import StatutoryLimit
from obligations.rules.occurrences import draft_by_of
from obligations.words.errors import UnusableInput
from obligations.words.limits import Limit
from obligations.words.obligation import Obligation
from obligations.words.occurrence import DueDate, Occurrence
from obligations.words.times import SHANGHAI, say_day

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One pause or extension, as decided.

    Attributes:
        kind: pause (a stretch of days does not count) or extension (more days are given).
        first, last: of a pause, its days, both included; of an extension, both the day it was decided.
        by: of an extension, how much; None for a pause.
        reason: for a pause one of the reasons that the provision names.
        authority: who approved it: office or post, and name.
    """

    kind: Literal["pause", "extension"]
    first: date
    last: date
    by: Limit | None
    reason: str
    authority: str


@dataclass(frozen=True, slots=True)
class AdjustedOccurrence:
    """An occurrence with the pauses and extensions granted for it.

    Attributes:
        original: as first computed; kept for ever.
        current: as it binds now, its derivation continued.
        adjustments: in the order granted.
    """

    original: Occurrence
    current: Occurrence
    adjustments: tuple[Adjustment, ...] = ()


def adjust(
    obligation: Obligation, occurrence: Occurrence, adjustments: Sequence[Adjustment], calendar: WorkingCalendar
) -> AdjustedOccurrence:
    """Apply ``adjustments`` in order to the original ``occurrence``; also recomputes them under a new calendar.

    Raises UnusableInput, in Chinese, for the first that the provision does not name or that exceeds its bounds.
    """
    adjusted = AdjustedOccurrence(occurrence, occurrence)
    for adjustment in adjustments:
        adjusted = _apply(obligation, adjusted, adjustment, calendar)
    return adjusted


def pause(
    obligation: Obligation,
    adjusted: AdjustedOccurrence,
    *,
    first: date,
    last: date,
    reason: str,
    authority: str,
    calendar: WorkingCalendar,
) -> AdjustedOccurrence:
    """Leave the working days from ``first`` to ``last`` out of the count (条例 art. 33(3)); errors as ``adjust``."""
    return _apply(obligation, adjusted, Adjustment("pause", first, last, None, reason, authority), calendar)


def extend(
    obligation: Obligation,
    adjusted: AdjustedOccurrence,
    *,
    by: Limit,
    decided_on: date,
    reason: str,
    authority: str,
    calendar: WorkingCalendar,
) -> AdjustedOccurrence:
    """Give ``by`` more working days, once, before the time has run out (条例 art. 33(2)); errors as ``adjust``."""
    granted = Adjustment("extension", decided_on, decided_on, by, reason, authority)
    return _apply(obligation, adjusted, granted, calendar)


def _apply(
    obligation: Obligation, adjusted: AdjustedOccurrence, adjustment: Adjustment, calendar: WorkingCalendar
) -> AdjustedOccurrence:
    started = adjusted.original.due.start.astimezone(SHANGHAI).date()
    binding = binding_limit(obligation, started)
    law = binding.law if binding else None
    if law is None or law.limit is None:
        raise UnusableInput(f"{obligation.key} 的时限不是法定时限，没有规定可以中止或延长；逾期请写情况说明")
    _check_words(adjustment)
    if adjustment.kind == "pause":
        _check_pause(law, adjusted, adjustment, calendar)
    else:
        _check_extension(law, adjusted, adjustment)
    adjustments = (*adjusted.adjustments, adjustment)
    counted = law.limit.amount + sum(_working_days(each, calendar) for each in adjustments)
    due = _recount(adjusted.original.due, counted, calendar)
    said = [_say(each, law, _working_days(each, calendar)) for each in adjustments]
    due = replace(due, derivation=(*adjusted.original.due.derivation, *said, *due.derivation))
    draft_by = draft_by_of(obligation.clock, adjusted.original.opens_at, due, calendar, hours=False)
    return AdjustedOccurrence(adjusted.original, replace(adjusted.current, due=due, draft_by=draft_by), adjustments)


def _check_words(adjustment: Adjustment) -> None:
    if not adjustment.reason.strip():
        raise UnusableInput("请写明理由")
    if not adjustment.authority.strip():
        raise UnusableInput("请写明批准人或批准机构")
    if adjustment.first > adjustment.last:
        raise UnusableInput(f"起日{say_day(adjustment.first)}晚于止日{say_day(adjustment.last)}")


def _check_pause(
    law: StatutoryLimit, adjusted: AdjustedOccurrence, adjustment: Adjustment, calendar: WorkingCalendar
) -> None:
    if law.pause_limit is None:
        raise UnusableInput(f"{law.cite()}没有规定可以扣除的时间")
    if adjustment.reason not in law.pauses:
        raise UnusableInput(f"理由“{adjustment.reason}”不在{law.cite()}规定之列，应为：{'、'.join(law.pauses)}")
    _check_running(adjusted, adjustment)
    for other in adjusted.adjustments:
        if other.kind == "pause" and other.first <= adjustment.last and adjustment.first <= other.last:
            raise UnusableInput(f"{say_day(other.first)}至{say_day(other.last)}已经扣除，同一日不能扣除两次")
    if (days := _working_days(adjustment, calendar)) > law.pause_limit.amount:
        raise UnusableInput(f"每次扣除不超过{law.pause_limit.say()}，这里是{days}个工作日")


def _check_extension(law: StatutoryLimit, adjusted: AdjustedOccurrence, adjustment: Adjustment) -> None:
    if law.extension is None or adjustment.by is None:
        raise UnusableInput(f"{law.cite()}没有规定可以延长")
    if any(other.kind == "extension" for other in adjusted.adjustments):
        raise UnusableInput(f"已经延长过一次，{law.cite()}规定的延长只有一次")
    if adjustment.by.unit != law.extension.unit or not 0 < adjustment.by.amount <= law.extension.amount:
        raise UnusableInput(f"延长最长不得超过{law.extension.say()}，这里是{adjustment.by.say()}")
    _check_running(adjusted, adjustment)


def _check_running(adjusted: AdjustedOccurrence, adjustment: Adjustment) -> None:
    """Time that has not begun or has run out can be neither paused nor extended."""
    due = adjusted.current.due
    started, last = due.start.astimezone(SHANGHAI).date(), (due.due_at - _INSTANT).astimezone(SHANGHAI).date()
    if not started <= adjustment.first <= last:
        raise UnusableInput(f"{say_day(adjustment.first)}不在时限{say_day(started)}至{say_day(last)}之内")


def _working_days(adjustment: Adjustment, calendar: WorkingCalendar) -> int:
    if adjustment.by is not None:
        return adjustment.by.amount
    return calendar.working_days_between(adjustment.first - timedelta(days=1), adjustment.last)


def _recount(original: DueDate, counted: int, calendar: WorkingCalendar) -> DueDate:
    """Count all the working days from the same start: those paused, and those given, come on top."""
    ends = original.due_at.astimezone(SHANGHAI).time()
    close = None if ends == ends.min else ends
    return due_after(Limit(counted, "working_day"), original.start, calendar, close_of_business=close)


def _say(adjustment: Adjustment, law: StatutoryLimit, days: int) -> str:
    if adjustment.kind == "pause":
        what = f"{say_day(adjustment.first)}至{say_day(adjustment.last)}{adjustment.reason}，{days}个工作日不计入期限"
    else:
        what = f"{say_day(adjustment.first)}决定延长{days}个工作日（理由：{adjustment.reason}）"
    return f"依照{law.cite_with_doubt()}，{what}，批准：{adjustment.authority}。"

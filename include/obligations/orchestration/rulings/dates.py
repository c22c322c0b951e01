"""What decisions on the time itself come to: 延长, 中止 and 恢复, where the binding provision names them. Writes nothing.

``extended`` and ``resumed`` carry the new dates and, as ``adjustment``, what was granted, so that whoever recomputes an
occurrence under a new calendar applies ``adjustments_of`` again.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from obligations.orchestration.rulings.adjustments import (
    adjustment_payload,
    adjustments_of,
    dates_payload,
    last_day_of_pause,
    open_pause,
)
from obligations.orchestration.rulings.case import Case, Verdict, require_open
from obligations.orchestration.work import catalogue_version
from obligations.rules.suspensions import AdjustedOccurrence, adjust, extend, pause
from obligations.steps.ledger import EventKind
from obligations.words.errors import UnusableInput
from obligations.words.rulings import Extend, Pause, Resume
from obligations.words.times import end_of_day, midnight, say_day, say_due


def weigh_extension(case: Case, ruling: Extend) -> Verdict:
    """延长期限."""
    require_open(case)
    _require_past(case, "批准日期", ruling.decided_on)
    extended = extend(
        case.work.obligation,
        _adjusted(case),
        by=ruling.by,
        decided_on=ruling.decided_on,
        reason=ruling.reason,
        authority=ruling.authority,
        calendar=case.work.calendar,
    )
    _require_proof_when_late(case, ruling.proof)
    payload = {**_redated(case, extended), "proof": ruling.proof}
    at = case.now if ruling.decided_on == case.today else midnight(ruling.decided_on)
    return Verdict(EventKind.EXTENDED, at, payload, _say_redated(case, extended, f"已延长{ruling.by.say()}"))


def weigh_pause(case: Case, ruling: Pause) -> Verdict:
    """时限中止; how long it lasts is known only when it ends."""
    require_open(case)
    if (running := open_pause(case.events)) is not None:
        raise UnusableInput(f"{case.name} 自{say_day(running.first)}起已经中止；恢复计时之后才能再次中止")
    _require_past(case, "中止起日", ruling.first)
    work = case.work
    # Tried for one day: whether the provision names a pause at all, for this reason, and on this day.
    pause(
        work.obligation,
        _adjusted(case),
        first=ruling.first,
        last=ruling.first,
        reason=ruling.reason,
        authority=ruling.authority,
        calendar=work.calendar,
    )
    _require_proof_when_late(case, ruling.proof)
    lapses_on = last_day_of_pause(work.obligation, work.occurrence, ruling.first, work.calendar)
    payload = {
        "first": ruling.first,
        "lapses_on": lapses_on,
        "reason": ruling.reason,
        "authority": ruling.authority,
        "proof": ruling.proof,
    }
    said = f"自{say_day(ruling.first)}起中止计时，最长至{say_day(lapses_on)}；届时未登记恢复的，自动恢复计时"
    return Verdict(EventKind.PAUSED, midnight(ruling.first), payload, said)


def weigh_resumption(case: Case, ruling: Resume) -> Verdict:
    """恢复计时: the days of the pause come on top."""
    running = open_pause(case.events)
    if running is None:
        raise UnusableInput(f"{case.name} 没有中止计时，无须恢复")
    _require_past(case, "中止止日", ruling.last)
    if ruling.last > running.lapses_on:
        raise UnusableInput(
            f"中止止日{say_day(ruling.last)}超过了最长可以扣除到的{say_day(running.lapses_on)}，请填写不晚于该日的日期"
        )
    resumed = pause(
        case.work.obligation,
        _adjusted(case),
        first=running.first,
        last=ruling.last,
        reason=running.reason,
        authority=running.authority,
        calendar=case.work.calendar,
    )
    payload = {**_redated(case, resumed), "proof": ruling.proof}
    said = _say_redated(case, resumed, f"{say_day(running.first)}至{say_day(ruling.last)}不计入期限")
    return Verdict(EventKind.RESUMED, min(case.now, end_of_day(ruling.last)), payload, said)


def _adjusted(case: Case) -> AdjustedOccurrence:
    """Return the occurrence with what has been granted so far, under today's calendar."""
    work = case.work
    return adjust(work.obligation, work.occurrence, adjustments_of(case.events), work.calendar)


def _redated(case: Case, adjusted: AdjustedOccurrence) -> dict[str, Any]:
    """Return the payload that moves the dates and says what was granted; reason and authority also for notices."""
    work, granted = case.work, adjusted.adjustments[-1]
    version = catalogue_version(work.obligation)
    return {
        **dates_payload(adjusted.current, calendar_version=work.calendar.version, catalogue_version=version),
        "previous_due_at": case.row.due_at,
        "reason": granted.reason,
        "authority": granted.authority,
        "adjustment": adjustment_payload(granted),
    }


def _require_past(case: Case, field: str, day: date) -> None:
    if day > case.today:
        raise UnusableInput(f"{field}{say_day(day)}晚于今天{say_day(case.today)}，到那一天再登记")


def _require_proof_when_late(case: Case, proof: str) -> None:
    """What is entered after the time ran out takes a miss off the record, so it must name its paper."""
    if case.now > case.row.due_at and not proof:
        raise UnusableInput(f"时限已于{say_due(case.row.due_at)}届满，补登须填写佐证（批准文件的文号、链接或存放位置）")


def _say_redated(case: Case, adjusted: AdjustedOccurrence, what: str) -> str:
    return f"{what}，到期时间由{say_due(case.row.due_at)}改为{say_due(adjusted.current.due_at)}"

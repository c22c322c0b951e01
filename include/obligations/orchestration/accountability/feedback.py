"""The round in which departments check their own figures before the draft (反馈核实): open it, answer, rule, settle.

Everything is an event of the statement's own occurrence. Whether a person may answer or rule is the door's to ask.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from obligations.orchestration.accountability.rounds import (
    ANSWERED,
    OPENED,
    SETTLED,
    objections_of,
    responses_of,
    round_of,
)
from obligations.orchestration.accountability.rounds import what_is_missing as missing_from
from obligations.orchestration.review.answers import MAX_LENGTH, AnswerRefused
from obligations.orchestration.runs.trace import append, arrived_once, last_event
from obligations.orchestration.work import Work
from obligations.rules.accountability import settle
from obligations.rules.clocks import due_after
from obligations.steps.gather import keep_extract, load_extract
from obligations.steps.ledger import EventKind
from obligations.words.accountability import DECISIONS, LedgerLine, Objection, Round, as_payload
from obligations.words.errors import SourceNotReady, UnusableInput
from obligations.words.publication import Snapshot
from obligations.words.sources import LedgerSource
from obligations.words.times import say_instant

NOT_ASKED = {"补录", "未到期"}
"""Lines that no department answers for."""


def hold_round(work: Work, store: Path, now: datetime) -> None:
    """Open the round, or settle it once it is over; raises SourceNotReady while it runs. Idempotent.

    Settling keeps the frozen lines a second time, with what was answered and ruled, for the draft.
    """
    found = find_round(work) or _open(work, now)
    if found.settled:
        return
    if (missing := missing_from(found, now)) is not None:
        raise SourceNotReady(missing)
    frozen = frozen_snapshot(work)
    lines = load_extract(frozen)
    settled = [
        *(line for line in lines if line.counted_in != work.period),
        *settle(own_lines(lines, work.period), objections_of(found), found.rulings, responses_of(found)),
    ]
    address = f"{frozen.address}；反馈核实截至{say_instant(now)}"
    snapshot = keep_extract(work.obligation, work.occurrence.period, settled, address, store=store)
    once = arrived_once(work, snapshot.sha256)
    append(work, EventKind.DATA_ARRIVED, now, {"snapshot": asdict(snapshot)}, once=once)
    append(work, EventKind.FEEDBACK, now, {"act": SETTLED, "sha256": snapshot.sha256}, once="feedback:settled")


def answer_round(work: Work, department: str, objections: Sequence[Objection], person: str, now: datetime) -> None:
    """Record a department's answer; no objection means it agrees. The last answer before the round ends stands.

    Raises AnswerRefused when the round is over, or for an objection to what is not the department's own late line.
    """
    found = _require_round(work)
    if not found.is_open(now):
        raise AnswerRefused("反馈核实已经结束，不能再反馈；仍有异议的，请与政务公开办公室联系")
    late = {(line.key, line.period) for line in department_lines(work, department) if line.counted == "逾期"}
    for objection in objections:
        if (objection.key, objection.period) not in late:
            raise AnswerRefused(f"{objection.key} {objection.period} 不是本单位统计为逾期的事项，不能提出异议")
        _require_text(objection.text, "意见")
        _require_length(objection.evidence, "佐证材料")
    if department not in found.departments:
        raise AnswerRefused(f"{department} 本期没有需要反馈的事项")
    payload = {"act": ANSWERED, "department": department, "objections": as_payload(tuple(objections))}
    _append(work, EventKind.FEEDBACK, payload, person, now)


def rule_on(work: Work, key: str, period: str, decision: str, reason: str, person: str, now: datetime) -> None:
    """Record how the office rules on an objection; it changes where the occurrence is counted, and no fact of it.

    Raises AnswerRefused for an unknown decision, a missing reason, no such objection, or after the draft began.
    """
    found = _require_round(work)
    if found.settled:
        raise AnswerRefused("反馈核实已经结束并形成送审稿，不能再裁定；确需改变的，退回修改后更正台账")
    if decision not in DECISIONS:
        raise AnswerRefused(f"裁定应为：{'、'.join(DECISIONS)}")
    if (key, period) not in objections_of(found):
        raise AnswerRefused(f"{key} {period} 没有责任单位提出异议，无须裁定")
    _require_text(reason, "裁定理由")
    _append(work, EventKind.RULED, {"key": key, "period": period, "decision": decision, "reason": reason}, person, now)


def require_settled(work: Work) -> None:
    """Raise UnusableInput unless the round was held and settled, where the obligation has one."""
    if isinstance(work.obligation.source, LedgerSource):
        found = find_round(work)
        if found is None or not found.settled:
            raise UnusableInput(
                f"{work.key} {work.period} 的反馈核实还没有结束，不能起草；任务标记为成功不等于已经核实"
            )


def find_round(work: Work) -> Round | None:
    """Return the round of this occurrence, None where there was none yet."""
    return round_of(work.ledger.events(work.key, work.period))


def frozen_snapshot(work: Work) -> Snapshot:
    """Return what the run froze; raises UnusableInput before it did."""
    arrived = last_event(work, EventKind.DATA_ARRIVED)
    if arrived is None:
        raise UnusableInput(f"{work.key} {work.period} 还没有统计台账，请先运行“归集数据”")
    return Snapshot(**arrived.payload["snapshot"])


def own_lines(lines: Sequence[LedgerLine], period: str) -> tuple[LedgerLine, ...]:
    """Return the lines of the statement's own period, without those of the one before."""
    return tuple(line for line in lines if line.counted_in == period)


def department_lines(work: Work, department: str) -> tuple[LedgerLine, ...]:
    """Return the lines that are counted for a department."""
    lines = own_lines(load_extract(frozen_snapshot(work)), work.period)
    return tuple(line for line in lines if line.department == department)


def _open(work: Work, now: datetime) -> Round:
    source = work.obligation.source
    if not isinstance(source, LedgerSource):
        raise UnusableInput(f"{work.key} 不按台账统计，没有反馈核实")
    lines = own_lines(load_extract(frozen_snapshot(work)), work.period)
    departments = dict.fromkeys(line.department for line in lines if line.counted not in NOT_ASKED)
    until = due_after(source.feedback, now, work.calendar).due_at
    payload = {"act": OPENED, "until": until.isoformat(), "departments": list(departments)}
    append(work, EventKind.FEEDBACK, now, payload, once="feedback:opened")
    return _require_round(work)


def _require_round(work: Work) -> Round:
    found = find_round(work)
    if found is None:
        raise UnusableInput(f"{work.key} {work.period} 的反馈核实还没有开始")
    return found


def _append(work: Work, kind: str, payload: dict[str, Any], person: str, now: datetime) -> None:
    work.ledger.append(work.key, work.period, kind, happened_at=now, recorded_at=now, person=person, payload=payload)


def _require_text(text: str, label: str) -> None:
    if not text.strip():
        raise AnswerRefused(f"请填写{label}")
    _require_length(text, label)


def _require_length(text: str, label: str) -> None:
    if len(text) > MAX_LENGTH:
        raise AnswerRefused(f"{label}有{len(text)}字，最多{MAX_LENGTH}字，请精简")

"""How an occurrence is counted when punctuality is told: what the facts come to, whose lateness it is, what rulings change.

按期率 is 按期 ÷ (按期 + 逾期). What is owed to nobody (零报告, 不予公开, 经批准不计入考核, 时限中止), what was
published in time and is not proven yet (待核验), what the department could not help (上级数据未下达, 系统原因, what the office
ruled) and 补录 stand apart, each under its own name. A ruling
changes where an occurrence is counted and never what happened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from obligations.words.accountability import Cause, Counted, LedgerLine, Objection, OfficeRuling, Response, Result

UPSTREAM = "上级"
"""An owner that begins so is no department of this office: data that it was to send down had not come."""


def result_of(
    *,
    historical: bool,
    outcome: str | None,
    waived: bool,
    paused: bool,
    closed_at: datetime | None,
    due_at: datetime,
    now: datetime,
    unverified: bool = False,
) -> Result:
    """Return what the ledger's facts come to as of ``now``; at ``due_at`` is in time.

    ``unverified``: published in time and not proven yet, which a failed look alone never makes late. Of a nil report that came late the lateness counts; nothing is owed where disclosure was refused or waived.
    """
    if historical:
        return "补录"
    if waived:
        return "不计入考核"
    if outcome == "withheld":
        return "不予公开"
    if closed_at is None:
        if paused:
            return "时限中止"
        if now <= due_at:
            return "未到期"
        return "待核验" if unverified else "逾期未完成"
    if closed_at > due_at:
        return "逾期完成"
    return "零报告" if outcome == "nil" else "按期完成"


def cause_of(stage: str | None, owner: str | None, system: str) -> Cause:
    """Return whose it is that an occurrence is late, from the stage that lost the time and its owner.

    ``system``: the owner's name where the system itself lost it. Late data of an owner that stands above the office
    (上级…, as a person corrects it) are 上级数据未下达.
    """
    if owner == system:
        return "系统原因"
    return "上级数据未下达" if stage == "data" and (owner or "").startswith(UPSTREAM) else "责任单位"


def counted_as(result: Result, cause: Cause | None) -> Counted:
    """Return where an occurrence is counted by the ledger's facts alone."""
    if result == "按期完成":
        return "按期"
    if result == "逾期完成" or result == "逾期未完成":
        return "逾期" if cause is None or cause == "责任单位" else cause
    return result


def settle(
    lines: Sequence[LedgerLine],
    objections: Mapping[tuple[str, str], Objection],
    rulings: Mapping[tuple[str, str], OfficeRuling],
    responses: Mapping[str, Response] | None = None,
) -> tuple[LedgerLine, ...]:
    """Return the lines with what was answered and ruled on them, counted anew; the facts stay as they are.

    ``objections`` and ``rulings`` by (key, period); ``responses``: what each department answered in the statement's own
    round, None while it was not held.
    """
    settled = []
    for line in lines:
        subject = (line.key, line.period)
        if responses and line.department in responses:
            line = replace(line, response="提出异议" if subject in objections else responses[line.department])
        if objection := objections.get(subject):
            line = replace(line, answer=objection.text, evidence=objection.evidence)
        if ruling := rulings.get(subject):
            moved = line.counted == "逾期" and ruling.decision != "维持"
            counted = ruling.decision if moved else line.counted
            line = replace(line, decision=ruling.decision, decision_reason=ruling.reason, counted=counted)
        settled.append(line)
    return tuple(settled)

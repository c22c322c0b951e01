"""What a person's decision on one occurrence comes to: the event it becomes, or why the rules forbid it. Writes nothing.

部分公开 says ``partial``, which leaves the occurrence open. 重拟 is a ``corrected`` event with ``redraft: true``, because it
moves neither stage nor dates; the starter asks ``is_redraft_asked``. Decisions on the time itself are ``dates``, on what is
public ``published`` and ``evidence``, on reviews ``paperwork``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from obligations.orchestration.rulings.case import Case, Verdict, require_open
from obligations.orchestration.rulings.dates import weigh_extension, weigh_pause, weigh_resumption
from obligations.orchestration.rulings.evidence import weigh_acceptance, weigh_rejection, weigh_vouch
from obligations.orchestration.rulings.merging import weigh_merger
from obligations.orchestration.rulings.paperwork import weigh_override, weigh_paperwork
from obligations.orchestration.rulings.published import weigh_correction, weigh_withdrawal, weigh_withdrawn
from obligations.orchestration.runs.claims import last_claim
from obligations.rules.wording import say_cadence, say_duty, say_kind
from obligations.steps.ledger import EventKind, LedgerEvent, Stage
from obligations.steps.ledger.follow_ups import follow_ups_of, open_correction
from obligations.steps.ledger.lateness import late_by
from obligations.steps.ledger.reported import reported_event
from obligations.words import rulings
from obligations.words.clocks import DeadlineClock, QuotaClock, StandingClock
from obligations.words.errors import UnusableInput
from obligations.words.occurrence import FOLLOWUP, PARENT
from obligations.words.times import midnight, say_day, say_instant


def weigh(case: Case, ruling: rulings.Ruling) -> Verdict:
    """Return what the decision comes to; raises UnusableInput, in Chinese, where the rules or its state forbid it."""
    return _WEIGHED_BY[type(ruling)](case, ruling)


def is_redraft_asked(events: Iterable[LedgerEvent]) -> bool:
    """Whether somebody asked for a new version (重拟) since a run last opened the occurrence."""
    asked = False
    for event in events:
        if event.kind == EventKind.OPENED:
            asked = False
        elif event.kind == EventKind.CORRECTED and event.payload.get("redraft") is True:
            asked = True
    return asked


def _waive(case: Case, ruling: rulings.Waive) -> Verdict:
    if case.row.waived_at is not None:
        raise UnusableInput(f"{case.name} 已于{say_instant(case.row.waived_at)}登记为经批准不计入考核，不必重复登记")
    if not case.row.is_met:
        require_open(case)
    payload = {"reason": ruling.reason, "authority": ruling.authority, "proof": ruling.proof}
    return Verdict(EventKind.WAIVED, case.now, payload, f"经批准不计入考核（批准：{ruling.authority}）")


def _nil(case: Case, ruling: rulings.Nil) -> Verdict:
    require_open(case)
    clock = case.work.obligation.clock
    if case.row.event_id is not None:
        _require_over(case)
        return Verdict(EventKind.NIL, case.now, {"reason": ruling.reason}, "事件已经结束，本次续报登记为零报告")
    if isinstance(clock, DeadlineClock) or (isinstance(clock, QuotaClock) and (clock.min or clock.count)):
        raise UnusableInput(
            f"{case.name} 是{say_kind(clock)}事项（{say_cadence(clock)}），没有做到不是零报告；经批准的，请登记不计入考核"
        )
    if case.now < case.row.opens_at:
        opens = say_instant(case.row.opens_at)
        raise UnusableInput(f"{case.name} 到{opens}才开始归集数据，在此之前还不能断定没有应公开的内容")
    return Verdict(EventKind.NIL, case.now, {"reason": ruling.reason}, "已登记零报告")


def _require_over(case: Case) -> None:
    """Refuse a nil report on what an event opened, but for a follow-up (续报) of an incident that is over."""
    event = case.work.event
    parent = event.fields.get(PARENT) if event is not None and event.type == FOLLOWUP else None
    if parent is None:
        raise UnusableInput(f"{case.name} 由已经发生的事件触发，不适用零报告；依法不公开的，请登记不予公开")
    if reported_event(case.connection, parent).closed_at is None:
        raise UnusableInput(f"{case.name} 所续报的事件 {parent} 尚未结束，仍须续报；已经结束的，请先登记事件结束")


def _withhold(case: Case, ruling: rulings.Withhold) -> Verdict:
    """Withhold, or say so again once the day of reassessment has come (条例第十八条), with the next one."""
    assessed = next((each for each in follow_ups_of(case.events) if each.kind == "reassessment"), None)
    if assessed is None or case.now < assessed.at:
        require_open(case)
    obligation = case.work.obligation
    if not obligation.may_reach_the_public:
        raise UnusableInput(f"{case.name} 的职责是{say_duty(obligation.duty)}，不向社会公开，不适用{ruling.scope}")
    if ruling.reassess_on <= case.today:
        raise UnusableInput(f"重新评估日期{say_day(ruling.reassess_on)}应晚于今天{say_day(case.today)}")
    payload = {
        "partial": ruling.scope == "部分公开",
        "article": ruling.article,
        "reason": ruling.reason,
        "authority": ruling.authority,
        "reassess_on": ruling.reassess_on,
        "proof": ruling.proof,
    }
    if assessed is not None and case.now >= assessed.at:
        payload["reassessed"] = True
    rest = "，其余内容仍须按期公开" if ruling.scope == "部分公开" else ""
    said = f"依照政府信息公开条例第{ruling.article}条{ruling.scope}{rest}，{say_day(ruling.reassess_on)}重新评估"
    return Verdict(EventKind.WITHHELD, case.now, payload, said)


def _correct(case: Case, ruling: rulings.Correct) -> Verdict:
    if case.row.outcome in {Stage.WAIVED, Stage.WITHHELD} or not late_by(case.row, case.now):
        raise UnusableInput(f"{case.name} 没有逾期，没有滞后环节可以更正")
    payload = {"late_stage": ruling.stage, "owner": ruling.owner}
    given = {name: value for name, value in payload.items() if value is not None}
    return Verdict(EventKind.CORRECTED, case.now, {**given, "reason": ruling.reason}, "已更正滞后环节和责任单位")


def _progress(case: Case, ruling: rulings.Progress) -> Verdict:
    require_open(case)
    counts = isinstance(case.work.obligation.clock, QuotaClock | StandingClock)
    if ruling.at > case.now:
        raise UnusableInput(f"时间 {say_instant(ruling.at)} 晚于现在 {say_instant(case.now)}，只能登记已经发生的进展")
    if counts and ruling.at < midnight(case.row.period_start):
        begins = say_day(case.row.period_start)
        raise UnusableInput(f"时间 {say_instant(ruling.at)} 早于本期开始的{begins}，请登记到它所在的期间")
    if ruling.unchanged and not isinstance(case.work.obligation.clock, StandingClock):
        raise UnusableInput(f"{case.name} 不是常态更新的事项，不能以“仍为最新”代替办理；请登记进展")
    if counts and not ruling.proof and not ruling.unchanged:
        raise UnusableInput("按次数或常态更新考核的事项，每次登记都须填写佐证（链接、文号或存放位置）")
    payload: dict[str, object] = {"note": ruling.note, "proof": ruling.proof, "counts": counts}
    if ruling.unchanged:
        payload["unchanged"] = True
        return Verdict(EventKind.PROGRESS, ruling.at, payload, f"已确认截至{say_instant(ruling.at)}仍为最新")
    said = "已登记一次进展，计入本期次数" if counts else "已登记进展"
    return Verdict(EventKind.PROGRESS, ruling.at, payload, said)


def _redraft(case: Case, ruling: rulings.Redraft) -> Verdict:
    if open_correction(case.events) is None:
        require_open(case)
    claim = last_claim(case.events)
    if claim is None or not claim.is_over:
        raise UnusableInput(
            f"{case.name} 目前{case.row.stage_label}，尚有运行在办理；要改稿件，请在审核时退回修改，结束后再申请重拟"
        )
    if is_redraft_asked(case.events):
        raise UnusableInput(f"{case.name} 已经申请重拟，等待下一次巡检启动，不必重复申请")
    payload = {"redraft": True, "reason": ruling.reason}
    return Verdict(EventKind.CORRECTED, case.now, payload, "已申请重拟，下一次巡检时启动新一版")


_WEIGHED_BY: dict[type, Callable[[Case, Any], Verdict]] = {
    rulings.Extend: weigh_extension,
    rulings.Pause: weigh_pause,
    rulings.Resume: weigh_resumption,
    rulings.Waive: _waive,
    rulings.Nil: _nil,
    rulings.Withhold: _withhold,
    rulings.Correct: _correct,
    rulings.Progress: _progress,
    rulings.Redraft: _redraft,
    rulings.Vouch: weigh_vouch,
    rulings.AcceptEvidence: weigh_acceptance,
    rulings.RejectEvidence: weigh_rejection,
    rulings.Override: weigh_override,
    rulings.Merge: weigh_merger,
    rulings.OrderCorrection: weigh_correction,
    rulings.OrderWithdrawal: weigh_withdrawal,
    rulings.Withdrawn: weigh_withdrawn,
    rulings.Formalize: weigh_paperwork,
}

"""What is decided about what is public already: 更正, 责令撤回, 已撤回. Writes nothing.

A correction makes one more run possible although the occurrence is met, at its first time, and stays so. A withdrawal
has a deadline of its own, which the sweep watches; whether the page is gone a person says, or we see it.
"""

from __future__ import annotations

from datetime import datetime

from obligations.orchestration.rulings.case import Case, Verdict
from obligations.orchestration.rulings.evidence import publication_of
from obligations.rules.clocks import due_after
from obligations.rules.law import law_in_force
from obligations.steps.ledger import EventKind
from obligations.steps.ledger.follow_ups import FollowUp, follow_ups_of
from obligations.words.errors import UnusableInput
from obligations.words.rulings import OrderCorrection, OrderWithdrawal, Withdrawn
from obligations.words.times import end_of_day, midnight, say_day, say_due, say_instant


def weigh_correction(case: Case, ruling: OrderCorrection) -> Verdict:
    """更正已公开内容: only once the duty is met, and one correction at a time."""
    published = publication_of(case, None)
    if not case.row.is_met:
        raise UnusableInput(
            f"{case.name} 目前{case.row.stage_label}，尚未办结；要改稿件，请在审核时退回修改，或结束后申请重拟"
        )
    if any(each.kind == "correction" for each in follow_ups_of(case.events)):
        raise UnusableInput(f"{case.name} 的更正已在办理，更正稿发布之后才能再次更正")
    payload = {
        "correction": True,
        "corrects": published.payload["sha256"],
        "version": published.payload["version"],
        "address": published.payload["address"],
        "reason": ruling.reason,
    }
    said = f"已登记更正第{published.payload['version']}版，下一次巡检时启动更正稿，须重新审核；原完成时间不变"
    return Verdict(EventKind.CORRECTED, case.now, payload, said)


def weigh_withdrawal(case: Case, ruling: OrderWithdrawal) -> Verdict:
    """责令撤回: by the law's working days, or the date the office gives."""
    published = publication_of(case, ruling.address)
    address = str(published.payload["address"])
    if _ordered(case, address) is not None:
        raise UnusableInput(f"{case.name} 在 {address} 的内容已责令撤回，不必重复登记")
    withdrawn = [event for event in case.events if event.kind == EventKind.WITHDRAWN]
    if any(event.payload.get("address") == address and event.seq > published.seq for event in withdrawn):
        raise UnusableInput(f"{case.name} 在 {address} 的内容已经撤回")
    if ruling.since > case.today:
        raise UnusableInput(f"起算日期{say_day(ruling.since)}晚于今天{say_day(case.today)}，到那一天再登记")
    due_at, law, derivation = _deadline(case, ruling)
    payload = {
        "address": address,
        "sha256": published.payload["sha256"],
        "reason": ruling.reason,
        "authority": ruling.authority,
        "since": ruling.since,
        "due_at": due_at,
        "law": law,
        "derivation": derivation,
    }
    said = f"已责令撤回 {address}，应于{say_due(due_at)}撤下；撤下后请登记已撤回并公开说明理由"
    return Verdict(EventKind.WITHDRAWAL_ORDERED, case.now, payload, said)


def weigh_withdrawn(case: Case, ruling: Withdrawn) -> Verdict:
    """登记已撤回: of what was ordered to be withdrawn, between its publication and now."""
    published = publication_of(case, ruling.address)
    address = str(published.payload["address"])
    ordered = _ordered(case, address)
    if ordered is None:
        raise UnusableInput(f"{case.name} 在 {address} 的内容没有等待撤回，请先登记责令撤回")
    if ruling.at > case.now:
        raise UnusableInput(f"撤下时间 {say_instant(ruling.at)} 晚于现在 {say_instant(case.now)}，请核对")
    if ruling.at < published.happened_at:
        raise UnusableInput(
            f"撤下时间 {say_instant(ruling.at)} 早于公开的 {say_instant(published.happened_at)}，请核对"
        )
    late = ruling.at > ordered.at
    payload = {"address": address, "method": ruling.note or "人工登记", "reference": ruling.reference, "late": late}
    said = f"已登记于{say_instant(ruling.at)}撤回" + (f"，超过{say_due(ordered.at)}的期限" if late else "")
    return Verdict(EventKind.WITHDRAWN, ruling.at, payload, said)


def _ordered(case: Case, address: str) -> FollowUp | None:
    found = (each for each in follow_ups_of(case.events) if each.kind == "withdrawal" and each.subject == address)
    return next(found, None)


def _deadline(case: Case, ruling: OrderWithdrawal) -> tuple[datetime, str | None, list[str]]:
    """Return the last instant, the provision it comes from, and how it was counted; the office may only tighten the law's."""
    own = end_of_day(ruling.due_on) if ruling.due_on is not None else None
    if ruling.due_on is not None and ruling.due_on < case.today:
        raise UnusableInput(f"撤回的最后一日{say_day(ruling.due_on)}早于今天{say_day(case.today)}，请核对")
    if ruling.law is None:
        if own is None:
            raise UnusableInput("依据为本单位规定的，请填写 due_on（撤回的最后一日）")
        return own, None, [f"撤回期限为本单位规定，不是条文原有，应于{say_due(own)}撤回。"]
    law = law_in_force(ruling.law, ruling.since)
    if law is None or law.limit is None:
        raise UnusableInput(f"{say_day(ruling.since)}没有施行中的撤回期限条文；请把依据填为“本单位规定”，并填写 due_on")
    counted = due_after(law.limit, midnight(ruling.since), case.work.calendar)
    derivation = [f"依照{law.cite_with_doubt()}，撤回期限为{law.limit.say()}。", *counted.derivation]
    if own is None:
        return counted.due_at, law.cite(), derivation
    if own > counted.due_at:
        raise UnusableInput(f"撤回期限不得晚于{law.cite()}规定的{say_due(counted.due_at)}")
    return own, law.cite(), [*derivation, f"本单位提前到{say_due(own)}。"]

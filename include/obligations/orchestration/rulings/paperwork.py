"""What is decided about a review beside its answers: 核对错误放行, 补办手续. Writes nothing; the answers are ``review``."""

from __future__ import annotations

from obligations.orchestration.review.progress import errors_left
from obligations.orchestration.rulings.case import Case, Verdict, require_open
from obligations.orchestration.rulings.evidence import require_attached
from obligations.steps.ledger import EventKind
from obligations.steps.ledger.follow_ups import follow_ups_of
from obligations.steps.ledger.products import drafts_of
from obligations.words.errors import UnusableInput
from obligations.words.rulings import Formalize, Override


def weigh_override(case: Case, ruling: Override) -> Verdict:
    """核对错误放行: for exactly the version under review, with what was found wrong."""
    if not any(each.kind == "correction" for each in follow_ups_of(case.events)):
        require_open(case)
    drafts = [draft for draft in drafts_of(case.connection, [case.row.id])[case.row.id] if draft.state != "final"]
    if not drafts:
        raise UnusableInput(f"{case.name} 还没有稿件，没有可以放行的")
    reviewed = drafts[-1]
    if ruling.sha256 != reviewed.sha256:
        raise UnusableInput(
            f"{case.name} 现在办理的是第{reviewed.version}版，SHA-256 为 {reviewed.sha256}，与填写的 {ruling.sha256} 不同；请核对后按现在这一版登记"
        )
    errors = errors_left(case.events, reviewed)
    if not errors:
        raise UnusableInput(f"{case.name} 第{reviewed.version}版没有未处理的核对错误，不必放行")
    payload = {
        "version": reviewed.version,
        "sha256": reviewed.sha256,
        "errors": list(errors),
        "reason": ruling.reason,
    }
    said = f"第{reviewed.version}版的{len(errors)}处核对错误已书面放行，理由随稿件留存"
    return Verdict(EventKind.OVERRIDDEN, case.now, payload, said)


def weigh_paperwork(case: Case, ruling: Formalize) -> Verdict:
    """补办手续: the paper of an approval that was given by word of mouth."""
    waiting = [each.event for each in follow_ups_of(case.events) if each.kind == "paperwork"]
    if not waiting:
        raise UnusableInput(f"{case.name} 没有待补办手续的口头批准")
    found = [event for event in waiting if ruling.level in {None, event.payload.get("level")}]
    if len(found) != 1:
        levels = "、".join(f"第{event.payload.get('version')}版{event.payload.get('level')}" for event in waiting)
        raise UnusableInput(f"{case.name} 待补办手续的有：{levels}；请在 level 中写明是哪一级")
    (approved,) = found
    require_attached(case, ruling.attachments)
    payload = {
        "level": approved.payload.get("level"),
        "version": approved.payload.get("version"),
        "sha256": approved.payload.get("sha256"),
        "reference": ruling.reference,
        "attachments": list(ruling.attachments),
    }
    return Verdict(EventKind.FORMALIZED, case.now, payload, f"已补办{payload['level']}的签批手续")

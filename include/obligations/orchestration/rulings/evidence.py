"""What evidence by people comes to (人工佐证): entered by one, accepted or refused by the office. Writes nothing.

The time that somebody claims is kept apart from the time that was seen; only what the office accepts is when the duty was
met, and it can only be earlier than what was seen, never later.
"""

from __future__ import annotations

from datetime import datetime

from obligations.orchestration.rulings.case import Case, Verdict
from obligations.orchestration.rulings.kinds import BASES
from obligations.rules.wording import say_fulfilment
from obligations.steps.ledger import EventKind, LedgerEvent
from obligations.steps.ledger.follow_ups import FollowUp, follow_ups_of
from obligations.words.errors import UnusableInput
from obligations.words.evidence import Evidence
from obligations.words.rulings import AcceptEvidence, RejectEvidence, Vouch
from obligations.words.times import SHANGHAI, parse_instant, say_due, say_instant

_LABELS = {basis: label for label, basis in BASES.items()}


def publication_of(case: Case, address: str | None) -> LedgerEvent:
    """Return the event that registered the publication at an address, or the last; raises UnusableInput if there is none."""
    if case.row.fulfilment != EventKind.PUBLISHED:
        done = say_fulfilment(case.work.obligation.fulfilment)
        raise UnusableInput(f"{case.name} 以{done}为完成，没有公开的页面；办结材料请在办理表单中登记")
    published = [event for event in case.events if event.kind == EventKind.PUBLISHED]
    if not published:
        raise UnusableInput(f"{case.name} 还没有登记公开地址，请先办理发布")
    found = [event for event in published if address in {None, event.payload["address"]}]
    if not found:
        known = "、".join(dict.fromkeys(str(event.payload["address"]) for event in published))
        raise UnusableInput(f"{case.name} 没有登记过公开地址 {address}；登记过的有：{known}")
    return found[-1]


def weigh_vouch(case: Case, ruling: Vouch) -> Verdict:
    """登记佐证: no earlier than the version was approved (先审后发), and earlier than anybody saw it."""
    published = publication_of(case, ruling.address)
    address, sha256 = published.payload["address"], published.payload["sha256"]
    if ruling.at > case.now:
        raise UnusableInput(f"实际公开时间 {say_instant(ruling.at)} 晚于现在 {say_instant(case.now)}，请核对")
    approved = [event for event in case.events if event.is_final_approval and event.seq < published.seq]
    if approved and ruling.at < approved[-1].happened_at:
        signed = say_instant(approved[-1].happened_at)
        raise UnusableInput(
            f"实际公开时间 {say_instant(ruling.at)} 早于该稿审签通过的 {signed}：先审后发，审签之前的页面不是这一稿"
        )
    if any(each.kind == "evidence" and each.subject == address for each in follow_ups_of(case.events)):
        raise UnusableInput(f"{case.name} 在 {address} 已有一份佐证等待政务公开办采信，采信或不采信之后才能再登记")
    _require_earlier(case, published, ruling.at)
    require_attached(case, ruling.attachments)
    payload = {
        "address": address,
        "sha256": sha256,
        "fulfilled_at": ruling.at,
        "basis": ruling.basis,
        "reference": ruling.reference,
        "attachments": list(ruling.attachments),
    }
    said = f"已登记佐证（{_LABELS[ruling.basis]}），称于{say_instant(ruling.at)}公开，待政务公开办采信"
    return Verdict(EventKind.VOUCHED, case.now, payload, said)


def weigh_acceptance(case: Case, ruling: AcceptEvidence) -> Verdict:
    """采信佐证."""
    vouched = _vouched(case, ruling.address, "采信")
    said = vouched.payload
    claimed = parse_instant(said["fulfilled_at"]).astimezone(SHANGHAI)
    published = publication_of(case, said["address"])
    _require_earlier(case, published, claimed)
    label = _LABELS[said["basis"]]
    method = f"{vouched.person} 登记{label}并对真实性负责，{case.person} 采信"
    details = {name: said[name] for name in ("basis", "reference", "attachments")}
    evidence = Evidence("人工佐证", method, claimed, case.now, details | ({"note": ruling.note} if ruling.note else {}))
    payload = {
        "sha256": said["sha256"],
        "address": said["address"],
        "published_at": claimed,
        "evidence": evidence.as_payload(),
        "grade": evidence.grade,
        "vouched_by": vouched.person,
        "accepted_by": case.person,
        "vouched_seq": vouched.seq,
    }
    kept = "按期" if claimed <= case.row.due_at else f"晚于{say_due(case.row.due_at)}的时限，仍为逾期"
    if case.row.closed_at is not None and claimed >= case.row.closed_at:
        kept = "完成时间不变"
    return Verdict(EventKind.VERIFIED, case.now, payload, f"已采信佐证，认定于{say_instant(claimed)}公开，{kept}")


def weigh_rejection(case: Case, ruling: RejectEvidence) -> Verdict:
    """不采信佐证."""
    vouched = _vouched(case, ruling.address, "不采信")
    payload = {
        "address": vouched.payload["address"],
        "sha256": vouched.payload["sha256"],
        "vouched_seq": vouched.seq,
        "reason": ruling.reason,
    }
    return Verdict(
        EventKind.EVIDENCE_REJECTED, case.now, payload, f"不采信 {vouched.person} 登记的佐证：{ruling.reason}"
    )


def require_attached(case: Case, attachments: tuple[str, ...]) -> None:
    """Raise UnusableInput for a file that nobody handed in for this occurrence."""
    known = {event.payload.get("sha256") for event in case.events if event.kind == EventKind.ATTACHED}
    if missing := [sha256 for sha256 in attachments if sha256 not in known]:
        raise UnusableInput(f"{case.name} 没有这些附件，请先上传：{'、'.join(missing)}")


def _vouched(case: Case, address: str | None, act: str) -> LedgerEvent:
    """Return the evidence that waits for the office; raises UnusableInput if none does, or the person's own."""
    waiting: list[FollowUp] = [
        each for each in follow_ups_of(case.events) if each.kind == "evidence" and address in {None, each.subject}
    ]
    if not waiting:
        raise UnusableInput(f"{case.name} 没有等待采信的佐证")
    vouched = waiting[-1].event
    if vouched.person == case.person:
        raise UnusableInput(f"佐证由 {case.person} 本人登记，不能由同一人{act}，请由政务公开办其他人员办理")
    return vouched


def _require_earlier(case: Case, published: LedgerEvent, claimed: datetime) -> None:
    """Refuse what would only repeat what is proven of this very publication, or move it later."""
    its = (published.payload["sha256"], published.payload["address"])
    proven = [
        parse_instant(event.payload["published_at"])
        for event in case.events
        if event.kind == EventKind.VERIFIED
        and event.payload.get("published_at")
        and (event.payload.get("sha256"), event.payload.get("address")) == its
    ]
    if proven and claimed >= min(proven):
        raise UnusableInput(
            f"{case.name} 已核验为{say_instant(min(proven))}公开，佐证的时间不早于它，不必登记；只有更早的时间才须佐证"
        )

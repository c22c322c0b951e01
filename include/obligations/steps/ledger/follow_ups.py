"""What is still to be done about an occurrence beside its own due time, read off its events. Pure, writes nothing.

A withdrawal that was ordered, the paperwork of an approval by word of mouth (补办手续), the reassessment of what was
withheld (条例第十八条), evidence that the office has yet to accept, a correction under way. Each goes on after the
occurrence is closed. When people are reminded of it is ``rules.tiers``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from obligations.steps.ledger.events import EventKind, LedgerEvent
from obligations.words.follow_ups import FollowUpKind
from obligations.words.times import SHANGHAI, midnight, parse_instant, say_day, say_due, say_instant

LABELS: dict[FollowUpKind, str] = {
    "withdrawal": "待撤回",
    "paperwork": "待补办手续",
    "reassessment": "待重新评估",
    "evidence": "佐证待采信",
    "correction": "更正中",
}


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One thing that is still to be done.

    Attributes:
        subject: what tells it from others of its kind: an address, a version with its level.
        at: the instant that reminders count from: of a withdrawal its deadline, of paperwork the oral approval, of a
            reassessment its day, of evidence and corrections when they were entered.
        event: the one that asked for it.
        facts: for the text of a notice.
    """

    kind: FollowUpKind
    subject: str
    at: datetime
    event: LedgerEvent
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """What the ledger shows while it is open."""
        return LABELS[self.kind]


def follow_ups_of(events: Iterable[LedgerEvent]) -> tuple[FollowUp, ...]:
    """Return what is open, oldest first; of a kind and subject only the last."""
    found: dict[tuple[str, str], FollowUp] = {}
    for event in events:
        for kind, subject in _ended_by(event, found):
            found.pop((kind, subject), None)
        if (opened := _opened_by(event)) is not None:
            found.pop((opened.kind, opened.subject), None)
            found[opened.kind, opened.subject] = opened
    return tuple(found.values())


def open_correction(events: Iterable[LedgerEvent]) -> LedgerEvent | None:
    """Return the event that asked for a correction (更正) which has not been published yet, or None."""
    return next((each.event for each in follow_ups_of(events) if each.kind == "correction"), None)


def is_correction(event: LedgerEvent) -> bool:
    """Whether an event asks for the correction of what is public; ``corrected`` is also said of a late stage and 重拟."""
    return event.kind == EventKind.CORRECTED and event.payload.get("correction") is True


def _opened_by(event: LedgerEvent) -> FollowUp | None:
    said = event.payload
    if event.kind == EventKind.WITHDRAWAL_ORDERED:
        due_at, address = _instant(said["due_at"]), str(said["address"])
        ordered = f"{address} 应于{say_due(due_at)}撤下（{said.get('reason')}），撤下后请登记已撤回，并公开说明理由。"
        return FollowUp("withdrawal", address, due_at, event, {"said": ordered})
    if event.kind == EventKind.APPROVED and said.get("oral"):
        given = f"第{said.get('version')}版{said.get('level')}由{said['oral'].get('by')}于{say_instant(event.happened_at)}口头批准"
        paper = f"{given}，请补齐签批手续，并登记补办手续。"
        return FollowUp("paperwork", _paper(event), event.happened_at, event, {"said": paper})
    if event.kind == EventKind.WITHHELD and said.get("reassess_on"):
        day = date.fromisoformat(said["reassess_on"])
        again = f"登记的重新评估日期是{say_day(day)}，请依照政府信息公开条例第十八条评估；仍不公开的，再登记一次并写明下次日期。"
        return FollowUp("reassessment", "", midnight(day), event, {"said": again})
    if event.kind == EventKind.VOUCHED:
        shown = f"{event.person or '责任人'}登记佐证：{said.get('address')} 于{say_instant(_instant(said['fulfilled_at']))}公开"
        asked = f"{shown}，请核对后登记采信或不采信。"
        return FollowUp("evidence", str(said.get("address")), event.recorded_at, event, {"said": asked})
    if is_correction(event):
        return FollowUp("correction", "", event.recorded_at, event)
    return None


def _ended_by(event: LedgerEvent, open_: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    said = event.payload
    if event.kind == EventKind.WITHDRAWN:
        return [("withdrawal", str(said.get("address")))]
    if event.kind == EventKind.FORMALIZED:
        return [("paperwork", _paper(event))]
    if event.kind == EventKind.RETURNED:  # the version is given up, and every approval of it
        return [one for one in open_ if one[0] == "paperwork" and one[1].startswith(f"{said.get('sha256')} ")]
    if event.kind == EventKind.EVIDENCE_REJECTED or (event.kind == EventKind.VERIFIED and said.get("accepted_by")):
        return [("evidence", str(said.get("address")))]
    if event.kind == EventKind.PUBLISHED:
        return [("correction", "")]
    return []


def _paper(event: LedgerEvent) -> str:
    return f"{event.payload.get('sha256')} {event.payload.get('level')}"


def _instant(text: str) -> datetime:
    return parse_instant(text).astimezone(SHANGHAI)

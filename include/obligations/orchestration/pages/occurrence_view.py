"""What the page of one occurrence tells of its history: rounds of review, what happened, proof, files. Words, no rights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from obligations.orchestration.pages.shell import PREFIX
from obligations.orchestration.settings import Settings
from obligations.orchestration.upkeep.purges import name_in_store
from obligations.orchestration.uploads.attaching import SAID
from obligations.orchestration.uploads.keeping import place_of
from obligations.steps.ledger import EventKind, LedgerEvent, LedgerRow, Tombstone
from obligations.words.times import parse_instant, say_due, say_instant

_RESULTS = {"approved": "通过", "returned": "退回修改", None: "等待办理"}
_SAID: Mapping[str, str] = {
    EventKind.EXPECTED: "列入台账",
    EventKind.OPENED: "开始办理",
    EventKind.WAITING: "等待数据",
    EventKind.DATA_ARRIVED: "数据到达",
    EventKind.BAD_INPUT: "数据有误，待更正",
    EventKind.DRAFTED: "形成稿件",
    EventKind.COMPLETION_REQUESTED: "请责任单位完善稿件",
    EventKind.REVIEW_REQUESTED: "送审",
    EventKind.ANSWER_REFUSED: "办理意见未被接受",
    EventKind.RETURNED: "退回修改",
    EventKind.APPROVED: "审核通过",
    EventKind.PASSED: "本级不设",
    EventKind.OVERRIDDEN: "核对错误放行",
    EventKind.RELEASE_REQUESTED: "请发布前核验",
    EventKind.RELEASED: "发布前核验通过",
    EventKind.PUBLISHED: "发布",
    EventKind.HELD: "召开",
    EventKind.SUBMITTED: "报送",
    EventKind.COMPLETED: "办结",
    EventKind.VERIFIED: "核验公开",
    EventKind.FAILED: "办理中断",
    EventKind.MISSED: "逾期",
    EventKind.PAUSED: "时限中止",
    EventKind.RESUMED: "时限恢复",
    EventKind.EXTENDED: "延期",
    EventKind.WAIVED: "经批准不计入考核",
    EventKind.NIL: "零报告",
    EventKind.WITHHELD: "不予公开",
    EventKind.REBOUND: "时限按节假日通知重算",
    EventKind.CORRECTED: "更正",
    EventKind.LEVEL_CHANGED: "事件级别变更",
    EventKind.PROGRESS: "登记进展",
    EventKind.FEEDBACK: "反馈核实",
    EventKind.RULED: "反馈裁定",
    EventKind.PURGED: "文件按规定清除",
    EventKind.UPLOADED: "上传修改稿",
    EventKind.ATTACHED: "登记附件",
    EventKind.FORMALIZED: "补办手续",
    EventKind.VOUCHED: "登记佐证",
    EventKind.PAGE_CHANGED: "公开页面有变化",
    EventKind.MERGED: "并入其他事项",
    EventKind.WITHDRAWAL_ORDERED: "要求撤回",
    EventKind.WITHDRAWN: "已撤回",
    EventKind.WITHDRAWAL_MISSED: "撤回逾期",
    EventKind.EVIDENCE_REJECTED: "佐证不予采信",
}
"""What happened, for the list of an occurrence; looks and messages are not in it, for there are hundreds."""
_WHY = ("comment", "reason", "note", "said")


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of the list.

    Attributes:
        at: in words; what: with version and level where it has them; person: None for the system.
        why: what the person wrote.
    """

    at: str
    what: str
    person: str | None
    why: str


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """One request for review and its answer, in words; ``hours`` by the clock."""

    version: int | None
    level: str
    requested: str
    answered: str
    result: str
    person: str
    comment: str
    hours: float


@dataclass(frozen=True, slots=True)
class Proof:
    """One publication and what proves it; ``href`` is empty where the address is no web address."""

    version: int
    address: str
    href: str
    published: str
    grade: str
    method: str


@dataclass(frozen=True, slots=True)
class Attached:
    """One file that a person handed in; ``href`` is empty where it was purged."""

    what: str
    name: str
    person: str
    at: str
    href: str


def happened(events: Iterable[LedgerEvent], *, with_words: bool) -> list[Happened]:
    """Return what happened, the newest first; without the people's words where these may not be read yet."""
    lines = [
        Happened(say_instant(event.happened_at), _say(event), event.person, _why(event.payload) if with_words else "")
        for event in events
        if event.kind in _SAID
    ]
    return lines[::-1]


def review_lines(row: LedgerRow, *, with_words: bool) -> list[ReviewLine]:
    """Return the rounds of review, the newest first."""
    return [
        ReviewLine(
            version=found.version,
            level=found.level or "审核",
            requested=say_instant(found.requested_at),
            answered=say_instant(found.answered_at) if found.answered_at else "",
            result=_RESULTS.get(found.result, found.result or ""),
            person=found.person or "",
            comment=(found.comment or "") if with_words else "",
            hours=found.hours,
        )
        for found in reversed(row.rounds)
    ]


def proofs(row: LedgerRow) -> list[Proof]:
    """Return what was published, held, submitted or completed, and how far it is proven."""
    return [
        Proof(
            version=each.version,
            address=each.address,
            href=each.address if each.address.startswith(("https://", "http://")) else "",
            published=say_instant(each.published_at),
            grade=each.grade,
            method=str(each.evidence.get("method") or ""),
        )
        for each in row.publications
    ]


def attached(row: LedgerRow, settings: Settings, purged: Sequence[Tombstone]) -> list[Attached]:
    """Return the files that people handed in, oldest first."""
    gone = {tombstone.name for tombstone in purged}
    lines = []
    for event in row.events:
        if event.kind not in {EventKind.ATTACHED, EventKind.UPLOADED}:
            continue
        said = event.payload
        is_gone = name_in_store(place_of(said["sha256"], settings.store), settings.store) in gone
        place = f"{PREFIX}/attachments/{row.occurrence.key}/{row.occurrence.period}/{said['sha256']}"
        what = "修改稿" if event.kind == EventKind.UPLOADED else SAID.get(said["what"], said["what"])
        at = say_instant(event.happened_at)
        lines.append(Attached(what, said["name"], event.person or "系统", at, "" if is_gone else place))
    return lines


def refusal_standing(events: Sequence[LedgerEvent]) -> Happened | None:
    """Return why the last answer was not accepted, while the same form waits again; None where something followed."""
    last = next((event for event in reversed(events) if not event.is_aside), None)
    if last is None or last.kind != EventKind.ANSWER_REFUSED:
        return None
    said = last.payload
    return Happened(say_instant(last.happened_at), str(said.get("form", "")), last.person, str(said.get("reason", "")))


def _say(event: LedgerEvent) -> str:
    said = event.payload
    parts = [_SAID[event.kind]]
    if event.kind in {
        EventKind.DRAFTED,
        EventKind.APPROVED,
        EventKind.RETURNED,
        EventKind.REVIEW_REQUESTED,
    } and said.get("version"):
        parts.append(f"第{said['version']}版")
    if said.get("level") and event.kind != EventKind.LEVEL_CHANGED:
        parts.append(str(said["level"]))
    if said.get("oral"):
        parts.append(f"口头批准，{said['oral'].get('entered_by', '')}登记")
    if event.kind in {EventKind.EXTENDED, EventKind.REBOUND, EventKind.RESUMED} and said.get("due_at"):
        parts.append(f"时限改为{say_due(parse_instant(said['due_at']))}")
    return "，".join(parts)


def _why(said: Mapping[str, Any]) -> str:
    return next((str(said[name]) for name in _WHY if isinstance(said.get(name), str) and said[name]), "")

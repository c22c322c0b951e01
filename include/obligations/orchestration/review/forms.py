"""What a person is shown when asked to review or to prove: Markdown for Airflow's own page. Asks only, decides nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from obligations.orchestration.review.answers import COMMENT, ORAL_AT, ORAL_BY, OVERRIDE, PROOF
from obligations.orchestration.review.finishing import finalized
from obligations.orchestration.review.markdown import plain
from obligations.orchestration.review.progress import errors_left, require_approved, standing
from obligations.orchestration.runs.trace import append, drafted
from obligations.orchestration.work import Work
from obligations.rules.wording import say_fulfilment, say_source
from obligations.steps.ledger import LedgerEvent, OccurrenceRow
from obligations.words.contacts import Role
from obligations.words.draft import DraftVersion
from obligations.words.occurrence import DueDate
from obligations.words.publication import Blank
from obligations.words.reviews import Level, Step
from obligations.words.sources import LedgerSource
from obligations.words.times import say_due, say_instant

MOST_CHARACTERS = 20_000
_NAMES = {
    "approval.docx": "信息发布审批单（Word）",
    "approval.pdf": "信息发布审批单（PDF）",
    "cover_note.docx": "送审说明（Word）",
    "cover_note.html": "送审说明（网页）",
    "uploaded.docx": "上传的修改稿原件（Word）",
    "document.txt": "供粘贴的正文（纯文字）",
    "paste.html": "供粘贴的正文（网页）",
}
_SUFFIXES = {
    ".docx": "Word 文件", ".pdf": "PDF 文件", ".html": "网页预览", ".json": "数字及其来源", ".csv": "数据表",
}  # fmt: skip
CLASSIFIED = "非涉密系统，严禁处理、存储、传输涉密信息"
RELEASING = "发布前核验"
_SECRECY_POINTS = (
    "是否涉及国家秘密，或者汇总后可能涉及国家秘密（保守国家秘密法；政府信息公开条例第14条）",
    "是否涉及商业秘密、个人隐私（第15条），是否属于内部事务、过程性信息（第16条）",
    "公开属性（主动公开、依申请公开、不予公开）是否准确；不能确定的，报主管部门或者保密行政管理部门确定（第17条）",
)


@dataclass(frozen=True, slots=True)
class Form:
    """What a person is asked.

    Attributes:
        subject: one line; body: Markdown.
        fields: the fields to fill, of those that the kind of form knows.
    """

    subject: str
    body: str
    fields: tuple[Blank, ...]


def ask_completion(work: Work, now: datetime) -> Form:
    """Ask the responsible department for what only a person can write; records the request."""
    version = _version_of(work)
    append_request(work, "completion_requested", version, now)
    blanks = tuple(Blank(blank.name, blank.label, blank.required) for blank in version.blanks if blank.answer is None)
    asked = [f"- {plain(blank.label)}{'' if blank.required else '（可不填）'}" for blank in blanks]
    parts = [
        *_head(work, version, now),
        *_warnings(version),
        "### 待填写（填写后送审）\n" + "\n".join(asked),
        f"需要改动正文的，请下载 Word 文件修改后[上传修改稿]({upload_address(work)})，不必填写本表单。",
        "### 正文\n" + "\n\n".join(_body_of(work, version.text)),
        derivation(work),
    ]
    return Form(f"完善稿件：{version.title}（第{version.version}版）", "\n\n".join(parts), (*blanks, COMMENT))


def ask_review(work: Work, step: Step, now: datetime) -> Form:
    """Show the draft's text, its links, warnings, what was said of it, the due time and its derivation; records the request."""
    version = _version_of(work)
    reviewed = drafted(work)
    label = step.level.label
    append_request(work, "review_requested", version, now, level=label, roles=[role.value for role in step.answered_by])
    events = work.ledger.events(work.key, work.period)
    parts = [*_head(work, version, now), *_warnings(version)]
    if opinions := _opinions(events, reviewed.sha256):
        parts.append("### 已有审核意见\n" + "\n".join(opinions))
    errors = errors_left(events, reviewed)
    if errors:
        roles = "、".join(role.label for role in work.chain.overridden_by)
        said = "\n".join(f"- {plain(error)}" for error in errors)
        parts.append(f"### 核对发现的错误（未处理前不能通过；确需放行的，由{roles}书面说明理由）\n{said}")
    if step.level is Level.SECRECY:
        parts.append("### 保密审查要点\n" + "\n".join(f"- {point}" for point in _SECRECY_POINTS))
    parts.append("### 正文\n" + "\n\n".join(_body_of(work, version.text)))
    parts.append(derivation(work))
    fields = (COMMENT, *((OVERRIDE,) if errors else ()), *((ORAL_BY, ORAL_AT) if work.chain.oral else ()))
    return Form(f"{label}：{version.title}（第{version.version}版）", "\n\n".join(parts), fields)


def ask_release(work: Work, now: datetime) -> Form:
    """Ask the 政务公开办 to check the approved version before its own site makes it public; records the request.

    Raises NotApproved, so that nobody is asked about a version whose levels were only marked successful in Airflow.
    """
    require_approved(work)
    version = _version_of(work)
    append_request(work, "release_requested", version, now, roles=[Role.OFFICE.value])
    opinions = _opinions(work.ledger.events(work.key, work.period), version.sha256)
    parts = [
        *_head(work, version, now),
        "只核验格式、链接、栏目和公开属性；内容由发布单位审核并负责。",
        "### 已有审核意见\n" + "\n".join(opinions),
        "### 正文\n" + "\n\n".join(_body_of(work, version.text)),
    ]
    return Form(f"{RELEASING}：{version.title}（第{version.version}版）", "\n\n".join(parts), (COMMENT,))


def append_request(work: Work, kind: str, version: DraftVersion, now: datetime, **facts: Any) -> None:
    """Record, once for each version and level, that somebody was asked."""
    about = {"version": version.version, "sha256": version.sha256, **facts}
    once = ":".join((kind, str(facts.get("level", "")), str(version.version), version.sha256))
    append(work, kind, now, about, once=once)


def _version_of(work: Work) -> DraftVersion:
    from obligations.steps.draft import read  # loads python-docx, which parsing DAGs must not

    return read(Path(drafted(work).folder))


def _head(work: Work, version: DraftVersion, now: datetime) -> list[str]:
    limit = "公开" if work.obligation.may_reach_the_public else "完成"
    due = say_limit(work, now)
    return [
        f"**{CLASSIFIED}**",
        f"**{plain(version.title)}**　第{version.version}版　{work.obligation.jurisdiction.watermark or ''}",
        f"- {limit}时限：{due}\n- 依据：{plain(say_source(work.obligation))}",
        "### 稿件\n" + "\n".join(_links(work, version.version, version.shown)),
    ]


def _links(work: Work, version: int, names: Iterable[str]) -> list[str]:
    return [f"- [{label_of(name)}]({draft_address(work, version, name)})" for name in names]


def _warnings(version: DraftVersion) -> list[str]:
    if not version.warnings:
        return []
    return ["### 提请核对\n" + "\n".join(f"- {plain(warning)}" for warning in version.warnings)]


def _opinions(events: Iterable[LedgerEvent], sha256: str) -> list[str]:
    """Say what each level said of this version, in the order it was said."""
    said = []
    for label, event in standing(events, sha256).items():
        if event.kind == "passed":
            said.append(f"- {label}：{plain(str(event.payload.get('reason', '')))}")
            continue
        oral = "（口头批准，待补办手续）" if event.payload.get("oral") else ""
        comment = plain(str(event.payload.get("comment") or "同意"))
        said.append(f"- {label}：{plain(event.person or '')}，{say_instant(event.happened_at)}{oral}：{comment}")
    return said


def _body_of(work: Work, text: str) -> list[str]:
    """Return the draft's lines; of one that tells of every department only where it can be read, for who may see this page may be of one."""
    if isinstance(work.obligation.source, LedgerSource):
        return ["印发前各单位只能查看本单位数据，正文请在上方稿件链接中查看。"]
    return _lines_of(text)


def _lines_of(text: str) -> list[str]:
    """Return the lines of a draft; of a long one those at the beginning, for the page of a form is no place for a list."""
    lines: list[str] = []
    for line in filter(str.strip, text.splitlines()):
        if sum(map(len, lines)) > MOST_CHARACTERS:
            return [*lines, "（正文较长，以下从略，全文见上方稿件）"]
        lines.append(plain(line))
    return lines


def ask_proof(work: Work, now: datetime) -> Form:
    """Ask for the proof that it was held, submitted or completed; raises NotApproved while the review is not through."""
    final = finalized(work, now)
    done = say_fulfilment(work.obligation.fulfilment)
    body = "\n\n".join(
        (
            f"**{CLASSIFIED}**",
            f"请在{done}之后登记时间和佐证材料；登记人对真实性负责。",
            f"- 时限：{say_limit(work, now)}",
            "### 审签的材料\n" + "\n".join(_links(work, final.version, final.files)),
            derivation(work),
        )
    )
    return Form(f"登记{done}情况：{work.obligation.title}", body, PROOF[work.obligation.fulfilment])


def derivation(work: Work) -> str:
    """Write how the due time was derived, as a numbered list."""
    sentences = [f"{number}. {plain(said)}" for number, said in enumerate(_due_of(work).derivation, start=1)]
    return "### 时限推算\n" + "\n".join(sentences)


def say_limit(work: Work, now: datetime) -> str:
    """Say until when it is in time, and how much time is left or by how much it is late."""
    due = _due_of(work)
    hours = (due.due_at - now).total_seconds() / 3600
    words = f"{abs(hours):.1f}小时" if abs(hours) < 48 else f"{abs(hours) / 24:.0f}天"
    left = f"还剩{words}" if hours >= 0 else f"已超过{words}"
    provisional = "（暂定，待节假日通知）" if due.provisional else ""
    historical = "；补录" if work.is_historical(now) else ""
    return f"**{say_due(due.due_at)}**{provisional}（{left}，截至{say_instant(now)}{historical}）"


def _due_of(work: Work) -> OccurrenceRow | DueDate:
    """Return the due time and its derivation as the ledger keeps them, with what was granted; else as the clause gives them."""
    return work.ledger.occurrence(work.key, work.period) or work.occurrence.due


def label_of(name: str) -> str:
    """Say in Chinese what a file of a draft is; its name stays, for it is what gets downloaded."""
    if said := _NAMES.get(name):
        return f"{said} {name}"
    return f"{_SUFFIXES.get(Path(name).suffix, '文件')} {name}"


def upload_address(work: Work) -> str:
    """Return where an edited Word file is handed in."""
    return f"{work.settings.base_url}/obligations/uploads/{work.key}/{work.period}"


def feedback_address(work: Work) -> str:
    """Return where a department checks its own figures, and the office rules on what it answers."""
    return f"{work.settings.base_url}/obligations/feedback/{work.key}/{work.period}"


def draft_address(work: Work, version: int, name: str) -> str:
    """Return where a logged-in person can fetch a file of a draft."""
    return f"{work.settings.base_url}/obligations/drafts/{work.key}/{work.period}/v{version}/{name}"

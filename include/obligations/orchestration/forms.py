"""What a person is shown when asked to review or to prove: Markdown for Airflow's own page. Asks only, decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from obligations.orchestration.answers import COMMENT, PROOF
from obligations.orchestration.markdown import plain
from obligations.orchestration.trace import drafted
from obligations.orchestration.work import Work
from obligations.rules.wording import say_fulfilment, say_source
from obligations.words.publication import Blank
from obligations.words.sources import LedgerSource
from obligations.words.times import say_due, say_instant

MOST_CHARACTERS = 20_000
_NAMES = {
    "approval.docx": "信息发布审批单（Word）",
    "approval.pdf": "信息发布审批单（PDF）",
    "cover_note.docx": "送审说明（Word）",
    "cover_note.html": "送审说明（网页）",
    "document.txt": "供粘贴的正文（纯文字）",
    "paste.html": "供粘贴的正文（网页）",
}
_SUFFIXES = {
    ".docx": "Word 文件", ".pdf": "PDF 文件", ".html": "网页预览", ".json": "数字及其来源", ".csv": "数据表",
}  # fmt: skip
CLASSIFIED = "非涉密系统，严禁处理、存储、传输涉密信息"


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


def ask_review(work: Work, now: datetime) -> Form:
    """Show the draft's text, its links, warnings, open blanks, the due time and how it was derived; records the request."""
    from obligations.steps.draft import read  # loads python-docx, which parsing DAGs must not

    version = read(Path(drafted(work).folder))
    work.ledger.append(
        work.key,
        work.period,
        "review_requested",
        happened_at=now,
        recorded_at=now,
        payload={"version": version.version, "sha256": version.sha256, "run_id": work.run_id},
        once=f"review_requested:{version.version}:{version.sha256}",
    )
    links = [f"- [{_label(name)}]({draft_address(work, version.version, name)})" for name in version.shown]
    blanks = [
        f"- {plain(blank.label)}{'' if blank.required else '（可不填）'}"
        for blank in version.blanks
        if blank.answer is None
    ]
    parts = [
        f"**{CLASSIFIED}**",
        f"**{plain(version.title)}**　第{version.version}版　{work.obligation.jurisdiction.watermark or ''}",
        f"- {'公开' if work.obligation.may_reach_the_public else '完成'}时限：**{say_due(work.occurrence.due_at)}**（{time_left(work, now)}）\n- 依据：{plain(say_source(work.obligation))}",
        "### 稿件\n" + "\n".join(links),
    ]
    if version.warnings:
        parts.append("### 提请核对\n" + "\n".join(f"- {plain(warning)}" for warning in version.warnings))
    if blanks:
        parts.append("### 待填写（在下方表单填写后方可通过）\n" + "\n".join(blanks))
    parts.append("### 正文\n" + "\n\n".join(_body_of(work, version.text)))
    parts.append(derivation(work))
    fields = tuple(Blank(blank.name, blank.label, blank.required) for blank in version.blanks if blank.answer is None)
    return Form(f"审核：{version.title}（第{version.version}版）", "\n\n".join(parts), (*fields, COMMENT))


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
    """Ask for the proof that it was held, submitted or completed."""
    done = say_fulfilment(work.obligation.fulfilment)
    body = "\n\n".join(
        (
            f"**{CLASSIFIED}**",
            f"请在{done}之后登记时间和佐证材料；登记人对真实性负责。",
            f"- 时限：**{say_due(work.occurrence.due_at)}**（{time_left(work, now)}）",
            derivation(work),
        )
    )
    return Form(f"登记{done}情况：{work.obligation.title}", body, PROOF[work.obligation.fulfilment])


def derivation(work: Work) -> str:
    """Write how the due time was derived, as a numbered list."""
    sentences = [f"{number}. {plain(said)}" for number, said in enumerate(work.occurrence.due.derivation, start=1)]
    return "### 时限推算\n" + "\n".join(sentences)


def time_left(work: Work, now: datetime) -> str:
    """Say how much time is left, or by how much it is late."""
    hours = (work.occurrence.due_at - now).total_seconds() / 3600
    words = f"{abs(hours):.1f}小时" if abs(hours) < 48 else f"{abs(hours) / 24:.0f}天"
    left = f"还剩{words}" if hours >= 0 else f"已超过{words}"
    return f"{left}，截至{say_instant(now)}" + ("；补录" if work.is_historical(now) else "")


def _label(name: str) -> str:
    """Say in Chinese what a file of a draft is; its name stays, for it is what gets downloaded."""
    if said := _NAMES.get(name):
        return f"{said} {name}"
    return f"{_SUFFIXES.get(Path(name).suffix, '文件')} {name}"


def feedback_address(work: Work) -> str:
    """Return where a department checks its own figures, and the office rules on what it answers."""
    return f"{work.settings.base_url}/obligations/feedback/{work.key}/{work.period}"


def draft_address(work: Work, version: int, name: str) -> str:
    """Return where a logged-in person can fetch a file of a draft."""
    return f"{work.settings.base_url}/obligations/drafts/{work.key}/{work.period}/v{version}/{name}"

"""The 送审说明 that goes to reviewers beside a draft: why it is due, what to check, what to fill in, where figures are from.

It is a document like any other, and never part of what is published.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from obligations.publications.wording import say_number, say_unit
from obligations.steps.rendering.cleaning import clean
from obligations.steps.rendering.difference import Change
from obligations.words.draft import (
    Block,
    DocumentModel,
    Heading,
    NumberRun,
    Paragraph,
    Runs,
    Table,
    TableColumn,
    TextRun,
)
from obligations.words.obligation import Obligation
from obligations.words.occurrence import Event, Occurrence
from obligations.words.publication import Snapshot
from obligations.words.times import say_due, say_instant

_NUMBERS = "numbers"
_SHOWN = 50


def cover_note(
    document: DocumentModel,
    obligation: Obligation,
    occurrence: Occurrence,
    snapshot: Snapshot | None,
    event: Event | None,
    figures: dict[str, Any],
    changes: tuple[Change, ...] | None = None,
) -> DocumentModel:
    """Return the cover note of a draft.

    Args:
        document: the draft.
        obligation: its duty.
        occurrence: the one it meets, with the derivation of its due date.
        snapshot: the source file, None where it was written from the event itself.
        event: what started the clock, None for a period.
        figures: of the draft, see ``figures.figures``.
        changes: since the version before; None for a first one.
    """
    blocks: list[Block] = [Heading("s1", 1, _text("公开事项和时限"))]
    blocks += _paragraphs("s1", _duty(obligation, occurrence))
    if event:
        blocks += _paragraphs("s1-event", _event(event))
    blocks.append(Heading("s2", 1, _text("请核对的事项")))
    warnings = document.warnings or ("未发现需要提示的事项。",)
    blocks += _paragraphs("s2", [f"{count}.{warning}" for count, warning in enumerate(warnings, start=1)])
    if changes is not None:
        blocks.append(Heading("s-changes", 1, _text("与上一版的不同")))
        blocks += _paragraphs("s-changes", _changes(changes))
    blocks.append(Heading("s3", 1, _text("需要填写的内容")))
    blanks = [f"{blank.label}（{'必填' if blank.required else '选填'}）" for blank in document.blanks()]
    blocks += _paragraphs("s3", [f"{count}.{label}" for count, label in enumerate(blanks, start=1)] or ["没有。"])
    blocks.append(Heading("s4", 1, _text("数据来源")))
    blocks += _sources(snapshot, figures)
    if figures["measures"]:
        blocks += [Heading("s5", 1, _text("数字清单")), _numbers(figures["measures"])]
    if figures["offered"]:
        labels = {blank.name: blank.label for blank in document.blanks()}
        blocks += [Heading("s6", 1, _text("供填写参考的推算")), _offers(figures["offered"], labels)]
    if overwritten := figures.get("overwritten"):
        blocks += [Heading("s7", 1, _text("人工改写的数字")), _overwritten(overwritten)]
    return replace(document, title=f"《{document.title}》送审说明", subtitle=None, warnings=(), blocks=tuple(blocks))


def _duty(obligation: Obligation, occurrence: Occurrence) -> list[str]:
    source = obligation.document
    number = f"（{source.number}）" if source.number else ""
    due = say_due(occurrence.due_at)
    provisional = "（暂定，待节假日通知）" if occurrence.due.provisional else ""
    limit = "公开时限" if obligation.may_reach_the_public else "完成时限"
    return [
        f"公开事项：{obligation.title}。本期：{occurrence.period.key}。",
        f"依据：{source.cited}{number}{obligation.clause}，原文“{obligation.quote}”。",
        f"{limit}：{due}{provisional}。",
        *occurrence.due.derivation,
    ]


def _changes(changes: tuple[Change, ...]) -> list[str]:
    """Say what is different, a line each; of many the first, for the rest is better read side by side."""
    told = [f"{count}.{change.said()}" for count, change in enumerate(changes[:_SHOWN], start=1)]
    if (more := len(changes) - _SHOWN) > 0:
        told.append(f"另有{more}处不同，请用 obligations diff-drafts 查看。")
    return told or ["文字没有不同。"]


def _event(event: Event) -> list[str]:
    noticed = f"；知悉时间：{say_instant(event.noticed_at)}" if event.noticed_at else ""
    level = f"事件级别：{event.level}。" if event.level else f"事件：{event.title}。"
    return [
        f"{level}发生时间：{say_instant(event.happened_at)}；报告时间：{say_instant(event.reported_at)}{noticed}。时限从发生时起算。"
    ]


def _sources(snapshot: Snapshot | None, figures: dict[str, Any]) -> list[Block]:
    if snapshot is None:
        return _paragraphs("s4", ["据事件报告中的各项内容起草。"])
    addresses = dict.fromkeys(address for measure in figures["measures"] for address in measure["addresses"])
    if snapshot.address and not addresses:
        addresses[snapshot.address] = None
    rows = [("文件", snapshot.file), ("SHA-256", snapshot.sha256), *(("出处", address) for address in addresses)]
    columns = (TableColumn("项目", "left"), TableColumn("内容", "left"))
    return [Table("t-sources", "sources", None, "数据文件及其出处", "", columns, tuple(map(_texts, rows)))]


def _numbers(measures: list[dict[str, Any]]) -> Table:
    columns = tuple(TableColumn(header, "left") for header in ("指标", "数值", "计算方法和来源行"))
    rows = tuple(
        (_text(measure["label"]), (_printed(measure),), _text(f"{measure['formula']}{_rows(measure['inputs'])}"))
        for measure in measures
    )
    return Table("t-numbers", _NUMBERS, None, "文中数字及其来源", "", columns, rows)


def _offers(offered: list[dict[str, Any]], labels: dict[str, str]) -> Table:
    """List what is offered inside blanks, which is published only where the author keeps it."""
    headers = ("待填写栏", "指标", "数值", "计算方法和来源行")
    columns = tuple(TableColumn(header, "left") for header in headers)
    rows = tuple(
        (
            _text(labels[entry["blank"]]),
            _text(entry["label"]),
            (_printed(entry),),
            _text(f"{entry['formula']}{_rows(entry['inputs'])}"),
        )
        for entry in offered
    )
    return Table("t-offered", "offered", None, "推算的数字及其来源（填写人采用的才公开）", "", columns, rows)


def _overwritten(changed: list[dict[str, Any]]) -> Table:
    """List the numbers that a person changed, with what the data say."""
    headers = ("指标", "按数据应为", "稿中改为", "位置")
    rows = tuple(_texts((each["label"], each["printed"], each["instead"], each["where"])) for each in changed)
    columns = tuple(TableColumn(header, "left") for header in headers)
    return Table("t-overwritten", "overwritten", None, "与数据不一致、由修改人负责的数字", "", columns, rows)


def _printed(measure: dict[str, Any]) -> NumberRun:
    """Return the measure with its sign and unit, whatever words carry them in the text."""
    value = say_number(Decimal(measure["value"]), measure["places"])
    return NumberRun(measure["id"], value + say_unit(measure["unit"]), measure["value"])


def _rows(inputs: list[dict[str, Any]]) -> str:
    """Name the source rows, at most four: a count over a whole table has many."""
    rows = list(dict.fromkeys(str(cell["row"]) for cell in inputs))
    more = f"等{len(rows)}行" if len(rows) > 4 else "行" if rows else ""
    return f"（第{'、'.join(rows[:4])}{more}）" if rows else ""


def _paragraphs(section: str, texts: list[str]) -> list[Block]:
    return [Paragraph(f"{section}.p{count}", _text(text)) for count, text in enumerate(texts, start=1)]


def _texts(texts: tuple[str, ...]) -> tuple[Runs, ...]:
    return tuple(_text(text) for text in texts)


def _text(text: str) -> Runs:
    return (TextRun(clean(text), "given"),)

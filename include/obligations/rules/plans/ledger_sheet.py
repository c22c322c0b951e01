"""The office's ledger of tasks (工作台账) as a workbook: one row a candidate, and the lists to look through beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from obligations.rules.plans.comparison import Comparison
from obligations.rules.plans.legal_lint import LegalFinding
from obligations.rules.plans.saying import say_frequency, say_limit
from obligations.rules.workbooks.writing import ColumnForm, SheetForm, Value, write_workbook
from obligations.words.obligation import Obligation
from obligations.words.plans import Extraction

LEDGER = SheetForm(
    "工作台账",
    (
        ColumnForm("序号", "从 1 起", width=6),
        ColumnForm("条款", "文件中的条款编号", width=12),
        ColumnForm("原文", "照录原文", width=60),
        ColumnForm("事项", "任务名称，可修改", width=36),
        ColumnForm("时限", "由原文的时间词得出", width=28),
        ColumnForm("牵头单位", "照录原文", width=24),
        ColumnForm("责任单位", "照录原文", width=30),
        ColumnForm("频次", "每周、每月等", width=14),
        ColumnForm("识别可信度", "高、中、低", choices=("高", "中", "低"), width=10),
        ColumnForm("与清单比较", "新增、沿用、变化", width=16),
        ColumnForm("识别依据", "哪些词给出了时限和单位", width=44),
        ColumnForm("编号", "确认时使用", width=22),
    ),
)
LEFT_OUT = SheetForm(
    "未列入",
    (
        ColumnForm("行", "原文的行号", width=8),
        ColumnForm("条款", "条款编号", width=12),
        ColumnForm("原文", "照录原文", width=70),
        ColumnForm("时间词", "引起注意的词", width=16),
        ColumnForm("原因", "没有列入的原因", width=40),
    ),
)
DROPPED = SheetForm(
    "上年未再列入",
    (
        ColumnForm("编号", "清单中的编号", width=30),
        ColumnForm("事项", "任务名称", width=44),
        ColumnForm("时限", "清单中的时限", width=20),
        ColumnForm("处理", "延续执行或到期", choices=("延续执行", "到期"), width=12),
    ),
)
FINDINGS = SheetForm(
    "提请核对",
    (
        ColumnForm("类别", "问题的类别", width=16),
        ColumnForm("说明", "要核对什么", width=90),
        ColumnForm("编号", "有关的候选事项", width=30),
    ),
)
GUIDE = (
    "“工作台账”每行一个候选事项，由程序按规则识别，须逐条对照原文确认；识别可信度为“低”的先看。",
    "“未列入”是看到了时间词而没有列为事项的句子，供检查有无遗漏。",
    "“上年未再列入”是清单中有、本文件没有再写的事项，请逐条填写“延续执行”或“到期”。",
    "确认：在输出文件夹中修改或删除对应的 YAML 文件，再运行 obligations accept。",
)


def ledger_bytes(extraction: Extraction, comparison: Comparison, findings: Sequence[LegalFinding]) -> bytes:
    """Write the workbook."""
    title = "、".join(facts.title for facts in extraction.documents)
    return write_workbook(
        [
            (LEDGER, _rows(comparison)),
            (LEFT_OUT, _left_out(extraction)),
            (DROPPED, _dropped(comparison.dropped)),
            (FINDINGS, [{"类别": each.kind, "说明": each.said, "编号": "、".join(each.slugs)} for each in findings]),
        ],
        title=f"工作要点识别结果：{title}"[:200],
        guide=GUIDE,
    )


def _rows(comparison: Comparison) -> Iterable[Mapping[str, Value]]:
    for number, each in enumerate(comparison.proposed, start=1):
        candidate = each.candidate
        others = [name for name in candidate.departments if name not in candidate.leads]
        continued = f"（{each.entry.key}）" if each.entry is not None else ""
        yield {
            "序号": str(number),
            "条款": candidate.clause,
            "原文": candidate.quote,
            "事项": candidate.title,
            "时限": say_limit(candidate.clock, candidate.limit),
            "牵头单位": "、".join(candidate.leads),
            "责任单位": "、".join(others),
            "频次": say_frequency(candidate.clock),
            "识别可信度": candidate.confidence,
            "与清单比较": f"{each.change}{continued}",
            "识别依据": "；".join(candidate.reasons),
            "编号": candidate.slug,
        }


def _left_out(extraction: Extraction) -> Iterable[Mapping[str, Value]]:
    for each in (*extraction.left_out, *extraction.aside):
        yield {"行": str(each.line), "条款": each.clause, "原文": each.quote, "时间词": each.words, "原因": each.reason}


def _dropped(entries: Sequence[Obligation]) -> Iterable[Mapping[str, Value]]:
    for entry in entries:
        yield {"编号": entry.key, "事项": entry.title, "时限": say_limit(entry.clock), "处理": ""}

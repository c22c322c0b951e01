"""An extraction as a page that a person goes through beside the plan: what to accept, what was left out, what to look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from obligations.rules.plans.comparison import Comparison
from obligations.rules.plans.legal_lint import LegalFinding
from obligations.rules.plans.saying import say_limit
from obligations.words.plans import Extraction

_LISTED = 200


def review_text(extraction: Extraction, comparison: Comparison, findings: Sequence[LegalFinding]) -> str:
    """Write the page in Markdown."""
    return "\n".join(_lines(extraction, comparison, findings)) + "\n"


def _lines(extraction: Extraction, comparison: Comparison, findings: Sequence[LegalFinding]) -> Iterator[str]:
    proposed = comparison.proposed
    counts = "、".join(
        f"{grade} {sum(each.candidate.confidence == grade for each in proposed)} 项" for grade in ("高", "中", "低")
    )
    yield f"# 工作要点识别结果：{_safe(extraction.documents[0].title)}"
    yield ""
    yield f"原文 {_safe(extraction.source.file)}；待确认 {len(proposed)} 项，识别可信度{counts}。"
    yield "每项先看“原文”是否完整，再看时限和单位；不要的删除同名的 YAML 文件，要改的直接改。"
    yield ""
    yield "| 编号 | 条款 | 原文 | 时限 | 牵头、责任单位 | 可信度 | 比较 | 依据 |"
    yield "|---|---|---|---|---|---|---|---|"
    for each in proposed:
        candidate = each.candidate
        cells = (
            candidate.slug,
            candidate.clause,
            candidate.quote,
            say_limit(candidate.clock, candidate.limit),
            "、".join(candidate.departments) or "（原文未写明）",
            candidate.confidence,
            each.change,
            "；".join(candidate.reasons),
        )
        yield f"| {' | '.join(map(_safe, cells))} |"
    yield from _list("提请核对", [f"{each.kind}：{each.said}" for each in findings])
    told = [
        f"第{each.line}行 {each.clause} “{each.words}”：{each.reason}——{each.quote}" for each in extraction.left_out
    ]
    yield from _list("看到时间词而未列入", told)
    aside = [f"第{each.line}行：{each.reason}——{each.quote}" for each in extraction.aside]
    yield from _list("剔除的附加文字", aside)
    dropped = [f"{entry.key} {entry.title}：延续执行还是到期？" for entry in comparison.dropped]
    yield from _list("清单中有、本文件未再列入", dropped)


def _list(heading: str, items: list[str]) -> Iterator[str]:
    if not items:
        return
    yield ""
    yield f"## {heading}（{len(items)}）"
    yield ""
    for item in items[:_LISTED]:
        yield f"- {_safe(item)}"
    if len(items) > _LISTED:
        yield f"- 另有 {len(items) - _LISTED} 处，见 ledger.xlsx"


def _safe(text: str) -> str:
    """Keep a text from ending its cell or becoming markup."""
    line = " ".join(text.split())
    return line.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("`", "\\`")

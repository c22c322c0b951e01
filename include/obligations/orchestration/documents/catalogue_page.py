"""Writes docs/catalogue.md: every document with its obligations in the order of its clauses. Same catalogue, same page.

Run ``python -m obligations.orchestration.documents.catalogue_page`` after a change to the catalogue; a test holds the two alike.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from obligations.orchestration.review.markdown import plain, table_head, table_row
from obligations.orchestration.settings import PACKAGE
from obligations.rules.catalogue import load
from obligations.rules.wording import say_clock, say_duty, say_kind
from obligations.words.obligation import Document, Obligation
from obligations.words.times import say_day

PAGE = PACKAGE.parents[1] / "docs" / "catalogue.md"
_NUMERAL = re.compile(r"[一二三四五六七八九十]+|\d+")
_DIGITS = "零一二三四五六七八九"
_COLUMNS = ("条款", "公开事项", "类型", "职责", "时限", "责任单位", "原文", "编号")


def catalogue_page(obligations: Iterable[Obligation]) -> str:
    """Return the page in Markdown; adopted obligations are those of the document they come from and listed once."""
    own = [obligation for obligation in obligations if obligation.adopted_from is None]
    by_document: dict[tuple[str, str], list[Obligation]] = {}
    for obligation in sorted(own, key=_place):
        by_document.setdefault((obligation.jurisdiction.slug, obligation.document.title), []).append(obligation)
    lines = [
        "# 公开事项目录",
        "",
        "<!-- python -m obligations.orchestration.documents.catalogue_page -->",
        "",
        f"共 {len(own)} 项，按文件和条款顺序排列。本页由目录生成，请勿手工修改；要改某一项，改它的 YAML 文件。",
        "",
        *_totals(by_document),
    ]
    for found in by_document.values():
        lines += ["", *_section(found)]
    return "\n".join(lines) + "\n"


def _place(obligation: Obligation) -> tuple[str, int, list[int], str]:
    """Order by line, and within a line that holds several clauses by their numbers."""
    numbers = [_number(found) for found in _NUMERAL.findall(obligation.clause)]
    return obligation.jurisdiction.slug, obligation.line or 0, numbers, obligation.slug


def _number(numeral: str) -> int:
    """Read 3, 三, 十二 or 二十一."""
    if numeral.isdigit():
        return int(numeral)
    tens, ten, ones = numeral.rpartition("十")
    return (_DIGITS.index(tens) if tens else 1) * 10 * bool(ten) + (_DIGITS.index(ones) if ones else 0)


def _totals(by_document: dict[tuple[str, str], list[Obligation]]) -> list[str]:
    counts = {place: Counter(say_kind(one.clock) for one in found) for place, found in by_document.items()}
    kinds = ("定期", "事件触发", "限期", "数量要求", "常态")
    rows = [
        table_row(found[0].jurisdiction.name, *(str(counts[place][kind]) for kind in kinds), str(len(found)))
        for place, found in by_document.items()
    ]
    return [*table_head("辖区", *kinds, "合计"), *rows]


def _section(found: Sequence[Obligation]) -> list[str]:
    document = found[0].document
    return [
        f"## {plain(f'{found[0].jurisdiction.name}　{document.title}')}",
        "",
        plain(_about(document)),
        "",
        *table_head(*_COLUMNS),
        *(table_row(*map(plain, _cells(obligation)), f"`{obligation.key}`") for obligation in found),
    ]


def _about(document: Document) -> str:
    facts = [document.number or "（来源未载文号）", document.issued_by]
    if document.issued_on:
        facts.append(f"{say_day(document.issued_on)}印发")
    until = f"至{say_day(document.in_force_until)}" if document.in_force_until else "起"
    return "，".join([*facts, f"执行期{say_day(document.in_force_from)}{until}"])


def _cells(obligation: Obligation) -> tuple[str, ...]:
    lapsed = "（印发时已过期限）" if obligation.lapsed_at_issue else ""
    return (
        obligation.clause,
        obligation.title + (f"（{'、'.join(obligation.items)}）" if obligation.items else ""),
        say_kind(obligation.clock),
        say_duty(obligation.duty),
        f"{say_clock(obligation)}{lapsed}",
        "、".join(obligation.department_names or obligation.departments) or "（条文未写明）",
        obligation.quote,
    )


def main(arguments: Sequence[str]) -> int:
    """Write the page to the path given, or to docs/catalogue.md; exit 1 while the catalogue has faults."""
    catalogue = load(PACKAGE / "catalogue")
    if catalogue.faults:
        sys.stderr.write("\n".join(map(str, catalogue.faults)) + "\n")
        return 1
    page = Path(arguments[0]) if arguments else PAGE
    page.write_text(catalogue_page(catalogue.obligations.values()), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Writes docs/law.zh-CN.md: every statutory limit that dates are computed by, with its provision and how it is known.

Run ``python -m obligations.orchestration.documents.law_page`` after a change to ``law.yaml``; a test holds the two alike.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from obligations.orchestration.review.markdown import plain, table_head, table_row
from obligations.orchestration.settings import PACKAGE
from obligations.rules.law import StatutoryLimit, read_law
from obligations.words.times import say_day

PAGE = PACKAGE.parents[1] / "docs" / "law.zh-CN.md"
_COLUMNS = ("规定", "内容", "时限", "施行期间", "核对")
_HEAD = """# 法定时限

<!-- python -m obligations.orchestration.documents.law_page -->

系统推算时限所依据的法律、法规和规定，共 {number} 条，按事项排列；同一事项前后施行的各版本排在一起，推算时按信息形成或者事件发生之日施行的版本。
要点没有写明数字的，才适用这里的时限；本单位自定的只能更严。“未核到原文”的，推算依据中照样注明，使用前请人工核对。
本页由 `include/obligations/law.yaml` 生成，请勿手工修改。
"""


def law_page(limits: Iterable[StatutoryLimit]) -> str:
    """Return the page in Markdown: a table with a row for each version of each rule, in the order of the file."""
    every = list(limits)
    families = [list(versions) for _, versions in groupby(every, key=lambda limit: limit.key)]
    rows = [row for versions in families for row in map(_row, versions)]
    return "\n".join([_HEAD.format(number=len(every)), *table_head(*_COLUMNS), *rows]) + "\n"


def _row(limit: StatutoryLimit) -> str:
    checked = f"已核对：{limit.source}" if limit.verified else f"未核到原文：{limit.note}"
    return table_row(*map(plain, (limit.cite(), limit.says, _limit(limit), _in_force(limit), checked)))


def _limit(limit: StatutoryLimit) -> str:
    said = [limit.limit.say()] if limit.limit else []
    if limit.fixed_date:
        month, day = limit.fixed_date.split("-")
        said.append(f"每年{int(month)}月{int(day)}日前")
    if limit.extension:
        said.append(f"可延长{limit.extension.say()}（{limit.extension_needs}）")
    if limit.pause_limit:
        said.append(f"{'、'.join(limit.pauses)}的时间不计入，每项不超过{limit.pause_limit.say()}")
    return "；".join(said) or "—"


def _in_force(limit: StatutoryLimit) -> str:
    begun, ended = limit.in_force_from, limit.in_force_until
    if begun and ended:
        return f"{say_day(begun)}—{say_day(ended)}"
    return f"{say_day(begun)}起" if begun else f"至{say_day(ended)}" if ended else "—"


def main(arguments: Sequence[str]) -> int:
    """Write the page to the path given, or to docs/law.zh-CN.md."""
    page = Path(arguments[0]) if arguments else PAGE
    page.write_text(law_page(read_law()), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

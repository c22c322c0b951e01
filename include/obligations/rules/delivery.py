"""Names a delivered file in the sentences that refuse it. What is wrong inside it is ``tabular`` and ``contract``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from obligations.words.errors import BadInput

LISTED = 20
LIMIT_BYTES = 20 * 1024 * 1024
LIMIT_ROWS, LIMIT_FILLED = 100_000, 2_000_000
"""Rows and cells that are read of one file: no publication has as many, and each costs a hundred times its bytes."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A file as a department delivered it, or the result of a query kept as a file.

    Attributes:
        file: name as the department gave it.
        sheet: worksheet the cells stand in; None for CSV.
        fix: what to do about a fault that has no advice of its own.
        again: what to do after that.
    """

    file: str
    sheet: str | None = None
    fix: str = "改正"
    again: str = "重新放入收件夹"

    def problem(self, fact: str, fix: str | None = None) -> str:
        """Return one complete sentence: file, sheet, what is wrong and what to do."""
        sheet = f"工作表“{self.sheet}”" if self.sheet is not None else ""
        return f"文件 {self.file} {sheet}{fact}；请{fix or self.fix}后{self.again}。"

    def refuse(self, fact: str, fix: str | None = None) -> BadInput:
        """Return the error for a single problem."""
        return BadInput(self.file, (self.problem(fact, fix),))

    def refuse_all(self, problems: Sequence[str]) -> BadInput:
        """Return the error for several problems: the first 20, and how many more there are."""
        more = len(problems) - LISTED
        rest = (f"文件 {self.file} 另有 {more} 处问题，未一一列出。",) if more > 0 else ()
        return BadInput(self.file, (*problems[:LISTED], *rest))


def shown(text: str) -> str:
    """Return a cell's text fit for a sentence: one line, at most 40 characters."""
    line = " ".join(text.split())
    return f"{line[:40]}…" if len(line) > 40 else line


def too_many(delivery: Delivery) -> BadInput:
    """Return the error for more rows or cells than are read."""
    return delivery.refuse(
        f"的行或单元格过多（上限 {LIMIT_ROWS} 行），应只含本期数据", "删去历史数据和多余的空行、空列"
    )


def require_size(size: int, delivery: Delivery) -> None:
    """Raise BadInput for an empty file and for one above 20 MB."""
    if size == 0:
        raise delivery.refuse("是空文件，没有内容", "重新导出")
    if size > LIMIT_BYTES:
        raise delivery.refuse(
            f"有 {size / 1024 / 1024:.1f} MB，超过 20 MB 的上限，应只含本期数据", "删去多余的工作表、图片和历史数据"
        )

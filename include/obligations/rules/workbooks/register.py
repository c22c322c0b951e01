"""Reads a register (台账) that an office kept before: its rows as text, and what each says of being done.

Which occurrence a row tells of is ``register_matching``; recording it is the ledger's.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import date, datetime

from obligations.rules.delivery import Delivery, shown
from obligations.rules.tabular import read_table
from obligations.rules.workbooks.reading import AGAIN, moments_in

KEY, PERIOD = "编号", "期间"
OFFICE_COLUMNS = (
    "序号", "任务", "依据条款", "牵头单位", "责任单位", "完成时限", "进展情况", "完成情况", "佐证链接", "备注",
)  # fmt: skip
_REQUIRED = ("任务", "完成情况")
_OPEN = re.compile(
    r"未完成|未公开|未发布|未报送|未办结|未召开|尚未|正在|推进中|进行中|办理中|拟于|计划于|预计|将于|力争"
)
_DONE = re.compile(r"完成|公开|发布|报送|办结|召开|落实|已办|是|√")


@dataclass(frozen=True, slots=True)
class Done:
    """What 完成情况 says.

    Attributes:
        day: when it was done; None while it is not, or where no day is written.
        at: the time of that day, where one is written; Asia/Shanghai wall-clock.
        is_done: whether it says so.
        problem: why it cannot be taken as proof, in Chinese, or None.
    """

    is_done: bool
    day: date | None = None
    at: datetime | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One row; cells are trimmed text by column, empty where the file has none."""

    number: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    @property
    def digest(self) -> str:
        """SHA-256 over all the row says but its place, so that the same row is recorded once."""
        said = "\n".join(f"{name}：{text}" for name, text in sorted(self.cells.items()) if text and name != "序号")
        return hashlib.sha256(said.encode()).hexdigest()

    @property
    def done(self) -> Done:
        """What 完成情况 says: done only where it says so and no more than one day."""
        text = self["完成情况"]
        moments = moments_in(text)
        if not text or _OPEN.search(text):
            return Done(is_done=False)
        if not moments:
            said = f"“{shown(text)}”没有写完成日期，请写明，如“2026年9月28日完成”" if _DONE.search(text) else None
            return Done(is_done=said is not None, problem=said)
        if len({day for day, _ in moments}) > 1:
            return Done(is_done=True, problem=f"“{shown(text)}”写了几个日期，请只留完成的日期")
        return Done(True, *moments[0])


@dataclass(frozen=True, slots=True)
class Register:
    """The rows of a file, its name, and the columns that nobody reads here."""

    file: str
    rows: tuple[RegisterRow, ...]
    ignored: tuple[str, ...]


def read_register(data: bytes, delivery: Delivery) -> Register:
    """Read an XLSX or CSV with the office's columns, 编号 and 期间 where known; raises BadInput."""
    delivery = replace(delivery, again=AGAIN)
    table = read_table(data, delivery)
    names = [str(name) for name in table.frame.columns]
    if lacking := [name for name in _REQUIRED if name not in names]:
        wanted = "、".join((*OFFICE_COLUMNS, KEY, PERIOD))
        raise table.delivery.refuse(f"第 1 行没有列名“{'”“'.join(lacking)}”，应有的列：{wanted}", "改正列名")
    known = [name for name in names if name in {*OFFICE_COLUMNS, KEY, PERIOD}]
    records = zip(table.frame.index.tolist(), table.frame[known].to_dict("records"), strict=True)
    rows = tuple(RegisterRow(int(number), {name: str(record[name]) for name in known}) for number, record in records)
    return Register(delivery.file, rows, tuple(name for name in names if name not in known))

"""Reads the bytes of a CSV or XLSX file into a frame of text cells, and with a contract into a typed frame. Pure.

A number is never touched on the way: cells are text, exactly as written, until ``rules.contract`` reads them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from obligations.rules.contract import check
from obligations.rules.delimited import Rows, read_delimited
from obligations.rules.delivery import Delivery, require_size, shown
from obligations.rules.workbook import read_sheets, read_workbook
from obligations.words.publication import DataContract

LIMIT_COLUMNS = 500
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_NUMBER = re.compile(r"[+-]?[\d,]*\.?\d+%?")
_YEAR = re.compile(r"(19|20)\d\d")
_INVISIBLE = "\ufeff\u200b"


@dataclass(frozen=True)
class Table:
    """Text cells of one file.

    Attributes:
        delivery: names the file and sheet in messages.
        frame: one ``str`` a cell, empty for an empty one; the index is the row number in the file, where row 1 is the
            header. Blank rows and blank columns are left out, and still counted.
    """

    delivery: Delivery
    frame: pd.DataFrame


def read_frame(data: bytes, contract: DataContract, delivery: Delivery) -> pd.DataFrame:
    """Read ``data`` and check it against ``contract``; see ``contract.check`` for the types of the cells.

    The index is the row number in the file. Raises BadInput with every problem found.
    """
    table = read_table(data, delivery, may_be_empty=contract.may_be_empty)
    return check(table.frame, contract, table.delivery)


def read_table(data: bytes, delivery: Delivery, *, may_be_empty: bool = False) -> Table:
    """Read the one table of a CSV or XLSX file by its content, whatever its suffix; raises BadInput.

    ``may_be_empty``: column names without a row below them will do.
    """
    if is_workbook(data, delivery):
        delivery, rows = read_workbook(data, delivery)
    else:
        rows = read_delimited(data, delivery)
    return Table(delivery, _shape(rows, delivery, may_be_empty=may_be_empty))


def read_tables(data: bytes, delivery: Delivery) -> list[Table]:
    """Read every table of a CSV or XLSX file, a sheet each; raises BadInput."""
    found = read_sheets(data, delivery) if is_workbook(data, delivery) else [(delivery, read_delimited(data, delivery))]
    return [Table(delivered, _shape(rows, delivered)) for delivered, rows in found]


def is_workbook(data: bytes, delivery: Delivery) -> bool:
    """Tell whether it is a workbook rather than delimited text; raises BadInput for what is neither."""
    require_size(len(data), delivery)
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise delivery.refuse("设有打开密码，无法读取", "取消密码并另存为 .xlsx")
        raise delivery.refuse("是旧格式的表格文件（.xls 或 .et），应为 .xlsx 或 CSV", "另存为 .xlsx 或 CSV")
    if data.startswith(b"%PDF") or data.lstrip()[:1] == b"<":
        raise delivery.refuse("不是表格文件（内容是 PDF 或网页），应为 .xlsx 或 CSV", "另存为 .xlsx 或 CSV")
    return data.startswith(b"PK")


def _shape(rows: Rows, delivery: Delivery, *, may_be_empty: bool = False) -> pd.DataFrame:
    """Take row 1 as the header and the others as records; raises BadInput where a cell's column is in doubt."""
    cells = {number: [_trim(cell) for cell in row] for number, row in enumerate(rows, start=1)}
    filled = {number: row for number, row in cells.items() if any(row)}
    if not filled:
        raise delivery.refuse("没有内容，应有列名和数据", "重新导出")
    header = filled.pop(1, None)
    if header is None:
        raise delivery.refuse("第 1 行是空的，应为列名", "删去列名以上的空行")
    named = [position for position, name in enumerate(header) if name]
    _require_names([(position, header[position]) for position in named], delivery)
    if not filled and not may_be_empty:
        raise delivery.refuse("只有列名，没有数据行", "补上数据")
    if problems := _misplaced(filled, named, delivery):
        raise delivery.refuse_all(problems)
    return pd.DataFrame(
        [[row[position] for position in named] for row in filled.values()],
        index=pd.Index(list(filled), name="行号"),
        columns=[header[position] for position in named],
        dtype=object,
    )


def _trim(cell: str) -> str:
    return cell.strip().strip(_INVISIBLE).strip()


def _require_names(names: list[tuple[int, str]], delivery: Delivery) -> None:
    if len(names) > LIMIT_COLUMNS:
        raise delivery.refuse(f"有 {len(names)} 列，超过 {LIMIT_COLUMNS} 列的上限", "删去多余的列")
    if number := next((name for _, name in names if _NUMBER.fullmatch(name) and not _YEAR.fullmatch(name)), None):
        raise delivery.refuse(f"第 1 行应为列名，却有数字“{shown(number)}”", "在第 1 行补上列名")
    positions: dict[str, list[str]] = {}
    for position, name in names:
        positions.setdefault(name, []).append(str(position + 1))
    if problems := [
        delivery.problem(f"第 1 行第 {'、'.join(found)} 列的列名都是“{shown(name)}”，列名不能重复")
        for name, found in positions.items()
        if len(found) > 1
    ]:
        raise delivery.refuse_all(problems)


def _misplaced(rows: dict[int, list[str]], named: list[int], delivery: Delivery) -> list[str]:
    """Find cells whose column is in doubt: a lost or extra comma moves the numbers after it into other columns."""
    columns, width = set(named), named[-1] + 1
    stray = {
        number: next((position for position, cell in enumerate(row) if cell and position not in columns), None)
        for number, row in rows.items()
    }
    if rows and all(position is not None for position in stray.values()) and (len(rows) > 1 or len(named) == 1):
        fact = f"第 1 行有 {len(named)} 个列名，而其下各行都多于此；第 1 行应为列名"
        return [delivery.problem(fact, "删去表题和单位说明、补齐列名")]
    problems = []
    for number, row in rows.items():
        position = stray[number]
        if position is not None and position < width:
            fact = f"第 {number} 行第 {position + 1} 列有内容“{shown(row[position])}”，而第 1 行这一列没有列名"
            problems.append(delivery.problem(fact, "补上列名或删去内容"))
        elif position is not None:
            fact = f"第 {number} 行的内容到第 {position + 1} 列，应与第 1 行一样到第 {width} 列"
            problems.append(delivery.problem(fact, "检查这一行，含逗号的内容加上双引号"))
        elif len(row) < width:
            fact = f"第 {number} 行只有 {len(row)} 列，应与第 1 行一样是 {width} 列"
            problems.append(delivery.problem(fact, "补齐这一行，空的单元格也留出逗号"))
    return problems

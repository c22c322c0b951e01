"""Reads CSV and XLSX bytes as the tables of a manuscript, every sheet one; what is not in cells is refused by name."""

from __future__ import annotations

import re

from obligations.rules.delivery import Delivery
from obligations.rules.packages import open_package, read_part
from obligations.rules.tabular import Table, read_tables
from obligations.words.material import GivenPart, GivenTable

_UNNAMED = re.compile(r"Sheet\d*|工作表\d*", re.IGNORECASE)
_PARTS = (
    (re.compile(r"xl/(?:charts|chartsheets)/.+"), "图表"),
    (re.compile(r"xl/media/.+"), "图片"),
    (re.compile(r"xl/embeddings/.+"), "嵌入对象"),
    (re.compile(r"xl/(?:comments\d*|comments/.+|threadedComments/.+)\.xml"), "批注"),
    (re.compile(r"xl/vbaProject\.bin"), "宏"),
)
_SHAPE = re.compile(rb"<xdr:(?:sp|cxnSp|grpSp)\b")


def read_sheets_as_tables(data: bytes, delivery: Delivery) -> tuple[GivenPart, ...]:
    """Return one table a sheet, named as the sheet is unless that is only Sheet1; raises BadInput."""
    tables = read_tables(data, delivery)  # first, because it knows what is wrong with a package that cannot be opened
    if data.startswith(b"PK") and (found := _beside_cells(data, delivery)):
        raise delivery.refuse(f"有{'、'.join(found)}，不能读取", "删去，内容写进单元格")
    return tuple(_table(table) for table in tables)


def _table(table: Table) -> GivenTable:
    sheet = table.delivery.sheet or ""
    rows = tuple(tuple(str(cell) for cell in row) for row in table.frame.itertuples(index=False, name=None))
    caption = "" if _UNNAMED.fullmatch(sheet.strip()) else sheet.strip()
    return GivenTable(caption, tuple(str(name) for name in table.frame.columns), rows)


def _beside_cells(data: bytes, delivery: Delivery) -> list[str]:
    with open_package(data, delivery, "重新保存") as package:
        names = package.namelist()
        found = [what for form, what in _PARTS if any(form.fullmatch(name) for name in names)]
        drawings = [name for name in names if re.fullmatch(r"xl/drawings/drawing\d+\.xml", name)]
        if any(_SHAPE.search(read_part(package, package.getinfo(name))) for name in drawings):
            found.append("图形或文本框")
    return found

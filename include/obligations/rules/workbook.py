"""Reads XLSX bytes into rows of text. Where what a person sees and what the file stores differ, it refuses.

Merged cells, hidden rows and columns, formulas that were never calculated and number formats that show another number
than is stored (percentages, thousands) are refused by cell: each can be read in two ways.
"""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell
from openpyxl.cell.cell import MergedCell
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.worksheet.worksheet import Worksheet

from obligations.rules.delimited import Rows
from obligations.rules.delivery import LIMIT_ROWS, Delivery, shown, too_many
from obligations.rules.packages import is_beyond_limits, open_package, read_parts

LIMIT_CELLS = 2_000_000
LIMIT_STORED = 200_000
"""Cells that a sheet may store; openpyxl takes a kilobyte for each."""
_ROWS, _CELLS = re.compile(rb"<(?:\w+:)?row[\s>/]"), re.compile(rb"<(?:\w+:)?c[\s>/]")
_SPANS = re.compile(rb"<(?:\w+:)?(?:mergeCell|hyperlink)\b[^>]*?\bref=[\"']([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})[\"']")
_LITERALS = re.compile(r'"[^"]*"|\\.|!.|_.|\*.|\[[^\]]*\]')
_SCALED = re.compile(r"[0#?],+(?![0#?,])")
_FAKE_POINT = re.compile(r'[0#?](?:[!\\]\.|"\.")[0#?]')  # 0!.0000 shows 258912 as 25.8912: the 万元 trick
_EXCEL_DIGITS = 15


def read_workbook(data: bytes, delivery: Delivery) -> tuple[Delivery, Rows]:
    """Read the first sheet, or the only one with content; return its name within ``delivery``, and its rows.

    Numbers come out with every digit stored; results of formulas with the 15 digits that Excel shows. Dates come out
    as ``2017-06-30``, or ``2017-06`` where the cell shows no day. Raises BadInput.
    """
    _require_package(data, delivery)
    values, formulas = _open(data, delivery, computed=True), _open(data, delivery, computed=False)
    sheet = _sheet(values, formulas, delivery)
    return _read_sheet(sheet, formulas[sheet.title], delivery)


def read_sheets(data: bytes, delivery: Delivery) -> list[tuple[Delivery, Rows]]:
    """Read every sheet with content as ``read_workbook`` does, a cell's link after its text.

    Raises BadInput for a hidden sheet with content, too, and for text that is struck through.
    """
    _require_package(data, delivery)
    values, formulas = _open(data, delivery, computed=True), _open(data, delivery, computed=False)
    _sheet(values, formulas, delivery)
    filled = _filled(values) or [values[sheet.title] for sheet in _filled(formulas)]
    if hidden := [sheet.title for sheet in filled if sheet.sheet_state != "visible"]:
        raise delivery.refuse(f"有隐藏的工作表“{'”“'.join(hidden)}”，不知是否公布", "取消隐藏，或删除这些工作表")
    found = []
    for sheet in filled:
        delivered, rows = _read_sheet(sheet, formulas[sheet.title], delivery)
        cells = [cell for row in sheet.iter_rows(min_row=1, min_col=1) for cell in row if cell.value is not None]
        if struck := [cell.coordinate for cell in cells if cell.font is not None and cell.font.strike]:
            raise delivered.refuse(f"单元格 {struck[0]} 的文字加了删除线，不知是否公布", "删去这些文字，或取消删除线")
        for cell in cells:
            address = cell.hyperlink.target if cell.hyperlink is not None else None
            text = rows[cell.row - 1][cell.column - 1]
            if address and address.removeprefix("mailto:") not in text:
                rows[cell.row - 1][cell.column - 1] = f"{text}（{address}）"
        found.append((delivered, rows))
    return found


def _read_sheet(sheet: Worksheet, written: Worksheet, delivery: Delivery) -> tuple[Delivery, Rows]:
    delivery = replace(delivery, sheet=sheet.title)
    if sheet.max_row * sheet.max_column > LIMIT_CELLS:
        raise delivery.refuse(
            f"的范围是 {sheet.max_row} 行 {sheet.max_column} 列，过大", "删除数据以外的行和列（空的也删除）"
        )
    if problems := [*_ambiguous_areas(sheet, delivery), *_ambiguous_cells(sheet, written, delivery)]:
        raise delivery.refuse_all(problems)
    rows = [
        [_text(cell, computed=written.cell(cell.row, cell.column).data_type == "f") for cell in row]
        for row in sheet.iter_rows(min_row=1, min_col=1)
    ]
    return delivery, rows


def _require_package(data: bytes, delivery: Delivery) -> None:
    """Look at the archive's directory before anything is expanded, and at every sheet before objects are made of it."""
    with open_package(data, delivery, "重新保存") as package:
        names = set(package.namelist())
        if "xl/workbook.bin" in names:
            raise delivery.refuse("是二进制工作簿（.xlsb），应为 .xlsx 或 CSV", "另存为 .xlsx")
        if "xl/workbook.xml" not in names:
            raise delivery.refuse("不是 Excel 工作簿，应为 .xlsx 或 CSV", "另存为 .xlsx 或 CSV")
        if is_beyond_limits(package):
            raise delivery.refuse("展开后超过 50 MB 的上限，应只含本期数据", "删去多余的工作表、图片和历史数据")
        for name, content in read_parts(package):
            if name.startswith("xl/worksheets/"):
                _require_readable(content, delivery)


def _require_readable(part: bytes, delivery: Delivery) -> None:
    """Look at a sheet's bytes before objects are made of them; raises BadInput."""
    if sum(1 for _ in _ROWS.finditer(part)) > LIMIT_ROWS or sum(1 for _ in _CELLS.finditer(part)) > LIMIT_STORED:
        raise too_many(delivery)
    if _spanned_cells(part) > LIMIT_CELLS:
        raise delivery.refuse("有跨越整张表的合并单元格或超链接，无法读取", "取消合并")


def _spanned_cells(part: bytes) -> int:
    """Count the cells that openpyxl would create for merges and links, before it does."""
    total = 0
    for span in _SPANS.findall(part):
        left, top, right, bottom = range_boundaries(span.decode("ascii"))
        total += (right - left + 1) * (bottom - top + 1)
    return total


def _open(data: bytes, delivery: Delivery, *, computed: bool) -> Workbook:
    try:
        return load_workbook(io.BytesIO(data), data_only=computed, keep_links=False)
    except Exception as error:  # openpyxl raises anything on damaged parts; all of it means unreadable
        raise delivery.refuse("不完整或已损坏，无法打开", "在 Excel 或 WPS 中重新保存为 .xlsx") from error


def _sheet(values: Workbook, formulas: Workbook, delivery: Delivery) -> Worksheet:
    """Return the first sheet with content; one of formulas that were never calculated counts where no other has any."""
    filled = _filled(values) or [values[sheet.title] for sheet in _filled(formulas)]
    visible = [sheet for sheet in filled if sheet.sheet_state == "visible"]
    if visible:
        return visible[0]
    if filled:
        raise delivery.refuse(f"的数据在隐藏的工作表“{filled[0].title}”中", "取消隐藏")
    raise delivery.refuse("没有内容，应有列名和数据", "重新导出")


def _filled(workbook: Workbook) -> list[Worksheet]:
    return [sheet for sheet in workbook.worksheets if any(any(row) for row in _contents(sheet))]


def _contents(sheet: Worksheet) -> list[list[bool]]:
    if sheet.max_row * sheet.max_column > LIMIT_CELLS:
        return [[True]]
    return [[value is not None for value in row] for row in sheet.iter_rows(values_only=True)]


def _ambiguous_areas(sheet: Worksheet, delivery: Delivery) -> list[str]:
    problems = [
        delivery.problem(f"{merged.coord} 是合并单元格，应每格单独填写", "取消合并并逐格填写")
        for merged in sheet.merged_cells.ranges
        if sheet.cell(merged.min_row, merged.min_col).value is not None
    ]
    filled = [(cell.row, cell.column) for row in sheet.iter_rows() for cell in row if cell.value is not None]
    rows = sorted({row for row, _ in filled if sheet.row_dimensions[row].hidden})
    hidden = {
        column
        for dimension in sheet.column_dimensions.values()
        if dimension.hidden and dimension.min
        for column in range(dimension.min, min(dimension.max, sheet.max_column) + 1)
    }
    columns = sorted({column for _, column in filled if column in hidden})
    if rows:
        problems.append(
            delivery.problem(f"第 {_some(rows)} 行被隐藏或筛选掉，不知是否计入", "取消隐藏和筛选，或删除这些行")
        )
    if columns:
        letters = "、".join(get_column_letter(column) for column in columns[:10])
        problems.append(delivery.problem(f"{letters} 列被隐藏，不知是否计入", "取消隐藏，或删除这些列"))
    return problems


def _some(numbers: list[int]) -> str:
    listed = "、".join(str(number) for number in numbers[:10])
    return f"{listed} 等 {len(numbers)}" if len(numbers) > 10 else listed


def _ambiguous_cells(values: Worksheet, formulas: Worksheet, delivery: Delivery) -> list[str]:
    problems = []
    for row in formulas.iter_rows():
        for written in row:
            cell = values.cell(written.row, written.column)
            place = f"单元格 {written.coordinate} "
            if written.data_type == "f" and cell.value is None:
                problems.append(
                    delivery.problem(f"{place}是没有计算结果的公式", "在 Excel 或 WPS 中打开并保存，或粘贴为数值")
                )
            elif cell.data_type == "e":
                problems.append(delivery.problem(f"{place}是错误值“{cell.value}”"))
            elif isinstance(cell.value, int | float) and not isinstance(cell.value, bool):
                problems += _shows_another_number(cell, place, delivery)
    return problems


def _shows_another_number(cell: Cell | MergedCell, place: str, delivery: Delivery) -> list[str]:
    layout = cell.number_format or ""
    bare = _LITERALS.sub("", layout)
    if "%" in bare:
        percent = format((Decimal(repr(cell.value)) * 100).normalize(), "f")
        return [
            delivery.problem(
                f"{place}是百分比格式（存的是“{cell.value}”，显示为“{percent}%”），应为常规格式的数字",
                f"改为常规格式并填写 {percent}",
            )
        ]
    if _SCALED.search(bare) or _FAKE_POINT.search(layout):
        fact = f"{place}的数字格式“{shown(layout)}”使显示的数与存的数“{cell.value}”不一致"
        return [delivery.problem(fact, "改为常规格式并填写要公布的数")]
    return []


def _text(cell: Cell | MergedCell, *, computed: bool) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        # Excel shows and keeps 15 digits; what a formula left beyond them (0.30000000000000004) nobody ever saw.
        exact = Decimal(f"{value:.{_EXCEL_DIGITS}g}") if computed else Decimal(repr(value))
        plain = format(exact, "f")
        return plain.removesuffix(".0")
    if isinstance(value, datetime):
        shows_day = "d" in _LITERALS.sub("", cell.number_format or "").lower()
        if value.time() != time.min:
            return value.isoformat(sep=" ")
        return value.date().isoformat() if shows_day else f"{value:%Y-%m}"
    if isinstance(value, date):
        return value.isoformat()
    return str(value)

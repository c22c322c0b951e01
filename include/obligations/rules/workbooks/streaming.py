"""Writes long lists for spreadsheets without holding them: CSV as it comes, XLSX row by row. Cells are text, never formulas.

Lists that people fill in and hand back are ``writing``.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from obligations.rules.workbooks.writing import put

_FORMULA_LEADS = ("=", "+", "-", "@", "\t", "\r")
_HEADER = PatternFill("solid", fgColor="DDE8F3")
_TOGETHER = 200  # rows a piece


def csv_pieces(columns: Iterable[str], rows: Iterable[Mapping[str, str]]) -> Iterator[bytes]:
    """Yield a CSV in UTF-8 that Excel opens rightly, piece by piece; what begins like a formula gets an apostrophe."""
    names = list(columns)
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(names)
    encoding = "utf-8-sig"  # the mark by which Excel knows it, once, at the beginning
    for number, row in enumerate(rows, start=1):
        writer.writerow([_harmless(row[name]) for name in names])
        if number % _TOGETHER == 0:
            yield file.getvalue().encode(encoding)
            file.seek(0)
            file.truncate()
            encoding = "utf-8"
    yield file.getvalue().encode(encoding)


def write_rows(file: BinaryIO, title: str, widths: Mapping[str, int], rows: Iterable[Mapping[str, str]]) -> None:
    """Write a workbook of one sheet; ``widths``: width of each column in characters, in order."""
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(title)
    for position, width in enumerate(widths.values(), start=1):
        sheet.column_dimensions[get_column_letter(position)].width = width
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", Worksheet.PAPERSIZE_A4
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.fitToHeight = 0
    header = []
    for name in widths:
        cell = put(WriteOnlyCell(sheet), name)
        cell.font, cell.fill = Font(bold=True), _HEADER
        header.append(cell)
    sheet.append(header)
    wrapped = Alignment(vertical="top", wrap_text=True)
    for row in rows:
        cells = []
        for name in widths:
            cell = put(WriteOnlyCell(sheet), ILLEGAL_CHARACTERS_RE.sub("", row[name]))
            cell.alignment = wrapped
            cells.append(cell)
        sheet.append(cells)
    workbook.save(file)


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_LEADS) else text

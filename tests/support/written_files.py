"""A delivery as a department wrote it, and the bytes of the file it is sent as: CSV in any dress, or a real workbook.

What is done to one is ``mutations``; what a person reads in it is ``read_by_hand``. Nothing of the package is used here.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import openpyxl
from openpyxl.utils import get_column_letter

SHEET = "报送表"
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_MONTH = re.compile(r"(\d{4})-(\d\d)")
_PLAIN = re.compile(r"-?(0|[1-9]\d{0,9})(\.\d{1,4})?")


@dataclass(repr=False)
class Written:
    """One delivery.

    Attributes:
        cells: rows of text as the department means them, the header first; rows of a CSV may be of any length.
        numbers: names of the columns that hold numbers, which a workbook stores as such if ``typed``.
        file: the name it is sent under; what is inside counts, not the suffix.
        encoding, delimiter, newline, quoted: of a CSV file; ``is_workbook`` says that it is none.
        typed: numbers and days are stored as such, not as text.
        merged, hidden_rows, hidden_columns: areas ``(top, left, bottom, right)``, row and column numbers, from 1.
        calculated: cells (row, column) that hold a formula with its result; uncalculated: without.
        styled: number formats by cell; errors: error values by cell.
        hidden: the sheet of the table is; other_sheets: (name, text of A1, whether it stands before the table).
        damage: what is wrong with the file as a whole, a key of ``DAMAGES``; None for nothing.
    """

    cells: list[list[str]]
    numbers: frozenset[str]
    file: str = "2026-09.csv"
    is_workbook: bool = False
    encoding: str = "utf-8"
    delimiter: str = ","
    newline: str = "\n"
    quoted: bool = False
    typed: bool = True
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    calculated: list[tuple[int, int]] = field(default_factory=list)
    uncalculated: list[tuple[int, int]] = field(default_factory=list)
    styled: dict[tuple[int, int], str] = field(default_factory=dict)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    hidden: bool = False
    other_sheets: list[tuple[str, str, bool]] = field(default_factory=list)
    damage: str | None = None

    def __repr__(self) -> str:
        """Show the cells as rows of text, and only what is out of the ordinary about the file."""
        other = {name: value for name, value in vars(self).items() if value and name not in {"cells", "numbers"}}
        return f"{other}\n" + "\n".join("｜".join(row) for row in self.cells)

    def width(self) -> int:
        """Count the columns of the longest row."""
        return max((len(row) for row in self.cells), default=0)

    def data(self) -> bytes:
        """Return the file."""
        data = _workbook(self) if self.is_workbook else _delimited(self)
        return DAMAGES[self.damage][0](data) if self.damage else data


def _delimited(written: Written) -> bytes:
    stream = io.StringIO()
    # The writer does not quote the one end of line where lines end with the other.
    is_broken = any(end in text for row in written.cells for text in row for end in "\r\n")
    quoting = csv.QUOTE_ALL if written.quoted or is_broken else csv.QUOTE_MINIMAL
    writer = csv.writer(stream, delimiter=written.delimiter, lineterminator=written.newline, quoting=quoting)
    writer.writerows(written.cells)
    try:
        return stream.getvalue().encode(written.encoding)
    except UnicodeEncodeError:
        return stream.getvalue().encode("gb18030")  # as programs do that save as GBK what GBK has not


def _workbook(written: Written) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = SHEET
    results = {}
    for number, row in enumerate(written.cells, start=1):
        for position, text in enumerate(row, start=1):
            if text:
                cell = sheet.cell(number, position)
                _fill(cell, text, written)
                if (number, position) in written.calculated and isinstance(cell.value, int | float):
                    results[cell.coordinate], cell.value = cell.value, f"=0+{cell.value}"
    for area in written.merged:
        sheet.merge_cells(start_row=area[0], start_column=area[1], end_row=area[2], end_column=area[3])
    for number in written.hidden_rows:
        sheet.row_dimensions[number].hidden = True
    for position in written.hidden_columns:
        sheet.column_dimensions[get_column_letter(position)].hidden = True
    for name, text, stands_before in written.other_sheets:
        book.create_sheet(name, 0 if stands_before else None)["A1"] = text or None
    if written.hidden:
        sheet.sheet_state = "hidden"
        book.active = book.create_sheet("封面")
    stream = io.BytesIO()
    book.save(stream)
    return with_results(stream.getvalue(), results) if results else stream.getvalue()


def _fill(cell: Any, text: str, written: Written) -> None:
    place, header = (cell.row, cell.column), written.cells[0]
    of_numbers = cell.column <= len(header) and header[cell.column - 1].strip() in written.numbers
    is_typed = written.typed and cell.row > 1
    if place in written.errors:
        cell.value, cell.data_type = written.errors[place], "e"
    elif place in written.uncalculated:
        cell.value = "=1+1"
    elif is_typed and of_numbers and is_plain(text):
        cell.value = float(text) if "." in text else int(text)
    elif is_typed and (day := _day(text)):
        cell.value, cell.number_format = day
    else:
        cell.value, cell.data_type = text, "s"
    if place in written.styled:
        cell.number_format = written.styled[place]


def with_results(data: bytes, results: dict[str, float]) -> bytes:
    """Return the workbook with the results of its formulas, which only a spreadsheet program computes."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    for name, part in parts.items():
        if name.startswith("xl/worksheets/sheet"):
            for place, value in results.items():
                pattern = rf'(<c r="{place}"[^>]*><f>[^<]*</f>)<v\s*(?:/>|></v>)'
                part = re.sub(pattern.encode(), rf"\g<1><v>{value!r}</v>".encode(), part)
            parts[name] = part
    return packed(parts)


def packed(parts: dict[str, bytes]) -> bytes:
    """Return a ZIP file of these parts."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in parts.items():
            package.writestr(name, part)
    return stream.getvalue()


def is_plain(text: str) -> bool:
    """Say whether a spreadsheet program takes a text for a number."""
    return _PLAIN.fullmatch(text) is not None


def _day(text: str) -> tuple[datetime, str] | None:
    """Return what a spreadsheet program makes of a typed day or month, and how it shows it."""
    whole, month = _DAY.fullmatch(text), _MONTH.fullmatch(text)
    try:
        if whole:
            day = date(int(whole[1]), int(whole[2]), int(whole[3]))
            return datetime.fromisoformat(day.isoformat()), "yyyy-mm-dd"
        return (datetime.fromisoformat(f"{text}-01"), "yyyy-mm") if month else None
    except ValueError:
        return None


DAMAGES = {
    "empty": (lambda _: b"", "是空文件"),
    "blank": (lambda _: b"\r\n , \r\n", "没有内容"),
    "utf-16": (lambda data: data.decode("utf-8").encode("utf-16"), "UTF-16"),
    "cut character": (lambda data: data[: data.rindex("，".encode()) + 2] + b"\n" if "，".encode() in data else data + "，".encode()[:2], "损坏的字符"),
    "open quote": (lambda data: data + b'"', "引号"),
    "control character": (lambda data: data + b"\x00", "不是文字的字符"),
    "page": (lambda _: "<html><table><tr><td>期间</td></tr></table></html>".encode(), "网页"),
    "old workbook": (lambda _: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096), ".xls"),
    "password": (lambda _: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1024) + "EncryptedPackage".encode("utf-16-le"), "密码"),
    "cut": (lambda data: data[: len(data) * 2 // 3], "损坏"),
    "word file": (lambda _: packed({"word/document.xml": b"<w/>"}), "不是 Excel 工作簿"),
    "binary workbook": (lambda _: packed({"xl/workbook.bin": b""}), ".xlsb"),
}  # fmt: skip
"""What happens to whole files, and what the refusal must speak of; those from ``cut`` on are of workbooks."""
OF_TEXT = tuple(name for name in DAMAGES if name not in {"cut", "word file", "binary workbook"})
OF_WORKBOOKS = ("empty", "old workbook", "password", "page", "cut", "word file", "binary workbook")

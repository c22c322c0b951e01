"""Writes a workbook for people to edit: a sheet a list, drop-down lists, hints, and a sheet that says how to fill it in.

Cells are safe: what a person wrote never becomes a formula, whatever it begins with. Reading back is ``reading``.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from obligations.words.times import SHANGHAI

GUIDE = "说明"
CLASSIFIED = "非涉密系统，严禁处理、存储、传输涉密信息"
Value = str | date | datetime | None
_LAST_ROW = 2000  # drop-down lists reach this far below the header
_FORMULA_LEADS = ("=", "+", "-", "@", "\t", "\r")
_LINE_HEIGHT = 17  # points
_LAST_NARROW = 0x2E7F  # before the Chinese characters and their marks
_INLINE = 250  # Excel keeps a list within a rule only up to 255 characters
_HEADER = PatternFill("solid", fgColor="DDE8F3")
_LINE = Side(style="thin", color="B8C4D0")
_GRID = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_FORMATS = {"day": "yyyy-mm-dd", "instant": "yyyy-mm-dd hh:mm"}


@dataclass(frozen=True, slots=True)
class ColumnForm:
    """One column that people fill.

    Attributes:
        name: in row 1; expects: what a cell must hold, in Chinese, as hints and refusals say it.
        holds: ``text``, ``day`` or ``instant``.
        choices: words of its drop-down list; choices_from: sheet and column whose cells are the list instead.
        is_open: other words than the listed may be typed.
        is_required: an empty cell is refused.
        width: in characters; a Chinese one counts double.
    """

    name: str
    expects: str
    holds: str = "text"
    choices: tuple[str, ...] = ()
    choices_from: tuple[str, str] | None = None
    is_open: bool = False
    is_required: bool = False
    width: int = 16


@dataclass(frozen=True, slots=True)
class SheetForm:
    """One sheet: its title and its columns in order."""

    title: str
    columns: tuple[ColumnForm, ...]

    def letter(self, column: str) -> str:
        """Return the letter of a column."""
        names = [form.name for form in self.columns]
        return str(get_column_letter(names.index(column) + 1))


def write_workbook(
    sheets: Sequence[tuple[SheetForm, Iterable[Mapping[str, Value]]]], *, title: str, guide: Sequence[str]
) -> bytes:
    """Write the sheets with their rows, and the sheet 说明 with ``title``, the lines of ``guide`` and every column."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    forms = {form.title: form for form, _ in sheets}
    lists = [column for form in forms.values() for column in form.columns if column.choices and not _inline(column)]
    for form, rows in sheets:
        sheet = workbook.create_sheet(form.title)
        write_sheet(sheet, form, rows)
        for column in form.columns:
            _add_rule(sheet, form, column, _source_of(column, forms, lists))
    _write_guide(workbook.create_sheet(GUIDE), tuple(forms.values()), lists, title, guide)
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def write_sheet(sheet: Worksheet, form: SheetForm, rows: Iterable[Mapping[str, Value]]) -> None:
    """Write header and rows of one list, ready to be read on a screen and printed."""
    for position, column in enumerate(form.columns, start=1):
        header = put(sheet.cell(1, position), column.name)
        header.font, header.fill, header.border = Font(bold=True), _HEADER, _GRID
        header.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        dimension = sheet.column_dimensions[get_column_letter(position)]
        dimension.width = column.width
        dimension.number_format = _FORMATS.get(column.holds, "@")
    for number, row in enumerate(rows, start=2):
        for position, column in enumerate(form.columns, start=1):
            cell = put(sheet.cell(number, position), row.get(column.name))
            cell.border, cell.alignment = _GRID, Alignment(vertical="top", wrap_text=True)
            cell.number_format = _FORMATS.get(column.holds, "@")
        texts = ((str(row.get(column.name) or ""), column.width) for column in form.columns)
        sheet.row_dimensions[number].height = _LINE_HEIGHT * max(_lines(text, width) for text, width in texts)
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    _fit_to_page(sheet)


def _fit_to_page(sheet: Worksheet) -> None:
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.fitToHeight = 0


def _lines(text: str, width: int) -> int:
    """Return how many lines a wrapped text takes: not every program fits rows to what it opens. A Chinese character counts double."""
    lengths = (sum(1 + (ord(character) > _LAST_NARROW) for character in line) for line in text.split("\n"))
    return sum(max(1, -(-length // (width - 1))) for length in lengths)


def put(cell: Cell, value: Value) -> Cell:
    """Set a cell to a text, day or instant; text stays text even where it begins like a formula."""
    if isinstance(value, datetime):
        value = value.astimezone(SHANGHAI).replace(tzinfo=None) if value.tzinfo else value
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"
        cell.quotePrefix = value.startswith(_FORMULA_LEADS)
    return cell


def _source_of(column: ColumnForm, forms: Mapping[str, SheetForm], lists: Sequence[ColumnForm]) -> str | None:
    """Return what Excel takes a drop-down list from: the words themselves, or the cells that hold them."""
    if column.choices_from is not None:
        title, name = column.choices_from
        letter = forms[title].letter(name)
        return f"{quote_sheetname(title)}!${letter}$2:${letter}${_LAST_ROW}"
    if not column.choices:
        return None
    if words := _inline(column):
        return words
    letter = get_column_letter(_FIRST_LIST + lists.index(column))
    return f"{quote_sheetname(GUIDE)}!${letter}$2:${letter}${1 + len(column.choices)}"


def _inline(column: ColumnForm) -> str | None:
    """Return the words as they stand within a rule; None where they are too many or hold a mark of the rule's own."""
    words = ",".join(column.choices)
    fits = len(words) <= _INLINE and not any(mark in choice for choice in column.choices for mark in ',"')
    return f'"{words}"' if words and fits else None


def _add_rule(sheet: Worksheet, form: SheetForm, column: ColumnForm, source: str | None) -> None:
    """Offer the list and show the hint on every cell of the column."""
    rule = DataValidation(type="list" if source else None, formula1=source, allow_blank=True)
    rule.showInputMessage, rule.promptTitle, rule.prompt = True, column.name, column.expects[:250]
    if source is not None:
        rule.showErrorMessage, rule.errorTitle = True, column.name
        rule.errorStyle = "warning" if column.is_open else "stop"
        rule.error = f"应为{column.expects}"[:220]
    letter = form.letter(column.name)
    rule.add(f"{letter}2:{letter}{_LAST_ROW}")
    sheet.add_data_validation(rule)


_GUIDE_WIDTHS = (14, 14, 100, 3)
_FIRST_LIST = 5  # column of 说明 from which the lists of choices stand, beside the text


def _write_guide(
    sheet: Worksheet, forms: Sequence[SheetForm], lists: Sequence[ColumnForm], title: str, guide: Sequence[str]
) -> None:
    lines: list[tuple[str, ...]] = [(title,), *((line,) for line in guide), (CLASSIFIED,), ()]
    heading = len(lines) + 1
    lines.append(("工作表", "列", "填写内容"))
    for form in forms:
        for column in form.columns:
            needed = "必填，" if column.is_required else ""
            lines.append((form.title, column.name, f"{needed}{column.expects}"))
    for number, line in enumerate(lines, start=1):
        for position, text in enumerate(line, start=1):
            cell = put(sheet.cell(number, position), text)
            cell.alignment = Alignment(vertical="top", wrap_text=number >= heading)
            if number >= heading:
                cell.border = _GRID
            if number in {1, heading}:
                cell.font = Font(bold=True)
        if number > heading:
            sheet.row_dimensions[number].height = _LINE_HEIGHT * _lines(line[-1], _GUIDE_WIDTHS[2])
    for letter, width in zip("ABCD", _GUIDE_WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    _write_lists(sheet, lists)
    sheet.print_area = f"A1:C{len(lines)}"
    _fit_to_page(sheet)


def _write_lists(sheet: Worksheet, lists: Sequence[ColumnForm]) -> None:
    """Write the words that are too many for a rule beside the text, a column each."""
    for position, column in enumerate(lists, start=_FIRST_LIST):
        put(sheet.cell(1, position), f"可选的{column.name}").font = Font(bold=True)
        for number, choice in enumerate(column.choices, start=2):
            put(sheet.cell(number, position), choice)
        sheet.column_dimensions[get_column_letter(position)].width = 24

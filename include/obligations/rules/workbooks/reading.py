"""Reads the sheets of a workbook that people edited, cell by cell, and keeps every problem instead of the first.

A problem names file, sheet, row, column, value and what was expected. What the cells mean is each list's own module.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from difflib import get_close_matches

from obligations.rules.delivery import Delivery, shown
from obligations.rules.tabular import is_workbook
from obligations.rules.workbook import read_sheets
from obligations.rules.workbooks.writing import GUIDE, ColumnForm, SheetForm
from obligations.words.errors import BadInput

AGAIN = "重新导入"
Moment = tuple[date, datetime | None]
"""A day, and its wall-clock time where one is written."""
_INSTANT = re.compile(
    r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*日?"
    r"(?:[ T]*(?P<hour>\d{1,2})\s*[:：时点]\s*(?P<minute>\d{1,2})?分?(?::00)?)?"
)
_HALF_WIDTH = str.maketrans("０１２３４５６７８９．／－", "0123456789./-")


def read_moment(text: str) -> Moment | None:
    """Read a day and, where given, its wall-clock time: ``2026-10-01 8:30``, ``2026年10月1日``, ``2026/10/1 24:00``.

    24:00 is the next day's midnight, as the field writes it. None for anything else.
    """
    match = _INSTANT.fullmatch(text.strip().translate(_HALF_WIDTH))
    return _moment(match) if match is not None else None


def moments_in(text: str) -> list[Moment]:
    """Return every day with its time, where given, that a sentence names: ``2026年9月28日已在门户网站公开``."""
    found = (_moment(match) for match in _INSTANT.finditer(text.translate(_HALF_WIDTH)))
    return [moment for moment in found if moment is not None]


def _moment(match: re.Match[str]) -> Moment | None:
    try:
        day = date(int(match["year"]), int(match["month"]), int(match["day"]))
        if match["hour"] is None:
            return day, None
        hour, minute = int(match["hour"]), int(match["minute"] or 0)
        if (hour, minute) == (24, 0):
            return day, datetime.combine(day + timedelta(days=1), time())
        return day, datetime.combine(day, time(hour, minute))
    except ValueError:
        return None


@dataclass(frozen=True)
class FilledSheet:
    """One sheet as filled in; problems of all its rows are gathered in ``problems``."""

    form: SheetForm
    delivery: Delivery
    problems: list[str]
    rows: list[FilledRow] = field(default_factory=list)

    def refuse(self, fact: str, fix: str | None = None) -> None:
        """Keep a problem of the sheet."""
        self.problems.append(self.delivery.problem(fact, fix))


@dataclass(frozen=True)
class FilledRow:
    """One row that is not blank.

    Attributes:
        number: as the spreadsheet program shows it; cells: trimmed text by column.
    """

    sheet: FilledSheet
    number: int
    cells: dict[str, str]

    def text(self, column: str) -> str | None:
        """Return a cell's text, None for an empty one, which is a problem where the column is required."""
        found = self.cells.get(column, "")
        if not found and self._form(column).is_required:
            self.sheet.refuse(f"第 {self.number} 行“{column}”列是空的，应为{self._form(column).expects}", "补填")
        return found or None

    def day(self, column: str) -> date | None:
        """Return a day; a time of day is a problem, for it would be dropped."""
        text = self.text(column)
        moment = read_moment(text) if text else None
        if text and (moment is None or moment[1] is not None):
            self.refuse(column)
            return None
        return moment[0] if moment else None

    def instant(self, column: str) -> datetime | None:
        """Return a wall-clock time; a day without one is a problem."""
        text = self.text(column)
        moment = read_moment(text) if text else None
        if text and moment is not None and moment[1] is None:
            self.refuse(column, f"{self._form(column).expects}，写到几点几分")
            return None
        if text and moment is None:
            self.refuse(column)
            return None
        return moment[1] if moment else None

    def choice(self, column: str, codes: dict[str, str]) -> str | None:
        """Return the code of a word that people chose; the code itself is understood, too."""
        text = self.text(column)
        if text is None or text in codes.values():
            return text
        if text not in codes:
            self.refuse(column, f"{'、'.join(codes)} 之一")
        return codes.get(text)

    def refuse(self, column: str, expects: str | None = None, fix: str | None = None) -> None:
        """Keep a problem of one cell."""
        said = f"第 {self.number} 行“{column}”列的值是“{shown(self.cells.get(column, ''))}”"
        self.sheet.refuse(f"{said}，应为{expects or self._form(column).expects}", fix)

    def _form(self, column: str) -> ColumnForm:
        return next(form for form in self.sheet.form.columns if form.name == column)


def read_filled(data: bytes, delivery: Delivery, forms: Sequence[SheetForm]) -> dict[str, FilledSheet]:
    """Read every sheet of ``forms`` by title; the sheet 说明 is left alone.

    Raises BadInput for what is no workbook, a sheet or column that is missing, or one that nobody knows: it may be a
    misspelt one, whose content would be lost.
    """
    delivery = replace(delivery, again=AGAIN)
    if not is_workbook(data, delivery):
        raise delivery.refuse("不是 Excel 工作簿，应为导出的 .xlsx", "另存为 .xlsx")
    known = {form.title: form for form in forms}
    read = {delivered.sheet or "": (delivered, rows) for delivered, rows in read_sheets(data, delivery)}
    problems = [
        delivery.problem(f"有不认识的工作表“{shown(title)}”，应只有：{'、'.join((*known, GUIDE))}", "改名或删除")
        for title in read
        if title not in known and title != GUIDE
    ]
    problems += [
        delivery.problem(f"没有工作表“{title}”，应有这一张；没有内容的也留下第 1 行的列名", "从导出的文件中补上")
        for title in known
        if title not in read
    ]
    sheets = {}
    for title in known.keys() & read.keys():
        delivered, rows = read[title]
        sheets[title] = FilledSheet(known[title], delivered, problems)
        _fill(sheets[title], rows)
    require_none(problems, delivery)
    return sheets


def require_none(problems: Iterable[str], delivery: Delivery) -> None:
    """Raise BadInput with every problem, in order, if there is one."""
    if found := tuple(dict.fromkeys(problems)):
        raise BadInput(delivery.file, found)


def _fill(sheet: FilledSheet, rows: Sequence[Sequence[str]]) -> None:
    header = [name.strip() for name in rows[0]]
    named = {name: position for position, name in enumerate(header) if name}
    wanted = [form.name for form in sheet.form.columns]
    for name in named:
        if name not in wanted:
            close = get_close_matches(name, [other for other in wanted if other not in named], n=1, cutoff=0.5)
            fix = f"把列名改为“{close[0]}”" if close else "删去这一列，要说的话写在别的文件里"
            sheet.refuse(f"第 1 行有不认识的列名“{shown(name)}”，应只有：{'、'.join(wanted)}", fix)
    for name in wanted:
        if name not in named:
            sheet.refuse(f"第 1 行没有列名“{name}”，应有：{'、'.join(wanted)}", "补上这一列")
        elif header.count(name) > 1:
            sheet.refuse(f"第 1 行有 {header.count(name)} 个列名“{name}”，应只有一个", "删去多余的列")
    for number, row in enumerate(rows[1:], start=2):
        cells = {name: row[position].strip() for name, position in named.items() if position < len(row)}
        beside = [text for position, text in enumerate(row) if position not in named.values() and text.strip()]
        if beside:
            sheet.refuse(f"第 {number} 行的“{shown(beside[0])}”在没有列名的列里，不知填的是什么", "移到对应的列或删除")
        if any(cells.values()):
            sheet.rows.append(FilledRow(sheet, number, cells))

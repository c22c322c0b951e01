"""Reads a delivery as a careful person would, and says what it holds or which places of it cannot be taken.

Shares no code with the package: plain Python on the cells as written. The contract of a kind is taken as what it is, the
list of what a department was asked for.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from openpyxl.utils import get_column_letter
from written_files import DAMAGES, SHEET, Written

WIDE = str.maketrans("０１２３４５６７８９．，－＋／", "0123456789.,-+/")


@dataclass(frozen=True)
class Refused:
    """The file must come back.

    Attributes:
        places: for each problem that must be told, the words that its sentence must contain.
    """

    places: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Table:
    """The texts of a table: the names of its columns, and cells by column name, by row number."""

    names: tuple[str, ...]
    rows: dict[int, dict[str, str]]


@dataclass(frozen=True)
class Taken:
    """The file says this.

    Attributes:
        rows: cells by column name, by the row number a spreadsheet program shows; None for an empty cell.
    """

    rows: dict[int, dict[str, Any]]

    def content(self) -> list[tuple[tuple[str, Any], ...]]:
        """Return what the rows say in their order, whatever the order of columns and whichever were left out."""
        return [
            tuple(sorted((name, value) for name, value in row.items() if value is not None))
            for row in self.rows.values()
        ]


def number(text: str) -> Fraction | None:
    """Read a number as it is written on paper; None for what only looks like one."""
    text = text.translate(WIDE)
    unsigned = text[1:] if text[:1] in {"+", "-"} else text
    whole, point, part = unsigned.partition(".")
    groups = whole.split(",")
    if not all(digits(group) for group in groups) or (point and not digits(part)):
        return None
    if len(groups) > 1 and not (len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])):
        return None
    if len(whole) > 1 and whole[0] == "0":
        return None
    value = Fraction("".join(groups)) + (Fraction(int(part), 10 ** len(part)) if part else 0)
    return -value if text[0] == "-" else value


def digits(text: str) -> bool:
    return bool(text) and all(character in "0123456789" for character in text)


def day(text: str) -> date | None:
    """Read a day in one of the three forms that are asked for."""
    text = text.translate(WIDE).removesuffix(" 00:00:00")
    if "年" in text:
        if not text.endswith("日"):
            return None
        text = text[:-1].replace("年", "-", 1).replace("月", "-", 1)
    elif "/" in text:
        if "-" in text:
            return None
        text = text.replace("/", "-")
    parts = text.split("-")
    if len(parts) != 3 or not all(map(digits, parts)) or len(parts[0]) != 4 or max(len(parts[1]), len(parts[2])) > 2:
        return None
    try:
        return date(*map(int, parts))
    except ValueError:
        return None


def period(text: str) -> str | None:
    """Read the key of a year, quarter, month or week."""
    year, _, rest = text.partition("-")
    months, weeks = (f"{one:02}" for one in range(1, 13)), (f"W{one:02}" for one in range(1, 54))
    known = {"", *months, *weeks, "Q1", "Q2", "Q3", "Q4"}
    return text if len(year) == 4 and digits(year) and rest in known and not text.endswith("-") else None


READ = {"number": number, "date": day, "period": period, "text": lambda text: text}


def by_hand(written: Written, contract: Any) -> Taken | Refused:
    """Return what the file says, or every place of it that must be told, of the first kind that keeps it from being read."""
    found = cells_by_hand(written, may_be_empty=contract.may_be_empty)
    return found if isinstance(found, Refused) else checked(found, contract)


def cells_by_hand(written: Written, *, may_be_empty: bool) -> Table | Refused:
    """Return the texts of the table, whatever was asked for; see ``by_hand``."""
    if written.damage:
        return Refused(((DAMAGES[written.damage][1],),))
    if not written.is_workbook and written.delimiter not in {",", "\t"}:
        return Refused((("第 1 行", f"“{written.delimiter}”", "应以半角逗号或制表符"),))
    cells = written.cells
    if written.is_workbook:
        first = next((text for _, text, stands_before in written.other_sheets if stands_before and text), None)
        if first is not None:
            cells = [[first]]
        elif written.hidden:
            shown = next((text for _, text, _ in written.other_sheets if text), None)
            if shown is None:
                return Refused((("隐藏的工作表", SHEET),))
            cells = [[shown]]  # lists to choose from are often hidden: what a person sees first is what is read
        elif places := doubtful_cells(written):
            return Refused(places)
        else:
            hidden = covered(written)
            cells = [
                ["" if (row, column) in hidden else text for column, text in enumerate(texts, start=1)]
                for row, texts in enumerate(cells, start=1)
            ]
        width = max(map(len, cells))
        cells = [texts + [""] * (width - len(texts)) for texts in cells]
    trimmed_cells = {row: [trimmed(text) for text in texts] for row, texts in enumerate(cells, start=1)}
    return shaped({row: texts for row, texts in trimmed_cells.items() if any(texts)}, may_be_empty=may_be_empty)


def trimmed(text: str) -> str:
    return text.strip().strip("\ufeff\u200b").strip()


def covered(written: Written) -> set[tuple[int, int]]:
    """Return the cells below a merged one, which a spreadsheet program empties."""
    return {
        (row, column)
        for top, left, bottom, right in written.merged
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
        if (row, column) != (top, left)
    }


def doubtful_cells(written: Written) -> tuple[tuple[str, ...], ...]:
    """Return the places of a sheet that could be read in two ways."""

    def filled(row: int, column: int) -> bool:
        row_of_cells = written.cells[row - 1] if row <= len(written.cells) else []
        return column <= len(row_of_cells) and bool(row_of_cells[column - 1])

    def at(row: int, column: int) -> str:
        return f"{get_column_letter(column)}{row}"

    places = [(f"{at(*area[:2])}:{at(*area[2:])}", "合并单元格") for area in written.merged if filled(*area[:2])]
    rows = [row for row in written.hidden_rows if row <= len(written.cells) and any(written.cells[row - 1])]
    if rows:
        places.append((f"第 {'、'.join(map(str, sorted(rows)))} 行", "隐藏"))
    columns = [
        one for one in written.hidden_columns if any(filled(row, one) for row in range(1, len(written.cells) + 1))
    ]
    if columns:
        places.append((f"{'、'.join(map(get_column_letter, sorted(columns)))} 列", "隐藏"))
    doubtful = sorted({*written.uncalculated, *written.errors, *written.styled} - covered(written))
    return (*places, *((f"单元格 {at(*place)} ",) for place in doubtful if filled(*place)))


def shaped(filled: dict[int, list[str]], *, may_be_empty: bool) -> Table | Refused:
    """Take row 1 as the names of the columns; say where a cell belongs to none."""
    if not filled:
        return Refused((("没有内容",),))
    if 1 not in filled:
        return Refused((("第 1 行是空的",),))
    header = filled.pop(1)
    named = [position for position, name in enumerate(header) if name]
    names = [header[position] for position in named]
    if any(looks_like_a_number(name) for name in names):
        return Refused((("第 1 行应为列名", "却有数字"),))
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        return Refused(tuple(("第 1 行", f"“{one_line(name)}”", "不能重复") for name in twice))
    if not filled and not may_be_empty:
        return Refused((("没有数据行",),))
    return placed(filled, names, named)


def placed(filled: dict[int, list[str]], names: list[str], named: list[int]) -> Table | Refused:
    """Give each cell to the column above it."""
    width = named[-1] + 1
    strays = {
        row: [position for position, text in enumerate(texts) if text and position not in named]
        for row, texts in filled.items()
    }
    if filled and all(strays.values()) and (len(filled) > 1 or len(named) == 1):
        return Refused(((f"第 1 行有 {len(named)} 个列名",),))
    places = []
    for row, texts in filled.items():
        if strays[row] and strays[row][0] < width:
            places.append((f"第 {row} 行第 {strays[row][0] + 1} 列", "没有列名"))
        elif strays[row] or len(texts) < width:
            places.append((f"第 {row} 行", f"{strays[row][0] + 1 if strays[row] else len(texts)} 列", f"{width} 列"))
    if places:
        return Refused(tuple(places))
    rows = {
        row: {name: texts[position] for name, position in zip(names, named, strict=True)}
        for row, texts in filled.items()
    }
    return Table(tuple(names), rows)


def looks_like_a_number(name: str) -> bool:
    return number(name.removesuffix("%")) is not None and not (len(name) == 4 and name[:2] in {"19", "20"})


def one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 40 else line[:40]


def checked(table: Table, contract: Any) -> Taken | Refused:
    """Compare with what was asked for, cell by cell."""
    names, rows = set(table.names), table.rows
    asked = {column.name: column for column in contract.columns}
    if not names & asked.keys():
        return Refused((("没有一个要求的列名", *asked),))
    places = [
        (f"缺少“{name}”列", column.expects)
        for name, column in asked.items()
        if name not in names and not column.optional
    ]
    taken: dict[int, dict[str, Any]] = {}
    for row, texts in rows.items():
        taken[row] = {
            name: READ[asked[name].holds](text) if text else None for name, text in texts.items() if name in asked
        }
        for name, column in asked.items():
            text = texts.get(name)
            if text == "" and not column.nullable:
                places.append((f"第 {row} 行“{name}”列是空的", column.expects))
            elif text and (taken[row][name] is None or (column.allowed and text not in column.allowed)):
                places.append((f"第 {row} 行“{name}”列的值是“{one_line(text)}", column.expects))
    if contract.unique and names.issuperset(contract.unique):
        first: dict[tuple[str, ...], int] = {}
        for row, texts in rows.items():
            key = tuple(texts[name] for name in contract.unique)
            if all(key) and (before := first.setdefault(key, row)) != row:
                places.append((f"第 {row} 行与第 {before} 行重复",))
    if contract.required_rows and contract.required_rows[0] in names:
        name, needed = contract.required_rows
        there = {texts[name] for texts in rows.values()}
        places += [(f"缺少“{name}”列为“{value}”的行",) for value in needed if value not in there]
    return Refused(tuple(places)) if places else Taken(taken)

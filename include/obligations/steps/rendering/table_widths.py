"""How wide the columns of a table are and how large its type: numbers, dates and words whole, cells about equally high.

Type is 小四 (12 pt) where every short cell then stands on one line, else 五号 (10.5 pt), else 小五 (9 pt). Drawing is the
renderers'.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from obligations.steps.rendering.breaking import head_lines, width_of
from obligations.steps.rendering.text import say_runs
from obligations.words.draft import Table, TextRun

TEXT_WIDTH = 8845
"""156 mm in twips."""
SIZES = (12.0, 10.5, 9.0)
LINE_HEIGHT = 5 / 3
"""Of the type's size: 20 pt at 小四."""
KEPT = re.compile(
    r"\d{4}年\d{1,2}月\d{1,2}日|〔\d{4}〕第?\d+号|第?\d+号|\d{1,2}(?::\d{2}|时)前?|\d+(?:个工作日|小时|天)"
)
"""Never broken in a cell: a date, a time, how long something took, and the number of a document with its year."""
_WHOLE = re.compile(
    rf"{KEPT.pattern}|[A-Za-z0-9]{{12,}}|[A-Za-z0-9.]+(?:-[A-Za-z0-9.]+)+|[〔（(]?\d[\d,.]*[〕）)]?[%％号条年月日元个项件]?|[A-Za-z0-9.]+"
)
_LONG_CODE = 12
"""Characters from which a code may be broken anywhere."""
_SHORT_CELL, _LONG_TEXT, _CODE, _LEAST = 12.0, 10.0, 6.0, 2.6
"""Characters up to which a cell is wanted on one line, that a longer one or a code is wanted to have on a line, and that
any column has."""
_BY_HAND = 6.0
"""Characters that a column which people sign in is wide at least."""
_PADDING = 140
"""Both margins of a cell and its line, in twips."""
_CELL_MARGIN = 2
_STAYS_WHOLE = 120
"""Points, five rows of one line: a table up to this height is kept on one page, for at most that much is left white."""
_BORDER = 0.25
"""Characters of space that Word and LibreOffice set by themselves where a digit follows a Chinese character."""
_HEAD_LINES, _SHORT_HEAD = 3, 4.0
"""Lines a head has at most, and characters up to which it has one."""
_AIR = 0.1
"""Characters by which what must fit may be wider than reckoned."""


@dataclass(frozen=True, slots=True)
class TableLayout:
    """How a table is set.

    Attributes:
        size: of its type, in points; widths: of its columns, in twips; heads: the lines of each column's head.
        heights: about, of its rows, in points.
    """

    size: float
    widths: tuple[int, ...]
    heads: tuple[tuple[str, ...], ...]
    heights: tuple[float, ...]

    @property
    def stays_whole(self) -> bool:
        """Say whether it is so low that it is kept on one page."""
        return sum(self.heights) <= _STAYS_WHOLE


@dataclass(frozen=True, slots=True)
class _Column:
    """Widths of a column in characters: nothing breaks that must not; short cells on one line; everything on one line."""

    header: str
    least: float
    wanted: float
    ideal: float


def table_layout(table: Table) -> TableLayout:
    """Return how a table is set; its columns fill the text area."""
    columns = [_column(table, position) for position in range(len(table.columns))]
    size, start = _fitting(columns)
    shares = _grown(columns, start, _room(size, len(columns)))
    widths = _in_twips(shares, size)
    heads = tuple(_head(column.header, share) for column, share in zip(columns, shares, strict=True))
    return TableLayout(size, tuple(widths), heads, tuple(_heights(table, widths, size)))


def _column(table: Table, position: int) -> _Column:
    header = table.columns[position].header
    cells = [row[position] for row in table.rows]
    texts = [say_runs(cell) for cell in cells]
    widest = _widest(texts)
    is_text = any(isinstance(run, TextRun) and len(run.text) > 1 for cell in cells for run in cell)
    unbroken = max((_spaced(piece) for text in texts for piece in _pieces(text)), default=0.0) if is_text else widest
    by_hand = _BY_HAND if table.room and not all(cells) else 0.0
    least = max(unbroken, _widest(head_lines(header, _most_lines(header))), by_hand, _LEAST) + _AIR
    one_line = widest + _AIR
    line = _CODE if _is_code(texts) else one_line if widest <= _SHORT_CELL else _LONG_TEXT
    wanted = max(least, min(line, one_line))
    return _Column(header, least, wanted, max(wanted, one_line))


def _pieces(text: str) -> Iterator[str]:
    """Yield what of a cell must not be broken; of a code that is too long for that its parts, or half of it."""
    for match in _WHOLE.finditer(text):
        found = match[0]
        if len(found) < _LONG_CODE or not found.isascii():
            yield found
        elif "-" in found:  # it may be broken behind each
            yield from found.split("-")
        else:
            yield found[: len(found) // 2 + 1]


def _spaced(piece: str) -> float:
    """Return the width of what must not be broken, with the space that some programs set between 年 and a digit."""
    borders = sum(one.isascii() != other.isascii() for one, other in pairwise(piece))
    return width_of(piece) + _BORDER * borders


def _is_code(texts: list[str]) -> bool:
    return any(len(text) >= _LONG_CODE and text.isascii() and text.isalnum() for text in texts)


def _head(header: str, width: float) -> tuple[str, ...]:
    """Return the lines of a head in a column: as few as fit into it."""
    most = _most_lines(header)
    found = (head_lines(header, count) for count in range(1, most + 1))
    return next((lines for lines in found if _widest(lines) <= width), head_lines(header, most))


def _most_lines(header: str) -> int:
    whole = width_of(header)
    return 1 if whole <= _SHORT_HEAD else _HEAD_LINES if whole > _SHORT_CELL else 2


def _widest(lines: Iterable[str]) -> float:
    return max(map(width_of, lines), default=0.0)


def _fitting(columns: list[_Column]) -> tuple[float, list[float]]:
    """Return the largest type in which the columns find room, and the widths to begin with."""
    for size in SIZES[:2]:
        if sum(column.wanted for column in columns) <= _room(size, len(columns)):
            return size, [column.wanted for column in columns]
    for size in SIZES[1:]:
        if sum(column.least for column in columns) <= _room(size, len(columns)):
            return size, [column.least for column in columns]
    room, needed = _room(SIZES[-1], len(columns)), sum(column.least for column in columns)
    return SIZES[-1], [column.least * room / needed for column in columns]


def _room(size: float, columns: int) -> float:
    """Return how many characters of a size stand beside one another in all columns."""
    return max(TEXT_WIDTH - columns * _PADDING, columns) / (size * 20)


def _grown(columns: list[_Column], start: list[float], room: float) -> list[float]:
    """Share the room out: each column gets what makes the longest cells equally high, what then is left goes to all."""

    def at(lines: float) -> list[float]:
        return [max(least, column.ideal / lines) for least, column in zip(start, columns, strict=True)]

    low, high = 1.0, 1000.0
    if sum(at(low)) > room:
        for _ in range(30):
            middle = (low + high) / 2
            low, high = (middle, high) if sum(at(middle)) > room else (low, middle)
        return at(high)
    widths = at(low)
    return [width * room / sum(widths) for width in widths]


def _in_twips(shares: list[float], size: float) -> list[int]:
    widths = [int(share * size * 20) + _PADDING for share in shares]
    widths[widths.index(max(widths))] += TEXT_WIDTH - sum(widths)
    return widths


def _heights(table: Table, widths: list[int], size: float) -> Iterator[float]:
    for row in table.rows:
        lines = max((_lines(say_runs(runs), width, size) for runs, width in zip(row, widths, strict=True)), default=1)
        height = max(lines, 1) * size * LINE_HEIGHT + 2 * _CELL_MARGIN
        yield height if all(row) else max(height, table.room)


def _lines(text: str, width: int, size: float) -> int:
    return ceil(width_of(text) * size * 20 / (width - _PADDING)) if width > _PADDING else 1

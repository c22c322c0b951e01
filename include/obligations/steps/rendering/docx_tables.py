"""Reads the rows of an edited Word table back: which row and column was drafted as which, and what is new."""

from __future__ import annotations

import re
from dataclasses import replace
from difflib import SequenceMatcher

from obligations.rules.edited_word.pieces import Grid, Line
from obligations.steps.rendering.docx_drafted import DraftedBlocks
from obligations.steps.rendering.docx_runs import Drafted, matched
from obligations.words.draft import Runs, Table, TableColumn, TextRun

Cells = tuple[Drafted, ...]
_LINE_END = re.compile(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])")


def table_from(
    grid: Grid, caption: Line | None, drafted: Table | None, unit: str, blocks: DraftedBlocks, block_id: str
) -> Table:
    """Return the table that a grid now is.

    Args:
        grid: as read.
        caption: the line above it.
        drafted: the table it was, None for a new one.
        unit: the line between, as it stands.
        blocks: of the drafted document.
        block_id: of the table.
    """
    number, words = blocks.table_caption(caption.text, drafted) if caption else (None, "")
    if drafted and not words and not drafted.caption:
        number = drafted.number  # printed nowhere, so nobody took it away
    columns, sources = _columns(grid, drafted)
    rows_before = blocks.rows(drafted) if drafted else []
    pairs = _pairs(grid, rows_before)
    rows = tuple(
        tuple(
            _cell(cell, _source(rows_before, pairs[place], source)) for cell, source in zip(row, sources, strict=True)
        )
        for place, row in enumerate(grid.rows)
    )
    known = drafted or Table(block_id, block_id, None, "", "", (), ())
    return replace(known, number=number, caption=words, unit=unit, columns=columns, rows=rows)


def _columns(grid: Grid, drafted: Table | None) -> tuple[tuple[TableColumn, ...], list[int | None]]:
    """Return the columns, and which drafted column each was."""
    known = list(drafted.columns) if drafted else []
    headers = [_head(line.text) for line in grid.headers]
    if [_head(column.header) for column in known] == headers:
        return tuple(known), list(range(len(known)))
    sources: list[int | None]
    if len(known) == len(headers):
        sources = list(range(len(known)))
    else:
        places = {_head(column.header): place for place, column in enumerate(known)}
        sources = [places.get(header) for header in headers]
    columns = (
        TableColumn(header, known[source].align if source is not None else "left" if place == 0 else "right")
        for place, (header, source) in enumerate(zip(headers, sources, strict=True))
    )
    return tuple(columns), sources


def _head(text: str) -> str:
    """Return a head without the ends of the lines that it was written in, which are read as spaces."""
    return _LINE_END.sub("", text.strip())


def _pairs(grid: Grid, before: list[Cells]) -> list[int | None]:
    """Return which drafted row each row was: by the numbers marked in it, by its words, by its place."""
    marks = {name: place for place, row in enumerate(before) for cell in row for name in cell.marks if name}
    pairs: list[int | None] = [
        next((marks[mark.name] for cell in row for mark in cell.marks if mark.name in marks), None) for row in grid.rows
    ]
    old = [tuple(cell.text() for cell in row) for row in before]
    new = [tuple(cell.text for cell in row) for row in grid.rows]
    for what, first, last, start, stop in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal" or (what == "replace" and last - first == stop - start):
            for place, source in zip(range(start, stop), range(first, last), strict=True):
                if what == "equal" or (pairs[place] is None and source not in pairs):
                    pairs[place] = source
    return pairs


def _source(before: list[Cells], row: int | None, column: int | None) -> Drafted | None:
    if row is None or column is None or column >= len(before[row]):
        return None
    return before[row][column]


def _cell(line: Line, drafted: Drafted | None) -> Runs:
    if drafted is None:
        return (TextRun(line.text.strip(), "given"),)
    return matched(line, 0, drafted)

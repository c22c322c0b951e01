"""What a mutated delivery is sent as, and what goes wrong with files: hypothesis' choice of all that may happen to one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from mutations import HARMLESS, MUTATIONS, Draw, cell_of, pick
from written_files import OF_TEXT, OF_WORKBOOKS, Written, is_plain


def dress_text(draw: Draw, written: Written, *, may_harm: bool) -> None:
    """Choose how a CSV file is written."""
    written.encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "gbk", "gb18030"]))
    written.newline = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    written.quoted = draw(st.booleans())
    written.delimiter = draw(st.sampled_from([",", ",", ",", "\t", *(";" if may_harm else "")]))
    if may_harm and pick(draw, 12) == 11:
        written.damage, written.encoding, written.delimiter = draw(st.sampled_from(OF_TEXT)), "utf-8", ","


def a_place(draw: Draw, written: Written) -> tuple[int, int]:
    """Draw a row and a column, from 1."""
    return 1 + pick(draw, len(written.cells)), 1 + pick(draw, written.width())


def calculate(draw: Draw, written: Written) -> None:
    written.calculated = [a_place(draw, written) for _ in range(3)]


def add_a_sheet_behind(draw: Draw, written: Written) -> None:
    written.other_sheets = [*written.other_sheets, ("填报说明", "请按季报送", False)]


def add_an_empty_sheet_before(draw: Draw, written: Written) -> None:
    written.other_sheets = [*written.other_sheets, ("空表", "", True)]


def merge_empty_cells(draw: Draw, written: Written) -> None:
    rows = len(written.cells)
    written.merged = [*written.merged, (rows + 3, 1, rows + 4, 2)]


def merge_cells(draw: Draw, written: Written) -> None:
    row, column = a_place(draw, written)
    written.merged = [*written.merged, (row, column, row + 1, column)]


def hide_a_row(draw: Draw, written: Written) -> None:
    written.hidden_rows = [1 + pick(draw, len(written.cells) + 2)]


def hide_a_column(draw: Draw, written: Written) -> None:
    written.hidden_columns = [1 + pick(draw, written.width())]


def leave_uncalculated(draw: Draw, written: Written) -> None:
    written.uncalculated = [a_place(draw, written)]


def put_an_error(draw: Draw, written: Written) -> None:
    written.errors = {a_place(draw, written): draw(st.sampled_from(["#DIV/0!", "#REF!", "#N/A"]))}


def add_a_cover_before(draw: Draw, written: Written) -> None:
    written.other_sheets = [("封面", "报送表", True), *written.other_sheets]


def hide_the_sheet(draw: Draw, written: Written) -> None:
    written.hidden = True


def show_another_number(draw: Draw, written: Written) -> None:
    """Give a number a format that shows another one."""
    place = cell_of(draw, written, set(written.numbers))
    if place is not None and written.typed and is_plain(written.cells[place[0]][place[1]]):
        shape = draw(st.sampled_from(["0.0%", "0!.0000", "#,##0,", '0"."0000']))
        written.styled = {(place[0] + 1, place[1] + 1): shape}


HARMLESS_IN_WORKBOOKS = (calculate, add_a_sheet_behind, add_an_empty_sheet_before, merge_empty_cells)
IN_WORKBOOKS: tuple[Callable[[Draw, Written], None], ...] = (
    *HARMLESS_IN_WORKBOOKS, merge_cells, hide_a_row, hide_a_column, leave_uncalculated, put_an_error, add_a_cover_before,
    hide_the_sheet, show_another_number,
)  # fmt: skip


def dress_workbook(draw: Draw, written: Written, *, may_harm: bool) -> None:
    """Choose how a workbook is made, and what in it could be read in two ways."""
    written.is_workbook, written.typed = True, draw(st.booleans())
    chosen = st.sampled_from(IN_WORKBOOKS if may_harm else HARMLESS_IN_WORKBOOKS)
    for change in draw(st.lists(chosen, max_size=2, unique=True)):
        change(draw, written)
    if may_harm and pick(draw, 12) == 11:
        written.damage = draw(st.sampled_from(OF_WORKBOOKS))


@st.composite
def mutated(draw: Draw, delivered: Written, contract: Any, *, harmless: bool = False) -> Written:
    """Draw a delivery to which up to four things were done, then written as CSV or as a workbook."""
    written = replace(delivered, cells=[list(row) for row in delivered.cells])
    written.file = draw(st.sampled_from(["2026-09.csv", "2026-09.xlsx", "报送表.xls"]))
    for mutation in draw(st.lists(st.sampled_from(HARMLESS if harmless else MUTATIONS), min_size=1, max_size=4)):
        if written.cells and written.cells[0]:
            mutation(draw, written, contract)
    dress = dress_workbook if pick(draw, 3) == 2 else dress_text
    dress(draw, written, may_harm=not harmless)
    return written

"""What goes wrong with the cells of a delivery, one function each; what goes wrong with the file is ``dressing``.

Every mutation changes the cells in place and says nothing about the outcome: what the mutated file says is read from its
cells (``read_by_hand``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from written_files import Written

WIDE = str.maketrans("0123456789.,-", "０１２３４５６７８９．，－")
NOT_NUMBERS = (
    "暂无", "—", "…", "-", "/", "持平", "12.5万元", "12.5%", "１２．５％", "(3097)", "（3097）", "4.35E+05", "约12", "12 345",
    "1,2345", "12，34", "0123", "1.", ".5", "1.2.3", "NaN", "inf", "1_000", "一百二十", "١٢٣", "²", "#N/A", "null", "TRUE",
    "−12", "12-", "<0.5", "12(万)", "０１２", "1e400", "--", "=1+1", "+-3", "0x10", "12\n34", "¥120", "120元",
)  # fmt: skip
NOT_DAYS = (
    "46272",
    "7月6日",
    "2026-02-30",
    "2026.9.8",
    "20260908",
    "2026年9月8",
    "昨日",
    "2026-09",
    "26-09-08",
    "2026-9-8T10:00",
    "0",
)
NOT_PERIODS = (
    "2026年9月",
    "2026-9",
    "202609",
    "2026-13",
    "2026年三季度",
    "46266",
    "2026-Q5",
    "2026/09",
    "2026-09-01",
    "２０２６－０９",
)
OTHER_WORDS = ("元", "亿元", "万", "人民币万元", "无", "其他", "0")
Draw = Callable[..., Any]


def pick(draw: Draw, number: int) -> int:
    """Draw one of ``number`` places; 0 where there is none."""
    return draw(st.integers(0, max(0, number - 1)))


def cell_of(draw: Draw, written: Written, names: set[str]) -> tuple[int, int] | None:
    """Draw a cell of one of these columns, as indices."""
    header = written.cells[0]
    columns = [position for position, name in enumerate(header) if name.strip() in names]
    if not columns or len(written.cells) < 2:
        return None
    row, column = 1 + pick(draw, len(written.cells) - 1), columns[pick(draw, len(columns))]
    return (row, column) if column < len(written.cells[row]) else None


def names_of(contract: Any, holds: str) -> set[str]:
    return {column.name for column in contract.columns if column.holds == holds}


def replace_cell(draw: Draw, written: Written, names: set[str], texts: tuple[str, ...]) -> None:
    place = cell_of(draw, written, names)
    if place is not None:
        written.cells[place[0]][place[1]] = draw(st.sampled_from(texts))


def drop_column(draw: Draw, written: Written, contract: Any) -> None:
    column = pick(draw, len(written.cells[0]))
    for row in written.cells:
        del row[column : column + 1]


def rename_column(draw: Draw, written: Written, contract: Any) -> None:
    column = pick(draw, len(written.cells[0]))
    if column < len(written.cells[0]):
        name = written.cells[0][column]
        written.cells[0][column] = draw(
            st.sampled_from([
                f"{name}（万元）", name[:-1], f"{name[:1]} {name[1:]}", name.translate(str.maketrans("()%", "（）％")),
                f" {name}　", f"\ufeff{name}", f"{name}\n（本年）", "", "2026", "258912", name * 20, f'"{name}"',
            ])
        )  # fmt: skip


def duplicate_column(draw: Draw, written: Written, contract: Any) -> None:
    column, same = pick(draw, len(written.cells[0])), draw(st.booleans())
    for number, row in enumerate(written.cells):
        if column < len(row):
            row.append(row[column] if same or number == 0 else "1")


def add_column(draw: Draw, written: Written, contract: Any) -> None:
    new = [name for name in ("备注", "序号", "上报人", "联系电话") if name not in written.cells[0]]
    place, name = pick(draw, len(written.cells[0]) + 1), draw(st.sampled_from(new))
    for number, row in enumerate(written.cells):
        row.insert(place, name if number == 0 else str(number) if any(row) else "")


def reorder_columns(draw: Draw, written: Written, contract: Any) -> None:
    width = len(written.cells[0])
    one, other = pick(draw, width), pick(draw, width)
    for row in written.cells:
        if one < len(row) and other < len(row):
            row[one], row[other] = row[other], row[one]


def reorder_rows(draw: Draw, written: Written, contract: Any) -> None:
    body = written.cells[1:]
    turn = pick(draw, len(body))
    written.cells[1:] = body[turn:] + body[:turn] if draw(st.booleans()) else body[::-1]


def drop_row(draw: Draw, written: Written, contract: Any) -> None:
    if len(written.cells) > 1:
        del written.cells[1 + pick(draw, len(written.cells) - 1)]


def drop_rows(draw: Draw, written: Written, contract: Any) -> None:
    del written.cells[1:]


def repeat_row(draw: Draw, written: Written, contract: Any) -> None:
    if len(written.cells) > 1:
        row = list(written.cells[1 + pick(draw, len(written.cells) - 1)])
        written.cells.insert(1 + pick(draw, len(written.cells)), row)


def put_text_for_a_number(draw: Draw, written: Written, contract: Any) -> None:
    replace_cell(draw, written, names_of(contract, "number"), NOT_NUMBERS)


def put_no_day(draw: Draw, written: Written, contract: Any) -> None:
    replace_cell(draw, written, names_of(contract, "date"), NOT_DAYS)


def put_no_period(draw: Draw, written: Written, contract: Any) -> None:
    replace_cell(draw, written, {"期间", "周期"}, NOT_PERIODS)


def put_another_word(draw: Draw, written: Written, contract: Any) -> None:
    replace_cell(draw, written, {column.name for column in contract.columns if column.allowed}, OTHER_WORDS)


def empty_a_cell(draw: Draw, written: Written, contract: Any) -> None:
    replace_cell(draw, written, {column.name for column in contract.columns}, ("", " ", "　"))


def write_otherwise(draw: Draw, written: Written, contract: Any) -> None:
    """Write one number as departments also do, without changing it."""
    place = cell_of(draw, written, names_of(contract, "number"))
    if place is None:
        return
    text = written.cells[place[0]][place[1]]
    whole, point, part = text.partition(".")
    if whole.lstrip("-").isascii() and whole.lstrip("-").isdigit() and len(whole) < 12:
        written.cells[place[0]][place[1]] = draw(
            st.sampled_from([
                f"{int(whole):,}{point}{part}", text.translate(WIDE), f" {text} ", f"　{text}",
                f"{text}.0" if not point else f"{text}0", text if text[0] == "-" else f"+{text}", f"{text}\u200b",
            ])
        )  # fmt: skip


def write_days_otherwise(draw: Draw, written: Written, contract: Any) -> None:
    place = cell_of(draw, written, names_of(contract, "date"))
    if place is None:
        return
    parts = written.cells[place[0]][place[1]].split("-")
    if len(parts) == 3 and all(part.isdigit() for part in parts):
        year, month, day = map(int, parts)
        forms = (f"{year}/{month}/{day}", f"{year}年{month}月{day}日", f"{year}-{month:02}-{day:02} 00:00:00")
        written.cells[place[0]][place[1]] = draw(st.sampled_from(forms))


def multiply(draw: Draw, written: Written, contract: Any) -> None:
    """Write 元 for 万元: every number of one row, or of all, ten thousand times too large."""
    names = names_of(contract, "number")
    rows = range(1, len(written.cells))
    chosen = [1 + pick(draw, len(rows))] if draw(st.booleans()) else rows
    for row in chosen:
        for position, text in enumerate(written.cells[row] if row < len(written.cells) else []):
            if position < len(written.cells[0]) and written.cells[0][position] in names:
                written.cells[row][position] = ten_thousandfold(text)


def ten_thousandfold(text: str) -> str:
    """Move the point of a plain number four places; leave any other text alone."""
    whole, _, part = text.partition(".")
    if not (whole.lstrip("-") + part).isascii() or not (whole.lstrip("-") + part).isdigit() or len(whole) > 15:
        return text
    moved = f"{whole}{part[:4].ljust(4, '0')}"
    sign, bare = ("-", moved[1:]) if moved[0] == "-" else ("", moved)
    rest = part[4:]
    return f"{sign}{bare.lstrip('0') or '0'}{'.' if rest else ''}{rest}"


def change_sign(draw: Draw, written: Written, contract: Any) -> None:
    place = cell_of(draw, written, names_of(contract, "number"))
    if place is not None and (text := written.cells[place[0]][place[1]])[:1].isdigit():
        written.cells[place[0]][place[1]] = f"-{text}"


def lengthen_a_row(draw: Draw, written: Written, contract: Any) -> None:
    row = written.cells[pick(draw, len(written.cells))]
    row.insert(pick(draw, len(row) + 1), draw(st.sampled_from(["", "1", "多"])))


def shorten_a_row(draw: Draw, written: Written, contract: Any) -> None:
    row = written.cells[pick(draw, len(written.cells))]
    del row[len(row) - 1 :]


def insert_blank_rows(draw: Draw, written: Written, contract: Any) -> None:
    place = 1 + pick(draw, len(written.cells))
    written.cells[place:place] = [[""] * len(written.cells[0])] * (1 + pick(draw, 3))


def append_blank_columns(draw: Draw, written: Written, contract: Any) -> None:
    for row in written.cells:
        row += ["", ""]


def insert_blank_column(draw: Draw, written: Written, contract: Any) -> None:
    place = pick(draw, len(written.cells[0]))
    for row in written.cells:
        row.insert(place, "")


def put_a_title_above(draw: Draw, written: Written, contract: Any) -> None:
    above = draw(st.sampled_from([["2026年9月报送表"], ["单位：万元"], [""], ["报送表", "", "单位：万元"]]))
    written.cells.insert(0, above + [""] * (len(written.cells[0]) - len(above)))


def put_a_note_below(draw: Draw, written: Written, contract: Any) -> None:
    below = draw(st.sampled_from(["注：本表为快报数", "合计", "填表人：甲"]))
    written.cells.append([below] + [""] * (len(written.cells[0]) - 1))


def repeat_the_header(draw: Draw, written: Written, contract: Any) -> None:
    written.cells.insert(1 + pick(draw, len(written.cells)), list(written.cells[0]))


def surround_with_space(draw: Draw, written: Written, contract: Any) -> None:
    row = written.cells[pick(draw, len(written.cells))]
    row[:] = [f"　{text} \u200b" if text else " " for text in row]


def quote_or_break_a_text(draw: Draw, written: Written, contract: Any) -> None:
    free = {column.name for column in contract.columns if column.holds == "text" and not column.allowed}
    place = cell_of(draw, written, free)
    if place is not None:
        text = written.cells[place[0]][place[1]]
        written.cells[place[0]][place[1]] = draw(
            st.sampled_from([f"{text},甲", f"“{text}”", f'{text}"乙"', f"{text}\n丙", f"{text}\t丁"])
        )


MUTATIONS = (
    drop_column, rename_column, duplicate_column, add_column, reorder_columns, reorder_columns, reorder_rows, reorder_rows,
    drop_row, drop_rows, repeat_row, put_text_for_a_number, put_text_for_a_number, put_no_day, put_no_period,
    put_another_word, empty_a_cell, write_otherwise, write_otherwise, write_days_otherwise, multiply, change_sign,
    lengthen_a_row, shorten_a_row, insert_blank_rows, append_blank_columns, insert_blank_column, put_a_title_above,
    put_a_note_below, repeat_the_header, surround_with_space, surround_with_space, quote_or_break_a_text,
)  # fmt: skip
HARMLESS = (
    add_column, reorder_columns, reorder_rows, write_otherwise, write_days_otherwise, insert_blank_rows,
    append_blank_columns, insert_blank_column, surround_with_space,
)  # fmt: skip

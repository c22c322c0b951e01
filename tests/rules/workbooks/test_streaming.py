"""Long lists for spreadsheets: whole, in order, marked for Excel, and never a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest
from openpyxl import load_workbook

from obligations.rules.workbooks.streaming import csv_pieces, write_rows

LEADS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"]


def rows(number: int) -> Iterator[dict[str, str]]:
    for each in range(number):
        yield {"序号": str(each), "事项": f"第{each}项"}


@pytest.mark.parametrize("number", [0, 1, 199, 200, 201, 1000])
def test_a_csv_is_the_same_however_many_pieces_it_comes_in(number: int) -> None:
    data = b"".join(csv_pieces(("序号", "事项"), rows(number)))
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\xef\xbb\xbf") == 1, "a mark in the middle would be text"
    read = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert read == list(rows(number))


@pytest.mark.parametrize("text", LEADS)
def test_nothing_begins_like_a_formula_in_a_csv(text: str) -> None:
    data = b"".join(csv_pieces(("事项",), [{"事项": text}]))
    assert next(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))["事项"] == f"'{text}"


def test_every_cell_of_a_workbook_is_text_even_what_xml_cannot_hold() -> None:
    file = io.BytesIO()
    texts = [*LEADS[:5], "一\x0b二", "普通"]
    write_rows(file, "台账", {"事项": 10}, [{"事项": text} for text in texts])
    sheet = load_workbook(file)["台账"]
    cells = [row[0] for row in sheet.iter_rows()]
    assert [cell.value for cell in cells] == ["事项", *LEADS[:5], "一二", "普通"]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.quotePrefix for cell in cells] == [False, *[True] * 5, False, False]

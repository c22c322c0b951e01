"""The text of a Word file, paragraph by paragraph and row by row; numbers that Word counts by itself are written out.

Deleted revisions are not read, inserted ones are. Layout, pictures, headers and notes are not read.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import docx
from docx.document import Document
from docx.oxml.ns import qn

from obligations.rules.delivery import Delivery
from obligations.rules.manuscripts.docx_elements import cells_of, elements_of, list_place_of
from obligations.rules.manuscripts.numbering import Numbering, UnknownNumbering
from obligations.rules.manuscripts.word import refusing_false_structure, require_package
from obligations.rules.plans.row_text import row_line

_UNSEEN = {
    qn("w:del"),
    qn("w:moveFrom"),
    qn("w:instrText"),
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
}
_BREAKS = {qn("w:br"), qn("w:cr")}
NO_NUMBER = "有自动编号未能读出，条款编号可能不全"


def docx_text(data: bytes, delivery: Delivery) -> tuple[str, tuple[str, ...]]:
    """Return the text and notes on what was not read; raises BadInput for a damaged, oversized or macro file."""
    require_package(data, delivery)
    try:
        document = docx.Document(io.BytesIO(data))
    except Exception as error:  # python-docx raises anything on damaged parts; all of it means unreadable
        raise delivery.refuse("不完整或已损坏，无法打开", "在 Word 或 WPS 中重新保存为 .docx") from error
    notes: list[str] = []
    with refusing_false_structure(delivery):
        lines = list(_lines(document, notes))
    return "\n".join(lines) + "\n", tuple(dict.fromkeys(notes))


def _lines(document: Document, notes: list[str]) -> Iterator[str]:
    numbers = next(
        (part for part in document.part.package.iter_parts() if str(part.partname).endswith("numbering.xml")), None
    )
    numbering = Numbering(getattr(numbers, "element", None))
    for element in elements_of(document.element.body):
        if element.tag == qn("w:p"):
            yield _marker(document, element, numbering, notes) + _text(element)
        elif element.tag == qn("w:tbl"):
            for row in element.iter(qn("w:tr")):
                if next(row.iterancestors(qn("w:tbl"))) is element:  # a nested table's words are its cell's
                    yield row_line(list(_cells(row)))


def _cells(row: Any) -> Iterator[str]:
    for cell in cells_of(row):
        yield "".join(_text(paragraph) for paragraph in cell.iter(qn("w:p")))
        span = cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}")
        for _ in range(min(int(span.get(qn("w:val"), "1")), 20) - 1 if span is not None else 0):
            yield ""


def _text(element: Any) -> str:
    parts: list[str] = []
    stack = [iter(element)]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
        elif child.tag == qn("w:t"):
            parts.append(child.text or "")
        elif child.tag in _BREAKS:
            parts.append(" ")
        elif child.tag not in _UNSEEN:
            stack.append(iter(child))
    return "".join(parts)


def _marker(document: Document, paragraph: Any, numbering: Numbering, notes: list[str]) -> str:
    """Return the number that Word prints before a paragraph of a list, or of a style that counts."""
    if (within := list_place_of(document, paragraph)) is None:
        return ""
    try:
        return numbering.marker(*within)
    except UnknownNumbering:
        notes.append(NO_NUMBER)
        return ""

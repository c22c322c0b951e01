"""Reads DOCX bytes into the parts of a manuscript. Whatever cannot be read whole is refused by name and place."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import docx
from docx.document import Document
from docx.oxml.ns import qn

from obligations.rules.delivery import Delivery, shown
from obligations.rules.manuscripts.docx_elements import (
    NOTHING,
    cells_of,
    elements_of,
    list_place_of,
    outline_level_of,
    style_name_of,
)
from obligations.rules.manuscripts.docx_text import TextReader, drawn
from obligations.rules.manuscripts.numbering import Numbering, UnknownNumbering
from obligations.rules.packages import is_beyond_limits, open_package, read_parts
from obligations.words.material import GivenHeading, GivenParagraph, GivenPart, GivenTable

_HEADING = re.compile(r"(?:heading|标题)\s*([1-9])", re.IGNORECASE)
_TITLES, _CAPTIONS = {"title", "标题", "subtitle", "副标题"}, {"caption", "题注"}
_PAGE_NUMBER = re.compile(r"[\s\d\-—–－·/第共页]*")


def read_word(data: bytes, delivery: Delivery) -> tuple[str | None, tuple[GivenPart, ...]]:
    """Return the document's own title, if it has one, and its parts; raises BadInput with everything it cannot read."""
    require_package(data, delivery)
    try:
        document = docx.Document(io.BytesIO(data))
    except Exception as error:  # python-docx raises anything on damaged parts; all of it means unreadable
        raise delivery.refuse("不完整或已损坏，无法打开", "在 Word 或 WPS 中重新保存为 .docx") from error
    reader = _Reader(document, delivery)
    with refusing_false_structure(delivery):
        reader.read()
    if reader.problems:
        raise delivery.refuse_all(list(dict.fromkeys(reader.problems)))
    return " ".join(reader.titles) or None, tuple(reader.parts)


@contextmanager
def refusing_false_structure(delivery: Delivery) -> Iterator[None]:
    """Turn what reading a Word file stumbles over into BadInput: one that anybody may have made breaks the standard in any way."""
    try:
        yield
    except (ValueError, KeyError, IndexError, AttributeError, TypeError, RecursionError) as error:
        raise delivery.refuse("的结构不合规范，无法读取", "在 Word 或 WPS 中重新保存为 .docx") from error


def require_package(data: bytes, delivery: Delivery) -> dict[str, bytes]:
    """Return the parts of a package by name; raises BadInput for one with macros, too large, damaged or false."""
    with open_package(data, delivery, "在 Word 或 WPS 中重新保存为 .docx") as package:
        if any(name.endswith("vbaProject.bin") for name in package.namelist()):
            raise delivery.refuse("含有宏，不予读取", "另存为不含宏的 .docx")
        if is_beyond_limits(package):
            raise delivery.refuse("展开后超过 50 MB 的上限，应只含本期内容", "删去图片和多余的内容")
        return dict(read_parts(package))


@dataclass
class _Reader:
    """Reads the body in order and keeps every problem it meets."""

    document: Document
    delivery: Delivery
    titles: list[str] = field(default_factory=list)
    parts: list[GivenPart] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    _paragraphs: int = 0
    _tables: int = 0
    _caption: str = ""

    def read(self) -> None:
        numbering = next((part for part in self._parts_named("numbering")), None)
        self._numbering = Numbering(None if numbering is None else numbering.element)
        for element in elements_of(self.document.element.body):
            if element.tag == qn("w:p"):
                self._paragraph(element)
            elif element.tag == qn("w:tbl"):
                self._table(element)
            elif element.tag not in NOTHING:
                reader = self._text_reader()
                reader.read([element])
                self._report(f"第 {self._paragraphs} 段之后", reader)
        self._flush_caption()
        self._margins()

    def _text_reader(self) -> TextReader:
        relationships = self.document.part.rels

        def link(relationship: str) -> str | None:
            found = relationships.get(relationship)
            return found.target_ref if found is not None and found.is_external else None

        return TextReader(link)

    def _report(self, place: str, reader: TextReader) -> None:
        for what, fix in reader.findings.items():
            self.problems.append(self.delivery.problem(f"{place}有{what}，不能读取", fix))

    def _paragraph(self, paragraph: Any) -> None:
        self._paragraphs += 1
        reader = self._text_reader()
        lines = [line.strip() for line in reader.read(paragraph).split("\n")]
        lines = [line for line in lines if line]
        place = f"第 {self._paragraphs} 段" + (f"（“{shown(lines[0])[:12]}”）" if lines else "")
        self._report(place, reader)
        if not lines:
            return
        style = style_name_of(self.document, paragraph)
        if style in _TITLES and not self.parts and not self._caption:
            self.titles += lines
            return
        level = self._level(paragraph, style)
        marker = self._marker(paragraph, place) if level is None else ""  # headings are numbered anew when printed
        if style in _CAPTIONS:
            self._flush_caption()
            self._caption = " ".join(lines)
            return
        self._flush_caption()
        if level is None:
            self.parts += [GivenParagraph(line) for line in (f"{marker}{lines[0]}", *lines[1:])]
        elif level > 3:
            self.problems.append(
                self.delivery.problem(f"{place}是第 {level} 级标题，标题最多三级", "改为正文或较高一级的标题")
            )
        else:
            rank: Literal[1, 2, 3] = 1 if level == 1 else 2 if level == 2 else 3
            self.parts.append(GivenHeading(rank, " ".join(lines)))

    def _flush_caption(self) -> None:
        """A caption that no table follows is a paragraph like any other."""
        if self._caption:
            self.parts.append(GivenParagraph(self._caption))
            self._caption = ""

    def _level(self, paragraph: Any, style: str) -> int | None:
        if match := _HEADING.fullmatch(style):
            return int(match[1])
        return outline_level_of(self.document, paragraph)

    def _marker(self, paragraph: Any, place: str) -> str:
        """Return the list marker that Word prints and does not keep in the text."""
        if (within := list_place_of(self.document, paragraph)) is None:
            return ""
        try:
            return self._numbering.marker(*within)
        except UnknownNumbering:
            fact = f"{place}用了不能识别的自动编号，编号不在文字里"
            self.problems.append(self.delivery.problem(fact, "把编号改为手写的文字"))
        return ""

    def _table(self, table: Any) -> None:
        self._tables += 1
        place = f"第 {self._tables} 个表格"
        problems: dict[str, str] = {}
        rows: list[tuple[str, ...]] = []
        for row in table.iter(qn("w:tr")):
            if next(row.iterancestors(qn("w:tbl"))) is not table:
                continue  # of a nested table, which its cell reports
            rows.append(tuple(self._cell(cell, problems) for cell in cells_of(row)))
            if (
                row.find(f"{qn('w:trPr')}/{qn('w:ins')}") is not None
                or row.find(f"{qn('w:trPr')}/{qn('w:del')}") is not None
            ):
                problems["修订痕迹"] = "接受或拒绝全部修订"
        self.problems += [self.delivery.problem(f"{place}有{what}，不能读取", fix) for what, fix in problems.items()]
        if problems:
            return
        widths = [len(row) for row in rows]
        uneven = next((number for number, width in enumerate(widths, start=1) if width != widths[0]), None)
        if uneven is not None:
            fact = f"{place}第 {uneven} 行有 {widths[uneven - 1]} 格，应与第 1 行一样是 {widths[0]} 格"
            self.problems.append(self.delivery.problem(fact, "补齐或拆分这一行"))
        elif any(any(row) for row in rows):
            self.parts.append(GivenTable(self._caption, rows[0], tuple(rows[1:])))
            self._caption = ""

    def _cell(self, cell: Any, problems: dict[str, str]) -> str:
        properties = cell.find(qn("w:tcPr"))
        span = None if properties is None else properties.find(qn("w:gridSpan"))
        merged = properties is not None and (
            (span is not None and span.get(qn("w:val")) != "1")
            or properties.find(qn("w:vMerge")) is not None
            or properties.find(qn("w:hMerge")) is not None
        )
        if merged:
            problems["合并单元格"] = "取消合并并逐格填写"
        texts = []
        for element in elements_of(cell):
            if element.tag == qn("w:tbl"):
                problems["嵌套表格"] = "把里面的表格单独列出"
            elif element.tag == qn("w:p"):
                reader = self._text_reader()
                text = " ".join(reader.read(element).split())
                problems.update(reader.findings)
                marker = self._marker(element, f"第 {self._tables} 个表格") if text else ""
                texts += [f"{marker}{text}"] if text else []
            elif element.tag not in NOTHING and element.tag != qn("w:tcPr"):
                reader = self._text_reader()
                reader.read([element])
                problems.update(reader.findings)
        return " ".join(texts)

    def _margins(self) -> None:
        """Refuse headers and footers that say more than the page's number."""
        for kind, name in (("header", "页眉"), ("footer", "页脚")):
            for part in self._parts_named(kind):
                root = part.element
                text = "".join(element.text or "" for element in root.iter(qn("w:t"))).strip()
                found = next((drawn(e) for e in root.iter(qn("w:drawing"), qn("w:pict"))), None)
                if not _PAGE_NUMBER.fullmatch(text):
                    fact = f"{name}有文字“{shown(text)}”，不能读取"
                    self.problems.append(self.delivery.problem(fact, f"删去{name}，需要公布的写进正文"))
                elif found in {"图片", "图表"}:
                    self.problems.append(self.delivery.problem(f"{name}有{found}，不能读取", f"删去{name}"))

    def _parts_named(self, name: str) -> Iterator[Any]:
        """Yield the package's parts of one kind that the document uses."""
        for relationship in self.document.part.rels.values():
            if not relationship.is_external and relationship.reltype.endswith(f"/{name}"):
                yield relationship.target_part

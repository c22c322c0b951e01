"""Walks the body of an edited Word file: lines and tables in order, headers and footers, and every trouble by its place."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import Any

from docx.document import Document
from docx.oxml.ns import qn

from obligations.rules.delivery import Delivery, shown
from obligations.rules.edited_word.facts import is_merged, is_tracked, millimeters, style_id_of, texts_of
from obligations.rules.edited_word.formats import StyleBook
from obligations.rules.edited_word.limits import require_limits
from obligations.rules.edited_word.marked_text import MarkedReader, MarkedText, joined
from obligations.rules.edited_word.package import open_word
from obligations.rules.edited_word.pieces import BLOCK, EditedWord, Grid, Line, Margin, PageSetting, Trouble
from obligations.rules.manuscripts.docx_elements import NOTHING, cells_of, elements_of, list_place_of, outline_level_of
from obligations.rules.manuscripts.docx_text import drawn
from obligations.rules.manuscripts.numbering import Numbering, UnknownNumbering
from obligations.rules.manuscripts.word import refusing_false_structure

_CODES = {
    "修订痕迹": "tracked-change",
    "批注": "comment",
    "隐藏文字": "hidden-text",
    "白色文字": "hidden-text",
    "极小的文字": "hidden-text",
}
_LOST = {"Co": "造字或私用字符", "Cn": "不能识别的字符", "Cs": "损坏的字符"}


def read_edited(data: bytes, delivery: Delivery) -> EditedWord:
    """Read an edited Word file; raises BadInput for a file that must not or cannot be opened at all.

    What is merely wrong inside it (a tracked change, a picture, merged cells) is a trouble of the result.
    """
    document, roots = open_word(data, delivery)
    require_limits(document.element.body, delivery)
    reader = _Reader(document)
    with refusing_false_structure(delivery):
        reader.read()
        margins, pages = reader.margins(), reader.pages()
    texts = [(name, texts_of(root)) for name, root in sorted(roots.items()) if not name.endswith(".rels")]
    if any(name.startswith("word/comments") and text for name, text in texts):
        reader.trouble("文件", "批注", "处理后删去批注")
    return EditedWord(
        delivery.file,
        tuple(reader.pieces),
        tuple(margins),
        tuple(dict.fromkeys(reader.troubles)),
        tuple(pages),
        tuple(text for _, text in texts if text),
    )


@dataclass
class _Reader:
    """Reads one document and keeps every trouble it meets."""

    document: Document
    pieces: list[Line | Grid] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    _paragraphs: int = 0
    _tables: int = 0

    def read(self) -> None:
        numbering = next((part for part in self._parts("numbering")), None)
        self._numbering = Numbering(None if numbering is None else numbering.element)
        self._styles = StyleBook(self.document.styles.element)
        pending: list[str] = []
        for element in elements_of(self.document.element.body):
            if element.tag == qn("w:p"):
                self._paragraph(element, tuple(pending))
                pending = []
            elif element.tag == qn("w:tbl"):
                self._table(element)
            elif element.tag == qn("w:bookmarkStart"):
                pending += [name] if (name := element.get(qn("w:name"), "")).startswith(BLOCK) else []
            elif element.tag not in NOTHING:
                reader = self._text_reader(None)
                reader.read([element])
                self._report(f"第 {self._paragraphs} 段之后", reader)

    def trouble(self, where: str, what: str, fix: str) -> None:
        code = next((code for word, code in _CODES.items() if what.startswith(word)), "unreadable")
        self.troubles.append(Trouble(code, where, what, fix))

    def margins(self) -> list[Margin]:
        found = []
        for kind, name in (("header", "页眉"), ("footer", "页脚")):
            for part in self._parts(kind):
                root = part.element
                text = "".join(each.text or "" for each in root.iter(qn("w:t"))).strip()
                things = [drawn(each) for each in root.iter(qn("w:drawing"), qn("w:pict"))]
                found.append(Margin(name, text, next((thing for thing in things if thing != "图形"), None)))
        return found

    def pages(self) -> list[PageSetting]:
        settings = []
        for section in self.document.element.body.iter(qn("w:sectPr")):
            size, margin = section.find(qn("w:pgSz")), section.find(qn("w:pgMar"))
            settings.append(
                PageSetting(
                    millimeters(size, "w"),
                    millimeters(size, "h"),
                    *(millimeters(margin, side) for side in ("top", "bottom", "left", "right")),
                )
            )
        return settings

    def _parts(self, name: str) -> list[Any]:
        """Return the package's parts of one kind that the document uses, each once."""
        found = {}
        for relationship in self.document.part.rels.values():
            if not relationship.is_external and relationship.reltype.endswith(f"/{name}"):
                found[relationship.target_part.partname] = relationship.target_part
        return list(found.values())

    def _text_reader(self, style_id: str | None) -> MarkedReader:
        relationships = self.document.part.rels

        def link(relationship: str) -> str | None:
            found = relationships.get(relationship)
            return found.target_ref if found is not None and found.is_external else None

        return MarkedReader(link, styles=self._styles, style_id=style_id)

    def _report(self, where: str, reader: MarkedReader) -> None:
        for what, fix in reader.findings.items():
            self.trouble(where, what, fix)

    def _paragraph(self, paragraph: Any, pending: tuple[str, ...]) -> None:
        self._paragraphs += 1
        style_id = style_id_of(paragraph)
        reader = self._text_reader(style_id)
        text = reader.read_marked(paragraph, pending)
        start = shown(text)[:12]
        where = f"第 {self._paragraphs} 段" + (f"（“{start}”）" if start else "")
        self._report(where, reader)
        if (mark := paragraph.find(f"{qn('w:pPr')}/{qn('w:rPr')}")) is not None and is_tracked(mark):
            self.trouble(where, "修订痕迹", "接受或拒绝全部修订")
        self._look(where, text, reader)
        marker = self._marker(paragraph, where) if text.strip() else ""
        marked = MarkedText(text, tuple(reader.marks), tuple(reader.formats)).led_by(marker)
        outline = outline_level_of(self.document, paragraph)
        for count, line in enumerate(marked.lines()):
            self.pieces.append(
                Line(
                    where,
                    self._styles.name_of(style_id),
                    outline,
                    line.text,
                    line.marks,
                    line.formats,
                    tuple(reader.pictures) if count == 0 else (),
                )
            )

    def _look(self, where: str, text: str, reader: MarkedReader) -> None:
        """Report what cannot be seen or printed."""
        for each in reader.formats:
            if each.hidden and text[each.start : each.end].strip():
                words = shown(text[each.start : each.end])
                self.trouble(where, f"{each.hidden}“{words}”", "取消隐藏并核对，或删去")
        for character in dict.fromkeys(text):
            if (what := _LOST.get(unicodedata.category(character))) is not None:
                self.trouble(where, f"{what}（“{shown(text.replace(character, '□'))}”的□处）", "改用通用字符")

    def _marker(self, paragraph: Any, where: str) -> str:
        """Return the list marker that Word prints and does not keep in the text."""
        if (within := list_place_of(self.document, paragraph)) is None:
            return ""
        try:
            return self._numbering.marker(*within)
        except UnknownNumbering:
            self.trouble(where, "不能识别的自动编号", "把编号改为手写的文字")
        return ""

    def _table(self, table: Any) -> None:
        self._tables += 1
        place = f"第 {self._tables} 个表格"
        rows: list[tuple[Line, ...]] = []
        for row in table.iter(qn("w:tr")):
            if next(row.iterancestors(qn("w:tbl"))) is not table:
                continue  # of a nested table, which its cell reports
            if (properties := row.find(qn("w:trPr"))) is not None and is_tracked(properties):
                self.trouble(place, "修订痕迹", "接受或拒绝全部修订")
            number = len(rows) + 1
            rows.append(
                tuple(
                    self._cell(cell, f"{place}第 {number} 行第 {column} 格")
                    for column, cell in enumerate(cells_of(row), start=1)
                )
            )
        if not rows:
            return
        uneven = next((number for number, row in enumerate(rows, start=1) if len(row) != len(rows[0])), None)
        if uneven is not None:
            what = f"第 {uneven} 行有 {len(rows[uneven - 1])} 格，应与第 1 行一样是 {len(rows[0])} 格"
            self.trouble(place, what, "补齐或拆分这一行")
            width = max(map(len, rows))
            rows = [(*row, *(Line(place, "", None, ""),) * (width - len(row))) for row in rows]
        self.pieces.append(Grid(place, rows[0], tuple(rows[1:])))

    def _cell(self, cell: Any, where: str) -> Line:
        if is_merged(cell):
            self.trouble(where, "合并单元格", "取消合并并逐格填写")
        texts: list[MarkedText] = []
        style = ""
        pending: list[str] = []
        for element in elements_of(cell):
            if element.tag == qn("w:tbl"):
                self.trouble(where, "嵌套表格", "把里面的表格单独列出")
            elif element.tag == qn("w:p"):
                style_id = style_id_of(element)
                reader = self._text_reader(style_id)
                text = reader.read_marked(element, tuple(pending))
                pending = []
                self._report(where, reader)
                if reader.pictures:
                    self.trouble(where, "图片", "删去，内容改为文字或表格")
                self._look(where, text, reader)
                marker = self._marker(element, where) if text.strip() else ""
                marked = MarkedText(text, tuple(reader.marks), tuple(reader.formats)).led_by(marker)
                texts += marked.lines()
                style = style or self._styles.name_of(style_id)
            elif element.tag not in NOTHING and element.tag != qn("w:tcPr"):
                reader = self._text_reader(None)
                reader.read([element])
                self._report(where, reader)
        whole = joined(texts)
        return Line(where, style, None, whole.text, whole.marks, whole.formats)

"""The text of one Word paragraph with the bookmarks and formats in it. What cannot be read becomes a finding."""

from __future__ import annotations

import bisect
import unicodedata
from dataclasses import dataclass, field, replace
from typing import Any

from docx.oxml.ns import qn

from obligations.rules.edited_word.formats import StyleBook
from obligations.rules.edited_word.pieces import BLANK, BLOCK, NUMBER, Format, Mark
from obligations.rules.manuscripts.docx_text import TextReader, drawn

_ACCEPTED = {qn("w:ins"), qn("w:moveTo")}
"""Tracked text that is there if the change is accepted; it is read, so that its numbers are checked, too."""
_OUR_MARKS = (BLOCK, NUMBER, BLANK)
_PROPERTIES = ("docPr", "cNvPr")
_READ_ELSEWHERE = {"隐藏的文字"}


@dataclass
class MarkedReader(TextReader):
    """Reads text, and where our bookmarks and each run of one look stand in it.

    Attributes:
        styles: of the document; style_id: of the paragraph.
        pictures: alternative text of every picture met.
    """

    styles: StyleBook | None = None
    style_id: str | None = None
    marks: list[Mark] = field(default_factory=list)
    formats: list[Format] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    _open: dict[str, Mark] = field(default_factory=dict)
    _measured: tuple[int, int] = (0, 0)

    def read_marked(self, paragraph: Any, pending: tuple[str, ...] = ()) -> str:
        """Return the text; ``pending`` names bookmarks that began just before the paragraph."""
        self.marks += [Mark(name, 0, 0) for name in pending]
        text = self.read(paragraph)
        self.marks += [replace(mark, end=len(text)) for mark in self._open.values()]  # goes on in the next paragraph
        self.marks.sort(key=lambda mark: (mark.start, mark.end))
        return text

    def _element(self, element: Any) -> None:
        if element.tag == qn("w:bookmarkStart"):
            name = element.get(qn("w:name"), "")
            if name.startswith(_OUR_MARKS):
                self._open[element.get(qn("w:id"), "")] = Mark(name, self._length(), 0)
        elif element.tag == qn("w:bookmarkEnd"):
            if (mark := self._open.pop(element.get(qn("w:id"), ""), None)) is not None:
                self.marks.append(replace(mark, end=self._length()))
        elif element.tag in _ACCEPTED:
            super()._element(element)
            self._children(element)
        elif (what := _picture(element)) is not None:
            self.pictures.append(what)
        else:
            super()._element(element)

    def _run(self, run: Any) -> None:
        start, known = self._length(), set(self.findings)
        super()._run(run)
        for what in set(self.findings) - known:
            if what.startswith(tuple(_READ_ELSEWHERE)):
                del self.findings[what]  # the format says it, and why
        if self.styles is not None and self._length() > start:
            self.formats.append(self.styles.format_of(run, self.style_id, start, self._length()))

    def _length(self) -> int:
        """Return how many characters were read; only what is new is counted, for a paragraph may have thousands of runs."""
        pieces, characters = self._measured
        characters += sum(map(len, self._text[pieces:]))
        self._measured = len(self._text), characters
        return characters


def _picture(element: Any) -> str | None:
    """Return a picture's alternative text, None for what is no picture."""
    if element.tag not in {qn("w:drawing"), qn("w:pict")} and not str(element.tag).endswith("}AlternateContent"):
        return None
    if drawn(element) != "图片":
        return None
    for name in _PROPERTIES:
        for found in element.iter():
            if str(found.tag).endswith(f"}}{name}") and found.get("descr"):
                return str(found.get("descr"))
    return ""


@dataclass(frozen=True)
class MarkedText:
    """Text with its marks and formats, cut and cleaned together."""

    text: str
    marks: tuple[Mark, ...] = ()
    formats: tuple[Format, ...] = ()

    def lines(self) -> list[MarkedText]:
        """Return one text a line; line breaks go, tabs become spaces, and what has no width goes."""
        found, start = [], 0
        for part in self.text.split("\n"):
            found.append(self._cut(start, start + len(part)))
            start += len(part) + 1
        return found

    def led_by(self, ordinal: str) -> MarkedText:
        """Return the text behind an ordinal that Word counts by itself."""
        by = len(ordinal)
        moved = tuple(replace(mark, start=mark.start + by, end=mark.end + by) for mark in self.marks)
        looks = tuple(replace(each, start=each.start + by, end=each.end + by) for each in self.formats)
        return MarkedText(ordinal + self.text, moved, looks)

    def _cut(self, start: int, end: int) -> MarkedText:
        kept = [place for place in range(start, end) if not _is_invisible(self.text[place])]

        def moved(place: int) -> int:
            return bisect.bisect_left(kept, place)

        marks = tuple(
            replace(mark, start=moved(max(mark.start, start)), end=moved(min(max(mark.end, start), end)))
            for mark in self.marks
            if start <= mark.start <= end and (mark.start < end or mark.end == mark.start)
        )
        first = bisect.bisect_right(self.formats, start, key=lambda each: each.end)
        last = bisect.bisect_left(self.formats, end, key=lambda each: each.start)
        formats = tuple(
            replace(each, start=moved(max(each.start, start)), end=moved(min(each.end, end)))
            for each in self.formats[first:last]
        )
        text = "".join(" " if self.text[place] in "\t\u00a0" else self.text[place] for place in kept)
        return MarkedText(text, marks, formats)


def joined(texts: list[MarkedText]) -> MarkedText:
    """Return texts as one, a space between them, as the lines of a cell are printed."""
    text, marks, formats = "", [], []
    for each in texts:
        if not each.text and not each.marks:
            continue
        by = len(text) + bool(text and each.text)
        text = f"{text} {each.text}" if text and each.text else text + each.text
        marks += [replace(mark, start=mark.start + by, end=mark.end + by) for mark in each.marks]
        formats += [replace(look, start=look.start + by, end=look.end + by) for look in each.formats]
    return MarkedText(text, tuple(marks), tuple(formats))


def _is_invisible(character: str) -> bool:
    return character != "\t" and unicodedata.category(character) in {"Cc", "Cf"}

"""Reads Markdown and plain text into the parts of a manuscript. No raw HTML, pictures or code; nothing is dropped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.rules_block.table import escapedSplit
from markdown_it.token import Token

from obligations.rules.delimited import PROSE_SAVED_AS, decode
from obligations.rules.delivery import Delivery, shown
from obligations.words.material import GivenHeading, GivenParagraph, GivenPart, GivenTable

_BULLET = "• "
_SOFT_BREAK = "\v"
_BETWEEN_HAN = re.compile(r"(?<=[⺀-鿿！-～　-〿])\v(?=[⺀-鿿！-～　-〿])")
_NOT_IN_PLAIN_TEXT = [
    *("blockquote", "html_block", "lheading", "emphasis", "strikethrough", "backticks", "link", "image", "autolink"),
    *("html_inline", "escape", "entity"),
]
_REFUSED = {
    "html_block": ("HTML 标记", "删去标记，只留文字"),
    "html_inline": ("HTML 标记", "删去标记，只留文字"),
    "image": ("图片", "删去，内容改为文字或表格"),
    "fence": ("代码块", "改为普通段落"),
    "s_open": ("加了删除线的文字", "删去这些文字，或取消删除线"),
}
_INLINE_MARKS = {"em_open", "em_close", "strong_open", "strong_close", "s_close"}
_BLOCK_MARKS = {"blockquote_open", "blockquote_close", "hr"}


def read_markdown(data: bytes, delivery: Delivery) -> tuple[str | None, tuple[GivenPart, ...]]:
    """Return the title (a single leading ``#``), if there is one, and the parts; raises BadInput.

    In plain text (.txt) headings, lists and tables are read alike; every other line is a paragraph of its own, as it is
    on a department's screen, and its characters stand for themselves: 3*4*5 is no emphasis.
    """
    text = decode(data, delivery, PROSE_SAVED_AS).replace("\r\n", "\n").replace("\r", "\n")
    is_plain = delivery.file.lower().endswith(".txt")
    markdown = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    # An indented line is a Chinese paragraph, not code; an unused reference would vanish from the text.
    markdown.disable(["code", "reference", *(_NOT_IN_PLAIN_TEXT if is_plain else ())])
    reader = _Reader(delivery, text.split("\n"), is_plain)
    reader.read(markdown.parse(text))
    if reader.problems:
        raise delivery.refuse_all(list(dict.fromkeys(reader.problems)))
    return _titled(reader.parts, delivery)


def _titled(found: list[tuple[int, str] | GivenPart], delivery: Delivery) -> tuple[str | None, tuple[GivenPart, ...]]:
    """Take a single leading ``#`` as the title, and the highest heading below it as the first level.

    Raises BadInput for a heading below the third.
    """
    tops = [part for part in found if isinstance(part, tuple) and part[0] == 1]
    title = tops[0] if len(tops) == 1 and found[0] is tops[0] else None
    rest = found[1:] if title else found
    highest = min((part[0] for part in rest if isinstance(part, tuple)), default=1)
    parts: list[GivenPart] = []
    for part in rest:
        if not isinstance(part, tuple):
            parts.append(part)
            continue
        level = part[0] - highest + 1
        if level > 3:
            raise delivery.refuse(f"标题“{shown(part[1])}”是第 {level} 级，标题最多三级", "改为正文或较高一级的标题")
        rank: Literal[1, 2, 3] = 1 if level == 1 else 2 if level == 2 else 3
        parts.append(GivenHeading(rank, part[1]))
    return title[1] if title else None, tuple(parts)


@dataclass
class _Reader:
    """Reads tokens in order and keeps every problem it meets."""

    delivery: Delivery
    lines: list[str]
    is_plain: bool
    parts: list[tuple[int, str] | GivenPart] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    _markers: list[str] = field(default_factory=list)
    _heading: int = 0
    _rows: list[list[str]] | None = None

    def read(self, tokens: Sequence[Token]) -> None:
        for token in tokens:
            self._token(token)

    def _token(self, token: Token) -> None:
        kind = token.type
        if kind in _REFUSED:
            self._refuse(token, *_REFUSED[kind])
        elif kind == "heading_open":
            self._heading = int(token.tag[1:])
        elif kind == "heading_close":
            self._heading = 0
        elif kind == "list_item_open":
            self._markers.append(f"{token.info}{token.markup} " if token.info else _BULLET)
        elif kind == "list_item_close":
            self._markers.pop()
        elif kind in {"table_open", "tr_open", "table_close"}:
            self._table(token)
        elif kind == "inline":
            self._inline(token)
        elif not (kind in _BLOCK_MARKS or kind.removesuffix("_open").removesuffix("_close") in _STRUCTURE):
            self._refuse(token, f"不能识别的内容（{kind}）", "改为普通段落")

    def _table(self, token: Token) -> None:
        if token.type == "table_open":
            self._rows = []
        elif token.type == "tr_open" and self._rows is not None:
            self._require_whole_row(token)
            self._rows.append([])
        elif self._rows is not None:
            header, *rows = (tuple(row) for row in self._rows)
            self.parts.append(GivenTable("", header, tuple(rows)))
            self._rows = None

    def _inline(self, token: Token) -> None:
        text = self._text(token)
        if self._rows is not None:
            self._rows[-1].append(" ".join(text.split()))
        elif self._heading:
            if not text.strip():
                return
            self.parts.append((self._heading, " ".join(text.split())))
        else:
            lines = [line.strip() for line in text.split("\n")]
            for line in filter(None, lines):
                marker = self._markers[-1] if self._markers else ""
                self.parts.append(GivenParagraph(f"{marker}{line}"))
                if self._markers:
                    self._markers[-1] = ""  # the item's further paragraphs carry no marker

    def _text(self, token: Token) -> str:
        """Return an inline token's text; a hard break, and in plain text every line's end, parts lines."""
        pieces: list[str] = []
        links: list[tuple[int, str]] = []
        for child in token.children or ():
            if child.type in {"text", "text_special", "code_inline"}:
                pieces.append(child.content)
            elif child.type == "softbreak":
                pieces.append("\n" if self.is_plain else _SOFT_BREAK)
            elif child.type == "hardbreak":
                pieces.append("\n")
            elif child.type == "link_open":
                links.append((len(pieces), str(child.attrs.get("href", ""))))
            elif child.type == "link_close":
                start, address = links.pop()
                words = "".join(pieces[start:])
                if address.removeprefix("mailto:") not in words:
                    pieces.append(f"（{address}）")
            elif child.type in _REFUSED:
                self._refuse(token, *_REFUSED[child.type])
            elif child.type not in _INLINE_MARKS:
                self._refuse(token, f"不能识别的内容（{child.type}）", "改为普通文字")
        # A line's end between Chinese characters is no space.
        return _BETWEEN_HAN.sub("", "".join(pieces)).replace(_SOFT_BREAK, " ")

    def _require_whole_row(self, token: Token) -> None:
        """Refuse a row with more cells than the header: the Markdown reader would cut them off."""
        if not self._rows or token.map is None:
            return
        line = token.map[0]
        cells = list(escapedSplit(self.lines[line].strip()))
        if cells and not cells[0].strip():
            cells = cells[1:]
        if cells and not cells[-1].strip():
            cells = cells[:-1]
        if len(cells) > len(self._rows[0]):
            fact = f"第 {line + 1} 行有 {len(cells)} 格，应与表头一样是 {len(self._rows[0])} 格"
            self.problems.append(self.delivery.problem(fact, "补齐表头，或删去多余的格"))

    def _refuse(self, token: Token, what: str, fix: str) -> None:
        place = f"第 {token.map[0] + 1} 行" if token.map else ""
        self.problems.append(self.delivery.problem(f"{place}有{what}，不能读取", fix))


_STRUCTURE = {
    "paragraph",
    "heading",
    "bullet_list",
    "ordered_list",
    "list_item",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
}

"""What a reader sees of a page, a text or a Word file, as plain text. Follows no link and runs no script.

Blocks and cells are parted by line ends and tabs, so that numbers of neighboring cells stay apart.
"""

from __future__ import annotations

import codecs
import re
from typing import Any

from obligations.rules.delivery import Delivery
from obligations.rules.visible_html import text_under, visible_root
from obligations.words.errors import BadInput

HTML, TEXT, PDF = "html", "text", "pdf"
WORD = "word"
TYPES = {
    "text/html": HTML,
    "application/xhtml+xml": HTML,
    "text/plain": TEXT,
    "application/pdf": PDF,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": WORD,
}
"""Media types that are read at all, and how."""

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_META = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_-]+)""", re.IGNORECASE)
_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9_-]+)""", re.IGNORECASE)
# Others are not believed: Latin-1 is what servers say that do not know, and decodes anything, wrongly.
_BELIEVED = {"gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "big5": "big5hkscs", "big5hkscs": "big5hkscs"}
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def decode(data: bytes, content_type: str) -> str:
    """Return text in the encoding it is in, whatever the server or the page says it is.

    Valid UTF-8 is taken for UTF-8; else what the header says, then what the page says, then GB 18030.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data.decode(name, "replace")
    said = _CHARSET.search(content_type)
    meta = _META.search(data[:4096])
    claimed = (said[1] if said else "", meta[1].decode() if meta else "")
    for name in ("utf-8", *filter(None, map(_believed, claimed))):
        try:
            return data.decode(name)
        except UnicodeDecodeError:
            continue
    return data.decode("gb18030", "replace")


def visible_text(markup: str) -> str:
    """Return what a reader sees of an HTML page; what scripts would add is not there."""
    root = visible_root(markup, ("head",))
    return "" if root is None else text_under(root)


def word_text(data: bytes) -> str | None:
    """Return the text of a Word file, None for one that cannot be read safely."""
    from obligations.rules.edited_word.package import open_word  # loads python-docx

    try:
        _, roots = open_word(data, Delivery("附件.docx"))
    except BadInput:
        return None
    return "\n".join(_word_lines(roots["word/document.xml"]))


def _word_lines(root: Any) -> list[str]:
    """Return the text in pieces: a new one for every paragraph, cell, line and tab."""
    pieces: list[str] = [""]
    for element in root.iter(f"{_W}t", f"{_W}tab", f"{_W}br", f"{_W}p", f"{_W}tc"):
        if element.tag == f"{_W}t":
            pieces[-1] += element.text or ""
        else:
            pieces.append("")
    return pieces


def _believed(claimed: str) -> str | None:
    """Return Python's name of an encoding that a page claims, None for one that is not believed."""
    try:
        return _BELIEVED.get(codecs.lookup(claimed).name)
    except LookupError:
        return None

"""How much an edited Word file may hold, counted before any of it is read. A report of hundreds of pages has a tenth.

Bytes are limited where the package is opened; but a megabyte holds forty thousand runs, and each is looked at.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from docx.oxml.ns import qn

from obligations.rules.delivery import Delivery

LIMIT_CHARACTERS = 20_000
"""Most characters of a paragraph."""
LIMIT_TEXT = 500_000
"""Most characters of the whole body."""
_MOST = (
    (qn("w:p"), 40_000, "段"),
    (qn("w:tc"), 20_000, "个单元格"),
    (qn("w:r"), 60_000, "处分开设置格式的文字"),
    (qn("w:br"), 20_000, "处手动换行"),
    (qn("w:cr"), 20_000, "处换行"),
    (qn("w:bookmarkStart"), 40_000, "个书签"),
)
_MOST_MARKS = 500
"""Bookmarks of one paragraph: a sentence of ours has one a number."""


def require_limits(body: Any, delivery: Delivery) -> None:
    """Raise BadInput for a body that holds more than anybody reads."""
    counts = Counter(element.tag for element in body.iter())
    for tag, most, what in _MOST:
        if counts[tag] > most:
            raise delivery.refuse(f"有 {counts[tag]} {what}，超过 {most} 的上限", "清除多余的格式，或删去多余的内容")
    total = 0
    for paragraph in body.iter(qn("w:p")):
        characters = sum(len(element.text or "") for element in paragraph.iter(qn("w:t")))
        total += characters
        if characters > LIMIT_CHARACTERS:
            raise delivery.refuse(f"有一段超过 {LIMIT_CHARACTERS} 字的上限", "分段或删去多余的内容")
        if sum(1 for _ in paragraph.iter(qn("w:bookmarkStart"))) > _MOST_MARKS:
            raise delivery.refuse(f"有一段的书签超过 {_MOST_MARKS} 个的上限", "分段，或删去多余的书签")
    if total > LIMIT_TEXT:
        raise delivery.refuse(f"共有 {total} 字，超过 {LIMIT_TEXT} 字的上限，应只含本期内容", "删去多余的内容")

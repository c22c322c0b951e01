"""A plan's text as one stream of characters without white space, each of which knows where it stands in the file.

Lines break anywhere in such texts (pages, narrow columns, names over two lines), so rules read the stream; quotes are
cut out of the file. ``plain`` has one character for each of the stream: Simplified, punctuation in half width, every
bracket round. Nothing here knows clauses.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from obligations.rules.simplified import simplified

_HALF = {0xFF01 + n: 0x21 + n for n in range(94)}
_BRACKETS = {ord(mark): "(" for mark in "〔【[［"} | {ord(mark): ")" for mark in "〕】]］"}
_QUOTES = {ord(mark): "“" for mark in "「『"} | {ord(mark): "”" for mark in "」』"}
_VARIANTS = str.maketrans("説産覈徵佈髮衆麽囯託閲録銷鉤・", "说产核征布发众么国托阅录销钩·")
_WIDTH: dict[int, int | str] = {**_HALF, **_BRACKETS, **_QUOTES}
_STRAIGHT = re.compile('"([^"\n]{0,200})"')
_BREAKS = re.compile(r"\s*\n\s*")


def plain(text: str) -> str:
    """Return ``text`` in the form rules read; it has the same length."""
    text = _STRAIGHT.sub(r"“\1”", text)
    if not _convertible().isdisjoint(text):
        text = _same_length(text)
    return text.translate(_VARIANTS).translate(_WIDTH)


@cache
def _convertible() -> frozenset[str]:
    """Return the characters that Simplified writes otherwise; a text without them needs no conversion."""
    block = "".join(map(chr, range(0x3400, 0xA000)))
    return frozenset(a for a, b in zip(block, _same_length(block), strict=True) if a != b)


def _same_length(text: str) -> str:
    """Convert to Simplified; a phrase that would change its length is converted character by character."""
    converted = simplified(text)
    return converted if len(converted) == len(text) else "".join(simplified(character)[:1] for character in text)


@dataclass(frozen=True, slots=True)
class Stream:
    """A text without its white space.

    Attributes:
        raw: the file's text.
        plain: one character for each that is no white space.
        at: position in ``raw`` of each character.
        opens: positions in ``plain`` at which a line begins, in order.
        lines: positions in ``raw`` at which each line begins, in order.
        dropped: ranges of ``raw`` that are no part of the stream, in order.
    """

    raw: str
    plain: str
    at: array[int]
    opens: array[int]
    lines: array[int]
    dropped: list[tuple[int, int]]

    def quote(self, start: int, end: int) -> str:
        """Return the verbatim text of ``plain[start:end]``; broken lines are joined, what was dropped is left out."""
        if start >= end:
            return ""
        begun, last = self.at[start], self.at[end - 1] + 1
        parts = []
        for gone, until in self.dropped[bisect_right(self.dropped, (begun, 0)) :]:
            if gone >= last:
                break
            parts.append(self.raw[begun:gone])
            begun = max(begun, min(until, last))
        parts.append(self.raw[begun:last])
        return _BREAKS.sub("", "".join(parts))

    def line(self, position: int) -> int:
        """Return the line of the file, from 1, in which a character stands."""
        if not self.at:
            return 1
        return bisect_right(self.lines, self.at[min(position, len(self.at) - 1)])

    def opens_line(self, position: int) -> bool:
        """Say whether a line begins with this character."""
        found = bisect_right(self.opens, position)
        return found > 0 and self.opens[found - 1] == position


def stream_of(raw: str, dropped: Iterable[tuple[int, int]] = ()) -> Stream:
    """Make the stream of a text without the ranges ``dropped``, which are in order and do not overlap."""
    kept, at, opens, lines = [], array("L"), array("L"), array("L", [0])
    gone = list(dropped)
    skip = iter(gone)
    gap = next(skip, None)
    position = 0
    for line in raw.splitlines(keepends=True):
        begins = True
        converted = plain(line)
        for offset, character in enumerate(converted):
            here = position + offset
            while gap is not None and gap[1] <= here:
                gap = next(skip, None)
            if character.isspace() or character in "\ufeff\u200b" or (gap is not None and gap[0] <= here):
                continue
            if begins:
                opens.append(len(at))
                begins = False
            kept.append(character)
            at.append(here)
        position += len(line)
        lines.append(position)
    return Stream(raw, "".join(kept), at, opens, lines, gone)

"""Cuts a text into sentences and their segments, brackets and quotation marks kept whole. Linear in the text."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST = 1200
"""Characters of a sentence; a longer run without a full stop is cut at a comma or here, so that every rule stays fast."""
_OPEN, _CLOSE = "(“《〈", ")”》〉"
_ENDS = "。;!?"
_PARTS = ",:"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece ``[start, end)`` of a text."""

    start: int
    end: int


def sentences(text: str, start: int = 0, end: int | None = None) -> Iterator[Span]:
    """Yield the sentences of ``text[start:end]``; each holds its closing mark."""
    end = len(text) if end is None else end
    begun, depth, comma = start, 0, None
    for position in range(start, end):
        character = text[position]
        if character in _OPEN:
            depth += 1
        elif character in _CLOSE:
            depth = max(0, depth - 1)
        elif character in _PARTS:
            comma = position + 1
        if position + 1 - begun >= LONGEST:
            cut = comma if comma is not None and comma > begun else position + 1
            yield Span(begun, cut)
            begun, depth, comma = cut, 0, None
        elif character in _ENDS and (depth == 0 or character == "。"):
            yield Span(begun, position + 1)
            begun, depth, comma = position + 1, 0, None
    if begun < end:
        yield Span(begun, end)


def segments(text: str) -> list[Span]:
    """Return the segments of a sentence, parted at commas and colons outside brackets and quotation marks."""
    found, begun, depth = [], 0, 0
    for position, character in enumerate(text):
        if character in _OPEN:
            depth += 1
        elif character in _CLOSE:
            depth = max(0, depth - 1)
        elif depth == 0 and character in _PARTS + _ENDS:
            if position > begun:
                found.append(Span(begun, position))
            begun = position + 1
    if begun < len(text):
        found.append(Span(begun, len(text)))
    return found


def brackets(text: str, longest: int = 900) -> Iterator[Span]:
    """Yield the outermost round brackets of a text, marks included; one that is not closed in time is none."""
    opened: deque[int] = deque()
    for position, character in enumerate(text):
        if character == "(":
            opened.append(position)
        elif character == ")" and opened:
            begun = opened.pop()
            if not opened:
                yield Span(begun, position + 1)
        if opened and position - opened[0] > longest:
            opened.popleft()

"""Whether a text holds everything that was approved, and what is missing or changed where it does not. Pure.

A site puts its own furniture around a text and may break lines, set other quotation marks or full-width digits; none of
that matters. A number that is another, or a paragraph or table row that is not there, does.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from obligations.words.sights import Approved

MOST_SENTENCES = 5
_BREAK = "\x1f"
_QUOTES = dict.fromkeys(map(ord, "“”„‟‘’‚‛«»‹›「」『』〝〞＂＇\"'"), '"')
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣－"), "-")
_SPACE = re.compile(r"\s+")
# Where a break lies between two numbers it stays, or 1 and 23 in two cells would read like 12 and 3, an ordinal like 3.2017.
_BETWEEN_NUMBERS = re.compile(r"(?:(?<=\d)|(?<=\d[.,]))\x1f(?=[-+.,\d])")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_ANY_NUMBER = r"\d+(?:[.,]\d+)*"
_LONGEST_SHOWN = 60


def find_missing(approved: Approved, text: str) -> tuple[str, ...]:
    """Return Chinese sentences for what ``text`` lacks, at most five; empty where it holds everything."""
    page = _plain(text)
    wanted = Counter(piece for piece in map(_plain, (approved.title, *approved.passages)) if piece)
    said: list[str] = []
    for piece, times in wanted.items():
        found = _count(piece, page, times)
        if found < times:
            said.append(_say(piece, page, found, times))
        if len(said) == MOST_SENTENCES:
            break
    return tuple(said)


def holds_title(approved: Approved, text: str) -> bool:
    """Whether the text holds the title at all: a challenge or an error page does not."""
    return _plain(approved.title) in _plain(text)


def _plain(text: str) -> str:
    """Return the text without what a site may change: width, quotation marks, dashes, invisible characters, white space."""
    text = unicodedata.normalize("NFKC", text.translate(_QUOTES | _DASHES)).translate(_QUOTES | _DASHES)
    text = "".join(char for char in text if unicodedata.category(char) != "Cf")
    text = _SPACE.sub(_BREAK, text)
    return _BETWEEN_NUMBERS.sub("\x00", text).replace(_BREAK, "").replace("\x00", _BREAK)


def _count(piece: str, page: str, enough: int) -> int:
    """Count where the piece stands in the page and is not a part of a longer number, up to ``enough``."""
    found, start = 0, page.find(piece)
    while start >= 0 and found < enough:
        end = start + len(piece)
        if _is_apart(page, start, end):
            found += 1
            start = page.find(piece, end)
        else:
            start = page.find(piece, start + 1)
    return found


def _is_apart(page: str, start: int, end: int) -> bool:
    """Whether a number at either edge of the piece ends there in the page, too."""
    if page[start].isdecimal() and re.search(r"(?:\d[.,]?|[-+])\Z", page[max(0, start - 2) : start]):
        return False
    return not (page[end - 1].isdecimal() and re.match(r"[%‰\d]|[.,]\d", page[end : end + 2]))


def _say(piece: str, page: str, found: int, times: int) -> str:
    if found:
        return f"“{_shown(piece)}”应出现{times}次，页面上只有{found}次"
    return _find_change(piece, page) or f"页面上没有“{_shown(piece)}”"


def _find_change(piece: str, page: str) -> str | None:
    """Name the first number that is another on the page, where all else of the piece is there."""
    numbers = _NUMBER.findall(piece)
    words = _NUMBER.split(piece)
    if not numbers or len("".join(words).replace(_BREAK, "")) < 2:
        return None  # numbers alone: anything would fit
    pattern = re.escape(words[0]) + "".join(f"({_ANY_NUMBER}){re.escape(word)}" for word in words[1:])
    for match in re.finditer(pattern, page):
        if match.groups() != tuple(numbers):
            position = next(
                n for n, (one, other) in enumerate(zip(numbers, match.groups(), strict=True)) if one != other
            )
            known = "".join(word + number for word, number in zip(words, numbers[:position], strict=False))
            before, after = (known + words[position])[-16:], words[position + 1][:6]
            said = f"“{before}{numbers[position]}{after}”在页面上是“{before}{match[position + 1]}{after}”"
            return said.replace(_BREAK, " ")
    return None


def _shown(piece: str) -> str:
    piece = piece.replace(_BREAK, " ")
    return piece if len(piece) <= _LONGEST_SHOWN else f"{piece[:_LONGEST_SHOWN]}…"

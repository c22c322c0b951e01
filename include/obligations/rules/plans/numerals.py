"""Chinese and Arabic numerals as headings and limits write them: up to 999. Nothing here reads a sentence."""

from __future__ import annotations

_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
NUMERAL = r"(?:\d{1,3}|[一二三四五六七八九十百两]{1,5})"
"""One numeral, for use within a pattern."""


def value_of(text: str) -> int | None:
    """Return the value of ``12``, ``十二``, ``两`` or ``三十``; None for what is no numeral."""
    if text.isdecimal():
        return int(text)
    total, digit = 0, 0
    for character in text:
        if character in _DIGITS:
            digit = _DIGITS[character]
        elif character == "十":
            total, digit = total + (digit or 1) * 10, 0
        elif character == "百":
            total, digit = total + (digit or 1) * 100, 0
        else:
            return None
    return total + digit if text else None

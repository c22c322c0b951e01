"""Finds the headings of a plan: 一、（一）1.（1） and their variants, also within a line, by the numbers they must have.

A number is a heading if it continues its sequence, so that figures within sentences are none: flattened tables and pages
without line breaks have headings anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from obligations.rules.plans.numerals import value_of
from obligations.rules.plans.stream import Stream

CHAPTER, SECTION, ITEM, POINT = 1, 2, 3, 4
_CHINESE = "一二三四五六七八九十"
_HEADING = re.compile(
    rf"(?P<chapter>[{_CHINESE}]{{1,3}})、|\((?P<section>[{_CHINESE}]{{1,3}})\)"
    r"|(?<![\d.])(?P<item>\d{1,3})[.、](?!\d)|\((?P<point>\d{1,2})\)"
)
_LEVELS = {"chapter": CHAPTER, "section": SECTION, "item": ITEM, "point": POINT}
_AFTER = "。;:!)”.|"
_LONGEST_HEADING = 30
_COLUMNS = {"单位", "要求", "时限", "部门", "任务", "备注", "内容"}
_PART = re.compile(r"篇[一二三四五六七八九十]:")


@dataclass(frozen=True, slots=True)
class Heading:
    """One heading: its level, its number as printed, the part of the file it belongs to, and where it stands."""

    level: int
    number: str
    part: int
    start: int
    end: int


def find_headings(stream: Stream) -> Iterator[Heading]:
    """Yield the headings in order; ``part`` counts the documents of one file, whose chapters begin anew."""
    last = {CHAPTER: 0, SECTION: 0, ITEM: 0, POINT: 0}
    parts = [match.start() for match in _PART.finditer(stream.plain) if stream.opens_line(match.start())]
    part, previous = 0, 0
    for match in _HEADING.finditer(stream.plain):
        level = _LEVELS[match.lastgroup or "item"]
        printed = match[match.lastgroup or 0]
        number = value_of(printed) or 0
        announced = bool(parts) and parts[0] <= match.start()
        if not _fits(stream, match.start(), level, number, last, after=previous, announced=announced):
            continue
        if level == CHAPTER and number == 1 and last[CHAPTER] > 0:
            part += 1
        parts = [start for start in parts if start > match.start()]
        last[level] = number
        for lower in range(level + 1, POINT + 1):
            # a numbering may run on over chapters; -n says that it may also begin anew
            last[lower] = -abs(last[lower])
        previous = match.end()
        yield Heading(level, printed, part, match.start(), match.end())


def _fits(
    stream: Stream, start: int, level: int, number: int, last: dict[int, int], *, after: int, announced: bool
) -> bool:
    known = abs(last[level])
    before = stream.plain[start - 1 : start]
    bounded = stream.opens_line(start) or not before or before in _AFTER or (before == "-" and start < 3)
    bulleted = before in "-•·*" and start >= 1 and stream.opens_line(start - 1)
    stands = bounded or bulleted or start == after
    if before == "第" or (level == CHAPTER and before in "、" + _CHINESE) or before in "《〈":
        return False
    if number == 1:
        begins_anew = last[level] <= 0
        titled = start - after <= _LONGEST_HEADING and "。" not in stream.plain[after:start]
        if level == CHAPTER:
            in_table = stream.plain[start - 2 : start] in _COLUMNS
            return (stands or in_table) and (known == 0 or known >= 2 or announced)
        return begins_anew and (stands or level == SECTION or (titled and after > 0 and level == ITEM))
    if level in {ITEM, POINT} and last[level] <= 0 and not stands:
        return number == known + 1 and known > 0 and not before.isascii()
    if number == known + 1:
        return stands or (level != POINT and not before.isascii() and before != "年")
    # a number that a broken page lost: a section may be missing, at the beginning of a line
    return stands and stream.opens_line(start) and known < number <= known + 2 and level <= SECTION

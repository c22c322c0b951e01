"""The ordinals a reader sees: 一、（一）1. for headings, 表1 for tables, 图1 for charts, 注：1. for notes. Counted here, written nowhere.

What is alone of its kind has none: a heading that is the only one of its level beneath the one above it, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from obligations.publications.wording import say_counting
from obligations.words.draft import Block, Chart, Heading, Note, NumberRun, Table, TextRun, runs_of


def numbered(blocks: Iterable[Block]) -> Iterator[tuple[Block, str]]:
    """Yield each block with the ordinal printed before it, empty where it has none."""
    blocks = tuple(blocks)
    counts = [0, 0, 0]
    notes, alone = _note_numbers(blocks), _alone(blocks)
    for position, block in enumerate(blocks):
        if isinstance(block, Heading):
            counts[block.level - 1] += 1
            counts[block.level :] = [0] * (3 - block.level)
            number = "" if position in alone else _heading_number(block.level, counts[block.level - 1])
            yield block, _apart(number, block)
        elif isinstance(block, Table):
            yield block, f"表{block.number}　" if block.number else ""
        elif isinstance(block, Chart):
            yield block, f"图{block.data.number}　" if block.data.number else ""
        else:
            yield block, _apart(notes.get(position, ""), block)


def _apart(ordinal: str, block: Block) -> str:
    """Return the ordinal with a space where a number follows it: 3. 2017年, which else reads as 3.2017."""
    if not ordinal.endswith("."):
        return ordinal
    first = next((run for runs in runs_of(block) for run in runs), None)
    is_number = isinstance(first, NumberRun) or (isinstance(first, TextRun) and first.text[:1].isdecimal())
    return f"{ordinal} " if is_number else ordinal


def _alone(blocks: tuple[Block, ...]) -> set[int]:
    """Return the positions of headings that are the only ones of their level beneath the heading above them."""
    groups: dict[tuple[int, ...], list[int]] = {}
    above = [0, 0, 0]
    for position, block in enumerate(blocks):
        if isinstance(block, Heading):
            groups.setdefault((block.level, *above[: block.level - 1]), []).append(position)
            above[block.level - 1] = position + 1
            above[block.level :] = [0] * (3 - block.level)
    return {found[0] for found in groups.values() if len(found) == 1}


def _heading_number(level: int, count: int) -> str:
    if level == 3:
        return f"{count}."
    return f"{say_counting(count)}、" if level == 1 else f"（{say_counting(count)}）"


def _note_numbers(blocks: tuple[Block, ...]) -> dict[int, str]:
    """Number the notes of each group that stands together: 注：1., 2.; a single one is 注：."""
    numbers: dict[int, str] = {}
    start = 0
    while start < len(blocks):
        end = start
        while end < len(blocks) and isinstance(blocks[end], Note):
            end += 1
        for count, position in enumerate(range(start, end), start=1):
            ordinal = f"{count}." if end - start > 1 else ""
            numbers[position] = f"注：{ordinal}" if count == 1 else ordinal
        start = max(end, start + 1)
    return numbers

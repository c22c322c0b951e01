"""The ordinals a reader sees: 一、（一）1. for headings, 表1 for tables, 图1 for charts, 注：1. for notes. Counted here, written nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from obligations.publications.wording import say_counting
from obligations.words.draft import Block, Chart, Heading, Note, Table


def numbered(blocks: Iterable[Block]) -> Iterator[tuple[Block, str]]:
    """Yield each block with the ordinal printed before it, empty where it has none."""
    blocks = tuple(blocks)
    counts = [0, 0, 0]
    notes = _note_numbers(blocks)
    for position, block in enumerate(blocks):
        if isinstance(block, Heading):
            counts[block.level - 1] += 1
            counts[block.level :] = [0] * (3 - block.level)
            yield block, _heading_number(block.level, counts[block.level - 1])
        elif isinstance(block, Table):
            yield block, f"表{block.number}　" if block.number else ""
        elif isinstance(block, Chart):
            yield block, f"图{block.data.number}　" if block.data.number else ""
        else:
            yield block, notes.get(position, "")


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

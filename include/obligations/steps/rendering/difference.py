"""What is different between two versions of a document, block by block, in words. Pure: no files, no versions chosen here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from obligations.steps.rendering.numbering import numbered
from obligations.steps.rendering.text import NO_DATE, say_runs
from obligations.words.draft import Chart, DocumentModel, Heading, Note, Signature, Table

TITLE, NOTE, SIGNATURE = "题目", "注", "落款"
_CLAUSE = re.compile(r"[^，。；：、｜]*[，。；：、｜]?")
_ALIKE = 0.4
"""From this share of common clauses or characters on, two texts are one text that was changed."""


@dataclass(frozen=True, slots=True)
class Change:
    """One text that is new, gone or different.

    Attributes:
        place: the heading above it, the table it is a row of, or 题目, 注, 落款.
        before, after: the whole text, empty where there was or is none.
    """

    place: str
    before: str
    after: str

    @property
    def sort(self) -> Literal["added", "removed", "changed"]:
        """Whether the text is new, gone or different."""
        return "changed" if self.before and self.after else "added" if self.after else "removed"

    def parts(self) -> Iterator[tuple[str, str]]:
        """Yield what stood and what stands instead, by clauses; one of the two may be empty."""
        old, new = _CLAUSE.findall(self.before), _CLAUSE.findall(self.after)
        for what, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if what != "equal":
                yield "".join(old[i:j]), "".join(new[k:m])

    def said(self) -> str:
        """Say it in one line, ``收入：“增长1.9%”改为“增长2.9%”；增加“…”。``."""
        return f"{self.place}：{'；'.join(_say(*part) for part in self.parts())}。"


def differences(before: DocumentModel, after: DocumentModel) -> tuple[Change, ...]:
    """Return what is different in ``after``, in its reading order. Ordinals are left out: they follow from the rest."""
    old, new = list(_lines(before)), list(_lines(after))
    # by their words alone: what stands under another heading is the same text still
    matcher = SequenceMatcher(None, [text for _, text in old], [text for _, text in new], autojunk=False)
    found: list[Change] = []
    for what, i, j, k, m in matcher.get_opcodes():
        if what != "equal":
            found += _paired(old[i:j], new[k:m])
    return tuple(found)


def _say(before: str, after: str) -> str:
    before, after = (text.strip("，。；：、｜") for text in (before, after))
    if before and after:
        return f"“{before}”改为“{after}”"
    return f"增加“{after}”" if after else f"删去“{before}”"


def _lines(document: DocumentModel) -> Iterator[tuple[str, str]]:
    """Yield every text with its place."""
    yield TITLE, document.title
    if document.subtitle:
        yield TITLE, document.subtitle
    place = "正文"
    for block, _ in numbered(document.blocks):
        if isinstance(block, Table | Chart):
            table = block.data if isinstance(block, Chart) else block
            name = table.caption or place
            yield name, "｜".join([f"{table.caption}（{table.unit}）", *(column.header for column in table.columns)])
            yield from ((name, "｜".join(map(say_runs, row))) for row in table.rows)
        elif isinstance(block, Signature):
            yield SIGNATURE, block.department
            yield SIGNATURE, block.date or NO_DATE
        elif isinstance(block, Note):
            yield NOTE, say_runs(block.runs)
        else:
            text = say_runs(block.runs)
            place = text if isinstance(block, Heading) else place
            yield place, text


def _paired(old: list[tuple[str, str]], new: list[tuple[str, str]]) -> Iterable[Change]:
    """Match what is gone with what is new where the one became the other; order is kept."""
    found: list[Change] = []
    rest = old
    alone = len(old) == len(new) == 1 and old[0][0] == new[0][0]
    for place, text in new:
        likeness = [(_likeness(line, (place, text)), -position) for position, line in enumerate(rest)]
        best, position = max(likeness, default=(0.0, 0))
        if best < _ALIKE and not (alone and "｜" not in text):
            found.append(Change(place, "", text))
            continue
        found += [Change(gone, before, "") for gone, before in rest[:-position]]
        found.append(Change(place, rest[-position][1], text))
        rest = rest[-position + 1 :]
    return [*found, *(Change(gone, before, "") for gone, before in rest)]


def _likeness(old: tuple[str, str], new: tuple[str, str]) -> float:
    """Return how much two texts have in common, 0 to 1; rows of a table are known by their first cell."""
    if "｜" in old[1] and "｜" in new[1] and old[0] == new[0]:
        return float(old[1].split("｜")[0] == new[1].split("｜")[0])
    return SequenceMatcher(None, old[1], new[1], autojunk=False).ratio()

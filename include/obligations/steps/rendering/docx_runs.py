"""Matches the edited text of one block or cell with the runs it was drafted with: bookmarks first, then likeness.

A number stays a measure only as it was printed; a changed one is plain text that nobody vouches for. What a person
typed is ``given`` where it has digits, for the words of a template have none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from obligations.rules.edited_word.pieces import Line, Mark
from obligations.steps.rendering.cleaning import OPEN_MARK
from obligations.steps.rendering.text import say_runs
from obligations.steps.rendering.vocabulary import DIGIT
from obligations.words.draft import BlankRun, Origin, Run, Runs, TextRun

_DIGITS_BEFORE = re.compile(r"\d[.,]?$")
_DIGITS_BEHIND = re.compile(r"\d[.,]?\d")


@dataclass(frozen=True, slots=True)
class Drafted:
    """The runs of a block or cell as drafted, and the bookmark each was written with, None for text."""

    runs: Runs = ()
    marks: tuple[str | None, ...] = ()

    def text(self) -> str:
        """Return the runs as printed."""
        return say_runs(self.runs)


def matched(line: Line, start: int, drafted: Drafted) -> Runs:
    """Return the runs of what now stands in ``line`` from ``start`` on."""
    text = line.text[start:]
    if text == drafted.text():
        return drafted.runs
    shifted = [Mark(mark.name, max(mark.start - start, 0), max(mark.end - start, 0)) for mark in line.marks]
    return _Match(text, drafted).runs({mark.name: mark for mark in shifted})


class _Match:
    """Says for each character of an edited text which run it belongs to, if any."""

    def __init__(self, text: str, drafted: Drafted) -> None:
        self._text = text
        self._drafted = drafted
        self._printed = [say_runs((run,)) for run in drafted.runs]
        self._owners: list[int | None] = [None] * len(text)
        self._answered: set[int] = set()

    def runs(self, marks: dict[str, Mark]) -> Runs:
        anchors = self._anchor(marks)
        before, position = -1, 0
        for index, start, end in [*anchors, (len(self._printed), len(self._text), len(self._text))]:
            self._match(range(before + 1, index), position, start)
            before, position = index, end
        return _joined([self._run(*segment) for segment in self._segments()])

    def _anchor(self, marks: dict[str, Mark]) -> list[tuple[int, int, int]]:
        """Give every marked number and blank its place; return those in drafted order, as (run, start, end)."""
        found = []
        for index, name in enumerate(self._drafted.marks):
            mark = marks.get(name or "")
            if mark is None or mark.start >= mark.end:
                continue
            run, words = self._drafted.runs[index], self._text[mark.start : mark.end]
            if isinstance(run, BlankRun):
                if words != self._printed[index]:
                    if OPEN_MARK in words:
                        continue  # neither open as drafted nor answered: its words stay, and cannot be published
                    self._answered.add(index)
                self._own(index, mark.start, mark.end)
            elif words == self._printed[index]:
                self._own(index, mark.start, mark.end)
            found.append((index, mark.start, mark.end))
        found.sort(key=lambda each: each[1])
        ordered: list[tuple[int, int, int]] = []
        for anchor in found:
            if not ordered or (anchor[0] > ordered[-1][0] and anchor[1] >= ordered[-1][2]):
                ordered.append(anchor)
        return ordered

    def _own(self, index: int, start: int, end: int) -> None:
        self._owners[start:end] = [index] * (end - start)

    def _match(self, indexes: range, start: int, end: int) -> None:
        """Match the drafted runs ``indexes`` with the text from ``start`` to ``end``; a blank is one piece."""
        drafted = [(item, index) for index in indexes for item in self._items(index)]
        pieces = self._pieces(indexes, start, end)
        matcher = SequenceMatcher(None, [item for item, _ in drafted], [item for item, _, _ in pieces], autojunk=False)
        for what, first, last, begin, stop in matcher.get_opcodes():
            if what == "equal":
                for (_, index), (_, left, right) in zip(drafted[first:last], pieces[begin:stop], strict=True):
                    if self._owners[left] is None:
                        self._own(index, left, right)
            elif what == "replace":
                blanks = {index for _, index in drafted[first:last] if isinstance(self._drafted.runs[index], BlankRun)}
                left, right = pieces[begin][1], pieces[stop - 1][2]
                if len(blanks) == 1 and OPEN_MARK not in self._text[left:right]:
                    self._answered |= blanks
                    self._own(next(iter(blanks)), left, right)

    def _items(self, index: int) -> Sequence[str]:
        return [self._printed[index]] if isinstance(self._drafted.runs[index], BlankRun) else self._printed[index]

    def _pieces(self, indexes: range, start: int, end: int) -> list[tuple[str, int, int]]:
        """Return the characters of the text with their place, a blank as drafted as one."""
        blanks = [self._printed[index] for index in indexes if isinstance(self._drafted.runs[index], BlankRun)]
        pieces, position = [], start
        while position < end:
            whole = next((words for words in blanks if words and self._text.startswith(words, position, end)), None)
            step = len(whole or "x")
            pieces.append((self._text[position : position + step], position, position + step))
            position += step
        return pieces

    def _segments(self) -> list[tuple[int | None, int, int]]:
        segments: list[tuple[int | None, int, int]] = []
        for place, owner in enumerate(self._owners):
            if segments and segments[-1][0] == owner:
                segments[-1] = (owner, segments[-1][1], place + 1)
            else:
                segments.append((owner, place, place + 1))
        return segments

    def _run(self, owner: int | None, start: int, end: int) -> Run:
        words = self._text[start:end]
        run = None if owner is None else self._drafted.runs[owner]
        if isinstance(run, TextRun):
            return replace(run, text=words)
        if isinstance(run, BlankRun) and owner in self._answered:
            return replace(run, answer=words)
        if run is not None and owner is not None and words == self._printed[owner] and not self._goes_on(start, end):
            return run
        return TextRun(words, _origin(words))

    def _goes_on(self, start: int, end: int) -> bool:
        """Say whether more digits stand right before or behind: 8.3% after a 1 is another number."""
        return bool(_DIGITS_BEFORE.search(self._text[:start]) or _DIGITS_BEHIND.match(self._text[end - 1 :]))


def _origin(words: str) -> Origin:
    return "given" if DIGIT.search(words) else "words"


def _joined(runs: list[Run]) -> Runs:
    joined: list[Run] = []
    for run in runs:
        last = joined[-1] if joined else None
        if isinstance(run, TextRun) and isinstance(last, TextRun) and run.origin == last.origin:
            joined[-1] = TextRun(last.text + run.text, run.origin)
        else:
            joined.append(run)
    return tuple(joined)

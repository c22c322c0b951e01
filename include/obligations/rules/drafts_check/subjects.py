"""Whose number a number is: the item that its sentence names last before it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from obligations.rules.drafts_check.figures_file import Figures, Known

_ENDS = "。；！？\n"
_CLAUSE = re.compile(r"[，。；：、（）！？]")


@dataclass(frozen=True)
class Subjects:
    """The items of the data by the names people give them.

    Attributes:
        names: (alias, item), the longest first; an alias that two items could mean is none.
    """

    names: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, figures: Figures) -> Subjects:
        """Return the items of a figures file: their full names, and endings that belong to one item only."""
        items = list(dict.fromkeys(each.item for each in figures.measures if each.item))
        names = {}
        for item in items:
            names[item] = item
            for start in range(1, len(item) - 2):
                ending = item[start:]
                if not any(ending in other for other in items if other != item):
                    names[ending] = item
        return cls(tuple(sorted(names.items(), key=lambda pair: -len(pair[0]))))

    def before(self, text: str, place: int) -> str | None:
        """Return the item named last before ``place``, in its sentence or else in the paragraph."""
        for start in (sentence_start(text, place), 0):
            best: tuple[int, int, str] | None = None
            for alias, item in self.names:
                found = text.rfind(alias, start, place)
                if found >= 0 and (best is None or (found + len(alias), len(alias)) > best[:2]):
                    best = (found + len(alias), len(alias), item)
            if best:
                return best[2]
        return None


def sentence_start(text: str, place: int) -> int:
    """Return where the sentence begins that ``place`` stands in."""
    return max(text.rfind(end, 0, place) for end in _ENDS) + 1


def clause_before(text: str, place: int) -> str:
    """Return what the clause says before ``place``; a list's 、 begins a new one."""
    start = sentence_start(text, place)
    return _CLAUSE.split(text[start:place])[-1]


def nearest(measures: list[Known], text: str, place: int) -> Known | None:
    """Return the measure whose label is most like the words before ``place``, None where none is like them."""
    sentence, clause = text[sentence_start(text, place) : place], clause_before(text, place)
    around = ((clause, 12), (sentence[-24:], 3), (sentence, 1))
    scored = [(sum(_likeness(each, words) * weight for words, weight in around), each) for each in measures]
    best = max(scored, key=lambda pair: pair[0], default=None)
    return best[1] if best and best[0] > 0 else None


def _likeness(measure: Known, words: str) -> float:
    said = measure.label.removeprefix(measure.item)
    pairs = {said[place : place + 2] for place in range(len(said) - 1)}
    return sum(pair in words for pair in pairs) / len(pairs) if pairs else 0.0

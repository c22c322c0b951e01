"""Compares what a plan orders with a catalogue: what is there already, what is new, changed or dropped. Pure.

Two texts are of one duty if their words overlap; each entry is matched once, the closest first. Wording, not titles, is
compared, for titles are ours.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from obligations.rules.plans.stream import plain
from obligations.words.clocks import Clock
from obligations.words.obligation import Obligation
from obligations.words.plans import Candidate, PlanFacts

Change = Literal["已在清单", "新增", "沿用", "时限变化", "责任单位变化", "时限和责任单位变化"]
_ALIKE, _ALIKE_WITH_CLOCK = 0.62, 0.45


@dataclass(frozen=True, slots=True)
class Compared:
    """A candidate beside the entry it continues, if there is one, and what changed."""

    candidate: Candidate
    entry: Obligation | None
    change: Change


@dataclass(frozen=True, slots=True)
class Comparison:
    """All candidates in order, and the entries of earlier plans that the new one no longer orders."""

    compared: tuple[Compared, ...]
    dropped: tuple[Obligation, ...]

    @property
    def proposed(self) -> tuple[Compared, ...]:
        """The candidates that the catalogue does not hold already."""
        return tuple(each for each in self.compared if each.change != "已在清单")


def compare(candidates: Sequence[Candidate], facts: Sequence[PlanFacts], entries: Iterable[Obligation]) -> Comparison:
    """Match candidates with entries; an entry of the same plan is ``已在清单``, one of an earlier plan is continued."""
    known = [entry for entry in entries if entry.adopted_from is None]
    own = {entry.key: _is_of(entry, facts) for entry in known}
    matched = _matched(candidates, known, own)
    compared = []
    for position, candidate in enumerate(candidates):
        entry = matched.get(position)
        compared.append(Compared(candidate, entry, _change(candidate, entry, own)))
    met = {entry.key for entry in matched.values()}
    return Comparison(
        tuple(compared),
        tuple(entry for entry in known if entry.key not in met and not own[entry.key]),
    )


def _is_of(entry: Obligation, facts: Sequence[PlanFacts]) -> bool:
    """Say whether an entry is of one of the plans that were read: by 文号, else by title."""
    document = entry.document
    for each in facts:
        if document.number and each.number:
            if document.number == each.number:
                return True
        elif _title(document.title) == _title(each.title):
            return True
    return False


def _title(text: str) -> str:
    return plain("".join(text.split())).strip("《》")


def _matched(candidates: Sequence[Candidate], known: list[Obligation], own: dict[str, bool]) -> dict[int, Obligation]:
    words = [_pairs(candidate.quote) for candidate in candidates]
    theirs = [_pairs(entry.quote) for entry in known]
    clocks = [canonical(candidate.clock) for candidate in candidates]
    pairs = []
    for position, candidate in enumerate(candidates):
        for number, entry in enumerate(known):
            alike = _overlap(words[position], theirs[number])
            if alike < _ALIKE_WITH_CLOCK:
                continue
            same_clock = clocks[position] == canonical(entry.clock)
            if alike >= _ALIKE or same_clock:
                same_bodies = names_of(candidate.departments) == names_of(entry.departments)
                close = own[entry.key] and entry.line is not None and abs(entry.line - candidate.line) <= 2
                score = (same_clock, candidate.clock.kind == entry.clock.kind, close, same_bodies, alike)
                pairs.append((score, -position, -number))
    found: dict[int, Obligation] = {}
    used: set[int] = set()
    for _, position, number in sorted(pairs, reverse=True):
        if -position not in found and -number not in used:
            found[-position] = known[-number]
            used.add(-number)
    return found


def _change(candidate: Candidate, entry: Obligation | None, own: dict[str, bool]) -> Change:
    if entry is None:
        return "新增"
    if own[entry.key]:
        return "已在清单"
    clock = canonical(candidate.clock) != canonical(entry.clock)
    bodies = names_of(candidate.departments) != names_of(entry.departments)
    if clock and bodies:
        return "时限和责任单位变化"
    return "时限变化" if clock else "责任单位变化" if bodies else "沿用"


def _pairs(text: str) -> frozenset[str]:
    shape = plain("".join(text.split()))
    return frozenset(shape[place : place + 2] for place in range(len(shape) - 1))


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, min(len(one), len(other)))


def canonical(clock: Clock) -> str:
    """Return a clock's canonical form for comparing; what a percentage is of is told in many words and left out."""
    form = clock.canonical()
    if isinstance(form, dict):
        form = {name: value for name, value in form.items() if name != "of"}
    return json.dumps(form, sort_keys=True, ensure_ascii=False)


def names_of(departments: Iterable[str]) -> frozenset[str]:
    """Return department names for comparing: Simplified, without white space."""
    return frozenset(plain("".join(name.split())) for name in departments)

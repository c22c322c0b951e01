"""Plans to read: the seven documents beside the repository, and plans written here that no rule has seen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from obligations.orchestration.settings import PACKAGE
from obligations.rules.catalogue import load
from obligations.rules.plans.comparison import canonical
from obligations.rules.plans.extract import extract
from obligations.rules.plans.stream import plain
from obligations.words.plans import SourceText

SHARED = Path(__file__).parents[3].parent / "shared"
LINES = {"hebi": (15, 63), "daqing": (67, 165), "altay": (169, 255)}
"""Three of the documents stand in one file; its README says between which lines."""
JURISDICTIONS = ("heilongjiang", "shandong", "dingtao", "hebi", "daqing", "altay", "zhoushan")
ALIKE, SHORTEST = 0.45, 8


def shared_file(*names):
    """Return a file beside the repository; skip, and say so, where it is not there."""
    path = SHARED.joinpath(*names)
    if not path.is_file():
        pytest.skip(f"{'/'.join(names)} is not at {SHARED}: what the plan reader finds there is NOT proved in this run")
    return path


def squeezed(text):
    """Return a text as the rules compare it."""
    return plain("".join(text.split()))


def longest_run(one, other):
    """Return the length of the longest run of characters that two texts share."""
    best, lengths = 0, [0] * (len(other) + 1)
    for character in one:
        previous = 0
        for place, theirs in enumerate(other, start=1):
            kept = lengths[place]
            lengths[place] = previous + 1 if character == theirs else 0
            best = max(best, lengths[place])
            previous = kept
    return best


@dataclass
class Measured:
    """One document read, beside its accepted entries.

    Attributes:
        entries, candidates: of the catalogue, of the reader.
        text: of the document, verbatim.
        met: position of an entry → position of the candidate that is it; each is used once.
    """

    entries: list
    candidates: list
    met: dict
    text: str

    def right_clock(self, entry):
        return canonical(self.candidates[self.met[entry]].clock) == canonical(self.entries[entry].clock)

    def right_bodies(self, entry):
        ours = {part for name in self.candidates[self.met[entry]].departments for part in squeezed(name).split("、")}
        return ours == {part for name in self.entries[entry].departments for part in squeezed(name).split("、")}


def pair(entries, candidates):
    """Match by shared wording near the same line, entries and candidates once each, those of one clock first."""
    pairs = []
    for number, candidate in enumerate(candidates):
        ours = squeezed(candidate.quote)
        for place, entry in enumerate(entries):
            theirs = squeezed(entry.quote)
            if abs(candidate.line - entry.line) > 6:
                continue
            shared = longest_run(ours, theirs)
            if shared < min(SHORTEST, len(theirs)) or shared < ALIKE * min(len(ours), len(theirs)):
                continue
            same_clock = canonical(candidate.clock) == canonical(entry.clock)
            same_kind = candidate.clock.kind == entry.clock.kind
            near = shared / max(len(ours), len(theirs))
            if same_kind or near >= 0.5:
                bodies = {squeezed(name) for name in candidate.departments} == {
                    squeezed(name) for name in entry.departments
                }
                pairs.append(((same_clock, same_kind, bodies, near, shared), number, place))
    met, used = {}, set()
    for _, number, place in sorted(pairs, reverse=True):
        if place not in met and number not in used:
            met[place] = number
            used.add(number)
    return met


def plan_text(jurisdiction, file):
    """Return a document's text; the other documents of its file are left out, its line numbers kept."""
    text = shared_file("documents", file).read_text("utf-8")
    if jurisdiction in LINES:
        first, last = LINES[jurisdiction]
        lines = text.split("\n")
        return "\n".join([*[""] * (first - 1), *lines[first - 1 : last]])
    return text


@pytest.fixture(scope="session")
def measured():
    """Read the seven documents and match what was found with the accepted catalogue."""
    catalogue = load(PACKAGE / "catalogue").obligations
    found = {}
    for jurisdiction in JURISDICTIONS:
        entries = [
            entry
            for entry in catalogue.values()
            if entry.jurisdiction.slug == jurisdiction and entry.adopted_from is None
        ]
        file = entries[0].document.file
        text = plan_text(jurisdiction, file)
        candidates = list(extract(SourceText(file, text)).candidates)
        found[jurisdiction] = Measured(entries, candidates, pair(entries, candidates), text)
    return found


@pytest.fixture
def read():
    """Read a plan written in a test."""

    def reading(text, file="plan.txt"):
        return extract(SourceText(file, text))

    return reading

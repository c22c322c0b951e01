"""What reading a work plan finds: clauses, time expressions, candidates, what was left out. The rules are ``rules.plans``."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Literal

from obligations.words.clocks import Clock
from obligations.words.limits import Limit
from obligations.words.obligation import Duty

Confidence = Literal["高", "中", "低"]


@dataclass(frozen=True, slots=True)
class SourceText:
    """The whole text of a plan, as its file gave it.

    Attributes:
        file: name of the file.
        text: with line ends; a row of a table is one line, its cells parted by ``|``.
        notes: what the file holds that was not read, in Chinese.
    """

    file: str
    text: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SetAside:
    """Words that are no part of the plan, or that name no obligation: kept for the reader, with the reason.

    Attributes:
        line: line of the source text, from 1.
        clause: where it stands, empty outside any clause.
        quote: verbatim.
        words: the words that drew attention.
        reason: why it was left out, in Chinese.
    """

    line: int
    clause: str
    quote: str
    words: str
    reason: str


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """What a plan says of itself.

    Attributes:
        title: in Simplified characters; number: 文号 with 〔〕.
        issued_by: as signed; issued_on: 成文日期, the first date that fits.
        year: the year the plan binds: that of its title, of its number, or of its date.
        until: last year it binds, for a plan over several years.
    """

    title: str
    number: str | None
    issued_by: str | None
    issued_on: dt.date | None
    year: int | None
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Bodies:
    """The bodies that a bracket, a table row or a subject names, verbatim and in order.

    Attributes:
        leads: 牵头单位; others: 责任单位, 配合单位.
        told_by: the words that name them; empty where nothing does.
    """

    leads: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    told_by: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Every body once, those that lead first."""
        return tuple(dict.fromkeys((*self.leads, *self.others)))


@dataclass(frozen=True, slots=True)
class Candidate:
    """One obligation that the text seems to order, for a person to accept.

    Attributes:
        slug: its file name, if it is accepted.
        clause, line, quote, title, duty, clock, items: as in ``ObligationFile``; the quote is verbatim.
        departments: verbatim, those that lead first; leads: those of them that lead.
        words: the words that gave the clock.
        reasons: Chinese sentences: which words gave what.
        confidence: 高 for a number, date or cadence with a body and a thing; 低 where one of them is presumed.
        document: position of its document in the file, from 0.
        publication: publication kind, until an entry that it continues gives a better one.
        limit: time from a period's end, where the text gives it.
    """

    slug: str
    clause: str
    line: int
    quote: str
    title: str
    duty: Duty
    clock: Clock
    departments: tuple[str, ...]
    leads: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    words: str = ""
    reasons: tuple[str, ...] = ()
    confidence: Confidence = "中"
    document: int = 0
    publication: str = "submission"
    limit: Limit | None = None


@dataclass(frozen=True, slots=True)
class Extraction:
    """What was read of one file.

    Attributes:
        documents: the plans in it, in order.
        candidates: in the order of the text.
        left_out: time words that make no candidate; aside: injected words and page furniture.
    """

    source: SourceText
    documents: tuple[PlanFacts, ...]
    candidates: tuple[Candidate, ...]
    left_out: tuple[SetAside, ...] = ()
    aside: tuple[SetAside, ...] = field(default=())

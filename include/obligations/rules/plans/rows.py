"""Reads a row of a table: its time column gives the row's clock; its words may order more, each with a clock of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from obligations.rules.plans.clauses import Clause
from obligations.rules.plans.marks import Mark, Rank
from obligations.rules.plans.reading import Finding, read_sentence
from obligations.rules.plans.sentences import Span, sentences
from obligations.rules.plans.time_words import cadences, dates, is_all_year
from obligations.words.clocks import DeadlineClock, StandingClock
from obligations.words.plans import SetAside

_BARE_DATE = re.compile(r"(?:(20\d\d)年)?(\d{1,2})月(?:底|末|(\d{1,2})日)?$")
FULL_TIME = "表格时限栏"


def row_findings(clause: Clause, year: int | None, left: list[SetAside]) -> Iterator[tuple[Finding, Span]]:
    """Yield the findings of a row, each with the piece of the stream that its places count from."""
    plain = clause.stream.plain
    whole = _row_finding(clause, year)
    found: list[tuple[Finding, Span]] = []
    first: Span | None = None
    for span in clause.spans:
        for piece in sentences(plain, span.start, span.end):
            first = first or piece
            text = plain[piece.start : piece.end]
            findings, dropped = read_sentence(text, year)
            found += [(finding, piece) for finding in findings if not _says_again(finding, whole, piece is first)]
            left += [
                clause.aside(piece.start + each.start, piece.start + each.end, each.words, each.reason)
                for each in dropped
            ]
    if whole is not None:
        yield whole
    yield from found


def _says_again(finding: Finding, whole: tuple[Finding, Span] | None, is_first: bool) -> bool:
    """Say whether the first words of a row that is to be kept current all year only say so again."""
    return (
        whole is not None
        and is_first
        and finding.start == 0
        and finding.mark.rank is Rank.CONTINUOUS
        and whole[0].mark.rank is Rank.CONTINUOUS
    )


def _row_finding(clause: Clause, year: int | None) -> tuple[Finding, Span] | None:
    if clause.limit is None:
        return None
    words = clause.stream.plain[clause.limit.start : clause.limit.end]
    mark = limit_mark(words, year)
    if mark is None:
        return None
    span = Span(clause.spans[0].start, clause.spans[-1].end)
    return Finding(0, span.end - span.start, mark, None), span


def limit_mark(words: str, year: int | None) -> Mark | None:
    """Read the words of a time column: 全年, 12月底前, 每季度."""
    found = [*dates(words, year), *cadences(words)]
    if found:
        return min(found, key=lambda mark: mark.rank)
    if is_all_year(words):
        clock = StandingClock(kind="standing", rule="TIMELY" if words.startswith("及时") else "CONTINUOUS")
        return Mark(0, len(words), clock, Rank.CONTINUOUS, words, why=f"{FULL_TIME}为“{words}”")
    bare = _BARE_DATE.match(words)
    if bare and (year or bare[1]):
        again = [*dates(f"{words}前", year)]
        return again[0] if again and isinstance(again[0].clock, DeadlineClock) else None
    return None

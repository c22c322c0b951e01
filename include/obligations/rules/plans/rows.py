"""Reads a row of a table: its time column gives the row's clock; its words may order more, each with a clock of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from obligations.rules.plans.clauses import Clause
from obligations.rules.plans.event_words import limits
from obligations.rules.plans.marks import Mark, Rank
from obligations.rules.plans.reading import UNREAD, Finding, read_sentence
from obligations.rules.plans.sentences import Span, sentences
from obligations.rules.plans.time_words import cadences, dates, is_all_year
from obligations.words.clocks import DeadlineClock, StandingClock
from obligations.words.plans import SetAside

_BARE_DATE = re.compile(r"(?:20\d\d年)?\d{1,2}月(?P<last>底|末|\d{1,2}日)?$")
FULL_TIME = "表格时限栏"


def row_findings(clause: Clause, year: int | None, left: list[SetAside]) -> Iterator[tuple[Finding, Span]]:
    """Yield the findings of a row, each with the piece of the stream that its places count from."""
    plain = clause.stream.plain
    whole = _row_findings(clause, year)
    if clause.limit is not None and not whole:
        words = plain[clause.limit.start : clause.limit.end]
        left.append(clause.aside(clause.limit.start, clause.limit.end, words, UNREAD))
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
    yield from whole
    yield from found


def _says_again(finding: Finding, whole: list[tuple[Finding, Span]], is_first: bool) -> bool:
    """Say whether the first words of a row that is to be kept current all year only say so again."""
    return (
        is_first
        and finding.start == 0
        and finding.mark.rank is Rank.CONTINUOUS
        and any(row.mark.rank is Rank.CONTINUOUS for row, _ in whole)
    )


def _row_findings(clause: Clause, year: int | None) -> list[tuple[Finding, Span]]:
    if clause.limit is None:
        return []
    words = clause.stream.plain[clause.limit.start : clause.limit.end]
    span = Span(clause.spans[0].start, clause.spans[-1].end)
    return [(Finding(0, span.end - span.start, mark, None), span) for mark in _limit_marks(words, year)]


def _limit_marks(words: str, year: int | None) -> list[Mark]:
    """Read the words of a time column: 全年, 6月底、12月底前, 每季度; nothing where the rules do not know them."""
    found = [*dates(words, year), *limits(words), *cadences(words)]
    if found:
        strongest = min(mark.rank for mark in found)
        return [mark for mark in found if mark.rank is strongest]
    if is_all_year(words):
        clock = StandingClock(kind="standing", rule="TIMELY" if words.startswith("及时") else "CONTINUOUS")
        return [Mark(0, len(words), clock, Rank.CONTINUOUS, words, why=f"{FULL_TIME}为“{words}”")]
    bare = _BARE_DATE.match(words)
    if bare is None:
        return []
    ends = words if bare["last"] else f"{words}底"  # 12月 in a time column is all of December
    return [mark for mark in dates(f"{ends}前", year) if isinstance(mark.clock, DeadlineClock)]

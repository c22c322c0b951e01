"""A plan's text into candidates: clauses, then sentences, then the bodies that govern them. Pure; files are ``sources``."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

from obligations.rules.plans.bodies import (
    bracket_bodies,
    is_governing,
    is_only_names,
    scope_of,
    split_names,
    subject_of,
)
from obligations.rules.plans.clauses import Clause, prose_clauses, row_clauses, table_lines
from obligations.rules.plans.facts import facts_of
from obligations.rules.plans.flat_tables import flat_rows
from obligations.rules.plans.furniture import find_furniture, told_aside
from obligations.rules.plans.proposals import propose
from obligations.rules.plans.reading import Finding, read_sentence
from obligations.rules.plans.rows import row_findings
from obligations.rules.plans.sentences import Span, brackets, segments, sentences
from obligations.rules.plans.slugs import named
from obligations.rules.plans.stream import Stream, stream_of
from obligations.words.plans import Bodies, Candidate, Extraction, PlanFacts, SetAside, SourceText

_UNBRACKETED = re.compile(r"(?:^|(?<=[。;]))((?:牵头|责任|配合|主办|承办)(?:单位|部门|科室|处室):[^。]{2,400})(?=。|$)")


_LONGEST_SUBJECT = 400
MOST_CANDIDATES, MOST_LEFT = 3000, 10_000
"""What is kept of one file: ten times the longest plan there is."""


@dataclass
class _Reader:
    """What is carried from clause to clause."""

    stream: Stream
    facts: tuple[PlanFacts, ...]
    candidates: list[Candidate] = field(default_factory=list)
    left: list[SetAside] = field(default_factory=list)
    added: dict[int, tuple[str, ...]] = field(default_factory=dict)

    @property
    def is_full(self) -> bool:
        """Whether more was found than any plan holds."""
        return len(self.candidates) > MOST_CANDIDATES or len(self.left) > MOST_LEFT

    def stop(self, clause: Clause) -> None:
        """Note that nothing behind this clause was read."""
        line = clause.stream.line(clause.spans[-1].end)
        self.left.append(SetAside(line, clause.label, "", "", f"识别结果过多，第{line}行以后未读，请拆分文件"))

    def year(self, document: int) -> int | None:
        return self.facts[min(document, len(self.facts) - 1)].year


def extract(source: SourceText) -> Extraction:
    """Read every candidate of a plan, or of the plans in one file."""
    aside = list(find_furniture(source.text))
    tables = table_lines(source.text)
    prose = stream_of(source.text, _merged([found for found, _ in aside], tables))
    facts = _facts(prose, source.file)
    reader = _Reader(prose, facts)
    for clause in flat_rows(list(prose_clauses(prose))):
        if clause.bodies is not None:
            for span in clause.spans:
                _read_piece(reader, clause, span, clause.bodies, opens=False)
        else:
            _read_prose(reader, clause)
        if reader.is_full:
            reader.stop(clause)
            break
    if tables:
        rows = stream_of(source.text, _merged([found for found, _ in aside], _between(tables, len(source.text))))
        last = len(facts) - 1
        for clause in row_clauses(rows, last):
            _read_row(reader, clause)
            if reader.is_full:
                reader.stop(clause)
                break
    candidates = _distinct(reader.candidates)
    told = tuple(told_aside(source.text, aside))
    return Extraction(source, facts, tuple(named(candidates, facts)), tuple(reader.left), told)


def _merged(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted([*one, *other]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _between(ranges: list[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    starts = [0, *(end for _, end in ranges)]
    ends = [*(start for start, _ in ranges), length]
    return [(start, end) for start, end in zip(starts, ends, strict=True) if end > start]


def _facts(stream: Stream, file: str) -> tuple[PlanFacts, ...]:
    """Read the facts of each plan of the file; the words before its first heading are its head."""
    starts = {0: 0}
    last = 0
    for clause in prose_clauses(stream):
        if clause.document not in starts:
            starts[clause.document] = last
        last = clause.start
    bounds = [*starts.values(), len(stream.plain)]
    return tuple(facts_of(_lined(stream, start, end), file) for start, end in pairwise(bounds))


def _lined(stream: Stream, start: int, end: int) -> str:
    """Return the plain text of a range with its line ends, by which titles, numbers and dates are told apart."""
    cuts = [start, *(place for place in stream.opens if start < place < end), end]
    return "\n".join(stream.plain[one:other] for one, other in pairwise(cuts))


def _read_prose(reader: _Reader, clause: Clause) -> None:
    for span in clause.spans:
        text = clause.stream.plain[span.start : span.end]
        begun = 0
        for bracket, inside in _governing(text):
            printed = clause.stream.quote(span.start + inside.start, span.start + inside.end)
            bodies, added = bracket_bodies(printed)
            if added:
                reader.added[clause.document] = added
            bodies = _with_added(bodies, reader.added.get(clause.document, ()))
            _read_piece(reader, clause, Span(span.start + begun, span.start + bracket.start), bodies, begun == 0)
            begun = bracket.end
        if begun < len(text):
            _read_piece(reader, clause, Span(span.start + begun, span.end), None, begun == 0)


def _governing(text: str) -> list[tuple[Span, Span]]:
    """Return what names the bodies of the words before it, with its inside: brackets, and 责任单位:… without any."""
    found = [
        (bracket, Span(bracket.start + 1, bracket.end - 1)) for bracket in brackets(text) if _governs(text, bracket)
    ]
    taken = [bracket for bracket, _ in found]
    bare = [Span(match.start(1), match.end(1)) for match in _UNBRACKETED.finditer(text)]
    found += [(span, span) for span in bare if not any(one.start <= span.start < one.end for one in taken)]
    return sorted(found, key=lambda each: each[0].start)


def _governs(text: str, bracket: Span) -> bool:
    """Say whether a bracket stands where one that names bodies stands: behind a sentence, or at the end of the clause."""
    before, after = text[bracket.start - 1 : bracket.start], text[bracket.end : bracket.end + 1]
    inside = text[bracket.start + 1 : bracket.end - 1]
    if before in "。;!":
        return is_governing(inside) or is_only_names(inside)
    return after in "。;" and is_governing(inside) and bool(re.search("牵头|责任单位|负责|落实", inside))


def _with_added(bodies: Bodies, added: tuple[str, ...]) -> Bodies:
    return Bodies(bodies.leads, tuple(dict.fromkeys((*bodies.others, *added))), bodies.told_by)


def _read_piece(reader: _Reader, clause: Clause, span: Span, bodies: Bodies | None, opens: bool) -> None:
    """Read the sentences that one bracket governs, or that have none and name their subjects themselves."""
    stream = clause.stream
    pieces = list(sentences(stream.plain, span.start, span.end))
    subject: Bodies | None = None
    for number, piece in enumerate(pieces):
        if reader.is_full:
            return
        text = stream.plain[piece.start : piece.end]
        lone = len(pieces) == 1 and "。" not in text and not clause.label[-1:].isdigit()
        is_heading = len(text) <= 60 and ((opens and number == 0 and len(pieces) > 1) or lone)
        findings, left = read_sentence(text, reader.year(clause.document), is_heading=is_heading)
        reader.left += [
            clause.aside(piece.start + each.start, piece.start + each.end, each.words, each.reason) for each in left
        ]
        subjects = _subjects(stream, piece, text) if bodies is None else []
        for finding in findings:
            own = bodies or _nearest(subjects, finding) or subject or Bodies()
            reader.candidates += propose(clause, stream, piece, finding, own)
        if subjects:
            subject = subjects[-1][1]


def _subjects(stream: Stream, piece: Span, text: str) -> list[tuple[int, Bodies]]:
    """Return the bodies that a sentence names as subjects, each with where its segment begins."""
    found = []
    for segment in segments(text):
        start, end = piece.start + segment.start, piece.start + segment.end
        names = subject_of(stream.plain[start:end], stream.quote(start, min(end, start + _LONGEST_SUBJECT)))
        if names:
            found.append((segment.start, Bodies((), names, stream.quote(start, min(end, start + 40)))))
    return found


def _nearest(subjects: list[tuple[int, Bodies]], finding: Finding) -> Bodies | None:
    """Return the last subject that stands before what a finding orders."""
    until = finding.act.start if finding.act else finding.mark.end
    return next((bodies for start, bodies in reversed(subjects) if start < until), None)


def _read_row(reader: _Reader, clause: Clause) -> None:
    added = reader.added.get(clause.document, ())
    named = clause.bodies or Bodies()
    for cell in (*named.leads, *named.others):
        if found := scope_of(cell):
            added = tuple(dict.fromkeys((*found,)))
            reader.added[clause.document] = added
    leads = tuple(name for cell in named.leads for name in split_names(cell))
    others = tuple(name for cell in named.others for name in split_names(cell))
    bodies = _with_added(Bodies(leads, others, named.told_by), added)
    year = reader.year(clause.document)
    for finding, piece in row_findings(clause, year, reader.left):
        reader.candidates += propose(clause, clause.stream, piece, finding, bodies)


def _distinct(candidates: list[Candidate]) -> list[Candidate]:
    """Drop what is said twice: the same words, or a clause's annual report that its heading has named already."""
    kept: dict[tuple[object, ...], Candidate] = {}
    for candidate in candidates:
        place = (candidate.document, candidate.clause, str(candidate.clock), candidate.departments)
        yearly = candidate.words in {"年报", "年度"} and "报" in candidate.title
        key: tuple[object, ...] = (*place, candidate.quote, candidate.title, candidate.duty, candidate.words)
        if yearly:
            said = [
                known
                for known, other in kept.items()
                if known[:4] == place and other.words in {"年报", "年度"} and "报" in other.title
            ]
            for known in said:
                if kept[known].quote not in candidate.quote and candidate.quote not in kept[known].quote:
                    del kept[known]
        kept[key] = candidate
    return list(kept.values())

"""Parts a plan into clauses: the text under one heading, or one row of a table, with the bodies its table names.

A table is lines whose cells are parted by ``|``; rows may lack the cells that were merged. What the words of a clause
order is not known here.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from obligations.rules.plans.headings import CHAPTER, ITEM, POINT, SECTION, Heading, find_headings
from obligations.rules.plans.sentences import Span
from obligations.rules.plans.stream import Stream
from obligations.rules.plans.time_words import is_limit
from obligations.words.plans import Bodies, SetAside

_FORMS = {CHAPTER: "{}", SECTION: "({})", ITEM: "{}", POINT: "({})"}
_BODY = re.compile(r"(?:局|办|委|厅|政府|部门|单位|中心|公司|街道|乡镇)\)?$")
_ROLES = (
    ("number", re.compile(r"序号|编号")),
    ("limit", re.compile(r"时限|时间|期限|频次")),
    ("leads", re.compile(r"牵头|主办")),
    ("others", re.compile(r"责任|配合|协办|参与|落实单位|承办")),
    ("work", re.compile(r"工作|任务|内容|事项|要求|措施|举措")),
)
PREFACE = "文首"
_LONGEST_TITLE, _FULL = 40, 0.7
_MOST_CELLS = 60


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of a plan.

    Attributes:
        stream: the text it stands in; spans: its pieces there that may order something.
        label: as printed, ``一(二)3``, ``表22``.
        document: position of its plan in the file.
        bodies: what its row names, or None for prose; limit: the words of its row's time column.
    """

    stream: Stream
    label: str
    document: int
    spans: tuple[Span, ...]
    bodies: Bodies | None = None
    limit: Span | None = None

    @property
    def start(self) -> int:
        """Where it begins in its stream."""
        return self.spans[0].start

    def aside(self, start: int, end: int, words: str, reason: str) -> SetAside:
        """Return what is left out of it between two places of its stream, for the reader, and why."""
        return SetAside(self.stream.line(start), self.label, self.stream.quote(start, end)[:160], words, reason)


def prose_clauses(stream: Stream) -> Iterator[Clause]:
    """Yield the clauses of running text, what stands before the first heading included."""
    headings = list(find_headings(stream))
    first = headings[0].start if headings else len(stream.plain)
    if first:
        yield Clause(stream, PREFACE, 0, (Span(0, first),))
    path: dict[int, Heading] = {}
    width = _line_width(stream)
    for position, heading in enumerate(headings):
        path = {level: above for level, above in path.items() if level < heading.level}
        path[heading.level] = heading
        end = headings[position + 1].start if position + 1 < len(headings) else len(stream.plain)
        label = "".join(_FORMS[level].format(path[level].number) for level in sorted(path))
        if heading.end < end:
            cut = _end_of_title(stream, heading.end, end, width)
            spans = (Span(heading.end, cut), Span(cut, end)) if cut < end else (Span(heading.end, end),)
            yield Clause(stream, label, heading.part, spans)


def _line_width(stream: Stream) -> int:
    """Return the length that full lines have in this text: nine lines of ten are no longer."""
    bounds = [*stream.opens, len(stream.plain)]
    lengths = sorted(end - start for start, end in pairwise(bounds))
    return lengths[len(lengths) * 9 // 10] if lengths else 0


def _end_of_title(stream: Stream, start: int, end: int, width: int) -> int:
    """Return where a heading on a line of its own ends: a line that is neither full nor ended by a full stop."""
    after = bisect_right(stream.opens, start)
    cut = stream.opens[after] if after < len(stream.opens) else end
    own_line = cut - start <= _LONGEST_TITLE and cut - start < width * _FULL
    if cut >= end or not own_line or "。" in stream.plain[start:cut] or stream.plain[cut - 1] in ";,、:)":
        return end
    return cut


def table_lines(raw: str) -> list[tuple[int, int]]:
    """Return the ranges of the lines that are rows of a table: two separators at least."""
    found, position = [], 0
    for line in raw.splitlines(keepends=True):
        if 2 <= line.count("|") <= _MOST_CELLS:
            found.append((position, position + len(line)))
        position += len(line)
    return found


@dataclass
class _Table:
    """The roles of the columns of the table that is being read."""

    roles: list[str] = field(default_factory=list)


def row_clauses(stream: Stream, document: int) -> Iterator[Clause]:
    """Yield the rows of the tables in ``stream``, which holds nothing else; a row of headings yields nothing."""
    table, count = _Table(), 0
    bounds = [*stream.opens, len(stream.plain)]
    for start, end in pairwise(bounds):
        cells = _cells(stream.plain, start, end)
        texts = [stream.plain[cell.start : cell.end] for cell in cells]
        roles = _header(texts)
        if roles is not None:
            table.roles, count = roles, 0
            continue
        if len([text for text in texts if text]) < 2:
            continue
        count += 1
        named = _by_header(table, cells, texts) or _by_content(table, cells, texts)
        work = named.get("work", [])
        if not work:
            continue
        number = next((stream.plain[cell.start : cell.end] for cell in named.get("number", [])), str(count))
        yield Clause(
            stream=stream,
            label=f"表{number}",
            document=document,
            spans=tuple(work),
            bodies=Bodies(_texts(stream, named, "leads"), _texts(stream, named, "others"), "表格的单位栏"),
            limit=next(iter(named.get("limit", [])), None),
        )


def _cells(text: str, start: int, end: int) -> list[Span]:
    cells, begun = [], start
    for position in range(start, end):
        if text[position] == "|":
            cells.append(Span(begun, position))
            begun = position + 1
    if begun < end:
        cells.append(Span(begun, end))
    while cells and cells[0].start == cells[0].end and len(cells) > 1 and text[start] == "|":
        cells.pop(0)
    return cells


def _header(texts: list[str]) -> list[str] | None:
    roles = [
        next((role for role, words in _ROLES if words.search(text)), "") if len(text) <= 12 else "" for text in texts
    ]
    known = {role for role in roles if role}
    return roles if len(known) >= 2 and known & {"leads", "others", "limit"} and "work" in known else None


def _by_header(table: _Table, cells: list[Span], texts: list[str]) -> dict[str, list[Span]] | None:
    """Take each cell for what its column is, where the row has them all."""
    if len(cells) != len(table.roles) or not table.roles:
        return None
    named: dict[str, list[Span]] = {}
    for cell, role, text in zip(cells, table.roles, texts, strict=True):
        if (role != "limit" and is_limit(text)) or (role == "limit" and _BODY.search(text)):
            return None  # merged cells are missing, so that the others stand under another column
        if text:
            named.setdefault(role, []).append(cell)
    return named if "work" in named else None


def _by_content(table: _Table, cells: list[Span], texts: list[str]) -> dict[str, list[Span]]:
    """Tell cells by what they hold, where merged ones are missing: number, work, bodies, limit."""
    filled = [(cell, text) for cell, text in zip(cells, texts, strict=True) if text]
    named: dict[str, list[Span]] = {}
    if filled and filled[0][1].isdecimal():
        named["number"] = [filled.pop(0)[0]]
    if filled and is_limit(filled[-1][1]):
        named["limit"] = [filled.pop()[0]]
    if filled and (len(named) or len(filled) > 1):
        named["work"] = [filled.pop(0)[0]]
    # one body alone: of those who lead, if the table has them and the cell names single offices
    roles = [role for role in table.roles if role in {"leads", "others"}] or ["others"]
    for position, (cell, _) in enumerate(filled):
        named.setdefault(roles[min(position, len(roles) - 1)], []).append(cell)
    return named


def _texts(stream: Stream, named: dict[str, list[Span]], role: str) -> tuple[str, ...]:
    return tuple(stream.quote(cell.start, cell.end) for cell in named.get(role, []))

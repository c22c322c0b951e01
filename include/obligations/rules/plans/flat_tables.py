"""Rows of a table that was saved as running text: task, bodies and requirement follow one another without a separator.

The cells are told apart by the bodies themselves: a run of names, one of which comes again and again in such a table. A
row without any had merged cells, and takes those of the row before.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from obligations.rules.plans.bodies import split_names
from obligations.rules.plans.clauses import PREFACE, Clause
from obligations.rules.plans.sentences import Span
from obligations.words.plans import Bodies

_HEADER = re.compile(
    r"(?:工作任务|重点任务|主要任务|任务|工作内容|事项)[^。]{0,16}?(?:(?:牵头|主办)单位[^。]{0,16}?(?:责任|协办|配合)|(?:责任|牵头)单位[^。]{0,8}?(?:时限|要求))"
)
_WIDE = r"(?:省|市|区|县|州|地)直(?:属)?各?(?:相关|有关)?(?:部门|单位)|(?:省|市|区|县|州)各(?:相关|有关)?(?:部门|单位)|各[一-龥]{1,14}?(?:部门|单位|政府|实验区|国企|企业|管理局|委员会|管委会|市(?![直场区])|县(?![区级(])|区(?![市管域直属县]))(?:\([^()]{1,12}\))?"
_OFFICE = r"(?:省|市|区|县|州)(?!直|各|级|市)[一-龥]{2,10}?(?:厅|局|委(?!员)|办公室|办(?![事理公好法])|中心|行|社|公司|部)(?:\([^()]{1,12}\))?"
_NAMED = r"(?<=[、,])[一-龥]{2,10}?(?:实验区|新区|开发区|高新区|管委会|示范区|厅|局|委)"
_TOKEN = re.compile(rf"(?P<wide>{_WIDE})|(?P<office>{_OFFICE})|(?P<named>{_NAMED})")
_COMMON = 3
"""A name that so many rows have is that of a column, not one that a sentence happens to mention."""


def is_flat_table(text: str) -> bool:
    """Say whether a text holds the names of a table's columns one after another."""
    return _HEADER.search(text) is not None


def flat_rows(clauses: list[Clause]) -> Iterator[Clause]:
    """Yield the clauses, those that are rows with their bodies; what is no row stays as it is."""
    begins = next((n for n, clause in enumerate(clauses) if is_flat_table(_text(clause))), None)
    if begins is None:
        yield from clauses
        return
    runs = [_runs(_text(clause)) for clause in clauses]
    common = Counter(name for found in runs[begins + 1 :] for name in {word for run in found for word in run[2]})
    last = Bodies()
    for number, clause in enumerate(clauses):
        if number <= begins or clause.label == PREFACE:
            yield clause
            continue
        run = max((run for run in runs[number] if _is_cell(run, common)), key=lambda run: len(run[2]), default=None)
        if run is None:
            yield replace(
                clause, bodies=replace(last, told_by=f"合并单元格，沿用上一行：{last.told_by}") if last.names else None
            )
            continue
        last = _bodies(clause, run)
        begun = clause.spans[0].start
        spans = (Span(begun, begun + run[0]), Span(begun + run[1], clause.spans[-1].end))
        yield replace(clause, spans=tuple(span for span in spans if span.end > span.start), bodies=last)


Run = tuple[int, int, tuple[str, ...], int]
"""Start and end of a run of names, the names, and where the first wide one (各部门) begins."""


def _text(clause: Clause) -> str:
    return clause.stream.plain[clause.spans[0].start : clause.spans[-1].end]


def _runs(text: str) -> list[Run]:
    found: list[Run] = []
    names: list[str] = []
    begun = end = wide = -1
    for match in [*_TOKEN.finditer(text), None]:
        if match is not None and names and text[end : match.start()].strip("、,会同和等相关部门") == "":
            names.append(match[0])
        else:
            if names:
                found.append((begun, end, tuple(names), wide if wide >= 0 else end))
            names, wide = ([match[0]], -1) if match is not None else ([], -1)
            begun = match.start() if match is not None else -1
        if match is not None:
            end = match.end()
            if match["wide"] and wide < 0:
                wide = match.start()
    return found


def _is_cell(run: Run, common: Counter[str]) -> bool:
    return any(common[name] >= _COMMON for name in run[2]) and (len(run[2]) > 1 or len(run[2][0]) >= 4)


def _bodies(clause: Clause, run: Run) -> Bodies:
    begun = clause.spans[0].start
    text = clause.stream.plain
    leads: list[str] = []
    others: list[str] = []
    for match in _TOKEN.finditer(text, begun + run[0], begun + run[1]):
        for name in split_names(clause.stream.quote(match.start(), match.end())):
            (leads if match["office"] and match.start() < begun + run[3] else others).append(name)
    told = clause.stream.quote(begun + run[0], min(begun + run[1], begun + run[0] + 40))
    return Bodies(tuple(leads), tuple(others), told)

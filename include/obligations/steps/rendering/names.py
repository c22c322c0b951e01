"""The names that a publication kind's template may use, as far as a made-up delivery shows them: words, tables, numbers.

What a name is, its shape: ``text``, ``date``, ``flag``, ``measure`` (the id of a number; ``=id`` where it is the same in
every period), a list of one shape, a mapping of names to shapes, or None where the delivery does not show it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

from obligations.words.draft import DateWords, Figure
from obligations.words.publication import Analysis

TEXT, DATE, FLAG, MEASURE = "text", "date", "flag", "measure"
FIXED = "="
"""Before the id of a measure that is there in every period."""
Shape = Any
"""str, a list of one shape or none, a mapping of names to shapes, or None; see above."""
OCCASION: Mapping[str, Shape] = {
    "region": TEXT,
    "publisher": TEXT,
    "data_source": TEXT,
    "obligation_title": TEXT,
    "occasion": DATE,
    "may_reach_the_public": FLAG,
}
"""What every template may use besides, see ``draft``."""


@dataclass(frozen=True, slots=True)
class Names:
    """What one template may use.

    Attributes:
        words: shape by name; measures: ids of numbers that neither a word nor a table leads to.
        tables, charts: names to place; blanks: names to open.
    """

    words: Mapping[str, Shape]
    measures: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    charts: tuple[str, ...] = ()
    blanks: tuple[str, ...] = ()


def names_of(analysis: Analysis) -> Names:
    """Return what an analysis offers its template, blanks aside."""
    words = {name: _shape(value, analysis, fixed=True) for name, value in analysis.words.items()}
    plans = [*analysis.tables.values(), *(chart.data for chart in analysis.charts.values())]
    placed = {cell.measure for plan in plans for row in plan.rows for cell in row if isinstance(cell, Figure)}
    apart = analysis.measures.keys() - placed - set(_ids(analysis.words, analysis))
    # an id with a name or a day of the data in it is another one in the next period
    lasting = tuple(sorted(id_ for id_ in apart if re.fullmatch(r"[a-z_.]+", id_)))
    return Names(words, lasting, tuple(sorted(analysis.tables)), tuple(sorted(analysis.charts)))


def join(one: Shape, other: Shape) -> Shape:
    """Return the shape of what may be either, knowing as much as the two together."""
    if one is None or other is None:
        return other if one is None else one
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return {name: join(one.get(name), other.get(name)) for name in [*one, *(n for n in other if n not in one)]}
    if isinstance(one, list) and isinstance(other, list):
        return [reduce(join, [*one, *other])] if one or other else []
    if is_measure(one) and is_measure(other):
        return one if one == other else MEASURE
    return one if one == other else None


def is_measure(shape: Shape) -> bool:
    """Say whether a shape is a number's id."""
    return isinstance(shape, str) and (shape == MEASURE or shape.startswith(FIXED))


def fixed_ids(shape: Shape) -> Iterable[str]:
    """Yield the ids that are there in every period."""
    if isinstance(shape, str):
        yield from [shape.removeprefix(FIXED)] if shape.startswith(FIXED) else []
    elif isinstance(shape, Mapping):
        for inner in shape.values():
            yield from fixed_ids(inner)


def _shape(value: object, analysis: Analysis, *, fixed: bool) -> Shape:
    if isinstance(value, Mapping):
        return {str(name): _shape(inner, analysis, fixed=fixed) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        shapes = [_shape(inner, analysis, fixed=False) for inner in value]
        return [reduce(join, shapes)] if shapes else []
    if isinstance(value, bool):
        return FLAG
    if isinstance(value, DateWords):
        return DATE
    if isinstance(value, str):
        return (f"{FIXED}{value}" if fixed else MEASURE) if value in analysis.measures else TEXT
    return None


def _ids(value: object, analysis: Analysis) -> Iterable[str]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _ids(inner, analysis)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _ids(inner, analysis)
    elif isinstance(value, str) and value in analysis.measures:
        yield value

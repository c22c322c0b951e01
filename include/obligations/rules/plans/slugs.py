"""Gives each candidate the name of its file: the plan's year, its clause in digits, and a number within the clause."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from obligations.rules.plans.numerals import value_of
from obligations.words.plans import Candidate, PlanFacts

_NUMBER = re.compile(r"\d+|[一二三四五六七八九十]+")


def named(candidates: list[Candidate], facts: tuple[PlanFacts, ...]) -> Iterator[Candidate]:
    """Yield the candidates with their slugs, ``y2017-1-2-3-n1``; rows of a table are ``y2022-t38-n1``."""
    used: dict[str, int] = {}
    for candidate in candidates:
        year = facts[min(candidate.document, len(facts) - 1)].year
        digits = [str(value_of(found) or found) for found in _NUMBER.findall(candidate.clause)]
        place = "-".join(digits) or "0"
        place = f"t{place}" if candidate.clause.startswith("表") else place
        part = f"d{candidate.document + 1}-" if len(facts) > 1 else ""
        stem = f"y{year or 0}-{part}{place}"
        used[stem] = used.get(stem, 0) + 1
        yield replace(candidate, slug=f"{stem}-n{used[stem]}")

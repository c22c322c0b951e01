"""Ranks places by air and by water quality, by the rule that the delivery states; values are compared as printed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from obligations.publications.analysis import Placing, rank
from obligations.publications.environment_indicators import AIR, INDEX, INDICATORS, RANKED_BY, WATER_INDEX, WHOLE
from obligations.publications.environment_lines import Observation, Places
from obligations.publications.measuring import finite, only_value
from obligations.publications.wording import rounded
from obligations.words.errors import BadInput

if TYPE_CHECKING:
    import pandas as pd

    from obligations.publications.environment_indicators import Indicator
    from obligations.words.publication import Snapshot

BASIS = "排名依据"
_NOUNS = (("城市", ("市",)), ("镇街", ("镇", "街道", "乡")), ("县（市、区）", ("县", "区", "市")))


@dataclass(frozen=True, slots=True)
class Ranking:
    """Places in order of rank, and the indicators it goes by, the first decides, the next only between equals."""

    by: tuple[Indicator, ...]
    placings: dict[str, Placing]

    def rule(self) -> str:
        """Say the rule in words, fit for a note: ``按综合指数由小到大排列，相同的并列``."""
        ways = [f"{each.name}由{'小到大' if each.better_low else '大到小'}" for each in self.by]
        return f"按{'排列，相同的按'.join(ways)}排列，{'均' if len(ways) > 1 else ''}相同的并列，其后的名次顺延"


def basis(rows: pd.DataFrame, snapshot: Snapshot) -> tuple[Indicator, ...]:
    """Return the indicators that air quality is ranked by, the composite index unless the rows say otherwise.

    Raises BadInput for a name that is no indicator to rank by.
    """
    said = only_value(rows, snapshot, BASIS)
    names = [name.strip() for name in re.split("[、，,；;]", said)] if said else [INDEX.name]
    if not set(names) <= set(RANKED_BY):
        row = next(row for row, cell in rows[BASIS].items() if cell and str(cell).strip())
        expected = f"应为{'、'.join(RANKED_BY)}中的一个，或先后用顿号分开的几个"
        raise BadInput(snapshot.file, (f"{snapshot.file} 第 {row} 行“{BASIS}”列的值是“{said}”，{expected}",))
    return tuple(INDICATORS[name] for name in dict.fromkeys(names))


def rank_air(places: Places, by: tuple[Indicator, ...], snapshot: Snapshot) -> Ranking | None:
    """Rank every place but the whole that has air figures; None if fewer than two have.

    Raises BadInput for a place that lacks what the rule goes by: it could only be left out unsaid.
    """
    named = {each.name for each in AIR}
    candidates = {place: told for place, told in places.items() if place != WHOLE and named & told.keys()}
    missing = [(place, each.name) for place, told in candidates.items() for each in by if _lacks(told, each)]
    if missing:
        rule = "、".join(each.name for each in by)
        raise BadInput(
            snapshot.file,
            tuple(f"{snapshot.file} {place}没有{name}，排名依据为“{rule}”，应补上这一行" for place, name in missing),
        )
    return _ranked(candidates, by)


def rank_water(places: Places) -> Ranking | None:
    """Rank the places that have a water index; None if fewer than two have."""
    found = {place: told for place, told in places.items() if place != WHOLE and not _lacks(told, WATER_INDEX)}
    return _ranked(found, (WATER_INDEX,))


def noun_of(names: list[str]) -> str:
    """Return what the ranked places are called together, by the ends of their names: 城市, 镇街 or 地区."""
    for noun, ends in _NOUNS:
        if all(name.endswith(ends) for name in names):
            return noun
    return "地区"


def _lacks(told: dict[str, Observation], indicator: Indicator) -> bool:
    return indicator.name not in told or finite(told[indicator.name].now) is None


def _ranked(candidates: dict[str, dict[str, Observation]], by: tuple[Indicator, ...]) -> Ranking | None:
    if len(candidates) < 2:  # one place has no rank
        return None
    return Ranking(by, rank({place: tuple(_key(told[each.name]) for each in by) for place, told in candidates.items()}))


def _key(found: Observation) -> Decimal:
    value = rounded(found.now, found.indicator.places)
    return value if found.indicator.better_low else -value

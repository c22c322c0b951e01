"""Reads a quarter's rows of land prices by city and use, with what they are compared with, and refuses what cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from obligations.publications.comparing import QUARTER, YEAR, Amount, Base, rate_of, read_amount, rows_by
from obligations.publications.land_price_quarterly import (
    LAST_LEVEL,
    LAST_RATE,
    LEVEL,
    OLDER_NAMES,
    OVERALL,
    PER_MU,
    WHOLE,
    YEAR_LEVEL,
    YEAR_RATE,
)
from obligations.publications.periods import quarters_before
from obligations.words.errors import BadInput

if TYPE_CHECKING:
    import pandas as pd

    from obligations.words.occurrence import Period
    from obligations.words.publication import Snapshot

UNIT, UNIT_PER_MU = "元/平方米", "万元/亩"


@dataclass(frozen=True, slots=True)
class Line:
    """The price of one use in one city.

    Attributes:
        now, per_mu: its level, by square meter and by 亩.
        earlier: by base, the level it is compared with: of the row itself, else of the earlier quarter's row.
        published: by base, the rate that the source gives.
        own_row: by base, the level that the earlier quarter's own row has.
    """

    city: str
    use: str
    now: Amount
    per_mu: Amount
    earlier: dict[str, Amount]
    published: dict[str, Amount]
    own_row: dict[str, Amount]

    def growth(self, base: Base) -> Amount:
        """Return the growth rate as it is printed: computed if both levels are there, else the published one."""
        earlier = self.earlier[base.name]
        return rate_of(self.now, earlier, UNIT) if earlier.known else self.published[base.name]


Lines = dict[tuple[str, str], Line]
"""The lines of one quarter by city and use, in source order."""


def land_price_lines(frame: pd.DataFrame, snapshot: Snapshot, period: Period) -> Lines:
    """Return the lines of one quarter; raises BadInput naming what cannot be, or that the quarter has no row."""
    last, year = ({} if key is None else rows_by(frame, key, "监测城市", "用途") for key in quarters_before(period))
    rows = rows_by(frame, period.key, "监测城市", "用途")
    if not rows:
        raise BadInput(snapshot.file, (f"{snapshot.file} 没有期间为“{period.key}”的行，应至少有一个监测城市",))
    if problems := tuple(_problems(frame, snapshot.file, period.key)):
        raise BadInput(snapshot.file, problems)
    found: Lines = {}
    for (city, use), row in rows.items():
        own_row = {
            QUARTER.name: read_amount(frame, last.get((city, use)), LEVEL),
            YEAR.name: read_amount(frame, year.get((city, use)), LEVEL),
        }
        said = {
            QUARTER.name: read_amount(frame, row, LAST_LEVEL),
            YEAR.name: read_amount(frame, row, YEAR_LEVEL),
        }
        earlier = {name: said[name] if said[name].known else own_row[name] for name in said}
        published = {
            QUARTER.name: read_amount(frame, row, LAST_RATE),
            YEAR.name: read_amount(frame, row, YEAR_RATE),
        }
        now, per_mu = read_amount(frame, row, LEVEL), read_amount(frame, row, PER_MU)
        found[city, use] = Line(city, use, now, per_mu, earlier, published, own_row)
    return found


def cities_of(lines: Lines) -> list[str]:
    """Return the cities in source order, the whole left out."""
    return [city for city in dict.fromkeys(city for city, _ in lines) if city != WHOLE]


def _problems(frame: pd.DataFrame, file: str, period: str) -> Iterator[str]:
    """Yield a sentence for each level that is none, for uses under two names, and for a city without 综合."""
    for row in frame.index:
        for column in (LEVEL, LAST_LEVEL, YEAR_LEVEL, PER_MU):
            amount = read_amount(frame, int(row), column)
            if amount.known and amount.value <= 0:
                yield f"{file} 第 {row} 行“{column}”列的值是“{amount.value}”，应大于0"
    used = set(frame["用途"])
    for older, newer in OLDER_NAMES.items():
        if {older, newer} <= used:
            row = next(row for row in frame.index if frame.at[row, "用途"] == older)
            yield f"{file} 第 {row} 行“用途”列的值是“{older}”，其他行写的是“{newer}”，应统一为{newer}"
    uses: dict[str, set[str]] = {}
    for city, use in rows_by(frame, period, "监测城市", "用途"):
        uses.setdefault(city, set()).add(use)
    for city, those in uses.items():
        if OVERALL not in those:
            yield f"{file} 期间为“{period}”、监测城市为“{city}”的行没有用途“{OVERALL}”，应补上"

"""What is said of several monitored cities: how many rose and fell, which moved most, and their ranks by growth.

Cities are compared as printed; those that print alike share a rank, and the ranks after are skipped.
"""

from __future__ import annotations

from decimal import Decimal

from obligations.publications.analysis import Placing, direction, rank
from obligations.publications.comparing import QUARTER, YEAR, Amount, Base, Told, add_amount
from obligations.publications.land_price_lines import UNIT, Lines, cities_of
from obligations.publications.land_price_quarterly import OVERALL
from obligations.publications.measuring import Measures, Unit
from obligations.publications.wording import rounded
from obligations.words.draft import TableColumn, TablePlan

LEAST_CITIES = 3
"""Fewer have no ranks worth printing."""
FOREMOST = 3
"""How many ranks a sentence names; the table has all."""
_PLACES = 1


def movements(measures: Measures, lines: Lines, told: dict[tuple[str, str], Told]) -> list[Told]:
    """Return, compared with last quarter and with last year, how many cities rose, stayed and fell, and the foremost."""
    found = []
    for base in (QUARTER, YEAR):
        rates = _rates(lines, base)
        if len(rates) < LEAST_CITIES:
            continue
        cells = tuple(cell for rate in rates.values() for cell in rate.cells)
        sides = {city: direction(rate.value, _PLACES) for city, rate in rates.items()}
        entry: Told = {"base": base.word, "than": base.of}
        entry["count"] = _count(
            measures, f"cities.{base.name}.count", f"有{base.word}的监测城市个数", len(rates), cells
        )
        for side, name, word in ((1, "risen", "增长"), (0, "stayed", "持平"), (-1, "fallen", "下降")):
            those = [city for city, sign in sides.items() if sign == side]
            label = f"{OVERALL}地价{base.word}{word}的监测城市个数"
            entry[name] = _count(measures, f"cities.{base.name}.{name}", label, len(those), cells) if those else None
        for name, sign in (("most", 1), ("least", -1)):
            own = {city: (-sign * rounded(rates[city].value, _PLACES),) for city in rates if sides[city] == sign}
            places = rank(own)
            entry[name] = [
                told[city, OVERALL] | {"rate": told[city, OVERALL][base.name]}
                for city in places
                if places[city].rank <= FOREMOST
            ]
        found.append(entry)
    return found


def city_table(measures: Measures, lines: Lines, told: dict[tuple[str, str], Told], caption: str) -> TablePlan | None:
    """Return the cities in order of their growth on the quarter; None where too few have one."""
    rates = _rates(lines, QUARTER)
    if len(rates) < LEAST_CITIES:
        return None
    places = rank({city: (-rounded(rate.value, _PLACES),) for city, rate in rates.items()})
    cells = tuple(cell for rate in rates.values() for cell in rate.cells)
    columns = {"qoq": "环比增长率（%）", "yoy": "同比增长率（%）", "now": f"地价水平（{UNIT}）"}
    header = (TableColumn("名次", "center"), TableColumn("监测城市", "left"), *map(TableColumn, columns.values()))
    rows = tuple(
        (
            measures.shown(_rank(measures, city, placing, cells)),
            city,
            *(measures.shown(told[city, OVERALL][name]) for name in columns),
        )
        for city, placing in places.items()
    )
    return TablePlan(caption, "", header, rows)


def _rates(lines: Lines, base: Base) -> dict[str, Amount]:
    """Return the growth of 综合 of every city that has one."""
    return {city: rate for city in cities_of(lines) if (rate := lines[city, OVERALL].growth(base)).known}


def _rank(measures: Measures, city: str, placing: Placing, cells: tuple[tuple[int, str], ...]) -> str | None:
    how = "环比增长率（按印出的位数）由大到小排列的名次，相同的并列，其后的名次顺延"
    return add_amount(
        measures, f"rank.{city}", f"{city}名次", Amount(Decimal(placing.rank), how, cells), Unit("名", places=0)
    )


def _count(measures: Measures, key: str, label: str, count: int, cells: tuple[tuple[int, str], ...]) -> str | None:
    how = "符合条件的监测城市个数（按印出的位数）"
    return add_amount(measures, key, label, Amount(Decimal(count), how, cells), Unit("个", places=0))

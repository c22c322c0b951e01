"""The measures of grain purchase as of a day: cumulative, since the period before, on the year, by place, and prices."""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Any

from obligations.publications.analysis import largest_first, total
from obligations.publications.comparing import Amount, Told
from obligations.publications.grain_purchase_five_daily import WHOLE
from obligations.publications.grain_purchase_lines import (
    NOW,
    PRICE,
    PRICE_YEAR,
    SEASON,
    YEAR,
    Line,
    Row,
    day_before,
    varieties,
)
from obligations.publications.grain_purchase_warnings import grain_purchase_warnings
from obligations.publications.measuring import NAN, QUIET, Measures, Reading, Unit, amounts, finite, only_value
from obligations.publications.outlook import outlook_baseline
from obligations.publications.wording import places_of
from obligations.words.draft import DateWords, TableColumn, TablePlan
from obligations.words.errors import BadInput
from obligations.words.publication import Analysis
from obligations.words.times import say_day

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from obligations.words.occurrence import Period
    from obligations.words.publication import Snapshot

LARGE = Decimal(10_000)
"""From this many 吨 on, amounts are printed in 万吨."""
DRIVERS = 3


def grain_purchase_analysis(frame: pd.DataFrame, snapshot: Snapshot, period: Period) -> Analysis:
    """Compute the measures, the tables, the words and the warnings as of the period's last day.

    Args:
        frame: validated rows of this day, of the season's days before, and of this day in years past.
        snapshot: the source file.
        period: the five days; its last is the as-of date.

    Raises BadInput if the day has no row, a variety lacks its whole, a number cannot be, or units differ.
    """
    with localcontext(QUIET):
        unit, price_unit = _unit(frame, snapshot), only_value(frame, snapshot, "价格单位")
        lines = varieties(frame, snapshot, period)
        if not price_unit and any(finite(line.now[PRICE]) for places in lines.values() for line in places.values()):
            raise BadInput(
                snapshot.file, (f"{snapshot.file} 有{PRICE}而“价格单位”列是空的，应为元/公斤、元/斤或元/吨",)
            )
        measures = Measures(snapshot, frame, unit)
        prices = Unit(price_unit or "", places=_places(frame, PRICE, PRICE_YEAR))
        told = [_variety(measures, prices, name, places) for name, places in lines.items()]
        before, as_of = day_before(period), DateWords(say_day(period.end))
        words: Told = {
            "region": only_value(frame, snapshot, "地区"),
            "as_of": as_of,
            "day": DateWords(f"{period.end.month}月{period.end.day}日"),
            "day_before": DateWords(f"{before.month}月{before.day}日"),
            "varieties": told,
            "has_before": any(each["step"] for each in told),
            "has_rest": any(each["rest"] for each in told),
            "has_prices": any(each["price"] for each in told),
            "outlooks": [each["outlook"] for each in told if each["outlook"]],
        }
        tables = {"purchase": _purchases(measures, told, as_of)}
        if words["has_prices"]:
            tables["prices"] = _prices(measures, told, f"截至{as_of}粮食平均收购价", prices.name)
        warnings = grain_purchase_warnings(lines, before, unit.name if unit.divisor == 1 else "吨")
        return Analysis(measures.by_id, tables, words, warnings)


def _unit(frame: pd.DataFrame, snapshot: Snapshot) -> Unit:
    name = only_value(frame, snapshot, "单位") or "万吨"
    largest = max((value for value in amounts(frame, NOW) if value.is_finite()), default=Decimal(0))
    if name == "吨" and largest >= LARGE:
        return Unit("万吨", Decimal(10_000), 2)
    return Unit(name, places=_places(frame, NOW, YEAR))


def _places(frame: pd.DataFrame, *columns: str) -> int:
    """Return the most decimals of these columns, so that all of them print alike."""
    given = [value for column in columns for value in amounts(frame, column) if value.is_finite()]
    return max((places_of(value) for value in given), default=0)


def _variety(measures: Measures, prices: Unit, name: str, places: dict[str, Line]) -> Told:
    line, key = places[WHOLE], f"variety.{name}"
    parts = [
        _amounts(measures, f"{key}.place.{place}", place, each) for place, each in places.items() if place != WHOLE
    ]
    changes = {
        place: value
        for place, each in places.items()
        if place != WHOLE and (value := finite(each.change)) is not None and value
    }
    by_name = {part["name"]: part for part in parts}
    drivers = [by_name[place] for place in largest_first(changes)[:DRIVERS]] if len(changes) > 1 else []
    return {
        **_amounts(measures, key, name, line),
        **_priced(measures, prices, key, name, line),
        "parts": parts,
        "rest": _rest(measures, key, name, places),
        "drivers": drivers,
        "outlook": _outlook(measures, key, name, line),
    }


def _amounts(measures: Measures, key: str, name: str, line: Line) -> Told:
    now, before = (line.now.row, NOW), ((line.before.row, NOW),) if line.before else ()
    divisor = measures.unit.divisor
    found: Told = {"name": name}
    for column, label, value, formula, cells in (
        ("now", NOW, line.now[NOW], f"来源列“{NOW}”", (now,)),
        ("step", "比上期增减", line.step, "本期累计 - 上期累计", (now, *before)),
        ("year", YEAR, line.now[YEAR], f"来源列“{YEAR}”", ((line.now.row, YEAR),)),
        ("change", "同比增减", line.change, f"{NOW} - {YEAR}", (now, (line.now.row, YEAR))),
    ):
        found[column] = measures.add(
            f"{key}.{column}", f"{name}{label}", value / divisor, Reading(column, "", formula, ()), cells
        )
    return found


def _priced(measures: Measures, prices: Unit, key: str, name: str, line: Line) -> Told:
    now, year = (line.now.row, PRICE), (line.now.row, PRICE_YEAR)
    before = ((line.before.row, PRICE),) if line.before else ()
    last = line.before[PRICE] if line.before else NAN
    found: Told = {}
    for column, label, value, formula, cells in (
        ("price", PRICE, line.now[PRICE], f"来源列“{PRICE}”", (now,)),
        ("price_step", f"{PRICE}比上期", line.now[PRICE] - last, "本期价格 - 上期价格", (now, *before)),
        ("price_year", PRICE_YEAR, line.now[PRICE_YEAR], f"来源列“{PRICE_YEAR}”", (year,)),
        (
            "price_change",
            f"{PRICE}同比",
            line.now[PRICE] - line.now[PRICE_YEAR],
            f"{PRICE} - {PRICE_YEAR}",
            (now, year),
        ),
    ):
        how = Reading(column, "", formula, ())
        found[column] = measures.add(f"{key}.{column}", f"{name}{label}", value, how, cells, prices)
    return found


def _rest(measures: Measures, key: str, name: str, places: dict[str, Line]) -> Told | None:
    """Return what the whole has beyond the places listed; None where they make up the whole, or more."""
    parts = [line for place, line in places.items() if place != WHOLE]
    whole, divisor = places[WHOLE], measures.unit.divisor
    left = whole.now[NOW] - total(part.now[NOW] for part in parts)
    if not parts or left <= 0:
        return None
    year = whole.now[YEAR] - total(part.now[YEAR] for part in parts)
    label, found = f"{name}未单列地区", Told(name="未单列地区")
    every = [whole, *parts]
    for column, of, value, columns in (
        ("now", NOW, left, (NOW,)),
        ("step", "比上期增减", whole.step - total(part.step for part in parts), (NOW,)),
        ("year", YEAR, year, (YEAR,)),
        ("change", "同比增减", left - year, (NOW, YEAR)),
    ):
        rows = [line.now.row for line in every]
        if column == "step":
            rows += [line.before.row for line in every if line.before]
        cells: Iterable[tuple[Any, str]] = [(row, each) for row in rows for each in columns]
        how = Reading(column, "", f"{WHOLE}{of} - 所列各地之和", ())
        found[column] = measures.add(f"{key}.rest.{column}", f"{label}{of}", value / divisor, how, cells)
    return found


def _outlook(measures: Measures, key: str, name: str, line: Line) -> Told | None:
    """Return the baseline of the season by the share bought by this day in years past."""
    divisor, unit = measures.unit.divisor, Unit(measures.unit.name, measures.unit.divisor, 1)

    def amount(row: Row, column: str) -> Amount:
        return Amount(row[column] / divisor, f"来源列“{column}”", ((row.row, column),))

    past = {DateWords(f"{row.day.year}年"): (amount(row, NOW), amount(row, SEASON)) for row in line.years}
    return outlook_baseline(measures, f"{key}.outlook", name, unit, amount(line.now, NOW), past, whole="全季")


def _purchases(measures: Measures, told: list[Told], as_of: str) -> TablePlan:
    columns = {"now": NOW, "step": "比上期增减", "year": YEAR, "change": "同比增减"}
    rows = []
    for each in told:
        lines = [{**each, "name": WHOLE}, *each["parts"], *([each["rest"]] if each["rest"] else [])]
        rows += [(each["name"], line["name"], *(measures.shown(line[name]) for name in columns)) for line in lines]
    header = (TableColumn("品种", "left"), TableColumn("收购地区", "left"), *map(TableColumn, columns.values()))
    return TablePlan(f"截至{as_of}粮食收购进度", f"单位：{measures.unit.name}", header, tuple(rows))


def _prices(measures: Measures, told: list[Told], caption: str, unit: str) -> TablePlan:
    columns = {"price": PRICE, "price_step": "比上期增减", "price_year": PRICE_YEAR, "price_change": "同比增减"}
    header = (TableColumn("品种", "left"), *map(TableColumn, columns.values()))
    rows = tuple((each["name"], *(measures.shown(each[name]) for name in columns)) for each in told if each["price"])
    return TablePlan(caption, f"单位：{unit}", header, rows)

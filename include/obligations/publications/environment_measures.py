"""The measures of a month's air and water quality, handed to the template. Places and ranks: ``environment_places``."""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Any

from obligations.publications.analysis import largest_first
from obligations.publications.environment_indicators import AIR, POLLUTANTS, WATER_INDEX, WHOLE, Indicator
from obligations.publications.environment_lines import NOW, YEAR, Observation, observations
from obligations.publications.environment_places import compared, told_ranking
from obligations.publications.environment_ranking import basis, rank_air, rank_water
from obligations.publications.environment_tables import environment_tables, ranking_chart
from obligations.publications.environment_warnings import environment_warnings, parts_fit
from obligations.publications.environment_water import water_classes
from obligations.publications.measuring import QUIET, Measures, Reading, Unit, only_value
from obligations.publications.periods import year_and_month
from obligations.publications.wording import places_of
from obligations.words.draft import DateWords
from obligations.words.publication import Analysis

if TYPE_CHECKING:
    import pandas as pd

    from obligations.words.occurrence import Period
    from obligations.words.publication import Snapshot

Told = dict[str, Any]
"""What the template tells of one thing: names, words and measure ids by meaning, None for no number."""


def environment_analysis(frame: pd.DataFrame, snapshot: Snapshot, period: Period) -> Analysis:
    """Compute the measures, tables, chart, words and warnings of one month.

    Args:
        frame: validated rows; numbers are Decimal, the index is the source row number.
        snapshot: the source file.
        period: the month.

    Raises BadInput if the month has no row, a figure cannot be, or a place cannot be ranked by the stated rule.
    """
    year, month = year_and_month(period)
    with localcontext(QUIET):
        places = observations(frame, snapshot, period)
        whole = places.get(WHOLE, {})
        air = rank_air(places, basis(frame[frame["期间"] == period.key], snapshot), snapshot)
        water = rank_water(places)
        measures = Measures(snapshot, frame, Unit("个", places=0))
        told = {
            place: {name: _told(measures, place, one) for name, one in found.items()} for place, found in places.items()
        }
        of_whole = told.get(WHOLE, {})
        words: Told = {
            "region": only_value(frame, snapshot, "地区"),
            "month": DateWords(f"{year}年{month}月"),
            "short_month": DateWords(f"{month}月"),
            "air": [of_whole[each.name] for each in AIR if each.name in of_whole],
            "parts": _parts(measures, whole),
            "ranking": told_ranking(measures, "air", air, places, told),
            "compared": compared(measures, air, places, told),
            "water": water_classes(measures, whole),
            "water_index": of_whole.get(WATER_INDEX.name),
            "water_ranking": told_ranking(measures, "water", water, places, told),
        }
        tables = environment_tables(measures, words, told, air, water)
        charts = ranking_chart(measures, words["month"], told, air)
        words |= {"has_chart": bool(charts), "has_places": "places" in tables}
        return Analysis(measures.by_id, tables, words, environment_warnings(places, air, water), charts)


def _told(measures: Measures, place: str, found: Observation) -> Told:
    """Add the measures of one observation."""
    indicator = found.indicator
    label = f"{place}{indicator.name}"
    key = f"whole.{indicator.name}" if place == WHOLE else f"place.{place}.{indicator.name}"
    ids: Told = {}
    for column, name, value in (("now", NOW, found.now), ("year", YEAR, found.year)):
        how = Reading(column, "", f"{name}{found.how}" if found.how else f"来源列“{name}”", ())
        unit = Unit(indicator.unit, places=_places(indicator, value))
        named = label if column == "now" else f"{label}{YEAR}"
        ids[column] = measures.add(f"{key}.{column}", named, value, how, found.cells(name), unit)
    value, formula, cells = found.change()
    relative = indicator.compared in {"%", "百分点"}
    how = Reading("yoy", "", formula, (), indicator.compared, 1 if relative else _places(indicator, value))
    ids["yoy"] = measures.add(f"{key}.yoy", f"{label}同比", value, how, cells)
    rising, falling = indicator.words
    name = f"{indicator.said}浓度" if indicator.limit else indicator.said
    return {"name": name, "short": indicator.header, "rising": rising, "falling": falling, **ids}


def _places(indicator: Indicator, value: Decimal) -> int:
    if indicator.fixed or not value.is_finite():
        return indicator.places
    return min(indicator.places, places_of(value))


def _parts(measures: Measures, whole: dict[str, Observation]) -> list[Told]:
    """Return what each pollutant adds to the composite index and to its change, the largest change first.

    Empty unless all six are there and add up to the index in both years: another standard may be in force.
    """
    if not (parts_fit(whole, NOW) and parts_fit(whole, YEAR)):
        return []
    changes = {each: (whole[each.name].now - whole[each.name].year) / each.standard for each in POLLUTANTS}
    parts = []
    for each in largest_first(changes):
        found, limit = whole[each.name], each.standard
        part: Told = {"name": each.said, "short": each.header}
        for column, name, value, formula, columns in (
            ("now", NOW, found.now / limit, f"{NOW}浓度 ÷ 二级标准限值{limit}", (NOW,)),
            ("year", YEAR, found.year / limit, f"{YEAR}浓度 ÷ 二级标准限值{limit}", (YEAR,)),
            ("change", "增减", changes[each], f"（{NOW}浓度 - {YEAR}浓度） ÷ 二级标准限值{limit}", (NOW, YEAR)),
        ):
            how, cells = Reading(column, "", formula, ()), found.cells(*columns)
            label = f"{each.name}单项指数{name}"
            part[column] = measures.add(f"part.{each.name}.{column}", label, value, how, cells, Unit("", places=2))
        parts.append(part)
    return parts

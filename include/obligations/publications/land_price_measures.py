"""The measures of quarterly land prices: levels and growth by use, the cities by growth, the course, the baseline.

Reading and refusing is ``land_price_lines``, what is said of the cities ``land_price_cities``.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import localcontext
from typing import TYPE_CHECKING

from obligations.publications.analysis import largest_first
from obligations.publications.comparing import (
    QUARTER,
    YEAR,
    Amount,
    Told,
    add_amount,
    compared,
    pace,
    rate_of,
    read_amount,
    rows_by,
    told_amount,
    units_of,
)
from obligations.publications.land_price_cities import city_table, movements
from obligations.publications.land_price_lines import (
    UNIT,
    UNIT_PER_MU,
    Line,
    Lines,
    cities_of,
    land_price_lines,
)
from obligations.publications.land_price_outlook import next_step
from obligations.publications.land_price_quarterly import LEVEL, OVERALL, WHOLE
from obligations.publications.land_price_warnings import land_price_warnings
from obligations.publications.measuring import QUIET, Measures, Unit, only_value
from obligations.publications.periods import (
    following_quarter,
    preceding_quarter,
    quarters_before,
    say_quarter,
    say_quarter_key,
)
from obligations.words.draft import ChartPlan, DateWords, TableColumn, TablePlan
from obligations.words.publication import Analysis

if TYPE_CHECKING:
    import pandas as pd

    from obligations.words.occurrence import Period
    from obligations.words.publication import Snapshot

PAST_YEARS = 5
LEAST_POINTS, MOST_POINTS = 4, 5
"""Quarters that a course has: with fewer there is none, five lead from a year ago to now."""


def land_price_analysis(frame: pd.DataFrame, snapshot: Snapshot, period: Period) -> Analysis:
    """Compute the measures, the tables, the chart, the words and the warnings of one quarter.

    Args:
        frame: validated rows of this quarter and, for comparison, course and baseline, of earlier ones; levels are
            Decimal, the index is the source row number.
        snapshot: the source file.
        period: the quarter.

    Raises BadInput if the quarter has no row, a level is none, or a city lacks 综合.
    """
    quarter, short_quarter = say_quarter(period)
    with localcontext(QUIET):
        lines = land_price_lines(frame, snapshot, period)
        last_key, _ = quarters_before(period)
        before = _at(frame, snapshot, period, last_key)
        measures = Measures(snapshot, frame, Unit(UNIT))
        units = units_of(
            [(UNIT, each) for line in lines.values() for each in (line.now, *line.earlier.values())]
            + [(UNIT_PER_MU, line.per_mu) for line in lines.values()]
        )
        told = {key: _told(measures, line, units, before.get(key)) for key, line in lines.items()}
        cities = cities_of(lines)
        whole = WHOLE if (WHOLE, OVERALL) in lines else cities[0] if len(cities) == 1 else None
        region = only_value(frame, snapshot, "地区")
        course = _course(measures, frame, period, whole, units[UNIT]) if whole else None
        words: Told = {
            "region": region,
            "quarter": quarter,
            "short_quarter": short_quarter,
            "last_quarter": _short(last_key, period),
            "next_quarter": _short(following_quarter(period.key), period),
            "scope": "监测城市" if whole in {WHOLE, None} else "" if whole == region else whole,
            "overall": told[whole, OVERALL] if whole else None,
            "uses": _by_growth(lines, told, whole) if whole else [],
            "cities": movements(measures, lines, told),
            "outlook": _outlook(measures, frame, lines, period, whole, units[UNIT]) if whole else None,
            "has_chart": course is not None,
        }
        ranking = city_table(measures, lines, told, f"{quarter}{OVERALL}地价环比增长率排名")
        words["has_ranking"] = ranking is not None
        tables = {"prices": _prices(measures, lines, told, f"{quarter}地价水平和增长率")}
        tables |= {"ranking": ranking} if ranking else {}
        charts = {"course": course} if course else {}
        return Analysis(measures.by_id, tables, words, land_price_warnings(lines, _past(frame, lines, period)), charts)


def _at(frame: pd.DataFrame, snapshot: Snapshot, period: Period, key: str) -> Lines:
    """Return the lines of another quarter, none where the file has no row of it."""
    if key not in set(frame["期间"]):
        return {}
    return land_price_lines(frame, snapshot, replace(period, key=key))


def _short(key: str, period: Period) -> DateWords:
    """Write a quarter without its year where that is the period's."""
    return DateWords(say_quarter_key(key)[5:]) if key[:4] == period.key[:4] else say_quarter_key(key)


def _told(measures: Measures, line: Line, units: dict[str, Unit], before: Line | None) -> Told:
    key, label = f"{line.city}.{line.use}", f"{'' if line.city == WHOLE else line.city}{line.use}地价"
    told = told_amount(measures, key, label, units[UNIT], line.now)
    for base in (QUARTER, YEAR):
        earlier, published = line.earlier[base.name], line.published[base.name]
        told |= compared(measures, key, label, units[UNIT], line.now, earlier, base, published)
    if line.per_mu.known:
        told["per_mu"] = add_amount(measures, f"{key}.per_mu", f"{label}（按亩）", line.per_mu, units[UNIT_PER_MU])
    else:
        told["per_mu"] = None
    told |= {"city": line.city, "use": line.use}
    if before is None:
        return told | {"shift": None, "turned": None}
    return told | pace(measures, key, label, line.growth(YEAR), before.growth(YEAR))


def _by_growth(lines: Lines, told: dict[tuple[str, str], Told], whole: str) -> list[Told]:
    """Return the uses of the whole, the one whose price moved most since last quarter first."""
    uses = [use for city, use in lines if city == whole and use != OVERALL]
    rates = {use: rate.value for use in uses if (rate := lines[whole, use].growth(QUARTER)).known}
    ordered = largest_first(rates)
    return [told[whole, use] for use in (*ordered, *(use for use in uses if use not in rates))]


def _course(measures: Measures, frame: pd.DataFrame, period: Period, whole: str, unit: Unit) -> ChartPlan | None:
    """Return the level of 综合 over the quarters that end with this one; None for too few."""
    keys = [period.key]
    while len(keys) < MOST_POINTS:
        keys.insert(0, preceding_quarter(keys[0]))
    levels = {key: _level(frame, key, whole, OVERALL) for key in keys}
    known = {key: level for key, level in levels.items() if level.known}
    if len(known) < LEAST_POINTS:
        return None
    rows = tuple(
        (
            say_quarter_key(key),
            measures.shown(add_amount(measures, f"course.{key}", f"{say_quarter_key(key)}{OVERALL}地价", level, unit)),
        )
        for key, level in known.items()
    )
    header = (TableColumn("季度", "left"), TableColumn(f"{OVERALL}地价水平"))
    return ChartPlan("line", TablePlan(f"{OVERALL}地价水平走势", UNIT, header, rows))


def _outlook(
    measures: Measures, frame: pd.DataFrame, lines: Lines, period: Period, whole: str, unit: Unit
) -> Told | None:
    past = {}
    for years in range(1, PAST_YEARS + 1):
        key = f"{int(period.key[:4]) - years}{period.key[4:]}"
        same, following = (_level(frame, each, whole, OVERALL) for each in (key, following_quarter(key)))
        past[DateWords(f"{key[:4]}年")] = (same, following)
    return next_step(measures, "outlook", f"{OVERALL}地价", unit, lines[whole, OVERALL].now, past)


def _level(frame: pd.DataFrame, key: str, city: str, use: str) -> Amount:
    return read_amount(frame, rows_by(frame, key, "监测城市", "用途").get((city, use)), LEVEL)


def _past(frame: pd.DataFrame, lines: Lines, period: Period) -> dict[str, list[Amount]]:
    """Return the growth on the quarter that 综合 had in each earlier quarter, by city, as far as the rows tell."""
    earlier = sorted(key for key in set(frame["期间"]) if "Q" in key and key < period.key)
    rows = {key: rows_by(frame, key, "监测城市", "用途") for key in earlier}
    found: dict[str, list[Amount]] = {}
    for city in dict.fromkeys(city for city, _ in lines):
        levels = {key: read_amount(frame, rows[key].get((city, OVERALL)), LEVEL) for key in earlier}
        rates = [
            rate_of(level, levels[before], UNIT)
            for key, level in levels.items()
            if (before := preceding_quarter(key)) in levels
        ]
        found[city] = [rate for rate in rates if rate.known]
    return found


def _prices(measures: Measures, lines: Lines, told: dict[tuple[str, str], Told], caption: str) -> TablePlan:
    columns = {
        "now": f"地价水平（{UNIT}）", "per_mu": f"按亩（{UNIT_PER_MU}）", "qoq": "环比增长率（%）", "yoy": "同比增长率（%）",
    }  # fmt: skip
    present = [name for name in columns if any(each[name] for each in told.values())]
    several = len(dict.fromkeys(city for city, _ in lines)) > 1
    header = ([TableColumn("监测城市", "left")] if several else []) + [TableColumn("用途", "left")]
    header += [TableColumn(columns[name]) for name in present]
    rows = [
        (*((city,) if several else ()), use, *(measures.shown(told[city, use][name]) for name in present))
        for city, use in lines
    ]
    return TablePlan(caption, "", tuple(header), tuple(rows))

"""The measures of a quarter's social assistance, handed to the template: persons, standards, money, and what drove it."""

from __future__ import annotations

from decimal import localcontext
from typing import TYPE_CHECKING

from obligations.publications.assistance_lines import (
    AREAS,
    Lines,
    assistance_lines,
    assistance_warnings,
    base_total,
    none_of,
    this_quarter,
    total_spending,
)
from obligations.publications.comparing import (
    NOTHING,
    QUARTER,
    YEAR,
    Amount,
    Told,
    add_amount,
    compared,
    contributions,
    told_amount,
    units_of,
)
from obligations.publications.measuring import QUIET, Measures, Unit, only_value
from obligations.publications.periods import closing_month, say_quarter, say_through
from obligations.publications.social_assistance_quarterly import (
    CATEGORIES,
    CUMULATIVE,
    PERSONS,
    SPENDING,
    STANDARD,
    TIMES,
    UNITS,
    WHOLE,
    WITHIN,
)
from obligations.words.draft import DateWords, TableColumn, TablePlan
from obligations.words.publication import Analysis

if TYPE_CHECKING:
    import pandas as pd

    from obligations.words.occurrence import Period
    from obligations.words.publication import Snapshot

_VERBS = {STANDARD: ("提高", "降低")}


def assistance_analysis(frame: pd.DataFrame, snapshot: Snapshot, period: Period) -> Analysis:
    """Compute the measures, the tables, the words and the warnings of one quarter.

    Args:
        frame: validated rows; numbers are Decimal, the index is the source row number.
        snapshot: the source file.
        period: the quarter.

    Raises BadInput if the quarter has no row, an indicator a wrong unit, or a number is negative.
    """
    quarter, short_quarter = say_quarter(period)
    _, month = closing_month(period)
    with localcontext(QUIET):
        lines = assistance_lines(frame, snapshot, period.key)
        measures = Measures(snapshot, frame, Unit("人"))
        units = units_of((line.unit, each) for line in lines.values() for each in (line.now, line.quarter, line.year))
        told = {key: _told(measures, key, units[line.unit], lines, month // 3) for key, line in lines.items()}
        drivers = _drivers(measures, lines, units)
        categories = _categories(told)
        words: Told = {
            "region": only_value(frame, snapshot, "地区"),
            "quarter": quarter,
            "short_quarter": short_quarter,
            "months": say_through(period, with_year=False),
            "quarter_end": DateWords(f"{month}月底"),
            "categories": categories,
            "standards": [_with_areas(told, category, STANDARD) for category in CATEGORIES if _has(told, category)],
            "spending": drivers,
            "no_persons": none_of(lines, PERSONS, TIMES),
            "no_spending": none_of(lines, SPENDING),
        }
        tables = {each["table"]: _table(measures, each["name"], lines, told) for each in categories}
        if drivers:
            tables["spending"] = _driver_table(measures, drivers)
        return Analysis(measures.by_id, tables, words, assistance_warnings(lines, month // 3))


def _has(told: dict[tuple[str, str, str], Told], category: str) -> bool:
    return any((category, STANDARD, area) in told for area in AREAS)


def _told(measures: Measures, at: tuple[str, str, str], unit: Unit, lines: Lines, quarter: int) -> Told:
    line, (category, indicator, area) = lines[at], at
    key, of_area = f"{category}.{indicator}.{area}", "" if area == WHOLE else area
    label = f"{of_area}{category}{indicator}"
    told = told_amount(measures, key, label, unit, line.now)
    told |= compared(measures, key, label, unit, line.now, line.year, YEAR)
    rising, falling = _VERBS.get(indicator, ("增加", "减少"))
    told |= {"name": indicator, "category": category, "area": of_area, "rising": rising, "falling": falling}
    told |= {"alone": None, "share": None, "qoq": None, "qoq_change": None}
    if indicator in CUMULATIVE and quarter > 1:  # in the first quarter it would say the same twice
        alone = this_quarter(line)
        told["alone"] = add_amount(measures, f"{key}.alone", f"{label}本季度数", alone, unit)
    elif indicator not in CUMULATIVE:
        told |= compared(measures, key, label, unit, line.now, line.quarter, QUARTER)
    whole = lines.get((category, indicator, WHOLE))
    if of_area and whole and indicator != STANDARD and whole.now.value > 0:
        cells, part = (*line.now.cells, *whole.now.cells), line.now.value / whole.now.value * 100
        share = Amount(part, f"{area}数 ÷ 合计数 × 100", cells)
        told["share"] = add_amount(measures, f"{key}.share", f"{label}占比", share, Unit("%", places=1))
    return told


def _with_areas(told: dict[tuple[str, str, str], Told], category: str, indicator: str) -> Told:
    """Return one indicator of a category: the whole if there is one, and its urban and rural parts."""
    found = [told[category, indicator, area] for area in AREAS if (category, indicator, area) in told]
    whole = next((one for one in found if not one["area"]), None)
    return {
        "name": indicator,
        "category": category,
        "cumulative": indicator in CUMULATIVE,
        "of_quarter": indicator in WITHIN,
        "whole": whole,
        "areas": [one for one in found if one["area"]],
    }


def _categories(told: dict[tuple[str, str, str], Told]) -> list[Told]:
    """Return the categories in the law's order, each with its indicators but the standards, which have a section."""
    found: list[Told] = []
    for category in CATEGORIES:
        names = [name for name in UNITS if any(key[:2] == (category, name) for key in told)]
        if names:
            counted = [_with_areas(told, category, name) for name in names if name not in (STANDARD, SPENDING)]
            spent = [_with_areas(told, category, SPENDING)] if SPENDING in names else []
            table = f"category-{len(found) + 1}"
            found.append({"name": category, "counted": counted, "spent": spent, "table": table})
    return found


def _drivers(measures: Measures, lines: Lines, units: dict[str, Unit]) -> Told | None:
    """Return all spending together, and what each category contributed to its change, the largest first."""
    spending = total_spending(lines)
    if spending is None:
        return None
    unit, by_category = spending
    now, year = base_total(by_category, "now"), base_total(by_category, "year")
    label = "以上各类资金支出合计"
    told = told_amount(measures, "spending", label, units[unit], now)
    told |= compared(measures, "spending", label, units[unit], now, year, YEAR)
    told |= {"rising": "增加", "falling": "减少", "qoq": None, "qoq_change": None}
    parts: dict[str, tuple[Amount, Amount]] = {
        category: (line.now, line.year if year.known else NOTHING) for category, line in by_category.items()
    }
    return {**told, "unit": unit, "parts": contributions(measures, "spending.of", (now, year), parts, units[unit])}


def _table(measures: Measures, category: str, lines: Lines, told: dict[tuple[str, str, str], Told]) -> TablePlan:
    columns = {
        "now": "本期数",
        "qoq_before": "上季度数",
        "qoq": "环比（%）",
        "yoy_before": "上年同期数",
        "yoy": "同比（%）",
    }
    own = {key: each for key, each in told.items() if key[0] == category}
    present = [name for name in columns if any(each.get(name) for each in own.values())]
    header = (TableColumn("指标", "left"), TableColumn("城乡", "center"))
    rows = tuple(
        (
            f"{'累计' if name in CUMULATIVE else ''}{name}（{lines[category, name, area].unit}）",
            area,
            *(measures.shown(own[category, name, area].get(column)) for column in present),
        )
        for name in UNITS
        for area in AREAS
        if (category, name, area) in own
    )
    return TablePlan(f"{category}情况", "", (*header, *(TableColumn(columns[name]) for name in present)), rows)


def _driver_table(measures: Measures, spending: Told) -> TablePlan:
    columns = {"change": "同比增减额", "pull": "拉动（百分点）", "share": "占比（%）"}
    present = [name for name in columns if any(part[name] for part in spending["parts"])]
    header = (TableColumn("类别", "left"), *(TableColumn(columns[name]) for name in present))
    rows = tuple((part["name"], *(measures.shown(part[name]) for name in present)) for part in spending["parts"])
    return TablePlan("社会救助资金支出的构成和变化", f"单位：{spending['unit']}", header, rows)

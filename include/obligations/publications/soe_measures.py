"""The measures of state-owned enterprises' indicators, handed to the template. Reading and refusing: ``soe_lines``."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING

from obligations.publications.comparing import (
    NOTHING,
    YEAR,
    Amount,
    Told,
    add_amount,
    compared,
    contributions,
    less,
    pace,
    settled,
    told_amount,
    units_of,
)
from obligations.publications.measuring import QUIET, Measures, Reading, Unit, only_value
from obligations.publications.outlook import outlook_baseline
from obligations.publications.periods import closing_month, say_through, step_before, years_before
from obligations.publications.soe_indicators import BALANCE, CLASS, INDUSTRY, PROFIT, RATIO, SECTIONS, WHOLE
from obligations.publications.soe_lines import Line, Lines, soe_lines
from obligations.publications.soe_warnings import soe_warnings
from obligations.words.draft import DateWords, TableColumn, TablePlan
from obligations.words.publication import Analysis

if TYPE_CHECKING:
    import pandas as pd

    from obligations.words.occurrence import Period
    from obligations.words.publication import Snapshot

PAST_YEARS = 5
NO_PACE: Told = {"shift": None, "turned": None}
MOST_NAMED = 5
"""How many industries a sentence names; the table has all."""


def soe_analysis(frame: pd.DataFrame, snapshot: Snapshot, period: Period) -> Analysis:
    """Compute the measures, the tables, the words and the warnings of one month or quarter.

    Args:
        frame: validated rows of this period and, for the change of growth and the outlook, of earlier ones; amounts are
            Decimal, the index is the source row number.
        snapshot: the source file.
        period: the month or quarter.

    Raises BadInput if the period has no 合计 or several, units differ, or a figure cannot be.
    """
    _, month = closing_month(period)
    with localcontext(QUIET):
        lines = soe_lines(frame, snapshot, period.key)
        before_key = step_before(period)
        awaited = say_through(replace(period, key=before_key), with_year=False) if before_key else None
        before = soe_lines(frame, snapshot, before_key) if before_key and before_key in set(frame["期间"]) else None
        year_key = years_before(period, 1)[0]
        year = soe_lines(frame, snapshot, year_key) if year_key in set(frame["期间"]) else None
        measures = Measures(snapshot, frame, Unit("亿元"))
        units = units_of((line.unit, each) for line in lines.each() for each in (line.now, line.last_year))
        told = {(line.scope, line.indicator): _told(measures, line, units[line.unit], before) for line in lines.each()}
        drivers = _drivers(measures, lines, units, told)
        words: Told = {
            "region": only_value(frame, snapshot, "地区"),
            "through": say_through(period),
            "months": say_through(period, with_year=False),
            "months_before": awaited,
            "month_end": DateWords(f"{month}月末"),
            "scope": lines.whole,
            "sections": _sections(measures, lines, told),
            "drivers": drivers,
            "industries": _industries(measures, lines, told),
            "outlooks": _outlooks(measures, frame, snapshot, lines, units, period),
        }
        tables = {"indicators": _table(measures, lines, told, f"{words['through']}{lines.whole}主要经济指标")}
        if drivers:
            tables["drivers"] = _driver_table(measures, drivers)
        return Analysis(measures.by_id, tables, words, soe_warnings(lines, before, year, awaited))


def _told(measures: Measures, line: Line, unit: Unit, before: Lines | None) -> Told:
    key, label = f"{line.scope}.{line.indicator}", f"{line.scope}{line.indicator}"
    told = told_amount(measures, key, label, unit, line.now)
    told |= compared(measures, key, label, unit, line.now, line.last_year, YEAR, line.published)
    rising, falling = ("上升", "下降") if line.indicator == RATIO else ("增长", "下降")
    told |= {"name": line.indicator, "scope": line.scope, "rising": rising, "falling": falling}
    told |= {
        "below_zero": "亏损" if line.indicator in SECTIONS["利润"] else "负",
        "was_positive": line.last_year.known and line.last_year.value > 0,
    }
    earlier = before.find(line.scope, line.indicator) if before else None
    then = earlier.growth() if earlier and line.indicator not in BALANCE else NOTHING
    return told | pace(measures, key, label, line.growth(), then)


def _sections(measures: Measures, lines: Lines, told: dict[tuple[str, str], Told]) -> list[Told]:
    sections = []
    for heading, indicators in SECTIONS.items():
        found = []
        for indicator in indicators:
            if (lines.whole, indicator) not in told:
                continue
            one = told[lines.whole, indicator]
            parts = [told[scope, indicator] for scope in lines.classes if (scope, indicator) in told]
            found.append({**one, "parts": parts})
        if heading.startswith("资产") and not any(each["name"] == RATIO for each in found):
            found += _computed_ratio(measures, lines)
        if found:
            sections.append({"name": heading, "of_a_day": heading.startswith("资产"), "lines": found})
    return sections


def _computed_ratio(measures: Measures, lines: Lines) -> list[Told]:
    """Return 资产负债率 from assets and debts where the source gives both and not the ratio itself."""
    debts, assets = lines.find(lines.whole, "负债总额"), lines.find(lines.whole, "资产总额")
    if debts is None or assets is None:
        return []
    now, last_year = ratio(debts.now, assets.now), ratio(debts.last_year, assets.last_year)
    key, label = f"{lines.whole}.{RATIO}", f"{lines.whole}{RATIO}"
    found = add_amount(measures, f"{key}.now", label, now, Unit("%", places=1))
    shift = settled(less(now, last_year, "本期比率 - 上年同期比率"))
    yoy = add_amount(measures, f"{key}.yoy", f"{label}同比", shift, Unit("百分点", places=1))
    if found is None:
        return []
    told: Told = {"name": RATIO, "now": found, "loss": None, "yoy": yoy, "yoy_change": None, "yoy_loss": None}
    return [{**told, "yoy_stayed": False, "rising": "上升", "falling": "下降", **NO_PACE, "parts": []}]


def ratio(debts: Amount, assets: Amount) -> Amount:
    """Return debts in % of assets; nothing without both, or without positive assets."""
    if not (debts.known and assets.known and assets.value > 0):
        return NOTHING
    return Amount(debts.value / assets.value * 100, "负债总额 ÷ 资产总额 × 100", (*debts.cells, *assets.cells))


def _drivers(measures: Measures, lines: Lines, units: dict[str, Unit], told: dict[tuple[str, str], Told]) -> list[Told]:
    """Return, an amount of the whole, what each class of enterprises contributed to its change, the largest first."""
    drivers = []
    for line in lines.each():
        if line.scope != lines.whole or line.unit == "%":
            continue
        parts = {
            scope: (part.now, part.last_year) for scope in lines.classes if (part := lines.find(scope, line.indicator))
        }
        if len(parts) < 2 or not line.last_year.known:
            continue
        found = contributions(measures, f"of.{line.indicator}", (line.now, line.last_year), parts, units[line.unit])
        if any(part["pull"] for part in found):
            whole = {**told[lines.whole, line.indicator], "unit": line.unit}
            drivers.append({"whole": whole, "parts": [part for part in found if part["pull"]]})
    return drivers


def _industries(measures: Measures, lines: Lines, told: dict[tuple[str, str], Told]) -> Told | None:
    """Return the industries by profit, the largest first, those with none or a loss apart; None where the source has none."""
    found = {scope: line.now.value for scope in lines.industries if (line := lines.find(scope, PROFIT))}
    if not found:
        return None
    ordered = sorted(found, key=lambda scope: -found[scope])
    cells = [cell for scope in ordered for cell in lines.at(scope, PROFIT).now.cells]
    earning = [told[scope, PROFIT] for scope in ordered if found[scope] > 0]
    even = [scope for scope in ordered if found[scope] == 0]
    losing = [told[scope, PROFIT] for scope in reversed(ordered) if found[scope] < 0]
    counts = {}
    for name, word, compared_with_zero, number in (
        ("earning", "盈利", "高于零", len(earning)),
        ("even", "利润为零的", "为零", len(even)),
        ("losing", "亏损", "低于零", len(losing)),
    ):
        how = Reading("", "", f"利润总额{compared_with_zero}的行业个数", ())
        count = Decimal(number) if number else None
        counts[f"{name}_count"] = measures.add(
            f"industries.{name}", f"{word}行业个数", count, how, cells, Unit("个", places=0)
        )
    found_by_sign = {"earning": earning[:MOST_NAMED], "even": even, "losing": losing[:MOST_NAMED]}
    return {**counts, **found_by_sign, "more": len(earning) > MOST_NAMED}


def _outlooks(
    measures: Measures, frame: pd.DataFrame, snapshot: Snapshot, lines: Lines, units: dict[str, Unit], period: Period
) -> list[Told]:
    """Return the baseline of revenue and profit from the rows of past years, where there are any."""
    periods, found = set(frame["期间"]), []
    for indicator in ("营业总收入", PROFIT):
        line = lines.find(lines.whole, indicator)
        past = {}
        for years in range(1, PAST_YEARS + 1):
            keys = years_before(period, years)
            if line and line.unit != "%" and keys[0] != keys[1] and periods >= set(keys):
                same, whole = (soe_lines(frame, snapshot, key).find(lines.whole, indicator) for key in keys)
                if same and whole:
                    past[DateWords(f"{keys[0][:4]}年")] = (same.now, whole.now)
        if line and (
            told := outlook_baseline(measures, f"outlook.{indicator}", indicator, units[line.unit], line.now, past)
        ):
            found.append(told)
    return found


def _table(measures: Measures, lines: Lines, told: dict[tuple[str, str], Told], caption: str) -> TablePlan:
    columns = {"now": "本期数", "yoy_before": "上年同期数", "yoy": "同比增减（%）"}
    present = [name for name in columns if any(each[name] for each in told.values())]
    header = (
        TableColumn("指标", "left"),
        TableColumn("范围", "left"),
        *(TableColumn(columns[name]) for name in present),
    )
    scopes = (lines.whole, *lines.classes, *lines.industries)
    rows = [
        (
            _named(line),
            WHOLE if scope == lines.whole else scope,
            *(measures.shown(told[scope, indicator][name]) for name in present),
        )
        for group in (WHOLE, CLASS, INDUSTRY)
        for names in SECTIONS.values()
        for indicator in names
        for scope in scopes
        if (line := lines.find(scope, indicator)) and line.group == group
    ]
    return TablePlan(caption, "", header, tuple(rows))


def _named(line: Line) -> str:
    return f"{line.indicator}（{line.unit}）"


def _driver_table(measures: Measures, drivers: list[Told]) -> TablePlan:
    columns = {"change": "同比增减额", "pull": "拉动（百分点）", "share": "占比（%）"}
    header = (TableColumn("指标", "left"), TableColumn("范围", "left"))
    rows = tuple(
        (
            f"{each['whole']['name']}（{each['whole']['unit']}）",
            part["name"],
            *(measures.shown(part[name]) for name in columns),
        )
        for each in drivers
        for part in each["parts"]
    )
    return TablePlan("各类企业对增减变化的拉动", "", (*header, *(TableColumn(name) for name in columns.values())), rows)

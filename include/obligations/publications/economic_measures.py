"""The measures of economic indicators, handed to the template: a lead table, and one paragraph an indicator."""

from __future__ import annotations

from dataclasses import replace
from decimal import localcontext
from typing import TYPE_CHECKING, Any

from obligations.publications.comparing import (
    NOTHING,
    YEAR,
    Told,
    add_amount,
    compared,
    contributions,
    pace,
    told_amount,
    units_of,
)
from obligations.publications.economic_lines import PRICES, Line, economic_lines, economic_warnings
from obligations.publications.measuring import QUIET, Measures, Unit, only_value
from obligations.publications.outlook import outlook_baseline
from obligations.publications.periods import say_period, say_through, step_before, years_before
from obligations.publications.wording import NO_VALUE
from obligations.words.draft import ChartPlan, DateWords, TableColumn, TablePlan
from obligations.words.publication import Analysis

if TYPE_CHECKING:
    import pandas as pd

    from obligations.words.occurrence import Period
    from obligations.words.publication import Snapshot

PAST_YEARS = 5
MOST_BARS = 12


def economic_analysis(frame: pd.DataFrame, snapshot: Snapshot, period: Period) -> Analysis:
    """Compute the measures, the table, the chart, the words and the warnings of one month, quarter or year.

    Args:
        frame: validated rows of this period and, for the change of growth and the outlook, of earlier ones; numbers are
            Decimal, the index is the source row number.
        snapshot: the source file.
        period: the month, quarter or year.

    Raises BadInput if the period has no row, a part names no whole, or an amount has no unit.
    """
    through = say_through(period)
    with localcontext(QUIET):
        lines = economic_lines(frame, snapshot, period.key)
        before_key, periods = step_before(period), set(frame["期间"])
        before = economic_lines(frame, snapshot, before_key) if before_key in periods and before_key else {}
        awaited = say_through(replace(period, key=before_key), with_year=False) if before_key else None
        year_key = years_before(period, 1)[0]
        year = economic_lines(frame, snapshot, year_key) if year_key in periods else {}
        measures = Measures(snapshot, frame, Unit("亿元"))
        units = units_of(
            (line.unit, each) for line in lines.values() for each in (line.alone, line.now, line.last_year)
        )
        told = {name: _told(measures, line, units[line.unit], before.get(name)) for name, line in lines.items()}
        for name, line in lines.items():
            told[name]["parts"] = _parts(measures, line, units[line.unit], lines, told)
        words: Told = {
            "region": only_value(frame, snapshot, "地区"),
            "through": through,
            "months": say_through(period, with_year=False),
            "months_before": awaited,
            "alone": _say_alone(period) if before_key else None,  # January alone is January so far
            "indicators": [told[name] for name, line in lines.items() if not line.parent and told[name]["any"]],
            "outlooks": _outlooks(measures, frame, snapshot, lines, units, period),
            "has_constant": any(line.constant for line in lines.values()),
        }
        charts = _chart(measures, lines, told, through)
        words["has_chart"] = bool(charts)
        tables = {"indicators": _table(measures, lines, told, f"{through}国民经济主要指标")}
        return Analysis(measures.by_id, tables, words, economic_warnings(lines, before, year, awaited), charts)


def _say_alone(period: Period) -> DateWords:
    """Write the month or quarter alone, without its year: ``2月``, ``三季度``."""
    return DateWords(str(say_period(period)).partition("年")[2])


def _told(measures: Measures, line: Line, unit: Unit, before: Line | None) -> Told:
    key = f"indicator.{line.name}"
    rising, falling = ("上升", "下降") if unit.name == "%" else ("增长", "下降")
    if any(word in line.name for word in PRICES) and unit.name != "%":
        rising = "上涨"
    told: Told = {"name": line.name, "rising": rising, "falling": falling}
    told |= told_amount(measures, key, f"{line.name}累计数", unit, line.now)
    published = line.published if not line.computes() else NOTHING
    told |= compared(measures, key, f"{line.name}累计数", unit, line.now, line.comparable, YEAR, published)
    alone = told_amount(measures, f"{key}.alone", f"{line.name}本期数", unit, line.alone)
    alone |= compared(
        measures, f"{key}.alone", f"{line.name}本期数", unit, line.alone, NOTHING, YEAR, line.alone_published
    )
    told["alone"] = alone if alone["now"] or alone["yoy"] else None
    told["last_year"] = told["yoy_before"] or add_amount(
        measures, f"{key}.last_year", f"{line.name}上年同期累计数", line.last_year, unit
    )
    told["any"] = bool(told["now"] or told["yoy"] or told["alone"])
    then = before.growth() if before is not None and unit.name != "%" else NOTHING
    return told | pace(measures, key, f"{line.name}累计", line.growth(), then)


def _parts(measures: Measures, line: Line, unit: Unit, lines: dict[str, Line], told: dict[str, Told]) -> list[Told]:
    """Return the parts of an indicator with share and pull, those that changed it most first, then the others."""
    parts = {name: each for name, each in lines.items() if each.parent == line.name and told[name]["any"]}
    amounts = {
        name: (each.now, each.comparable) for name, each in parts.items() if each.unit == line.unit and line.unit != "%"
    }
    # Growth at constant prices is not the sum of changes at current ones: such an indicator has shares, and no pull.
    whole = (line.now, line.comparable)
    found = {part["name"]: part for part in contributions(measures, f"of.{line.name}", whole, amounts, unit)}
    names = (*found, *(name for name in parts if name not in found))
    nothing = {"pull": None, "share": None, "change": None}
    return [{**told[name], **(found.get(name) or nothing)} for name in names]


def _outlooks(
    measures: Measures,
    frame: pd.DataFrame,
    snapshot: Snapshot,
    lines: dict[str, Line],
    units: dict[str, Unit],
    period: Period,
) -> list[Told]:
    """Return the baseline of every independent amount from the rows of past years, where there are any."""
    periods, found = set(frame["期间"]), []
    pairs = [keys for years in range(1, PAST_YEARS + 1) if (keys := years_before(period, years)) and periods >= {*keys}]
    past: dict[DateWords, tuple[dict[str, Line], dict[str, Line]]] = {
        DateWords(f"{same[:4]}年"): (economic_lines(frame, snapshot, same), economic_lines(frame, snapshot, whole))
        for same, whole in pairs
        if same != whole
    }
    for name, line in lines.items():
        if line.parent or line.unit in {"", "%"}:
            continue
        of_years = {
            year: (so_far[name].now, closed[name].now)
            for year, (so_far, closed) in past.items()
            if name in so_far and name in closed
        }
        if told := outlook_baseline(measures, f"outlook.{name}", name, units[line.unit], line.now, of_years):
            found.append(told)
    return found


def _table(measures: Measures, lines: dict[str, Line], told: dict[str, Told], caption: str) -> TablePlan:
    columns = {
        "本期": ("alone", "now"),
        "本期同比（%）": ("alone", "yoy"),
        "累计": ("now",),
        "上年同期累计": ("last_year",),
        "累计同比（%）": ("yoy",),
    }
    present = {title: path for title, path in columns.items() if any(_at(one, path) for one in told.values())}
    header = (TableColumn("指标", "left"), TableColumn("单位", "center"), *(TableColumn(title) for title in present))
    rows = tuple(
        (
            f"其中：{name}" if line.parent else name,
            line.unit or NO_VALUE,
            *(measures.shown(_at(told[name], path)) for path in present.values()),
        )
        for name, line in lines.items()
    )
    return TablePlan(caption, "", header, rows)


def _at(told: Told, path: tuple[str, ...]) -> str | None:
    found: Any = told
    for name in path:
        found = found and found[name]
    return found or None


def _chart(measures: Measures, lines: dict[str, Line], told: dict[str, Told], through: str) -> dict[str, ChartPlan]:
    """Return bars of the growth of independent indicators; a change in 百分点 is no growth, and one bar no chart."""
    names = [name for name, line in lines.items() if not line.parent and line.unit != "%" and told[name]["yoy"]]
    if not 2 <= len(names) <= MOST_BARS:
        return {}
    header = (TableColumn("指标", "left"), TableColumn("累计同比"))
    rows = tuple((name, measures.shown(told[name]["yoy"])) for name in names)
    return {"growth": ChartPlan("bar", TablePlan(f"{through}主要指标累计同比", "%", header, rows))}

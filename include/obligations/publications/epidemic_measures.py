"""The measures of a month's notifiable diseases, handed to the template: totals, classes, order of diseases, drivers."""

from __future__ import annotations

from calendar import monthrange
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING

from obligations.publications.analysis import rank
from obligations.publications.comparing import Amount, Base, Told, added, compared, contributions, told_amount
from obligations.publications.epidemic_lines import (
    BASES,
    COUNTS,
    UNITS,
    DiseaseClass,
    Line,
    all_together,
    epidemic_lines,
    epidemic_warnings,
)
from obligations.publications.measuring import QUIET, Measures, Reading, Unit, only_value
from obligations.publications.periods import month_before, year_and_month
from obligations.words.draft import ChartPlan, DateWords, TableColumn, TablePlan
from obligations.words.publication import Analysis

if TYPE_CHECKING:
    import pandas as pd

    from obligations.words.occurrence import Period
    from obligations.words.publication import Snapshot

FOREMOST = {"甲类": 2, "乙类": 5, "丙类": 3}
"""Down to which rank diseases are named, as provinces do."""
MOST_DRIVERS, MOST_BARS = 3, 10


def epidemic_analysis(frame: pd.DataFrame, snapshot: Snapshot, period: Period) -> Analysis:
    """Compute the measures, the tables, the chart, the words and the warnings of one month.

    Args:
        frame: validated rows; counts are Decimal, the index is the source row number.
        snapshot: the source file.
        period: the month.

    Raises BadInput if the month has no row, a class no total, or a number is no count.
    """
    year, month = year_and_month(period)
    with localcontext(QUIET):
        classes = epidemic_lines(frame, snapshot, period.key)
        earlier = month_before(period)
        last_month = epidemic_lines(frame, snapshot, earlier) if earlier in set(frame["期间"]) else {}
        whole = all_together(classes)
        measures = Measures(snapshot, frame, Unit("例", places=0))
        total = _told(measures, "all", whole)
        of_class = {name: _told(measures, f"class.{name}", each.total) for name, each in classes.items()}
        of_disease = {
            name: [_told(measures, f"{name}.{line.name}", line) for line in each.diseases]
            for name, each in classes.items()
        }
        words: Told = {
            "region": only_value(frame, snapshot, "地区"),
            "month": DateWords(f"{year}年{month}月"),
            "window": DateWords(f"{year}年{month}月1日0时至{month}月{monthrange(year, month)[1]}日24时"),
            "total": total,
            "classes": [
                {**of_class[name], **_order(measures, name, each, of_disease[name])} for name, each in classes.items()
            ],
            "drivers": [found for base in BASES if (found := _drivers(measures, base, classes, whole))],
        }
        tables = {
            "diseases": _table(measures, total, of_class, of_disease, f"{words['month']}法定传染病发病、死亡统计表")
        }
        charts = _chart(measures, classes, of_disease)
        words["has_chart"] = bool(charts)
        return Analysis(measures.by_id, tables, words, epidemic_warnings(classes, whole, last_month), charts)


def _told(measures: Measures, key: str, line: Line) -> Told:
    """Add the measures of one line; ``cases`` and ``deaths`` each have ``now``, ``mom``, ``yoy`` and what goes with them."""
    told: Told = {"name": line.name, "none": line.none()}
    for count, word in COUNTS.items():
        unit, label = Unit(UNITS[count], places=0), f"{line.name}{word}数"
        one = told_amount(measures, f"{key}.{count}", label, unit, line.now[count])
        for base in BASES:
            one |= compared(measures, f"{key}.{count}", label, unit, line.now[count], line.before[count, base], base)
        told[count] = one | {"none": not line.now[count].value}
    return told


def _order(measures: Measures, name: str, each: DiseaseClass, told: list[Told]) -> Told:
    """Return the foremost diseases of a class in order of cases, equals side by side, their share, and the others."""
    reported = {line.name: line for line in each.diseases if line.cases() > 0}
    placings = rank({disease: (-line.cases(),) for disease, line in reported.items()})
    foremost = [disease for disease, placing in placings.items() if placing.rank <= FOREMOST[name]]
    by_name = {one["name"]: one for one in told}
    groups: dict[int, Told] = {}
    for disease in foremost:
        group = groups.setdefault(placings[disease].rank, {"names": [], "cases": by_name[disease]["cases"]["now"]})
        group["names"].append(disease)
    found: Told = {
        "short": name,
        "groups": list(groups.values()),
        "share": None,
        "others": None,
        "complete": each.complete() and bool(each.diseases),
        "unreported": [line.name for line in each.diseases if line.none()],
    }
    label = f"{name}传染病"
    if foremost:
        top = added((reported[disease].now["cases"] for disease in foremost), "所列病种发病数之和")
        cells = (*top.cells, *each.total.now["cases"].cells)
        how = Reading("", "", "所列病种发病数之和 ÷ 该类发病合计数 × 100", ())
        share = top.value / each.total.cases() * 100 if each.total.cases() else None
        found["share"] = measures.add(
            f"class.{name}.share", f"{label}居前病种占比", share, how, cells, Unit("%", places=2)
        )
    rest = [line for line in each.diseases if not line.none() and line.name not in foremost]
    if found["complete"] and rest:
        found["others"] = _others(measures, name, rest)
    return found


def _others(measures: Measures, name: str, rest: list[Line]) -> Told:
    """Return how many further diseases were reported, with their cases and deaths together."""
    told: Told = {"no_deaths": not any(line.now["deaths"].value for line in rest)}
    cells = tuple(cell for line in rest for count in COUNTS for cell in line.now[count].cells)
    for key, word, amount, unit in (
        ("count", "种数", Amount(Decimal(len(rest)), "其余有报告的病种个数", cells), "种"),
        *(
            (count, f"{word}数", added((line.now[count] for line in rest), f"其余病种{word}数之和"), UNITS[count])
            for count, word in COUNTS.items()
        ),
    ):
        how = Reading("", "", amount.how, ())
        measure_id = f"class.{name}.others.{key}"
        label = f"{name}传染病其余病种{word}"
        told[key] = measures.add(measure_id, label, amount.value, how, amount.cells, Unit(unit, places=0))
    return told


def _drivers(measures: Measures, base: Base, classes: dict[str, DiseaseClass], whole: Line) -> Told | None:
    """Return the diseases that changed the total most, those with more cases and those with fewer apart."""
    before = whole.before["cases", base]
    parts = {
        line.name: (line.now["cases"], line.before["cases", base])
        for each in classes.values()
        for line in each.diseases
        if line.before["cases", base].known and line.before["cases", base].value != line.cases()
    }
    found = contributions(measures, f"drivers.{base.name}", (whole.now["cases"], before), parts, Unit("例", places=0))
    moved = [part for part in found if part["pull"]]
    if not moved:
        return None
    rose = [part for part in moved if (measures.value(part["change"]) or 0) > 0]
    fell = [part for part in moved if (measures.value(part["change"]) or 0) < 0]
    return {"than": base.of, "rose": rose[:MOST_DRIVERS], "fell": fell[:MOST_DRIVERS]}


def _table(
    measures: Measures, total: Told, classes: dict[str, Told], diseases: dict[str, list[Told]], caption: str
) -> TablePlan:
    columns = {
        ("cases", "now"): "发病数（例）",
        ("deaths", "now"): "死亡数（人）",
        ("cases", "mom"): "发病环比（%）",
        ("cases", "yoy"): "发病同比（%）",
    }
    lines = [total, *(line for name in classes for line in (classes[name], *diseases[name]))]
    present = [column for column in columns if any(line[column[0]][column[1]] for line in lines)]
    header = (TableColumn("病种", "left"), *(TableColumn(columns[column]) for column in present))
    rows = ((line["name"], *(measures.shown(line[count][name]) for count, name in present)) for line in lines)
    return TablePlan(caption, "", header, tuple(rows))


def _chart(
    measures: Measures, classes: dict[str, DiseaseClass], diseases: dict[str, list[Told]]
) -> dict[str, ChartPlan]:
    """Return bars of the diseases with the most cases, beside last month's and last year's; none for a single one."""
    counts = {
        (name, line.name): line.cases() for name, each in classes.items() for line in each.diseases if line.cases() > 0
    }
    foremost = sorted(counts, key=lambda item: -counts[item])[:MOST_BARS]
    if len(foremost) < 2:
        return {}
    told = {(name, one["name"]): one["cases"] for name, lines in diseases.items() for one in lines}
    columns = {"now": "本月", "mom_before": "上月", "yoy_before": "上年同期"}
    present = [column for column in columns if any(told[item][column] for item in foremost)]
    header = (TableColumn("病种", "left"), *(TableColumn(columns[column]) for column in present))
    rows = tuple((item[1], *(measures.shown(told[item][column]) for column in present)) for item in foremost)
    return {"foremost": ChartPlan("bar", TablePlan("发病数居前的病种", "例", header, rows))}

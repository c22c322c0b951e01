"""Names the measures of a month's fiscal figures and hands them to the template. Sums: ``fiscal_lines``."""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Any

from obligations.publications.fiscal_lines import WHOLES, fiscal_lines
from obligations.publications.fiscal_warnings import fiscal_warnings
from obligations.publications.measuring import (
    QUIET,
    Line,
    Measures,
    Reading,
    Unit,
    amounts,
    finite,
    only_value,
)
from obligations.publications.periods import say_cumulative, year_and_month
from obligations.words.draft import ChartPlan, DateWords, TableColumn, TablePlan
from obligations.words.publication import Analysis

if TYPE_CHECKING:
    import pandas as pd

    from obligations.words.occurrence import Period
    from obligations.words.publication import Snapshot

KEYS = {
    "一般公共预算总收入": "total",
    "地方一般公共预算收入": "local",
    "上划中央收入": "central",
    "地方级税收收入": "tax",
    "地方级非税收入": "nontax",
    "一般公共预算支出": "expenditure",
    "政府性基金收入": "fund_revenue",
    "政府性基金支出": "fund_expenditure",
}
LARGE = Decimal(1_000_000)
"""From this many 万元 on (100亿元, a province), amounts are printed in 亿元."""

Account = dict[str, Any]
"""One item for the template: its name, its words for a rise and a fall, and measure ids by column, None for no number."""


def _compared(prefix: str, amount: str, amount_formula: str, cells: tuple[tuple[str, str], ...]) -> tuple[Reading, ...]:
    """Return the readings that compare an amount with last year's."""
    value = tuple(cell for cell in cells if cell[1] == "累计数")
    change = tuple(cell for cell in cells if cell[1] == "同比增减额")
    return (
        Reading(f"{prefix}cumulative", amount, amount_formula, value),
        Reading(f"{prefix}change", f"{amount}同比增减额", amount_formula.replace("累计数", "同比增减额"), change),
        Reading(f"{prefix}refund", f"{amount}净退库额", f"0 - {amount}", value),
        Reading(f"{prefix}last_year", f"上年同期{amount}", f"{amount} - 同比增减额", cells),
        Reading(f"{prefix}last_refund", f"上年同期{amount}净退库额", f"同比增减额 - {amount}", cells),
        Reading(f"{prefix}yoy", f"{amount}同比增幅", "同比增减额 ÷ 上年同期数 × 100", cells, "%", 1),
    )


_NOW = (("row", "累计数"), ("row", "同比增减额"))
_BEFORE = (("before_row", "累计数"), ("before_row", "同比增减额"))
_WHOLE = (("whole_row", "累计数"), ("whole_row", "同比增减额"))
_BUDGETED = (("row", "累计数"), ("row", "年初预算数"))
READINGS = (
    *_compared("", "累计数", "来源列“累计数”", _NOW),
    Reading("budget", "年初预算数", "来源列“年初预算数”", (("row", "年初预算数"),)),
    Reading("comparable", "同口径增幅", "来源列“同口径增幅(%)”", (("row", "同口径增幅(%)"),), "%"),
    Reading("progress", "完成年初预算", "累计数 ÷ 年初预算数 × 100", _BUDGETED, "%", 1),
    Reading("gap", "完成进度比序时进度", "累计数 ÷ 年初预算数 × 100 - 月份 ÷ 12 × 100", _BUDGETED, "百分点", 1),
    Reading("before_yoy", "上月累计同比增幅", "上月同比增减额 ÷ 上月上年同期数 × 100", _BEFORE, "%", 1),
    Reading("shift", "同比增幅比上月累计", "本月累计同比增幅 - 上月累计同比增幅", (*_NOW, *_BEFORE), "百分点", 1),
    Reading("pull", "拉动总额增幅", "该项同比增减额 ÷ 总额上年同期数 × 100", (_NOW[1], *_WHOLE), "百分点", 1),
    Reading("share", "占总额的比重", "该项累计数 ÷ 总额累计数 × 100", (_NOW[0], _WHOLE[0]), "%", 1),
    Reading("share_shift", "占总额比重同比变动", "本年比重 - 上年同期比重", (*_NOW, *_WHOLE), "百分点", 1),
    *_compared("current_", "当月数", "本月末累计数 - 上月末累计数", (*_NOW, *_BEFORE)),
)


def fiscal_analysis(frame: pd.DataFrame, snapshot: Snapshot, period: Period) -> Analysis:
    """Compute the measures, the table, the words and the warnings of one month.

    Args:
        frame: validated rows of this month and, for the month alone, of the month before; amounts are Decimal in the
            unit of 单位, the index is the source row number.
        snapshot: the source file.
        period: the month.

    Raises BadInput if the month lacks a main item or the rows mix units or regions.
    """
    year, month = year_and_month(period)
    with localcontext(QUIET):
        unit = _unit(frame, snapshot)
        lines = fiscal_lines(frame, snapshot, period, month, unit.divisor)
        measures = Measures(snapshot, frame, unit)
        accounts = {_key(name): _account(measures, name, line) for name, line in lines.items()}
        through = say_cumulative(year, month)
        words: Account = {
            "region": only_value(frame, snapshot, "地区"),
            "through": through,
            "months": say_cumulative(year, month, with_year=False),
            "months_before": say_cumulative(year, month - 1, with_year=False) if month > 1 else None,
            "month": DateWords(f"{month}月"),
            "drivers": _drivers(measures, accounts),
            **{key: accounts.get(key) for key in KEYS.values()},
        }
        table = _table(measures, accounts, f"{through}财政收支情况表")
        charts = _chart(measures, accounts, through)
        words["has_chart"] = bool(charts)
        warnings = fiscal_warnings(lines, month, unit.name)
        return Analysis(measures.by_id, {"accounts": table}, words, warnings, charts)


def _unit(frame: pd.DataFrame, snapshot: Snapshot) -> Unit:
    name = only_value(frame, snapshot, "单位") or "万元"
    largest = max((abs(value) for value in amounts(frame, "累计数") if value.is_finite()), default=Decimal(0))
    return Unit("亿元", Decimal(10_000), 2) if name == "万元" and largest >= LARGE else Unit(name)


def _key(name: str) -> str:
    """Return the id of an item; an item we have no name for keeps its own, apart from ours."""
    return KEYS.get(name, f"item.{name}")


def _account(measures: Measures, name: str, line: Line) -> Account:
    spending = "支出" in name
    told: Account = {"name": name, "rising": "增支" if spending else "增收", "falling": "减支" if spending else "减收"}
    found = measures.read(_key(name), name, line, READINGS)
    alone = {column.removeprefix("current_"): found[column] for column in found if column.startswith("current_")}
    month = {**told, **alone, "comparable": None} if alone["cumulative"] else None
    now, before = finite(line["yoy"]), finite(line["before_yoy"])
    # 增幅 belongs to growth and 降幅 to decline; a change of side is told as 由…转为….
    turned = now is not None and before is not None and now * before < 0
    growing = now is not None and now >= 0
    rate, faster, slower = ("同比增幅", "回升", "回落") if growing else ("同比降幅", "收窄", "扩大")
    return {**told, **found, "month": month, "turned": turned, "rate": rate, "faster": faster, "slower": slower}


def _drivers(measures: Measures, accounts: dict[str, Account]) -> list[dict[str, Any]]:
    """Return, for each whole that grew or fell, its parts with the largest contribution first."""
    drivers = []
    for whole in dict.fromkeys(WHOLES.values()):
        parts = [accounts[KEYS[name]] for name in WHOLES if WHOLES[name] == whole and KEYS[name] in accounts]
        parts = [part for part in parts if part["pull"]]
        if KEYS[whole] in accounts and len(parts) > 1:
            parts.sort(key=lambda part: -abs(measures.value(part["pull"]) or Decimal(0)))
            drivers.append({"whole": accounts[KEYS[whole]], "parts": parts})
    return drivers


def _chart(measures: Measures, accounts: dict[str, Account], through: str) -> dict[str, ChartPlan]:
    """Return bars of what each revenue that has no parts of its own contributed to the change; one bar is no chart."""
    parts = [KEYS[name] for name in WHOLES if accounts.get(KEYS[name], {}).get("change")]
    divided = {KEYS[whole] for name, whole in WHOLES.items() if KEYS[name] in parts}
    leaves = [accounts[key] for key in parts if key not in divided]
    if len(leaves) < 2:
        return {}
    leaves.sort(key=lambda account: -abs(measures.value(account["change"]) or Decimal(0)))
    header = (TableColumn("项目", "left"), TableColumn("同比增减额"))
    rows = tuple((account["name"], measures.shown(account["change"])) for account in leaves)
    return {"changes": ChartPlan("bar", TablePlan(f"{through}收入同比增减额的构成", measures.unit.name, header, rows))}


def _table(measures: Measures, accounts: dict[str, Account], caption: str) -> TablePlan:
    unit = measures.unit.name
    columns = {
        "cumulative": "累计数",
        "budget": "年初预算数",
        "progress": "完成年初预算（%）",
        "change": "同比增减额",
        "yoy": "同比增减（%）",
        "comparable": "同口径增减（%）",
    }
    present = [name for name in columns if any(account[name] for account in accounts.values())]
    header = (TableColumn("项目", "left"), *(TableColumn(columns[name]) for name in present))
    rows = tuple(
        (account["name"], *(measures.shown(account[name]) for name in present)) for account in accounts.values()
    )
    return TablePlan(caption, f"单位：{unit}、%", header, rows)

"""One exact line an item of a month's fiscal figures, by pandas. Nothing is rounded, named or worded here.

A figure that cannot be computed, or that would mislead, is Decimal NaN.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd

from obligations.publications.measuring import NAN, amounts
from obligations.publications.periods import month_before
from obligations.words.errors import BadInput

if TYPE_CHECKING:
    from obligations.words.occurrence import Period
    from obligations.words.publication import Snapshot

WHOLES = {
    "地方一般公共预算收入": "一般公共预算总收入",
    "上划中央收入": "一般公共预算总收入",
    "地方级税收收入": "地方一般公共预算收入",
    "地方级非税收入": "地方一般公共预算收入",
}
"""The whole each part is a part of."""
MAIN_ITEMS = ("地方一般公共预算收入", "一般公共预算支出")
LARGEST_PERCENT = Decimal(500)
"""Beyond this, last year's base is too small for a percentage to say anything; only the amount is printed."""


def fiscal_lines(frame: pd.DataFrame, snapshot: Snapshot, period: Period, month: int, divisor: Decimal) -> pd.DataFrame:
    """Compute one line an item, indexed by the item's name in source order; amounts are divided by ``divisor``.

    Columns, each also for the month before (``before_``) and the month alone (``current_``): ``cumulative``,
    ``change`` (同比增减额), ``refund`` (what a negative amount refunds), ``last_year``, ``last_refund``, ``yoy`` (%).
    Further ``row``, ``before_row``, ``whole_row`` (source rows), ``budget``, ``before_budget``, ``comparable`` (%),
    ``progress`` (% of budget), ``gap`` (百分点 ahead of 序时进度), ``shift`` (百分点 of 同比 against the month before),
    ``pull`` (百分点 contributed to the growth of the whole), ``share`` (% of the whole) and ``share_shift``.

    Must run under ``measuring.QUIET``. Raises BadInput if the month lacks a main item.
    """
    rows = frame[frame["期间"] == period.key].reset_index(names="row").set_index("项目", drop=False)
    missing = [name for name in MAIN_ITEMS if name not in rows.index]
    if missing:
        expected = "、".join(missing)
        raise BadInput(snapshot.file, (f"{snapshot.file} 应有期间为“{period.key}”、项目为“{expected}”的行",))
    before = frame[frame["期间"] == month_before(period)] if month > 1 else frame.iloc[:0]
    before = before.reset_index(names="row").set_index("项目").reindex(rows.index)
    lines = pd.DataFrame({"row": rows["row"], "before_row": before["row"]})
    for prefix, source in (("", rows), ("before_", before)):
        for column, name in (("cumulative", "累计数"), ("budget", "年初预算数"), ("change", "同比增减额")):
            lines[prefix + column] = amounts(source, name) / divisor
    lines["comparable"] = amounts(rows, "同口径增幅(%)")
    for column in ("cumulative", "change"):
        lines[f"current_{column}"] = lines[column] - lines[f"before_{column}"]
    for prefix in ("", "before_", "current_"):
        _compare_with_last_year(lines, prefix)
    budgeted = (lines["budget"] > 0) & (lines["cumulative"] >= 0)
    lines["progress"] = (lines["cumulative"] / lines["budget"] * 100).where(budgeted, NAN)
    lines["gap"] = amounts(lines, "progress") - Decimal(month) / 12 * 100
    lines["shift"] = lines["yoy"] - lines["before_yoy"]
    _compare_with_whole(lines)
    return lines


def _compare_with_last_year(lines: pd.DataFrame, prefix: str) -> None:
    """Add last year's base and the growth, which needs a positive base that is not tiny, and no net refund."""
    value, change = lines[f"{prefix}cumulative"], lines[f"{prefix}change"]
    base = value - change
    lines[f"{prefix}refund"] = (-value).where(value < 0, NAN)
    lines[f"{prefix}last_year"] = base.where(base >= 0, NAN)
    lines[f"{prefix}last_refund"] = (-base).where(base < 0, NAN)
    growth = change / base * 100
    honest = (base > 0) & (value >= 0) & (growth.abs() <= LARGEST_PERCENT)
    lines[f"{prefix}yoy"] = growth.where(honest, NAN)


def _compare_with_whole(lines: pd.DataFrame) -> None:
    """Add each part's share of its whole, a year ago too, and what it contributed to the whole's growth."""
    wholes = lines.reindex(lines.index.map(lambda name: WHOLES.get(name, "")))
    wholes.index = lines.index
    lines["whole_row"] = wholes["row"]
    lines["pull"] = lines["change"] / amounts(wholes, "last_year") * 100
    lines["share"] = lines["cumulative"] / amounts(wholes, "cumulative") * 100
    lines["share"] = lines["share"].where((lines["cumulative"] >= 0) & (amounts(wholes, "cumulative") > 0), NAN)
    lines["share_shift"] = lines["share"] - lines["last_year"] / amounts(wholes, "last_year") * 100

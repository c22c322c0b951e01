"""One exact line an item of a month's fiscal figures. Nothing is rounded, named or worded here.

Row by row, for a month has a dozen items: columns would take many times as long. A figure that cannot be computed, or that
would mislead, is Decimal NaN.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from obligations.publications.comparing import LARGEST_PERCENT
from obligations.publications.measuring import NAN, Line, finite
from obligations.publications.periods import month_before
from obligations.words.errors import BadInput

if TYPE_CHECKING:
    import pandas as pd

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


def fiscal_lines(
    frame: pd.DataFrame, snapshot: Snapshot, period: Period, month: int, divisor: Decimal
) -> dict[str, Line]:
    """Compute one line an item, by the item's name in source order; amounts are divided by ``divisor``.

    Columns, each also for the month before (``before_``) and the month alone (``current_``): ``cumulative``,
    ``change`` (同比增减额), ``refund`` (what a negative amount refunds), ``last_year``, ``last_refund``, ``yoy`` (%).
    Further ``row``, ``before_row``, ``whole_row`` (source rows), ``budget``, ``before_budget``, ``comparable`` (%),
    ``progress`` (% of budget), ``gap`` (百分点 ahead of 序时进度), ``shift`` (百分点 of 同比 against the month before),
    ``pull`` (百分点 contributed to the growth of the whole), ``share`` (% of the whole) and ``share_shift``.

    Must run under ``measuring.QUIET``. Raises BadInput if the month lacks a main item.
    """
    rows = _rows(frame, period.key)
    if missing := [name for name in MAIN_ITEMS if name not in rows]:
        expected = "、".join(missing)
        raise BadInput(snapshot.file, (f"{snapshot.file} 应有期间为“{period.key}”、项目为“{expected}”的行",))
    before = _rows(frame, month_before(period)) if month > 1 else {}
    lines = {name: _line(cells, before.get(name, {}), month, divisor) for name, cells in rows.items()}
    for name, line in lines.items():
        line.update(_compared_with_whole(line, lines.get(WHOLES.get(name, ""), {})))
    return dict(lines)


def _rows(frame: pd.DataFrame, key: str) -> dict[str, dict[str, Any]]:
    """Return the cells of a month's rows by item; the source row is ``row``."""
    rows = frame[frame["期间"] == key].to_dict(orient="index")
    return {
        str(cells["项目"]): {**{str(name): cell for name, cell in cells.items()}, "row": row}
        for row, cells in rows.items()
    }


def _line(now: dict[str, Any], before: dict[str, Any], month: int, divisor: Decimal) -> dict[str, Any]:
    line: dict[str, Any] = {"row": now["row"], "before_row": before.get("row")}
    for prefix, cells in (("", now), ("before_", before)):
        for column, name in (("cumulative", "累计数"), ("budget", "年初预算数"), ("change", "同比增减额")):
            line[prefix + column] = _amount(cells, name) / divisor
    line["comparable"] = _amount(now, "同口径增幅(%)")
    for column in ("cumulative", "change"):
        line[f"current_{column}"] = line[column] - line[f"before_{column}"]
    for prefix in ("", "before_", "current_"):
        line |= _compared_with_last_year(prefix, line[f"{prefix}cumulative"], line[f"{prefix}change"])
    budgeted = line["budget"] > 0 and line["cumulative"] >= 0
    line["progress"] = line["cumulative"] / line["budget"] * 100 if budgeted else NAN
    line["gap"] = line["progress"] - Decimal(month) / 12 * 100
    line["shift"] = line["yoy"] - line["before_yoy"]
    return line


def _compared_with_last_year(prefix: str, value: Decimal, change: Decimal) -> dict[str, Decimal]:
    """Return last year's base and the growth, which needs a positive base that is not tiny, and no net refund."""
    base = value - change
    growth = change / base * 100
    honest = base > 0 and value >= 0 and abs(growth) <= LARGEST_PERCENT
    return {
        f"{prefix}refund": -value if value < 0 else NAN,
        f"{prefix}last_year": base if base >= 0 else NAN,
        f"{prefix}last_refund": -base if base < 0 else NAN,
        f"{prefix}yoy": growth if honest else NAN,
    }


def _compared_with_whole(line: Line, whole: Line) -> dict[str, Any]:
    """Return a part's share of its whole, a year ago too, and what it contributed to the whole's growth."""
    total, total_before = whole.get("cumulative", NAN), whole.get("last_year", NAN)
    share = line["cumulative"] / total * 100 if line["cumulative"] >= 0 and total > 0 else NAN
    return {
        "whole_row": whole.get("row"),
        "pull": line["change"] / total_before * 100,
        "share": share,
        "share_shift": share - line["last_year"] / total_before * 100,
    }


def _amount(cells: dict[str, Any], column: str) -> Decimal:
    number = finite(cells.get(column))
    return NAN if number is None else number

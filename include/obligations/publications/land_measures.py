"""The measures of quarterly land supply. What a source does not give is not printed, never estimated.

A growth or share is computed where both amounts are there; else the source's own published figure is quoted as given.
"""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Any

import pandas as pd

from obligations.publications.doubting import TOLERANCE
from obligations.publications.measuring import (
    NAN,
    QUIET,
    Line,
    Measures,
    Reading,
    Unit,
    amounts,
    by_name,
    finite,
    only_value,
    text,
)
from obligations.publications.periods import say_quarter
from obligations.publications.wording import NO_VALUE, say_number
from obligations.words.draft import TableColumn, TablePlan
from obligations.words.errors import BadInput
from obligations.words.publication import Analysis

if TYPE_CHECKING:
    from obligations.words.occurrence import Period
    from obligations.words.publication import Snapshot

TOTAL, HOUSING = "国有建设用地供应总量", "房地产用地"
_AMOUNT, _LAST_YEAR = ("row", "数量"), ("row", "上年同期数量")
READINGS = (
    Reading("amount", "", "来源列“数量”", (_AMOUNT,)),
    Reading("last_year", "上年同期数量", "来源列“上年同期数量”", (_LAST_YEAR,)),
    Reading("yoy", "同比", "（数量 - 上年同期数量） ÷ 上年同期数量 × 100", (_AMOUNT, _LAST_YEAR), "%", 1),
    Reading("yoy_published", "同比", "来源列“同比(%)”", (("row", "同比(%)"),), "%"),
    Reading("share", "占比", "该项数量 ÷ 上级项目数量 × 100", (_AMOUNT, ("parent_row", "数量")), "%", 1),
    Reading("share_published", "占比", "来源列“占比(%)”", (("row", "占比(%)"),), "%"),
)
Item = dict[str, Any]
"""One item for the template: its name, its parts, and measure ids by meaning, None for no number."""


def land_analysis(frame: pd.DataFrame, snapshot: Snapshot, period: Period) -> Analysis:
    """Compute the measures, the table, the words and the warnings of one quarter.

    Args:
        frame: validated rows; amounts are Decimal, the index is the source row number.
        snapshot: the source file.
        period: the quarter.

    Raises BadInput if the quarter lacks a main item, an amount is negative or has no unit, or an item's 上级项目 is not
    there.
    """
    quarter, short_quarter = say_quarter(period)
    with localcontext(QUIET):
        lines = by_name(_lines(frame, snapshot, period))
        measures = Measures(snapshot, frame, Unit("万公顷"))
        items = {name: _item(measures, name, line) for name, line in lines.items()}
        for name, line in lines.items():
            if line["parent"]:
                items[line["parent"]]["parts"].append(items[name])
        for item in items.values():
            item["parts"].sort(key=lambda part: -(measures.value(part["share"]) or Decimal(0)))
        words = {
            "region": only_value(frame, snapshot, "地区"),
            "quarter": quarter,
            "short_quarter": short_quarter,
            "total": items[TOTAL],
            "housing": items[HOUSING],
            "others": [items[name] for name, line in lines.items() if not line["parent"] and name != TOTAL],
        }
        tables = {"supply": _table(measures, items, lines, f"{quarter}国有建设用地供应情况")}
        return Analysis(measures.by_id, tables, words, tuple(_warnings(lines)))


def _lines(frame: pd.DataFrame, snapshot: Snapshot, period: Period) -> pd.DataFrame:
    """Compute one line an item, indexed by its name in source order."""
    rows = frame[frame["期间"] == period.key].reset_index(names="row").set_index("项目", drop=False)
    missing = [name for name in (TOTAL, HOUSING) if name not in rows.index]
    if missing:
        expected = f"应有期间为“{period.key}”、项目为“{'、'.join(missing)}”的行"
        raise BadInput(snapshot.file, (f"{snapshot.file} {expected}",))
    units = [text(cell) or "" for cell in rows["单位"]]
    lines = pd.DataFrame({"row": rows["row"], "unit": pd.Series(units, index=rows.index, dtype=object)})
    lines["parent"] = pd.Series([text(cell) or "" for cell in rows["上级项目"]], index=rows.index, dtype=object)
    for name, row, parent, unit in zip(lines.index, rows["row"], lines["parent"], units, strict=True):
        if not unit and finite(rows.at[name, "数量"]) is not None:
            problem = f"{snapshot.file} 第 {row} 行“单位”列是空的，有数量时应写明单位"
            raise BadInput(snapshot.file, (problem,))
        for column in ("数量", "上年同期数量"):
            amount = finite(rows.at[name, column]) if column in rows.columns else None
            if amount is not None and amount < 0:
                problem = f"{snapshot.file} 第 {row} 行“{column}”列的值是“{amount}”，应为不小于0的数"
                raise BadInput(snapshot.file, (problem,))
        if parent and (parent == name or parent not in lines.index):
            where = f"{snapshot.file} 第 {row} 行“上级项目”列"
            raise BadInput(snapshot.file, (f"{where}的值是“{parent}”，应为本表中另一行的项目名称",))
    parents = lines.reindex(lines["parent"])
    parents.index = lines.index
    lines["parent_row"] = parents["row"]
    for column, name in (
        ("amount", "数量"),
        ("last_year", "上年同期数量"),
        ("yoy_published", "同比(%)"),
        ("share_published", "占比(%)"),
    ):
        lines[column] = amounts(rows, name)
    base = lines["last_year"]
    lines["yoy"] = ((lines["amount"] - base) / base * 100).where(base > 0, NAN)
    whole = amounts(rows.reindex(lines["parent"]), "数量")
    whole.index = lines.index
    comparable = (whole > 0) & (lines["unit"] == parents["unit"])
    lines["share"] = (lines["amount"] / whole * 100).where(comparable, NAN)
    return lines


def _item(measures: Measures, name: str, line: Line) -> Item:
    found = measures.read(name, name, line, READINGS, Unit(line["unit"]))
    return {
        "name": name,
        "parts": [],
        "amount": found["amount"],
        "yoy": found["yoy"] or found["yoy_published"],
        "share": found["share"] or found["share_published"],
    }


def _table(measures: Measures, items: dict[str, Item], lines: dict[str, Line], caption: str) -> TablePlan:
    columns = {"amount": "数量", "yoy": "同比增减（%）", "share": "占比（%）"}
    units = list(dict.fromkeys(line["unit"] for line in lines.values() if line["unit"])) or [""]
    present = [name for name in columns if any(item[name] for item in items.values())]
    header = [TableColumn("项目", "left")]
    if len(units) > 1:
        header.append(TableColumn("单位", "center"))
    header += [TableColumn(columns[name]) for name in present]
    rows = []
    for name, item in items.items():
        own = (lines[name]["unit"] or NO_VALUE,) if len(units) > 1 else ()
        rows.append((name, *own, *(measures.shown(item[column]) for column in present)))
    unit = "、".join(filter(None, (units[0], "%")))
    return TablePlan(caption, f"单位：{unit}" if len(units) == 1 else "", tuple(header), tuple(rows))


def _warnings(lines: dict[str, Line]) -> list[str]:
    found = []
    for name, line in lines.items():
        for column, label in (("yoy", "同比"), ("share", "占比")):
            own, published = finite(line[column]), finite(line[f"{column}_published"])
            if own is not None and published is not None and abs(own - published) > TOLERANCE:
                found.append(
                    f"{name}{label}按数量计算为{say_number(own, 1)}%，来源为{say_number(published, 1)}%，已用计算值。"
                )
        if all(
            finite(line[column]) is None for column in ("amount", "yoy", "share", "yoy_published", "share_published")
        ):
            found.append(f"{name}没有任何数字，正文未列。")
        found += _sum_of_parts(name, line, lines)
    return found


def _sum_of_parts(name: str, line: Line, lines: dict[str, Line]) -> list[str]:
    """Compare an item with the sum of its parts, by amount where all are there, else by published share."""
    parts = [part for part in lines.values() if part["parent"] == name]
    if not parts:
        return []
    total = finite(sum((part["amount"] for part in parts), Decimal(0)))
    whole, unit = finite(line["amount"]), line["unit"]
    if total is not None and whole is not None and abs(total - whole) > Decimal("0.01") * len(parts):
        return [f"{name}{whole:,f}{unit}，与各类之和{total:,f}{unit}不符，请核对。"]
    shares = finite(sum((part["share_published"] for part in parts), Decimal(0)))
    if total is None and shares is not None and abs(shares - 100) > TOLERANCE * len(parts):
        return [f"{name}各类占比之和为{say_number(shares, 1)}%，不足或超过100%，请核对是否有未列的类别。"]
    return []

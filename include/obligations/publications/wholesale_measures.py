"""The measures of weekly wholesale prices: 环比, 同比, how many rose and fell, and the span of changes a category."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Any

import pandas as pd

from obligations.publications.analysis import direction
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
)
from obligations.publications.periods import say_days, say_week
from obligations.publications.wording import say_number
from obligations.words.draft import TableColumn, TablePlan
from obligations.words.errors import BadInput
from obligations.words.publication import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from obligations.words.occurrence import Period
    from obligations.words.publication import Snapshot

INDEX_UNIT = "点"
JUMP = Decimal(15)
"""Change on the week, in %, from which the author is asked to look."""
_LAST, _THIS, _YEAR = ("row", "上周"), ("row", "本周"), ("row", "去年同期")
READINGS = (
    Reading("last", "上周", "来源列“上周”", (_LAST,), places=2),
    Reading("this", "本周", "来源列“本周”", (_THIS,), places=2),
    Reading("year", "去年同期", "来源列“去年同期”", (_YEAR,), places=2),
    Reading("week", "环比", "（本周 - 上周） ÷ 上周 × 100", (_THIS, _LAST), "%", 1),
    Reading("yoy", "同比", "（本周 - 去年同期） ÷ 去年同期 × 100", (_THIS, _YEAR), "%", 1),
)
INDEX_READINGS = (
    *READINGS[:3],
    Reading("week_points", "比上周", "本周 - 上周", (_THIS, _LAST)),
    Reading("yoy_points", "比去年同期", "本周 - 去年同期", (_THIS, _YEAR)),
)
Product = dict[str, Any]
"""One product for the template: its name and measure ids by column, None for no number."""


def wholesale_analysis(frame: pd.DataFrame, snapshot: Snapshot, period: Period) -> Analysis:
    """Compute the measures, one table a category, the words and the warnings of one week.

    Args:
        frame: validated rows; prices are Decimal in 元/公斤, dates ``datetime.date``, the index is the source row.
        snapshot: the source file.
        period: the week; the days observed are printed from the source, which may not begin on a Monday.

    Raises BadInput if the week has no product, a price is negative, or its rows differ in region or days observed.
    """
    with localcontext(QUIET):
        rows = frame[frame["周期"] == period.key]
        products = rows[rows["单位"] != INDEX_UNIT]
        if products.empty:
            raise BadInput(snapshot.file, (f"{snapshot.file} 没有周期为“{period.key}”的价格，应至少有一个品种",))
        if problems := tuple(_negative(rows, snapshot.file)):
            raise BadInput(snapshot.file, problems)
        first, last = (_only_date(rows, snapshot, column) for column in ("起始日期", "截止日期"))
        lines = by_name(_lines(products))
        measures = Measures(snapshot, frame, Unit("元/公斤", places=2))
        found = {name: _product(measures, name, line) for name, line in lines.items()}
        by_category = {
            str(category): [str(name) for name in group["品种"]]
            for category, group in products.groupby("类别", sort=False)
        }
        words = {
            "region": only_value(rows, snapshot, "地区"),
            "week": say_week(period),
            "days": say_days(first, last),
            "indices": _indices(measures, rows),
            "counts": _counts(measures, "all", "监测品种", lines),
            "categories": [
                _category(measures, number, name, {item: lines[item] for item in names}, found)
                for number, (name, names) in enumerate(by_category.items(), start=1)
            ],
        }
        tables = {
            f"prices-{number}": _table(measures, f"{category}批发价格", [found[name] for name in names])
            for number, (category, names) in enumerate(by_category.items(), start=1)
        }
        return Analysis(measures.by_id, tables, words, tuple(_warnings(lines, first, last)))


def _negative(rows: pd.DataFrame, file: str) -> Iterator[str]:
    for column in ("上周", "本周", "去年同期"):
        for row, value in amounts(rows, column).items():
            if value < 0:
                yield f"{file} 第 {row} 行“{column}”列的值是“{value}”，应为不小于0的数"


def _only_date(rows: pd.DataFrame, snapshot: Snapshot, column: str) -> date:
    """Return the one date all rows have; raises BadInput naming the first row that differs."""
    first: date = rows[column].iloc[0]
    for row, value in rows[column].items():
        if value != first:
            where = f"{snapshot.file} 第 {row} 行“{column}”列"
            raise BadInput(snapshot.file, (f"{where}的值是“{value}”，应为{first}（与其他行一致）",))
    return first


def _lines(rows: pd.DataFrame) -> pd.DataFrame:
    """Compute one line a product, indexed by its name in source order."""
    rows = rows.reset_index(names="row").set_index("品种")
    lines = pd.DataFrame({"row": rows["row"]})
    for column, name in (("last", "上周"), ("this", "本周"), ("year", "去年同期")):
        lines[column] = amounts(rows, name)
    for column, base in (("week", lines["last"]), ("yoy", lines["year"])):
        lines[f"{column}_points"] = lines["this"] - base
        lines[column] = (lines[f"{column}_points"] / base * 100).where(base > 0, NAN)
    return lines


def _product(measures: Measures, name: str, line: Line) -> Product:
    return {"name": name, **measures.read(f"product.{name}", name, line, READINGS)}


def _indices(measures: Measures, rows: pd.DataFrame) -> list[Product]:
    """Return the price indices, which are compared in 点, not in per cent."""
    lines = by_name(_lines(rows[rows["单位"] == INDEX_UNIT]))
    unit = Unit(INDEX_UNIT, places=2)
    return [
        {"name": name, **measures.read(f"index.{name}", name, line, INDEX_READINGS, unit)}
        for name, line in lines.items()
    ]


def _direction(line: Line) -> int | None:
    """Return the sign of the change on the week as printed, None where there was no price last week."""
    change = finite(line["week"])
    return None if change is None else direction(change, 1)


def _counts(measures: Measures, key: str, label: str, lines: dict[str, Line]) -> dict[str, str | None]:
    """Add how many products rose, fell and stayed; a change that prints as 0.0 % stayed (基本持平)."""
    compared = {name: sign for name, line in lines.items() if (sign := _direction(line)) is not None}
    directions = list(compared.values())
    cells = [(lines[name]["row"], column) for name in compared for column in ("上周", "本周")]
    counts: dict[str, str | None] = {}
    for name, word, of in (
        ("compared", "可比", len(directions)),
        ("rose", "环比上涨", directions.count(1)),
        ("fell", "环比下降", directions.count(-1)),
        ("stayed", "环比基本持平", directions.count(0)),
    ):
        how = Reading(name, word, f"环比按一位小数计{word.removeprefix('环比')}的品种个数", (), "种", 0)
        counts[name] = measures.add(f"{key}.{name}", f"{label}{word}数", Decimal(of), how, cells) if of else None
    return counts


def _category(
    measures: Measures, number: int, name: str, lines: dict[str, Line], found: dict[str, Product]
) -> dict[str, Any]:
    """Return a category's products that rose and fell, the largest change first, and the span of their changes."""
    key = f"category-{number}"
    moved = [(item, sign) for item, line in lines.items() if (sign := _direction(line)) is not None]
    ranked = sorted(moved, key=lambda pair: -abs(lines[pair[0]]["week"]))
    category: dict[str, Any] = {
        "name": name,
        "table": f"prices-{number}",
        "counts": _counts(measures, key, name, lines),
        "rose": [found[item] for item, sign in ranked if sign > 0],
        "fell": [found[item] for item, sign in ranked if sign < 0],
        "stayed": [item for item, sign in moved if sign == 0],
        "lowest": None,
        "highest": None,
    }
    changes = sorted((lines[item]["week"], item) for item, _ in moved)
    if len(changes) > 1:
        for end, word, (value, item) in (("lowest", "最小", changes[0]), ("highest", "最大", changes[-1])):
            how = Reading(end, word, f"各品种环比的{word}值（{item}）", (), "%", 1)
            cells = [(lines[item]["row"], "上周"), (lines[item]["row"], "本周")]
            category[end] = measures.add(f"{key}.{end}", f"{name}环比{word}值", value, how, cells)
    yearly = [
        (item, change) for item in lines if (change := finite(lines[item]["yoy"])) is not None and direction(change, 1)
    ]
    category["yearly"] = [found[item] for item, _ in sorted(yearly, key=lambda pair: -abs(pair[1]))[:3]]
    return category


def _table(measures: Measures, caption: str, products: list[Product]) -> TablePlan:
    columns = {"last": "上周", "this": "本周", "year": "去年同期", "week": "环比（%）", "yoy": "同比（%）"}
    header = (TableColumn("产品种类", "left"), *(TableColumn(name) for name in columns.values()))
    rows = tuple((product["name"], *(measures.shown(product[name]) for name in columns)) for product in products)
    return TablePlan(caption, "单位：元/公斤、%", header, rows)


def _warnings(lines: dict[str, Line], first: date, last: date) -> list[str]:
    found = []
    days = (last - first).days + 1
    if days != 7:
        found.append(f"监测起止日期共{days}天，不是7天，正文按来源写明起止日期，请核对。")
    for name, line in lines.items():
        change = finite(line["week"])
        if change is not None and abs(change) > JUMP:
            found.append(f"{name}环比变动{say_number(change, 1)}%，变动较大，请核对。")
    missing = [name for name, line in lines.items() if finite(line["week"]) is None]
    if len(missing) > 1 and len(missing) == len(lines):
        return [*found, "各品种都没有上周价格，不列环比。"]
    return [*found, *([f"{'、'.join(missing)}没有上周价格，不列环比。"] if missing else [])]

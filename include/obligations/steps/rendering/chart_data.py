"""What a chart shows, read from the table that it draws: items, series, values, and the same in words. Draws nothing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from obligations.steps.rendering.text import say_runs
from obligations.words.draft import Chart, NumberRun

SERIES_LIMIT = 7
"""Colors that a color-blind reader tells apart, see ``charts``."""
_SHAPES = {"line": "折线图", "bar": "柱状图", "share": "百分比堆积图"}


@dataclass(frozen=True, slots=True)
class Series:
    """One series: its name and a number an item, None where the data have none."""

    name: str
    numbers: tuple[NumberRun | None, ...]

    def values(self) -> list[Decimal | None]:
        """Return the exact values."""
        return [None if number is None else Decimal(number.value) for number in self.numbers]


def items_of(chart: Chart) -> list[str]:
    """Return what stands along the axis: the first cell of every row."""
    return [say_runs(row[0]) for row in chart.data.rows]


def series_of(chart: Chart) -> list[Series]:
    """Return the series, one a column but the first; a cell that is no number is a gap."""
    columns = list(enumerate(chart.data.columns))[1:]
    return [
        Series(column.header, tuple(_number(row[position]) for row in chart.data.rows)) for position, column in columns
    ]


def _number(cell: tuple[object, ...]) -> NumberRun | None:
    return cell[0] if len(cell) == 1 and isinstance(cell[0], NumberRun) else None


def caption_of(chart: Chart, number: str) -> str:
    """Return what stands below the chart, unit included: a chart has no other place for it."""
    return f"{number}{chart.data.caption}" + (f"（{chart.data.unit}）" if chart.data.unit else "")


def undrawable(chart: Chart) -> str | None:
    """Say in Chinese why a chart cannot be drawn, None if it can."""
    found = series_of(chart)
    if not 1 <= len(found) <= SERIES_LIMIT:
        return f"有{len(found)}个系列，应为1至{SERIES_LIMIT}个"
    values = [value for series in found for value in series.values() if value is not None]
    if not values:
        return "没有可画的数"
    if chart.shape == "share" and min(values) < 0:
        return "有负数，不能画成占比图"
    return None


def described(chart: Chart) -> str:
    """Return the chart in words, for whoever cannot see it: what it is, then every number."""
    items = items_of(chart)
    told = [
        f"{series.name}：" + "，".join(f"{item}{number.printed if number else '没有数据'}" for item, number in pairs)
        for series in series_of(chart)
        for pairs in [list(zip(items, series.numbers, strict=True))]
    ]
    return f"{_SHAPES[chart.shape]}，{caption_of(chart, '')}。{'；'.join(told)}。"

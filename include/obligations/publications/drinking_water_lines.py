"""Reads a quarter's rows of drinking water into points by segment, and refuses what cannot be. Names no measure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from obligations.publications.measuring import amounts, finite, text
from obligations.words.errors import BadInput

if TYPE_CHECKING:
    import pandas as pd

    from obligations.words.publication import Snapshot

SOURCE = "水源水"
SAMPLES, OK, ITEMS, VOLUME, VOLUME_OK = "监测样品数", "达标样品数", "监测项目数", "取水量", "达标取水量"
FAILED = "不达标项目"


@dataclass(frozen=True, slots=True)
class Point:
    """One source, plant or tap in one quarter.

    Attributes:
        row: in the source file; sort: 地表水 or 地下水, empty but for a source.
        samples, ok: how many were taken, and met every limit; items: indicators a sample, NaN for unknown.
        failed: what did not meet its limit, empty if all did.
        volume, volume_ok: water drawn, and drawn within limits, in 万吨; NaN for unknown.
    """

    row: Any
    segment: str
    name: str
    sort: str
    samples: Decimal
    ok: Decimal
    items: Decimal
    failed: str
    volume: Decimal
    volume_ok: Decimal
    standard: str

    @property
    def short(self) -> Decimal:
        """How many samples did not meet every limit."""
        return self.samples - self.ok


Quarter = dict[str, list[Point]]
"""Points by segment, in source order."""


def quarters(frame: pd.DataFrame, snapshot: Snapshot, keys: tuple[str, ...]) -> list[Quarter]:
    """Return the points of each quarter named, none where the file has no row of it.

    Raises BadInput with every row of these quarters that cannot be.
    """
    numbers = {column: amounts(frame, column) for column in (SAMPLES, OK, ITEMS, VOLUME, VOLUME_OK)}
    found: dict[str, Quarter] = {key: {} for key in keys}
    problems: list[str] = []
    for row in frame.index[frame["期间"].isin(keys)]:
        values = {column: numbers[column][row] for column in numbers}
        words = {name: text(frame.at[row, name]) or "" for name in ("环节", "点位", "类型", FAILED, "执行标准")}
        point = Point(
            row, words["环节"], words["点位"], words["类型"], values[SAMPLES], values[OK], values[ITEMS], words[FAILED],
            values[VOLUME], values[VOLUME_OK], words["执行标准"],
        )  # fmt: skip
        problems += [f"{snapshot.file} 第 {row} 行{problem}" for problem in _problems(point)]
        found[str(frame.at[row, "期间"])].setdefault(point.segment, []).append(point)
    if problems:
        raise BadInput(snapshot.file, tuple(problems))
    return list(found.values())


def _problems(point: Point) -> Iterator[str]:
    for column, number, least in ((SAMPLES, point.samples, 1), (OK, point.ok, 0), (ITEMS, point.items, 1)):
        if number.is_finite() and (number < least or number != number.to_integral_value()):
            yield f"“{column}”列的值是“{number}”，应为不小于{least}的整数"
    if point.ok > point.samples:
        yield f"“{OK}”列的值是“{point.ok}”，应不大于{SAMPLES}（{point.samples}）"
    elif point.short and not point.failed:
        yield f"“{FAILED}”列是空的，有{point.short}份样品不达标，应写明不达标的指标"
    elif not point.short and point.failed:
        yield f"“{FAILED}”列的值是“{point.failed}”，样品全部达标时应为空"
    if (point.segment == SOURCE) != bool(point.sort):
        expected = "应为地表水或地下水" if point.segment == SOURCE else f"应为空，{point.segment}不分类型"
        yield f"“类型”列{f'的值是“{point.sort}”' if point.sort else '是空的'}，{expected}"
    yield from _problems_of_volume(point)


def _problems_of_volume(point: Point) -> Iterator[str]:
    drawn, within = finite(point.volume), finite(point.volume_ok)
    for column, volume, other in ((VOLUME, drawn, within), (VOLUME_OK, within, drawn)):
        if volume is not None and point.segment != SOURCE:
            yield f"“{column}”列的值是“{volume}”，应为空，只有水源水填写"
        elif volume is not None and volume < 0:
            yield f"“{column}”列的值是“{volume}”，应为不小于0的数"
        elif volume is None and other is not None:
            yield f"“{column}”列是空的，{VOLUME}和{VOLUME_OK}应都填或都不填"
    if drawn is not None and within is not None and within > drawn:
        yield f"“{VOLUME_OK}”列的值是“{within}”，应不大于{VOLUME}（{drawn}）"

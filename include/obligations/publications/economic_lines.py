"""Reads a period's economic indicators, refuses what cannot be, and warns the author of what may be wrong.

The growth of a value at constant prices (生产总值, 增加值) is the source's alone: amounts are at current prices.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from obligations.publications.comparing import (
    NOTHING,
    YEAR,
    Amount,
    added,
    less,
    rate_of,
    read_amount,
    require_one_unit,
    rows_by,
)
from obligations.publications.doubting import doubts, revision_doubt, rounding_of, say_amount
from obligations.publications.measuring import text
from obligations.words.errors import BadInput

if TYPE_CHECKING:
    import pandas as pd

    from obligations.words.draft import DateWords
    from obligations.words.publication import Snapshot

CONSTANT_PRICES = ("生产总值", "增加值")
PRICES = ("价格",)
VALUES, RATES = ("本期数", "累计数", "上年同期累计数"), ("本期同比", "累计同比")


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator: of the month or quarter alone, and from January on; growth as the source published it."""

    name: str
    parent: str
    unit: str
    alone: Amount
    alone_published: Amount
    now: Amount
    last_year: Amount
    published: Amount
    constant: bool

    @property
    def comparable(self) -> Amount:
        """The amount a year before, nothing where amounts are at current prices and growth is not."""
        return NOTHING if self.constant else self.last_year

    def growth(self) -> Amount:
        """Return the cumulative growth as it is printed."""
        return rate_of(self.now, self.comparable, self.unit) if self.computes() else self.published

    def computes(self) -> bool:
        """Say whether the growth is computed from two amounts."""
        return self.now.known and self.comparable.known


def economic_lines(frame: pd.DataFrame, snapshot: Snapshot, period: str) -> dict[str, Line]:
    """Return the indicators of one period by name; raises BadInput if it has none, or for an impossible row."""
    require_one_unit(frame, snapshot, "指标")
    rows = {name: row for (name,), row in rows_by(frame, period, "指标").items()}
    problems = [] if rows else [f"{snapshot.file} 没有期间为“{period}”的行，应至少有一个指标"]
    found: dict[str, Line] = {}
    for name, row in rows.items():
        parent, unit = (text(frame.at[row, column]) or "" for column in ("上级指标", "单位"))
        where = f"{snapshot.file} 第 {row} 行"
        if parent and (parent not in rows or text(frame.at[rows[parent], "上级指标"])):
            # A part of a part would be in the table and in no paragraph.
            expected = "应为本期另一行的指标名称，且该指标自身没有上级指标；独立指标留空"
            problems.append(f"{where}“上级指标”列的值是“{parent}”，{expected}")
        amounts = {column: read_amount(frame, row, column) for column in (*VALUES, *RATES)}
        for column in VALUES:
            amount = amounts[column]
            if amount.known and not unit:
                problems.append(f"{where}“单位”列是空的，“{column}”列有数时应写明单位，例如 亿元")
            elif amount.known and amount.value < 0 and any(word in name for word in CONSTANT_PRICES):
                problems.append(f"{where}“{column}”列的值是“{amount.value}”，{name}应不小于0")
        alone, now, last_year = (amounts[column] for column in VALUES)
        alone_published, published = (amounts[column] for column in RATES)
        constant = any(word in f"{name}{parent}" for word in CONSTANT_PRICES) and unit != "%"
        found[name] = Line(name, parent, unit, alone, alone_published, now, last_year, published, constant)
    if problems:
        raise BadInput(snapshot.file, tuple(problems))
    return found


def economic_warnings(
    lines: dict[str, Line], before: dict[str, Line], year: dict[str, Line], awaited: DateWords | None
) -> tuple[str, ...]:
    """Return Chinese sentences for the author.

    ``before`` are the lines of the month or quarter before, ``year`` of the same period last year, empty where not
    delivered; ``awaited`` names the period before, None for the first of a year.
    """
    found = [] if before or not awaited else [f"没有上一期（{awaited}）的行，不列增速变动，也无法核对累计数。"]
    for name, line in lines.items():
        found += doubts(name, line.unit, line.now, line.comparable, YEAR, line.published)
        if not any(each.known for each in (line.alone, line.alone_published, line.now, line.published)):
            found.append(f"{name}没有任何数字，正文未列。")
        elif line.constant and line.now.known and not line.published.known:
            found.append(
                f"{name}没有公布的累计同比；绝对额按当年价计算，增速应按可比价计算，不能由绝对额算出，请补报。"
            )
        elif not line.growth().known:
            found.append(f"{name}没有累计同比，不列增速。")
        found += _parts(line, [each for each in lines.values() if each.parent == name])
        if name in year:
            found += revision_doubt(name, line.unit, line.last_year, year[name].now)
        if name in before:
            found += _since(line, before[name])
    return tuple(found)


def _parts(line: Line, parts: list[Line]) -> list[str]:
    """A part of something cannot be more than it; parts may be a choice and need not add up to it."""
    same = [part.now for part in parts if part.unit == line.unit and part.unit != "%"]
    total = added(same, "")
    if not (line.now.known and total.known) or total.value <= line.now.value:
        return []
    if total.value - line.now.value <= rounding_of((line.now, *same)):
        return []
    return [
        f"{line.name}累计数{say_amount(line.now)}{line.unit}，小于其中各项之和{say_amount(total)}{line.unit}，请核对。"
    ]


def _since(line: Line, before: Line) -> list[str]:
    if line.unit == "%" or not (line.now.known and before.now.known and line.alone.known):
        return []
    alone = less(line.now, before.now, "")
    found = []
    if line.now.value < before.now.value:
        found.append(
            f"{line.name}累计数低于上一期（上一期{say_amount(before.now)}{line.unit}，本期{say_amount(line.now)}{line.unit}），请核对。"
        )
    elif abs(alone.value - line.alone.value) > rounding_of((line.now, before.now, line.alone)):
        found.append(
            f"{line.name}本期数{say_amount(line.alone)}{line.unit}，与累计数之差{say_amount(alone)}{line.unit}不同，"
            "请核对上一期是否已订正。"
        )
    return found

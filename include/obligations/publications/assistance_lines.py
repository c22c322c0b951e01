"""Reads a quarter's rows of social assistance, refuses what cannot be, and warns the author of what may be wrong."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from obligations.publications.comparing import (
    NOTHING,
    QUARTER,
    YEAR,
    Amount,
    added,
    less,
    read_amount,
    require_one_unit,
    rows_by,
)
from obligations.publications.doubting import doubts, say_amount, sum_doubt
from obligations.publications.measuring import QUIET
from obligations.publications.social_assistance_quarterly import (
    CUMULATIVE,
    JOINED,
    LEFT,
    PERSONS,
    RURAL,
    SPENDING,
    TIMES,
    UNITS,
    URBAN,
    WHOLE,
    WITHIN,
)
from obligations.publications.wording import say_number
from obligations.words.errors import BadInput

if TYPE_CHECKING:
    import pandas as pd

    from obligations.words.publication import Snapshot

AREAS = (WHOLE, URBAN, RURAL)
HEADS = (PERSONS, TIMES)
SCALES = {"万": 10_000, "亿": 100_000_000}
MOST_A_HEAD = Decimal(200_000)
"""元 a person since January, from which the author is asked to look."""


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator of one category in one area: now, at the end of the quarter before, and a year before."""

    unit: str
    now: Amount
    quarter: Amount
    year: Amount


Lines = dict[tuple[str, str, str], Line]
"""Lines by category, indicator and area, in source order; the whole is added up where only its parts are delivered."""


def assistance_lines(frame: pd.DataFrame, snapshot: Snapshot, period: str) -> Lines:
    """Return the lines of one quarter; raises BadInput if it has none, or for a unit or a number that cannot be."""
    require_one_unit(frame, snapshot, "类别", "指标")
    found: Lines = {}
    problems = []
    for (category, indicator, area), row in rows_by(frame, period, "类别", "指标", "城乡").items():
        unit, where = str(frame.at[row, "单位"]), f"{snapshot.file} 第 {row} 行"
        if unit not in UNITS[indicator]:
            expected = " 或 ".join(UNITS[indicator])
            problems.append(f"{where}“单位”列的值是“{unit}”，{indicator}的单位应为{expected}")
        amounts = {column: read_amount(frame, row, column) for column in ("本期数", "上季度数", "上年同期数")}
        problems += [
            f"{where}“{column}”列的值是“{amount.value}”，{indicator}应不小于0"
            for column, amount in amounts.items()
            if amount.known and amount.value < 0
        ]
        found[category, indicator, area] = Line(unit, *amounts.values())
    if not found:
        problems.append(f"{snapshot.file} 没有期间为“{period}”的行，应至少有一类社会救助的指标")
    if problems:
        raise BadInput(snapshot.file, tuple(problems))
    for category, indicator, _ in tuple(found):
        urban, rural = (found.get((category, indicator, area)) for area in (URBAN, RURAL))
        if (category, indicator, WHOLE) not in found and urban and rural and indicator != "救助标准":
            found[category, indicator, WHOLE] = Line(
                urban.unit,
                added((urban.now, rural.now), f"{URBAN}与{RURAL}之和"),
                added((urban.quarter, rural.quarter), f"{URBAN}与{RURAL}之和"),
                added((urban.year, rural.year), f"{URBAN}与{RURAL}之和"),
            )
    return found


def this_quarter(line: Line) -> Amount:
    """Return what a cumulative figure grew by since the quarter before."""
    return less(line.now, line.quarter, "本季末累计数 - 上季末累计数")


def total_spending(lines: Lines) -> tuple[str, dict[str, Line]] | None:
    """Return the unit of spending and its line by category; None where units differ or there is no second category."""
    found = {
        category: line for (category, indicator, area), line in lines.items() if indicator == SPENDING and area == WHOLE
    }
    units = {line.unit for line in found.values()}
    return (units.pop(), found) if len(units) == 1 and len(found) > 1 else None


def assistance_warnings(lines: Lines, quarter: int) -> tuple[str, ...]:
    """Return Chinese sentences for the author."""
    found = []
    for (category, indicator, area), line in lines.items():
        name = f"{category}{indicator}" if area == WHOLE else f"{area}{category}{indicator}"
        found += doubts(name, line.unit, line.now, line.year, YEAR)
        if indicator not in CUMULATIVE:
            found += doubts(name, line.unit, line.now, line.quarter, QUARTER)
        elif quarter > 1 and line.quarter.known and line.now.value < line.quarter.value:
            amounts = f"上季度末{say_amount(line.quarter)}{line.unit}，本期{say_amount(line.now)}{line.unit}"
            found.append(f"{name}累计数低于上季度末（{amounts}），请核对。")
        if area == WHOLE:
            found += _sums(name, category, indicator, line, lines)
        if indicator == PERSONS:
            found += _movement(name, category, area, line, lines)
        if not line.year.known and indicator not in WITHIN:
            found.append(f"{name}没有上年同期数，不列同比。")
    found += _per_head(lines)
    spending = {line.unit for (_, indicator, _), line in lines.items() if indicator == SPENDING}
    if len(spending) > 1:
        found.append(f"各类资金支出的单位不同（{'、'.join(sorted(spending))}），不列合计和构成，请统一单位。")
    return tuple(found)


def _sums(name: str, category: str, indicator: str, whole: Line, lines: Lines) -> list[str]:
    parts = {area: part for area in (URBAN, RURAL) if (part := lines.get((category, indicator, area)))}
    if indicator == "救助标准":
        return []
    return sum_doubt(name, whole.unit, whole.now, {area: part.now for area, part in parts.items()})


def _movement(name: str, category: str, area: str, line: Line, lines: Lines) -> list[str]:
    """Compare the persons with those before, who joined and who left within the quarter."""
    joined, left = (lines.get((category, indicator, area)) for indicator in (JOINED, LEFT))
    if joined is None or left is None or {joined.unit, left.unit} != {line.unit}:
        return []
    out = Amount(-left.now.value, "", left.now.cells)
    parts = {"上季度数": line.quarter, JOINED: joined.now, f"减去{LEFT}": out}
    return sum_doubt(name, line.unit, line.now, parts)


def _per_head(lines: Lines) -> list[str]:
    """Divide what was spent since January by the persons helped: 元 written for 万元 gives millions for each."""
    found = []
    for (category, indicator, area), line in lines.items():
        heads = next((one for name in HEADS if (one := lines.get((category, name, area)))), None)
        if indicator != SPENDING or heads is None or not heads.now.value > 0:
            continue
        each = QUIET.divide(line.now.value * SCALES[line.unit[0]], heads.now.value * SCALES.get(heads.unit[0], 1))
        if each > MOST_A_HEAD:
            name = f"{category}{indicator}" if area == WHOLE else f"{area}{category}{indicator}"
            found.append(
                f"{name}{say_amount(line.now)}{line.unit}，按对象人数（人次）计算每人约{say_number(each, 0)}元，"
                "明显偏高，请核对单位和小数点。"
            )
    return found


def none_of(lines: Lines, *indicators: str) -> bool:
    """Say whether no category has any of these indicators."""
    return not any(indicator in indicators for _, indicator, _ in lines)


def base_total(lines: dict[str, Line], column: str) -> Amount:
    """Return the sum over categories of one column; nothing where a category lacks it."""
    return added((getattr(line, column) for line in lines.values()), "各类资金支出之和") if lines else NOTHING

"""Warns the author of grain purchase figures: a fall, a jump, parts beyond the whole, a past figure that was revised."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from obligations.publications.analysis import beyond_past, slip_of_unit, total
from obligations.publications.comparing import Amount
from obligations.publications.doubting import revision_doubt, say_power
from obligations.publications.grain_purchase_five_daily import WHOLE
from obligations.publications.grain_purchase_lines import NOW, PRICE, YEAR
from obligations.publications.measuring import finite

if TYPE_CHECKING:
    from datetime import date

    from obligations.publications.grain_purchase_lines import Line, Varieties


def grain_purchase_warnings(lines: Varieties, before: date, unit: str) -> tuple[str, ...]:
    """Return Chinese sentences for the author; amounts are in ``unit``, ``before`` is the day of the period before."""
    found = []
    if all(line.before is None for places in lines.values() for line in places.values()):
        found.append(f"没有上期（截止日期{before}）的行，不列比上期增减。")
    for variety, places in lines.items():
        found += _sum(variety, places, unit)
        for place, line in places.items():
            found += _of_line(variety if place == WHOLE else f"{variety}{place}", line, unit)
    return tuple(found)


def _sum(variety: str, places: dict[str, Line], unit: str) -> list[str]:
    found = []
    for column in (NOW, YEAR):
        parts = [line.now[column] for place, line in places.items() if place != WHOLE]
        added, whole = finite(total(parts)), finite(places[WHOLE].now[column])
        if parts and added is not None and whole is not None and added > whole:
            found.append(f"{variety}{column}各地之和{added}{unit}，超过{WHOLE}{whole}{unit}，请核对。")
    return found


def _of_line(name: str, line: Line, unit: str) -> list[str]:
    found = []
    step, now, year = finite(line.step), line.now[NOW], finite(line.now[YEAR])
    if step is not None and step < 0:
        found.append(f"{name}累计收购量低于上期（减少{-step}{unit}），请核对是否核减。")
    past = [later[NOW] - earlier[NOW] for earlier, later in pairwise(line.past)]
    if step is not None and beyond_past(step, past):
        found.append(f"{name}本期收购{step}{unit}，超过本季以往各期最大值的2倍，请核对并说明。")
    if year is None:
        found.append(f"{name}没有上年同期数，不列同比。")
    elif (slip := slip_of_unit(now, year)) is not None:
        found.append(f"{name}{NOW}约为上年同期的{say_power(slip)}，请核对单位和小数点。")
    last = next((row for row in line.years if row.day.year == line.now.day.year - 1), None)
    if last is not None and year is not None:
        found += revision_doubt(f"{name}累计收购", unit, Amount(year, "", ()), Amount(last[NOW], "", ()))
    price, before = finite(line.now[PRICE]), finite(line.before[PRICE]) if line.before else None
    if price is not None and before is not None and abs(price - before) * 10 > before:
        found.append(f"{name}平均收购价比上期变动超过10%（上期{before}，本期{price}），请核对。")
    return found

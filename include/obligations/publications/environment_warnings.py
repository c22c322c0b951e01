"""Warns the author of a month's air and water figures: what jumps, does not add up, or has been left out."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from obligations.publications.analysis import slip_of_unit, total
from obligations.publications.doubting import JUMP, TOLERANCE, say_power
from obligations.publications.environment_indicators import (
    CLASSES,
    INDEX,
    INDICATORS,
    POLLUTANTS,
    RATE,
    SECTIONS,
    WATER_INDEX,
    WHOLE,
)
from obligations.publications.environment_lines import NOW, YEAR, Observation
from obligations.publications.measuring import finite
from obligations.publications.wording import say_number

if TYPE_CHECKING:
    from obligations.publications.environment_lines import Places
    from obligations.publications.environment_ranking import Ranking

ROUNDING = Decimal("0.06")
"""What the parts may differ from the index by when each concentration was rounded to its last printed digit."""


def environment_warnings(places: Places, air: Ranking | None, water: Ranking | None) -> tuple[str, ...]:
    """Return Chinese sentences for the author."""
    whole, found = places.get(WHOLE, {}), []
    if not any(INDICATORS[name] in (*POLLUTANTS, INDEX, RATE) for name in whole):
        found.append(f"没有范围为“{WHOLE}”的空气指标，正文留有待填写栏。")
    if air is None:
        found.append("参加空气排名的不足两个，没有排名，正文留有待填写栏。")
    if not set(CLASSES) <= whole.keys():
        found.append("没有断面水质类别的行，正文留有待填写栏。")
    if water is None:
        found.append(f"没有两个以上地区的{WATER_INDEX.name}，不列水环境质量排名。")
    for place, told in places.items():
        for name, one in told.items():
            found += _of_one(place, name, one)
    found += _not_compared(places)
    found += _parts(whole) + _sections(whole)
    if air is not None:
        found += _outside(places, air)
    return tuple(found)


def parts_fit(whole: dict[str, Observation], column: str) -> bool:
    """Say whether the six concentrations, each over its standard, add up to the composite index."""
    sums = _sum_and_index(whole, column)
    return sums is not None and abs(sums[0] - sums[1]) <= ROUNDING


def _sum_and_index(whole: dict[str, Observation], column: str) -> tuple[Decimal, Decimal] | None:
    if not {INDEX.name, *(each.name for each in POLLUTANTS)} <= whole.keys():
        return None

    def value(name: str) -> Decimal:
        return whole[name].now if column == NOW else whole[name].year

    added = finite(total(value(each.name) / each.standard for each in POLLUTANTS))
    index = finite(value(INDEX.name))
    return None if added is None or index is None else (added, index)


def _of_one(place: str, name: str, one: Observation) -> list[str]:
    found = []
    slip = slip_of_unit(one.now, one.year) if one.indicator.compared == "%" else None
    change, published = finite(one.change()[0]), finite(one.published)
    if slip is not None:
        found.append(f"{place}{name}本期约为上年同期的{say_power(slip)}，请核对单位和小数点。")
    elif one.indicator.compared == "%" and change is not None and abs(change) > JUMP:
        found.append(f"{place}{name}同比变动{say_number(change, 1)}%，变动较大，请核对并说明。")
    if (
        change is not None
        and finite(one.year) is not None
        and published is not None
        and abs(change - published) > TOLERANCE
    ):
        unit = one.indicator.compared
        found.append(
            f"{place}{name}同比按数量计算为{say_number(change, 1)}{unit}，来源为{say_number(published, 1)}{unit}，"
            "已用计算值。"
        )
    return found


def _not_compared(places: Places) -> list[str]:
    """A sentence a place, or one for all: a delivery without last year would else fill pages of the cover note."""
    missing = {
        place: [name for name, one in told.items() if finite(one.change()[0]) is None] for place, told in places.items()
    }
    if len(places) > 1 and all(missing[place] == list(told) for place, told in places.items()):
        return ["各项指标都没有上年同期数，不列同比。"]
    return [f"{place}{'、'.join(names)}没有上年同期数，不列同比。" for place, names in missing.items() if names]


def _parts(whole: dict[str, Observation]) -> list[str]:
    found = []
    for column in (NOW, YEAR):
        sums = _sum_and_index(whole, column)
        if sums is not None and abs(sums[0] - sums[1]) > ROUNDING:
            added, index = (say_number(each, 2) for each in sums)
            found.append(f"{column}综合指数{index}，与六项污染物单项指数之和{added}不符，不列构成，请核对。")
    return found


def _sections(whole: dict[str, Observation]) -> list[str]:
    if not {SECTIONS, *CLASSES} <= whole.keys():
        return []
    found = []
    for column in (NOW, YEAR):
        told = [whole[name].now if column == NOW else whole[name].year for name in (*CLASSES, SECTIONS)]
        added, stated = finite(total(told[:-1])), finite(told[-1])
        if added is not None and stated is not None and added != stated:
            found.append(f"{column}{SECTIONS}{stated}个，与各类断面之和{added}个不符，比例按各类之和计算，请核对。")
    return found


def _outside(places: Places, air: Ranking) -> list[str]:
    """A mean of places lies between the lowest and the highest of them."""
    found = []
    for each in (*POLLUTANTS, INDEX, RATE):
        of_places = [places[place][each.name].now for place in air.placings if each.name in places[place]]
        if each.name not in places.get(WHOLE, {}) or len(of_places) < len(air.placings):
            continue
        value, low, high = places[WHOLE][each.name].now, min(of_places), max(of_places)
        if not low <= value <= high:
            found.append(f"{WHOLE}{each.name}为{value}，不在各地的{low}至{high}之间，请核对。")
    return found

"""Warns the author of land prices: a jump, a slip of unit, an average outside of what it averages, a figure restated."""

from __future__ import annotations

from decimal import Decimal

from obligations.publications.analysis import beyond_past, slip_of_unit
from obligations.publications.comparing import QUARTER, YEAR, Amount, Base
from obligations.publications.doubting import doubts, revision_doubt, say_amount, say_power
from obligations.publications.land_price_lines import UNIT, UNIT_PER_MU, Line, Lines, cities_of
from obligations.publications.land_price_quarterly import OVERALL, WHOLE
from obligations.publications.measuring import QUIET
from obligations.publications.wording import places_of, say_number

JUMPS = ((QUARTER, Decimal(10)), (YEAR, Decimal(30)))
"""Change in % from which the author is asked to look: land prices move by a few percent a quarter."""
SQUARE_METERS = Decimal(2000) / 3
"""Of one 亩."""
_MU_TOLERANCE = Decimal("0.01")
"""Share by which a price by 亩 may miss the one by square meter: it is rounded to whole 万元."""


def land_price_warnings(lines: Lines, past: dict[str, list[Amount]]) -> tuple[str, ...]:
    """Return Chinese sentences for the author; ``past`` are earlier growth rates of 综合 by city, on the quarter."""
    found = []
    for line in lines.values():
        name = f"{_named(line.city)}{line.use}地价"
        for base, jump in JUMPS:
            earlier = line.earlier[base.name]
            found += doubts(name, UNIT, line.now, earlier, base, line.published[base.name], jump=jump)
            found += _restated(name, line, base)
            if not line.growth(base).known:
                found.append(f"{name}没有{base.of}地价水平和{base.word}增长率，不列{base.word}。")
        if line.use == OVERALL:
            found += _beyond(name, line, past.get(line.city, []))
        found += _by_mu(name, line)
    found += _averages(lines)
    if len(cities_of(lines)) > 1 and (WHOLE, OVERALL) not in lines:
        found.append(f"没有监测城市为“{WHOLE}”的行，不列总体水平。")
    return tuple(found)


def _named(city: str) -> str:
    return "监测城市" if city == WHOLE else city


def _restated(name: str, line: Line, base: Base) -> list[str]:
    """Compare the earlier level that the row gives with the one of the earlier quarter's own row."""
    said, was = line.earlier[base.name], line.own_row[base.name]
    if base is YEAR:
        return revision_doubt(name, UNIT, said, was)
    return revision_doubt(name, UNIT, said, was, then="上季度", its="上季度")


def _beyond(name: str, line: Line, past: list[Amount]) -> list[str]:
    rate = line.growth(QUARTER)
    if not rate.known or not beyond_past(rate.value, [each.value for each in past]):
        return []
    largest = max(abs(each.value) for each in past)
    said, most = say_number(rate.value, 1), say_number(largest, 1)
    return [f"{name}环比变动{said}%，超过以往各季度最大变动幅度{most}%的两倍，请核对并说明。"]


def _by_mu(name: str, line: Line) -> list[str]:
    if not line.per_mu.known:
        return []
    own = QUIET.divide(QUIET.multiply(line.now.value, SQUARE_METERS), Decimal(10_000))
    slip = slip_of_unit(line.per_mu.value, own)
    if slip is not None:
        return [f"{name}按亩约为按平方米折算的{say_power(slip)}，请核对单位和小数点。"]
    step = Decimal(1).scaleb(-places_of(line.per_mu.value)) / 2
    if abs(own - line.per_mu.value) <= max(step, QUIET.multiply(own, _MU_TOLERANCE)):
        return []
    return [
        f"{name}按平方米折算为{say_number(own, 1)}{UNIT_PER_MU}，来源为{say_amount(line.per_mu)}{UNIT_PER_MU}，请核对。"
    ]


def _averages(lines: Lines) -> list[str]:
    """Say where 综合, an average of the uses, lies outside of them, or the whole outside of its cities."""
    found = []
    for city in dict.fromkeys(city for city, _ in lines):
        parts = {use: line.now for (place, use), line in lines.items() if place == city and use != OVERALL}
        found += _outside(f"{_named(city)}{OVERALL}地价", lines[city, OVERALL].now, parts)
    if (WHOLE, OVERALL) in lines:
        cities = {city: lines[city, OVERALL].now for city in cities_of(lines)}
        found += _outside(f"{_named(WHOLE)}{OVERALL}地价", lines[WHOLE, OVERALL].now, cities)
    return found


def _outside(name: str, average: Amount, parts: dict[str, Amount]) -> list[str]:
    known = {part: amount.value for part, amount in parts.items() if amount.known}
    if len(known) < 2 or min(known.values()) <= average.value <= max(known.values()):
        return []
    least, most = min(known, key=lambda part: known[part]), max(known, key=lambda part: known[part])
    return [f"{name}{say_amount(average)}{UNIT}，不在{least}（最低）和{most}（最高）之间，请核对。"]

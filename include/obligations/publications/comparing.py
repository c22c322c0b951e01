"""Compares an amount with an earlier one: the change, the rate or 百分点, the pace, and what contributed to it.

Shared by the kinds whose source has an indicator a row. Which rows are compared, and the sentences, belong to each kind;
what the author should look at is ``doubting``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from obligations.publications.analysis import direction, largest_first
from obligations.publications.measuring import NAN, Measures, Reading, Unit, finite, text
from obligations.publications.wording import places_of, rounded
from obligations.words.errors import BadInput

if TYPE_CHECKING:
    import pandas as pd

    from obligations.words.publication import Snapshot

LARGEST_PERCENT = Decimal(500)
"""Beyond this, the base is too small for a percentage to say anything; only the amounts are printed."""
_SETTLED = 20
Told = dict[str, Any]
"""What the template tells of one thing: names, words and measure ids by meaning, None for no number."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A number read or added up: NaN for none, how it came about, and the source cells behind it (row, column)."""

    value: Decimal
    how: str
    cells: tuple[tuple[int, str], ...]

    @property
    def known(self) -> bool:
        """Say whether there is a number."""
        return self.value.is_finite()


NOTHING = Amount(NAN, "", ())


@dataclass(frozen=True, slots=True)
class Base:
    """What is compared with: ``name`` in ids (``yoy``), ``word`` (同比), ``of`` (上年同期)."""

    name: str
    word: str
    of: str


YEAR, MONTH, QUARTER = Base("yoy", "同比", "上年同期"), Base("mom", "环比", "上月"), Base("qoq", "环比", "上季度")


def rows_by(frame: pd.DataFrame, period: str, *columns: str) -> dict[tuple[str, ...], int]:
    """Return the source row of every combination of texts in ``columns`` in one period, in source order."""
    rows = frame[frame["期间"] == period]
    cells = [[text(cell) or "" for cell in rows[column]] for column in columns]
    return dict(zip(zip(*cells, strict=True), (int(row) for row in rows.index), strict=True))


def read_amount(frame: pd.DataFrame, row: int | None, column: str) -> Amount:
    """Return the number of a cell; nothing for an empty cell, a missing column or no row."""
    value = None if row is None or column not in frame.columns else finite(frame.at[row, column])
    return NOTHING if value is None or row is None else Amount(value, f"来源列“{column}”", ((row, column),))


def added(parts: Iterable[Amount], how: str) -> Amount:
    """Return the exact sum; nothing if there is no part or one of them is unknown."""
    given = list(parts)
    if not given or not all(part.known for part in given):
        return NOTHING
    cells = tuple(cell for part in given for cell in part.cells)
    return Amount(sum((part.value for part in given), Decimal(0)), how, cells)


def less(one: Amount, other: Amount, how: str) -> Amount:
    """Return the exact difference; nothing if one of them is unknown."""
    return added((one, Amount(-other.value, "", other.cells)), how)


def negative(amount: Amount, how: str) -> Amount:
    """Return what a negative amount is below zero; nothing for any other."""
    return Amount(-amount.value, how, amount.cells) if amount.known and amount.value < 0 else NOTHING


def settled(amount: Amount) -> Amount:
    """Drop what several divisions left beyond the 20th decimal, so that a half prints as the half it is."""
    return Amount(rounded(amount.value, _SETTLED), amount.how, amount.cells) if amount.known else amount


def units_of(given: Iterable[tuple[str, Amount]]) -> dict[str, Unit]:
    """Return the unit by its name, with the most decimals that any of its amounts has: columns then read evenly."""
    places: dict[str, int] = {}
    for unit, amount in given:
        places[unit] = max(places.get(unit, int(unit == "%")), places_of(amount.value) if amount.known else 0)
    return {unit: Unit(unit, places=most) for unit, most in places.items()}


def add_amount(measures: Measures, measure_id: str, label: str, amount: Amount, unit: Unit) -> str | None:
    """Add a measure of an amount; return its id, None where there is no number."""
    return measures.add(measure_id, label, amount.value, Reading("", "", amount.how, ()), amount.cells, unit)


def require_one_unit(frame: pd.DataFrame, snapshot: Snapshot, *columns: str) -> None:
    """Raise BadInput for every row whose unit differs from an earlier row of the same thing, in whatever period."""
    first: dict[tuple[str, ...], str] = {}
    problems = []
    for row in frame.index:
        same = tuple(text(frame.at[row, column]) or "" for column in columns)
        unit = text(frame.at[row, "单位"]) or ""
        if unit != first.setdefault(same, unit):
            where = f"{snapshot.file} 第 {row} 行“单位”列的值是“{unit}”"
            problems.append(f"{where}，应为{first[same]}（与“{'、'.join(same)}”的其他行一致）")
    if problems:
        raise BadInput(snapshot.file, tuple(problems))


def rate_of(now: Amount, before: Amount, unit: str) -> Amount:
    """Return the change in %, of a percentage in 百分点; nothing where it would mislead: no base, a loss, a tiny base."""
    if not (now.known and before.known):
        return NOTHING
    cells = (*now.cells, *before.cells)
    if unit == "%":
        return Amount(now.value - before.value, "本期数 - 对比期数", cells)
    if before.value <= 0 or now.value < 0:
        return NOTHING
    rate = (now.value - before.value) / before.value * 100
    return Amount(rate, "（本期数 - 对比期数） ÷ 对比期数 × 100", cells) if abs(rate) <= LARGEST_PERCENT else NOTHING


def compared(
    measures: Measures, key: str, label: str, unit: Unit, now: Amount, before: Amount, base: Base,
    published: Amount = NOTHING,
) -> Told:  # fmt: skip
    """Add the measures of a comparison; return their ids by ``base.name``, with what follows ``_`` for the further ones.

    ``yoy`` is the rate (``published`` where there is nothing to compute it from), ``yoy_change`` the difference in
    ``unit``, ``yoy_before`` the earlier amount, ``yoy_loss`` the earlier amount without its sign where it is negative;
    ``yoy_stayed`` says that nothing changed at all.
    """
    name, of, relative = base.name, f"{label}{base.of}数", unit.name != "%"
    rate = rate_of(now, before, unit.name) if now.known and before.known else published
    # A rate in % has one decimal, 百分点 of a percentage as many as it has; what was published is quoted as it was.
    exact = not relative or rate is published
    printed = Unit("%" if relative else "百分点", places=max(1, places_of(rate.value)) if exact and rate.known else 1)
    change = less(now, before, f"本期数 - {base.of}数") if relative else NOTHING
    loss = negative(before, f"0 - {base.of}数")
    rate = Amount(rate.value, rate.how.replace("对比期", base.of), rate.cells)
    return {
        name: add_amount(measures, f"{key}.{name}", f"{label}{base.word}", rate, printed),
        f"{name}_change": add_amount(measures, f"{key}.{name}_change", f"{label}{base.word}增减额", change, unit),
        f"{name}_before": add_amount(measures, f"{key}.{name}_before", of, before, unit),
        f"{name}_loss": add_amount(measures, f"{key}.{name}_loss", f"{of}（亏损）", loss, unit),
        f"{name}_stayed": now.known and now.value == before.value,
    }


def told_amount(measures: Measures, key: str, label: str, unit: Unit, now: Amount) -> Told:
    """Add an amount, and what it loses where it is negative; ids ``now`` and ``loss``."""
    loss = negative(now, "0 - 本期数")
    return {
        "now": add_amount(measures, f"{key}.now", label, now, unit),
        "loss": add_amount(measures, f"{key}.loss", f"{label}（亏损）", loss, unit),
    }


def pace(measures: Measures, key: str, label: str, now: Amount, then: Amount) -> Told:
    """Add by how many 百分点 a growth moved since the step before; 增幅 belongs to growth and 降幅 to decline.

    A growth that changed sides has no ``shift``; ``turned`` is what it was.
    """
    told: Told = {"shift": None, "turned": None}
    sides = [direction(each.value, 1) for each in (now, then) if each.known]
    words = {1: ("增幅", "回升", "回落"), -1: ("降幅", "收窄", "扩大")}
    if len(sides) < len((now, then)) or 0 in sides:
        return told
    if sides[0] != sides[1]:
        turned = add_amount(measures, f"{key}.turned", f"{label}上一期同比", then, Unit("%", places=1))
        return {**told, "turned": turned}
    rate, faster, slower = words[sides[0]]
    shift = settled(less(now, then, "本期同比 - 上一期同比"))
    moved = add_amount(measures, f"{key}.shift", f"{label}同比与上一期之差", shift, Unit("百分点", places=1))
    return {"shift": moved, "turned": None, "rate": rate, "faster": faster, "slower": slower}


def contributions(
    measures: Measures, key: str, whole: tuple[Amount, Amount], parts: Mapping[str, tuple[Amount, Amount]], unit: Unit
) -> list[Told]:
    """Add what each part contributed to the change of the whole, and its share; the largest change comes first.

    ``whole`` and ``parts`` give this and the earlier amount, all in ``unit``; ids are ``key.<part>.pull`` and the like.
    A pull (百分点) needs a whole that was positive; a share needs no part below zero.
    """
    now, before = whole
    changes = {name: less(each, earlier, "该项本期数 - 该项对比期数") for name, (each, earlier) in parts.items()}
    known = largest_first({name: change.value for name, change in changes.items() if change.known})
    shares = now.known and now.value > 0 and all(each.known and each.value >= 0 for each, _ in parts.values())
    told = []
    for name in (*known, *(name for name in parts if name not in known)):
        change, part = changes[name], parts[name][0]
        pull = share = NOTHING
        if change.known and before.known and before.value > 0:
            pulled = "该项增减额 ÷ 总额对比期数 × 100"
            pull = Amount(change.value / before.value * 100, pulled, (*change.cells, *before.cells))
        if shares:
            share = Amount(part.value / now.value * 100, "该项本期数 ÷ 总额本期数 × 100", (*part.cells, *now.cells))
        own = f"{key}.{name}"
        told.append(
            {
                "name": name,
                "change": add_amount(measures, f"{own}.change", f"{name}增减额", change, unit),
                "pull": add_amount(measures, f"{own}.pull", f"{name}拉动", pull, Unit("百分点", places=1)),
                "share": add_amount(measures, f"{own}.share", f"{name}占比", share, Unit("%", places=1)),
            }
        )
    return told

"""Reads a month's rows of air and water quality into observations by place and indicator, and refuses what cannot be.

Compares each with the year before. Names no measure and writes no sentence; ranks are ``environment_ranking``.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from obligations.publications.analysis import share_shift
from obligations.publications.environment_indicators import (
    CLASSES,
    GOOD_DAYS,
    INDICATORS,
    POLLUTED_DAYS,
    RATE,
    VALID_DAYS,
    WHOLE,
    Indicator,
)
from obligations.publications.measuring import NAN, amounts, finite, text
from obligations.publications.periods import year_and_month
from obligations.words.errors import BadInput

if TYPE_CHECKING:
    import pandas as pd

    from obligations.words.occurrence import Period
    from obligations.words.publication import Snapshot

Cells = tuple[tuple[Any, str], ...]
NOW, YEAR, PUBLISHED = "本期", "上年同期", "同比"


@dataclass(frozen=True, slots=True)
class Observation:
    """One indicator of one place in one month.

    Attributes:
        now, year: this month and the same month of the year before; published: the change as the source printed it.
            NaN for none.
        rows: source rows; how: what ``now`` is, in words, where it was computed.
        shares: of a computed share, part and whole of both years, from which its change is computed.
    """

    indicator: Indicator
    now: Decimal
    year: Decimal
    published: Decimal
    rows: tuple[Any, ...]
    how: str = ""
    shares: tuple[Decimal, Decimal, Decimal, Decimal] | None = None

    def cells(self, *columns: str) -> Cells:
        """Return the source cells of these columns."""
        return tuple((row, column) for column in columns for row in self.rows)

    def change(self) -> tuple[Decimal, str, Cells]:
        """Return the change on the year, its formula and its cells; NaN where it cannot be told."""
        if not self.year.is_finite():
            return self.published, f"来源列“{PUBLISHED}”", self.cells(PUBLISHED)
        both = self.cells(NOW, YEAR)
        if self.shares:
            return share_shift(*self.shares), f"{NOW}比例 - {YEAR}比例", both
        if self.indicator.compared != "%":
            return self.now - self.year, f"{NOW} - {YEAR}", both
        value = (self.now - self.year) / self.year * 100 if self.year > 0 else NAN
        return value, f"（{NOW} - {YEAR}） ÷ {YEAR} × 100", both


Places = dict[str, dict[str, Observation]]
"""Observations by place, then by name of the indicator, both in source order."""


def observations(frame: pd.DataFrame, snapshot: Snapshot, period: Period) -> Places:
    """Return what was observed in the month.

    Raises BadInput with every row whose unit, sign, count of days or class is impossible, or if the month has no row.
    """
    year, month = year_and_month(period)
    rows = frame[frame["期间"] == period.key]
    if rows.empty:
        raise BadInput(snapshot.file, (f"{snapshot.file} 没有期间为“{period.key}”的行，应至少有范围为“{WHOLE}”的行",))
    values = {column: amounts(rows, column) for column in (NOW, YEAR, PUBLISHED)}
    places: Places = {}
    problems: list[str] = []
    for row in rows.index:
        place, name = str(rows.at[row, "范围"]).strip(), str(rows.at[row, "指标"])
        now, before, published = (values[column][row] for column in (NOW, YEAR, PUBLISHED))
        found = Observation(INDICATORS[name], now, before, published, (row,))
        problems += _impossible(found, text(rows.at[row, "单位"]) or "", monthrange(year, month)[1], snapshot.file)
        places.setdefault(place, {})[name] = found
    for place, told in places.items():
        problems += _incomplete(place, told, snapshot.file)
        good, valid = told.get(GOOD_DAYS.name), told.get(VALID_DAYS.name)
        if RATE.name not in told and good and valid and valid.now > 0:
            told[RATE.name] = _rate(good, valid)
    if problems:
        raise BadInput(snapshot.file, tuple(problems))
    return places


def _rate(good: Observation, valid: Observation) -> Observation:
    year = good.year / valid.year * 100 if valid.year > 0 else NAN
    how = f"{GOOD_DAYS.name} ÷ {VALID_DAYS.name} × 100"
    now = good.now / valid.now * 100
    shares = (good.now, valid.now, good.year, valid.year)
    return Observation(RATE, now, year, NAN, (*good.rows, *valid.rows), how, shares)


def _impossible(found: Observation, unit: str, days: int, file: str) -> list[str]:
    indicator, (row,) = found.indicator, found.rows
    problems = []
    if unit not in indicator.units:
        expected = f"“{indicator.unit}”" if indicator.unit else "空"
        given = f"的值是“{unit}”" if unit else "是空的"
        problems.append(f"{file} 第 {row} 行“单位”列{given}，{indicator.name}的单位应为{expected}")
    for column, value in ((NOW, found.now), (YEAR, found.year)):
        if not value.is_finite():
            continue
        most = Decimal(100) if indicator is RATE else Decimal(days) if "天" in indicator.units else None
        # A year before, February may have had a day more.
        most = most + 1 if most == days and column == YEAR else most
        expected = f"0到{most}的数" if most is not None else "不小于0的数"
        if value < 0 or (most is not None and value > most):
            problems.append(f"{file} 第 {row} 行“{column}”列的值是“{value}”，{indicator.name}应为{expected}")
        elif indicator.places == 0 and value != value.to_integral_value():
            problems.append(f"{file} 第 {row} 行“{column}”列的值是“{value}”，{indicator.name}应为整数")
    return problems


def _incomplete(place: str, told: dict[str, Observation], file: str) -> list[str]:
    problems = []
    for smaller in (GOOD_DAYS.name, POLLUTED_DAYS.name):
        if smaller in told and VALID_DAYS.name in told:
            days, valid = told[smaller], told[VALID_DAYS.name]
            for column, part, whole in ((NOW, days.now, valid.now), (YEAR, days.year, valid.year)):
                if finite(part) is not None and finite(whole) is not None and part > whole:
                    where = f"{file} 第 {days.rows[0]} 行“{column}”列的值是“{part}”"
                    problems.append(f"{where}，{place}{smaller}应不多于{VALID_DAYS.name}（{whole}）")
    missing = [name for name in CLASSES if name not in told]
    if missing and len(missing) < len(CLASSES):
        problems.append(f"{file} {place}缺少指标为“{'、'.join(missing)}”的行，应六类都有，没有该类断面的填 0")
    if place != WHOLE and len(missing) < len(CLASSES):
        problems.append(f"{file} {place}有断面类别的行，断面类别应只列范围为“{WHOLE}”的")
    return problems

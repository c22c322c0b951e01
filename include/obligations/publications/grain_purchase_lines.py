"""Reads grain purchase rows into lines by variety and place, with the period before beside them. Names no measure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from obligations.publications.grain_purchase_five_daily import WHOLE
from obligations.publications.measuring import NAN, amounts, finite
from obligations.words.errors import BadInput

if TYPE_CHECKING:
    import pandas as pd

    from obligations.words.occurrence import Period
    from obligations.words.publication import Snapshot

NOW, YEAR, PRICE, PRICE_YEAR, SEASON = "累计收购量", "上年同期累计", "平均收购价", "上年同期价格", "全季收购量"
NUMBERS = (NOW, YEAR, PRICE, PRICE_YEAR, SEASON)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the file: where it stands, and its numbers by column, NaN for none."""

    row: Any
    day: date
    numbers: dict[str, Decimal]

    def __getitem__(self, column: str) -> Decimal:
        """Return a number."""
        return self.numbers[column]


@dataclass(frozen=True, slots=True)
class Line:
    """One variety in one place as of one day.

    Attributes:
        now: this period's row; before: that of the period before; None if the file has none.
        past: rows of the same season before this day, the oldest first; years: of the same day in years past.
    """

    now: Row
    before: Row | None
    past: tuple[Row, ...]
    years: tuple[Row, ...]

    @property
    def step(self) -> Decimal:
        """What was bought since the period before."""
        return self.now[NOW] - self.before[NOW] if self.before else NAN

    @property
    def change(self) -> Decimal:
        """The change on the year."""
        return self.now[NOW] - self.now[YEAR]


Varieties = dict[str, dict[str, Line]]
"""Lines by variety, then by place, the whole first."""


def varieties(frame: pd.DataFrame, snapshot: Snapshot, period: Period) -> Varieties:
    """Return the lines as of the period's last day.

    Raises BadInput with every number that cannot be and every variety without its whole, or if the day has no row.
    """
    numbers = {column: amounts(frame, column) for column in NUMBERS}
    days: dict[Any, Any] = frame["截止日期"].to_dict()
    series: dict[tuple[str, str], list[Row]] = {}
    problems: list[str] = []
    for row in frame.index:
        found = Row(row, days[row], {column: numbers[column][row] for column in NUMBERS})
        key = str(frame.at[row, "品种"]).strip(), str(frame.at[row, "收购地区"]).strip()
        problems += [f"{snapshot.file} 第 {row} 行{problem}" for problem in _problems(found)]
        series.setdefault(key, []).append(found)
    lines: Varieties = {}
    for (variety, place), rows in series.items():
        if line := _line(rows, period):
            lines.setdefault(variety, {})[place] = line
    if not lines and not problems:
        problems.append(f"{snapshot.file} 没有截止日期为“{period.end}”的行，应至少有一个品种")
    problems += [
        f"{snapshot.file} {variety}缺少截止日期为“{period.end}”、收购地区为“{WHOLE}”的行，应有这一行"
        for variety, places in lines.items()
        if WHOLE not in places
    ]
    if problems:
        raise BadInput(snapshot.file, tuple(problems))
    return {variety: {WHOLE: places[WHOLE], **places} for variety, places in lines.items()}


def day_before(period: Period) -> date:
    """Return the as-of date of the period before: its successor begins the day after."""
    return period.start - timedelta(days=1)


def _line(rows: list[Row], period: Period) -> Line | None:
    by_day = {row.day: row for row in rows}
    now = by_day.get(period.end)
    if now is None:
        return None
    ordered = sorted(rows, key=lambda row: row.day)
    past = tuple(row for row in ordered if row.day.year == period.end.year and row.day < period.end)
    same_day = (period.end.month, period.end.day)
    years = tuple(row for row in ordered if (row.day.month, row.day.day) == same_day and row.day.year < period.end.year)
    return Line(now, by_day.get(day_before(period)), past, years)


def _problems(found: Row) -> list[str]:
    problems = []
    for column in NUMBERS:
        value = finite(found[column])
        must_be_more = column in {PRICE, PRICE_YEAR, SEASON}
        if value is not None and (value < 0 or (must_be_more and not value)):
            problems.append(f"“{column}”列的值是“{value}”，应为{'大于' if must_be_more else '不小于'}0的数")
    season = finite(found[SEASON])
    if season is not None and found[NOW] > season:
        problems.append(f"“{SEASON}”列的值是“{season}”，应不小于{NOW}（{found[NOW]}）")
    return problems

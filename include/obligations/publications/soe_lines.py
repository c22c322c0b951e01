"""Reads a period's rows of state-owned enterprises by scope and indicator, and refuses what cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from obligations.publications.comparing import Amount, rate_of, read_amount, require_one_unit, rows_by
from obligations.publications.soe_indicators import CLASS, INDUSTRY, PROFIT, RATIO, WHOLE
from obligations.words.errors import BadInput

if TYPE_CHECKING:
    import pandas as pd

    from obligations.words.publication import Snapshot

MAY_BE_NEGATIVE = frozenset(
    {PROFIT, "净利润", "税后净利润", "归属于母公司所有者的净利润", "所有者权益", "应交税费", "应交税金"}
)


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator of one scope: this period's amount, last year's, and the change the source published."""

    group: str
    scope: str
    indicator: str
    unit: str
    now: Amount
    last_year: Amount
    published: Amount

    def growth(self) -> Amount:
        """Return the change on the year as it is printed: computed if last year is there, else the published one."""
        return rate_of(self.now, self.last_year, self.unit) if self.last_year.known else self.published


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of one period, and the scopes there are: the whole, its classes, the industries, in source order."""

    by_name: dict[tuple[str, str], Line]
    whole: str
    classes: tuple[str, ...]
    industries: tuple[str, ...]

    def each(self) -> Iterator[Line]:
        """Yield every line in source order."""
        yield from self.by_name.values()

    def find(self, scope: str, indicator: str) -> Line | None:
        """Return a line, None if there is none."""
        return self.by_name.get((scope, indicator))

    def at(self, scope: str, indicator: str) -> Line:
        """Return a line that is there."""
        return self.by_name[scope, indicator]


def soe_lines(frame: pd.DataFrame, snapshot: Snapshot, period: str) -> Lines:
    """Return the lines of one period; raises BadInput naming what cannot be, or that the period has no single 合计."""
    require_one_unit(frame, snapshot, "指标")
    found: dict[tuple[str, str], Line] = {}
    groups: dict[str, str] = {}
    problems: list[str] = []
    for (scope, indicator), row in rows_by(frame, period, "范围", "指标").items():
        now, last_year, published = (read_amount(frame, row, column) for column in ("本期数", "上年同期数", "同比"))
        group, unit = str(frame.at[row, "分组"]), str(frame.at[row, "单位"])
        where = f"{snapshot.file} 第 {row} 行"
        if groups.setdefault(scope, group) != group:
            problems.append(f"{where}“分组”列的值是“{group}”，应为{groups[scope]}（与“{scope}”的其他行一致）")
        if (unit == "%") != (indicator == RATIO):
            expected = "%" if indicator == RATIO else "亿元 或 万元"
            problems.append(f"{where}“单位”列的值是“{unit}”，{indicator}的单位应为{expected}")
        for column, amount in (("本期数", now), ("上年同期数", last_year)):
            if amount.known and amount.value < 0 and indicator not in MAY_BE_NEGATIVE:
                problems.append(f"{where}“{column}”列的值是“{amount.value}”，{indicator}应不小于0")
        found[scope, indicator] = Line(group, scope, indicator, unit, now, last_year, published)
    of = {name: tuple(scope for scope in groups if groups[scope] == name) for name in (WHOLE, CLASS, INDUSTRY)}
    if len(of[WHOLE]) != 1:
        several = f"有{len(of[WHOLE])}个（{'、'.join(of[WHOLE])}）" if of[WHOLE] else "没有"
        problems.append(f"{snapshot.file} 期间为“{period}”、分组为“{WHOLE}”的范围{several}，应有且只有一个")
    if problems:
        raise BadInput(snapshot.file, tuple(problems))
    return Lines(found, of[WHOLE][0], of[CLASS], of[INDUSTRY])

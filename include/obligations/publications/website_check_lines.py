"""What was checked in a quarter, by category and round, from the rows of the delivery. Measures are made elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from obligations.publications.measuring import text
from obligations.publications.website_check_quarterly import FAILED, ROUNDS
from obligations.words.errors import BadInput

if TYPE_CHECKING:
    import pandas as pd

    from obligations.words.publication import Snapshot

TOTAL = "正常运行总数"


@dataclass(frozen=True, slots=True)
class Check:
    """One site or account checked in one round; ``row`` is its number in the file."""

    row: int
    around: str
    name: str
    owner: str
    passed: bool
    problem: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What was checked of one category in one quarter; ``total`` is how many there are."""

    total: Decimal
    checks: tuple[Check, ...]

    @property
    def rounds(self) -> dict[str, list[Check]]:
        """The checks by round, in order of the rounds."""
        held = {name: [check for check in self.checks if check.around == name] for name in ROUNDS}
        return {name: checks for name, checks in held.items() if checks}

    @property
    def by_name(self) -> dict[str, list[Check]]:
        """The checks of each site, in order of the file."""
        found: dict[str, list[Check]] = {}
        for check in self.checks:
            found.setdefault(check.name, []).append(check)
        return found


def checked(frame: pd.DataFrame, snapshot: Snapshot, key: str) -> dict[str, Checked]:
    """Return what was checked in the quarter ``key`` by category; raises BadInput for rows that cannot be."""
    rows = frame[frame["期间"] == key]
    problems = [*_problems(rows, snapshot.file)]
    if problems:
        raise BadInput(snapshot.file, tuple(problems))
    return {
        str(category): Checked(own[TOTAL].iloc[0], tuple(_checks(own)))
        for category, own in rows.groupby("类别", sort=False)
    }


def _checks(rows: pd.DataFrame) -> Iterator[Check]:
    for row, cells in rows.to_dict(orient="index").items():
        around, name, owner = (str(cells[column]).strip() for column in ("抽查轮次", "名称", "主办单位"))
        yield Check(int(str(row)), around, name, owner, cells["结果"] != FAILED, text(cells["主要问题"]) or "")


def _problems(rows: pd.DataFrame, file: str) -> Iterator[str]:
    for category, own in rows.groupby("类别", sort=False):
        total = own[TOTAL].iloc[0]
        for row, given in own[TOTAL].items():
            where = f"{file} 第 {row} 行“{TOTAL}”列的值是“{given}”"
            if given != total:
                yield f"{where}，应为{total}（与{category}的其他行一致）"
            elif given != given.to_integral_value() or given < 1:
                yield f"{where}，应为不小于1的整数"
        names = own["名称"].str.strip().nunique()
        if names > total:
            yield f"{file} 抽查的{category}有 {names} 个，多于“{TOTAL}”{total}，请核对总数和名称"
    for row, cells in rows.to_dict(orient="index").items():
        if cells["结果"] == FAILED and not text(cells["主要问题"]):
            yield f"{file} 第 {row} 行“主要问题”列是空的，结果为{FAILED}的应写明检查发现的问题"

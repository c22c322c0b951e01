"""The measures of a quarterly check: sampled share, repeats, qualified rate, coverage of the year, and what falls short."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from obligations.publications.analysis import rate_places
from obligations.publications.measuring import NAN, Measures, Reading, Unit, only_value
from obligations.publications.periods import quarters_before, say_quarter
from obligations.publications.website_check_lines import TOTAL, Check, Checked, checked
from obligations.publications.website_check_quarterly import ACCOUNTS, SITES
from obligations.publications.wording import rounded, say_number
from obligations.words.draft import TableColumn, TablePlan
from obligations.words.errors import BadInput
from obligations.words.publication import Analysis

if TYPE_CHECKING:
    import pandas as pd

    from obligations.words.occurrence import Period
    from obligations.words.publication import Snapshot

KEYS = {SITES: ("sites", "家"), ACCOUNTS: ("accounts", "个")}
RESULT, NAME = "结果", "名称"
Told = dict[str, Any]
"""What the template tells of a category or a round: names and measure ids by meaning, None for no number."""


@dataclass(frozen=True, slots=True)
class Quota:
    """A number that a clause sets; a quarter that misses it is warned of, with the clause that says so."""

    percent: Decimal
    clause: str


SHARE = Quota(Decimal(15), "黑政办发〔2017〕22号三(二)“不少于本地政府网站正常运行总数的15%”")
REPEATS = Quota(Decimal(10), "黑政办发〔2017〕22号三(二)“重复率不得高于10%”")
TWICE = "黑政办发〔2017〕22号三(二)“每季度要组织两次”"
ACCOUNTS_SHARE = Quota(Decimal(50), "鹤政办〔2019〕20号四(十二)“每季度对政务新媒体抽查比例不低于50%”")
ACCOUNTS_YEAR = Quota(Decimal(100), "鹤政办〔2019〕20号四(十二)“实现全年全覆盖”")


def website_check(frame: pd.DataFrame, snapshot: Snapshot, period: Period) -> Analysis:
    """Compute the measures, tables, words and warnings of one quarter.

    Args:
        frame: validated rows of this quarter; of the quarter before for the change, of the year's for its coverage.
        snapshot: the source file.
        period: the quarter.

    Raises BadInput if the quarter has no row or a row contradicts another.
    """
    quarter, short_quarter = say_quarter(period)
    now = checked(frame, snapshot, period.key)
    if not now:
        raise BadInput(snapshot.file, (f"{snapshot.file} 没有期间为“{period.key}”的行，应至少有一家抽查对象",))
    before = checked(frame, snapshot, quarters_before(period)[0])
    year = [checked(frame, snapshot, key) for key in _quarters_to(period.key)]
    measures = Measures(snapshot, frame, Unit("家", places=0))
    categories = [
        _Category(measures, name, now[name], before.get(name), [each.get(name) for each in year])
        for name in KEYS
        if name in now
    ]
    told = [category.told() for category in categories]
    failed = [(name, check) for name in KEYS if name in now for check in now[name].checks if not check.passed]
    tables = {"rounds": _rounds(measures, told, f"{quarter}抽查情况")}
    if failed:
        tables["failed"] = _failed(failed)
    words = {
        "region": only_value(frame, snapshot, "地区"),
        "quarter": quarter,
        "short_quarter": short_quarter,
        "subject": "和".join(name for name in KEYS if name in now),
        "categories": told,
        "any_failed": bool(failed),
    }
    warnings = [warning for category in categories for warning in category.warnings(period.key)]
    return Analysis(measures.by_id, tables, words, tuple(warnings))


class _Category:
    """The measures of one category in one quarter."""

    def __init__(
        self, measures: Measures, name: str, now: Checked, before: Checked | None, year: list[Checked | None]
    ) -> None:
        self._measures, self._name, self._now, self._before = measures, name, now, before
        self._key, self._unit = KEYS[name]
        whole_year = all(year)
        self._year = [each for each in year if each] if whole_year else []

    def told(self) -> Told:
        """Add the measures and return what the template tells; None where the delivery has nothing to compare."""
        now, sites = self._now, self._now.by_name
        every = now.checks
        repeats = sum(len(checks) > 1 for checks in sites.values())
        passed = sum(all(check.passed for check in checks) for checks in sites.values())
        covered = {check.name for each in self._year for check in each.checks}
        of_year = [check for each in self._year for check in each.checks]
        return {
            "name": self._name,
            "total": self._add("total", TOTAL, now.total, f"来源列“{TOTAL}”", self._total_cells(now)),
            "times": self._add("times", "抽查次数", len(now.rounds), "抽查轮次的个数", _cells(every, "抽查轮次"), "次"),
            "rounds": [self._round(number, name, checks) for number, (name, checks) in enumerate(now.rounds.items(), 1)],
            "sampled": self._add("sampled", "抽查数", len(sites), "抽查对象的个数，重复的计一次", _cells(every, NAME)),
            "share": self._add("share", "抽查比例", _share(now), f"抽查数 ÷ {TOTAL} × 100",
                               [*_cells(every, NAME), *self._total_cells(now)], "%"),
            "repeated": self._add("repeated", "重复抽查数", repeats, "抽查过两次及以上的对象个数", _cells(every, NAME)),
            "repeat_rate": self._add("repeat_rate", "抽查重复率", _repeat_rate(now), "重复抽查数 ÷ 抽查数 × 100",
                                     _cells(every, NAME), "%") if len(now.rounds) > 1 else None,
            "passed": self._add("passed", "合格数", passed, "各次抽查均合格的对象个数",
                                _cells(every, RESULT)),
            "failed": self._add("failed", "不合格数", len(sites) - passed,
                                "有一次抽查不合格的对象个数", _cells(every, RESULT)),
            "rate": self._add("rate", "合格率", _rate(now), "合格数 ÷ 抽查数 × 100", _cells(every, RESULT), "%"),
            "shift": self._add("shift", "合格率环比", _rate(now) - _rate(self._before), "本季度合格率 - 上季度合格率",
                               _cells((*every, *self._before.checks), RESULT), "百分点") if self._before else None,
            "covered": self._add("covered", "本年累计抽查数", len(covered), "本年各季度抽查对象的个数，重复的计一次",
                                 _cells(of_year, NAME)) if len(self._year) > 1 else None,
            "coverage": self._add("coverage", "本年累计覆盖率", _coverage(covered, now), f"本年累计抽查数 ÷ {TOTAL} × 100",
                                  [*_cells(of_year, NAME), *self._total_cells(now)], "%") if len(self._year) > 1 else None,
        }  # fmt: skip

    def warnings(self, key: str) -> Iterator[str]:
        """Yield what misses its clause's quota, and a coverage that cannot be computed at the end of the year."""
        if self._name == SITES:
            yield from self._short_of_sites()
        else:
            if (share := _share(self._now)) < ACCOUNTS_SHARE.percent:
                yield f"{self._name}抽查比例为{_missed(share, '低于', ACCOUNTS_SHARE)}。"
            if key.endswith("Q4"):
                yield from self._short_of_year()

    def _short_of_sites(self) -> Iterator[str]:
        now, name = self._now, self._name
        for around, checks in now.rounds.items():
            share = _percent(len(checks), now.total)
            if share < SHARE.percent:
                yield f"{name}{around}抽查比例为{_missed(share, '低于', SHARE)}。"
        if len(now.rounds) < 2:
            yield f"{name}本季度只抽查了{len(now.rounds)}次，不足两次（{TWICE}）。"
        if (repeats := _repeat_rate(now)) > REPEATS.percent:
            yield f"{name}抽查重复率为{_missed(repeats, '高于', REPEATS)}。"

    def _short_of_year(self) -> Iterator[str]:
        now, name, clause = self._now, self._name, ACCOUNTS_YEAR.clause
        covered = {check.name for each in self._year for check in each.checks}
        if not self._year:
            yield f"{name}缺少本年前几个季度的行，不能计算全年覆盖率（{clause}），请补齐后重新报送。"
        elif (coverage := _coverage(covered, now)).is_nan():
            yield f"{name}本年累计抽查{len(covered)}个，多于{TOTAL}{now.total}，覆盖率未列，请核对名称和总数。"
        elif coverage < ACCOUNTS_YEAR.percent:
            yield f"{name}全年覆盖率为{_missed(coverage, '低于', ACCOUNTS_YEAR)}。"

    def _round(self, number: int, name: str, checks: list[Check]) -> Told:
        key, label = f"round{number}", f"{name}抽查"
        passed = [check for check in checks if check.passed]
        return {
            "name": name,
            "sampled": self._add(f"{key}.sampled", f"{label}数", len(checks), "该次抽查的行数", _cells(checks, NAME)),
            "share": self._add(f"{key}.share", f"{label}比例", _percent(len(checks), self._now.total),
                               f"该次抽查数 ÷ {TOTAL} × 100",
                               [*_cells(checks, NAME), *self._total_cells(self._now)], "%"),
            "passed": self._add(f"{key}.passed", f"{label}合格数", len(passed), "该次抽查结果为“合格”的行数",
                                _cells(checks, RESULT)),
            "rate": self._add(f"{key}.rate", f"{label}合格率", _percent(len(passed), len(checks)),
                              "该次合格数 ÷ 该次抽查数 × 100", _cells(checks, RESULT), "%"),
        }  # fmt: skip

    def _add(
        self,
        key: str,
        label: str,
        value: int | Decimal,
        formula: str,
        cells: Iterable[tuple[int, str]],
        unit: str | None = None,
    ) -> str | None:
        number = Decimal(value)
        places = rate_places(number) if unit == "%" else 1 if unit == "百分点" else 0
        how = Reading("", "", formula, (), unit or self._unit, places)
        return self._measures.add(f"{self._key}.{key}", f"{self._name}{label}", number, how, cells)

    def _total_cells(self, found: Checked) -> list[tuple[int, str]]:
        return [(found.checks[0].row, TOTAL)]


def _quarters_to(key: str) -> list[str]:
    """Return the keys of the year's quarters up to and with this one."""
    return [f"{key[:-1]}{number}" for number in range(1, int(key[-1]) + 1)]


def _percent(part: int, whole: int | Decimal) -> Decimal:
    return Decimal(part) / Decimal(whole) * 100


def _share(found: Checked) -> Decimal:
    return _percent(len(found.by_name), found.total)


def _repeat_rate(found: Checked) -> Decimal:
    return _percent(sum(len(checks) > 1 for checks in found.by_name.values()), len(found.by_name))


def _rate(found: Checked) -> Decimal:
    passed = sum(all(check.passed for check in checks) for checks in found.by_name.values())
    return _percent(passed, len(found.by_name))


def _coverage(covered: set[str], found: Checked) -> Decimal:
    """Return the covered share; NaN where more were checked than there are now, because some were closed since."""
    return _percent(len(covered), found.total) if len(covered) <= found.total else NAN


def _missed(percent: Decimal, word: str, quota: Quota) -> str:
    """Say by how much, with so many decimals that it does not print as the quota itself."""
    places = next(places for places in range(1, 20) if rounded(percent, places) != quota.percent)
    return f"{say_number(percent, places)}%，{word}{quota.percent}%（{quota.clause}）"


def _cells(checks: Iterable[Check], column: str) -> list[tuple[int, str]]:
    return [(check.row, column) for check in checks]


def _rounds(measures: Measures, told: list[Told], caption: str) -> TablePlan:
    header = (
        TableColumn("类别", "left"), TableColumn("抽查轮次", "left"), TableColumn("抽查数"), TableColumn("抽查比例（%）"),
        TableColumn("合格数"), TableColumn("合格率（%）"),
    )  # fmt: skip
    columns = ("sampled", "share", "passed", "rate")
    rows = [
        (category["name"], each["name"], *(measures.shown(each[column]) for column in columns))
        for category in told
        for each in [*category["rounds"], {**category, "name": "全季度"}]
    ]
    return TablePlan(caption, "", header, tuple(rows))


def _failed(failed: list[tuple[str, Check]]) -> TablePlan:
    header = tuple(TableColumn(name, "left") for name in ("类别", "名称", "主办单位", "抽查轮次", "主要问题"))
    rows = tuple((name, check.name, check.owner, check.around, check.problem) for name, check in failed)
    return TablePlan("不合格名单及主要问题", "", header, rows)

"""Reads a month's rows of notifiable diseases, refuses what cannot be, and warns the author of what may be wrong."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from obligations.publications.comparing import MONTH, NOTHING, YEAR, Amount, Base, added, read_amount, rows_by
from obligations.publications.doubting import doubts
from obligations.publications.epidemic_monthly import ALL, CLASSES
from obligations.words.errors import BadInput

if TYPE_CHECKING:
    import pandas as pd

    from obligations.words.publication import Snapshot

BASES = (MONTH, YEAR)
COUNTS = {"cases": "发病", "deaths": "死亡"}
UNITS = {"cases": "例", "deaths": "人"}
FEW = 30
"""Below so many cases, now and before together, a percentage says little and the author is not asked about it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One disease, one class or all together: cases and deaths now and by what they are compared with."""

    name: str
    now: dict[str, Amount]
    before: dict[tuple[str, Base], Amount]

    def cases(self) -> Decimal:
        """Return the number of cases."""
        return self.now["cases"].value

    def none(self) -> bool:
        """Say that there was neither a case nor a death."""
        return not self.cases() and not self.now["deaths"].value


@dataclass(frozen=True, slots=True)
class DiseaseClass:
    """A class: its total as delivered, and its diseases in source order."""

    total: Line
    diseases: tuple[Line, ...]

    def complete(self) -> bool:
        """Say whether the diseases listed are all there are: they add up to the total."""
        return all(
            added((each.now[name] for each in self.diseases), "").value == self.total.now[name].value for name in COUNTS
        )


def epidemic_lines(frame: pd.DataFrame, snapshot: Snapshot, period: str) -> dict[str, DiseaseClass]:
    """Return the classes of one month in the law's order; raises BadInput for what is no count, or a class without total."""
    rows = rows_by(frame, period, "类别", "病种")
    problems = [] if rows else [f"{snapshot.file} 没有期间为“{period}”的行，应至少有一个类别的“{ALL}”行"]
    for row in rows.values():
        for column in (prefix + word + "数" for prefix in ("", "上月", "上年同期") for word in COUNTS.values()):
            value = read_amount(frame, row, column).value
            if value.is_finite() and (value < 0 or value != value.to_integral_value()):
                problems.append(f"{snapshot.file} 第 {row} 行“{column}”列的值是“{value}”，应为不小于0的整数")
    found = {}
    of_disease: dict[str, str] = {}
    for (name, disease), row in rows.items():
        if disease != ALL and of_disease.setdefault(disease, name) != name:
            where = f"{snapshot.file} 第 {row} 行“类别”列的值是“{name}”"
            problems.append(f"{where}，应为{of_disease[disease]}（与“{disease}”的另一行一致，一个病种只属一类）")
    for name in CLASSES:
        lines = {disease: _line(frame, row, disease) for (of, disease), row in rows.items() if of == name}
        if lines and ALL not in lines:
            problems.append(f"{snapshot.file} {name}没有病种为“{ALL}”的行，应有这一行，填该类全部病种的合计")
        elif lines:
            total = lines.pop(ALL)
            found[name] = DiseaseClass(Line(f"{name}传染病", total.now, total.before), tuple(lines.values()))
    if problems:
        raise BadInput(snapshot.file, tuple(problems))
    return found


def _line(frame: pd.DataFrame, row: int, name: str) -> Line:
    now = {count: read_amount(frame, row, f"{word}数") for count, word in COUNTS.items()}
    before = {
        (count, base): read_amount(frame, row, f"{base.of}{word}数") for count, word in COUNTS.items() for base in BASES
    }
    return Line(name, now, before)


def all_together(classes: dict[str, DiseaseClass]) -> Line:
    """Return the sum of the classes."""
    how = f"{'、'.join(classes)}传染病{ALL}数之和"
    totals = [each.total for each in classes.values()]
    now = {count: added((each.now[count] for each in totals), how) for count in COUNTS}
    before = {
        (count, base): added((each.before[count, base] for each in totals), how) for count in COUNTS for base in BASES
    }
    return Line("法定传染病", now, before)


def epidemic_warnings(
    classes: dict[str, DiseaseClass], whole: Line, last_month: dict[str, DiseaseClass]
) -> tuple[str, ...]:
    """Return Chinese sentences; ``last_month`` are last month's own rows where the file has them, too."""
    found = [f"没有{name}传染病的行，正文不列，请核对。" for name in CLASSES if name not in classes]
    found += [f"没有{base.of}数，不列{base.word}。" for base in BASES if not whole.before["cases", base].known]
    for name, each in classes.items():
        found += _sums(name, each)
        if name == CLASSES[0] and not each.total.none():
            found.append(f"{name}传染病有发病或死亡报告，请核实并确认已按突发公共卫生事件的要求处置和发布。")
        for line in (each.total, *each.diseases):
            found += _of_one(line)
        if name in last_month:
            found += _revised(name, each, last_month[name])
    return tuple(found)


def _sums(name: str, each: DiseaseClass) -> list[str]:
    found = []
    if not each.diseases:
        return [f"{name}传染病没有分病种的行，不列病种排序。"] if each.total.cases() else []
    for count, word in COUNTS.items():
        listed, total = added((line.now[count] for line in each.diseases), "").value, each.total.now[count].value
        if listed > total:
            found.append(f"{name}传染病各病种{word}数之和{listed}大于{ALL}{total}，请核对是否把分型重复计入。")
        elif listed < total:
            found.append(f"{name}传染病各病种{word}数之和{listed}小于{ALL}{total}，病种没有列全，不列其余病种数。")
    return found


def _of_one(line: Line) -> list[str]:
    found = []
    cases, deaths = line.now["cases"], line.now["deaths"]
    if deaths.value > cases.value:
        found.append(f"{line.name}死亡数{deaths.value}多于发病数{cases.value}，请核对死亡病例是否为以前月份报告。")
    for base in BASES:
        before = line.before["cases", base]
        if before.known and cases.value + before.value >= FEW:
            found += doubts(f"{line.name}发病数", "例", cases, before, base)
    return found


def _revised(name: str, each: DiseaseClass, earlier: DiseaseClass) -> list[str]:
    own = {line.name: line for line in (earlier.total, *earlier.diseases)}
    found = []
    for line in (each.total, *each.diseases):
        now = own[line.name].now if line.name in own else {}
        for count, word in COUNTS.items():
            said, was = line.before[count, MONTH], now.get(count, NOTHING)
            if said.known and was.known and said.value != was.value:
                found.append(
                    f"{name}{line.name.removeprefix(name)}上月{word}数本次为{said.value}，上月的行为{was.value}，"
                    "如已订正请在文中说明。"
                )
    return found

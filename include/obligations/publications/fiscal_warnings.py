"""Warns the author of a month's fiscal figures: what does not add up, jumps, or needs an explanation in the text."""

from __future__ import annotations

from decimal import Decimal

from obligations.publications.fiscal_lines import WHOLES
from obligations.publications.measuring import Line, finite
from obligations.publications.wording import say_number

JUMP = Decimal(30)
"""百分点 by which a cumulative growth rate may move in a month before the author is asked to look."""
SURGE = 2
"""How many times the average month of the year so far a single month may reach."""
ROUNDING = Decimal(1)
"""What a sum of rounded parts may differ from its rounded whole, in the last printed unit (1万元)."""


def fiscal_warnings(lines: dict[str, Line], month: int, unit: str) -> tuple[str, ...]:
    """Return Chinese sentences for the author; ``lines`` are ``fiscal_lines`` of month ``month`` in ``unit``."""
    found = [*_sums(lines, unit)]
    if all(finite(line["before_cumulative"]) is None for line in lines.values()) and month > 1:
        found.append("没有上月的行，无法计算当月数和增幅变动。")
    for name, line in lines.items():
        found += _amounts(name, line, month, unit)
        found += _growth(name, line)
    return tuple(found)


def _sums(lines: dict[str, Line], unit: str) -> list[str]:
    found = []
    tolerance = ROUNDING if unit == "万元" else Decimal("0.01")
    for whole in dict.fromkeys(WHOLES.values()):
        parts = [part for part in WHOLES if WHOLES[part] == whole]
        if not {whole, *parts} <= lines.keys():
            continue
        for column, label in (("cumulative", "累计数"), ("budget", "年初预算数"), ("change", "同比增减额")):
            total: Decimal = lines[whole][column]
            added = sum((lines[part][column] for part in parts), Decimal(0))
            if finite(total - added) is not None and abs(total - added) > tolerance:
                found.append(
                    f"{whole}{label}{_say(total)}{unit}，与{'、'.join(parts)}之和{_say(added)}{unit}不符，请核对。"
                )
    return found


def _amounts(name: str, line: Line, month: int, unit: str) -> list[str]:
    found = []
    value, before, current = (
        finite(line[column]) for column in ("cumulative", "before_cumulative", "current_cumulative")
    )
    if value is not None and value < 0:
        flow = "净收回" if name.endswith("支出") else "净退库"
        found.append(
            f"{name}累计数为负（{_say(value)}{unit}），已按{flow}表述，完成预算和同比百分比不列，请核实{flow[1:]}原因。"
        )
    if current is not None and current < 0:
        found.append(f"{name}累计数低于上月末（当月{_say(current)}{unit}），请核对是否退库或调整。")
    elif month > 2 and current is not None and before is not None and 0 < SURGE * before < current * (month - 1):
        found.append(f"{name}当月{_say(current)}{unit}，超过前{month - 1}个月月均的{SURGE}倍，请核对并说明。")
    budget, budget_before = finite(line["budget"]), finite(line["before_budget"])
    if budget is not None and budget_before is not None and budget != budget_before:
        found.append(
            f"{name}年初预算数与上月不同（上月{_say(budget_before)}{unit}，本月{_say(budget)}{unit}），请核对。"
        )
    return found


def _growth(name: str, line: Line) -> list[str]:
    found = []
    growth, shift, comparable = (finite(line[column]) for column in ("yoy", "shift", "comparable"))
    if growth is None and finite(line["change"]) is not None and finite(line["refund"]) is None:
        found.append(f"{name}上年同期数为负、为零或过小，只列增减额，不列百分比。")
    if shift is not None and abs(shift) > JUMP:
        found.append(f"{name}同比增幅比上月累计变动{say_number(abs(shift), 1)}个百分点，变动较大，请核对并说明。")
    if growth is not None and comparable is not None and growth * comparable < 0:
        found.append(f"{name}同比与同口径增减方向相反，请在文中说明口径调整。")
    return found


def _say(amount: Decimal) -> str:
    return f"{amount.normalize():,f}"

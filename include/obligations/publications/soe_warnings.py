"""Warns the author of state-owned enterprises' figures: what does not add up, jumps, or falls below last time."""

from __future__ import annotations

from decimal import Decimal

from obligations.publications.comparing import YEAR
from obligations.publications.doubting import TOLERANCE, doubts, revision_doubt, say_amount, sum_doubt
from obligations.publications.measuring import QUIET
from obligations.publications.soe_indicators import BALANCE, INDUSTRY, RATIO, SECTIONS
from obligations.publications.soe_lines import Line, Lines
from obligations.publications.wording import say_number
from obligations.words.draft import DateWords

REVENUE, PROFITS = "营业总收入", SECTIONS["利润"]
SHIFT = Decimal(30)
"""百分点 by which a cumulative growth rate may move in one step before the author is asked to look."""


def soe_warnings(lines: Lines, before: Lines | None, year: Lines | None, awaited: DateWords | None) -> tuple[str, ...]:
    """Return Chinese sentences for the author.

    ``before`` are the lines of the month or quarter before, ``year`` of the same period last year, None where not
    delivered; ``awaited`` names the period before, None for the first of a year.
    """
    found = [] if before or not awaited else [f"没有上一期（{awaited}）的行，不列增幅变动，也无法核对累计数。"]
    for line in lines.each():
        name = f"{line.scope}{line.indicator}"
        found += doubts(name, line.unit, line.now, line.last_year, YEAR, line.published)
        if year and (was := year.find(line.scope, line.indicator)):
            found += revision_doubt(name, line.unit, line.last_year, was.now)
        earlier = before.find(line.scope, line.indicator) if before else None
        if earlier and line.indicator not in BALANCE:
            found += _since(name, line, earlier)
        if line.scope == lines.whole and line.unit != "%":
            found += _sums(name, line, lines)
    found += _not_compared(lines)
    found += _balance(lines)
    found += _industries(lines)
    if not lines.industries:
        found.append(f"没有分组为“{INDUSTRY}”的行，主要行业盈利情况留有待填写栏。")
    return tuple(found)


def _not_compared(lines: Lines) -> list[str]:
    """A sentence a scope, or one for all: a delivery without last year would else fill pages of the cover note."""
    missing: dict[str, list[str]] = {}
    compared = False
    for line in lines.each():
        if line.last_year.known or line.published.known:
            compared = True
        else:
            missing.setdefault(line.scope, []).append(line.indicator)
    if len(missing) > 1 and not compared:
        return ["各项指标都没有上年同期数和同比，不列同比。"]
    return [f"{scope}{'、'.join(names)}没有上年同期数和同比，不列同比。" for scope, names in missing.items()]


def _since(name: str, line: Line, earlier: Line) -> list[str]:
    found = []
    if line.now.value < earlier.now.value:
        found.append(
            f"{name}累计数低于上一期（上一期{say_amount(earlier.now)}{line.unit}，本期{say_amount(line.now)}{line.unit}），请核对。"
        )
    now, then = line.growth(), earlier.growth()
    if now.known and then.known and abs(now.value - then.value) > SHIFT:
        moved = say_number(abs(now.value - then.value), 1)
        found.append(f"{name}同比比上一期变动{moved}个百分点，变动较大，请核对并说明。")
    return found


def _sums(name: str, line: Line, lines: Lines) -> list[str]:
    parts = {scope: part for scope in lines.classes if (part := lines.find(scope, line.indicator))}
    if len(parts) < len(lines.classes):
        return []
    return [
        *sum_doubt(f"{name}本期数", line.unit, line.now, {scope: part.now for scope, part in parts.items()}),
        *sum_doubt(
            f"{name}上年同期数", line.unit, line.last_year, {scope: part.last_year for scope, part in parts.items()}
        ),
    ]


def _industries(lines: Lines) -> list[str]:
    """No industry earns or loses more than all enterprises take in, nor has more than all have: a slip of unit."""
    found = []
    for line in lines.each():
        limit = lines.find(lines.whole, REVENUE if line.indicator in PROFITS else line.indicator)
        if line.scope not in lines.industries or limit is None or limit.unit != line.unit or line.unit == "%":
            continue
        if abs(line.now.value) > limit.now.value > 0 and (line.indicator in PROFITS or line.now.value > 0):
            amounts = f"{say_amount(line.now)}{line.unit}，超过{limit.scope}{limit.indicator}{say_amount(limit.now)}{line.unit}"
            found.append(f"{line.scope}{line.indicator}{amounts}，请核对单位和小数点。")
    return found


def _balance(lines: Lines) -> list[str]:
    found = []
    for scope in (lines.whole, *lines.classes, *lines.industries):
        assets, debts, equity, given = (lines.find(scope, name) for name in BALANCE)
        if assets and debts and equity:
            parts = {"负债总额": debts.now, "所有者权益": equity.now}
            found += sum_doubt(f"{scope}资产总额", assets.unit, assets.now, parts)
        if assets and debts and given and assets.now.value > 0:
            own = QUIET.divide(debts.now.value * 100, assets.now.value)
            if abs(own - given.now.value) > TOLERANCE:
                found.append(
                    f"{scope}{RATIO}按负债总额和资产总额计算为{say_number(own, 1)}%，来源为{say_amount(given.now)}%，请核对。"
                )
    return found

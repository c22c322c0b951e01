"""What the author should look at: a jump, a slip of unit, a total that is not its parts, a figure that was revised.

Says it in Chinese sentences; how amounts are read and compared is ``comparing``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from obligations.publications.analysis import slip_of_unit
from obligations.publications.comparing import NOTHING, Amount, Base, added, rate_of
from obligations.publications.wording import places_of, rounded, say_number

JUMP = Decimal(50)
"""Change in %, from which the author is asked to look."""
TOLERANCE = Decimal("0.15")
"""% or 百分点 by which a published rate may differ from the recomputed one through rounding."""


def doubts(
    label: str, unit: str, now: Amount, before: Amount, base: Base, published: Amount = NOTHING, *, jump: Decimal = JUMP
) -> list[str]:
    """Return what the author should look at in one comparison, Chinese."""
    rate, found = rate_of(now, before, unit), []
    said = "个百分点" if unit == "%" else "%"
    slip = slip_of_unit(now.value, before.value) if now.known and before.known and unit != "%" else None
    if slip is not None:
        found.append(f"{label}本期约为{base.of}的{say_power(slip)}，请核对单位和小数点。")
    elif unit != "%" and rate.known and abs(rate.value) > jump:
        found.append(f"{label}{base.word}变动{say_number(rate.value, 1)}%，变动较大，请核对并说明。")
    if rate.known and published.known and abs(rate.value - published.value) > TOLERANCE:
        own, theirs = (f"{say_number(each.value, 1)}{said}" for each in (rate, published))
        found.append(f"{label}{base.word}按数量计算为{own}，来源为{theirs}，已用计算值。")
    elif published.known and before.known and not rate.known:
        found.append(f"{label}{base.of}数为负、为零或过小，来源的{base.word}未用，只列数量。")
    return found


def sum_doubt(label: str, unit: str, whole: Amount, parts: Mapping[str, Amount]) -> list[str]:
    """Return a warning where a total is not the sum of its parts by more than the rounding of each."""
    total = added(parts.values(), "")
    if len(parts) < 2 or not (whole.known and total.known):
        return []
    if abs(whole.value - total.value) <= rounding_of((whole, *parts.values())):
        return []
    return [f"{label}{say_amount(whole)}{unit}，与{'、'.join(parts)}之和{say_amount(total)}{unit}不符，请核对。"]


def revision_doubt(
    label: str, unit: str, said: Amount, was: Amount, *, then: str = "上年同期", its: str = "上年"
) -> list[str]:
    """Return a warning where an earlier figure of this row is not the one that period's own row has.

    ``then``: what the row calls the earlier figure; ``its``: whose row it is compared with. Unless given, last year's.
    """
    if not (said.known and was.known):
        return []
    places = min(places_of(said.value), places_of(was.value))
    if rounded(said.value, places) == rounded(was.value, places):
        return []
    return [
        f"{label}{then}数本次为{say_amount(said)}{unit}，{its}的行为{say_amount(was)}{unit}，如已订正请在文中说明。"
    ]


def rounding_of(given: Iterable[Amount]) -> Decimal:
    """Return by how much a sum of amounts may miss another through rounding: half their last printed digit each."""
    known = list(given)
    return Decimal(len(known)) / 2 * Decimal(1).scaleb(-max(places_of(each.value) for each in known))


def say_amount(amount: Amount) -> str:
    """Write an amount for a warning, with the decimals it has."""
    return say_number(amount.value, places_of(amount.value))


def say_power(exponent: int) -> str:
    """Write a power of ten as a multiple: 1000倍, 10分之一."""
    return f"{10**exponent}倍" if exponent > 0 else f"{10**-exponent}分之一"

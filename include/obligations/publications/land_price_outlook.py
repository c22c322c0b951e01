"""The outlook baseline (推算) of a price: what next quarter's would be if it moved as in past years, with the spread.

A price has no share of the year that is through, as ``outlook`` has it for what adds up. Offered inside a blank, nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from obligations.publications.comparing import Amount, Told, add_amount, settled
from obligations.publications.measuring import Measures, Unit
from obligations.publications.outlook import LEAST_YEARS

if TYPE_CHECKING:
    from obligations.words.draft import DateWords


def next_step(
    measures: Measures, key: str, label: str, unit: Unit, now: Amount, past: Mapping[DateWords, tuple[Amount, Amount]]
) -> Told | None:
    """Add the measures of the baseline: ``past`` is what each past year had in this quarter and in the one that followed.

    None unless two past years, named as written, have both, above zero.
    """
    usable = {
        year: (same, following)
        for year, (same, following) in past.items()
        if same.known and following.known and same.value > 0 and following.value > 0
    }
    if len(usable) < LEAST_YEARS or not now.known:
        return None
    rates = [following.value / same.value - 1 for same, following in usable.values()]
    cells = tuple(cell for same, following in usable.values() for cell in (*same.cells, *following.cells))
    told: Told = {"years": sorted(usable)}
    for name, word, rate in (
        ("middle", "平均", sum(rates, Decimal(0)) / len(rates)),
        ("low", "最低", min(rates)),
        ("high", "最高", max(rates)),
    ):
        how = f"往年（后一季度数 - 同季度数） ÷ 同季度数 × 100，各年{word}值"
        percent = settled(Amount(rate * 100, how, cells))
        level = settled(
            Amount(now.value * (1 + rate), f"本季度数 × （1 + 往年后一季度环比的{word}值）", (*now.cells, *cells))
        )
        told[f"{name}_rate"] = add_amount(
            measures, f"{key}.{name}_rate", f"{label}往年后一季度环比（{word}）", percent, Unit("%", places=1)
        )
        told[name] = add_amount(measures, f"{key}.{name}", f"{label}下季度推算（{word}）", level, unit)
    return told

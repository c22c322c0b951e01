"""The outlook baseline (推算): what the year would come to if its share so far were that of past years, with the spread.

It is offered to the author inside a blank and printed nowhere else: what will be is for people to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from obligations.publications.comparing import Amount, Told, add_amount, settled
from obligations.publications.measuring import Measures, Unit

if TYPE_CHECKING:
    from obligations.words.draft import DateWords

LEAST_YEARS = 2
"""One past year has no spread."""


def outlook_baseline(
    measures: Measures, key: str, label: str, unit: Unit, now: Amount, past: Mapping[DateWords, tuple[Amount, Amount]]
) -> Told | None:
    """Add the measures of the baseline: ``now`` is this year's amount so far, ``past`` what each past year had by then and in all.

    None unless two past years, named as written, have both amounts, positive and no more than the year's.
    """
    usable = {
        year: (same, whole)
        for year, (same, whole) in past.items()
        if same.known and whole.known and 0 < same.value <= whole.value
    }
    if len(usable) < LEAST_YEARS or not now.known or now.value <= 0:
        return None
    shares = [same.value / whole.value for same, whole in usable.values()]
    cells = tuple(cell for same, whole in usable.values() for cell in (*same.cells, *whole.cells))
    told: Told = {"name": label, "years": list(usable)}
    for name, word, share in (
        ("middle", "平均", sum(shares, Decimal(0)) / len(shares)),
        ("low", "最大", max(shares)),
        ("high", "最小", min(shares)),
    ):
        percent = settled(Amount(share * 100, f"往年同期累计数 ÷ 往年全年数 × 100，各年{word}值", cells))
        yearly = settled(Amount(now.value / share, f"本期累计数 ÷ 往年同期占全年比重的{word}值", (*now.cells, *cells)))
        in_percent = Unit("%", places=1)
        told[f"{name}_share"] = add_amount(
            measures, f"{key}.{name}_share", f"{label}往年同期占全年比重（{word}）", percent, in_percent
        )
        told[name] = add_amount(measures, f"{key}.{name}", f"{label}全年推算", yearly, unit)
    return told

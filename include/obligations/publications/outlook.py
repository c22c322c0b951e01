"""The outlook baseline (推算): what the year, or the season, would come to if its share so far were that of past years.

It comes with its spread, is offered to the author inside a blank and printed nowhere else: what will be is for people to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from obligations.publications.comparing import Amount, Told, add_amount, settled
from obligations.publications.measuring import Measures, Unit
from obligations.publications.wording import say_number

if TYPE_CHECKING:
    from obligations.words.draft import DateWords

LEAST_YEARS = 2
"""One past year has no spread."""


def outlook_baseline(
    measures: Measures,
    key: str,
    label: str,
    unit: Unit,
    now: Amount,
    past: Mapping[DateWords, tuple[Amount, Amount]],
    *,
    whole: str = "全年",
) -> Told | None:
    """Add the measures of the baseline; None unless two past years have both amounts, positive and no more than the whole.

    ``steady`` says that the shares print alike, ``spread`` that the amounts do not.

    Args:
        measures: to add to; ids are ``key.middle``, ``key.low``, ``key.high`` and the shares they rest on.
        key: of the ids.
        label: what is foretold.
        unit: that amounts are printed in.
        now: this year's amount so far, in it.
        past: what each past year, named as written, had by then and in all.
        whole: what the amounts in all are of: 全年, 全季.
    """
    usable = {
        year: (same, total)
        for year, (same, total) in past.items()
        if same.known and total.known and 0 < same.value <= total.value
    }
    if len(usable) < LEAST_YEARS or not now.known or now.value <= 0:
        return None
    shares = [same.value / total.value for same, total in usable.values()]
    cells = tuple(cell for same, total in usable.values() for cell in (*same.cells, *total.cells))
    told: Told = {"name": label, "years": sorted(usable)}
    for name, word, share in (
        ("middle", "平均", sum(shares, Decimal(0)) / len(shares)),
        ("low", "最大", max(shares)),
        ("high", "最小", min(shares)),
    ):
        percent = settled(Amount(share * 100, f"往年同期累计数 ÷ 往年{whole}数 × 100，各年{word}值", cells))
        yearly = settled(
            Amount(now.value / share, f"本期累计数 ÷ 往年同期占{whole}比重的{word}值", (*now.cells, *cells))
        )
        in_percent = Unit("%", places=1)
        told[f"{name}_share"] = add_amount(
            measures, f"{key}.{name}_share", f"{label}往年同期占{whole}比重（{word}）", percent, in_percent
        )
        told[name] = add_amount(measures, f"{key}.{name}", f"{label}{whole}推算", yearly, unit)
    alike = {ids: _print_alike(measures, *(f"{key}.{each}{ids}" for each in ("low", "high"))) for ids in ("", "_share")}
    return told | {"steady": alike["_share"], "spread": not alike[""]}


def _print_alike(measures: Measures, *ids: str) -> bool:
    """Say whether the numbers read the same, so that from one to the other would be no range."""
    return (
        len({say_number(found.value or Decimal(0), found.places) for found in map(measures.by_id.__getitem__, ids)})
        == 1
    )

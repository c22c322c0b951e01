"""Amounts of a size that cannot be: 元 written for 万元, in a whole delivery or in one row of it.

Looks at the rows as delivered, whatever the kind computes from them: above the contract's ceilings, and far from the same
item's amount in another row. A slip within one row (this period against last year) is ``doubting``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from obligations.publications.measuring import finite, text
from obligations.publications.wording import places_of, say_number

if TYPE_CHECKING:
    import pandas as pd

    from obligations.words.publication import Ceiling, DataContract, Series

FAR = Decimal(500)
"""How many times another period's amount of the same item makes a slip of 万 likely, growth within a year included."""
LISTED = 5
_ASK = "请核对单位（是否把元、吨等填作万元、万吨等）和小数点。"


def size_warnings(frame: pd.DataFrame, contract: DataContract) -> tuple[str, ...]:
    """Return Chinese sentences for the author on amounts of an impossible size; ``frame`` satisfies ``contract``."""
    if not (contract.ceilings or contract.series):
        return ()
    rows = {int(str(row)): cells for row, cells in frame.to_dict(orient="index").items()}
    found = [sentence for ceiling in contract.ceilings for sentence in _above(rows, ceiling)]
    for series in contract.series:
        told = [sentence for column in series.figures for sentence in _far_apart(rows, series, column)]
        more = len(told) - LISTED
        found += [*told[:LISTED], *([f"另有{more}个项目的数相差同样悬殊，未一一列出。"] if more > 0 else [])]
    return tuple(dict.fromkeys(found))


def _above(rows: Mapping[int, Mapping[object, object]], ceiling: Ceiling) -> Iterator[str]:
    for column in ceiling.columns:
        found = [
            (row, value)
            for row, cells in rows.items()
            if (value := finite(cells.get(column))) is not None
            and abs(value) > ceiling.most
            and (ceiling.unit is None or text(cells.get(ceiling.unit_column)) == ceiling.unit)
        ]
        if found:
            row, value = max(found, key=lambda each: abs(each[1]))
            unit = ceiling.unit or ""
            most = f"{say_number(ceiling.most, places_of(ceiling.most))}{unit}"
            others = f"等{len(found)}行" if len(found) > 1 else ""
            yield (
                f"第 {row} 行{others}“{column}”列的数过大（{say_number(value, places_of(value))}{unit}，"
                f"通常不超过{most}），{_ASK}"
            )


def _far_apart(rows: Mapping[int, Mapping[object, object]], series: Series, column: str) -> Iterator[str]:
    """Compare the smallest and the largest amount that an item has in the delivery, zeros left out."""
    amounts: dict[tuple[str, ...], list[tuple[Decimal, int]]] = {}
    for row, cells in rows.items():
        value = finite(cells.get(column))
        if value:
            unit = text(cells.get(series.unit)) or "" if series.unit else ""
            whose = (text(cells.get(name)) or "" for name in series.item)
            amounts.setdefault((*whose, unit), []).append((abs(value), row))
    for (*item, unit), told in amounts.items():  # the unit stands last
        (least, low), (most, high) = min(told), max(told)
        if most > FAR * least and unit != "%":
            name, times = "".join(dict.fromkeys(item)), int(most / least)
            yield (
                f"第 {high} 行{name}“{column}”{say_number(most, places_of(most))}{unit}，"
                f"是第 {low} 行的{times:,}倍，{_ASK}"
            )

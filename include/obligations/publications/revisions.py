"""Figures of earlier periods that a delivery tells otherwise than was told before: 往期数订正.

Which cells speak of which period is declared by each contract (``Series``); which deliveries came before is for the
caller to know. A difference that rounding explains is none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from obligations.publications.measuring import QUIET, finite, text
from obligations.publications.periods import say_key, step_earlier, year_earlier
from obligations.publications.wording import places_of, rounded, say_number

if TYPE_CHECKING:
    import pandas as pd

    from obligations.words.publication import DataContract, Retold, Series, Snapshot

Cells = Mapping[str, object]
"""One row of a delivery, by column."""
LISTED = 20
_SCALES = {"百万": 6, "亿": 8, "万": 4}
_SCALED = re.compile("(百万|亿|万)(?=.)")


@dataclass(frozen=True, slots=True)
class PastFigure:
    """Whose figure, of which period: the same for every delivery that tells it."""

    period: str
    item: str
    figure: str


@dataclass(frozen=True, slots=True)
class Telling:
    """What one delivery tells of a figure.

    Attributes:
        value: in ``unit``, which is without 万 or 亿.
        steps: what one of the last digit printed is worth, for each cell it was computed from.
        shown: as delivered, with its own unit; where: file, row and columns.
    """

    value: Decimal
    unit: str
    steps: tuple[Decimal, ...]
    shown: str
    where: str

    def agrees_with(self, other: Telling) -> bool:
        """Say whether both may be the same figure: equal as printed, or apart by what rounding did to a computed one."""
        if self.unit != other.unit:
            return not (self.unit and other.unit)  # without a unit nothing can be said
        coarsest = -max(*self.steps, *other.steps).adjusted()
        if rounded(self.value, coarsest) == rounded(other.value, coarsest):
            return True
        is_computed = len(self.steps) > 1 or len(other.steps) > 1
        return is_computed and 2 * abs(self.value - other.value) <= sum((*self.steps, *other.steps), Decimal(0))


def told_in(frame: pd.DataFrame, snapshot: Snapshot, contract: DataContract) -> dict[PastFigure, Telling]:
    """Return what a delivery tells, by whose figure it is; a row of its own goes before one that repeats it."""
    found: dict[PastFigure, Telling] = {}
    rows: list[tuple[int, Cells]] = [
        (int(str(row)), {str(name): cell for name, cell in cells.items()})
        for row, cells in frame.to_dict(orient="index").items()
    ]
    for series in contract.series:
        reading = _Reading(series, snapshot, [cells for _, cells in rows])
        for row, cells in rows:
            for name in series.figures:
                reading.add(found, row, cells, _key(cells[series.period]), name, (name,))
        for row, cells in rows:
            for each in series.retold:
                columns = (each.column, each.less) if each.less else (each.column,)
                reading.add(found, row, cells, _period_of(each, _key(cells[series.period])), each.figure, columns)
    return found


def told_of_the_past(told: Mapping[PastFigure, Telling], period: str) -> dict[PastFigure, Telling]:
    """Return what a delivery tells of periods before its own."""
    return {figure: telling for figure, telling in told.items() if figure.period < period}


def restated(
    now: Mapping[PastFigure, Telling], before: Mapping[PastFigure, Telling], drafted: str
) -> list[tuple[PastFigure, str]]:
    """Return each figure that is told otherwise now than in the delivery from which the period ``drafted`` was drafted.

    With it comes the sentence for the author.
    """
    return [
        (figure, _said(figure, telling, before[figure], drafted))
        for figure, telling in now.items()
        if figure in before and not telling.agrees_with(before[figure])
    ]


def in_order(found: Sequence[tuple[PastFigure, str]]) -> tuple[str, ...]:
    """Return the sentences by period, of many the first twenty and how many more there are."""
    said = [sentence for _, sentence in sorted(found, key=lambda each: each[0].period)]
    more = len(said) - LISTED
    rest = (f"另有{more}个往期数与以前所据的数据不同，未一一列出，请核对口径是否调整。",) if more > 0 else ()
    return (*said[:LISTED], *rest)


class _Reading:
    """Reads the figures of one series from the rows of one delivery."""

    def __init__(self, series: Series, snapshot: Snapshot, rows: Sequence[Cells]) -> None:
        self._series = series
        self._snapshot = snapshot
        self._places: dict[tuple[str, str], int] = {}
        for cells in rows if series.is_even else ():
            for column in (*series.figures, *(each.column for each in series.retold)):
                if (value := finite(cells.get(column))) is not None:
                    same = column, self._unit(cells)
                    self._places[same] = max(self._places.get(same, 0), places_of(value))

    def add(
        self,
        found: dict[PastFigure, Telling],
        row: int,
        cells: Cells,
        period: str | None,
        figure: str,
        columns: tuple[str, ...],
    ) -> None:
        """Enter what a row tells in these columns, the second subtracted from the first; the first told stands."""
        values = [value for column in columns if (value := finite(cells.get(column))) is not None]
        unit, is_difference = self._unit(cells), len(columns) > 1
        if period is None or len(values) < len(columns) or (is_difference and unit == "%"):
            return  # rates cannot be subtracted
        value = QUIET.subtract(values[0], values[1]) if is_difference else values[0]
        if is_difference and not value:
            return  # an amount as of a day stands in both columns: of before it tells nothing
        given = [
            self._places.get((column, unit), places_of(each)) for column, each in zip(columns, values, strict=True)
        ]
        match = _SCALED.match(unit)
        scale = _SCALES[match[1]] if match else 0
        item = "".join(dict.fromkeys(text(cells.get(column)) or "" for column in self._series.item))
        telling = Telling(
            value.scaleb(scale, QUIET),
            unit[match.end() :] if match else unit,
            tuple(Decimal(1).scaleb(scale - places) for places in given),
            f"{say_number(value, max(given))}{unit}",
            f"{self._snapshot.file} 第 {row} 行{'减'.join(f'“{column}”列' for column in columns)}",
        )
        found.setdefault(PastFigure(period, item, figure), telling)

    def _unit(self, cells: Cells) -> str:
        return (text(cells.get(self._series.unit)) or "") if self._series.unit else ""


def _said(figure: PastFigure, now: Telling, before: Telling, drafted: str) -> str:
    own = "" if figure.period == drafted else f"，起草{say_key(drafted)}稿时所据"
    return (
        f"{say_key(figure.period)}{figure.item}{figure.figure}与以前不同：本次为{now.shown}（{now.where}），"
        f"原为{before.shown}（{before.where}{own}）；请核对，如确已订正请在文中说明，已公开的按更正办理。"
    )


def _key(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value).strip()


def _period_of(retold: Retold, key: str) -> str | None:
    if retold.when == "year_before":
        return year_earlier(key)
    before = step_earlier(key)
    return None if retold.when == "step_before_in_year" and (before or "")[:4] != key[:4] else before

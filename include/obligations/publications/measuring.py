"""Turns computed lines into measures that know the source cells they came from. Knows no publication kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any

from obligations.publications.wording import NO_VALUE, places_of
from obligations.words.draft import Figure
from obligations.words.errors import BadInput
from obligations.words.publication import Cell, Measure, Snapshot

if TYPE_CHECKING:
    import pandas as pd

QUIET = Context(prec=34, traps=[])
"""Decimal arithmetic in which an empty cell (NaN) or a zero base gives no number instead of an error."""
NAN = Decimal("NaN")
Line = Mapping[str, Any]
"""One computed line: Decimal (NaN for no number) by column, and the source rows it came from."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that amounts are printed in.

    Attributes:
        divisor: what turns an amount of the source into it; places: decimals, None for as many as the amount has.
    """

    name: str
    divisor: Decimal = Decimal(1)
    places: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """How one column of computed lines becomes a measure of every line.

    Attributes:
        column: in the lines; also the last part of the measure's id.
        label: follows the line's name; formula: in words.
        cells: what it was computed from: (column of the lines that holds a source row, source column).
        unit: %, 百分点 …; None for the amounts' own unit.
        places: decimals printed; None for as many as the value has, and at least one in % and 百分点.
    """

    column: str
    label: str
    formula: str
    cells: tuple[tuple[str, str], ...]
    unit: str | None = None
    places: int | None = None


def amounts(rows: pd.DataFrame, column: str) -> Any:
    """Return a column of Decimal in which every empty cell is NaN; all NaN where the source has no such column.

    Typed ``Any``: the stubs of pandas know no arithmetic on columns of Decimal.
    """
    values = rows[column] if column in rows.columns else rows.index.to_series().map(lambda _: NAN)
    values = values.astype(object)
    return values.where(values.notna(), NAN)


def finite(value: object) -> Decimal | None:
    """Return ``value`` if it is a number, None for anything that is not one."""
    return value if isinstance(value, Decimal) and value.is_finite() else None


def text(value: object) -> str | None:
    """Return a text cell without white space around it, None where it is empty."""
    return value.strip() or None if isinstance(value, str) else None


def only_value(rows: pd.DataFrame, snapshot: Snapshot, column: str) -> str | None:
    """Return the one value ``column`` has in every row (a unit, a region); None where it is missing or empty.

    Raises BadInput naming the first row that differs.
    """
    if column not in rows.columns:
        return None
    values = [(row, value) for row, cell in rows[column].items() if (value := text(cell))]
    first = values[0][1] if values else None
    for row, value in values:
        if value != first:
            expected = f"{first}（与其他行一致）"
            where = f"{snapshot.file} 第 {row} 行“{column}”列"
            raise BadInput(snapshot.file, (f"{where}的值是“{value}”，应为{expected}",))
    return first


def by_name(lines: pd.DataFrame) -> dict[str, Line]:
    """Return the computed lines by their index, in order."""
    return {
        str(name): {str(column): value for column, value in line.items()}
        for name, line in lines.to_dict(orient="index").items()
    }


class Measures:
    """The measures of one analysis, by id.

    Args:
        snapshot: the source file its cells are quoted from.
        frame: validated rows; the index is the source row number.
        unit: of the amounts.
    """

    def __init__(self, snapshot: Snapshot, frame: pd.DataFrame, unit: Unit) -> None:
        self._snapshot = snapshot
        self._frame = frame
        self._columns: dict[str, dict[Any, Any]] = {}
        self.unit = unit
        self.by_id: dict[str, Measure] = {}

    def read(
        self, key: str, name: str, line: Line, readings: Iterable[Reading], unit: Unit | None = None
    ) -> dict[str, str | None]:
        """Add a measure ``key.column`` for every reading of ``line``; return ids by column, None where no number is.

        ``unit`` is that of this line's amounts, where lines differ.
        """
        return {
            reading.column: self.add(
                f"{key}.{reading.column}",
                f"{name}{reading.label}",
                line[reading.column],
                reading,
                [(line[row], column) for row, column in reading.cells],
                unit,
            )
            for reading in readings
        }

    def add(
        self,
        measure_id: str,
        label: str,
        value: object,
        how: Reading,
        cells: Iterable[tuple[Any, str]],
        unit: Unit | None = None,
    ) -> str | None:
        """Add one measure computed from ``cells`` (source row, source column); return its id, or None."""
        number = finite(value)
        if number is None:
            return None
        unit = Unit(how.unit, places=how.places) if how.unit else unit or self.unit
        formula = how.formula if unit.divisor == 1 else f"{how.formula}，÷ {unit.divisor} 折合{unit.name}"
        places = max(places_of(number), unit.name in {"%", "百分点"}) if unit.places is None else unit.places
        inputs = tuple(dict.fromkeys(self._cell(row, column) for row, column in cells))
        self.by_id[measure_id] = Measure(measure_id, label, number, unit.name, places, formula, inputs)
        return measure_id

    def value(self, measure_id: str | None) -> Decimal | None:
        """Return the exact value of a measure, None where there is none."""
        return self.by_id[measure_id].value if measure_id in self.by_id else None

    def shown(self, measure_id: str | None) -> str | Figure:
        """Return the table cell that prints a measure, or a dash."""
        return Figure(measure_id) if measure_id in self.by_id else NO_VALUE

    def _cell(self, row: Any, column: str) -> Cell:
        # A reindexed row number comes back as float; rows are whole numbers.
        number = int(row)
        if column not in self._columns:  # a frame is slow to ask cell by cell
            self._columns[column] = self._frame[column].to_dict()
        value = str(self._columns[column][number])
        return Cell(self._snapshot.file, self._snapshot.sha256, number, column, value)

"""What a publication kind declares: data contract, blanks, measures. The kinds themselves are ``publications``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from obligations.words.limits import Limit

if TYPE_CHECKING:
    from typing import TypeAlias

    import pandas as pd

    from obligations.words.material import Holdings, Manuscript
    from obligations.words.occurrence import Event, Period

    Material: TypeAlias = pd.DataFrame | Event | Manuscript | Holdings


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a data contract.

    Attributes:
        name: header as departments write it, Chinese.
        holds: text, number (finite, as Decimal-safe text), date, or period (the key of a year, quarter, month or week:
            a row of a period that nobody can name would be left out of every draft without a word).
        expects: the expected form in Chinese, used verbatim in error messages (``数字，单位万元``).
        optional: the column may be missing; nullable: a cell may be empty.
        allowed: the only values accepted (units, item names); empty for any.
    """

    name: str
    holds: Literal["text", "number", "date", "period"]
    expects: str
    optional: bool = False
    nullable: bool = False
    allowed: tuple[str, ...] = ()


PUBLISH_BY, IS_LATE = "公开期限（推算）", "起草时已超过期限"
"""Columns that the door adds to the rows of a contract with a ``RowLimit``: the last day in time, and True or False."""


@dataclass(frozen=True, slots=True)
class RowLimit:
    """A limit that every row has for itself; counting working days is not a kind's (``rules.row_limits``).

    Attributes:
        columns: of dates; it is counted from the first of them that is filled.
        limit: how long after that day the row must be public.
    """

    columns: tuple[str, ...]
    limit: Limit


@dataclass(frozen=True, slots=True)
class Retold:
    """A figure of an earlier period that a row repeats, to be compared with.

    Attributes:
        figure: the column it had in its own period; when: which period that is, seen from the row's.
        column: it is read from; less: the column to subtract, None for none.
    """

    figure: str
    when: Literal["year_before", "step_before", "step_before_in_year"]
    column: str
    less: str | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """Which cells speak of which period, so that a figure told once is known again when it is told otherwise.

    Attributes:
        period: column of the row's period; item: columns that say whose figure it is.
        figures: columns of the row's own figures; unit: column of their unit, None where they have none.
        retold: figures of earlier periods in the same row.
        is_even: a column is printed with as many decimals as any of its numbers in that unit has; else each with its own.
    """

    period: str
    item: tuple[str, ...]
    figures: tuple[str, ...]
    unit: str | None = None
    retold: tuple[Retold, ...] = ()
    is_even: bool = True


@dataclass(frozen=True, slots=True)
class Ceiling:
    """More than any department of this kind has to tell: what lies above is a slip of unit (元 as 万元) or of the point.

    Attributes:
        columns: of numbers; most: the largest amount that is not doubted.
        unit: the ceiling holds for rows of this unit only, None for every row; unit_column: where the unit stands.
    """

    columns: tuple[str, ...]
    most: Decimal
    unit: str | None = None
    unit_column: str = "单位"


@dataclass(frozen=True, slots=True)
class DataContract:
    """What a source must deliver for one period.

    Attributes:
        columns: in the order departments write them; more columns in a file are kept but not read.
        unique: names of the columns that identify a row; a second row with the same values is refused.
        required_rows: values of ``unique[0]``'s partner column that must be present, as (column, values).
        may_be_empty: the column names alone will do: there was nothing to tell in the period.
        row_limit: where every row has a limit of its own.
        series: how figures of earlier periods are known again.
        ceilings: amounts above which the author is asked whether the unit is right.
    """

    columns: tuple[Column, ...]
    unique: tuple[str, ...]
    required_rows: tuple[str, tuple[str, ...]] | None = None
    may_be_empty: bool = False
    row_limit: RowLimit | None = None
    series: tuple[Series, ...] = ()
    ceilings: tuple[Ceiling, ...] = ()


@dataclass(frozen=True, slots=True)
class Blank:
    """A sentence that only a person can write: 【待填写：label】.

    Attributes:
        name: field name, letters and ``_``.
        label: what is asked, Chinese.
        required: publication is refused while it is empty.
    """

    name: str
    label: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class Cell:
    """Where an input number stood: file name, its SHA-256, row (1 is the header) and column header."""

    file: str
    sha256: str
    row: int
    column: str
    value: str


@dataclass(frozen=True, slots=True)
class Measure:
    """A number fit to print.

    Attributes:
        id: stable, ``total.cumulative``.
        label: Chinese name.
        value: exact; None prints as ``—``.
        unit: 万元, %, 百分点 …
        places: decimals printed.
        formula: in words, ``累计数 ÷ 年初预算数 × 100``.
        inputs: the source cells it was computed from.
    """

    id: str
    label: str
    value: Decimal | None
    unit: str
    places: int
    formula: str
    inputs: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Raw source data of one occurrence, kept as it came.

    Attributes:
        file: name as the department gave it; path: where the kept bytes lie; sha256: of the bytes.
        address: public address or connection the figures came from.
    """

    file: str
    path: str
    sha256: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a kind computes from a validated frame, handed to its template.

    Attributes:
        measures: by id; every number the template prints must be one of them.
        tables: rows for the template by table name; a cell is text or a measure id wrapped by the kind.
        charts: a ``ChartPlan`` by chart name.
        words: choice of words that follow from the numbers (增长, 下降), by name.
        warnings: to the author, Chinese.
    """

    measures: Mapping[str, Measure]
    tables: Mapping[str, Any] = field(default_factory=dict)
    words: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    charts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PublicationKind:
    """One publication kind.

    Attributes:
        name: slug, equal to its module with ``-`` for ``_`` and to its template ``drafts/<name>.j2``.
        title: Chinese name of the kind.
        contract: what rows a source must deliver; None for kinds that are not drafted from rows.
        blanks: the blanks its template may open.
        analyse: (validated frame, snapshot, period) → Analysis; only kinds with a contract have it.
        describe: event → Analysis (words and warnings); only event kinds have it.
        led_by: words in the name of the department that leads this kind (财政), where a clause names several.
        arrange: (manuscript, snapshot) → Analysis; only the kind that prints a department's own document has it.
        survey: holdings → Analysis; only the kind that asks a reviewer to check what is held has it.
    """

    name: str
    title: str
    contract: DataContract | None
    blanks: tuple[Blank, ...]
    analyse: Callable[[pd.DataFrame, Snapshot, Period], Analysis] | None
    describe: Callable[[Event], Analysis] | None = None
    led_by: tuple[str, ...] = ()
    arrange: Callable[[Manuscript, Snapshot], Analysis] | None = None
    survey: Callable[[Holdings], Analysis] | None = None

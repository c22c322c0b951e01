"""Checks a frame of text cells against the contract of a publication kind, with pandera, and types it.

Every problem is found in one pass and said in one Chinese sentence each. What a kind demands is declared in
``publications``; nothing here knows a kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from difflib import get_close_matches

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaError, SchemaErrorReason, SchemaErrors

from obligations.rules.delivery import Delivery, shown
from obligations.words.publication import Column, DataContract

_HALF_WIDTH = str.maketrans("０１２３４５６７８９．，－＋／", "0123456789.,-+/")
_NUMBER = re.compile(r"[+-]?(0|[1-9]\d{0,29}|[1-9]\d{0,2}(,\d{3}){1,9})(\.\d{1,30})?")
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})-|/(\d{1,2})/|年(\d{1,2})月)(\d{1,2})(?:(?<=\d)日)?(?:[ T]00:00(?::00)?)?")
_PERIOD = re.compile(r"([1-9][0-9]{3})(-(0[1-9]|1[0-2]|Q[1-4]|W(0[1-9]|[1-4][0-9]|5[0-3])))?")
_ADVICE = (
    (re.compile(r".*[%％]"), "去掉百分号"),
    (re.compile(r"[+-]?[\d.]+[eE][+-]?\d+"), "写出完整的数字，不用科学计数法"),
    (re.compile(r"[（(].*[)）]"), "把负数写作 -123 的形式"),
    (re.compile(r"[+-]?[\d,.]+\s*[万亿]?[^\d\s.,+-]+"), "去掉数字后面的文字，单位写在单位列"),
    (re.compile(r"[+-]?[\d,]+(\.\d+)?"), "改正数字的写法，千位分隔号每三位一个"),
)


def check(frame: pd.DataFrame, contract: DataContract, delivery: Delivery) -> pd.DataFrame:
    """Return ``frame`` with the cells of the contract's columns typed, index and further columns unchanged.

    ``frame`` holds one ``str`` a cell, empty for an empty one; its index is the row number in the file.
    A number becomes ``Decimal``, digit by digit as written (thousands separators dropped, full-width digits read as
    half-width), a date ``datetime.date``, an empty cell of a nullable column None. Raises BadInput with every problem,
    at most 20 of them spelled out.
    """
    known = frame[[column.name for column in contract.columns if column.name in frame.columns]]
    empty_as_none = known.mask(known == "", None)
    try:
        _schema(contract, frame).validate(empty_as_none, lazy=True)
    except SchemaErrors as errors:
        raise delivery.refuse_all(_sentences(errors.schema_errors, frame, contract, delivery)) from None
    typed = frame.copy()
    for column in contract.columns:
        if column.name in frame.columns:
            cells = [_value(text, column) for text in frame[column.name]]
            typed[column.name] = pd.Series(cells, index=frame.index, dtype=object)
    return typed


def read_number(text: str) -> Decimal | None:
    """Read a number as departments write it, exactly: ``1,234.50``, ``－8.1``; None for anything else."""
    plain = text.translate(_HALF_WIDTH)
    return Decimal(plain.replace(",", "")) if _NUMBER.fullmatch(plain) else None


def read_date(text: str) -> date | None:
    """Read ``2017-06-30``, ``2017/6/30`` or ``2017年6月30日``, a midnight after it allowed; None for anything else."""
    match = _DATE.fullmatch(text.translate(_HALF_WIDTH))
    if match is None or (match[4] is not None) != ("日" in text):
        return None
    try:
        return date(int(match[1]), int(match[2] or match[3] or match[4]), int(match[5]))
    except ValueError:
        return None


def _value(text: str, column: Column) -> str | Decimal | date | None:
    if not text:
        return None
    if column.holds == "number":
        return read_number(text)
    return read_date(text) if column.holds == "date" else text


def _schema(contract: DataContract, frame: pd.DataFrame) -> pa.DataFrameSchema:
    """Build the pandera schema; rows are compared only where the columns to compare are there."""
    present = set(frame.columns)
    rows = contract.required_rows
    return pa.DataFrameSchema(
        {column.name: _pandera_column(column) for column in contract.columns},
        checks=[_has_row(rows[0], value) for value in rows[1]] if rows and rows[0] in present else [],
        unique=list(contract.unique) if present.issuperset(contract.unique) else None,
        report_duplicates="exclude_first",
    )


def _pandera_column(column: Column) -> pa.Column:
    checks = []
    if column.holds == "number":
        checks.append(pa.Check(lambda text: read_number(text) is not None, element_wise=True, name="number"))
    if column.holds == "date":
        checks.append(pa.Check(lambda text: read_date(text) is not None, element_wise=True, name="date"))
    if column.holds == "period":
        checks.append(pa.Check(_is_period, element_wise=True, name="period"))
    if column.allowed:
        checks.append(pa.Check(lambda text: text in column.allowed, element_wise=True, name="allowed"))
    return pa.Column(object, checks, nullable=column.nullable, required=not column.optional)


def _is_period(text: str) -> bool:
    """Say whether it is a year, quarter, month or week (ISO 8601); few years have a week 53."""
    found = _PERIOD.fullmatch(text)
    return found is not None and (found[4] != "53" or date(int(found[1]), 12, 28).isocalendar().week == 53)


def _has_row(column: str, value: str) -> pa.Check:
    return pa.Check(lambda frame: bool((frame[column] == value).any()), name=value)


def _sentences(errors: list[SchemaError], frame: pd.DataFrame, contract: DataContract, delivery: Delivery) -> list[str]:
    """Say each problem once, in the order of the file: missing columns, cells and rows by row, missing rows."""
    absent = [column for column in contract.columns if not column.optional and column.name not in frame.columns]
    if absent and not any(column.name in frame.columns for column in contract.columns):
        wanted, found = "、".join(c.name for c in contract.columns), shown("、".join(frame.columns))
        return [delivery.problem(f"第 1 行没有一个要求的列名（读到“{found}”），应为：{wanted}")]
    order = {column.name: position for position, column in enumerate(contract.columns)}
    columns = {column.name: column for column in contract.columns}
    cells: dict[tuple[int, int], str] = {}
    rows: list[str] = []
    for error in errors:
        if error.reason_code is SchemaErrorReason.DUPLICATES:
            for row in dict.fromkeys(error.failure_cases["index"]):
                if sentence := _repeats(int(row), frame, contract, delivery):
                    cells[int(row), len(order)] = sentence
        elif isinstance(error.schema, pa.DataFrameSchema) and error.check in error.schema.checks:
            rows.append(_lacks_row(str(error.check.name), contract, delivery))
        elif error.reason_code is not SchemaErrorReason.COLUMN_NOT_IN_DATAFRAME:
            name = str(error.schema.name)
            for row in error.failure_cases["index"]:
                place = (int(row), order[name])
                cells.setdefault(place, _bad_cell(int(row), columns[name], frame, delivery))
    missing = [_lacks_column(column, frame, columns, delivery) for column in absent]
    return [*missing, *(cells[place] for place in sorted(cells)), *rows]


def _lacks_column(column: Column, frame: pd.DataFrame, columns: dict[str, Column], delivery: Delivery) -> str:
    further = [name for name in frame.columns if name not in columns]
    close = get_close_matches(column.name, further, n=1, cutoff=0.5)
    hint = f"（有一列叫“{shown(close[0])}”，是否就是它）" if close else ""
    fix = f"把列名改为“{column.name}”" if close else "补上这一列"
    return delivery.problem(f"缺少“{column.name}”列{hint}，应为{column.expects}", fix)


def _bad_cell(row: int, column: Column, frame: pd.DataFrame, delivery: Delivery) -> str:
    text = str(frame.at[row, column.name])
    if not text:
        return delivery.problem(f"第 {row} 行“{column.name}”列是空的，应为{column.expects}", "补填")
    fix = next(_advice(text), None) if column.holds == "number" else None
    return delivery.problem(f"第 {row} 行“{column.name}”列的值是“{shown(text)}”，应为{column.expects}", fix)


def _advice(text: str) -> Iterator[str]:
    plain = text.translate(_HALF_WIDTH)
    return (advice for form, advice in _ADVICE if form.fullmatch(plain))


def _repeats(row: int, frame: pd.DataFrame, contract: DataContract, delivery: Delivery) -> str | None:
    names = list(contract.unique)
    values = frame.loc[row, names]
    if (values == "").any():
        return None  # an empty cell is a problem of its own, not a second row of the same thing
    first = frame.index[(frame[names] == values).all(axis=1)][0]
    same = "、".join(f"{name}“{shown(str(values[name]))}”" for name in names)
    return delivery.problem(f"第 {row} 行与第 {first} 行重复（{same}），应只有一行", "删去多余的一行")


def _lacks_row(value: str, contract: DataContract, delivery: Delivery) -> str:
    column = contract.required_rows[0] if contract.required_rows else ""
    return delivery.problem(f"缺少“{column}”列为“{value}”的行，应有这一行", "补上这一行")

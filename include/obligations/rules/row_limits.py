"""Adds to rows that have limits of their own the last day in time, counted on the working calendar. Pure.

A kind that lists decisions warns its author of the late ones; the working days are counted here, because kinds know no
calendar.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from obligations.rules.calendar import FIRST_DAY, LAST_DAY, WorkingCalendar
from obligations.rules.clocks import last_day
from obligations.words.publication import IS_LATE, PUBLISH_BY, DataContract, RowLimit
from obligations.words.times import end_of_day

if TYPE_CHECKING:
    import pandas as pd


def with_limits(
    frame: pd.DataFrame, contract: DataContract, calendar: WorkingCalendar, as_of: datetime
) -> pd.DataFrame:
    """Return ``frame`` with ``PUBLISH_BY`` (a day, None where no date is given) and ``IS_LATE`` as of ``as_of``.

    The frame itself where the contract gives rows no limit.
    """
    if contract.row_limit is None:
        return frame
    days = [_last_day(cells, contract.row_limit, calendar) for cells in frame.to_dict(orient="records")]
    added = frame.copy()
    added[PUBLISH_BY] = days
    added[IS_LATE] = [day is not None and end_of_day(day) < as_of for day in days]
    return added


def _last_day(cells: Mapping[Any, object], rule: RowLimit, calendar: WorkingCalendar) -> date | None:
    for column in rule.columns:
        day = cells.get(column)
        if isinstance(day, date) and FIRST_DAY <= day < LAST_DAY.replace(month=1, day=1):
            return last_day(rule.limit, day, calendar)
    return None

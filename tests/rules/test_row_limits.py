"""The last day of each row's own limit, counted in working days, and whether it has passed."""

from __future__ import annotations

from datetime import date, datetime

import pandas as pd
import pytest

from obligations.rules.calendar import load_calendar
from obligations.rules.row_limits import with_limits
from obligations.words.limits import Limit
from obligations.words.publication import IS_LATE, PUBLISH_BY, Column, DataContract, RowLimit
from obligations.words.times import SHANGHAI

DAY = Column("许可决定日期", "date", "日期", nullable=True)
OTHER_DAY = Column("处罚决定日期", "date", "日期", optional=True, nullable=True)
SEVEN = DataContract((DAY, OTHER_DAY), (), row_limit=RowLimit((DAY.name, OTHER_DAY.name), Limit(7, "working_day")))


def frame(*days, column=DAY.name):
    return pd.DataFrame({column: pd.Series(list(days), dtype=object)})


def at(*moment):
    return datetime(*moment, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("decided", "last"),
    [
        (date(2026, 9, 7), date(2026, 9, 16)),  # Monday; the weekend of 12 and 13 September does not count
        (date(2025, 9, 28), date(2025, 10, 14)),  # Sunday made a working day; National Day until 8 October, 11 October worked
        (date(2026, 2, 12), date(2026, 2, 28)),  # Thursday; Spring Festival 15 to 23 February, 14 and 28 February worked
    ],
)  # fmt: skip
def test_seven_working_days_are_counted_with_holidays_and_the_weekends_made_up(decided, last):
    found = with_limits(frame(decided), SEVEN, load_calendar(), at(2026, 1, 1))
    assert found[PUBLISH_BY].tolist() == [last]


def test_the_whole_last_day_is_still_in_time():
    midnight = at(2026, 9, 17)  # 16 September 24:00
    for as_of, late in ((midnight, False), (midnight.replace(second=1), True)):
        assert with_limits(frame(date(2026, 9, 7)), SEVEN, load_calendar(), as_of)[IS_LATE].tolist() == [late]


def test_a_row_is_counted_from_the_first_date_it_has_and_without_one_is_never_late():
    rows = pd.concat([frame(None, None), frame(date(2026, 9, 7), None, column=OTHER_DAY.name)], axis=1).astype(object)
    found = with_limits(rows, SEVEN, load_calendar(), at(2026, 12, 1))
    assert (found[PUBLISH_BY].tolist(), found[IS_LATE].tolist()) == ([date(2026, 9, 16), None], [True, False])


def test_a_date_beyond_the_calendar_has_no_limit():
    found = with_limits(frame(date(1999, 1, 4), date(2099, 6, 1)), SEVEN, load_calendar(), at(2026, 1, 1))
    assert found[PUBLISH_BY].tolist() == [None, None]


def test_rows_without_a_limit_of_their_own_stay_as_they_are():
    rows = frame(date(2026, 9, 7))
    assert with_limits(rows, DataContract((DAY,), ()), load_calendar(), at(2026, 1, 1)) is rows

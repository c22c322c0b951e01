"""Bounds for working days that no notice covers yet: what may still be arranged is ``festivals``, counted here."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from functools import cache

from obligations.rules.festivals import Festival, festivals


@dataclass(frozen=True, slots=True)
class _Table:
    """A run as ordinals in order: the weekdays it frees, and the weekend days of which ``least`` to ``most`` are worked."""

    freed: tuple[int, ...]
    made_up_on: tuple[int, ...]
    most: int
    least: int

    def changed(self, start: int, day: int, *, most: bool) -> int:
        """Return what the run adds to the plain weekdays after ``start`` up to ``day``, at most or at least."""
        freed = bisect_right(self.freed, day) - bisect_right(self.freed, start)
        inside = bisect_right(self.made_up_on, day) - bisect_right(self.made_up_on, start)
        if most:
            return min(self.most, inside) - freed
        return max(0, self.least - (len(self.made_up_on) - inside)) - freed


def bounds_beyond(known: date, wanted: int, law_of: int) -> tuple[date, date]:
    """Return the earliest and latest day that can be the ``wanted``-th working day after ``known``.

    Every day after ``known`` is taken as not announced, under the law on festivals as it stood in ``law_of``. Between
    any two days the number worked lies between the fewest and the most that the plausible arrangements of each
    festival give, so the true day lies between the first day by which the most, and by which the fewest, suffice.
    """
    start = known.toordinal()
    return (
        date.fromordinal(_first_day(start, wanted, law_of, most=True)),
        date.fromordinal(_first_day(start, wanted, law_of, most=False)),
    )


def worked_beyond(known: date, day: date, law_of: int, *, most: bool) -> int:
    """Return how many days after ``known`` up to ``day`` can be worked, at most or at least."""
    return _worked(known.toordinal(), day.toordinal(), law_of, most=most)


def _first_day(start: int, wanted: int, law_of: int, *, most: bool) -> int:
    low, high = start + 1, start + wanted * 2 + 40
    while low < high:
        middle = (low + high) // 2
        if _worked(start, middle, law_of, most=most) >= wanted:
            high = middle
        else:
            low = middle + 1
    return low


def _worked(start: int, day: int, law_of: int, *, most: bool) -> int:
    """Count the days worked after ``start`` up to ``day``, at most or at least."""
    extreme = max if most else min
    count = _plain_weekdays(day) - _plain_weekdays(start)
    # the New Year run of the year after may move days of late December
    for year in range(date.fromordinal(start).year, date.fromordinal(day).year + 2):
        for first, last, tables in _windows(year, law_of):
            if first <= day and start < last:
                count += extreme(table.changed(start, day, most=most) for table in tables)
    return count


@cache
def _windows(year: int, law_of: int) -> tuple[tuple[int, int, tuple[_Table, ...]], ...]:
    return tuple(_window(festival) for festival in festivals(year, law_of))


def _window(festival: Festival) -> tuple[int, int, tuple[_Table, ...]]:
    """Return the first and last day the festival may touch, and its runs."""
    touched = [day for run in festival.runs for day in (*run.weekdays, *run.made_up_on)]
    tables = tuple(
        _Table(_ordinals(run.weekdays), _ordinals(run.made_up_on), run.most, run.least) for run in festival.runs
    )
    return min(touched).toordinal(), max(touched).toordinal(), tables


def _ordinals(days: tuple[date, ...]) -> tuple[int, ...]:
    return tuple(day.toordinal() for day in days)


def _plain_weekdays(ordinal: int) -> int:
    """Count Mondays to Fridays up to and with the day of this ordinal (day 1 was a Monday)."""
    weeks, rest = divmod(ordinal, 7)
    return weeks * 5 + min(rest, 5)

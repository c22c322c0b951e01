"""The working calendar of mainland China: which days are worked, counted fast, and how far that is announced.

Announced years come from ``chinesecalendar``; notices typed in add or amend (``notices``). What lies beyond
is estimated and bounded from the festivals that the law fixes (``festivals``). Limits and due dates are ``clocks``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from threading import Lock

import chinese_calendar
from chinese_calendar import constants

from obligations.rules.festivals import Arrangement, festivals, likely_arrangement
from obligations.rules.horizon import bounds_beyond, worked_beyond
from obligations.rules.notices import PACKAGED_NOTICES, Notice, announced_with, find_contradictions, notices_with
from obligations.words.errors import CatalogueFault, Fault, UnusableInput
from obligations.words.times import end_of_day, say_day, say_weekday

FIRST_DAY = date(2004, 1, 1)
LAST_DAY = date(2099, 12, 31)
_BASE = FIRST_DAY.toordinal()
_YEARS_AHEAD = 3  # estimated at once; the rest of the century only if asked for
_NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
    "Anti-Fascist 70th Day": "抗战胜利70周年纪念日",
}


class WorkingCalendar:
    """Working days from 2004 to 2099: announced up to ``covered_until``, estimated after it.

    Attributes:
        covered_until: the last day that no notice still to come can change. It is 31 December of the last announced
            year, or up to four days earlier where the New Year run of the next year may move days of late December.
        version: library version and a digest of the notices; two calendars of one version give the same dates.
    """

    def __init__(self, announced: Mapping[int, Arrangement], version: str) -> None:
        """Build it from the arrangement of each announced year, without gaps."""
        self.version = version
        last = max(announced)
        self._law_of = last
        self._off: dict[date, str] = {}
        self._worked: dict[date, str] = {}
        for year in sorted(announced):
            self._lay(announced[year])
        touched = [day for run in festivals(last + 1, last)[0].runs for day in (*run.weekdays, *run.made_up_on)]
        self.covered_until = min(date(last, 12, 31), min(touched) - timedelta(days=1))
        self._working_days: list[date] = []  # in order
        self._ends: list[datetime] = []  # the 24:00 of each
        self._passed: list[int] = []  # for each day since FIRST_DAY, how many working days there were up to and with it
        self._extending = Lock()
        self._estimate(last + 1, last + _YEARS_AHEAD)

    def _lay(self, arrangement: Arrangement) -> None:
        self._off.update(arrangement.off)
        self._worked.update(arrangement.worked)

    def _estimate(self, first_year: int, last_year: int) -> None:
        """Lay the likeliest arrangement of these years and count on to the end of the last."""
        for year in range(first_year, last_year + 2):  # a New Year run reaches back into December
            for festival in festivals(year, self._law_of):
                self._lay(likely_arrangement(festival))
        for ordinal in range(_BASE + len(self._passed), date(last_year, 12, 31).toordinal() + 1):
            day = date.fromordinal(ordinal)
            if day in self._worked or (day.weekday() < 5 and day not in self._off):
                self._working_days.append(day)
                self._ends.append(end_of_day(day))
            self._passed.append(len(self._working_days))
        self._last_year = last_year

    def _see_to_the_end(self) -> None:
        with self._extending:  # the API server asks from several threads
            if self._last_year < LAST_DAY.year:
                self._estimate(self._last_year + 1, LAST_DAY.year)

    def _index(self, day: date) -> int:
        index = day.toordinal() - _BASE
        if index >= len(self._passed):
            self._see_to_the_end()
        if not 0 <= index < len(self._passed):
            raise UnusableInput(f"{say_day(day)}不在日历范围内，只能计算{FIRST_DAY.year}年至{LAST_DAY.year}年")
        return index

    def _nth(self, position: int) -> date:
        if position >= len(self._working_days):
            self._see_to_the_end()
        if not 0 <= position < len(self._working_days):
            raise UnusableInput(f"结果不在日历范围内，只能计算{FIRST_DAY.year}年至{LAST_DAY.year}年")
        return self._working_days[position]

    def covers(self, day: date) -> bool:
        """Say whether ``day`` is announced for good."""
        return day <= self.covered_until

    def is_working_day(self, day: date) -> bool:
        """Say whether ``day`` is worked; beyond ``covered_until`` this is the estimate."""
        index = self._index(day)
        return self._passed[index] > (self._passed[index - 1] if index else 0)

    def add_working_days(self, start: date, n: int) -> date:
        """Return the ``n``-th working day strictly after ``start``; for ``n`` of 0, ``start`` or the next working day."""
        if n <= 0:
            return self.next_working_day(start)
        return self._nth(self._passed[self._index(start)] + n - 1)

    def end_of_working_day(self, start: date, n: int) -> datetime:
        """Return the 24:00 that ends the ``n``-th working day strictly after ``start``: what every due date needs."""
        if n <= 0:
            return end_of_day(self.next_working_day(start))
        index = start.toordinal() - _BASE
        if 0 <= index < len(self._passed):
            position = self._passed[index] + n - 1
            if position < len(self._ends):
                return self._ends[position]
        return end_of_day(self.add_working_days(start, n))

    def subtract_working_days(self, day: date, n: int) -> date:
        """Return the ``n``-th working day strictly before ``day`` (``n`` ≥ 1)."""
        index = self._index(day)
        return self._nth((self._passed[index - 1] if index else 0) - n)

    def next_working_day(self, day: date) -> date:
        """Return ``day`` if it is worked, else the next working day."""
        index = self._index(day)
        return self._nth(self._passed[index - 1] if index else 0)

    def working_days_between(self, start: date, end: date) -> int:
        """Count the working days after ``start`` up to and with ``end``."""
        return self._passed[self._index(end)] - self._passed[self._index(start)]

    def remark(self, day: date) -> str | None:
        """Say what is special about an announced day: ``国庆节放假``, ``调休上班``; None for plain days and estimates."""
        if not self.covers(day):
            return None
        if day in self._worked:
            return "调休上班"
        return f"{self._off[day]}放假" if day in self._off else None

    def why_off(self, day: date) -> str:
        """Say why ``day`` is off: ``国庆节放假``, ``周六休息``, or the festival whose arrangement is still awaited."""
        if day in self._off and not self.covers(day):
            return f"{self._off[day]}（放假安排待通知）"
        return self.remark(day) or f"{say_weekday(day)}休息"

    def festivals_awaited(self, after: date, until: date) -> tuple[str, ...]:
        """Name the festivals not yet arranged of which a statutory day lies after ``after`` up to ``until``."""
        found = (festival for year in range(after.year, until.year + 1) for festival in festivals(year, self._law_of))
        return tuple(
            f"{festival.statutory[0].year}年{festival.name}"
            for festival in found
            if any(after < day <= until and not self.covers(day) for day in festival.statutory)
        )

    def bounds_of_working_days(self, start: date, n: int) -> tuple[date, date]:
        """Return the earliest and latest day that can be the ``n``-th working day after ``start``.

        Equal to one another where everything up to the result is announced.
        """
        return self._bounds(start, n)

    def bounds_of_working_days_before(self, day: date, n: int) -> tuple[date, date]:
        """Return the earliest and latest day that can be the ``n``-th working day strictly before ``day``."""
        estimate = self.subtract_working_days(day, n)
        eve = day - timedelta(days=1)
        if self.covers(eve):
            return estimate, estimate
        return self._last_with(eve, n, most=False), self._last_with(eve, n, most=True)

    def _last_with(self, eve: date, n: int, *, most: bool) -> date:
        """Return the last day from which to ``eve``, both included, at most or at least ``n`` days are worked."""
        day = eve
        while self._worked_beyond(day - timedelta(days=1), eve, most=most) < n:
            day -= timedelta(days=1)
        return day

    def _worked_beyond(self, start: date, eve: date, *, most: bool) -> int:
        known = max(start, self.covered_until)
        return self.working_days_between(start, known) + worked_beyond(known, eve, self._law_of, most=most)

    def bounds_of_next_working_day(self, day: date) -> tuple[date, date]:
        """Return the earliest and latest day that can be the first working day from ``day`` on."""
        if self.covers(self.next_working_day(day)):
            return self.next_working_day(day), self.next_working_day(day)
        return self._bounds(day - timedelta(days=1), 1)

    @lru_cache(maxsize=16384)  # noqa: B019 - a calendar lives as long as its process
    def _bounds(self, start: date, n: int) -> tuple[date, date]:
        estimate = self.add_working_days(start, n)
        if self.covers(estimate):
            return estimate, estimate
        known = max(start, self.covered_until)
        return bounds_beyond(known, n - self.working_days_between(start, known), self._law_of)


def load_calendar(own: Path | None = None) -> WorkingCalendar:
    """Return the calendar of the library, the packaged notices and the installation's ``own`` laid over them.

    One calendar is kept for each state of the files, so that a server sees a notice that is typed in while it runs.
    Raises CatalogueFault if a notice is unreadable or contradicts itself, or ``own`` is not there: such a calendar would
    be a guess.
    """
    return _load(own, _state(PACKAGED_NOTICES), _state(own) if own is not None else None)


def _state(path: Path) -> tuple[int, int] | None:
    try:
        state = path.stat()
    except FileNotFoundError:
        return None
    return state.st_mtime_ns, state.st_size


@lru_cache(maxsize=8)
def _load(own: Path | None, *_states: tuple[int, int] | None) -> WorkingCalendar:
    return calendar_with(notices_with(own))


def calendar_with(filed: Sequence[tuple[str, Notice]]) -> WorkingCalendar:
    """Return the calendar of the library and these notices (see ``laid_over``); raises CatalogueFault for a contradiction."""
    announced = announced_by_library()
    if faults := find_contradictions(filed, announced):
        raise CatalogueFault(tuple(faults))
    notices = [notice for _, notice in filed]
    version = f"chinesecalendar {chinese_calendar.__version__}"
    if notices:
        digest = hashlib.sha256("\n".join(notice.model_dump_json() for notice in notices).encode()).hexdigest()[:12]
        version = f"{version} + notices {digest}"
    return WorkingCalendar(announced_with(announced, notices), version)


def check_notices(own: Path | None = None) -> list[Fault]:
    """Return every fault of the packaged notices and the installation's ``own``."""
    try:
        return find_contradictions(notices_with(own), announced_by_library())
    except CatalogueFault as unreadable:
        return list(unreadable.faults)


def announced_by_library() -> dict[int, Arrangement]:
    """Return what ``chinesecalendar`` knows, by the year whose notice said it: 2011-12-31 belongs to 2012."""
    years: dict[int, Arrangement] = {}
    last = max(constants.holidays).year
    for year in range(FIRST_DAY.year, last + 1):
        years[year] = Arrangement(_of_year(constants.holidays, year), _of_year(constants.workdays, year))
    return years


def _of_year(days: Mapping[date, str], year: int) -> dict[date, str]:
    return {
        day: _NAMES[festival]
        for day, festival in sorted(days.items())
        if (day.year + 1 if day.month == 12 else day.year) == year
    }

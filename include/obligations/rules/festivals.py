"""Statutory festivals, and what the State Council may yet arrange around them in a year not announced.

The festivals themselves are law (全国年节及纪念日放假办法), so their days are known for decades. What the yearly
notice of 国务院办公厅 adds is known only when it is issued: how long the run of days off is, and which weekend days
are worked in exchange. This module lists the arrangements that may be expected of a festival, so that ``calendar``
can bound a date that no notice covers yet, and names the most likely one as the estimate. It says nothing about
announced years.

What the list assumes, all of it true of every arrangement since 2008 (``tests/rules/test_provisional.py``):

- every statutory day earns one weekday off, also one that falls on a weekend;
- each further weekday off is made up on a weekend day within ``REACH`` days of the run;
- a run contains its statutory days and has a length and first day seen before, or that the law makes likely;
- days beyond these may be freed as ``_FREED`` says, and 除夕 may drop out of the run as it did by the law of 2014.

A day off decreed once for an occasion (2015-09-03) cannot be expected and is outside the bounds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache

import holidays

REACH = timedelta(days=7)
# Days that a later notice, or an amendment of the law with it, may free without making them up: around the Spring
# Festival two (the notice of 2020-01-26 freed 2020-01-31 and cancelled the make-up day 2020-02-01), on Labour Day one
# (国务院令第795号, 2024-11-10, gave 2 May for the very next year).
_FREED = {"春节": 2, "劳动节": 1}
_LAST_LUNAR_YEAR = 2099
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Days off and weekend days worked, each with the festival's Chinese name.

    Attributes:
        off: days nobody works, weekend days within a run included.
        worked: weekend days worked in exchange (调休上班).
    """

    off: Mapping[date, str]
    worked: Mapping[date, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of days off that may be expected of a festival.

    Attributes:
        first, last: both included.
        weekdays: its Mondays to Fridays, freed by it.
        made_up_on: weekend days near it, of which some are worked in exchange.
        most, least: how many of those at most and at least.
    """

    first: date
    last: date
    weekdays: tuple[date, ...]
    made_up_on: tuple[date, ...]
    most: int
    least: int


@dataclass(frozen=True, slots=True)
class Festival:
    """One run of days off that a notice will arrange.

    Attributes:
        name: Chinese; two festivals that meet are one run, 中秋节、国庆节.
        statutory: its statutory days in order; a day on which two festivals fall earns two days off.
        entitled: weekdays off that the law gives for it.
        runs: the runs that may be expected, the likeliest first.
    """

    name: str
    statutory: tuple[date, ...]
    entitled: int
    runs: tuple[Run, ...]


@cache
def festival_days(year: int, law_of: int) -> dict[str, tuple[date, ...]]:
    """Return the statutory days of ``year`` by festival, under the law as it stood in ``law_of``.

    全国年节及纪念日放假办法 as amended by 国务院令第513号 (from 2008), 第644号 (from 2014) and 第795号 (from 2025).
    """
    named: dict[str, date] = {}
    for day, names in sorted(
        holidays.country_holidays("CN", years=min(year, _LAST_LUNAR_YEAR), language="zh_CN").items()
    ):
        for name in names.split("; "):
            named.setdefault(name, day)
    first = named["春节"]
    spring = range(-1, 2) if law_of < 2014 else range(3) if law_of < 2025 else range(-1, 3)
    return {
        "元旦": (date(year, 1, 1),),
        "春节": tuple(first + timedelta(days=offset) for offset in spring),
        "清明节": (named["清明节"],),
        "劳动节": tuple(date(year, 5, day) for day in range(1, 2 if law_of < 2025 else 3)),
        "端午节": (named["端午节"],),
        "中秋节": (named["中秋节"],),
        "国庆节": tuple(date(year, 10, day) for day in range(1, 4)),
    }


@cache
def festivals(year: int, law_of: int) -> tuple[Festival, ...]:
    """Return the runs to be arranged in ``year``, in order; 中秋节 close to 国庆节 joins its run, as ever since 2009."""
    days = festival_days(year, law_of)
    autumn, national = days["中秋节"][0], days["国庆节"]
    joined = autumn >= date(year, 9, 28)
    found = [
        _festival("元旦", days["元旦"], _new_year_blocks(year)),
        _festival("春节", days["春节"], _spring_blocks(days["春节"], law_of)),
        _festival("清明节", days["清明节"], _one_day_blocks(days["清明节"][0])),
        _festival("劳动节", days["劳动节"], _labour_blocks(year)),
        _festival("端午节", days["端午节"], _one_day_blocks(days["端午节"][0])),
    ]
    if joined:
        statutory = tuple(sorted({autumn, *national}))
        blocks = _national_blocks(year, min(autumn, national[0]), entitled=4)
        found.append(_festival("中秋节、国庆节", statutory, blocks, entitled=4))
    else:
        found.append(_festival("中秋节", days["中秋节"], _one_day_blocks(autumn)))
        reach = 2 * REACH if autumn >= date(year, 9, 20) else REACH  # 中秋节 takes the weekend before: 2026-09-20
        found.append(_festival("国庆节", national, _national_blocks(year, national[0], entitled=3), reach=reach))
    return tuple(found)


def _festival(
    name: str,
    statutory: tuple[date, ...],
    blocks: list[tuple[date, date]],
    *,
    entitled: int | None = None,
    reach: timedelta = REACH,
) -> Festival:
    due = entitled or len(statutory)
    contained = statutory[-2:] if name == "春节" else statutory  # its first days come and go with the law
    runs = tuple(
        _expect(first, last, due, _FREED.get(name, 0), reach)
        for first, last in blocks
        if first <= contained[0] and contained[-1] <= last and _weekdays(first, last) >= due
    )
    return Festival(name, statutory, due, runs)


def _expect(first: date, last: date, entitled: int, freed: int, reach: timedelta) -> Run:
    weekdays = tuple(day for day in _days(first, last) if day.weekday() < 5)
    before = (day for day in _days(first - reach, first - _DAY) if day.weekday() >= 5)
    after = (day for day in _days(last + _DAY, last + REACH) if day.weekday() >= 5)
    most = len(weekdays) - entitled
    return Run(first, last, weekdays, (*before, *after) if most else (), most, max(0, most - freed))


def _run(first: date, length: int) -> tuple[date, date]:
    return first, first + timedelta(days=length - 1)


def _new_year_blocks(year: int) -> list[tuple[date, date]]:
    day = date(year, 1, 1)
    return _one_day_blocks(day, natural_only=_weekdays(*_run(day, 3)) == 1)


def _one_day_blocks(day: date, *, natural_only: bool = False) -> list[tuple[date, date]]:
    """Runs of up to three days around one statutory day; where it touches a weekend, that is the likeliest."""
    runs = [_run(day - timedelta(days=before), length) for length in (3, 2, 1) for before in range(length)]
    natural = [run for run in runs if _weekdays(*run) == 1 and run[1] - run[0] == 2 * _DAY]
    if natural and natural_only:
        return natural
    midweek = {1: _run(day - 2 * _DAY, 3), 2: _run(day, 1), 3: _run(day, 3)}
    likely = natural or [midweek[day.weekday()]]
    return [*likely, *(run for run in runs if run not in likely)]


def _spring_blocks(statutory: tuple[date, ...], law_of: int) -> list[tuple[date, date]]:
    new_year = statutory[0] if 2014 <= law_of < 2025 else statutory[0] + _DAY
    likely = _run(new_year - _DAY, 7 if law_of < 2024 else 8)
    runs = [_run(new_year - timedelta(days=before), length) for before in (1, 0, 2) for length in (7, 8, 9, 10)]
    return [likely, *(run for run in runs if run != likely)]


def _labour_blocks(year: int) -> list[tuple[date, date]]:
    first = date(year, 5, 1)
    runs = [_run(first - timedelta(days=before), length) for length in (5, 4, 3, 2, 1) for before in range(3)]
    return [_run(first, 5), *(run for run in runs if run != _run(first, 5))]


def _national_blocks(year: int, first: date, *, entitled: int) -> list[tuple[date, date]]:
    likely = _run(first, 7 if entitled == 3 else 8)
    start = date(year, 10, 1)
    runs = [_run(start - timedelta(days=before), length) for before in range(4) for length in (7, 8, 9)]
    return [likely, *(run for run in runs if run != likely)]


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += _DAY


def _weekdays(first: date, last: date) -> int:
    return sum(day.weekday() < 5 for day in _days(first, last))


def likely_arrangement(festival: Festival) -> Arrangement:
    """Return the likeliest arrangement: the first run, made up on the nearest weekend days, on both sides in turn."""
    run = festival.runs[0]
    before = [day for day in run.made_up_on if day < run.first]
    after = [day for day in run.made_up_on if day > run.last]
    pairs = zip(reversed(before), after, strict=False)
    nearest = [
        day for pair in pairs for day in sorted(pair, key=lambda day: min(abs(day - run.first), abs(day - run.last)))
    ]
    return Arrangement(
        dict.fromkeys(_days(run.first, run.last), festival.name),
        dict.fromkeys(sorted(nearest[: run.most]), festival.name),
    )

"""How a period is named in a publication's sentences, and which period came before it. Due dates are ``rules``."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from obligations.words.draft import DateWords
from obligations.words.errors import UnusableInput
from obligations.words.occurrence import Period

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_QUARTER = re.compile(r"(\d{4})-Q([1-4])")
_YEAR = re.compile(r"(\d{4})")
_WEEK = re.compile(r"(\d{4})-W(\d{2})")
_NUMERALS = "一二三四"
_FORMS: tuple[tuple[re.Pattern[str], Callable[..., str]], ...] = (
    (_YEAR, lambda year: f"{year}年"),
    (re.compile(r"(\d{4})-H([12])"), lambda year, half: f"{year}年{'上' if half == '1' else '下'}半年"),
    (_QUARTER, lambda year, quarter: f"{year}年{_NUMERALS[int(quarter) - 1]}季度"),
    (_MONTH, lambda year, month: f"{year}年{int(month)}月"),
    (_WEEK, lambda year, week: f"{year}年第{int(week)}周"),
    (re.compile(r"(\d{4})-(\d\d)-(\d\d)"), lambda year, month, day: f"{year}年{int(month)}月{int(day)}日"),
)


def year_and_month(period: Period) -> tuple[int, int]:
    """Read a monthly period's key; raises UnusableInput for any other."""
    if match := _MONTH.fullmatch(period.key):
        return int(match[1]), int(match[2])
    raise UnusableInput(f"期间“{period.key}”应为年月，例如 2026-09")


def month_before(period: Period) -> str:
    """Return the key of the month before: ``2017-05``; of a January, last December; raises UnusableInput for any other."""
    return _month_before(*year_and_month(period))


def _month_before(year: int, month: int) -> str:
    return f"{year:04}-{month - 1:02}" if month > 1 else f"{year - 1:04}-12"


def say_cumulative(year: int, month: int, *, with_year: bool = True) -> DateWords:
    """Write the months from January on: ``2017年1—6月``; of a January, ``2017年1月``."""
    months = "1月" if month == 1 else f"1—{month}月"
    return DateWords(f"{year}年{months}" if with_year else months)


def say_quarter(period: Period) -> tuple[DateWords, DateWords]:
    """Write a quarter with and without its year: ``2012年一季度``, ``一季度``; raises UnusableInput for any other."""
    if match := _QUARTER.fullmatch(period.key):
        quarter = f"{_NUMERALS[int(match[2]) - 1]}季度"
        return DateWords(f"{match[1]}年{quarter}"), DateWords(quarter)
    raise UnusableInput(f"期间“{period.key}”应为季度，例如 2026-Q3")


def quarters_before(period: Period) -> tuple[str, str]:
    """Return the keys of the quarter before and of the same quarter a year before; raises UnusableInput for any other."""
    if _QUARTER.fullmatch(period.key):
        return preceding_quarter(period.key), f"{int(period.key[:4]) - 1:04}{period.key[4:]}"
    raise UnusableInput(f"期间“{period.key}”应为季度，例如 2026-Q3")


def say_quarter_key(key: str) -> DateWords:
    """Write the quarter of a key with its year: ``2026年三季度``."""
    return DateWords(f"{key[:4]}年{_NUMERALS[int(key[-1]) - 1]}季度")


def preceding_quarter(key: str) -> str:
    """Return the key of the quarter before the one of ``key``."""
    year, quarter = int(key[:4]), int(key[-1])
    return f"{year}-Q{quarter - 1}" if quarter > 1 else f"{year - 1:04}-Q4"


def following_quarter(key: str) -> str:
    """Return the key of the quarter that follows the one of ``key``."""
    year, quarter = int(key[:4]), int(key[-1])
    return f"{year}-Q{quarter + 1}" if quarter < 4 else f"{year + 1}-Q1"


def say_week(period: Period) -> DateWords:
    """Write a week: ``2020年第14周``; raises UnusableInput for any other."""
    if match := _WEEK.fullmatch(period.key):
        return DateWords(f"{match[1]}年第{int(match[2])}周")
    raise UnusableInput(f"期间“{period.key}”应为周，例如 2026-W40")


def say_period(period: Period) -> DateWords | None:
    """Write any period of the calendar, ``2026年9月``, ``2026年上半年``; None for an event, whose key names no time."""
    said = say_key(period.key)
    return None if said == period.key else DateWords(said)


def say_span(period: Period) -> DateWords | None:
    """Write a period as ``say_period`` does, a week with the days that its number does not tell: 2026年第37周（9月7日—9月13日）."""
    said = say_period(period)
    return DateWords(f"{said}（{say_days(period.start, period.end)}）") if _WEEK.fullmatch(period.key) else said


def say_key(key: str) -> str:
    """Write the period that a key names; the key itself where it names none of the calendar."""
    for pattern, say in _FORMS:
        if match := pattern.fullmatch(key):
            return say(*match.groups())
    return key


def closing_month(period: Period) -> tuple[int, int]:
    """Return the year and the last month of a month, quarter or year; raises UnusableInput for any other period."""
    if any(form.fullmatch(period.key) for form in (_MONTH, _QUARTER, _YEAR)):
        return int(period.key[:4]), 3 * int(period.key[6]) if "Q" in period.key else int(period.key[5:] or 12)
    raise UnusableInput(f"期间“{period.key}”应为月、季度或年，例如 2026-09、2026-Q3、2026")


def say_through(period: Period, *, with_year: bool = True) -> DateWords:
    """Write the time from January to the end of a month, quarter or year: ``2018年1—2月``, ``2018年上半年``, ``2018年``."""
    year, month = closing_month(period)
    if _MONTH.fullmatch(period.key):
        return say_cumulative(year, month, with_year=with_year)
    words = {3: "一季度", 6: "上半年", 9: "前三季度", 12: "" if with_year else "全年"}[month]
    return DateWords(f"{year}年{words}" if with_year else words)


def step_before(period: Period) -> str | None:
    """Return the key of the month or quarter before in the same year; None for the first, and for a year."""
    _, month = closing_month(period)
    if _MONTH.fullmatch(period.key):
        return f"{period.key[:5]}{month - 1:02}" if month > 1 else None
    return f"{period.key[:6]}{month // 3 - 1}" if "Q" in period.key and month > 3 else None


def years_before(period: Period, years: int) -> tuple[str, str]:
    """Return the keys of the same period ``years`` earlier and of the one that closed that year: 2015-09, 2015-12."""
    year, _ = closing_month(period)
    rest = period.key[4:]
    last = "-12" if _MONTH.fullmatch(period.key) else "-Q4" if rest else ""
    return f"{year - years}{rest}", f"{year - years}{last}"


def year_earlier(key: str) -> str | None:
    """Return the key of the same period a year before; None for a week: which one is the same is for its source to say."""
    if _WEEK.fullmatch(key) or not re.match(r"\d{4}(?!\d)", key) or key.endswith("-02-29"):
        return None
    return f"{int(key[:4]) - 1:04}{key[4:]}"


def step_earlier(key: str) -> str | None:
    """Return the key of the month, quarter, week or year before, over the turn of a year too.

    None for any other, and for a week that its year does not have.
    """
    if match := _MONTH.fullmatch(key):
        return _month_before(int(match[1]), int(match[2]))
    if _QUARTER.fullmatch(key):
        return preceding_quarter(key)
    if match := _WEEK.fullmatch(key):
        try:
            day = date.fromisocalendar(int(match[1]), int(match[2]), 1) - timedelta(days=7)
        except (ValueError, OverflowError):  # most years have 52 weeks, and the first of all had none before
            return None
        return f"{day:%G-W%V}"
    return f"{int(key) - 1:04}" if _YEAR.fullmatch(key) else None


def say_days(first: date, last: date) -> DateWords:
    """Write two days and what lies between: ``3月27日—4月3日``; one day alone once."""
    days = [f"{day.month}月{day.day}日" for day in (first, last)]
    return DateWords(days[0] if first == last else "—".join(days))

"""Notices of the State Council typed in, with the package or by the installation: the files' model, and contradictions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from pydantic import Field, model_validator

from obligations.rules.festivals import Arrangement, festival_days
from obligations.rules.yaml_files import read_model
from obligations.words.clocks import Words
from obligations.words.errors import Fault
from obligations.words.times import say_day

PACKAGED_NOTICES = Path(__file__).parent.parent / "calendar_notices.yaml"
_DAY = dt.timedelta(days=1)


class DaysOff(Words):
    """A run of days off, both days included."""

    name: str = Field(min_length=1)
    first: dt.date
    last: dt.date

    @model_validator(mode="after")
    def _is_ordered(self) -> DaysOff:
        if not self.first <= self.last <= self.first + 30 * _DAY:
            raise ValueError("first 不晚于 last，且一次放假不超过 31 日")
        return self

    def days(self) -> Iterator[dt.date]:
        """Yield every day of the run."""
        day = self.first
        while day <= self.last:
            yield day
            day += _DAY


class Notice(Words):
    """One notice.

    Attributes:
        number: 文号.
        year: the year it arranges; it may reach into the last days of the year before.
        amends: it changes single days of a year already announced, instead of arranging the whole year.
        days_off: runs of days off.
        days_worked: weekend days worked (an amendment may also name days off that are worked again).
    """

    number: str = Field(min_length=1)
    issued_on: dt.date
    year: int = Field(ge=2004, le=2099)
    amends: bool = False
    days_off: tuple[DaysOff, ...] = ()
    days_worked: tuple[dt.date, ...] = ()

    def off(self) -> dict[dt.date, str]:
        """Return each day off with its festival."""
        return {day: run.name for run in self.days_off for day in run.days()}

    def worked(self) -> dict[dt.date, str]:
        """Return each day worked with the festival nearest to it."""
        off = self.off()
        return {day: off[min(off, key=lambda free: abs(free - day))] if off else "" for day in self.days_worked}


class NoticeFile(Words):
    """What ``calendar_notices.yaml`` holds."""

    notices: tuple[Notice, ...] = ()


def read_notices(path: Path) -> tuple[Notice, ...]:
    """Read the notices in order of issue; raises CatalogueFault with every fault of the file."""
    file: NoticeFile = read_model(path.parent, path.name, NoticeFile)
    return tuple(sorted(file.notices, key=lambda notice: notice.issued_on))


def notices_with(own: Path | None) -> list[tuple[str, Notice]]:
    """Return the packaged notices and the installation's own, as ``laid_over`` does; raises CatalogueFault for unreadable files."""
    return laid_over(own.name, read_notices(own)) if own is not None else laid_over("", ())


def laid_over(file: str, typed: Sequence[Notice]) -> list[tuple[str, Notice]]:
    """Lay the installation's own notices over the packaged ones; return all in order of issue, each after its file's name.

    Of one number, and of two whole arrangements of a year, the own notice counts, so that a release which packages a
    notice already typed in changes nothing.
    """
    numbers = {notice.number for notice in typed}
    years = {notice.year for notice in typed if not notice.amends}
    kept = [
        (PACKAGED_NOTICES.name, notice)
        for notice in read_notices(PACKAGED_NOTICES)
        if notice.number not in numbers and (notice.amends or notice.year not in years)
    ]
    return sorted([*kept, *((file, notice) for notice in typed)], key=lambda filed: filed[1].issued_on)


def announced_with(announced: dict[int, Arrangement], notices: Iterable[Notice]) -> dict[int, Arrangement]:
    """Return the announced years with the notices laid over them, in order of issue: the later notice wins."""
    years = dict(announced)
    for notice in notices:
        off, worked = notice.off(), notice.worked()
        if notice.amends and notice.year in years:
            known = years[notice.year]
            off = {day: name for day, name in known.off.items() if day not in worked} | off
            worked = {day: name for day, name in known.worked.items() if day not in off} | worked
        years[notice.year] = Arrangement(off, worked)
    return years


def find_contradictions(notices: Sequence[tuple[str, Notice]], announced: dict[int, Arrangement]) -> list[Fault]:
    """Return every fault of ``notices_with``: notices that contradict themselves, the law or one another."""
    faults: list[Fault] = []
    whole: dict[int, str] = {}
    known = set(announced)
    for file, notice in notices:
        faults += [Fault(file, *found) for found in _contradictions(notice)]
        if notice.amends and notice.year not in known:
            expected = "先写该年的完整安排（amends: false），再写修改它的通知"
            faults.append(Fault(file, f"{notice.number}.amends", "true", expected))
        if not notice.amends and notice.year in whole:
            expected = f"一年只有一份完整安排；{whole[notice.year]} 已安排该年，修改请写 amends: true"
            faults.append(Fault(file, f"{notice.number}.year", str(notice.year), expected))
        if not notice.amends:
            whole[notice.year] = notice.number
            known.add(notice.year)
    gaps = sorted(set(range(min(known), max(known))) - known)
    latest = notices[-1][0] if notices else PACKAGED_NOTICES.name
    return faults + [Fault(latest, "notices", f"缺 {year} 年", "各年安排首尾相接，不跳年") for year in gaps]


def _contradictions(notice: Notice) -> Iterator[tuple[str, str, str]]:
    """Yield field, value and expected form of what is wrong within one notice."""
    yield from _clashes(notice)
    if not notice.amends:
        yield from _breaches(notice)


def _clashes(notice: Notice) -> Iterator[tuple[str, str, str]]:
    """Days that are named twice, both off and worked, or outside the year."""
    at, worked = notice.number, list(notice.days_worked)
    runs = [day for run in notice.days_off for day in run.days()]
    named = sorted({*runs, *worked})
    for day in named:
        if day in runs and day in worked:
            yield f"{at}.days_worked", say_day(day), "同一日不能既放假又上班"
        if runs.count(day) > 1:
            yield f"{at}.days_off", say_day(day), "同一日只列入一次放假"
        if worked.count(day) > 1:
            yield f"{at}.days_worked", say_day(day), "同一上班日只写一次"
        if not dt.date(notice.year - 1, 12, 25) <= day <= dt.date(notice.year, 12, 31):
            yield f"{at}.year", say_day(day), f"{notice.year}年内（元旦可及上年12月25日以后）的日期"
    if not named:
        yield f"{at}.days_off", "（空）", "至少写明一日放假或上班"


def _breaches(notice: Notice) -> Iterator[tuple[str, str, str]]:
    """What a whole year's arrangement cannot be under 全国年节及纪念日放假办法."""
    at, off = notice.number, notice.off()
    for day in sorted(notice.days_worked):
        if day.weekday() < 5:
            yield f"{at}.days_worked", say_day(day), "调休上班日是周六或周日"
    statutory = festival_days(notice.year, notice.year)
    weekend = {day for days in statutory.values() for day in days if day.weekday() >= 5} - set(notice.days_worked)
    missing = [(name, day) for name, days in statutory.items() for day in days if day not in off and day not in weekend]
    for name, day in missing:
        yield f"{at}.days_off", f"未含{name}{say_day(day)}", "完整安排包含当年全部法定节假日"
    balance = sum(day.weekday() < 5 for day in off) - len(notice.days_worked)
    entitled = sum(len(days) for days in statutory.values())
    if balance != entitled and not missing:
        expected = f"放假的工作日数减去调休上班日数等于法定节假日天数 {entitled}"
        yield f"{at}.days_off", f"相差 {balance} 日", expected

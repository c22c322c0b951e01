"""The working calendar: announced days, notices laid over them, and notices that contradict themselves."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from obligations.rules.calendar import FIRST_DAY, check_notices, load_calendar
from obligations.rules.festivals import festival_days
from obligations.words.errors import CatalogueFault, UnusableInput

NOTICE_2027: dict[str, Any] = {  # made up for these tests: the arrangement for 2027 need not be this one
    "number": "测试〔2026〕1号",
    "issued_on": date(2026, 11, 20),
    "year": 2027,
    "days_off": [
        {"name": "元旦", "first": date(2027, 1, 1), "last": date(2027, 1, 3)},
        {"name": "春节", "first": date(2027, 2, 5), "last": date(2027, 2, 12)},
        {"name": "清明节", "first": date(2027, 4, 3), "last": date(2027, 4, 5)},
        {"name": "劳动节", "first": date(2027, 5, 1), "last": date(2027, 5, 5)},
        {"name": "端午节", "first": date(2027, 6, 9), "last": date(2027, 6, 9)},
        {"name": "中秋节", "first": date(2027, 9, 15), "last": date(2027, 9, 15)},
        {"name": "国庆节", "first": date(2027, 10, 1), "last": date(2027, 10, 7)},
    ],
    "days_worked": [date(2027, 1, 31), date(2027, 2, 13), date(2027, 5, 8), date(2027, 9, 26), date(2027, 10, 9)],
}


NOTICE_2026: dict[str, Any] = {  # as issued: the library must say the same
    "number": "国办发明电〔2025〕7号",
    "issued_on": date(2025, 11, 4),
    "year": 2026,
    "days_off": [
        {"name": "元旦", "first": date(2026, 1, 1), "last": date(2026, 1, 3)},
        {"name": "春节", "first": date(2026, 2, 15), "last": date(2026, 2, 23)},
        {"name": "清明节", "first": date(2026, 4, 4), "last": date(2026, 4, 6)},
        {"name": "劳动节", "first": date(2026, 5, 1), "last": date(2026, 5, 5)},
        {"name": "端午节", "first": date(2026, 6, 19), "last": date(2026, 6, 21)},
        {"name": "中秋节", "first": date(2026, 9, 25), "last": date(2026, 9, 27)},
        {"name": "国庆节", "first": date(2026, 10, 1), "last": date(2026, 10, 7)},
    ],
    "days_worked": [
        *(date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28)),
        *(date(2026, 5, 9), date(2026, 9, 20), date(2026, 10, 10)),
    ],
}


@pytest.fixture
def write(tmp_path: Path):
    def write_notices(*notices: dict[str, Any]) -> Path:
        path = tmp_path / "calendar_notices.yaml"
        path.write_text(yaml.safe_dump({"notices": list(notices)}, allow_unicode=True), encoding="utf-8")
        return path

    return write_notices


@pytest.mark.parametrize(
    ("day", "worked", "remark"),
    [
        (date(2026, 9, 30), True, None),  # Wednesday, eve of National Day
        (date(2026, 10, 1), False, "国庆节放假"),  # National Day
        (date(2026, 10, 10), True, "调休上班"),  # Saturday, worked for National Day
        (date(2026, 10, 11), False, None),  # a plain Sunday
        (date(2024, 2, 9), True, None),  # New Year's Eve of 2024 was no day off
        (date(2025, 1, 28), False, "春节放假"),  # from 2025 it is a statutory day
        (date(2011, 12, 31), True, "调休上班"),  # Saturday, by the notice for 2012
        (date(2015, 9, 3), False, "抗战胜利70周年纪念日放假"),  # once
    ],
)
def test_announced_days_are_known_by_name(day, worked, remark, calendar):
    assert calendar.is_working_day(day) is worked
    assert calendar.remark(day) == remark


def test_the_version_names_the_library_and_digests_the_notices(write, calendar):
    assert calendar.version == "chinesecalendar 1.11.0"
    extended = load_calendar(write(NOTICE_2027)).version
    assert extended.startswith("chinesecalendar 1.11.0 + notices ")
    assert load_calendar(write(NOTICE_2027)).version == extended
    renumbered = load_calendar(write(NOTICE_2027 | {"number": "测试〔2026〕12号"})).version  # the same path, rewritten
    assert renumbered not in {extended, calendar.version}


def test_nothing_before_2004_or_after_2099_is_counted(calendar):
    assert calendar.is_working_day(date(2099, 12, 31))
    for day in (date(2003, 12, 31), date(2100, 1, 1)):
        with pytest.raises(UnusableInput, match="2004年至2099年"):
            calendar.is_working_day(day)
    with pytest.raises(UnusableInput, match="2004年至2099年"):
        calendar.subtract_working_days(FIRST_DAY, 1)


def test_the_rest_of_the_century_is_estimated_only_when_asked_for_and_never_remarked(calendar):
    assert calendar.add_working_days(date(2026, 1, 1), 10_000) > date(2065, 1, 1)
    assert not calendar.is_working_day(date(2050, 10, 1))
    assert calendar.remark(date(2050, 10, 1)) is None
    assert not calendar.covers(date(2027, 1, 1))


def test_the_festivals_of_a_year_follow_the_law_of_that_year():
    assert festival_days(2013, 2013)["春节"][0] == date(2013, 2, 9)  # New Year's Eve, by 国务院令第513号
    assert festival_days(2014, 2014)["春节"][0] == date(2014, 1, 31)  # New Year's Day, by 第644号
    assert festival_days(2025, 2025)["春节"] == tuple(date(2025, 1, day) for day in (28, 29, 30, 31))  # 第795号
    assert festival_days(2025, 2025)["劳动节"] == (date(2025, 5, 1), date(2025, 5, 2))


def test_a_notice_for_a_year_that_the_library_lacks_extends_the_announced_days(write):
    extended = load_calendar(write(NOTICE_2027))
    assert extended.covered_until == date(2027, 12, 30)  # 2028-01-01 is a Saturday: Friday the 31st may be given off
    assert extended.remark(date(2027, 1, 31)) == "调休上班"  # Sunday
    assert extended.add_working_days(date(2027, 2, 4), 1) == date(
        2027, 2, 13
    )  # Saturday, worked for the Spring Festival


def test_the_notice_for_2026_typed_as_issued_gives_the_library_s_days(write, calendar):
    assert check_notices(write(NOTICE_2026)) == []
    typed = load_calendar(write(NOTICE_2026))
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert [typed.is_working_day(day) for day in days] == [calendar.is_working_day(day) for day in days]
    assert [typed.remark(day) for day in days] == [calendar.remark(day) for day in days]


def test_an_amending_notice_changes_only_the_days_it_names(write):
    amendment = {
        "number": "测试〔2026〕3号",
        "issued_on": date(2026, 9, 1),
        "year": 2026,
        "amends": True,
        "days_off": [{"name": "国庆节", "first": date(2026, 10, 8), "last": date(2026, 10, 10)}],
        "days_worked": [date(2026, 10, 7)],
    }
    amended, plain = load_calendar(write(amendment)), load_calendar()
    changed = [
        day for n in range(1, 32) if amended.is_working_day(day := date(2026, 10, n)) != plain.is_working_day(day)
    ]
    assert changed == [date(2026, 10, 7), date(2026, 10, 8), date(2026, 10, 9), date(2026, 10, 10)]
    assert amended.remark(date(2026, 10, 10)) == "国庆节放假"  # was a make-up day


def test_of_two_amendments_the_later_wins(write):
    def amendment(number: int, issued: date, last: date) -> dict[str, Any]:
        run = {"name": "国庆节", "first": date(2026, 10, 8), "last": last}
        common = {"year": 2026, "amends": True, "days_off": [run]}
        return {"number": f"测试〔2026〕{number}号", "issued_on": issued, **common}

    later = amendment(5, date(2026, 9, 20), date(2026, 10, 8))
    later["days_worked"] = [date(2026, 10, 9)]
    earlier = amendment(4, date(2026, 9, 1), date(2026, 10, 9))
    assert load_calendar(write(later, earlier)).is_working_day(date(2026, 10, 9))


def changed(**changes: Any) -> dict[str, Any]:
    return NOTICE_2027 | changes


CONTRADICTIONS = {
    "both off and worked": (
        changed(days_worked=[*NOTICE_2027["days_worked"][:-1], date(2027, 10, 2)]),
        "同一日不能既放假又上班",
    ),
    "off twice": (
        changed(days_off=[*NOTICE_2027["days_off"], {"name": "国庆节", "first": "2027-10-07", "last": "2027-10-07"}]),
        "同一日只列入一次放假",
    ),
    "worked twice": (changed(days_worked=[*NOTICE_2027["days_worked"], date(2027, 10, 9)]), "同一上班日只写一次"),
    "a weekday made up": (
        changed(days_worked=[*NOTICE_2027["days_worked"][:-1], date(2027, 10, 8)]),
        "调休上班日是周六或周日",
    ),
    "a festival left out": (changed(days_off=NOTICE_2027["days_off"][1:]), "未含元旦2027年1月1日"),
    "does not balance": (changed(days_worked=NOTICE_2027["days_worked"][:-1]), "法定节假日天数 13"),
    "another year's day": (
        changed(days_worked=[*NOTICE_2027["days_worked"][:-1], date(2026, 10, 17)]),
        "2027年内（元旦可及上年12月25日以后）的日期",
    ),
    "first after last": (
        changed(days_off=[{"name": "元旦", "first": "2027-01-03", "last": "2027-01-01"}]),
        "first 不晚于 last",
    ),
    "amends a year never announced": (changed(amends=True), "先写该年的完整安排"),
    "a year skipped": (
        {"number": "测试〔2027〕1号", "issued_on": "2027-11-01", "year": 2028, "days_off": [], "days_worked": []},
        "缺 2027 年",
    ),
    "empty amendment": (
        {"number": "测试〔2026〕6号", "issued_on": "2026-01-01", "year": 2026, "amends": True},
        "至少写明一日",
    ),
    "a misspelt field": (changed(days_of=[]), "没有这个字段"),
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_a_notice_that_contradicts_itself_the_law_or_the_others_is_a_fault_and_is_not_used(name, write):
    notice, expected = CONTRADICTIONS[name]
    path = write(notice)
    assert any(expected in str(fault) for fault in check_notices(path)), [str(fault) for fault in check_notices(path)]
    with pytest.raises(CatalogueFault):
        load_calendar(path)


def test_two_whole_arrangements_of_one_year_are_a_fault(write):
    faults = check_notices(write(NOTICE_2027, changed(number="测试〔2026〕7号", issued_on=date(2026, 12, 1))))
    assert [fault.field for fault in faults] == ["测试〔2026〕7号.year"]


def test_a_sound_notice_and_the_packaged_file_have_no_faults(write):
    assert check_notices(write(NOTICE_2027)) == []
    assert check_notices() == []

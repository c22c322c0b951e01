"""Holiday notices as a workbook: there and back without loss, and every problem by its cell."""

from __future__ import annotations

from datetime import date

import pytest

from obligations.rules.delivery import Delivery
from obligations.rules.notices import DaysOff, Notice, NoticeFile
from obligations.rules.workbooks.holidays import read_holidays_workbook, write_holidays
from obligations.words.errors import BadInput

FILE = Delivery("放假通知.xlsx")
NUMBER = "测试〔2026〕3号"
NOTICES = (
    Notice(
        number=NUMBER,
        issued_on=date(2026, 9, 1),
        year=2026,
        amends=True,
        days_off=(DaysOff(name="国庆节", first=date(2026, 10, 8), last=date(2026, 10, 9)),),
        days_worked=(date(2026, 10, 11), date(2026, 10, 17)),  # Sunday and Saturday
    ),
)


def read(data: bytes) -> NoticeFile:
    return read_holidays_workbook(data, FILE)


def test_notices_come_back_from_the_workbook_as_they_went():
    assert read(write_holidays(NOTICES)).notices == NOTICES
    assert read(write_holidays([])) == NoticeFile()


def test_a_notice_typed_into_the_empty_form_is_read(edited):
    def type_in(book):
        book["放假通知"].append([NUMBER, "2026年9月1日", 2026, "个别调整"])
        book["放假与调休"].append([NUMBER, "放假", "国庆节", date(2026, 10, 8), date(2026, 10, 9)])
        book["放假与调休"].append([NUMBER, "调休上班", None, "2026/10/11"])
        book["放假与调休"].append([NUMBER, "调休上班", None, "2026-10-17", "2026-10-17"])

    assert read(edited(write_holidays([]), type_in)).notices == NOTICES


WRONG = {
    "year": ("放假通知", "C2", "今年", "工作表“放假通知”第 2 行“年份”列的值是“今年”，应为2004 至 2099 之间的年份"),
    "issue": ("放假通知", "B2", "九月", "“成文日期”列的值是“九月”，应为日期，如 2025-11-04"),
    "nature": ("放假通知", "D2", "全年", "“性质”列的值是“全年”，应为全年安排、个别调整 之一"),
    "number": ("放假与调休", "A2", "测试〔2026〕4号", "“文号”列的值是“测试〔2026〕4号”，应为“放假通知”表中的文号"),
    "sort": ("放假与调休", "B2", "休息", "“安排”列的值是“休息”，应为放假、调休上班 之一"),
    "festival": ("放假与调休", "C2", None, "“节日”列的值是“”，应为放假的节日，如 国庆节"),
    "ends first": ("放假与调休", "E2", date(2026, 10, 7), "“止”列的值是“2026-10-07”，应为不早于“起”（2026-10-08）的日期"),
    "no such day": ("放假与调休", "D2", "2026-02-30", "“起”列的值是“2026-02-30”，应为第一天，如 2026-10-01"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_cell_is_named_with_what_was_expected(name, edited):
    sheet, place, value, expected = WRONG[name]

    def spoil(book):
        book[sheet][place] = value

    with pytest.raises(BadInput) as refused:
        read(edited(write_holidays(NOTICES), spoil))
    assert any(expected in problem for problem in refused.value.problems), refused.value.problems


def test_a_number_stands_in_one_row_only(edited):
    data = edited(
        write_holidays(NOTICES), lambda book: book["放假通知"].append([NUMBER, "2026-09-02", 2026, "个别调整"])
    )
    with pytest.raises(BadInput, match="第 3 行与第 2 行的文号都是"):
        read(data)

"""The installation's own holiday notices as a workbook: written for editing, and read back with every problem named.

Whether a notice agrees with the law and the others is ``rules.notices``; which days it changes is ``calendar_changes``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from obligations.rules.delivery import Delivery
from obligations.rules.notices import DaysOff, Notice, NoticeFile
from obligations.rules.workbooks.reading import FilledRow, FilledSheet, read_filled, require_none
from obligations.rules.workbooks.writing import ColumnForm, SheetForm, Value, write_workbook

NOTICES, DAYS = "放假通知", "放假与调休"
_AMENDS = {"全年安排": "no", "个别调整": "yes"}
_SORTS = {"放假": "off", "调休上班": "worked"}
_MOST_DAYS = timedelta(days=30)
_TITLE = "放假通知：国务院办公厅关于节假日安排的通知，本单位录入"
_GUIDE = (
    "1. 每份通知在“放假通知”中占一行，文号照原文写；全年的安排为“全年安排”，只改动若干日的为“个别调整”。",
    "2. 在“放假与调休”中逐段写明放假的起止日期（首尾均含），调休上班的每一日一行。",
    "3. 例：2025年11月4日〔2025〕7号通知，2026年元旦1月1日至3日放假，1月4日上班：写“放假 元旦 2026-01-01 2026-01-03”和“调休上班 2026-01-04”。",
    "4. 全年安排须包含当年全部法定节假日；放假的工作日数减去调休上班日数等于法定节假日天数，不符的不予采用。",
    "5. 改完保存，运行 obligations holidays import 文件名 查看哪些日子、哪些时限会变；确认后加 --apply 生效。",
)
FORMS = (
    SheetForm(
        NOTICES,
        (
            ColumnForm("文号", "通知的文号，如 国办发明电〔2025〕7号", is_required=True, width=28),
            ColumnForm("成文日期", "日期，如 2025-11-04", holds="day", is_required=True),
            ColumnForm("年份", "安排的年份，如 2026", is_required=True, width=10),
            ColumnForm("性质", "全年安排 或 个别调整", choices=tuple(_AMENDS), is_required=True),
        ),
    ),
    SheetForm(
        DAYS,
        (
            ColumnForm("文号", "“放假通知”表中的文号", choices_from=(NOTICES, "文号"), is_required=True, width=28),
            ColumnForm("安排", "放假 或 调休上班", choices=tuple(_SORTS), is_required=True),
            ColumnForm("节日", "放假的节日，如 国庆节；调休上班的可不填"),
            ColumnForm("起", "第一天，如 2026-10-01", holds="day", is_required=True, width=14),
            ColumnForm("止", "最后一天（含）；只有一天的可不填", holds="day", width=14),
        ),
    ),
)


def write_holidays(notices: Iterable[Notice]) -> bytes:
    """Write the workbook."""
    found = list(notices)
    named: list[dict[str, Value]] = [
        {
            "文号": notice.number,
            "成文日期": notice.issued_on,
            "年份": str(notice.year),
            "性质": _word(_AMENDS, "yes" if notice.amends else "no"),
        }
        for notice in found
    ]
    days: list[dict[str, Value]] = []
    for notice in found:
        days += [
            {"文号": notice.number, "安排": "放假", "节日": run.name, "起": run.first, "止": run.last}
            for run in notice.days_off
        ]
        days += [{"文号": notice.number, "安排": "调休上班", "起": day, "止": day} for day in notice.days_worked]
    return write_workbook(list(zip(FORMS, (named, days), strict=True)), title=_TITLE, guide=_GUIDE)


def read_holidays_workbook(data: bytes, delivery: Delivery) -> NoticeFile:
    """Read it back, without comparing it with the law; raises BadInput with every problem."""
    sheets = read_filled(data, delivery, FORMS)
    heads = _heads(sheets[NOTICES])
    off: dict[str, list[DaysOff]] = {number: [] for number in heads}
    worked: dict[str, list[date]] = {number: [] for number in heads}
    for row in sheets[DAYS].rows:
        number, sort = row.text("文号"), row.choice("安排", _SORTS)
        span = _span(row)
        if number is not None and number not in heads:
            row.refuse("文号", None, f"改正，或先在“{NOTICES}”表中登记")
            continue
        if number is None or sort is None or span is None:
            continue
        if sort == "worked":
            worked[number] += [span[0] + timedelta(days=n) for n in range((span[1] - span[0]).days + 1)]
        elif name := row.text("节日"):
            off[number].append(DaysOff(name=name, first=span[0], last=span[1]))
        else:
            row.refuse("节日", "放假的节日，如 国庆节", "补填")
    require_none(sheets[NOTICES].problems, delivery)
    return NoticeFile(
        notices=tuple(
            Notice(
                number=number,
                issued_on=issued_on,
                year=year,
                amends=amends,
                days_off=tuple(off[number]),
                days_worked=tuple(worked[number]),
            )
            for number, (issued_on, year, amends) in heads.items()
        )
    )


def _heads(sheet: FilledSheet) -> dict[str, tuple[date, int, bool]]:
    """Return day of issue, year and whether it amends, by number."""
    found: dict[str, tuple[date, int, bool]] = {}
    rows: dict[str, int] = {}
    for row in sheet.rows:
        number, issued_on, year, amends = row.text("文号"), row.day("成文日期"), _year(row), row.choice("性质", _AMENDS)
        if number is None:
            continue
        if number in rows:
            sheet.refuse(f"第 {row.number} 行与第 {rows[number]} 行的文号都是“{number}”，应只有一行", "删去多余的一行")
        rows[number] = row.number
        if issued_on is not None and year is not None and amends is not None:
            found[number] = (issued_on, year, amends == "yes")
        else:
            found[number] = (date.max, 0, False)  # never returned: the row has a problem
    return found


def _year(row: FilledRow) -> int | None:
    text = row.text("年份")
    if text is None:
        return None
    plain = text.removesuffix("年")
    if not plain.isdecimal() or not 2004 <= int(plain) <= 2099:
        row.refuse("年份", "2004 至 2099 之间的年份，如 2026")
        return None
    return int(plain)


def _span(row: FilledRow) -> tuple[date, date] | None:
    first, last = row.day("起"), row.day("止")
    if first is None:
        return None
    if last is not None and not first <= last <= first + _MOST_DAYS:
        row.refuse("止", f"不早于“起”（{first}）的日期，一段不超过 31 日")
        return None
    return first, last or first


def _word(codes: dict[str, str], code: str) -> str:
    return next(word for word, each in codes.items() if each == code)

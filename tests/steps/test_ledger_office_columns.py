"""The ledger in the office's own columns, as text that no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from obligations.rules.calendar import load_calendar
from obligations.rules.catalogue import load_one
from obligations.steps.ledger import Ledger, open_ledger
from obligations.steps.ledger.office_columns import as_csv, as_xlsx, office_rows
from obligations.words.occurrence import DueDate, Occurrence, Period
from obligations.words.times import SHANGHAI

KEY = "demo/fiscal-monthly"
OBLIGATION = load_one(Path(__file__).parents[2] / "include" / "obligations" / "catalogue", KEY)
IS_WORKING_DAY = load_calendar().is_working_day
OPENS = datetime(2018, 9, 3, tzinfo=SHANGHAI)
DUE = datetime(2018, 9, 29, tzinfo=SHANGHAI)
DAY = timedelta(days=1)
COLUMNS = ["序号", "任务", "依据条款", "牵头单位", "责任单位", "完成时限", "进展情况", "完成情况", "佐证链接", "备注"]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}") as ledger:
        yield ledger


def expect(ledger: Ledger, period: str = "2018-08", *, provisional: bool = False, historical: bool = False) -> None:
    due = DueDate(OPENS, DUE, provisional, DUE, DUE, ("20个工作日",))
    expected = Occurrence(KEY, Period(period, date(2018, 8, 1), date(2018, 8, 31)), OPENS, DUE - 9 * DAY, due)
    ledger.expect(OBLIGATION, expected, calendar_version="", catalogue_version="", historical=historical, now=OPENS)


def append(ledger: Ledger, kind: str, at: datetime, period: str = "2018-08", **payload: Any) -> None:
    ledger.append(KEY, period, kind, happened_at=at, recorded_at=at, payload=payload)


def office(ledger: Ledger, now: datetime) -> list[dict[str, str]]:
    return office_rows(ledger.rows(now=now, is_working_day=IS_WORKING_DAY))


def test_an_open_occurrence_says_what_is_to_be_done_by_whom_until_when_and_how_far_it_is(ledger: Ledger) -> None:
    expect(ledger, provisional=True)
    append(ledger, "progress", OPENS + DAY, note="已商请财政局提供数据", count=1)
    (row,) = office(ledger, DUE - DAY)
    document, departments = OBLIGATION.document, OBLIGATION.department_names or OBLIGATION.departments
    assert list(row) == COLUMNS
    assert row == {
        "序号": "1",
        "任务": f"{OBLIGATION.title}（2018-08）",
        "依据条款": f"{document.cited}（{document.number}）{OBLIGATION.clause}",
        "牵头单位": departments[0],
        "责任单位": "、".join(departments),
        "完成时限": "2018年9月28日24时前（暂定，待节假日通知）",
        "进展情况": "待启动；已登记进展1次；最近2018年9月4日00:00：已商请财政局提供数据",
        "完成情况": "未完成",
        "佐证链接": "",
        "备注": "",
    }


def test_a_late_one_says_how_late_why_and_where_it_can_be_seen(ledger: Ledger) -> None:
    expect(ledger)
    append(ledger, "opened", OPENS + DAY)
    ledger.register_publication(
        KEY,
        "2018-08",
        version=1,
        sha256="a" * 64,
        address="https://www.example.cn/1.html",
        happened_at=DUE + 2 * DAY,
        recorded_at=DUE + 2 * DAY,
    )
    (late,) = office(ledger, DUE + 3 * DAY)
    assert late["完成情况"] == "未完成，逾期3天"
    ledger.register_evidence(
        KEY,
        "2018-08",
        sha256="a" * 64,
        address="https://www.example.cn/1.html",
        evidence={},
        happened_at=DUE + 3 * DAY,
        recorded_at=DUE + 3 * DAY,
    )
    (row,) = office(ledger, DUE + 9 * DAY)
    assert row["完成情况"] == "已公开，逾期2天（2018年10月1日00:00）"
    assert row["佐证链接"] == "https://www.example.cn/1.html"
    assert row["备注"].startswith("滞后环节：")


@pytest.mark.parametrize(
    ("kind", "payload", "column", "said"),
    [
        ("nil", {}, "完成情况", "零报告（2018年9月5日00:00）"),
        ("waived", {}, "完成情况", "经批准不计入考核（2018年9月5日00:00）"),
        ("paused", {}, "备注", "时限中止（2018年9月5日00:00起）"),
        ("extended", {"due_at": "2018-10-20T00:00:00+08:00"}, "备注", "原定2018年9月28日24时前"),
    ],
)
def test_decisions_show_where_the_office_looks_for_them(
    ledger: Ledger, kind: str, payload: dict[str, str], column: str, said: str
) -> None:
    expect(ledger)
    append(ledger, kind, OPENS + 2 * DAY, **payload)
    (row,) = office(ledger, DUE - DAY)
    assert row[column] == said


def test_historical_ones_are_marked_and_rows_are_numbered(ledger: Ledger) -> None:
    expect(ledger, "2018-07", historical=True)
    expect(ledger, "2018-08")
    assert [(row["序号"], row["备注"].split("；")[0]) for row in office(ledger, DUE - DAY)] == [
        ("1", "补录"),
        ("2", ""),
    ]


@pytest.mark.parametrize("lead", ["=", "+", "-", "@", "\t", "\r"])
def test_what_a_person_wrote_never_becomes_a_formula(lead: str) -> None:
    text = f"{lead}HYPERLINK(1)"
    row = dict.fromkeys(COLUMNS, "") | {"序号": "1", "备注": text}
    (read,) = csv.DictReader(io.StringIO(as_csv([row]).decode("utf-8-sig"), newline=""))
    assert read["备注"] == f"'{text}"
    sheet = load_workbook(io.BytesIO(as_xlsx([row]))).active
    assert [cell.value for cell in sheet[1]] == COLUMNS
    assert (sheet["J2"].value.strip(), sheet["J2"].data_type) == (text.strip(), "s")

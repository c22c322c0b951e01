"""按期率 with its numerator and denominator, what stands apart, and that every number names the lines it was counted from."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from obligations.publications.registry import kind
from obligations.rules.delivery import Delivery
from obligations.rules.tabular import read_frame
from obligations.words.accountability import APART, HEADERS, LedgerLine
from obligations.words.errors import BadInput
from obligations.words.occurrence import Period
from obligations.words.publication import Snapshot

NAME = "accountability"
SEPTEMBER = Period("2026-09", date(2026, 9, 1), date(2026, 9, 30))
YEAR = Period("2026", date(2026, 1, 1), date(2026, 12, 31))
RESULTS = {"按期": "按期完成", "逾期": "逾期完成", "系统原因": "逾期未完成", **dict.fromkeys(APART[::2], "逾期完成")}


def line(number: int, counted: str, department: str = "甲局", **said: str) -> dict[str, str]:
    """Return one line of September, as the reader would find it in the file."""
    fields = {
        "counted_in": "2026-09", "month": "2026-09", "key": f"demo/{number}", "title": f"事项{number}",
        "period": "2026-08", "department": department, "due": "2026年9月28日24时前",
        "original_due": "2026年9月28日24时前", "result": RESULTS.get(counted, counted), "counted": counted,
    }  # fmt: skip
    fields = {**dict.fromkeys(HEADERS, ""), **fields, **said}
    return {HEADERS[field]: text for field, text in fields.items()}


MIXED = [
    line(1, "按期"), line(2, "按期"), line(3, "逾期", result="逾期未完成"), line(4, "上级数据未下达"),
    line(5, "按期", "乙局"), line(6, "系统原因", "乙局"), line(7, "零报告", "乙局"), line(8, "不计入考核", "乙局"),
    line(9, "补录", "丙局"), line(10, "未到期", "丙局"),
    line(11, "按期", counted_in="2026-08", month="2026-08"), line(12, "逾期", counted_in="2026-08", month="2026-08"),
]  # fmt: skip


def value(analysis, measure: str) -> Decimal | None:
    return analysis.measures[measure].value


def test_the_columns_are_the_lines_own():
    assert [column.name for column in kind(NAME).contract.columns] == list(HEADERS.values())
    assert set(HEADERS) == set(LedgerLine.__dataclass_fields__)


def test_the_rate_is_in_time_over_in_time_and_late_and_both_are_measures(analysed):
    found = analysed(NAME, MIXED, SEPTEMBER)
    assert [value(found, f"total.{name}") for name in ("due", "owed", "on_time", "late", "open")] == [8, 4, 3, 1, 1]
    assert value(found, "total.rate") == 75
    assert found.measures["total.rate"].formula == "按期件数 ÷ 应考核件数（按期 + 逾期） × 100"


def test_what_stands_apart_is_shown_by_name_and_so_is_the_rate_with_it(analysed):
    found = analysed(NAME, MIXED, SEPTEMBER)
    apart = ("upstream", "system", "ruled", "nil", "withheld", "waived", "paused", "historical")
    assert [value(found, f"total.{name}") for name in apart] == [1, 1, 0, 1, 0, 1, 0, 1]
    assert value(found, "total.whole_rate") == 50
    assert [row[0] for row in found.tables["apart"].rows] == ["事项4", "事项6"]
    assert [row[0] for row in found.tables["others"].rows] == ["事项7", "事项8"]


def test_each_department_has_its_own_numerator_and_denominator(analysed):
    found = analysed(NAME, MIXED, SEPTEMBER)
    assert [row[0] for row in found.tables["departments"].rows] == ["乙局", "甲局"]
    assert (value(found, "department.甲局.on_time"), value(found, "department.甲局.owed")) == (2, 3)
    assert value(found, "department.乙局.rate") == 100


def test_the_change_since_the_month_before_is_in_points_and_absent_without_a_base(analysed):
    assert value(analysed(NAME, MIXED, SEPTEMBER), "total.shift") == 25
    alone = analysed(NAME, MIXED[:10], SEPTEMBER)
    assert "total.shift" not in alone.measures
    assert alone.words["shift"] is None


def test_every_number_names_exactly_the_lines_it_was_counted_from(analysed):
    found = analysed(NAME, MIXED, SEPTEMBER)
    cells = found.measures["total.on_time"].inputs
    assert [(cell.row, cell.column, cell.value) for cell in cells] == [
        (2, "统计归类", "按期"), (3, "统计归类", "按期"), (6, "统计归类", "按期"),
    ]  # fmt: skip
    assert [len(found.measures[f"total.{name}"].inputs) for name in ("rate", "whole_rate", "ruled")] == [4, 6, 0]


def test_a_missed_line_tells_its_stage_and_owner_and_that_it_is_still_open(analysed):
    missed = line(1, "逾期", result="逾期未完成", lateness="逾期3天", stage="数据", owner="甲局")
    table = analysed(NAME, [missed], SEPTEMBER).tables["missed"]
    assert [column.header for column in table.columns][-3:] == ["逾期情况", "滞后环节", "环节责任"]
    assert table.rows[0][-3:] == ("逾期3天，未完成", "数据", "甲局")


def test_a_ruling_is_shown_with_its_reason(analysed):
    ruled = line(1, "其他原因单列", decision="其他原因单列", decision_reason="机房断电", answer="断电")
    found = analysed(NAME, [ruled], SEPTEMBER)
    assert found.tables["apart"].rows[0][-2:] == ("其他原因单列", "裁定：机房断电")
    assert [value(found, f"total.{name}") for name in ("objections", "moved", "upheld")] == [1, 1, 0]


def test_departments_asked_and_answered_are_counted_once_each(analysed):
    rows = [
        line(1, "逾期", response="提出异议", answer="有误"), line(2, "按期", response="无异议"),
        line(3, "按期", "乙局", response="未反馈"),
    ]  # fmt: skip
    found = analysed(NAME, rows, SEPTEMBER)
    assert (value(found, "feedback.asked"), value(found, "feedback.answered")) == (2, 1)
    assert found.warnings == ("有1件异议没有裁定，仍按台账记录统计。",)


def test_a_draft_before_the_round_says_so(analysed):
    assert analysed(NAME, [line(1, "按期")], SEPTEMBER).warnings[0].startswith("还没有反馈核实")


def test_a_year_is_told_month_by_month(analysed):
    rows = [
        line(1, "按期", counted_in="2026", month="2026-08"), line(2, "逾期", counted_in="2026"),
        line(3, "按期", counted_in="2025", month="2025-12"),
    ]  # fmt: skip
    found = analysed("annual-statement", rows, YEAR)
    assert [row[0] for row in found.tables["months"].rows] == ["8月", "9月"]
    assert (value(found, "month.2026-08.rate"), value(found, "month.2026-09.rate")) == (100, 0)
    assert value(found, "total.shift") == -50


def test_a_month_in_which_nothing_fell_due_is_told_as_such():
    contract = kind(NAME).contract
    empty = (",".join(HEADERS.values()) + "\n").encode()
    found = kind(NAME).analyse(read_frame(empty, contract, Delivery("a.csv")), Snapshot("a.csv", "", ""), SEPTEMBER)
    assert found.tables == {}
    assert (found.words["any_due"], value(found, "total.due")) == (False, 0)


def test_other_kinds_still_refuse_a_file_without_rows():
    contract = kind("fiscal-monthly").contract
    header = ",".join(column.name for column in contract.columns)
    with pytest.raises(BadInput, match="只有列名，没有数据行"):
        read_frame(f"{header}\n".encode(), contract, Delivery("a.csv"))

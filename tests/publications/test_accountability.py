"""按期率 with its numerator and denominator, what stands apart, and that every number names the lines it was counted from."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from effort import DATA_SETS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from obligations.publications.registry import kind
from obligations.publications.wording import say_number
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


def test_one_miss_among_thousands_does_not_print_as_none(analysed):
    rows = [line(number, "逾期" if number == 0 else "按期") for number in range(2500)]
    found = analysed(NAME, rows, SEPTEMBER).measures
    assert [say_number(found[name].value, found[name].places) for name in ("total.rate", "total.whole_rate")] == [
        "99.96"
    ] * 2
    none = analysed(NAME, rows[1:], SEPTEMBER).measures["total.rate"]
    assert say_number(none.value, none.places) == "100.0"


def test_what_stands_apart_is_shown_by_name_and_so_is_the_rate_with_it(analysed):
    found = analysed(NAME, MIXED, SEPTEMBER)
    apart = ("upstream", "system", "ruled", "nil", "withheld", "waived", "paused", "unverified", "historical")
    assert [value(found, f"total.{name}") for name in apart] == [1, 1, 0, 1, 0, 1, 0, 0, 1]
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


COUNTED = ("按期", "按期", "逾期", *APART, "零报告", "不予公开", "不计入考核", "时限中止", "待核验", "补录", "未到期")
NAMED = {
    "on_time": "按期", "late": "逾期", "upstream": "上级数据未下达", "system": "系统原因", "ruled": "其他原因单列",
    "nil": "零报告", "withheld": "不予公开", "waived": "不计入考核", "paused": "时限中止", "unverified": "待核验",
    "historical": "补录",
}  # fmt: skip


@st.composite
def ledgers(draw, periods, months):
    """Draw the lines of a period and of the one before."""
    rows = []
    for number in range(draw(st.integers(1, 24))):
        counted, period = draw(st.sampled_from(COUNTED)), draw(st.sampled_from(periods))
        late = draw(st.sampled_from(["逾期完成", "逾期未完成"]))
        said = {
            "counted_in": period, "month": draw(st.sampled_from(months)),
            "result": late if counted == "逾期" else RESULTS.get(counted, counted),
            "response": draw(st.sampled_from(["", "无异议", "提出异议", "未反馈"])),
            "answer": draw(st.sampled_from(["", "", "有误"])),
            "decision": draw(st.sampled_from(["", "", "维持", "其他原因单列"])),
        }  # fmt: skip
        rows.append(line(number, counted, draw(st.sampled_from(["甲局", "乙局", "丙局"])), **said))
    return rows


def counts_by_hand(key, rows):
    """Count the lines of a set one by one."""
    of = [each["统计归类"] for each in rows]
    rulings = [each["裁定"] for each in rows]
    due, apart = [one for one in of if one not in {"补录", "未到期"}], [one for one in of if one in APART]
    owed = of.count("按期") + of.count("逾期")
    found = {
        **{name: of.count(one) for name, one in NAMED.items()},
        "due": len(due), "owed": owed, "apart": len(apart),
        "open": sum(each["统计归类"] == "逾期" and each["办理结果"] == "逾期未完成" for each in rows),
        "outcomes": sum(of.count(NAMED[name]) for name in ("nil", "withheld", "waived", "paused", "unverified")),
        "objections": sum(each["单位意见"] != "" for each in rows),
        "upheld": rulings.count("维持"), "moved": rulings.count("其他原因单列"),
    }  # fmt: skip
    if owed:
        found["rate"] = Fraction(of.count("按期") * 100, owed)
    if owed + len(apart):
        found["whole_rate"] = Fraction(of.count("按期") * 100, owed + len(apart))
    return {f"{key}.{name}": value for name, value in found.items()}


def recomputed(rows, period):
    """Return every measure there must be, by id."""
    now = [each for each in rows if each["统计期"] == period]
    due = [each for each in now if each["统计归类"] not in {"补录", "未到期"}]
    found = counts_by_hand("total", now) | counts_by_hand("before", [each for each in rows if each["统计期"] != period])
    for key, column in (("department", "责任单位"), ("month", "到期月份")):
        for name in {each[column] for each in due}:
            found |= counts_by_hand(f"{key}.{name}", [each for each in due if each[column] == name])
    if "total.rate" in found and "before.rate" in found:
        found["total.shift"] = found["total.rate"] - found["before.rate"]
    asked = {each["责任单位"] for each in now if each["反馈情况"]}
    answered = {each["责任单位"] for each in now if each["反馈情况"] in {"无异议", "提出异议"}}
    return found | {"feedback.asked": len(asked), "feedback.answered": len(answered)}


def require_recomputed(printed_by_hand, found, rows, period):
    expected = recomputed(rows, period)
    assert found.measures.keys() == expected.keys()
    for name, value in expected.items():
        measure = found.measures[name]
        assert say_number(measure.value, measure.places) == printed_by_hand(Fraction(value), measure.places), name


@settings(max_examples=DATA_SETS, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ledgers(("2026-09", "2026-09", "2026-08"), ("2026-09",)))
def test_every_number_of_a_month_prints_as_its_recomputation_by_hand(analysed, printed_by_hand, rows):
    require_recomputed(printed_by_hand, analysed(NAME, rows, SEPTEMBER), rows, "2026-09")


@settings(max_examples=DATA_SETS, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ledgers(("2026", "2026", "2025"), ("2026-07", "2026-08", "2026-09")))
def test_every_number_of_a_year_prints_as_its_recomputation_by_hand(analysed, printed_by_hand, rows):
    require_recomputed(printed_by_hand, analysed("annual-statement", rows, YEAR), rows, "2026")


def test_a_change_that_is_exactly_a_half_of_the_last_digit_is_rounded_up(analysed, printed_by_hand):
    now = [line(number, "按期" if number == 0 else "逾期") for number in range(12)]
    before = [line(100 + number, "按期" if number < 7 else "逾期", counted_in="2026-08") for number in range(48)]
    measure = analysed(NAME, now + before, SEPTEMBER).measures["total.shift"]  # 1/12 - 7/48 is -6.25
    assert say_number(measure.value, measure.places) == printed_by_hand(Fraction(-625, 100), 1) == "-6.3"

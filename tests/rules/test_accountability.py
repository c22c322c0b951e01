"""Where an occurrence is counted: what the facts come to, whose lateness it is, and what a ruling can and cannot change."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from obligations.rules.accountability import cause_of, counted_as, result_of, settle
from obligations.words.accountability import HEADERS, LedgerLine, Objection, OfficeRuling
from obligations.words.times import SHANGHAI

DUE = datetime(2026, 9, 30, 0, 0, tzinfo=SHANGHAI)  # 9月29日24时前, a Tuesday
NOW = datetime(2026, 10, 9, 9, 0, tzinfo=SHANGHAI)  # first working day after National Day
LATE = LedgerLine(
    **dict.fromkeys(HEADERS, "") | {"key": "demo/a", "period": "2026-08", "department": "甲局"}
    | {"result": "逾期完成", "cause": "责任单位", "counted": "逾期"}
)  # fmt: skip
RULING = OfficeRuling("demo/a", "2026-08", "上级数据未下达", "省级数据9月29日才下达", "office", NOW)


def result(**facts: Any) -> str:
    still_open = {"historical": False, "outcome": None, "waived": False, "paused": False, "closed_at": None}
    return result_of(**(still_open | {"due_at": DUE, "now": NOW} | facts))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"outcome": "met", "closed_at": DUE}, "按期完成"),  # at the due time is in time
        ({"outcome": "met", "closed_at": DUE + timedelta(microseconds=1)}, "逾期完成"),
        ({}, "逾期未完成"),
        ({"now": DUE}, "未到期"),
        ({"paused": True}, "时限中止"),
        ({"unverified": True}, "待核验"),
        ({"outcome": "nil", "closed_at": DUE}, "零报告"),
        ({"outcome": "nil", "closed_at": NOW}, "逾期完成"),  # a late nil report does not wipe out the miss
        ({"outcome": "withheld", "closed_at": NOW}, "不予公开"),
        ({"outcome": "waived", "waived": True, "closed_at": NOW}, "不计入考核"),
        ({"outcome": "met", "waived": True, "closed_at": NOW}, "不计入考核"),  # the approval stands though it was met
        ({"historical": True, "outcome": "met", "closed_at": DUE}, "补录"),
    ],
)
def test_the_facts_come_to_one_result(facts, expected):
    assert result(**facts) == expected


@pytest.mark.parametrize(
    ("stage", "owner", "expected"),
    [
        ("data", "甲局", "责任单位"),
        ("data", "上级主管部门", "上级数据未下达"),
        ("review", "上级主管部门", "责任单位"),  # only data come down from above
        ("start", "系统运行", "系统原因"),
        (None, None, "责任单位"),
    ],
)
def test_lateness_belongs_to_the_department_unless_data_or_system_failed_it(stage, owner, expected):
    assert cause_of(stage, owner, "系统运行") == expected


def test_what_is_late_for_another_reason_is_counted_apart_and_the_rest_as_it_is():
    assert counted_as("按期完成", None) == "按期"
    assert counted_as("逾期完成", "责任单位") == counted_as("逾期未完成", None) == "逾期"
    assert counted_as("逾期未完成", "系统原因") == "系统原因"
    assert counted_as("零报告", None) == "零报告"


def test_a_ruling_moves_a_late_line_and_leaves_its_facts():
    objection = Objection("demo/a", "2026-08", "上级数据晚到", "来文登记簿第3页")
    (line,) = settle([LATE], {("demo/a", "2026-08"): objection}, {("demo/a", "2026-08"): RULING}, {"甲局": "提出异议"})
    assert (line.counted, line.decision, line.decision_reason) == ("上级数据未下达", "上级数据未下达", RULING.reason)
    assert (line.answer, line.evidence, line.response) == ("上级数据晚到", "来文登记簿第3页", "提出异议")
    facts = [
        field
        for field in HEADERS
        if field not in {"counted", "response", "answer", "evidence", "decision", "decision_reason"}
    ]
    assert [getattr(line, field) for field in facts] == [getattr(LATE, field) for field in facts]


def test_a_ruling_that_upholds_moves_nothing_and_none_touches_what_is_in_time():
    upheld = replace(RULING, decision="维持")
    (line,) = settle([LATE], {}, {("demo/a", "2026-08"): upheld})
    assert (line.counted, line.decision) == ("逾期", "维持")
    in_time = replace(LATE, result="按期完成", counted="按期")
    assert settle([in_time], {}, {("demo/a", "2026-08"): RULING})[0].counted == "按期"


def test_a_silent_department_and_one_that_agrees_are_told_apart():
    other = replace(LATE, key="demo/b", department="乙局")
    lines = settle([LATE, other], {}, {}, {"甲局": "无异议", "乙局": "未反馈"})
    assert [line.response for line in lines] == ["无异议", "未反馈"]

"""An old register: what its rows say of being done, and which occurrence each tells of."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from obligations.rules.calendar import load_calendar
from obligations.rules.catalogue import load
from obligations.rules.delivery import Delivery
from obligations.rules.workbooks.register import RegisterRow, read_register
from obligations.rules.workbooks.register_matching import match_rows
from obligations.words.errors import BadInput
from obligations.words.occurrence import Event
from obligations.words.times import SHANGHAI

CATALOGUE = Path(__file__).parents[3] / "include" / "obligations" / "catalogue"
OBLIGATIONS = load(CATALOGUE).obligations
FISCAL = "全区财政收支情况按月公开"
HAPPENED = datetime(2026, 9, 12, 14, tzinfo=SHANGHAI)
EVENTS = {"event-1": Event("event-1", "incident", "重大", "示例", HAPPENED, HAPPENED, None, {})}


def row(**cells: str) -> RegisterRow:
    return RegisterRow(2, {"完成情况": "", **cells})


def match(*rows: RegisterRow, jurisdiction: str | None = "demo"):
    return match_rows(rows, OBLIGATIONS, load_calendar(), jurisdiction=jurisdiction, find_event=EVENTS.get)


def place_of(one) -> tuple[str, str]:
    assert one.sort == "matched", one.why
    return one.occurrence.key, one.occurrence.period.key


DONE = {
    "2026年9月28日已在门户网站公开": (date(2026, 9, 28), None),
    "已完成（2026-09-28 16:30）": (date(2026, 9, 28), "2026-09-28T16:30"),
    "2026.9.28": (date(2026, 9, 28), None),
    "已公开，按时（2026年9月28日15:00）": (date(2026, 9, 28), "2026-09-28T15:00"),  # as we export it
}


@pytest.mark.parametrize("text", DONE)
def test_what_says_that_and_when_it_was_done_is_done(text):
    done, (day, at) = row(完成情况=text).done, DONE[text]
    assert (done.is_done, done.day, done.problem) == (True, day, None)
    assert done.at == (datetime.fromisoformat(at) if at else None)


@pytest.mark.parametrize("text", ["", "未完成", "正在推进", "计划于2026年12月1日完成", "未完成，逾期3天", "/"])
def test_what_does_not_say_so_is_not_done(text):
    assert not row(完成情况=text).done.is_done


@pytest.mark.parametrize(
    ("text", "expected"), [("已完成", "没有写完成日期"), ("2026年8月30日起草，2026年9月28日公开", "写了几个日期")]
)
def test_what_was_done_without_one_day_cannot_be_taken_as_proof(text, expected):
    assert expected in row(完成情况=text).done.problem


def test_the_same_row_has_one_digest_wherever_it_stands():
    one = RegisterRow(2, {"序号": "1", "任务": FISCAL, "备注": ""})
    moved = RegisterRow(9, {"序号": "8", "任务": FISCAL})
    assert one.digest == moved.digest
    assert one.digest != RegisterRow(2, {"任务": FISCAL, "备注": "补"}).digest


def test_a_key_with_its_period_names_an_occurrence_in_any_jurisdiction():
    found = match(row(编号="demo/fiscal-monthly", 期间="2026-08", 任务="随便写的"), jurisdiction=None)
    assert place_of(found[0]) == ("demo/fiscal-monthly", "2026-08")


@pytest.mark.parametrize("due", ["2026年9月28日前", "2026-09-28", "2026年9月28日24时前", "2026/9/28"])
def test_a_title_with_its_due_day_names_an_occurrence(due):
    found = match(row(任务="全区财政收支情况 按月公开。", 完成时限=due))  # marks and spaces aside
    assert place_of(found[0]) == ("demo/fiscal-monthly", "2026-08")  # 20 working days from 31 August


def test_a_title_with_the_period_behind_it_names_an_occurrence():
    assert place_of(match(row(任务=f"{FISCAL}（2026-08）"))[0]) == ("demo/fiscal-monthly", "2026-08")


def test_an_event_s_occurrence_is_named_by_the_event():
    found = match(row(编号="demo/incident-bulletin", 期间="event-1"))
    assert place_of(found[0]) == ("demo/incident-bulletin", "event-1")


UNMATCHED = {
    "unknown key": ({"编号": "demo/fiscal-montly", "期间": "2026-08"}, "没有编号“demo/fiscal-montly”；相近的有：demo/fiscal-monthly"),
    "unknown title": ({"任务": "全区财政收支情况按月发布"}, "没有任务“全区财政收支情况按月发布”；相近的有：全区财政收支情况按月公开"),
    "no such period": ({"任务": FISCAL, "期间": "2026-13"}, "期间“2026-13”无法识别"),
    "no period and no day": ({"任务": FISCAL, "完成时限": "每月底前"}, "“每月底前”不是一个日期"),
    "nothing due that day": ({"任务": FISCAL, "完成时限": "2026-09-27"}, "没有2026年9月27日到期的一期；最近的一期是 2026-08，2026年9月28日到期"),
    "before it bound": ({"编号": "demo/fiscal-monthly", "期间": "2015-08"}, "期间“2015-08”不在本事项的执行期内"),
    "unknown event": ({"编号": "demo/incident-bulletin", "期间": "event-2"}, "没有登记过事件“event-2”"),
    "event without id": ({"编号": "demo/incident-bulletin"}, "请在“期间”列写事件编号"),
}  # fmt: skip


@pytest.mark.parametrize("name", UNMATCHED)
def test_a_row_that_tells_of_nothing_known_says_why(name):
    cells, expected = UNMATCHED[name]
    (found,) = match(row(**cells))
    assert found.sort == "none"
    assert expected in found.why


def test_without_a_jurisdiction_a_title_is_not_looked_for():
    assert "--jurisdiction" in match(row(任务=FISCAL, 期间="2026-08"), jurisdiction=None)[0].why


def test_two_rows_of_one_occurrence_are_ambiguous_both():
    found = match(row(任务=FISCAL, 期间="2026-08"), row(编号="demo/fiscal-monthly", 期间="2026-08"))
    assert [one.sort for one in found] == ["ambiguous", "ambiguous"]
    assert "有 2 行是同一期" in found[0].why


def test_a_title_that_several_have_is_told_apart_by_the_clause_or_is_ambiguous():
    fiscal = OBLIGATIONS["demo/fiscal-monthly"]
    twin = fiscal.model_copy(update={"key": "demo/fiscal-twin", "clause": "二(三)"})
    both = {fiscal.key: fiscal, twin.key: twin}

    def found(**cells: str):
        rows = [row(任务=FISCAL, 期间="2026-08", **cells)]
        return match_rows(rows, both, load_calendar(), jurisdiction="demo", find_event=EVENTS.get)[0]

    assert found().sort == "ambiguous"
    assert "demo/fiscal-monthly、demo/fiscal-twin" in found().why
    assert found(依据条款="二（三）").occurrence.key == "demo/fiscal-twin"  # brackets aside


def test_a_register_is_read_from_csv_and_its_further_columns_are_named():
    register = read_register(
        f"序号,任务,完成情况,联系人\n1,{FISCAL},未完成,演示甲\n".encode("gb18030"), Delivery("台账.csv")
    )
    assert [(one.number, one["任务"], one["佐证链接"]) for one in register.rows] == [(2, FISCAL, "")]
    assert register.ignored == ("联系人",)


def test_a_file_without_the_columns_is_refused_with_those_wanted():
    with pytest.raises(BadInput, match="没有列名“任务”“完成情况”，应有的列：序号、任务"):
        read_register("事项,状态\na,b\n".encode(), Delivery("台账.csv"))

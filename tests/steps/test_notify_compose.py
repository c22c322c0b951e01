"""Letters as people read them: golden texts, what may not be in them, and nothing that breaks out of its line."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from obligations.steps.notify import letter
from obligations.words.errors import TemplateFault
from obligations.words.letters import Entry

REPOSITORY = Path(__file__).parents[2]
TEMPLATES = REPOSITORY / "templates" / "notices"
GOLDEN = REPOSITORY / "tests" / "golden"
UPDATE = os.environ.get("OBLIGATIONS_TEST_UPDATE_GOLDEN") == "1"

AHEAD = Entry(
    heading="到期前5个工作日提醒",
    title="财政收支情况按月公开",
    jurisdiction="演示单位",
    period="2026年10月",
    due="2026年11月27日24时前",  # a Friday
    remaining="还剩5个工作日",
    derivation=("《演示要点》一：按月公开财政收支情况。", "自2026年10月31日起算20个工作日，至2026年11月27日24时止。"),
    missing="数据未到",
    who="演示县财政局（演示甲）",
    incident=False,
    link="http://airflow.example.cn/dags/demo.fiscal-monthly",
    acknowledge="http://airflow.example.cn/obligations/notices/7",
)
OVERDUE = replace(
    AHEAD,
    heading="逾期通知",
    title="批发价格按周公开",
    period="2026年第46周",
    due="2026年11月20日24时前",
    remaining="已逾期1天",
    missing="稿件已退回，等待修改后重新送审",
    remarks=("第2版终审意见：第三段数字与附件不一致，请核对。",),
    overdue=True,
)
INCIDENT = Entry(
    heading="时限已过八成",
    title="突发事件权威信息发布",
    jurisdiction="演示单位",
    period="event-1",
    due="2026年11月20日19:00前",
    remaining="还剩1小时",
    derivation=("自2026年11月20日14:00事件发生起5小时。",),
    missing="等待审核",
    who="演示县应急管理局；现由终审签发人演示丙办理",
    incident=True,
    link="http://airflow.example.cn/dags/demo.incident-bulletin/runs/start__event-1__v1",
    remarks=("化工厂爆炸，审核意见：伤亡人数待核。",),
)
ASKED = replace(
    OVERDUE,
    heading="待确认：逾期督办（提级提醒）",
    acknowledge=None,
    confirm="http://airflow.example.cn/obligations/notices/9",
    remarks=(),
)
ALARM = Entry(
    "系统告警：通知未能送达", "", "", "", "", "", (), "", "", incident=False, link=None, remarks=("邮件服务器不能使用：451。",)
)  # fmt: skip
CASES = {
    "ahead": ([AHEAD], False),
    "grouped": ([OVERDUE, AHEAD, ALARM, AHEAD], False),
    "incident": ([INCIDENT], True),
    "confirm": ([ASKED], False),
    "alarm": ([ALARM], False),
}


def worded(*entries: Entry, urgent: bool = False, name: str = "演示甲"):
    return letter(entries, name, urgent=urgent, templates=TEMPLATES)


def golden(name: str, text: str) -> None:
    """Compare with the golden file; OBLIGATIONS_TEST_UPDATE_GOLDEN=1 writes it anew instead."""
    file = GOLDEN / name
    if UPDATE:
        file.write_text(text, "utf-8")
    assert file.is_file(), f"no golden file {name}: set OBLIGATIONS_TEST_UPDATE_GOLDEN=1 once, read it, keep it"
    assert text == file.read_text("utf-8")


@pytest.mark.parametrize("case", CASES)
def test_a_letter_reads_as_its_golden_text(case: str) -> None:
    entries, urgent = CASES[case]
    found = letter(entries, "演示甲", urgent=urgent, templates=TEMPLATES)
    golden(f"notice-{case}.txt", f"{found.subject}\n\n{found.text}\n——即时通讯和短信——\n{found.short}")
    golden(f"notice-{case}.html.txt", found.html)


def test_a_group_says_first_how_many_are_overdue() -> None:
    assert worded(AHEAD, OVERDUE, AHEAD).subject == "〔政务公开〕3项待办：1项逾期、2项到期前5个工作日提醒"


def test_a_single_one_is_named_in_the_subject() -> None:
    assert worded(AHEAD).subject == "〔政务公开〕到期前5个工作日提醒：财政收支情况按月公开（2026年10月），还剩5个工作日"


def test_an_urgent_letter_says_so_first() -> None:
    assert worded(INCIDENT, urgent=True).subject.startswith("【紧急】〔政务公开〕")
    assert worded(INCIDENT, urgent=True).short.startswith("【紧急】〔政务公开〕")


@pytest.mark.parametrize("entries", [(INCIDENT,), (AHEAD, INCIDENT)], ids=["alone", "in a group"])
def test_the_short_text_tells_of_an_incident_the_obligation_and_nothing_else(entries: tuple[Entry, ...]) -> None:
    short = worded(*entries, urgent=True).short
    assert INCIDENT.title in short
    assert "请登录系统查看" in short
    told = (INCIDENT.heading, INCIDENT.period, INCIDENT.due, INCIDENT.remaining, INCIDENT.missing, INCIDENT.who)
    assert not [word for word in (*told, INCIDENT.link, "化工厂", "伤亡", "14:00") if word and word in short]


def test_what_reviewers_wrote_stays_out_of_the_short_text() -> None:
    assert "第三段" not in worded(OVERDUE).short
    assert "第三段" in worded(OVERDUE).text


def test_the_short_text_lists_three_and_counts_the_rest() -> None:
    assert "另有2项。" in worded(*[AHEAD] * 5).short


@pytest.mark.parametrize("part", ["text", "html"])
def test_every_letter_says_that_the_system_may_hold_no_secrets(part: str) -> None:
    assert "非涉密系统，严禁处理、存储、传输涉密信息" in getattr(worded(AHEAD), part)


def test_markup_in_what_people_typed_stays_text() -> None:
    nasty = replace(AHEAD, title="<script>alert(1)</script>", remarks=("<b>粗</b>",), link='http://a/"><img src=x>')
    html = worded(nasty, name="<i>甲</i>").html
    assert not [tag for tag in ("<script>", "<b>", "<i>", "<img") if tag in html]
    assert "&lt;script&gt;" in html


def test_template_code_in_what_people_typed_is_not_run() -> None:
    assert "{{ 7 * 7 }}" in worded(replace(AHEAD, title="{{ 7 * 7 }}")).text


def test_line_breaks_and_invisible_characters_break_out_of_nothing() -> None:
    nasty = replace(AHEAD, title="甲\r\nBcc: x@example.cn\u2028乙\u202e丙\x00", heading="提醒\n二")
    found = worded(nasty)
    assert found.subject.startswith("〔政务公开〕提醒 二：甲 Bcc: x@example.cn 乙 丙（")
    assert "\nBcc" not in found.text
    assert "\n二" not in found.text


def test_an_endless_remark_is_cut() -> None:
    assert len(worded(replace(AHEAD, remarks=("长" * 9999,))).text) < 1500


def test_a_faulty_template_is_named_with_its_line(tmp_path: Path) -> None:
    for name in ("letter.html.j2", "short.txt.j2"):
        (tmp_path / name).write_text("")
    (tmp_path / "letter.txt.j2").write_text("第一行\n{% if %}\n")
    with pytest.raises(TemplateFault, match=r"通知模板 letter\.txt\.j2 第 2 行：写法有误"):
        letter([AHEAD], "演示甲", urgent=False, templates=tmp_path)


def test_a_template_cannot_reach_out_of_its_sandbox(tmp_path: Path) -> None:
    for name in ("letter.html.j2", "short.txt.j2"):
        (tmp_path / name).write_text("")
    (tmp_path / "letter.txt.j2").write_text("{{ entries.__class__.__mro__ }}")
    with pytest.raises(TemplateFault, match="unsafe"):
        letter([AHEAD], "演示甲", urgent=False, templates=tmp_path)


def test_a_missing_template_is_named(tmp_path: Path) -> None:
    with pytest.raises(TemplateFault, match=r"letter\.txt\.j2"):
        letter([AHEAD], "演示甲", urgent=False, templates=tmp_path)

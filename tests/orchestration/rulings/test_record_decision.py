"""The form and the command for decisions: what must be filled in, and that the acting person is who is logged in."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from obligations.orchestration.commands.cli import main
from obligations.orchestration.rulings.dag import record_decision_dag
from obligations.orchestration.rulings.fields import FIELDS, KINDS, read_ruling
from obligations.orchestration.settings import PACKAGE, Settings
from obligations.orchestration.work import expect, open_work
from obligations.rules.catalogue import load_one
from obligations.steps.ledger import open_ledger
from obligations.words.errors import UnusableInput
from obligations.words.limits import Limit
from obligations.words.rulings import Correct, Extend, Progress, Withhold
from obligations.words.times import SHANGHAI

KEY, PERIOD = "demo/fiscal-monthly", "2026-09"
NOW = datetime(2026, 11, 5, 15, 0, tzinfo=SHANGHAI)
GIVEN = {"reason": "资料量大", "authority": "办公室负责人"}
CONTACTS = """
people:
  - {id: zhang, name: 演示甲, account: finance, email: jia@example.cn}
  - {id: li, name: 演示乙, account: office, email: yi@example.cn}
roles:
  - {jurisdiction: demo, department: 演示单位财政局, role: responsible, holder: zhang}
  - {jurisdiction: demo, role: office, holder: li}
"""
READ = {
    "days as a number": ("extend", {"by": "10", **GIVEN}, Extend(Limit(10, "working_day"), NOW.date(), *GIVEN.values())),
    "days as a limit": ("extend", {"by": "P10WD", **GIVEN}, Extend(Limit(10, "working_day"), NOW.date(), *GIVEN.values())),
    "an article in words": (
        "withhold",
        {"scope": "部分公开", "article": "第十六条", "reassess_on": "2027-11-05", **GIVEN},
        Withhold("部分公开", 16, *GIVEN.values(), NOW.date().replace(year=2027)),
    ),
    "a stage by its label": ("correct", {"stage": "审核", "reason": "领导出差"}, Correct("review", None, "领导出差")),
    "a stage by its code": ("correct", {"stage": "data", "reason": "晚"}, Correct("data", None, "晚")),
    "a time with full-width colon": (
        "progress", {"at": "2026-11-05T15：00", "note": " 会\u200b议\t一\u3000二 "}, Progress(NOW, "会议 一 二"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", READ)
def test_a_form_is_read_as_people_write(case):
    kind, fields, ruling = READ[case]
    assert read_ruling(kind, {**dict.fromkeys(FIELDS), **fields}, NOW) == ruling


UNREADABLE = {
    "an unknown decision": ("forgive", {}, "没有“forgive”这种决定，应为：extend（延长期限）"),
    "everything missing at once": ("extend", {}, r"延长期限还须填写：by（.*）、reason（理由）、authority"),
    "what another decision needs": ("nil", {"reason": "无", "article": "14"}, "零报告不用填写，请清空：article"),
    "neither stage nor owner": ("correct", {"reason": "不对"}, "至少填写一项：stage（.*）、owner"),
    "an unknown stage": ("correct", {"stage": "印刷", "reason": "不对"}, "字段 stage 的值是“印刷”，应为：滞后环节"),
    "an article that does not exempt": (
        "withhold", {"scope": "不予公开", "article": "17", "reassess_on": "2027-01-01", **GIVEN}, "应为：依据政府信息公开条例",
    ),
    "a scope of one's own": ("withhold", {"scope": "暂不公开", "article": "14", "reassess_on": "2027-01-01", **GIVEN}, "不予公开 或 部分公开"),
    "half an extension": ("extend", {"by": "1.5", **GIVEN}, "字段 by 的值是“1.5”，应为：延长多少个工作日"),
    "a day of the month alone": ("extend", {"by": "5", "on": "11-05", **GIVEN}, "字段 on 的值是“11-05”"),
    "a time in words": ("progress", {"at": "昨天", "note": "会"}, "字段 at 的值是“昨天”"),
    "a list for a text": ("nil", {"reason": ["无"]}, "字段 reason（理由）应为不超过 2000 字的文字"),
    "a novel for a reason": ("nil", {"reason": "长" * 2001}, "不超过 2000 字"),
}  # fmt: skip


@pytest.mark.parametrize("case", UNREADABLE)
def test_a_form_that_cannot_be_read_says_what_to_write(case):
    kind, fields, said = UNREADABLE[case]
    with pytest.raises(UnusableInput, match=said):
        read_ruling(kind, fields, NOW)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("OBLIGATIONS_HOME", str(tmp_path))
    monkeypatch.setenv("OBLIGATIONS_CATALOGUE", str(PACKAGE / "catalogue"))
    found = Settings.from_environment()
    with open_work(found, load_one(found.catalogue, KEY), PERIOD, "test") as work:
        expect(work, NOW)
    return found


def submit(user: str | None, run_id: str = "manual__1", **fields: Any) -> Any:
    """Run the form's task as Airflow does, with the run it would hand over."""
    task = record_decision_dag().get_task("record")
    run = SimpleNamespace(run_id=run_id, triggering_user_name=user)
    return task.python_callable(params={"key": KEY, "period": PERIOD, **fields}, dag_run=run)


def decided(settings: Settings) -> list[tuple[str, str | None]]:
    with open_ledger(settings.ledger_url) as ledger:
        return [(event.kind, event.person) for event in ledger.events(KEY, PERIOD)][1:]


def test_the_form_asks_for_every_field_but_never_for_the_person():
    form = record_decision_dag().params
    assert set(form) == {"key", "period", "decision", *FIELDS}
    assert form.get_param("decision").schema["enum"] == list(KINDS)
    assert {name for kind in KINDS.values() for name in (*kind.needs, *kind.takes)} == set(FIELDS)


def test_who_triggered_the_run_is_who_decided_whatever_the_form_says(settings):
    answer = submit("office", decision="nil", reason="没有内容", person="someone-else")
    assert answer["said"] == f"{KEY} {PERIOD}：已登记零报告"
    assert submit("office", decision="nil", reason="没有内容")["seq"] == answer["seq"], "the task may run again"
    assert decided(settings) == [("nil", "office")]


@pytest.mark.parametrize("user", [None, ""])
def test_a_run_that_nobody_triggered_decides_nothing(settings, user):
    with pytest.raises(AirflowFailException, match="没有收到登记人"):
        submit(user, decision="nil", reason="没有内容")
    assert decided(settings) == []


def test_what_is_refused_fails_the_run_in_chinese(settings):
    with pytest.raises(AirflowFailException, match="没有规定可以延长"):
        submit("office", decision="extend", by="5", **GIVEN)
    assert decided(settings) == []


def test_with_contacts_the_office_decides_and_the_department_only_on_its_own_work(settings, tmp_path, monkeypatch):
    contacts = tmp_path / "contacts.yaml"
    contacts.write_text(CONTACTS, "utf-8")
    monkeypatch.setenv("OBLIGATIONS_CONTACTS", str(contacts))
    for account, said in (("finance", "政务公开办登记"), ("stranger", "政务公开办登记")):
        with pytest.raises(AirflowFailException, match=said):
            submit(account, decision="waive", **GIVEN)
    with pytest.raises(AirflowFailException, match="须由 demo 的政务公开办、责任人登记"):
        submit("stranger", decision="progress", at="2026-11-01T10:00", note="会")
    submit("finance", "manual__2", decision="progress", at="2026-11-01T10:00", note="会")
    submit("office", "manual__3", decision="waive", **GIVEN)
    assert decided(settings) == [("progress", "finance"), ("waived", "office")]


def test_the_command_records_under_the_name_given_and_prints_what_it_came_to(settings, capsys):
    code = main(["decide", KEY, "nil", "--period", PERIOD, "--reason", "没有内容", "--person", "演示甲", "--json"])
    answer = json.loads(capsys.readouterr().out)
    assert (code, answer["outcome"], answer["decision"]) == (0, "nil", "nil")
    assert answer["due_at"] == answer["original_due_at"] == "2026-11-04T00:00:00+08:00"
    assert decided(settings) == [("nil", "演示甲")]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nil", "--period", PERIOD, "--reason", "无"), "--person"),
        (("nil", "--reason", "无", "--person", "演示甲"), "--period"),
        (("nil", "--period", "2026-13", "--reason", "无", "--person", "演示甲"), "2026-13"),
        (("waive", "--period", PERIOD, "--reason", "无", "--person", "演示甲"), "还须填写：authority"),
    ],
)
def test_the_command_refuses_what_is_not_whole(settings, capsys, words, said):
    assert main(["decide", KEY, *words]) == 2
    assert said in capsys.readouterr().err
    assert decided(settings) == []

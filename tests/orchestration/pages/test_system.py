"""系统运行: what is wrong with the installation is said to those who keep it; a monitor learns well or not, nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from obligations.orchestration.pages.clock import now
from obligations.orchestration.settings import Settings
from obligations.steps.ledger import Outbox, Sweeps, open_ledger
from obligations.steps.ledger.acts import queue_alarm
from obligations.words.contacts import Role
from obligations.words.notices import NewNotice
from tests.support.office_pages import CONTACTS, FISCAL, LAND, AsUser, browsers, expect, settings_of

OPERATOR = """  - {jurisdiction: demo, role: operator, holder: wu}
"""
PEOPLE = (
    CONTACTS.replace("roles:\n", "  - {id: wu, name: 演示戊, account: operator, mobile: '13800000000'}\nroles:\n")
    + OPERATOR
)
DAY = timedelta(days=1)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    return settings_of(tmp_path, monkeypatch, PEOPLE)


@pytest.fixture
def as_user(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[AsUser]:
    with browsers(monkeypatch) as log_in:
        yield log_in


def sweep(settings: Settings, minutes_ago: int, *, finishes: bool = True) -> None:
    with open_ledger(settings.ledger_url) as ledger:
        at = now() - timedelta(minutes=minutes_ago)
        record = Sweeps(ledger).begin(at, {})
        if finishes:
            Sweeps(ledger).finish(record, at, {"obligations": 9})


def test_a_pass_that_came_is_well_and_one_that_did_not_is_not(as_user, settings):
    client = as_user("operator")
    assert "还没有巡检过" in client.get("/system").text
    sweep(settings, 45)
    page = client.get("/system").text
    assert 'late">中断' in page
    assert "45分钟前" in page
    sweep(settings, 5)
    sweep(settings, 1, finishes=False)
    page = client.get("/system").text
    assert 'late">中断' not in page
    assert "目录中有 9 项公开事项" in page
    assert "尚未完成" in page


def test_what_waits_for_data_is_listed_with_the_reason(as_user, settings):
    at = now()
    waited = ("waiting", at - DAY, {"reason": "收件夹中没有<文件>"})
    bad = ("bad_input", at - DAY, {"file": "a.csv", "problems": [f"第{row}行" for row in range(2, 7)]})
    expect(settings, FISCAL, "2026-09", at + DAY, events=(waited,))
    expect(settings, LAND, "2026-Q3", at + 2 * DAY, events=(bad,), provisional=True)
    page = as_user("office").get("/system").text
    for said in ("等待数据（2）", "收件夹中没有&lt;文件&gt;", "第4行", "共 5 处", "数据有误待更正"):
        assert said in page
    assert "未办结 <strong>2</strong> 期，其中时限暂定（待节假日通知） <strong>1</strong> 期" in page


def test_messages_that_fail_are_counted_by_channel(as_user, settings):
    at = now() - timedelta(hours=1)
    with open_ledger(settings.ledger_url) as ledger:
        told = NewNotice("alarm", "系统告警", "wu", Role.OPERATOR, ("email",), False, at, {"said": "巡检中断"})
        queue_alarm(ledger, "system:gap", [told], at)
        outbox = Outbox(ledger)
        (message,) = outbox.take(at, lease=timedelta(minutes=5))
        outbox.failed(message.message_id, at, error="邮件服务器拒收", next_attempt_at=at + timedelta(minutes=5))
    page = as_user("operator").get("/system").text
    assert "应发未发 <strong>1</strong> 条" in page
    assert "email 1 封" in page
    assert "邮件服务器拒收" in page


def test_faulty_files_and_gaps_are_named(as_user, settings, monkeypatch, tmp_path):
    channels = tmp_path / "channels.yaml"
    channels.write_text("channels: []\nrules: []\n", "utf-8")
    monkeypatch.setenv("OBLIGATIONS_CHANNELS", str(channels))
    monkeypatch.setenv("OBLIGATIONS_POLICIES", str(tmp_path / "none.yaml"))
    page = as_user("operator").get("/system").text
    assert "发布渠道" in page
    assert "none.yaml" in page
    assert re.search(r"演示单位</th><td data-label=\"岗位\"><span>复审人</span></td>.*演示单位财政局", page)
    assert "演示戊（wu）没有可用的联系方式" in page


def test_only_operators_and_offices_look(as_user, settings):
    sweep(settings, 1)
    for account in ("operator", "office"):
        assert as_user(account).get("/system").status_code == 200
    for account, role in (("finance", "op"), ("reviewer", "op"), ("stranger", "admin")):
        assert as_user(account, role).get("/system").status_code == 403
    assert as_user(None).get("/system").status_code == 303


def test_without_contacts_airflows_operators_look(as_user, settings, monkeypatch):
    monkeypatch.delenv("OBLIGATIONS_CONTACTS")
    assert as_user("anybody", "user").get("/system").status_code == 403
    assert "没有设置通讯录" in as_user("anybody", "op").get("/system").text


def test_health_says_well_or_not_and_nothing_else(as_user, settings, monkeypatch):
    client = as_user(None)
    answer = client.get("/health")
    assert (answer.status_code, answer.json()) == (503, {"status": "degraded"})
    sweep(settings, 31)
    assert client.get("/health").status_code == 503
    sweep(settings, 29)
    answer = client.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert client.head("/health").status_code == 200
    monkeypatch.setenv("OBLIGATIONS_LEDGER_URL", "postgresql+psycopg2://nobody@127.0.0.1:9/none")
    assert client.get("/health").json() == {"status": "degraded"}

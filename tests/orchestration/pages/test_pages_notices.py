"""The page of a notice: who may see it, that looking changes nothing, and that only our own form acknowledges or confirms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from office_pages import BASE, AsUser, browsers, settings_of

from obligations.orchestration.pages.tokens import token_of
from obligations.orchestration.settings import Settings
from obligations.orchestration.work import expect, open_work
from obligations.rules.catalogue import load_one
from obligations.steps.ledger import open_ledger, verify_ledger
from obligations.steps.ledger.acts import Act, act_many, queue_alarm
from obligations.steps.ledger.outbox import Outbox
from obligations.words.contacts import Role
from obligations.words.errors import UnusableInput
from obligations.words.notices import NewNotice
from obligations.words.times import SHANGHAI

KEY, PERIOD = "demo/fiscal-monthly", "2026-09"
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=SHANGHAI)
CONTACTS = """
people:
  - {id: zhang, name: 演示甲, account: finance, email: jia@example.cn}
  - {id: li, name: 演示乙, account: office, email: yi@example.cn}
  - {id: wang, name: 演示丙, account: other, email: bing@example.cn}
  - {id: zhao, name: 演示丁, account: operator, email: ding@example.cn}
roles:
  - {jurisdiction: demo, department: 演示单位财政局, role: responsible, holder: zhang}
  - {jurisdiction: demo, role: office, holder: li}
  - {jurisdiction: demo, role: operator, holder: zhao}
"""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    return settings_of(tmp_path, monkeypatch, CONTACTS)


@pytest.fixture
def ids(settings: Settings) -> dict[str, int]:
    """Queue a reminder for the department, a question for the office and an alarm; return their ids by tier."""
    told = NewNotice("ahead-5wd", "到期前5个工作日提醒", "zhang", Role.RESPONSIBLE, ("email",), False, NOW)
    asked = replace(told, tier="confirm-escalation", label="待确认：督办", recipient="li", role=Role.OFFICE)
    with open_work(settings, load_one(settings.catalogue, KEY), PERIOD, "test") as work:
        expect(work, NOW)
        row = work.ledger.occurrence(KEY, PERIOD)
        assert row is not None
        act_many(work.ledger, [Act(row, notices=(told, asked))], basis="test", now=NOW)
        alarm = replace(told, tier="alarm", label="巡检中断", recipient="zhao", facts={"said": "距上次巡检<2小时>"})
        queue_alarm(work.ledger, "system:gap", [alarm], NOW)
        return {Outbox(work.ledger).find(id_).tier: id_ for id_ in (1, 2, 3)}


@pytest.fixture
def as_user(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[AsUser]:
    with browsers(monkeypatch) as log_in:
        yield log_in


def token(page: Any, answer: str) -> str:
    found = re.search(rf'action="\d+/{answer}">\s*<input type="hidden" name="token" value="(\w+)"', page.text)
    return found[1] if found else ""


def post(client: TestClient, id_: int, answer: str, given: str, origin: str | None = BASE) -> Any:
    headers = {} if origin is None else {"Origin": origin}
    return client.post(f"/notices/{id_}/{answer}", data={"token": given}, headers=headers)


def kinds(settings: Settings) -> list[tuple[str, str | None]]:
    with open_ledger(settings.ledger_url) as ledger:
        assert verify_ledger(ledger) == []
        events = ledger.events(KEY, PERIOD)
    return [(event.kind, event.person) for event in events if event.kind not in {"expected", "notice_queued"}]


def test_the_page_says_what_is_due_and_why_and_looking_changes_nothing(as_user, ids, settings):
    page = as_user("finance").get(f"/notices/{ids['ahead-5wd']}")
    assert page.status_code == 200
    for said in (
        "到期前5个工作日提醒",
        "完成时限",
        "2026年11月3日24时前",
        "时限推算",
        "演示单位财政局",
        "演示甲",
        "签收",
    ):
        assert said in page.text
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]
    assert "script" not in page.text
    assert page.headers["Referrer-Policy"] == "same-origin", "with no-referrer browsers post Origin: null"
    assert kinds(settings) == []


def test_the_recipient_acknowledges_once(as_user, ids, settings):
    client, id_ = as_user("finance"), ids["ahead-5wd"]
    given = token(client.get(f"/notices/{id_}"), "acknowledge")
    for _ in range(2):
        answer = post(client, id_, "acknowledge", given)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"../{id_}")
    assert kinds(settings) == [("notice_acknowledged", "finance")]
    page = client.get(f"/notices/{id_}")
    assert "已签收" in page.text
    assert token(page, "acknowledge") == ""


def test_the_office_confirms_an_escalation_with_one_click(as_user, ids, settings):
    client, id_ = as_user("office"), ids["confirm-escalation"]
    given = token(client.get(f"/notices/{id_}"), "confirm")
    assert post(client, id_, "confirm", given).status_code == 303
    assert kinds(settings) == [("notice_confirmed", "office")]
    page = client.get(f"/notices/{id_}")
    assert "已确认督办" in page.text
    assert token(page, "confirm") == ""


def test_only_what_asks_for_it_can_be_confirmed(as_user, ids, settings):
    client, id_ = as_user("office"), ids["ahead-5wd"]
    page = client.get(f"/notices/{id_}")
    assert token(page, "confirm") == ""
    with_token = token(page, "acknowledge")
    assert post(client, id_, "confirm", with_token).status_code == 403, "a token holds for one act"
    answer = post(client, id_, "confirm", token_of("office", f"confirm:{id_}"))
    assert (answer.status_code, answer.text) == (409, "这条通知不需要确认")
    assert kinds(settings) == []


def test_who_was_asked_but_is_not_of_the_office_any_more_cannot_confirm(as_user, ids, settings):
    contacts = settings.contacts
    contacts.write_text(contacts.read_text("utf-8").replace("role: office, holder: li", "role: office, holder: wang"))
    client, id_ = as_user("office"), ids["confirm-escalation"]
    assert token(client.get(f"/notices/{id_}"), "confirm") == ""
    answer = post(client, id_, "confirm", token_of("office", f"confirm:{id_}"))
    assert (answer.status_code, answer.text) == (403, "确认督办须由政务公开办的人员办理")
    assert kinds(settings) == []


def test_confirming_what_is_closed_meanwhile_is_refused(as_user, ids, settings):
    client, id_ = as_user("office"), ids["confirm-escalation"]
    given = token(client.get(f"/notices/{id_}"), "confirm")
    with open_ledger(settings.ledger_url) as ledger:
        ledger.append(KEY, PERIOD, "nil", happened_at=NOW, recorded_at=NOW)
    answer = post(client, id_, "confirm", given)
    assert (answer.status_code, answer.text) == (409, "该事项已经零报告，不需要再督办")


REFUSED = {
    "another department's person": ("other", "viewer", "ahead-5wd"),
    "the recipient, who may not read the DAG": ("finance", None, "ahead-5wd"),
    "the office, which may not read the DAG": ("office", None, "ahead-5wd"),
    "an administrator who is nobody in the contacts": ("admin", "admin", "ahead-5wd"),
    "the department, of the office's question": ("finance", "viewer", "confirm-escalation"),
    "the office, of an alarm about the system": ("office", "viewer", "alarm"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_nobody_else_sees_or_answers(as_user, ids, settings, case):
    name, role, tier = REFUSED[case]
    client = as_user(name, role)
    assert client.get(f"/notices/{ids[tier]}").status_code == 403
    for answer in ("acknowledge", "confirm"):
        own = token_of(name, f"{answer}:{ids[tier]}")
        assert post(client, ids[tier], answer, own).status_code == 403
    assert kinds(settings) == []


def test_the_operator_acknowledges_an_alarm(as_user, ids):
    client, id_ = as_user("operator"), ids["alarm"]
    page = client.get(f"/notices/{id_}")
    assert "巡检中断" in page.text
    assert "距上次巡检&lt;2小时&gt;" in page.text
    assert post(client, id_, "acknowledge", token(page, "acknowledge")).status_code == 303
    assert "已签收" in client.get(f"/notices/{id_}").text


@pytest.mark.parametrize(
    "origin", [None, "null", "https://evil.example", "http://127.0.0.1:8080.evil.example", "http://["]
)
def test_another_site_cannot_post_in_our_name(as_user, ids, settings, origin):
    client, id_ = as_user("finance"), ids["ahead-5wd"]
    given = token(client.get(f"/notices/{id_}"), "acknowledge")
    answer = post(client, id_, "acknowledge", given, origin)
    assert (answer.status_code, answer.text[:12]) == (403, "请求不是从本系统的页面发")
    assert kinds(settings) == []


def test_a_token_is_of_one_person_one_notice_and_one_key(as_user, ids, settings, monkeypatch):
    id_ = ids["ahead-5wd"]
    others = token(as_user("office").get(f"/notices/{id_}"), "acknowledge")
    client = as_user("finance")
    own = token(client.get(f"/notices/{id_}"), "acknowledge")
    assert len(own) == 64
    monkeypatch.setenv("AIRFLOW__API__SECRET_KEY", "another key")
    for given in (own, others, "", "字"):
        assert post(client, id_, "acknowledge", given).status_code in {400, 403}
    monkeypatch.setenv("AIRFLOW__API__SECRET_KEY", "a key of this test")
    assert post(client, id_, "acknowledge", others).status_code == 403
    assert kinds(settings) == []


def test_without_a_secret_there_are_no_tokens(monkeypatch):
    monkeypatch.setenv("AIRFLOW__API__SECRET_KEY", "")
    with pytest.raises(UnusableInput, match="secret_key 为空"):
        token_of("finance", "acknowledge:1")


def test_behind_a_proxy_the_address_that_people_open_counts_as_ours(as_user, ids, monkeypatch):
    monkeypatch.setenv("OBLIGATIONS_BASE_URL", "https://ledger.example.cn/airflow")
    client, id_ = as_user("finance"), ids["ahead-5wd"]
    given = token(client.get(f"/notices/{id_}"), "acknowledge")
    assert post(client, id_, "acknowledge", given, "https://ledger.example.cn").status_code == 303


def test_unknown_notices_and_acts_and_too_long_forms_are_refused(as_user, ids):
    client = as_user("finance")
    assert client.get("/notices/999").status_code == 404
    assert client.post(f"/notices/{ids['ahead-5wd']}/delete", headers={"Origin": BASE}).status_code == 422
    long = client.post(f"/notices/{ids['ahead-5wd']}/acknowledge", data={"token": "x" * 5000}, headers={"Origin": BASE})
    assert long.status_code == 413


def test_who_is_not_logged_in_logs_in_first_and_then_sees_the_notice(as_user, ids):
    client, path = as_user(None), f"/notices/{ids['ahead-5wd']}"
    answer = client.get(path)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(f"{BASE}/api/v2/auth/login?next=http%3A%2F%2F127.0.0.1")
    assert client.post(f"{path}/acknowledge", headers={"Origin": BASE}).status_code == 401


def test_contacts_at_fault_are_said_without_naming_anybody(as_user, ids, settings):
    settings.contacts.write_text("people: [{id: X, name: 演示甲}]", "utf-8")
    answer = as_user("finance").get(f"/notices/{ids['ahead-5wd']}")
    assert answer.status_code == 503
    assert "请系统运维" in answer.text
    assert "演示甲" not in answer.text

"""突发事件: a report is shown before it is registered, starts every clock once, and its end is said by those who may."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from obligations.orchestration.events.incidents import read_report, report
from obligations.orchestration.pages import events
from obligations.orchestration.settings import Settings
from obligations.steps.ledger import open_ledger, verify_ledger
from obligations.steps.ledger.reported import open_events
from obligations.words.times import SHANGHAI
from tests.support.office_pages import BASE, AsUser, browsers, settings_of

NOW = datetime(2026, 11, 18, 10, 0, tzinfo=SHANGHAI)
HAPPENED = "2026-11-18T09:20"
BULLETIN = "demo/incident-bulletin"
CONTACTS = """
people:
  - {id: jia, name: 演示甲, account: finance, email: jia@example.cn}
  - {id: yi, name: 演示乙, account: office, email: yi@example.cn}
  - {id: wu, name: 演示戊, account: duty, email: wu@example.cn}
  - {id: ji, name: 演示己, account: elsewhere, email: ji@example.cn}
  - {id: geng, name: 演示庚, account: reviewer, email: geng@example.cn}
roles:
  - {jurisdiction: demo, department: 演示单位财政局, role: responsible, holder: jia}
  - {jurisdiction: demo, role: office, holder: yi}
  - {jurisdiction: demo, role: duty_room, holder: wu}
  - {jurisdiction: demo, role: final_review, holder: geng}
  - {jurisdiction: shandong, role: duty_room, holder: ji}
"""
SAID = {"title": "示例路段<事故>", "level": "重大", "happened_at": HAPPENED, "place": "示例镇示例路", "event_id": ""}


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    settings = settings_of(tmp_path, monkeypatch, CONTACTS)
    monkeypatch.setattr(events, "now", lambda: NOW)
    return settings


@pytest.fixture
def as_user(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[AsUser]:
    with browsers(monkeypatch) as log_in:
        yield log_in


def token(page: Any, action: str = "/obligations/events/report") -> str:
    found = re.search(rf'action="{action}">\s*<input type="hidden" name="token" value="(\w+)"', page.text)
    return found[1] if found else ""


def send(client: Any, **fields: str) -> Any:
    given = {"token": token(client.get("/events/report")), **SAID, **fields}
    return client.post("/events/report", data=given, headers={"Origin": BASE})


def registered(settings: Settings) -> list[str]:
    with open_ledger(settings.ledger_url) as ledger:
        assert verify_ledger(ledger) == []
        with ledger.reading() as connection:
            return [event.title for event in open_events(connection, "incident")]


def incident(settings: Settings, level: str = "重大") -> str:
    said = {"type": "incident", "level": level, "title": "示例路段事故", "happened_at": HAPPENED}
    return report(settings, read_report(said, NOW), NOW).event.id


def close(client: Any, event_id: str, **fields: str) -> Any:
    page = client.get("/events")
    given = {"token": token(page, f"/obligations/events/{event_id}/close"), "reason": "现场处置完毕", **fields}
    return client.post(f"/events/{event_id}/close", data=given, headers={"Origin": BASE})


def test_a_report_is_shown_first_and_registers_nothing(as_user, settings):
    page = send(as_user("duty"))
    assert page.status_code == 200
    for said in ("还没有登记", "示例路段&lt;事故&gt;", "2026年11月18日09:20（北京时间）", "2026年11月18日14:20前"):
        assert said in page.text
    assert registered(settings) == []


def test_a_confirmed_report_starts_the_clocks_once(as_user, settings):
    client = as_user("duty")
    preview = send(client)
    kept = {name: html.unescape(text) for name, text in re.findall(r'name="(\w+)" value="([^"]*)"', preview.text)}
    for said in ("later", "known"):
        answer = client.post("/events/report", data={**kept, "step": "confirm"}, headers={"Origin": BASE})
        assert answer.status_code == 303
        assert f"said={said}#event-incident-" in answer.headers["Location"]
    assert registered(settings) == ["示例路段<事故>"]
    page = client.get("/events?said=later").text
    assert "已登记，各事项即刻开始计时" in page
    assert "示例路段&lt;事故&gt;" in page
    assert 'data-due="2026-11-18T14:20:00+08:00"' in page
    assert re.search(r"下次通报：<strong>2026年11月18日14:20前", page)


def test_one_may_go_back_and_change_it(as_user, settings):
    page = send(as_user("duty"), step="change")
    assert page.status_code == 200
    assert 'value="示例路段&lt;事故&gt;"' in page.text
    assert registered(settings) == []


WRONG = {
    "no level": ({"level": ""}, "level"),
    "a level there is not": ({"level": "很大"}, "很大"),
    "no title": ({"title": " "}, "事件名称"),
    "no time": ({"happened_at": ""}, "发生时间"),
    "a time that is none": ({"happened_at": "昨天"}, "昨天"),
    "a time that lies ahead": ({"happened_at": "2026-11-18T10:01"}, "晚于现在"),
    "an id that cannot be": ({"event_id": "编号 1"}, "event_id"),
    "another jurisdiction": ({"jurisdiction": "shandong"}, "辖区"),
    "too long a text": ({"summary": "长" * 2001}, "2000"),
}


@pytest.mark.parametrize("case", WRONG)
@pytest.mark.parametrize("step", ["", "confirm"])
def test_what_cannot_be_is_refused_with_the_form_as_it_was_filled(as_user, settings, case, step):
    fields, said = WRONG[case]
    page = send(as_user("duty"), **fields, step=step)
    assert page.status_code == 422
    assert said in re.search(r'role="alert">(.*?)</p>', page.text, re.DOTALL)[1]
    assert 'value="示例镇示例路"' in page.text
    assert registered(settings) == []


def test_a_level_that_binds_nobody_is_only_registered(as_user, settings):
    client = as_user("office")
    assert "只登记，不开始计时" in send(client, level="一般").text
    assert send(client, level="一般", step="confirm").status_code == 303
    assert "没有正在计时的事项" in client.get("/events").text


def test_a_new_level_keeps_the_event(as_user, settings):
    event_id = incident(settings, "较大")
    client = as_user("duty")
    assert event_id in client.get(f"/events/report?event={event_id}").text
    assert send(client, event_id=event_id, title="示例路段事故", step="confirm").status_code == 303
    with open_ledger(settings.ledger_url) as ledger:
        assert ledger.get_reported_event(event_id).level == "重大"
        assert ledger.occurrence(BULLETIN, event_id) is not None


def test_an_event_of_another_jurisdiction_cannot_be_changed(as_user, settings, monkeypatch):
    event_id = incident(settings)
    monkeypatch.setenv("OBLIGATIONS_JURISDICTIONS", "demo,shandong")
    monkeypatch.setattr(events, "may_report", lambda *_: frozenset({"shandong"}))
    page = send(as_user("elsewhere"), event_id=event_id, level="特别重大", jurisdiction="shandong", step="confirm")
    assert page.status_code == 422
    assert "其他辖区" in page.text
    with open_ledger(settings.ledger_url) as ledger:
        assert ledger.get_reported_event(event_id).level == "重大"


def test_an_incident_is_ended_with_time_and_reason(as_user, settings):
    event_id, client = incident(settings), as_user("duty")
    answer = close(client, event_id, closed_at="2026-11-18T09:50")
    assert answer.status_code == 303
    page = client.get("/events?said=closed").text
    assert "已结束（1）" in page
    assert "2026年11月18日09:50，duty登记：现场处置完毕" in page
    assert "还有" in page, "what was owed stays owed"
    assert registered(settings) == []


@pytest.mark.parametrize("fields", [{"closed_at": ""}, {"closed_at": "2026-11-18T10:30"},
                                    {"closed_at": "2026-11-18T09:50", "reason": " "}])  # fmt: skip
def test_an_end_that_cannot_be_is_refused(as_user, settings, fields):
    event_id = incident(settings)
    page = close(as_user("duty"), event_id, **fields)
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert len(registered(settings)) == 1


def test_who_may_neither_report_nor_end_is_refused(as_user, settings):
    event_id = incident(settings)
    for account in ("finance", "stranger", "reviewer", "elsewhere"):
        client = as_user(account)
        assert "登记突发事件" not in client.get("/events").text
        assert client.get("/events/report").status_code == 403
        assert send(client).status_code == 403
        assert close(client, event_id, closed_at="2026-11-18T09:50").status_code in {403, 404}
    assert len(registered(settings)) == 1


def test_who_may_see_nothing_of_it_does_not_learn_of_it(as_user, settings):
    event_id = incident(settings)
    for account in ("finance", "stranger"):
        client = as_user(account)
        assert event_id not in client.get("/events").text
        assert close(client, event_id, closed_at="2026-11-18T09:50").status_code == 404
    assert event_id in as_user("reviewer").get("/events").text


def test_another_site_cannot_report_or_end_in_our_name(as_user, settings):
    event_id, client = incident(settings), as_user("duty")
    page = client.get("/events")
    given = token(page, f"/obligations/events/{event_id}/close")
    ended = {"token": given, "closed_at": "2026-11-18T09:50", "reason": "完毕"}
    for origin in ("https://evil.example", "null"):
        headers = {"Origin": origin}
        assert client.post(f"/events/{event_id}/close", data=ended, headers=headers).status_code == 403
        said = {**SAID, "token": token(client.get("/events/report")), "step": "confirm"}
        assert client.post("/events/report", data=said, headers=headers).status_code == 403
    assert (
        client.post(f"/events/{event_id}/close", data=ended | {"token": "x"}, headers={"Origin": BASE}).status_code
        == 403
    )
    assert len(registered(settings)) == 1


def test_a_form_with_a_nul_is_refused_before_anything_is_read_of_it(as_user, settings):
    assert send(as_user("duty"), title="事故\x00", step="confirm").status_code == 400
    assert as_user("duty").get("/events/report?event=%00").status_code == 422
    assert registered(settings) == []


def test_without_contacts_airflows_right_to_report_decides(as_user, settings, monkeypatch):
    monkeypatch.delenv("OBLIGATIONS_CONTACTS")
    assert as_user("anybody", "viewer").get("/events/report").status_code == 403
    client = as_user("anybody", "user")
    assert send(client, step="confirm").status_code == 303
    assert len(registered(settings)) == 1


def test_what_is_published_is_shown_with_its_proof(as_user, settings):
    event_id = incident(settings)
    at = NOW - timedelta(minutes=5)
    with open_ledger(settings.ledger_url) as ledger:
        ledger.register_publication(BULLETIN, event_id, version=1, sha256="a" * 64, address="https://www.example.gov.cn/1",
                                    happened_at=at, recorded_at=at)  # fmt: skip
    page = as_user("office").get("/events").text
    assert 'href="https://www.example.gov.cn/1"' in page
    assert "待核验" in page


def test_what_is_done_says_when_and_asks_nobody_for_anything(as_user, settings):
    event_id = incident(settings)
    at = NOW - timedelta(minutes=5)
    said = {"version": 1, "sha256": "a" * 64, "address": "https://www.example.gov.cn/1"}
    with open_ledger(settings.ledger_url) as ledger:
        for kind in ("published", "verified"):
            ledger.append(BULLETIN, event_id, kind, happened_at=at, recorded_at=at, payload=said)
    page = as_user("office").get("/events").text
    done = page[page.index("<h4>已办结</h4>") : page.index("级别有变化")]
    for words in ("已公开", "办结时间", "2026年11月18日09:55"):
        assert words in done
    for words in ("由我办理", "由谁办理", "报送数据", "button"):
        assert words not in done


def test_an_incident_tells_what_was_reported_without_the_hints_of_the_form(as_user, settings):
    client = as_user("duty")
    assert send(client, step="confirm").status_code == 303
    assert "<dt>地点</dt><dd>示例镇示例路</dd>" in client.get("/events").text
    assert "地点（到乡镇、路名）" in client.get("/events/report").text


def test_who_is_not_logged_in_gets_nowhere(as_user):
    client = as_user(None)
    assert client.get("/events").status_code == 303
    assert client.get("/events/report").status_code == 303
    assert client.post("/events/report", data=SAID, headers={"Origin": BASE}).status_code == 401
    assert client.post("/events/x/close", headers={"Origin": BASE}).status_code == 401

"""The page of a round of feedback: a department sees and answers for itself alone, the office rules, nobody else acts."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from office_pages import BASE, FINANCE, LANDS, AsUser, browsers, settings_of
from sqlalchemy import create_engine

from obligations.orchestration import route
from obligations.orchestration.accountability.feedback import find_round
from obligations.orchestration.pages import feedback
from obligations.orchestration.settings import Settings
from obligations.orchestration.work import open_work
from obligations.rules.catalogue import load_one
from obligations.steps.gather import Sources
from obligations.words.errors import SourceNotReady
from obligations.words.occurrence import DueDate, Occurrence, Period
from obligations.words.times import SHANGHAI, midnight

KEY, PERIOD = "demo/accountability-monthly", "2026-08"
PLACE = f"/feedback/{KEY}/{PERIOD}"
DRAFT = f"/drafts/{KEY}/{PERIOD}/v1/document.docx"
NOW = datetime(2026, 9, 1, 9, 5, tzinfo=SHANGHAI)  # Tuesday; the round runs to Friday 4 September, 24:00


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(feedback, "now", lambda: NOW)
    return settings_of(tmp_path, monkeypatch)


@pytest.fixture
def sources(settings: Settings) -> Sources:
    return Sources(settings.inbox, settings.store, settings.quarantine, lambda _: create_engine("sqlite://"))


@pytest.fixture(autouse=True)
def opened(settings: Settings, sources: Sources) -> None:
    """A round in which two departments are asked, both with one late occurrence."""
    due = midnight(NOW.date()) - timedelta(days=4)
    with open_work(settings, load_one(settings.catalogue, KEY), PERIOD, "run") as work:
        for key, period in (("demo/fiscal-monthly", "2026-07"), ("demo/land-supply-quarterly", "2026-Q2")):
            opens = due - timedelta(days=20)
            dates = DueDate(opens, due, False, due, due, ("20个工作日",))
            work.ledger.expect(
                load_one(settings.catalogue, key),
                Occurrence(key, Period(period, due.date(), due.date()), opens, due - timedelta(days=5), dates),
                calendar_version="2026", catalogue_version="一", historical=False, now=opens,
            )  # fmt: skip
            run = {"run_id": "x", "number": 1}
            work.ledger.append(key, period, "opened", happened_at=opens, recorded_at=opens, payload=run)
        route.gather(work, sources, NOW)
        with pytest.raises(SourceNotReady):
            route.feedback(work, sources, NOW)


@pytest.fixture
def as_user(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[AsUser]:
    with browsers(monkeypatch) as log_in:
        yield log_in


def forms_of(page: Any, act: str) -> list[dict[str, str]]:
    """Return the hidden fields of every form of a page that posts to ``act``."""
    found = re.findall(rf'<form method="post" action="{PERIOD}/{act}">(.*?)</form>', page.text, re.DOTALL)
    return [
        {name: html.unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)}
        for form in found
    ]


def post(client: TestClient, act: str, fields: dict[str, str], origin: str | None = BASE) -> Any:
    return client.post(f"{PLACE}/{act}", data=fields, headers={} if origin is None else {"Origin": origin})


def object_as_finance(as_user: Any, text: str = "省级数据晚到") -> Any:
    client = as_user("finance")
    (form,) = forms_of(client.get(PLACE), "answer")
    return post(client, "answer", {**form, "text": text, "evidence": "收文第118号", "says": "object"})


def round_now(settings: Settings) -> Any:
    with open_work(settings, load_one(settings.catalogue, KEY), PERIOD, "test") as work:
        return find_round(work)


def test_a_department_sees_its_own_figures_and_no_others(as_user):
    page = as_user("finance").get(PLACE)
    assert page.status_code == 200
    assert FINANCE in page.text
    assert LANDS not in page.text
    assert "应考核（分母）" in page.text
    assert "2026年9月4日24时前" in page.text
    assert "script" not in page.text
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]


def test_the_office_and_the_reviewers_see_all_and_answer_for_nobody(as_user):
    for name in ("office", "reviewer"):
        page = as_user(name).get(PLACE)
        assert FINANCE in page.text
        assert LANDS in page.text
        assert forms_of(page, "answer") == []


def test_who_is_in_no_role_here_sees_nothing_though_an_administrator_of_airflow(as_user):
    answer = as_user("stranger", "admin").get(PLACE)
    assert answer.status_code == 403
    assert FINANCE not in answer.text


def test_a_department_objects_with_evidence_and_the_office_rules(as_user, settings):
    assert object_as_finance(as_user).status_code == 303
    office = as_user("office")
    page = office.get(PLACE)
    assert "收文第118号" in page.text
    (form,) = forms_of(page, "rule")
    assert post(office, "rule", {**form, "decision": "上级数据未下达", "reason": "属实"}).status_code == 303
    (ruling,) = round_now(settings).rulings.values()
    assert (ruling.decision, ruling.reason, ruling.person) == ("上级数据未下达", "属实", "office")
    assert "裁定：上级数据未下达。理由：属实" in as_user("finance").get(PLACE).text
    assert "属实" not in as_user("lands").get(PLACE).text


def test_a_department_agrees_with_one_button(as_user, settings):
    client = as_user("lands")
    (form,) = forms_of(client.get(PLACE), "answer")
    assert post(client, "answer", {**form, "text": "", "evidence": "", "says": "agree"}).status_code == 303
    assert round_now(settings).answers[LANDS].objections == ()
    assert "已反馈（无异议）" in client.get(PLACE).text


@pytest.mark.parametrize(
    ("text", "says", "told"), [("", "object", "请在有异议的事项下填写意见"), ("晚到", "agree", "已填写意见")]
)
def test_an_answer_that_contradicts_its_button_is_refused_and_says_why(as_user, settings, text, says, told):
    client = as_user("finance")
    (form,) = forms_of(client.get(PLACE), "answer")
    answer = post(client, "answer", {**form, "text": text, "evidence": "", "says": says})
    assert answer.status_code == 400
    assert told in answer.text
    assert round_now(settings).answers == {}


@pytest.mark.parametrize(
    ("token", "origin"), [("", BASE), ("0" * 64, BASE), (None, "http://other.example"), (None, None)]
)
def test_only_our_own_form_acts(as_user, settings, token, origin):
    client = as_user("finance")
    (form,) = forms_of(client.get(PLACE), "answer")
    fields = {**form, "text": "晚到", "evidence": "", "says": "object", **({} if token is None else {"token": token})}
    assert post(client, "answer", fields, origin).status_code == 403
    assert round_now(settings).answers == {}


def test_a_token_is_of_one_user_and_one_department(as_user, settings):
    (form,) = forms_of(as_user("lands").get(PLACE), "answer")
    stolen = {**form, "text": "晚到", "evidence": "", "says": "object"}
    assert post(as_user("finance"), "answer", stolen).status_code == 403
    assert post(as_user("lands"), "answer", {**stolen, "department": FINANCE}).status_code == 403
    assert round_now(settings).answers == {}


def test_only_the_office_rules(as_user, settings):
    object_as_finance(as_user)
    for name in ("finance", "reviewer"):
        assert forms_of(as_user(name).get(PLACE), "rule") == []
    (form,) = forms_of(as_user("office").get(PLACE), "rule")
    answer = post(as_user("finance"), "rule", {**form, "decision": "系统原因", "reason": "属实"})
    assert answer.status_code == 403
    assert round_now(settings).rulings == {}


def test_what_people_write_is_shown_as_text(as_user):
    object_as_finance(as_user, text='<img src=x onerror="alert(1)">')
    page = as_user("office").get(PLACE).text
    assert "<img" not in page
    assert "&lt;img src=x" in page


def test_what_has_no_round_is_not_found(as_user):
    client = as_user("office")
    assert client.get("/feedback/demo/fiscal-monthly/2026-08").status_code == 404
    assert client.get("/feedback/demo/nothing/2026-08").status_code == 404
    assert client.get(f"/feedback/{KEY}/2026-07").status_code == 404


def test_what_is_no_period_is_not_found_and_the_page_says_how_one_is_written(as_user):
    answer = as_user("office").get(f"/feedback/{KEY}/2026-13")
    assert answer.status_code == 404
    assert "2026-13" in answer.text


def test_the_draft_is_refused_to_departments_until_it_is_issued(as_user, settings, sources):
    after = NOW + timedelta(days=10)
    with open_work(settings, load_one(settings.catalogue, KEY), PERIOD, "run") as work:
        route.feedback(work, sources, after)
        route.draft(work, after)
        assert as_user("reviewer", "admin").get(DRAFT).status_code == 200
        refused = as_user("finance", "admin").get(DRAFT)
        assert refused.status_code == 403
        assert "各单位只能查看本单位的数据" in refused.text
        work.ledger.append(KEY, PERIOD, "completed", happened_at=after, recorded_at=after, person="office")
    assert as_user("finance", "admin").get(DRAFT).status_code == 200


def test_the_draft_of_a_statement_that_is_withheld_stays_refused_to_departments(as_user, settings, sources):
    after = NOW + timedelta(days=10)
    with open_work(settings, load_one(settings.catalogue, KEY), PERIOD, "run") as work:
        route.feedback(work, sources, after)
        route.draft(work, after)
        work.ledger.append(KEY, PERIOD, "withheld", happened_at=after, recorded_at=after, person="office")
    assert as_user("reviewer", "admin").get(DRAFT).status_code == 200
    for account in ("finance", "lands"):
        assert as_user(account, "admin").get(DRAFT).status_code == 403
        assert as_user(account).get(f"/occurrences/{KEY}/{PERIOD}/v1/preview").status_code in {403, 404}

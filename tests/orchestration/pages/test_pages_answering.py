"""Answers from the page 稿件 go through Airflow's own review API: the whole API server, its database, real logins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
from airflow.models.hitl import HITLDetail
from airflow.models.log import Log
from airflow.models.taskinstance import TaskInstance
from airflow.utils.session import create_session
from airflow.utils.state import TaskInstanceState
from desk import FIRST, KEY, PERIOD, Desk, make_desk
from fastapi.testclient import TestClient
from office_airflow import park, prepare_airflow
from sqlalchemy import select

PAGE = f"/obligations/occurrences/{KEY}/{PERIOD}"
BASE = "http://127.0.0.1:8080"
TASK = "review_first"
DAG = KEY.replace("/", ".")


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with prepare_airflow(tmp_path_factory.mktemp("airflow")) as app:
        yield app


@pytest.fixture
def desk(airflow: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = make_desk(tmp_path, monkeypatch)
    monkeypatch.setenv("AIRFLOW__API__SECRET_KEY", "a key of this test")
    desk.run(FIRST)
    park(DAG, FIRST, PERIOD, TASK, assigned=("second", "office"))
    return desk


@pytest.fixture
def as_user(airflow: Any, desk: Desk) -> Any:
    """Open the pages with the cookie that logging in gives."""

    def log_in(name: str, role: str = "user", *, bearer: bool = False) -> TestClient:
        token = get_auth_manager().generate_jwt(SimpleAuthManagerUser(username=name, role=role))
        client = TestClient(airflow, base_url=BASE, follow_redirects=False)
        if bearer:
            client.headers["Authorization"] = f"Bearer {token}"
        else:
            client.cookies.set("_token", token)
        return client

    return log_in


def token(page: Any) -> str:
    found = re.search(r'name="token" value="(\w+)"', page.text)
    return found[1] if found else ""


def answer(
    client: TestClient, option: str, *, given: str | None = None, origin: str | None = BASE, **fields: str
) -> Any:
    data = {"task": TASK, "option": option, "token": token(client.get(PAGE)) if given is None else given, **fields}
    return client.post(f"{PAGE}/answer", data=data, headers={} if origin is None else {"Origin": origin})


def detail() -> HITLDetail:
    with create_session() as session:
        found = session.scalar(select(HITLDetail).join(HITLDetail.task_instance).where(TaskInstance.task_id == TASK))
        session.expunge_all()
        return found


def test_the_form_shows_its_fields_its_buttons_and_who_may_answer(as_user: Any) -> None:
    page = as_user("second").get(PAGE)
    assert page.status_code == 200
    for said in ("等待办理：初审", "演示乙（second）", "演示戊（office）", "审核意见（退回修改时必填）",
                 'name="option" value="通过"', 'name="option" value="退回修改"'):  # fmt: skip
        assert said in page.text


def test_an_answer_is_airflows_under_the_name_of_who_is_logged_in(as_user: Any) -> None:
    answered = answer(as_user("second"), "通过", comment="同意<发布>")
    assert answered.status_code == 303
    assert answered.headers["location"] == f"../{PERIOD}?answered={TASK}"
    found = detail()
    assert (found.responded_by, found.chosen_options) == ({"id": "second", "name": "second"}, ["通过"])
    assert found.params_input == {"comment": "同意<发布>"}
    assert found.task_instance.state == TaskInstanceState.SCHEDULED, "Airflow resumes the task"
    with create_session() as session:
        logged = session.scalars(select(Log).where(Log.dag_id == DAG, Log.task_id == TASK)).all()
    assert [entry.owner for entry in logged] == ["second"], "Airflow's own audit log names the person"


def test_a_program_answers_with_its_own_token(as_user: Any) -> None:
    client = as_user("office", bearer=True)
    assert answer(client, "通过").status_code == 303
    assert detail().responded_by["id"] == "office"


def test_who_is_not_assigned_is_refused_by_airflow_and_by_the_page(as_user: Any) -> None:
    client = as_user("finance")
    page = client.get(PAGE)
    assert "您不是本表单的办理人" in page.text
    assert 'name="option"' not in page.text
    from obligations.orchestration.pages.tokens import token_of

    forged = answer(client, "通过", given=token_of("finance", f"form:{KEY}/{PERIOD}:{TASK}"))
    assert forged.status_code == 409
    assert "您不在这张表单的办理人之列" in forged.text
    assert detail().responded_at is None


def test_whose_account_may_only_look_in_airflow_cannot_answer(as_user: Any) -> None:
    client = as_user("second", "viewer")
    assert 'name="option"' not in client.get(PAGE).text


def test_a_return_without_a_word_is_refused_at_once_and_nothing_typed_is_lost(as_user: Any) -> None:
    refused = answer(as_user("second"), "退回修改")
    assert refused.status_code == 409
    assert "请写明审核意见" in refused.text
    refused = answer(as_user("second"), "另一项", comment="写了<一半>")
    assert "写了&lt;一半&gt;" in refused.text
    assert detail().responded_at is None


def test_a_second_answer_is_refused(as_user: Any) -> None:
    client = as_user("second")
    given = token(client.get(PAGE))
    assert answer(client, "通过", given=given).status_code == 303
    again = answer(client, "退回修改", given=given, comment="晚了")
    assert again.status_code == 409
    assert "已经不在等待办理" in again.text
    assert detail().chosen_options == ["通过"]


@pytest.mark.parametrize(
    ("given", "origin"), [("", BASE), ("0" * 64, BASE), (None, "http://other.example"), (None, None)]
)
def test_only_our_own_form_answers(given: str | None, origin: str | None, as_user: Any) -> None:
    assert answer(as_user("second"), "通过", given=given, origin=origin).status_code == 403
    assert detail().responded_at is None


def test_fields_that_the_form_does_not_have_are_not_passed_on(as_user: Any) -> None:
    answer(as_user("second"), "通过", comment="同意", state="success", other="1")
    assert detail().params_input == {"comment": "同意"}


@pytest.mark.parametrize("account", ["lands", "stranger"])
def test_another_department_can_neither_see_nor_answer(account: str, as_user: Any) -> None:
    client = as_user(account, "admin")
    assert client.get(PAGE).status_code == 404
    assert answer(client, "通过").status_code == 404
    assert detail().responded_at is None


def test_who_is_not_logged_in_is_sent_to_log_in(airflow: Any, desk: Desk) -> None:
    client = TestClient(airflow, base_url=BASE, follow_redirects=False)
    assert client.get(PAGE).status_code == 303
    assert client.post(f"{PAGE}/answer", data={"task": TASK}).status_code == 401


def test_airflows_navigation_leads_to_the_pages(airflow: Any, as_user: Any) -> None:
    client = as_user("second", "admin")
    plugins = client.get("/api/v2/plugins").json()["plugins"]
    views = {view["destination"]: view for plugin in plugins for view in plugin["external_views"]}
    assert set(views) == {"nav", "dag", "dag_run"}
    assert client.get(views["nav"]["icon"]).headers["content-type"] == "image/svg+xml"
    item = client.get(views["dag"]["href"].replace("{DAG_ID}", DAG))
    assert item.headers["location"] == f"/obligations/items/{KEY}"
    run = client.get(views["dag_run"]["href"].replace("{DAG_ID}", DAG).replace("{RUN_ID}", FIRST))
    assert run.headers["location"] == PAGE
    manual = client.get(views["dag_run"]["href"].replace("{DAG_ID}", DAG).replace("{RUN_ID}", "manual__1"))
    assert manual.headers["location"] == f"/obligations/items/{KEY}"
    assert client.get("/obligations/dags/report_event").status_code == 404
    assert as_user("stranger", "admin").get(f"/obligations/dags/{DAG}").status_code == 404

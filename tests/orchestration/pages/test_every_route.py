"""Each route there is, whatever comes to be added: nothing without login, and nothing of one department for another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk import FIRST, KEY, PERIOD, Desk, make_desk
from office_pages import BASE, AsUser, browsers

from obligations.orchestration.pages.app import app
from obligations.orchestration.uploads.attaching import attach

OPEN = {"/health", "/static/{name}", "/feeds/{token}.ics"}
"""What needs no login: it says nothing, or is asked for with a token that cannot be guessed."""
ROUTES = sorted({(method, route.path) for route in app.routes for method in route.methods - {"HEAD"}})


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("AIRFLOW__API__SECRET_KEY", "a key of this test")
    desk = make_desk(tmp_path, monkeypatch)
    desk.run(FIRST)
    return desk


@pytest.fixture
def as_user(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[AsUser]:
    with browsers(monkeypatch, frozenset({KEY.replace("/", ".")}), "user") as log_in:
        yield log_in


def filled(path: str, **known: str) -> str:
    """Return a route's path with the occurrence of the desk in it."""
    jurisdiction, slug = KEY.split("/")
    values = {
        "jurisdiction": jurisdiction,
        "slug": slug,
        "period": PERIOD,
        "version": "1",
        "name": "document.docx",
        "dag_id": KEY.replace("/", "."),
        "run_id": FIRST,
        "form": "csv",
        "kind": "contacts",
        "answer": "acknowledge",
        **known,
    }
    return re.sub(r"{(\w+)}", lambda match: values.get(match[1], "0" * 64), path)


@pytest.mark.parametrize(("method", "path"), [each for each in ROUTES if each[1] not in OPEN])
def test_nothing_is_told_or_done_without_login(as_user, method, path):
    answer = as_user(None).request(method, filled(path), headers={"Origin": BASE})
    assert answer.status_code in {303, 401}, answer.text
    if answer.status_code == 303:
        assert "/auth/login" in answer.headers["Location"]
    assert KEY not in answer.text


OF_OBJECTS = [each for each in ROUTES if "{slug}" in each[1] or "{dag_id}" in each[1]]


@pytest.mark.parametrize("account", ["lands", "stranger"])
@pytest.mark.parametrize(("method", "path"), OF_OBJECTS)
def test_nothing_of_a_department_is_for_another(as_user, desk, account, method, path):
    with desk.work() as work:
        sha256 = attach(work, b"%PDF-1.7\n" + b"0" * 64, "审批单.pdf", "approval_form", "finance", desk.tick())
    place = filled(path, sha256=sha256)
    answer = as_user(account).request(method, place, headers={"Origin": BASE})
    assert answer.status_code in {403, 404}, answer.text
    assert "收入" not in answer.text
    if method == "GET" and "feedback" not in path:
        assert as_user("finance").get(place).status_code in {200, 303, 307}, "it is there for whose it is"


def test_there_are_routes_to_try():
    assert len(ROUTES) > 30
    assert len(OF_OBJECTS) > 10

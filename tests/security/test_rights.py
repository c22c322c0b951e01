"""Who may see what: every address of ours for every kind of account, as one table; a new one fails here until somebody decides.

What Airflow itself shows to each role is ``tests/orchestration/access/test_roles_airflow``.
"""

from __future__ import annotations

import pytest
from case_counts import tried
from desk import FIRST, KEY, PERIOD
from places import filled

from obligations.orchestration.pages.app import app
from obligations.orchestration.uploads.attaching import attach
from obligations.steps.ledger import open_ledger, verify_ledger

BASE = "http://127.0.0.1:8080"
ACCOUNTS = (None, "stranger", "lands", "finance", "second", "secrecy", "office")
"""Nobody; somebody whom the contacts do not know; another department; the one that is responsible; a reviewer of that
department; a reviewer of the whole jurisdiction; the open-government office.
"""
MARKS = {200: ".", 307: ".", 503: ".", 400: "-", 404: "-", 403: "x"}
TABLE = {
    "/": "?......",
    "/attachments/{jurisdiction}/{slug}/{period}/{sha256}": "?--....",
    "/calendar": "?......",
    "/dags/{dag_id}": "?--....",
    "/dags/{dag_id}/runs/{run_id}": "?--....",
    "/drafts/{jurisdiction}/{slug}/{period}/v{version}/{name}": "?--....",
    "/events": "?......",
    "/events/report": "?xxxxx.",
    "/feedback/{jurisdiction}/{slug}/{period}": "?------",
    "/feeds": "?......",
    "/feeds/{token}.ics": "-------",
    "/health": ".......",
    "/items/{jurisdiction}/{slug}": "?--....",
    "/notices/{notice_id}": "?------",
    "/occurrences/{jurisdiction}/{slug}/{period}": "?--....",
    "/occurrences/{jurisdiction}/{slug}/{period}/v{version}/preview": "?--....",
    "/punctuality": "?......",
    "/punctuality/export.csv": "?--....",
    "/register": "?......",
    "/register/export.{form}": "?......",
    "/static/{name}": ".......",
    "/system": "?xxxxx.",
    "/tables": "?xxxxx.",
    "/tables/{kind}.xlsx": "?xxxxx.",
    "/uploads/{jurisdiction}/{slug}/{period}": "?xx...x",
}
"""Account by account in the order above: ``.`` shown, ``-`` not told apart from what is not there, ``x`` refused, ``?`` logging
in comes first.
"""
ROUTES = sorted({(method, route.path) for route in app.routes for method in route.methods - {"HEAD"}})


@pytest.fixture(scope="module")
def attachment(desk):
    with desk.work() as work:
        return attach(work, b"%PDF-1.7\n" + b"0" * 64, "审批单.pdf", "approval_form", "finance", desk.tick())


@pytest.mark.parametrize("path", [path for method, path in ROUTES if method == "GET"])
def test_an_address_is_shown_to_those_whom_the_table_names(as_user, incident, attachment, path):
    marks = ""
    for account in ACCOUNTS:
        name = "office.css" if "static" in path else "document.docx"
        answer = as_user(account).get(filled(path, sha256=attachment, name=name))
        is_login = answer.status_code == 303 and "/auth/login" in answer.headers["Location"]
        marks += "?" if is_login else "." if answer.status_code == 303 else MARKS[answer.status_code]
        if marks[-1] != ".":
            assert KEY not in answer.text
            assert "收入" not in answer.text
    tried("rights: accounts by address", len(ACCOUNTS))
    assert marks == TABLE.get(path)


@pytest.mark.parametrize("path", [path for method, path in ROUTES if method == "POST"])
@pytest.mark.parametrize("account", ACCOUNTS)
def test_nothing_is_done_without_the_pages_own_token(as_user, incident, desk, account, path):
    before = len(desk.events())
    for headers in ({"Origin": BASE}, {"Origin": "https://evil.example.cn"}, {}):
        answer = as_user(account).post(filled(path), data={"token": "0" * 64}, headers=headers)
        tried("rights: forms without their token")
        assert answer.status_code in {303, 400, 401, 403, 404, 409, 422}, answer.text
        if answer.status_code == 303:
            assert "/auth/login" in answer.headers["Location"]
    assert len(desk.events()) == before
    with open_ledger(desk.settings.ledger_url) as ledger:
        assert verify_ledger(ledger) == []


def test_the_table_names_nothing_that_is_not_there():
    assert set(TABLE) == {path for method, path in ROUTES if method == "GET"}
    assert PERIOD in FIRST

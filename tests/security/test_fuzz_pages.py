"""Whatever is asked of the pages, by an address or by a form: an answer that makes sense, never an error of the program.

Addresses and queries come from the interface's own description (OpenAPI, by schemathesis); forms are those that the pages
show, with their own tokens, so that what is behind the tokens is reached.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import schemathesis
from case_counts import tried
from desk import KEY, PERIOD
from effort import IN_CI
from httpx import QueryParams
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pages_read import Form, forms
from places import KNOWN

from obligations.orchestration.pages.app import app

BASE = "http://127.0.0.1:8080"
REQUESTS, POSTED = (25, 60) if IN_CI else (4, 8)
SLOW = [
    HealthCheck.too_slow,
    HealthCheck.function_scoped_fixture,
    HealthCheck.filter_too_much,
    HealthCheck.data_too_large,
]
STRANGE = (
    "", " ", "\x00", "\x1f", "\u202e倒写", "０１２", "-1", "0", "99999999999999999999", "1e309", "NaN", "٣", "..", "../..", "%2e%2e%2f",
    "/etc/passwd", "C:\\x", "'; DROP TABLE occurrence; --", "' OR '1'='1", "%' OR 1=1 --", "{{7*7}}", "${7*7}", "#read(\"x\")",
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "javascript:alert(1)", "=1+1", "@SUM(A1)", "a\r\nSet-Cookie: x=1",
    "2026-13", "2026-02-30", "0000-00", "9999-12-31T23:59", "2026-11-18T10:00+99:00", "重大\ud7ff", "公" * 5000, "\U0001f4a9",
    "http://169.254.169.254/", "file:///etc/passwd",
)  # fmt: skip
TEXT = st.sampled_from(STRANGE) | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
SCHEMA = schemathesis.openapi.from_dict(app.openapi())
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations()]


def require_sense(answer: Any) -> None:
    """Fail on an error of the program, and on an answer that a browser could take for something else."""
    if answer.request.url.path == "/health":
        assert answer.status_code in {200, 405, 503}  # no sweep has passed here
        return
    assert answer.status_code < 500, f"{answer.request.method} {answer.request.url}: {answer.text[:500]}"
    assert "Traceback" not in answer.text
    assert "set-cookie" not in answer.headers
    if answer.headers.get("content-type", "").startswith("text/html"):
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_any_address_gets_an_answer_that_makes_sense(as_user, incident, operation):
    client = as_user("office")

    @settings(max_examples=REQUESTS, deadline=None, suppress_health_check=SLOW)
    @given(case=operation.as_strategy(), data=st.data())
    def ask(case: Any, data: st.DataObject) -> None:
        places = {
            name: data.draw(st.just(KNOWN[name]) | st.just(given) | TEXT.filter(lambda text: "/" not in text and text))
            for name, given in case.path_parameters.items()
        }
        query = {
            **(case.query or {}),
            **data.draw(st.dictionaries(st.sampled_from(sorted(KNOWN)) | TEXT, TEXT, max_size=3)),
        }
        path = operation.path
        for name, value in places.items():
            path = path.replace(f"{{{name}}}", quoted(str(value)))
        tried("fuzz: addresses of pages")
        require_sense(client.request(case.method, path, params=query, headers={"Origin": BASE}))

    ask()


def quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="%" if "%" in text and text.isascii() else "")


LONGEST_QUERY = 60_000
"""Characters; httpx sends no longer ones."""
PAGES = (
    "/", "/register", "/calendar", "/events", "/events/report", "/punctuality", "/system", "/feeds", "/tables",
    f"/items/{KEY}", f"/occurrences/{KEY}/{PERIOD}", f"/uploads/{KEY}/{PERIOD}", f"/feedback/{KEY}/{PERIOD}", "/notices/1",
)  # fmt: skip


def shown(client: Any) -> Iterator[Form]:
    """Yield every form that somebody is shown on any page."""
    for page in PAGES:
        answer = client.get(page)
        require_sense(answer)
        if answer.status_code == 200:
            yield from forms(answer.text)


def send(client: Any, form: Form, values: dict[str, str], name: str = "", data: bytes = b"") -> Any:
    path = form.action.removeprefix(BASE).removeprefix("/obligations") or "/"
    if form.method == "GET":
        assume(len(str(QueryParams(values))) < LONGEST_QUERY)
        return client.get(path, params=values)
    if form.brings_file:
        files = {"file": (name.replace('"', "'") or "x", data)}
        return client.post(path, data=values, files=files, headers={"Origin": BASE})
    return client.post(path, data=values, headers={"Origin": BASE})


@pytest.mark.parametrize("account", ["finance", "office", "second"])
def test_any_form_filled_in_with_anything_gets_an_answer_that_makes_sense(as_user, incident, desk, account):
    client = as_user(account)
    found = [form for form in shown(client) if form.fields]
    assert len({form.action for form in found}) >= (3 if account == "office" else 1)

    @settings(max_examples=POSTED * len(found), deadline=None, suppress_health_check=SLOW)
    @given(data=st.data())
    def fill_in(data: st.DataObject) -> None:
        form = data.draw(st.sampled_from(found))
        values = form.values
        for field in data.draw(st.lists(st.sampled_from(sorted(values)), unique=True, max_size=4)):
            if field != "token" or data.draw(st.integers(0, 9)) == 0:
                values[field] = data.draw(TEXT)
        if data.draw(st.integers(0, 9)) == 0:
            values[data.draw(TEXT)] = data.draw(TEXT)
        tried("fuzz: forms of pages")
        require_sense(send(client, form, values, data.draw(TEXT), data.draw(st.binary(max_size=200))))

    fill_in()
    desk.events()  # the ledger is sound
    for page in PAGES:
        require_sense(client.get(page))

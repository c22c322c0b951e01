"""Text that is code to a browser or a database: pages show it, lists find it, and it is markup or a query nowhere."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
import sqlalchemy
from case_counts import tried
from desk import FIRST, KEY, PERIOD
from pages_read import living
from places import KNOWN, filled
from sqlalchemy import Engine

from obligations.orchestration.events.incidents import TEXTS, read_report, report
from obligations.orchestration.pages.app import app
from obligations.orchestration.uploads.attaching import attach
from obligations.steps.ledger import open_ledger, verify_ledger
from obligations.words.errors import ObligationsError
from obligations.words.times import SHANGHAI

CODE = (
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)", "</title><svg onload=alert(1)>",
    "</textarea><iframe src=//evil>", "<!--", "&lt;script&gt;", "{{ 7*7 }}", "{% include 'x' %}", "javascript:alert(1)",
    "<a href=javascript:alert(1)>x</a>", "<base href=//evil>", "<meta http-equiv=refresh content=0>", "';alert(1)//",
    "'; DROP TABLE occurrence; --", "x' UNION SELECT password FROM ab_user --", "\u202e倒写", "=HYPERLINK(\"http://evil\")",
)  # fmt: skip
PAGES = (
    "/", "/register", "/calendar", "/events", "/events/report?event=one", "/punctuality", f"/items/{KEY}",
    f"/occurrences/{KEY}/{PERIOD}", "/register?q=%E6%BC%94%E7%A4%BA",
)  # fmt: skip
QUERIES = (
    "' OR '1'='1",
    "%' OR 1=1 --",
    "\\",
    "%",
    "_",
    "') OR 1=1 --",
    "1; DROP TABLE occurrence",
    "\x00",
    "''",
    "%' ESCAPE '%",
)


@pytest.fixture(scope="module")
def before(as_user, incident):
    """What of every page was markup while everybody wrote harmless words."""
    client = as_user("office")
    return {page: set(living(client.get(page).text)) for page in PAGES}


@pytest.fixture(scope="module")
def written(desk, incident, before):
    """Write code into whatever people fill: reports of events, reasons, comments, notes, names of uploads."""
    now = datetime.now(SHANGHAI)
    for number, code in enumerate(CODE):
        happened = (now - timedelta(hours=1, minutes=number)).isoformat(timespec="seconds")
        said = {"type": "incident", "level": "重大", "title": f"事故{code}", "happened_at": happened}
        report(desk.settings, read_report({**said, **dict.fromkeys(TEXTS, code), "event_id": f"e-{number}"}, now), now)
        desk.say("progress", FIRST, person=f"finance{code}", note=code, proof=code, at=now.isoformat())
        desk.say("answer_refused", FIRST, person=code, reason=code, form=code)
    with desk.work() as work:
        for code in CODE:
            attach(
                work,
                b"%PDF-1.7\n" + code.encode() + b"0" * 64,
                f"{code}.pdf"[-60:],
                "approval_form",
                "finance",
                desk.tick(),
            )
    return CODE


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_no_markup_that_it_has_not_with_harmless_words(as_user, written, before, page):
    answer = as_user("office").get(page)
    tried("injection: HTML in pages", len(written))
    assert answer.status_code == 200
    new = set(living(answer.text)) - before[page]
    dangerous = [
        name for name in new if any(f"<{tag} " in name for tag in ("script", "img", "svg", "iframe", "base", "meta"))
    ]
    assert dangerous == []
    assert not [name for name in new if " on" in name or "javascript" in name or "srcdoc" in name]


def test_the_words_are_shown(as_user, written):
    page = as_user("office").get("/events").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "&amp;lt;script&amp;gt;" in page, "what looks escaped already is escaped once more"


@pytest.mark.parametrize("text", QUERIES)
def test_a_query_finds_what_it_says_and_alters_nothing(as_user, desk, incident, text):
    client = as_user("office")
    tried("injection: SQL in queries")
    for name in ("q", "department", "period", "key", "sort"):
        answer = client.get("/register", params={name: text})
        assert answer.status_code == 200
    answer = client.get("/register", params={"q": text})
    assert f"/occurrences/{KEY}/{PERIOD}" not in answer.text or text.strip("\x00") == "", "nothing is called so"
    with open_ledger(desk.settings.ledger_url) as ledger:
        assert verify_ledger(ledger) == []
        assert ledger.occurrence(KEY, PERIOD) is not None


PARTS = [
    (route.path, part) for route in app.routes if "GET" in route.methods for part in re.findall(r"{(\w+)}", route.path)
]


@pytest.fixture
def asked():
    """What every database is asked for in a test."""
    values: list[object] = []

    def note(*said: object) -> None:
        values.append(said[3])

    sqlalchemy.event.listen(Engine, "before_cursor_execute", note)
    yield values
    sqlalchemy.event.remove(Engine, "before_cursor_execute", note)


@pytest.mark.parametrize(("path", "part"), PARTS)
def test_no_nul_in_an_address_reaches_a_database(as_user, incident, asked, path, part):
    tried("injection: NUL in addresses")
    answer = as_user("office").get(filled(path, **{part: f"{KNOWN[part]}%00"}))
    assert answer.status_code in {404, 422}
    assert "\\x00" not in repr(asked), "PostgreSQL would refuse the statement, and the page fail"


NAMES = (
    "../../../etc/cron.d/x.pdf", "..\\..\\x.pdf", "/etc/passwd.pdf", "C:\\x.pdf", "a\x00b.pdf", "a\r\nSet-Cookie: x=1.pdf", "\u202efdp.exe",
    "~/.ssh/id.pdf", "$(id).pdf", "-rf.pdf", "a" * 300 + ".pdf", "名称;rm -rf.pdf", ".pdf", "..", "con.pdf",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_no_name_of_an_upload_is_a_path(desk, name):
    before = {path for path in desk.settings.home.rglob("*") if path.is_file()}
    outside = set(desk.settings.home.parent.iterdir())
    tried("injection: paths")
    with desk.work() as work:
        try:
            attach(work, b"%PDF-1.7\n" + name.encode() + b"0" * 64, name, "approval_form", "finance", desk.tick())
        except ObligationsError:
            return
    made = {path for path in desk.settings.home.rglob("*") if path.is_file()} - before
    assert all(path.resolve().is_relative_to(desk.settings.store.resolve()) or "ledger" in path.name for path in made)
    assert set(desk.settings.home.parent.iterdir()) == outside

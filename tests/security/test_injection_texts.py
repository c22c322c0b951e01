"""Text that is code somewhere else: in drafts, mails, calendars and tables it is printed as it was written, and nothing runs.

What pages make of it is ``test_injection_pages``; what forms and files make of it, beside the tests of each.
"""

from __future__ import annotations

import email
import email.policy
import io
import re
import zipfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import icalendar
import openpyxl
import pypdf
import pytest
from case_counts import tried
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from pages_read import living

from obligations.orchestration.demo.demo import INCIDENT
from obligations.orchestration.documents.specimens import specimen
from obligations.orchestration.events.incidents import read_report
from obligations.orchestration.feeds.icalendar_file import calendar_of
from obligations.orchestration.settings import PACKAGE
from obligations.rules.workbooks.streaming import csv_pieces, write_rows
from obligations.steps.draft import draft
from obligations.steps.ledger.due_dates import Due
from obligations.steps.notify.compose import letter
from obligations.steps.notify.mail import write_message
from obligations.words.errors import DeliveryFailed, ObligationsError, UnusableInput
from obligations.words.letters import Entry
from obligations.words.material import GivenHeading, GivenParagraph, GivenTable
from obligations.words.times import SHANGHAI

NOW = datetime(2026, 9, 29, 10, tzinfo=SHANGHAI)
TEMPLATES = PACKAGE.parents[1] / "templates"
CODE = (
    "{{ 7*7 }}", "{% for x in range(9) %}x{% endfor %}", "{{ ''.__class__.__mro__ }}", "{# 注 #}", "${7*7}", "#{7*7}", "<%= 7*7 %>",
    '#read("/etc/passwd")', "#eval(\"1+1\")", "$1+1$", "#include \"x.typ\"", "*粗* _斜_ `码`", "\\input{/etc/passwd}",
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<!--", "]]>", "<![CDATA[x]]>", "&xxe;", "&amp;lt;", "</w:t></w:r>",
    "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>", "=1+1", "+1", "-1+1", "@SUM(A1)", "|calc", "=cmd|'/C calc'!A0",
    "'; DROP TABLE occurrence; --", "%s %(x)s {0}", "../../etc/passwd", "javascript:alert(1)", "[链接](javascript:alert(1))",
)  # fmt: skip
LEADS = ("=", "+", "-", "@", "\t", "\r")
TEXT = st.sampled_from(CODE) | st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("part", ["heading", "paragraph", "cell"])
def test_a_departments_text_is_printed_and_never_run(part, tmp_path):
    case = specimen("submission")
    obligation, occurrence, kind, snapshot, source = case.arguments
    texts = [code for code in CODE if part != "heading" or len(code) < 30]
    parts = {
        "heading": tuple(each for text in texts for each in (GivenHeading(1, f"工作{text}"), GivenParagraph("情况。"))),
        "paragraph": tuple(GivenParagraph(f"情况{text}。") for text in texts),
        "cell": (GivenTable("表 各项", ("项目", "说明"), tuple((f"第{n}项", text) for n, text in enumerate(texts))),),
    }[part]
    manuscript = replace(source, title="工作情况", parts=parts)
    made = draft(
        obligation, occurrence, kind, snapshot, manuscript, version=1, out=tmp_path, created_at=occurrence.opens_at
    )
    tried("injection: Jinja, Typst, XML and HTML in drafts", len(texts))
    said = squeezed((made.folder / "document.txt").read_text("utf-8"))
    page = (made.folder / "page.html").read_text("utf-8")
    with zipfile.ZipFile(made.folder / "document.docx") as package:
        document = etree.fromstring(package.read("word/document.xml"))
    printed = squeezed("".join(document.itertext()))
    for text in texts:
        assert squeezed(text) in said, text
        assert squeezed(text) in printed, text
    assert set(living(page)) <= living_of(tmp_path.parent / "harmless", manuscript)
    pages = pypdf.PdfReader(io.BytesIO((made.folder / "document.pdf").read_bytes())).pages
    assert "root:" not in "".join(sheet.extract_text() for sheet in pages)


def living_of(folder: Path, manuscript) -> set[str]:
    """Return what is markup of a page that says harmless things in as many places."""
    case = specimen("submission")
    obligation, occurrence, kind, snapshot, _ = case.arguments
    harmless = tuple(
        replace(part, rows=tuple((number, "说明") for number, _ in part.rows))
        if isinstance(part, GivenTable)
        else replace(part, text="工作情况")
        for part in manuscript.parts
    )
    made = draft(
        obligation, occurrence, kind, snapshot, replace(manuscript, parts=harmless), version=1, out=folder / str(len(harmless)),
        created_at=occurrence.opens_at,
    )  # fmt: skip
    return set(living((made.folder / "page.html").read_text("utf-8")))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_mail_has_the_headers_that_we_give_it_and_one_recipient(data):
    broken = TEXT.map(lambda text: f"{text}\r\nBcc: evil@example.com\r\n\r\n<b>")

    def draw() -> str:
        return data.draw(TEXT | broken)

    entry = Entry(
        draw(),
        draw(),
        draw(),
        draw(),
        draw(),
        draw(),
        (draw(),),
        draw(),
        draw(),
        False,
        "https://a.cn/x",
        remarks=(draw(),),
    )
    worded = letter([entry], draw(), urgent=data.draw(st.booleans()), templates=TEMPLATES / "notices")
    tried("injection: mail headers")
    try:
        message = write_message(
            worded, draw(), "jia@example.cn", "gongkai@example.cn", message_id="<1@obligations>", now=NOW
        )
    except DeliveryFailed:  # a name with a line break is refused, in words
        return
    read = email.message_from_bytes(message.as_bytes(), policy=email.policy.default)
    assert [address.addr_spec for address in read["To"].addresses] == ["jia@example.cn"]
    assert set(read.keys()) == {
        "Message-ID", "Date", "From", "To", "Subject", "Auto-Submitted", "MIME-Version", "Content-Type",
    }  # fmt: skip
    assert len(read.get_all("Subject")) == 1
    html = read.get_body(("html",)).get_content()
    assert not [
        name for name in living(html) if re.search(r"<(script|img|iframe|object|form|svg)| to (javascript|data)", name)
    ]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(TEXT | TEXT.map(lambda text: f"{text}\r\nEND:VEVENT\r\nBEGIN:VALARM\r\n"), min_size=1, max_size=5), TEXT
)
def test_a_calendar_has_an_entry_for_each_due_date_and_nothing_else(titles, name):
    dues = [Due("demo/x", f"2026-{n:02d}", title, (), NOW, False, True) for n, title in enumerate(titles, 1)]
    tried("injection: calendar feed")
    read = icalendar.Calendar.from_ical(calendar_of(dues, name, "https://a.cn", NOW))
    events = [part for part in read.walk() if part.name == "VEVENT"]
    assert len(events) == len(titles)
    assert {part.name for part in read.walk()} <= {"VCALENDAR", "VEVENT", "VTIMEZONE", "STANDARD", "DAYLIGHT"}
    assert {str(event["UID"]) for event in events} == {f"demo.x.{due.period}@obligations" for due in dues}


@settings(max_examples=150, deadline=None)
@given(st.lists(TEXT, min_size=1, max_size=4))
def test_no_cell_that_we_write_is_a_formula(texts):
    rows = [{"事项": text} for text in texts]
    tried("injection: formulas", 2 * len(texts))
    said = b"".join(csv_pieces(["事项"], rows)).decode("utf-8-sig")
    for cell in re.findall(r'(?:^|\n)"?([^"\n])', said.partition("\n")[2]):
        assert cell not in {"=", "+", "-", "@"}
    stream = io.BytesIO()
    write_rows(stream, "台账", {"事项": 10}, rows)
    for (cell,) in openpyxl.load_workbook(stream)["台账"].iter_rows(min_row=2):
        assert cell.data_type != "f"
        assert cell.hyperlink is None
        assert not str(cell.value or "").startswith(LEADS) or cell.quotePrefix


BAD_IDS = (
    "../x",
    "a/b",
    "a\\b",
    "a b",
    ".",
    "..",
    "%2e%2e",
    "公" * 3,
    "a" * 101,
    "'; --",
    "{{1}}",
    "$(id)",
    "-" * 200,
)


@pytest.mark.parametrize("event_id", BAD_IDS)
def test_an_events_id_is_letters_digits_and_hyphens(event_id):
    said = {**INCIDENT, "type": "incident", "happened_at": "2026-09-29T09:00", "event_id": event_id}
    tried("injection: paths")
    with pytest.raises(UnusableInput, match="event_id"):
        read_report(said, NOW)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["level", "title", "happened_at", "reported_at", "noticed_at", "event_id", "place", "summary"]),
        st.none() | st.integers() | TEXT,
    )
)
def test_any_report_is_an_event_with_a_plain_id_or_is_refused(fields):
    tried("fuzz: reports of events")
    said = {**INCIDENT, "type": "incident", "happened_at": "2026-09-29T09:00", **fields}
    try:
        event = read_report(said, NOW)
    except ObligationsError:
        return
    assert re.fullmatch(r"[A-Za-z0-9-]{1,100}", event.id)
    assert event.happened_at <= NOW
    assert "\x00" not in event.title

"""Values of the forms that Airflow shows: it checks nothing but the button, so whatever comes is read, or refused in words.

Airflow 3.3.2 takes any JSON for a field and hands it on; an answer that raises would fail the task instead of asking again.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from case_counts import tried
from desk import FIRST
from hypothesis import given, settings
from hypothesis import strategies as st
from pages_read import living

from obligations.orchestration.review.answers import (
    ADDRESS,
    CLAIMED_AT,
    COMMENT,
    NOTE,
    ORAL_AT,
    ORAL_BY,
    OVERRIDE,
    PROOF,
    SUBMIT,
    Answer,
    AnswerRefused,
    fulfilled_at,
    read_answer,
)
from obligations.orchestration.review.decisions import answer_completion
from obligations.orchestration.review.forms import ask_completion
from obligations.orchestration.rulings.fields import read_ruling
from obligations.orchestration.rulings.kinds import FIELDS, KINDS
from obligations.orchestration.runs.trace import drafted
from obligations.words.errors import ObligationsError

AT = datetime(2026, 11, 3, 10, tzinfo=UTC)
BLANKS = (COMMENT, OVERRIDE, ORAL_BY, ORAL_AT, ADDRESS, CLAIMED_AT, NOTE, *PROOF["held"])
STRANGE = st.sampled_from((
    None, True, 0, -1, 1e308, float("nan"), [], {}, [1], {"a": 1}, "", " ", "\x00", "\u202e", "a" * 5000, "{{7*7}}", "{% raw %}",
    "<script>alert(1)</script>", "'; DROP TABLE event; --", "../../etc/passwd", "=1+1", "明天", "0001-01-01", "9999-12-31T23:59:59+00:00",
    "2026-11-03 10:00", "2026-02-30", "25:61", "file:///etc/passwd", "http://127.0.0.1/", "javascript:alert(1)", "a\r\nb", "【待填写：原因】",
))  # fmt: skip
VALUES = STRANGE | st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
NAMES = st.sampled_from([blank.name for blank in BLANKS]) | st.text(max_size=8)


@settings(max_examples=400, deadline=None)
@given(st.lists(VALUES, max_size=3), st.dictionaries(NAMES, VALUES, max_size=6), st.none() | st.text(max_size=5))
def test_any_answer_is_text_by_known_names_or_is_refused(options, fields, person):
    tried("fuzz: values of Airflow's forms")
    try:
        answer = read_answer(options, fields, person, AT, BLANKS)
    except AnswerRefused as refused:
        said = str(refused)
    else:
        said = "，"
        assert set(answer.fields) == {blank.name for blank in BLANKS}
        assert all(isinstance(text, str) and len(text) <= 4000 for text in answer.fields.values())
        assert answer.person
    assert "，" in said or "：" in said or "文字" in said


@settings(max_examples=200, deadline=None)
@given(VALUES.filter(lambda value: isinstance(value, str)))
def test_a_time_of_proof_is_between_the_beginning_and_now_or_is_refused(text):
    tried("fuzz: values of Airflow's forms")
    begun = AT - timedelta(days=30)
    try:
        answer = read_answer(["确认"], {"fulfilled_at": text}, "jia", AT, BLANKS)
        instant = fulfilled_at(answer, not_before=begun)
    except AnswerRefused:
        return
    assert begun <= instant <= AT


@settings(max_examples=600, deadline=None)
@given(
    st.sampled_from(sorted(KINDS)) | st.text(max_size=6),
    st.dictionaries(st.sampled_from(sorted(FIELDS)) | st.text(max_size=5), VALUES, max_size=8),
)
def test_any_decision_is_read_whole_or_refused_in_words(kind, fields):
    tried("fuzz: decisions")
    try:
        read_ruling(kind, fields, AT)
    except ObligationsError as refused:
        said = str(refused)
    else:
        said = "决定"
    assert any("\u4e00" <= character <= "\u9fff" for character in said)


CODE = (
    "{{ 7*7 }}",
    "<script>alert(1)</script>",
    '#read("/etc/passwd")',
    "'; DROP TABLE event; --",
    "=1+1",
    "\u202e写倒",
    "]]>&xxe;",
)


def test_what_a_person_fills_in_is_printed_as_written(desk):
    with desk.work(FIRST) as work:
        asked = [blank.name for blank in ask_completion(work, desk.tick()).fields if blank.name != COMMENT.name]
        fields = dict.fromkeys(asked, "原因" + "、".join(CODE) + "等方面")
        at = desk.tick()
        assert answer_completion(work, Answer(SUBMIT, fields, "finance", at), at) == SUBMIT
        filled = Path(drafted(work).folder)
    tried("injection: values of Airflow's forms", len(asked) * len(CODE))
    assert asked
    said = "".join((filled / "document.txt").read_text("utf-8").split())
    for code in CODE:  # of tags only what stands between them is kept
        assert "".join(re.sub(r"\u202e|</?script>", "", code).split()) in said
    page = (filled / "page.html").read_text("utf-8")
    assert not [name for name in living(page) if "<script" in name or "javascript" in name]

"""What statistics read of many occurrences at once is what the page of each one tells, whatever happened to it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.event import listen

from obligations.rules.calendar import load_calendar
from obligations.rules.catalogue import load_one
from obligations.steps.ledger import Expected, Ledger, open_ledger
from obligations.steps.ledger.brief import Course, Courses, judged, stage_times_of
from obligations.steps.ledger.listing import Filters, Head, heads_of
from obligations.steps.ledger.timing import WorkingTime
from obligations.words.occurrence import DueDate, Occurrence, Period
from obligations.words.times import SHANGHAI
from obligations.words.visible import Visible

CATALOGUE = Path(__file__).parents[2] / "include" / "obligations" / "catalogue"
KEYS = ("demo/fiscal-monthly", "demo/land-supply-quarterly")
NOW = datetime(2026, 10, 12, 9, tzinfo=SHANGHAI)
DUE = datetime(2026, 10, 1, tzinfo=SHANGHAI)  # 9月30日24时前
HOUR = timedelta(hours=1)
IS_WORKING_DAY = load_calendar().is_working_day
WORDS = {
    "published": {"version": 1, "sha256": "0", "address": "https://www.example.cn/1"},
    "verified": {"sha256": "0", "address": "https://www.example.cn/1"},
    "approved": {"version": 1, "level": "终审"},
    "corrected": {"late_stage": "review", "owner": "上级单位", "reason": "数据未下达"},
    "passed": {"final": True},
    "notice_sent": {"tier": "due", "published_at": "not read"},
}
KINDS = (
    "opened", "waiting", "data_arrived", "bad_input", "failed", "drafted", "review_requested", "returned", "approved",
    "passed", "corrected", "notice_sent", "feedback", "published", "verified", "nil", "progress",
)  # fmt: skip


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}") as ledger:
        yield ledger


def let_things_happen(ledger: Ledger, number: int) -> None:
    """Let anything happen to as many occurrences, in no sensible order."""
    draw = random.Random(20261012)  # noqa: S311 - the same in every run, no secret
    for position in range(number):
        key, period = draw.choice(KEYS), f"p{position}"
        opens = DUE - timedelta(days=20)
        dates = DueDate(opens, DUE, False, DUE, DUE, ("20个工作日",))
        occurrence = Occurrence(key, Period(period, date(2026, 9, 1), date(2026, 9, 30)), opens, DUE - 99 * HOUR, dates)
        entry = Expected(load_one(CATALOGUE, key), occurrence, "1", draw.random() < 0.1)
        ledger.expect_many([entry], calendar_version="1", now=opens)
        at = opens
        for kind in draw.choices(KINDS, k=draw.randint(0, 14)):
            at += draw.choice([HOUR / 3, 5 * HOUR, 50 * HOUR, 200 * HOUR])
            words = {**WORDS.get(kind, {}), "final": draw.choice([True, False])} if kind == "approved" else None
            ledger.append(key, period, kind, happened_at=at, recorded_at=at, payload=words or WORDS.get(kind, {}))


def test_lateness_losses_and_stages_are_those_of_the_whole_row(ledger: Ledger) -> None:
    let_things_happen(ledger, 250)
    rows = ledger.rows(now=NOW, is_working_day=IS_WORKING_DAY)
    heads = [Head(row.occurrence.id, row.occurrence.head_hash) for row in rows]
    with ledger.reading() as connection:
        courses = Courses().of(connection, heads, NOW)
    briefly = [judged(course, NOW) for course in courses]
    stages = [stage_times_of(course, WorkingTime(IS_WORKING_DAY), NOW) for course in courses]
    assert [(row.occurrence, row.true_lateness, row.loss) for row in briefly] == [
        (row.occurrence, row.true_lateness, row.loss) for row in rows
    ]
    assert stages == [row.stages for row in rows]
    assert {row.loss.owner for row in briefly if row.loss} >= {"系统运行", "上级单位", "演示单位财政局"}
    assert any(time.working_hours for times in stages for time in times)


def test_of_what_is_closed_the_events_are_read_once_and_again_after_one_more(ledger: Ledger) -> None:
    let_things_happen(ledger, 250)
    courses, read = Courses(most=1000), []

    def told() -> list[Course]:
        every = Visible(keys=frozenset(KEYS))
        with ledger.reading() as connection:
            heads = heads_of(connection, every, Filters(), NOW)
            listen(connection, "before_cursor_execute", lambda *said: read.append(said[3]))
            found = courses.of(connection, heads, NOW)
            assert found == Courses(most=1).of(connection, heads, NOW), "what is kept is what would be found"
        return found

    first = told()
    closed = [row.occurrence for row in ledger.rows(now=NOW, is_working_day=IS_WORKING_DAY) if row.occurrence.closed_at]
    late = next(row for row in closed if row.outcome == "met" and row.closed_at and row.closed_at > row.due_at)
    read.clear()
    assert told() == first
    assert not {row.id for row in closed} & set(read[0]), "of the closed ones nothing was read again"
    said = {"late_stage": "data", "owner": "上级单位二"}
    ledger.append(late.key, late.period, "corrected", happened_at=NOW, recorded_at=NOW, payload=said)
    assert "上级单位二" in {course.loss.owner for course in told() if course.loss}

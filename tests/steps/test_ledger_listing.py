"""Lists of occurrences: what the database filters and sorts is what the rules say of each, and nobody sees more than their own."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from obligations.rules.catalogue import load_one
from obligations.steps.ledger import Expected, Ledger, OccurrenceRow, Stage, open_ledger, tables
from obligations.steps.ledger.lateness import say_lateness
from obligations.steps.ledger.listing import Filters, Standing, count, ids_of, rows_with
from obligations.words.occurrence import DueDate, Occurrence, Period
from obligations.words.times import SHANGHAI
from obligations.words.visible import Visible

CATALOGUE = Path(__file__).parents[2] / "include" / "obligations" / "catalogue"
NOW = datetime(2026, 10, 12, 9, tzinfo=SHANGHAI)
HOUR = timedelta(hours=1)
ALL = Visible(frozenset({"demo", "shandong"}))


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}") as ledger:
        yield ledger


def expect(ledger: Ledger, key: str, period: str, due: datetime, **changes: Any) -> None:
    """Enter an occurrence, with columns as events would have left them."""
    opens = due - timedelta(days=20)
    occurrence = Occurrence(
        key,
        Period(period, date(2026, 9, 1), date(2026, 9, 30)),
        opens,
        due - timedelta(days=5),
        DueDate(opens, due, False, due, due, ("20个工作日",)),
    )
    entry = Expected(load_one(CATALOGUE, key), occurrence, "1")
    ledger.expect_many([entry], calendar_version="1", now=opens)
    if changes:
        its = tables.occurrence.c
        where = (its.obligation_key == key) & (its.period == period)
        with ledger.writing() as connection:
            connection.execute(update(tables.occurrence).where(where).values(changes))


def found(ledger: Ledger, filters: Filters = Filters(), visible: Visible = ALL, **how: Any) -> list[OccurrenceRow]:  # noqa: B008 - a frozen value
    with ledger.reading() as connection:
        ids = ids_of(connection, visible, filters, NOW, **how)
        if "limit" not in how:
            assert count(connection, visible, filters, NOW) == len(ids)
        return rows_with(connection, ids)


def periods(rows: list[OccurrenceRow]) -> list[str]:
    return [row.period for row in rows]


def said(row: OccurrenceRow) -> str:
    """Say by the rules what a standing says by SQL."""
    if row.historical:
        return Standing.HISTORICAL
    words = say_lateness(row, NOW)
    if words.startswith("逾期"):
        return Standing.OVERDUE if row.closed_at is None else Standing.LATE
    return Standing(words)


def test_every_standing_is_what_the_rules_call_it(ledger: Ledger) -> None:
    draw = random.Random(20261012)  # noqa: S311 - the same rows in every run, no secret
    instants = [NOW - 2 * HOUR, NOW - HOUR, NOW, NOW + HOUR, None]
    for number in range(400):
        outcome = draw.choice([None, None, "met", "nil", "waived", "withheld", "merged"])
        published = draw.choice(instants)
        open_stage = draw.choice(["expected", "review", "published", "published"])
        expect(
            ledger,
            "demo/fiscal-monthly",
            f"p{number}",
            draw.choice([NOW - HOUR, NOW, NOW + HOUR]),
            stage=outcome or open_stage,
            outcome=outcome,
            closed_at=None if outcome is None else draw.choice(instants[:4]),
            published_at=published,
            fulfilment=draw.choice(["published", "held"]),
            waived_at=draw.choice([None, None, None, NOW]),
            missed_at=draw.choice([None, None, NOW]),
            paused_at=draw.choice([None, None, NOW]),
            historical=draw.random() < 0.1,
        )
    rows = found(ledger)
    assert len(rows) == 400
    met: set[str] = set()
    for standing in Standing:
        listed = set(periods(found(ledger, Filters(standings=(standing,)))))
        assert listed == {row.period for row in rows if said(row) == standing}, standing
        assert listed, f"no example of {standing}"
        assert not listed & met
        met |= listed


def test_nobody_sees_more_than_their_own_and_nothing_is_seen_of_nothing(ledger: Ledger) -> None:
    expect(ledger, "demo/fiscal-monthly", "a", NOW)
    expect(ledger, "demo/land-supply-quarterly", "b", NOW)
    expect(ledger, "shandong/fiscal-monthly", "c", NOW)
    assert periods(found(ledger)) == ["a", "b", "c"]
    assert periods(found(ledger, visible=Visible())) == []
    assert periods(found(ledger, visible=Visible(frozenset({"shandong"})))) == ["c"]
    assert periods(found(ledger, visible=Visible(keys=frozenset({"demo/fiscal-monthly"})))) == ["a"]
    both = Visible(frozenset({"shandong"}), frozenset({"demo/fiscal-monthly"}))
    assert periods(found(ledger, visible=both)) == ["a", "c"]
    other = Filters(jurisdiction="shandong", keys=frozenset({"shandong/fiscal-monthly"}))
    assert periods(found(ledger, other, Visible(frozenset({"demo"})))) == [], "a filter never widens what is seen"


def test_filters_take_what_they_say_literally(ledger: Ledger) -> None:
    expect(ledger, "demo/fiscal-monthly", "2026-09", NOW)
    expect(ledger, "demo/fiscal-monthly", "2026_9%", NOW)
    expect(ledger, "demo/land-supply-quarterly", "2026-Q3", NOW)
    assert periods(found(ledger, Filters(period="2026-"))) == ["2026-09", "2026-Q3"]
    assert periods(found(ledger, Filters(period="2026_"))) == ["2026_9%"], "a low line is no joker"
    assert periods(found(ledger, Filters(words=("%",)))) == []
    assert periods(found(ledger, Filters(words=("财政", "FISCAL")))) == ["2026-09", "2026_9%"], "each word, any case"
    assert periods(found(ledger, Filters(words=("财政", "land")))) == []
    assert periods(found(ledger, Filters(department="演示单位自然资源局"))) == ["2026-Q3"]
    assert periods(found(ledger, Filters(department="自然资源局"))) == [], "a part of a name is not the department"
    assert periods(found(ledger, Filters(department='"'))) == []
    assert periods(found(ledger, Filters(keys=frozenset({"demo/land-supply-quarterly"})))) == ["2026-Q3"]
    assert periods(found(ledger, Filters(keys=frozenset()))) == []
    assert periods(found(ledger, Filters(stage=Stage.EXPECTED.value, jurisdiction="demo")))[-1] == "2026-Q3"
    assert periods(found(ledger, Filters(stage=Stage.REVIEW.value))) == []


def test_what_falls_due_at_midnight_belongs_to_the_day_that_it_ends(ledger: Ledger) -> None:
    expect(ledger, "demo/fiscal-monthly", "a", datetime(2026, 10, 1, tzinfo=SHANGHAI))  # 9月30日24时前
    expect(ledger, "demo/fiscal-monthly", "b", datetime(2026, 10, 1, 0, 1, tzinfo=SHANGHAI))
    assert periods(found(ledger, Filters(due_until=date(2026, 9, 30)))) == ["a"]
    assert periods(found(ledger, Filters(due_from=date(2026, 9, 30), due_until=date(2026, 9, 30)))) == ["a"]
    assert periods(found(ledger, Filters(due_from=date(2026, 10, 1)))) == ["b"]


def test_pages_follow_one_another_whatever_they_are_sorted_by(ledger: Ledger) -> None:
    for number in range(7):
        key = ("demo/fiscal-monthly", "demo/land-supply-quarterly")[number % 2]
        stage = ("expected", "review", "met")[number % 3]
        expect(ledger, key, f"p{number}", NOW + number % 3 * HOUR, stage=stage)
    for sort in ("due", "title", "department", "stage"):
        for descending in (False, True):
            whole = periods(found(ledger, sort=sort, descending=descending))
            pages = [
                periods(found(ledger, sort=sort, descending=descending, limit=3, offset=offset)) for offset in (0, 3, 6)
            ]
            assert [one for page in pages for one in page] == whole
            assert sorted(whole) == [f"p{number}" for number in range(7)]
    by_due = found(ledger)
    assert [row.due_at for row in by_due] == sorted(row.due_at for row in by_due)
    stages = [row.stage for row in found(ledger, sort="stage")]
    assert stages == sorted(stages, key=[stage.value for stage in Stage].index), "in the order of the work"
    titles = [row.title for row in found(ledger, sort="title", descending=True)]
    assert titles == sorted(titles, reverse=True)

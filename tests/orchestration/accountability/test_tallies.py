"""Punctuality as it stands now is counted exactly as a statement counts the same occurrences, one by one."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from obligations.orchestration.accountability.lines import line_of
from obligations.orchestration.accountability.tallies import months_until, punctuality_of, stage_medians
from obligations.orchestration.settings import PACKAGE
from obligations.rules.calendar import load_calendar
from obligations.rules.catalogue import load_one
from obligations.steps.ledger import Expected, Ledger, open_ledger, tables
from obligations.steps.ledger.brief import Courses
from obligations.words.occurrence import DueDate, Occurrence, Period
from obligations.words.times import SHANGHAI

NOW = datetime(2026, 10, 12, 9, tzinfo=SHANGHAI)
KEYS = ("demo/fiscal-monthly", "demo/land-supply-quarterly")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
IS_WORKING_DAY = load_calendar().is_working_day


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}") as ledger:
        yield ledger


def expect(ledger: Ledger, key: str, period: str, due: datetime) -> None:
    opens = due - 20 * DAY
    dates = DueDate(opens, due, False, due, due, ("20个工作日",))
    occurrence = Occurrence(key, Period(period, due.date(), due.date()), opens, due - 5 * DAY, dates)
    entry = Expected(load_one(PACKAGE / "catalogue", key), occurrence, "1")
    ledger.expect_many([entry], calendar_version="1", now=opens)


def test_every_occurrence_is_counted_once_and_as_its_line_says(ledger: Ledger) -> None:
    draw = random.Random(20261012)  # noqa: S311 - the same rows in every run, no secret
    for number in range(300):
        due = datetime(2026, draw.randint(5, 11), draw.randint(1, 28), tzinfo=SHANGHAI)
        outcome = draw.choice([None, None, "met", "met", "nil", "withheld", "waived", "merged"])
        expect(ledger, draw.choice(KEYS), f"p{number}", due)
        values = {
            "stage": outcome or draw.choice(["expected", "published", "review"]),
            "outcome": outcome,
            "closed_at": None if outcome is None else due + draw.choice([-HOUR, timedelta(), HOUR, DAY]),
            "published_at": draw.choice([None, due - HOUR, due, due + HOUR]),
            "waived_at": NOW if outcome == "waived" or draw.random() < 0.1 else None,
            "missed_at": draw.choice([None, None, due]),
            "paused_at": draw.choice([None, None, NOW]),
            "historical": draw.random() < 0.1,
        }
        with ledger.writing() as connection:
            connection.execute(
                update(tables.occurrence).where(tables.occurrence.c.period == f"p{number}").values(values)
            )
    months = months_until(date(2026, 11, 1), 6)  # May is left out
    with ledger.reading() as connection:
        found = punctuality_of(connection, "demo", months, Courses(), now=NOW)
    lines = [line_of(row, "", NOW) for row in ledger.rows(now=NOW, is_working_day=IS_WORKING_DAY)]
    lines = [line for line in lines if line.month in {month.name for month in months}]
    for (month, department), tally in found.tallies.items():
        own = Counter(line.counted for line in lines if (line.month, line.department) == (month, department))
        assert (tally["on_time"], tally["late"]) == (own["按期"], own["逾期"])
        assert tally["owed"] == own["按期"] + own["逾期"]
        assert tally["due"] == sum(own.values()) - own["补录"] - own["未到期"]
        assert tally["historical"] == own["补录"]
        assert tally["unverified"] == own["待核验"]
        assert (tally["system"], tally["nil"], tally["withheld"]) == (own["系统原因"], own["零报告"], own["不予公开"])
        assert (tally["waived"], tally["paused"]) == (own["不计入考核"], own["时限中止"])
    assert {(line.month, line.department) for line in lines} == set(found.tallies)
    assert {line.period for line in found.misses} == {line.period for line in lines if line.result.startswith("逾期")}
    assert sum(tally["unverified"] for tally in found.tallies.values()), "no example of what waits for its proof"


def test_a_midnight_counts_in_the_month_that_it_ends(ledger: Ledger) -> None:
    expect(ledger, KEYS[0], "a", datetime(2026, 10, 1, tzinfo=SHANGHAI))  # 9月30日24时前
    expect(ledger, KEYS[0], "b", datetime(2026, 9, 1, tzinfo=SHANGHAI))  # 8月31日24时前
    expect(ledger, KEYS[0], "c", datetime(2026, 10, 1, 0, 1, tzinfo=SHANGHAI))
    with ledger.reading() as connection:
        found = punctuality_of(connection, "demo", months_until(date(2026, 9, 1), 1), Courses(), now=NOW)
    assert [line.period for line in found.misses] == ["a"]
    assert {month for month, _ in found.tallies} == {"2026-09"}


def test_months_follow_one_another_over_the_turn_of_the_year() -> None:
    months = months_until(date(2026, 2, 28), 3)
    assert [(month.name, month.first, month.last) for month in months] == [
        ("2025-12", date(2025, 12, 1), date(2025, 12, 31)),
        ("2026-01", date(2026, 1, 1), date(2026, 1, 31)),
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
    ]


def test_the_median_of_a_stage_is_of_working_hours_and_of_what_was_fulfilled(ledger: Ledger) -> None:
    for number, hours in enumerate((1, 2, 7)):
        period, due = f"p{number}", datetime(2026, 9, 19, tzinfo=SHANGHAI)
        expect(ledger, KEYS[0], period, due)
        opened = datetime(2026, 9, 14, 9, tzinfo=SHANGHAI)  # Monday
        end = opened + (hours * HOUR if hours < 4 else 8.5 * HOUR)  # the whole day is seven hours of work
        for kind, at in (("opened", opened), ("data_arrived", end), ("drafted", end)):
            ledger.append(KEYS[0], period, kind, happened_at=at, recorded_at=at, payload={"version": 1, "sha256": "0"})
        said = {"version": 1, "sha256": "0", "address": "https://www.example.cn/1"}
        ledger.append(KEYS[0], period, "published", happened_at=end, recorded_at=end, payload=said)
        proof = {**said, "published_at": end.isoformat()}
        ledger.append(KEYS[0], period, "verified", happened_at=end, recorded_at=end, payload=proof)
    expect(ledger, KEYS[0], "open", datetime(2026, 9, 19, tzinfo=SHANGHAI))
    (month,) = months_until(date(2026, 9, 1), 1)
    with ledger.reading() as connection:
        (found,) = stage_medians(connection, "demo", month, Courses(), now=NOW, is_working_day=IS_WORKING_DAY).values()
    assert found.number == 3
    assert (found.hours["data"], found.hours["draft"]) == (2.0, 0.0)
    assert "review" not in found.hours

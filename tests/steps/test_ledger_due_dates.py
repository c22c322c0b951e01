"""What a calendar counts of a day: late is what the list of the ledger calls late, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from obligations.rules.catalogue import load_one
from obligations.steps.ledger import Expected, Ledger, open_ledger
from obligations.steps.ledger.due_dates import DayCount, counts_by_day
from obligations.words.occurrence import DueDate, Occurrence, Period
from obligations.words.times import SHANGHAI
from obligations.words.visible import Visible

KEY = "demo/fiscal-monthly"
OBLIGATION = load_one(Path(__file__).parents[2] / "include" / "obligations" / "catalogue", KEY)
DUE = datetime(2026, 10, 10, tzinfo=SHANGHAI)  # 10月9日24时前, a Friday
BEFORE, NOW = DUE - timedelta(hours=3), DUE + timedelta(hours=9)
PAGE = {"version": 1, "sha256": "0", "address": "https://www.example.gov.cn/1"}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}") as ledger:
        yield ledger


def expect(ledger: Ledger, period: str, *events: tuple[str, datetime, dict[str, Any]]) -> None:
    opens = DUE - timedelta(days=20)
    dates = DueDate(opens, DUE, False, DUE, DUE, ("20个工作日",))
    occurrence = Occurrence(KEY, Period(period, date(2026, 9, 1), date(2026, 9, 30)), opens, BEFORE, dates)
    ledger.expect_many([Expected(OBLIGATION, occurrence, "1")], calendar_version="1", now=opens)
    for kind, at, payload in events:
        ledger.append(KEY, period, kind, happened_at=at, recorded_at=at, payload=payload)


def test_only_what_is_open_and_owed_past_its_time_is_late(ledger: Ledger) -> None:
    expect(ledger, "late")
    expect(ledger, "published too late", ("published", NOW, PAGE))
    expect(ledger, "published in time and not proven yet", ("published", BEFORE, PAGE))
    expect(ledger, "paused", ("paused", BEFORE, {}))
    expect(ledger, "met late", ("published", NOW, PAGE), ("verified", NOW, PAGE))
    with ledger.reading() as connection:
        every = Visible(keys=frozenset({KEY}))
        counts = counts_by_day(connection, every, date(2026, 10, 1), date(2026, 10, 31), NOW)
    assert counts == {date(2026, 10, 9): DayCount(total=5, late=2)}

"""A year's lines are the same, and prove themselves, whichever database the ledger is in. See ``test_ledger_postgresql``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from fresh_databases import SERVER, fresh_database

from obligations.rules.catalogue import load_one
from obligations.steps.ledger import Ledger, archiving, migrate, open_ledger
from obligations.words.occurrence import DueDate, Event, Occurrence, Period
from obligations.words.times import SHANGHAI, midnight

if not SERVER:
    pytest.skip(
        "OBLIGATIONS_TEST_POSTGRESQL_URL is not set: THE ARCHIVE WAS NOT TESTED ON POSTGRESQL", allow_module_level=True
    )
CATALOGUE = Path(__file__).parents[2] / "include" / "obligations" / "catalogue"
KEY, BULLETIN = "demo/fiscal-monthly", "demo/incident-bulletin"
NOW = datetime(2026, 10, 1, 9, 0, 0, 123456, tzinfo=SHANGHAI)
NEW_YEAR = midnight(date(2027, 1, 1))


@pytest.fixture(params=["postgresql", "sqlite"])
def ledger(request, tmp_path: Path) -> Iterator[Ledger]:
    if request.param == "sqlite":
        with open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite3'}") as opened:
            yield opened
        return
    with fresh_database() as url:
        migrate(url)
        with open_ledger(url) as opened:
            yield opened


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    """Expect one that is due at the last 24:00 of 2026, one a microsecond later, and one that an event opened."""
    ledger.report(Event("e-1", "incident", "重大", "示例事件", NOW, NOW, None, {"place": "某地"}), NOW)
    dues = {(KEY, "last"): NEW_YEAR, (KEY, "next"): NEW_YEAR + timedelta(microseconds=1), (BULLETIN, "e-1"): NOW}
    for (key, period), due_at in dues.items():
        due = DueDate(NOW - timedelta(days=9), due_at, False, due_at, due_at, ("20个工作日",))
        covered = Period(period, date(2026, 9, 1), date(2026, 9, 30))
        expected = Occurrence(key, covered, NOW - timedelta(days=9), due_at - timedelta(days=1), due)
        ledger.expect(
            load_one(CATALOGUE, key), expected, calendar_version="", catalogue_version="", historical=False, now=NOW
        )
        ledger.append(key, period, "nil", happened_at=NOW, recorded_at=NOW, person="张", payload={"数": [1.5, "：%"]})
    ledger.checkpoint(NOW)
    return ledger


def read(lines: Iterator[archiving.Line]) -> list[archiving.Line]:
    """Return the lines as whoever opens the archive reads them."""
    return [json.loads(archiving.as_text(line)) for line in lines]


def test_a_year_is_what_falls_due_in_it_and_proves_itself_after_it_was_written_down(filled):
    with filled.reading() as connection:
        last, bulletin = read(archiving.occurrences(connection, 2026))
        (next_,) = read(archiving.occurrences(connection, 2027))
        documents = read(archiving.documents(connection, 2026))
        reports = read(archiving.reported_events(connection, 2026))
        none = read(archiving.reported_events(connection, 2027))
        checkpoints = read(archiving.all_checkpoints(connection))
    assert [line["occurrence"]["period"] for line in (last, bulletin, next_)] == ["last", "e-1", "next"]
    assert [archiving.fault_of_occurrence(line) for line in (last, bulletin, next_)] == [None, None, None]
    assert [archiving.fault_of_document(line) for line in documents] == [None]
    assert (len(reports), none, len(checkpoints)) == (1, [], 1)
    assert list(archiving.faults_of_reports(iter(reports))) == []
    assert list(archiving.faults_of_checkpoints(iter(checkpoints))) == []
    heads = {(KEY, "last"): (2, last["occurrence"]["head_hash"]), (KEY, "next"): (2, "0" * 64)}
    assert list(archiving.differing(filled, heads)) == [f"{KEY} next 第 2 条：台账中的这一条与归档时不同"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"person": "李"}, "第 2 条（nil）的内容与其散列值不符"),
        ({"recorded_at": "2026-10-01T09:00:00.123457+08:00"}, "第 2 条（nil）的内容与其散列值不符"),
        ({"raw": "{}"}, "第 2 条（nil）的内容与其散列值不符"),
        ({"happened_at": "soon"}, "内容不成形"),
    ],
)
def test_a_line_that_was_changed_is_found(filled, change, said):
    with filled.reading() as connection:
        line = read(archiving.occurrences(connection, 2026))[0]
    line["events"][1] |= change
    assert said in archiving.fault_of_occurrence(line)

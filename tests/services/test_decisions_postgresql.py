"""Decisions and purging on a real PostgreSQL server: two people who decide at once, and finding what holds a file.

Needs ``OBLIGATIONS_TEST_POSTGRESQL_URL``, see ``test_ledger_postgresql``.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest
from fresh_databases import SERVER, fresh_database
from sqlalchemy import create_engine

from obligations.orchestration import route
from obligations.orchestration.rulings.fields import read_ruling
from obligations.orchestration.rulings.recording import rule
from obligations.orchestration.settings import PACKAGE, Settings
from obligations.orchestration.work import expect, open_work
from obligations.rules.catalogue import load, load_one
from obligations.steps.gather import Sources
from obligations.steps.ledger import migrate, open_ledger, verify_ledger
from obligations.steps.ledger.blobs import held_by_closed, holding, needed_by
from obligations.words.clocks import QuotaClock
from obligations.words.errors import UnusableInput
from obligations.words.times import SHANGHAI

pytestmark = pytest.mark.skipif(not SERVER, reason="OBLIGATIONS_TEST_POSTGRESQL_URL names no server")
KEY, PERIOD = "demo/fiscal-monthly", "2026-09"
NOW = datetime(2026, 11, 5, 15, 0, tzinfo=SHANGHAI)
SHA256 = "ab" * 32


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    with fresh_database() as url:
        migrate(url)
        environment = {
            "OBLIGATIONS_HOME": str(tmp_path),
            "OBLIGATIONS_CATALOGUE": str(PACKAGE / "catalogue"),
            "OBLIGATIONS_LEDGER_URL": url,
        }
        yield Settings.from_environment(environment)


def decide(settings: Settings, person: str) -> str:
    with open_work(settings, load_one(settings.catalogue, KEY), PERIOD, "test") as work:
        try:
            return rule(work, read_ruling("nil", {"reason": "没有内容"}, NOW), person=person, now=NOW).said
        except UnusableInput as refused:
            return str(refused)


def test_of_two_people_who_decide_at_once_one_is_told_of_the_other(settings):
    with open_work(settings, load_one(settings.catalogue, KEY), PERIOD, "test") as work:
        expect(work, NOW)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda person: decide(settings, person), ("演示甲", "演示乙", "演示丙", "演示丁")))
    assert sum("已登记零报告" in answer for answer in answers) == 1
    assert sum("不能再作这项登记" in answer for answer in answers) == 3
    with open_ledger(settings.ledger_url) as ledger:
        assert [event.kind for event in ledger.events(KEY, PERIOD)] == ["expected", "nil"]
        assert verify_ledger(ledger) == []


def test_a_run_with_the_longest_id_that_airflow_takes_gathers(settings):
    """250 characters, by the REST API; ``once`` of the ledger holds 300, which SQLite does not mind."""
    sheets = (one for one in load(settings.catalogue).obligations.values() if one.publication == "check-sheet")
    quota = next(one for one in sheets if isinstance(one.clock, QuotaClock) and one.clock.per == "year")
    sources = Sources(settings.inbox, settings.store, settings.quarantine, lambda _: create_engine("sqlite://"))
    with open_work(settings, quota, "2022", "by-hand-".ljust(250, "x")) as work:
        expect(work, NOW)
        assert route.gather(work, sources, NOW) == route.gather(work, sources, NOW)
        kinds = [event.kind for event in work.ledger.events(work.key, work.period)]
    assert kinds == ["expected", "opened", "data_arrived"]


def test_what_holds_a_file_is_found(settings):
    snapshot = {"file": "a.csv", "path": "inputs/a.csv", "sha256": SHA256, "address": None}
    with open_work(settings, load_one(settings.catalogue, KEY), PERIOD, "test") as work:
        expect(work, NOW)
        payload = {"snapshot": snapshot}
        work.ledger.append(KEY, PERIOD, "data_arrived", happened_at=NOW, recorded_at=NOW, payload=payload)
    with open_ledger(settings.ledger_url) as ledger:
        assert [found.row.period for found in holding(ledger, SHA256)] == [PERIOD]
        assert list(holding(ledger, "cd" * 32)) == []
        assert needed_by(ledger, {SHA256}) == {SHA256: {(KEY, PERIOD)}}
        assert list(held_by_closed(ledger, NOW)) == []

"""Sweeps on a real PostgreSQL server: three at once after a month's outage leave the ledger that one would.

Needs ``OBLIGATIONS_TEST_POSTGRESQL_URL``, see ``test_ledger_postgresql``.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from fresh_databases import SERVER, fresh_database
from sqlalchemy import create_engine, text

from obligations.orchestration.settings import Settings
from obligations.orchestration.sweep.sweeping import sweep
from obligations.steps.ledger import migrate, open_ledger, verify_ledger
from obligations.words.times import SHANGHAI, parse_instant

if not SERVER:
    pytest.skip(
        "OBLIGATIONS_TEST_POSTGRESQL_URL is not set: THE SWEEP WAS NOT TESTED ON POSTGRESQL", allow_module_level=True
    )

FIRST = parse_instant("2026-09-08T10:00").astimezone(SHANGHAI)  # a Tuesday
NOW = FIRST + timedelta(days=30)
CONTACTS = """
people: [{id: jia, name: 演示甲, email: jia@example.cn}, {id: yi, name: 演示乙, email: yi@example.cn}]
roles:
  - {jurisdiction: demo, role: responsible, holder: jia}
  - {jurisdiction: demo, role: office, holder: yi}
  - {jurisdiction: demo, role: operator, holder: yi}
"""
OUTCOME = """
SELECT o.obligation_key, o.period, e.kind, e.once, e.happened_at FROM event e JOIN occurrence o ON o.id = e.occurrence_id
ORDER BY 1, 2, 3, 4, 5
"""


@pytest.fixture
def databases(tmp_path: Path) -> Iterator[list[Settings]]:
    """Return two installations with a ledger each."""
    (tmp_path / "contacts.yaml").write_text(CONTACTS, "utf-8")
    given = {"OBLIGATIONS_GO_LIVE": "2026-09-01", "OBLIGATIONS_CONTACTS": str(tmp_path / "contacts.yaml")}
    with fresh_database() as one, fresh_database() as other:
        for url in (one, other):
            migrate(url)
        yield [Settings.from_environment({**given, "OBLIGATIONS_LEDGER_URL": url}) for url in (one, other)]


def outcome(settings: Settings) -> list[tuple]:
    engine = create_engine(settings.ledger_url)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(OUTCOME))]
    engine.dispose()
    with open_ledger(settings.ledger_url) as ledger:
        assert verify_ledger(ledger) == []
    return found


def test_three_sweeps_at_once_leave_the_ledger_that_one_would(databases):
    one, three = databases
    for settings in databases:
        sweep(settings, FIRST)
    sweep(one, NOW), sweep(one, NOW + timedelta(minutes=10))
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: sweep(three, NOW), range(3)))
    sweep(three, NOW + timedelta(minutes=10))
    assert outcome(three) == outcome(one)
    assert {kind for _, _, kind, *_ in outcome(one)} >= {"expected", "missed", "notice_queued"}


def test_the_first_sweeps_of_an_installation_may_begin_at_once(databases):
    one, three = databases
    sweep(one, FIRST)
    with ThreadPoolExecutor(3) as pool:
        reports = list(pool.map(lambda _: sweep(three, FIRST), range(3)))
    assert {report.first_sweep for report in reports} == {FIRST}
    assert outcome(three) == outcome(one)

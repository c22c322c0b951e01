"""A ledger of 100,000 occurrences on a PostgreSQL of its own: migrated down and up, backed up while it is written to.

``make chaos`` alone takes the whole; otherwise a fiftieth.
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from shutil import which

import pytest
from alembic import command
from case_counts import tell
from chaos_plan import WHOLE
from production import DEPLOY, Databases
from servers import Server, postgresql_server
from sqlalchemy import func, make_url, select

from obligations.orchestration.settings import PACKAGE
from obligations.rules.catalogue import load_one
from obligations.steps.ledger import Expected, Ledger, migrate, open_ledger, verify_ledger
from obligations.steps.ledger.checkpoints import events_root
from obligations.steps.ledger.engine import REVISION, alembic_config
from obligations.steps.ledger.tables import event, occurrence
from obligations.words.occurrence import DueDate, Occurrence, Period
from obligations.words.times import SHANGHAI

SIZE = 100_000 if WHOLE else 2_000
BACKED_UP = SIZE // 5
BATCH = 500
KEY = "demo/fiscal-monthly"
OBLIGATION = load_one(PACKAGE / "catalogue", KEY)
NOW = datetime(2026, 10, 1, 9, tzinfo=SHANGHAI)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with postgresql_server() as running:
        yield running


def databases(server: Server, secrets: Path, name: str) -> Databases:
    """Make the two databases of an installation."""
    secrets.mkdir()
    address = make_url(f"postgresql+psycopg2://postgres@127.0.0.1:{server.port}/postgres")
    made = Databases(address, f"airflow_{name}", f"ledger_{name}", secrets)
    made.make()
    return made


def url(of: Databases) -> str:
    return (of.secrets / "ledger_database_url").read_text("utf-8").strip()


def expect(ledger: Ledger, numbers: Sequence[int]) -> None:
    """Enter occurrences, a batch a transaction."""
    due = DueDate(NOW, NOW + 30 * DAY, False, NOW + 30 * DAY, NOW + 30 * DAY, ("20个工作日",))
    periods = [Period(f"p{number:06}", date(2026, 9, 1), date(2026, 9, 30)) for number in numbers]
    owed = [Expected(OBLIGATION, Occurrence(KEY, period, NOW, NOW + 20 * DAY, due), "一") for period in periods]
    for first in range(0, len(owed), BATCH):
        ledger.expect_many(owed[first : first + BATCH], calendar_version="2026", now=NOW)


def contents(ledger: Ledger) -> tuple[int, int, str]:
    """Return how many occurrences and events there are, and one hash over all events."""
    with ledger.reading() as connection:
        last = int(connection.scalar(select(func.max(event.c.id))) or 0)
        count = int(connection.scalar(select(func.count()).select_from(occurrence)) or 0)
        return count, *events_root(connection, 0, last)


def test_a_large_ledger_runs_down_every_migration_that_keeps_its_events_and_up_again(server, tmp_path):
    address = url(databases(server, tmp_path / "secrets", "migrated"))
    migrate(address)
    with open_ledger(address) as ledger:
        expect(ledger, range(SIZE))
        ledger.checkpoint(NOW)
        before = contents(ledger)
        took = []
        for step in ["0003", "0002", "0001"]:
            began = time.monotonic()
            with ledger.writing() as connection:
                command.downgrade(alembic_config(connection), step)
            assert contents(ledger) == before
            took.append(f"{step} {time.monotonic() - began:.1f} s")
        began = time.monotonic()
        assert migrate(address) == REVISION
        took.append(f"{REVISION} {time.monotonic() - began:.1f} s")
        assert contents(ledger) == before
        assert verify_ledger(ledger) == []
    tell(f"migrations: {before[0]:,} occurrences, down and up: {', '.join(took)}; all events as they were")


@pytest.mark.skipif(which("pg_dump") is None, reason="pg_dump is not installed: NO BACKUP WAS RESTORED")
def test_a_backup_made_while_the_ledger_is_written_to_is_the_ledger_of_one_moment(server, tmp_path):
    ours = databases(server, tmp_path / "secrets", "written")
    home = tmp_path / "home"
    home.mkdir()
    place = {**ours.environment(), "OBLIGATIONS_HOME": str(home), "BACKUPS": str(tmp_path / "backups")}
    migrate(url(ours))
    with open_ledger(url(ours)) as ledger:
        expect(ledger, range(BACKED_UP))
        early, early_seal = contents(ledger), ledger.checkpoint(NOW)
        done = threading.Event()
        writer = threading.Thread(target=write_until, args=(url(ours), done))
        writer.start()
        backed_up = subprocess.run(["bash", DEPLOY / "backup.sh"], env=place, capture_output=True, text=True)
        done.set()
        writer.join()
        assert backed_up.returncode == 0, backed_up.stderr
        expect(ledger, [10 * SIZE])  # after the backup, however slowly the other writer writes
        late, late_seal = contents(ledger), ledger.checkpoint(NOW + DAY)
    (backup,) = (tmp_path / "backups").iterdir()
    others = databases(server, tmp_path / "other-secrets", "restored")
    place |= others.environment() | {"OBLIGATIONS_HOME": str(tmp_path / "other-home")}
    restored = subprocess.run(["bash", DEPLOY / "restore.sh", backup], env=place, capture_output=True, text=True)
    assert restored.returncode == 0, restored.stderr
    with open_ledger(url(others)) as ledger, open_ledger(url(ours)) as original:
        found = contents(ledger)
        assert early[1] <= found[1] <= late[1]
        with ledger.reading() as connection, original.reading() as source:
            last = int(connection.scalar(select(func.max(event.c.id))) or 0)
            assert events_root(source, 0, last) == events_root(connection, 0, last), "one moment: everything before it"
        assert verify_ledger(ledger) == []
        assert verify_ledger(ledger, checkpoints=[early_seal]) == []
        (fault,) = verify_ledger(ledger, checkpoints=[early_seal, late_seal])
        assert late_seal in fault, "a backup that is older than what was written down shows it"
    tell(
        f"backup: {early[1]:,} events before, {late[1]:,} after, {found[1]:,} restored: the ledger of one moment, sound"
    )


def write_until(address: str, done: threading.Event) -> None:
    """Enter more occurrences, one a transaction, one after the other, until told to stop."""
    with open_ledger(address) as ledger:
        number = BACKED_UP
        while not done.is_set():
            expect(ledger, [number])
            number += 1

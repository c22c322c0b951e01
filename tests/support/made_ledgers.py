"""A new SQLite ledger is migrated once a process; every further one is a copy of that file, which is the same to a byte.

What making one is like is tried with ``migrated_anew``, as ``tests/steps/test_ledger_engine.py`` does.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session", autouse=True)
def made_ledgers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    from obligations.steps.ledger import engine  # here, for Airflow's home must be chosen before anything is imported

    migrate, made = engine._upgrade, tmp_path_factory.mktemp("ledger") / "made.db"

    def upgrade(url: engine.URL) -> None:
        target = Path(str(url.database))
        if url.get_backend_name() != "sqlite" or target.exists():
            migrate(url)
            return
        if not made.exists():
            migrate(url.set(database=str(made)))
        shutil.copyfile(made, target)

    upgrade.migrate = migrate  # type: ignore[attr-defined]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "_upgrade", upgrade)
        yield


@pytest.fixture
def migrated_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    from obligations.steps.ledger import engine

    monkeypatch.setattr(engine, "_upgrade", engine._upgrade.migrate)

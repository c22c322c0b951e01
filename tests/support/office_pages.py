"""An office's pages in tests: a ledger of a few occurrences, people with and without roles, and a browser for each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from airflow.api_fastapi.app import create_auth_manager, get_auth_manager
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
from airflow.api_fastapi.core_api.security import get_user
from fastapi.testclient import TestClient

from obligations.orchestration.pages.app import app
from obligations.orchestration.settings import PACKAGE, Settings
from obligations.rules.catalogue import load_one
from obligations.steps.ledger import open_ledger
from obligations.words.occurrence import DueDate, Occurrence, Period

FINANCE, LANDS = "演示单位财政局", "演示单位自然资源局"
FISCAL, LAND = "demo/fiscal-monthly", "demo/land-supply-quarterly"
BASE = "http://127.0.0.1:8080"
CONTACTS = """
people:
  - {id: jia, name: 演示甲, account: finance, email: jia@example.cn}
  - {id: yi, name: 演示乙, account: office, email: yi@example.cn}
  - {id: bing, name: 演示丙, account: lands, email: bing@example.cn}
  - {id: ding, name: 演示丁, account: reviewer, email: ding@example.cn}
roles:
  - {jurisdiction: demo, department: 演示单位财政局, role: responsible, holder: jia}
  - {jurisdiction: demo, department: 演示单位自然资源局, role: responsible, holder: bing}
  - {jurisdiction: demo, role: final_review, holder: ding}
  - {jurisdiction: demo, role: office, holder: yi}
"""
DEMO_DAGS = frozenset(f"demo.{path.stem}" for path in (PACKAGE / "catalogue" / "demo").glob("[!_]*.yaml"))
AsUser = Callable[..., TestClient]


def settings_of(folder: Path, monkeypatch: pytest.MonkeyPatch, contacts: str | None = CONTACTS) -> Settings:
    """Make an installation of its own with these contacts."""
    values: dict[str, object] = {"HOME": folder, "CATALOGUE": PACKAGE / "catalogue", "JURISDICTIONS": "demo"}
    if contacts is not None:
        (folder / "contacts.yaml").write_text(contacts, "utf-8")
        values["CONTACTS"] = folder / "contacts.yaml"
    for name, value in values.items():
        monkeypatch.setenv(f"OBLIGATIONS_{name}", str(value))
    monkeypatch.setenv("AIRFLOW__API__SECRET_KEY", "a key of this test")
    return Settings.from_environment()


@contextmanager
def browsers(
    monkeypatch: pytest.MonkeyPatch, dags: frozenset[str] = DEMO_DAGS, usual_role: str = "viewer"
) -> Iterator[AsUser]:
    """Open the pages as a user whom Airflow's auth manager knows, or as nobody; whoever has a role may read ``dags``."""
    create_auth_manager()

    def readable(*, user: Any, **_: Any) -> frozenset[str]:
        return dags if user.role else frozenset()

    # Airflow lists the DAGs that its own database knows; here none was ever parsed.
    monkeypatch.setattr(get_auth_manager(), "get_authorized_dag_ids", readable)

    def log_in(name: str | None, role: str | None = usual_role) -> TestClient:
        if name is None:
            app.dependency_overrides.clear()
        else:
            app.dependency_overrides[get_user] = lambda: SimpleAuthManagerUser(username=name, role=role)
        return TestClient(app, base_url=BASE, follow_redirects=False)

    yield log_in
    app.dependency_overrides.clear()


def expect(
    settings: Settings,
    key: str,
    period: str,
    due: datetime,
    *,
    events: tuple[tuple[str, datetime, dict[str, Any]], ...] = (),
    historical: bool = False,
    provisional: bool = False,
) -> None:
    """Enter an occurrence and what happened to it: kind, when, payload."""
    opens = due - timedelta(days=20)
    dates = DueDate(opens, due, provisional, due, due, ("自期末起20个工作日。",))
    occurrence = Occurrence(
        key, Period(period, date(2026, 9, 1), date(2026, 9, 30)), opens, due - timedelta(days=5), dates
    )
    obligation = load_one(settings.catalogue, key)
    with open_ledger(settings.ledger_url) as ledger:
        ledger.expect(
            obligation, occurrence, calendar_version="1", catalogue_version="1", historical=historical, now=opens
        )
        for kind, at, payload in events:
            ledger.append(key, period, kind, happened_at=at, recorded_at=at, payload=payload)


def published(settings: Settings, key: str, period: str, due: datetime, at: datetime) -> None:
    """Enter an occurrence that went through every stage and was public at ``at``."""
    work = due - timedelta(days=19)
    run = {"run_id": f"start__{period}__v1", "number": 1}
    said = {"version": 1, "sha256": "0" * 64}
    address = f"https://www.example.cn/{period}"
    step = timedelta(days=4)
    expect(
        settings,
        key,
        period,
        due,
        events=(
            ("opened", work, run),
            ("data_arrived", work + step, {}),
            ("drafted", work + 2 * step, said),
            ("review_requested", work + 2 * step, {**said, "level": "终审"}),
            ("approved", work + 3 * step, {**said, "level": "终审", "final": True}),
        ),
    )
    when = {"happened_at": at, "recorded_at": at}
    with open_ledger(settings.ledger_url) as ledger:
        ledger.register_publication(key, period, version=1, sha256="0" * 64, address=address, **when)
        ledger.register_evidence(key, period, sha256="0" * 64, address=address, evidence={}, **when)

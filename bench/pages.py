"""The pages over 50,000 occurrences of 500 obligations: the server's time for each, 50 requests through the app itself.

``python -m bench.pages`` prints the figures; ``run()`` returns them. Airflow's auth manager is its simple one on a SQLite
metadata database that holds the 500 DAGs. Measured on PostgreSQL where OBLIGATIONS_TEST_POSTGRESQL_URL names a server, in a
database of its own, else on SQLite. Target: 95 of 100 requests within 200 ms; and where there is a Chromium, that a browser
has loaded the first page within a second of asking for it.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import yaml
from sqlalchemy import create_engine, make_url, text

from bench._ledgers import ledger_url
from bench._telling import tell

OBLIGATIONS, PERIODS = 500, 100
DEPARTMENTS = 25
REQUESTS = 50
SERVER = "OBLIGATIONS_TEST_POSTGRESQL_URL"
TARGET_MS = 200
INCLUDE = Path(__file__).parents[1] / "include"
OWN = {"office": "o-000", "department": "o-003"}
"""Accounts, each with an obligation whose pages it may see."""
FIRST_VIEWS, FIRST_VIEW_TARGET_MS = 5, 1000
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")


def run() -> dict[str, dict[str, Any]]:
    """Measure on PostgreSQL where there is one, else on SQLite, in a process with an Airflow of its own."""
    server = os.environ.get(SERVER, "")
    on = "PostgreSQL" if server else "SQLite"
    return {f"{on}: {page}": figures for page, figures in _in_a_child(server).items()}


def _in_a_child(server: str) -> dict[str, dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder, ledger_url(Path(folder), server) as url:
        environment = {
            **os.environ,
            "AIRFLOW_HOME": folder,
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__AUTH_MANAGER": "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager",
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
            "OBLIGATIONS_HOME": folder,
            "OBLIGATIONS_LEDGER_URL": url,
            "OBLIGATIONS_CATALOGUE": str(Path(folder) / "catalogue"),
            "OBLIGATIONS_CONTACTS": str(Path(folder) / "contacts.yaml"),
            "PYTHONPATH": str(INCLUDE),
        }
        _write_installation(Path(folder))
        command = [sys.executable, "-m", "bench.pages", "--child", folder]
        child = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603 - this very module
    figures: dict[str, dict[str, Any]] = json.loads(child.stdout.splitlines()[-1])
    return figures


def measure(folder: Path) -> dict[str, dict[str, Any]]:
    """Fill the ledger and ask for every page as the office and as one department."""
    _enter_dags(folder)
    began = time.perf_counter()
    _fill(folder)
    tell(f"filled in {time.perf_counter() - began:.0f} s")
    from airflow.api_fastapi.app import create_auth_manager
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
    from airflow.api_fastapi.core_api.security import get_user
    from fastapi.testclient import TestClient

    from obligations.orchestration.pages.app import app

    create_auth_manager()
    figures: dict[str, dict[str, Any]] = {}
    for account in OWN:
        app.dependency_overrides[get_user] = lambda name=account: SimpleAuthManagerUser(username=name, role="viewer")
        with TestClient(app, base_url="http://127.0.0.1:8080") as client:
            for label, path in _pages(account).items():
                figures[f"{label}, {account}"] = _timed(client, path)
    if (chromium := shutil.which("chromium")) is not None:
        app.dependency_overrides[get_user] = lambda: SimpleAuthManagerUser(username="office", role="viewer")
        figures["today in a browser, office"] = _first_views(app, chromium)
    return figures


def _pages(account: str) -> dict[str, str]:
    month = f"{_month_ago():%Y-%m}"
    return {
        "today": "/",
        "register": "/register",
        "register, last page by title": "/register?sort=title&page=1000",
        "register, one department late": "/register?department=部门03&state=逾期&sort=-due",
        "register, words": "/register?q=事项04 o-04",
        "register, kind and stage": "/register?kind=定期&stage=met&sort=department",
        "item": f"/items/bench/{OWN[account]}",
        "punctuality": f"/punctuality?month={month}",
        "calendar": "/calendar",
        "occurrence": f"/occurrences/bench/{OWN[account]}/p-{PERIODS - 12:03}",
        "events": "/events",
        "system": "/system",
    }


def _timed(client: Any, path: str) -> dict[str, Any]:
    first = client.get(path)
    if first.status_code != HTTPStatus.OK:  # what a refusal takes is no measurement
        return {"status": first.status_code}
    times = []
    for _ in range(REQUESTS):
        began = time.perf_counter()
        client.get(path)
        times.append((time.perf_counter() - began) * 1000)
    cuts = quantiles(times, n=20)
    return {
        "p50 ms": round(cuts[9]),
        "p95 ms": round(cuts[18]),
        "target ms": TARGET_MS,
        "KB": len(first.content) // 1024,
    }


def _first_views(app: Any, chromium: str) -> dict[str, Any]:
    """Serve the pages as Airflow does and open the first in a browser that has never seen them; the median of a few."""
    import uvicorn
    from fastapi import FastAPI
    from playwright.sync_api import sync_playwright

    from obligations.orchestration.pages.shell import PREFIX

    airflow = FastAPI()
    airflow.mount(PREFIX, app)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listening.getsockname()[1]}{PREFIX}/"
        server = uvicorn.Server(uvicorn.Config(airflow, log_level="error"))
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.05)
        times = []
        with (
            sync_playwright() as playwright,
            playwright.chromium.launch(executable_path=chromium, args=FLAGS) as browser,
        ):
            for _ in range(FIRST_VIEWS):
                with browser.new_context(locale="zh-CN") as context:  # with nothing in its cache
                    page = context.new_page()
                    page.goto(address, wait_until="load")
                    times.append(page.evaluate("performance.getEntriesByType('navigation')[0].loadEventStart"))
        server.should_exit = True
        thread.join()
    return {"first view ms": round(median(times)), "target ms": FIRST_VIEW_TARGET_MS}


def _write_installation(folder: Path) -> None:
    """Write a catalogue of 500 monthly obligations and contacts in which every department has its people."""
    place = folder / "catalogue" / "bench"
    place.mkdir(parents=True)
    jurisdiction = {"slug": "bench", "name": "基准市", "level": "city", "office": "政务公开办公室"}
    document = {"title": "基准要点", "issued_by": "基准市人民政府", "in_force_from": date(2010, 1, 1)}
    names = [f"部门{number:02}" for number in range(DEPARTMENTS)]
    head = {"jurisdiction": jurisdiction, "document": document, "departments": [{"name": name} for name in names]}
    (place / "_document.yaml").write_text(yaml.safe_dump(head, allow_unicode=True), "utf-8")
    for number in range(OBLIGATIONS):
        entry = {
            "title": f"事项{number:03}按月公开",
            "clause": f"一{number}",
            "quote": "按月公开有关情况",
            "duty": "publish",
            "departments": [names[number % DEPARTMENTS]],
            "publication": "fiscal-monthly",
            "clock": {"kind": "recurring", "rule": "FREQ=MONTHLY"},
            "due": {"limit": "P15WD", "origin": "text"},
            "source": {"kind": "inbox"},
        }
        (place / f"o-{number:03}.yaml").write_text(yaml.safe_dump(entry, allow_unicode=True), "utf-8")
    people = [{"id": "office", "name": "办公室", "account": "office", "email": "office@example.cn"}]
    roles: list[dict[str, Any]] = [
        {"jurisdiction": "bench", "role": role, "holder": "office"} for role in ("office", "operator", "final_review")
    ]
    for number, name in enumerate(names):
        for kind in ("a", "b", "c", "d"):
            id_ = f"p-{number}-{kind}"
            person = {"id": id_, "name": f"人员{number}{kind}", "email": f"{id_}@example.cn"}
            people.append(person | {"account": "department" if id_ == "p-3-a" else id_})
        for role, kind in (
            ("responsible", "a"),
            ("first_review", "b"),
            ("second_review", "c"),
            ("secrecy_review", "d"),
        ):
            roles.append({"jurisdiction": "bench", "department": name, "role": role, "holder": f"p-{number}-{kind}"})
    contacts = {"people": people, "roles": roles}
    (folder / "contacts.yaml").write_text(yaml.safe_dump(contacts, allow_unicode=True), "utf-8")


def _enter_dags(folder: Path) -> None:
    """Make Airflow's metadata database and enter the DAGs, as its processor would have."""
    from airflow.models import DagModel
    from airflow.models.dagbundle import DagBundleModel
    from airflow.utils.db import initdb
    from airflow.utils.session import create_session

    initdb()
    with create_session() as session:
        session.merge(DagBundleModel(name="bench"))
        session.flush()
        for number in range(OBLIGATIONS):
            session.add(DagModel(dag_id=f"bench.o-{number:03}", bundle_name="bench", is_stale=False))


def _fill(folder: Path) -> None:
    """Enter 100 periods of each obligation, a month apart, the last twelve open: most met in time, some late, some at review."""
    from obligations.rules.catalogue import load
    from obligations.steps.ledger import Act, Expected, NewEvent, Sweeps, act_many, open_ledger
    from obligations.steps.ledger.listing import Filters, ids_of, rows_with
    from obligations.words.occurrence import DueDate, Occurrence, Period
    from obligations.words.times import SHANGHAI
    from obligations.words.visible import Visible

    now = datetime.now(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    catalogue = load(folder / "catalogue").obligations
    if len(catalogue) != OBLIGATIONS:
        raise RuntimeError("the bench's catalogue has faults")
    with open_ledger(os.environ["OBLIGATIONS_LEDGER_URL"]) as ledger:
        Sweeps(ledger).begin(now - timedelta(days=4000), {})
        for number, (key, obligation) in enumerate(sorted(catalogue.items())):
            batch = []
            for position in range(PERIODS):
                due = now + timedelta(days=30 * (position - PERIODS + 12), hours=24 * (number % 28))
                opens = due - timedelta(days=25)
                period = Period(f"p-{position:03}", opens.date(), due.date())
                dates = DueDate(opens, due, False, due, due, ("条款规定每月公开。", "自期末起15个工作日。"))
                batch.append(Expected(obligation, Occurrence(key, period, opens, due - timedelta(days=4), dates), "1"))
            ledger.expect_many(batch, calendar_version="1", now=now - timedelta(days=3999))
            with ledger.reading() as connection:
                ids = ids_of(connection, Visible(keys=frozenset({key})), Filters(), now)
                rows = rows_with(connection, ids)
            acts = []
            for row in rows:
                if row.opens_at > now:
                    continue
                acts.append(Act(row, tuple(NewEvent(*said) for said in _events(row, number, now))))
            act_many(ledger, acts, basis="", now=now)
    _gather_statistics(os.environ["OBLIGATIONS_LEDGER_URL"])


def _gather_statistics(url: str) -> None:
    """Do what PostgreSQL's autovacuum does within minutes, and a server for tests may have switched off."""
    if make_url(url).get_backend_name() == "postgresql":
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("VACUUM ANALYZE"))
        engine.dispose()


def _events(row: Any, number: int, now: datetime) -> Iterator[tuple[Any, ...]]:
    """Tell what happened: one of twelve is late, and what is not due yet is at review."""
    run = {"run_id": f"start__{row.period}__v1", "number": 1}
    said = {"version": 1, "sha256": "0" * 64}
    begin, day = row.opens_at, timedelta(days=1)
    yield "opened", begin, run, "opened:1"
    yield "data_arrived", begin + 4 * day, {}
    yield "drafted", begin + 5 * day, said
    yield "review_requested", begin + 5 * day, {**said, "level": "终审"}
    if row.due_at > now:
        return
    late = (number + int(row.period[2:])) % 12 == 0
    at = row.due_at + (3 * day if late else -2 * day)
    yield "approved", at - day, {**said, "level": "终审", "final": True}, None, "shen"
    yield "published", at, {**said, "address": f"https://www.example.cn/{row.key}/{row.period}"}
    proof = {"sha256": "0" * 64, "address": f"https://www.example.cn/{row.key}/{row.period}"}
    yield "verified", at, {**proof, "published_at": at, "grade": "系统核验", "evidence": {}}


def _month_ago() -> date:
    return date.today().replace(day=1) - timedelta(days=1)  # noqa: DTZ011 - only which month to ask for


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        sys.stdout.write("\n" + json.dumps(measure(Path(sys.argv[2]))))
    else:
        print(json.dumps(run(), ensure_ascii=False, indent=2))

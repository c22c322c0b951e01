"""An office on one summer day, its pages served by Airflow's whole API server, and a Chromium for each of its people."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from office_airflow import park, prepare_airflow
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright
from running import TIMELY
from sqlalchemy import create_engine

from obligations.orchestration import route
from obligations.orchestration.demo.sources import prepare_sources
from obligations.orchestration.events.incidents import read_report, report
from obligations.orchestration.pages import clock
from obligations.orchestration.runs.trace import append
from obligations.orchestration.settings import PACKAGE, Settings
from obligations.orchestration.work import expect, open_work
from obligations.rules.catalogue import load_one
from obligations.steps.gather import Sources
from obligations.steps.ledger import Sweeps, open_ledger
from obligations.words.times import SHANGHAI

NOW = datetime(2017, 7, 18, 10, 0, tzinfo=SHANGHAI)  # a Tuesday
FISCAL, LAND, PRICES = "demo/fiscal-monthly", "demo/land-supply-quarterly", "demo/wholesale-prices-weekly"
REVIEWED = "2017-06"
ACCOUNTS = ("finance", "farming", "office", "reviewer", "duty")
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
CONTACTS = """
people:
  - {id: jia, name: 演示甲, account: finance, email: jia@example.cn}
  - {id: yi, name: 演示乙, account: office, email: yi@example.cn}
  - {id: bing, name: 演示丙, account: farming, email: bing@example.cn}
  - {id: ding, name: 演示丁, account: reviewer, email: ding@example.cn}
  - {id: wu, name: 演示戊, account: duty, email: wu@example.cn}
roles:
  - {jurisdiction: demo, department: 演示单位财政局, role: responsible, holder: jia}
  - {jurisdiction: demo, department: 演示单位财政局, role: first_review, holder: ding}
  - {jurisdiction: demo, department: 演示单位农业农村局, role: responsible, holder: bing}
  - {jurisdiction: demo, role: office, holder: yi}
  - {jurisdiction: demo, role: operator, holder: yi}
  - {jurisdiction: demo, role: duty_room, holder: wu}
"""
PATIENCE = 60_000  # milliseconds for what a busy machine takes long to show
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""As root there is no sandbox; the rest keeps Chromium from asking for anything but our pages."""


def chromium() -> str | None:
    """Return where Chromium is: the system's, or the one Playwright installed; None if there is neither."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


@dataclass
class BrowserOffice:
    """The running pages and the browsers that were opened on them.

    Attributes:
        address: of the API server; settings: of the installation; event: id of the incident that goes on.
        foreign: addresses that a page asked for and that are not the server's; there must be none.
    """

    address: str
    settings: Settings
    event: str
    browser: Browser
    passwords: dict[str, str]
    foreign: list[str] = field(default_factory=list)

    @contextmanager
    def logged_in(self, account: str, *, size: dict[str, int] = WIDE, scheme: str = "light") -> Iterator[Page]:
        """Open a browser as somebody who has logged in with their password, on the morning of ``NOW``."""
        given = {"username": account, "password": self.passwords[account]}
        answer = httpx.post(f"{self.address}/auth/token", json=given)
        answer.raise_for_status()
        with self.anybody(size=size, scheme=scheme) as page:
            page.context.add_cookies(
                [{"name": "_token", "value": answer.json()["access_token"], "url": self.address, "httpOnly": True}]
            )
            yield page

    @contextmanager
    def anybody(self, *, size: dict[str, int] = WIDE, scheme: str = "light") -> Iterator[Page]:
        """Open a browser in which nobody has logged in."""
        context: BrowserContext = self.browser.new_context(
            viewport=size, color_scheme=scheme, locale="zh-CN", timezone_id="Asia/Shanghai", base_url=self.address
        )
        context.set_default_timeout(PATIENCE)
        context.on("request", self._watch)
        page = context.new_page()
        page.clock.install(time=NOW)
        try:
            yield page
        finally:
            context.close()

    def events(self, key: str, period: str, kind: str) -> list[Any]:
        """Return the events of one kind of an occurrence."""
        with open_ledger(self.settings.ledger_url) as ledger:
            return [event for event in ledger.events(key, period) if event.kind == kind]

    def _watch(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.foreign.append(request.url)


@contextmanager
def browser_office(folder: Path, executable: str) -> Iterator[BrowserOffice]:
    """Fill an installation, serve it and start a browser; everything ends with the block."""
    passwords = {account: f"{account}-of-this-test" for account in ACCOUNTS}
    (folder / "passwords.json").write_text(json.dumps(passwords), "utf-8")
    (folder / "contacts.yaml").write_text(CONTACTS, "utf-8")
    with socket.socket() as listening, pytest.MonkeyPatch.context() as patch:
        listening.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        for name, value in {
            "OBLIGATIONS_BASE_URL": address,
            "OBLIGATIONS_HOME": folder / "home",
            "OBLIGATIONS_CATALOGUE": PACKAGE / "catalogue",
            "OBLIGATIONS_CONTACTS": folder / "contacts.yaml",
            "OBLIGATIONS_JURISDICTIONS": "demo",
            "AIRFLOW__API__SECRET_KEY": "a key of this test",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{account}:user" for account in ACCOUNTS),
        }.items():
            patch.setenv(name, str(value))
        settings = Settings.from_environment()
        with prepare_airflow(folder, "demo") as app, sync_playwright() as playwright:
            _hold_the_clock(patch)
            event = _fill(settings)
            with _served(app, listening), _started(playwright, executable) as browser:
                yield BrowserOffice(address, settings, event, browser, passwords)


def _hold_the_clock(patch: pytest.MonkeyPatch) -> None:
    read = clock.now
    for name, module in list(sys.modules.items()):
        if name.startswith("obligations.orchestration.pages.") and getattr(module, "now", None) is read:
            patch.setattr(module, "now", lambda: NOW)


def _fill(settings: Settings) -> str:
    """Let half a year pass: most was published in time, one is late, one waits for the 初审, an incident goes on."""
    prepare_sources(settings.home)
    with open_ledger(settings.ledger_url) as ledger:
        Sweeps(ledger).begin(NOW - timedelta(days=200), {})
    for month in range(1, 5):
        _published(settings, FISCAL, f"2017-{month:02}", early=timedelta(days=month))
    _published(settings, LAND, "2017-Q1", early=-timedelta(days=3))
    _expected(settings, FISCAL, "2017-05", ("opened", {"number": 1}), ("waiting", {"reason": "数据未到"}))
    for week in ("2017-W27", "2017-W28", "2017-W29"):
        _expected(settings, PRICES, week, ("opened", {"number": 1}), ("waiting", {"reason": "数据未到"}))
    _expected(settings, LAND, "2017-Q2")
    _at_review(settings)
    said = {
        "type": "incident",
        "level": "重大",
        "title": "演示路段交通事故",
        "happened_at": (NOW - timedelta(minutes=40)).isoformat(),
    }
    return report(settings, read_report(said, NOW), NOW).event.id


def _expected(settings: Settings, key: str, period: str, *said: tuple[str, dict[str, Any]]) -> None:
    with open_work(settings, load_one(settings.catalogue, key), period, f"start__{period}__v1") as work:
        expect(work, NOW - timedelta(days=120))
        for number, (kind, payload) in enumerate(said):
            at = NOW - timedelta(days=2, minutes=len(said) - number)
            about = {"run_id": work.run_id, **payload}
            work.ledger.append(key, period, kind, happened_at=at, recorded_at=at, payload=about)


def _published(settings: Settings, key: str, period: str, *, early: timedelta) -> None:
    run = f"start__{period}__v1"
    with open_work(settings, load_one(settings.catalogue, key), period, run) as work:
        expect(work, NOW - timedelta(days=195))
        due = work.ledger.occurrence(key, period).due_at
        public, version = due - early, {"version": 1, "sha256": "0" * 64}
        steps = (
            ("opened", 9, {"run_id": run, "number": 1}),
            ("data_arrived", 7, {}),
            ("drafted", 7, {**version, "state": "generated"}),
            ("review_requested", 6, {**version, "level": "终审", "roles": ["final_review"]}),
            ("approved", 1, {**version, "level": "终审", "final": True}),
        )
        for kind, days, payload in steps:
            at = public - timedelta(days=days)
            work.ledger.append(key, period, kind, happened_at=at, recorded_at=at, payload=payload)
        address = f"https://www.example.cn/zfxxgk/{period}.html"
        about = {"sha256": "0" * 64, "address": address, "happened_at": public, "recorded_at": public}
        work.ledger.register_publication(key, period, version=1, **about)
        work.ledger.register_evidence(key, period, evidence={"method": "系统核验"}, **about)


def _at_review(settings: Settings) -> None:
    """Draft June's figures from the department's database, and leave the run at the form of the 初审."""
    run = f"start__{REVIEWED}__v1"
    database = settings.home / "demo" / "departments.sqlite3"
    with closing(sqlite3.connect(database)) as connection:  # the reader opens it by the path, with no account
        assert connection.execute("SELECT count(*) FROM fiscal").fetchone()[0] > 0
    sources = Sources(
        settings.inbox, settings.store, settings.quarantine, lambda _: create_engine(f"sqlite:///{database}")
    )
    at = NOW - timedelta(days=1)
    with open_work(settings, load_one(settings.catalogue, FISCAL), REVIEWED, run) as work:
        expect(work, NOW - timedelta(days=30))
        append(work, "opened", at, {"number": 1})
        route.gather(work, sources, at + timedelta(minutes=1))
        made = route.draft(work, at + timedelta(minutes=2))
        about = {"version": made.version, "sha256": made.sha256, "level": "初审", "roles": ["first_review"]}
        append(work, "review_requested", at + timedelta(minutes=3), about)
    park(FISCAL.replace("/", "."), run, REVIEWED, "review_first", assigned=("reviewer", "office"))


@contextmanager
def _served(app: Any, listening: socket.socket) -> Iterator[None]:
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    end = time.monotonic() + TIMELY
    while not server.started:
        if not thread.is_alive() or time.monotonic() > end:
            raise RuntimeError(f"the API server did not start within {TIMELY} s")
        time.sleep(0.05)
    yield
    server.should_exit = True
    thread.join(30)


@contextmanager
def _started(playwright: Playwright, executable: str) -> Iterator[Browser]:
    arguments = FLAGS if hasattr(os, "geteuid") and os.geteuid() == 0 else FLAGS[1:]
    browser = playwright.chromium.launch(executable_path=executable, args=list(arguments))
    yield browser
    browser.close()

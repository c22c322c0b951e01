"""An office with one public duty and one that is not, a signed version of each, a site's servers, and connections to them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from final_versions import final_version, sha256_of
from sftp_server import SftpServer

from obligations.orchestration.demo.portal import Portal
from obligations.orchestration.settings import Settings
from obligations.orchestration.work import Work, expect, open_work
from obligations.rules.catalogue import load_one
from obligations.steps.ledger import Draft
from obligations.words.times import SHANGHAI

SECRET = "geheim"  # noqa: S105 - of servers that live as long as a test
NOW = datetime(2026, 10, 9, 16, 0, tzinfo=SHANGHAI)  # Friday, the second working day after National Day
DOCUMENT = """
jurisdiction: {slug: county, name: 示例县, level: county, office: 示例县政务公开办公室}
document: {title: 2026年政务公开工作要点, issued_by: 示例县政府办公室, in_force_from: 2026-01-01}
departments: [{name: 示例县财政局}]
"""
DUTY = """
title: 财政收支按月公开
clause: 一
quote: 财政收支按月公开
duty: {duty}
departments: [示例县财政局]
publication: submission
clock: {{kind: recurring, rule: FREQ=MONTHLY}}
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    folder = tmp_path / "catalogue" / "county"
    folder.mkdir(parents=True)
    (folder / "_document.yaml").write_text(DOCUMENT, "utf-8")
    for slug, duty in (("monthly", "publish"), ("report", "report-up")):
        (folder / f"{slug}.yaml").write_text(DUTY.format(duty=duty), "utf-8")
    return Settings.from_environment(
        {"OBLIGATIONS_HOME": str(tmp_path / "home"), "OBLIGATIONS_CATALOGUE": str(folder.parent)}
    )


@pytest.fixture
def channels(settings: Settings, tmp_path: Path) -> Callable[..., Settings]:
    """Return a function that makes one channel the channel of everything, and gives the settings."""

    def make(*, hosts: tuple[str, ...] = (), **channel: Any) -> Settings:
        path = tmp_path / "channels.yaml"
        site = {"name": "网站", **channel, "hosts": list(hosts)}
        said = {"channels": [site], "rules": [{"channel": "网站"}]}
        path.write_text(yaml.safe_dump(said, allow_unicode=True), "utf-8")
        return replace(settings, channels=path)

    return make


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that makes an Airflow connection in the environment."""

    def make(id_: str, **fields: Any) -> None:
        monkeypatch.setenv(f"AIRFLOW_CONN_{id_.upper()}", json.dumps(fields))

    return make


@pytest.fixture
def portal(tmp_path: Path, connect) -> Iterator[Portal]:
    """The demo's site, and a connection ``site`` to it."""
    running = Portal(tmp_path / "portal", SECRET, lambda: NOW)
    connect("site", conn_type="http", host=running.api, password=SECRET)
    yield running
    running.stop()


@pytest.fixture
def drop(tmp_path: Path, connect) -> Iterator[Path]:
    """A site's drop folder, and a connection ``drop`` to it."""
    folder = tmp_path / "site" / "upload"
    folder.mkdir(parents=True)
    server = SftpServer(folder.parent)
    connect(
        "drop",
        conn_type="sftp",
        host="127.0.0.1",
        port=server.port,
        login="gongkai",
        password=SECRET,
        extra={"host_key": server.host_key},
    )
    yield folder
    server.stop()


class Office:
    """One occurrence as its run works on it, and what was signed of it."""

    def __init__(self, work: Work) -> None:
        self.work = work
        expect(work, NOW)
        work.ledger.append(
            work.key, work.period, "opened", happened_at=NOW, recorded_at=NOW, payload={"run_id": "run", "number": 1},
            once="opened:1",
        )  # fmt: skip

    def draft(self, version: int = 1) -> Draft:
        """Draft a version."""
        folder = self.work.drafts / f"v{version}"
        final_version(folder, version=version, final=False)
        return self._register(version, "filled", folder)

    def sign(self, version: int = 1, text: str = "收入增长") -> Draft:
        """Draft a version, let every level approve it, and finish it; return what may go out."""
        reviewed = self.draft(version)
        for step in self.work.chain.steps:
            self.work.ledger.append(
                self.work.key, self.work.period, "approved", happened_at=NOW, recorded_at=NOW, person="leader",
                payload={"version": version, "sha256": reviewed.sha256, "level": step.level.label},
            )  # fmt: skip
        folder = self.work.drafts / f"v{version}-final"
        page = f"<!doctype html><html><head><title>财政</title></head><body class='a'><p>{text}</p></body></html>"
        final_version(folder, {"page.html": page, "table-1.csv": "项目,数\n收入,1\n"}, version=version)
        return self._register(version, "final", folder, based_on=reviewed.sha256)

    def _register(self, version: int, state: str, folder: Path, **facts: Any) -> Draft:
        sha256 = sha256_of(folder / "manifest.json")
        self.work.ledger.register_draft(
            self.work.key, self.work.period, version=version, sha256=sha256, folder=str(folder), files=["page.html"],
            state=state, happened_at=NOW, recorded_at=NOW, payload=facts,
        )  # fmt: skip
        return next(each for each in self.work.ledger.drafts(self.work.key, self.work.period) if each.sha256 == sha256)

    def events(self, kind: str) -> list[Any]:
        """Return the events of one kind."""
        return [event for event in self.work.ledger.events(self.work.key, self.work.period) if event.kind == kind]


@pytest.fixture
def office() -> Iterator[Callable[..., Office]]:
    """Return a function that opens the occurrence under given settings."""
    opened = []

    def make(settings: Settings, slug: str = "monthly") -> Office:
        context = open_work(settings, load_one(settings.catalogue, f"county/{slug}"), "2026-09", "run")
        opened.append(context)
        return Office(context.__enter__())

    yield make
    for context in opened:
        context.__exit__(None, None, None)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def later() -> datetime:
    return NOW + timedelta(minutes=4)  # the portal's clock stands; it takes what was signed within five

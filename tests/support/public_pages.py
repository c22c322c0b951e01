"""An office whose one monthly report is approved and published on a real site, for tests that look at the page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from websites import Reply, Website, page

from obligations.orchestration.settings import Settings
from obligations.orchestration.work import Work, expect, open_work
from obligations.rules.catalogue import load_one
from obligations.steps.ledger import LedgerEvent, OccurrenceRow, open_ledger, verify_ledger
from obligations.steps.rendering.folder import write
from obligations.words.draft import DocumentModel, NumberRun, Paragraph, Signature, Table, TableColumn, TextRun
from obligations.words.times import SHANGHAI

KEY, PERIOD = "county/monthly", "2026-09"
DUE = datetime(2026, 11, 5, tzinfo=SHANGHAI)  # the end of the 20th working day after September 2026
DOCUMENT = """
jurisdiction: {slug: county, name: 示例县, level: county, office: 示例县政务公开办公室}
document: {title: 2026年政务公开工作要点, issued_by: 示例县政府办公室, in_force_from: 2026-01-01}
departments: [{name: 示例县财政局}]
"""
DUTY = """
title: 财政收支按月公开
clause: 一
quote: 财政收支按月公开
duty: publish
departments: [示例县财政局]
publication: submission
clock: {kind: recurring, rule: FREQ=MONTHLY}
"""
CONTACTS = """
people:
  - {id: jia, name: 演示甲, email: jia@example.cn}
  - {id: yi, name: 演示乙, email: yi@example.cn}
roles:
  - {jurisdiction: county, department: 示例县财政局, role: responsible, holder: jia}
  - {jurisdiction: county, role: office, holder: yi}
"""
TITLE, ROW = "2026年9月财政收支情况", ("税收收入", "12", "345.6")
TYPES = {"人工发布": "manual", "上传": "sftp", "接口": "site_api", "发布包": "package"}


def model(version: int = 1, growth: str = "3.5%") -> DocumentModel:
    """Return the document that was approved."""
    columns = tuple(TableColumn(header) for header in ("项目", "本月", "累计"))
    row = tuple((TextRun(cell, "given"),) for cell in ROW)
    blocks = (
        Paragraph("p1", (TextRun("收入增长"), NumberRun("yoy", growth, growth), TextRun("。"))),
        Table("t1", "tax", None, "", "万元", columns, (row,)),
        Signature("s1", "示例县财政局", "2026年10月9日"),
    )
    return DocumentModel(
        "submission", "报告", KEY, PERIOD, version, TITLE, None, "示例县", "示例县财政局", "2026-10-09T16:00:00+08:00",
        "2026-10-09", None, True, None, (), blocks,
    )  # fmt: skip


def shown(growth: str = "3.5%") -> Reply:
    """Return the page as a site shows it."""
    cells = "".join(f"<td>{cell}</td>" for cell in ROW)
    table = f"<table><tr><th>项目</th><th>本月</th><th>累计</th></tr><tr>{cells}</tr></table>"
    return page(TITLE, f"收入增长{growth}。", f"单位：万元{table}", "示例县财政局", "2026年10月9日")


@dataclass
class PublicOffice:
    """The installation and its site.

    Attributes:
        finals: SHA-256 of each final version, by its number.
    """

    settings: Settings
    site: Website
    finals: dict[int, str] = field(default_factory=dict)

    @contextmanager
    def work(self, run_id: str = "run") -> Iterator[Work]:
        """Open the occurrence as one run sees it."""
        with open_work(self.settings, load_one(self.settings.catalogue, KEY), PERIOD, run_id) as opened:
            yield opened

    def approve(self, at: datetime, version: int = 1, growth: str = "3.5%") -> str:
        """Let a run have a final version, whose review is not what these tests are about."""
        with self.work() as work:
            expect(work, at)
            once = f"opened:{version}"
            work.ledger.append(
                KEY, PERIOD, "opened", happened_at=at, recorded_at=at, payload={"run_id": "run", "number": version}, once=once
            )  # fmt: skip
            made = write(
                model(version, growth), {"document.pdf": b"%PDF-1.7 approved"}, {}, work.drafts / f"v{version}-final"
            )
            work.ledger.register_draft(
                KEY, PERIOD, version=version, sha256=made.sha256, folder=str(made.folder), files=["document.pdf"],
                state="final", happened_at=at, recorded_at=at,
            )  # fmt: skip
        self.finals[version] = made.sha256
        return made.sha256

    def publish(
        self, at: datetime, address: str = "", *, channel: str | None = "人工发布", version: int = 1, **facts: Any
    ) -> str:
        """Approve a version and register it as published at its page; return the address."""
        address = address or self.site.address("/1.html")
        sha256 = self.approve(at, version)
        with self.work() as work:
            work.ledger.register_publication(
                KEY, PERIOD, version=version, sha256=sha256, address=address, evidence={"files": {}}, happened_at=at,
                recorded_at=at, channel=channel, **facts,
            )  # fmt: skip
        return address

    def say(self, kind: str, at: datetime, **payload: Any) -> None:
        """Append an event."""
        with open_ledger(self.settings.ledger_url) as ledger:
            ledger.append(KEY, PERIOD, kind, happened_at=at, recorded_at=at, person="yi", payload=payload)

    def accept(self, at: datetime, since: datetime, version: int = 1) -> None:
        """Let the office accept what a person vouched for."""
        evidence = {"grade": "人工佐证", "method": "网页发布时间", "fulfilled_at": since, "seen_at": at, "details": {}}
        with open_ledger(self.settings.ledger_url) as ledger:
            ledger.register_evidence(
                KEY, PERIOD, sha256=self.finals[version], address=self.site.address("/1.html"), evidence=evidence,
                grade="人工佐证", happened_at=at, recorded_at=at, person="yi", published_at=since,
            )  # fmt: skip

    def events(self, *kinds: str) -> list[LedgerEvent]:
        """Return the events of the occurrence, all or of some kinds; the ledger must be sound."""
        with open_ledger(self.settings.ledger_url) as ledger:
            assert verify_ledger(ledger) == []
            return [event for event in ledger.events(KEY, PERIOD) if not kinds or event.kind in kinds]

    def row(self) -> OccurrenceRow:
        """Return the occurrence."""
        with open_ledger(self.settings.ledger_url) as ledger:
            row = ledger.occurrence(KEY, PERIOD)
        assert row is not None
        return row


def make_public_office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, site: Website) -> PublicOffice:
    """Return the office, whose processes find its settings in the environment."""
    folder = tmp_path / "catalogue" / "county"
    folder.mkdir(parents=True)
    (folder / "_document.yaml").write_text(DOCUMENT, "utf-8")
    (folder / "monthly.yaml").write_text(DUTY, "utf-8")
    (tmp_path / "contacts.yaml").write_text(CONTACTS, "utf-8")
    needs = {
        "sftp": {"connection": "drop", "root": "/upload", "address": "https://127.0.0.1/{period}.html"},
        "site_api": {"connection": "site"},
    }
    said = {
        "channels": [{"name": name, "type": type_, **needs.get(type_, {})} for name, type_ in TYPES.items()],
        "rules": [{"channel": "人工发布"}],
        "hosts": ["127.0.0.1"],
    }
    (tmp_path / "channels.yaml").write_text(yaml.safe_dump(said, allow_unicode=True), "utf-8")
    for name, value in {
        "HOME": tmp_path / "home",
        "CATALOGUE": tmp_path / "catalogue",
        "CONTACTS": tmp_path / "contacts.yaml",
        "CHANNELS": tmp_path / "channels.yaml",
        "GO_LIVE": "2026-09-01",
    }.items():
        monkeypatch.setenv(f"OBLIGATIONS_{name}", str(value))
    return PublicOffice(Settings.from_environment(), site)

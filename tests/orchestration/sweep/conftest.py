"""A small office with a ledger, a catalogue, contacts and a mail server, swept at given instants."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from obligations.orchestration.events.incidents import read_report, report
from obligations.orchestration.settings import Settings
from obligations.orchestration.sweep.report import SweepReport
from obligations.orchestration.sweep.sweeping import sweep
from obligations.steps.ledger import Ledger, LedgerEvent, OccurrenceRow, open_ledger, verify_ledger
from obligations.steps.notify import MailServer, Transports

DOCUMENT = """
jurisdiction: {slug: county, name: 示例县, level: county, office: 示例县政务公开办公室}
document: {title: 2026年政务公开工作要点, issued_by: 示例县政府办公室, in_force_from: 2026-01-01}
"""
DUTY = """
title: {title}
clause: 一
quote: {title}
duty: {duty}
departments: [示例财政局]
publication: submission
clock: {clock}
"""
DUTIES = {
    "monthly": ("财政收支按月公开", "publish", "{kind: recurring, rule: FREQ=MONTHLY}"),
    "weekly": ("市场价格按周汇总", "internal", "{kind: recurring, rule: FREQ=WEEKLY}"),
    "quarterly": ("土地供应按季公开", "publish", "{kind: recurring, rule: FREQ=MONTHLY;INTERVAL=3}"),
    "bulletin": (
        "突发事件5小时内发布",
        "publish",
        "{kind: event, event: incident, levels: [特别重大, 重大], rule: PT5H}",
    ),
    "policy": ("政策公布后7个工作日内解读", "interpret", "{kind: event, event: 政策公布, rule: P7WD}"),
}
CONTACTS = """
people:
  - {id: jia, name: 演示甲, email: jia@example.cn}
  - {id: yi, name: 演示乙, email: yi@example.cn}
  - {id: bing, name: 演示丙, email: bing@example.cn}
  - {id: ding, name: 演示丁, email: ding@example.cn}
  - {id: zhiban, name: 值班室, email: zhiban@example.cn}
  - {id: yunwei, name: 演示运维, email: yunwei@example.cn}
roles:
  - {jurisdiction: county, department: 示例财政局, role: responsible, holder: jia}
  - {jurisdiction: county, department: 示例财政局, role: final_review, holder: ding}
  - {jurisdiction: county, department: 示例财政局, role: first_review, holder: ding}
  - {jurisdiction: county, department: 示例财政局, role: second_review, holder: ding}
  - {jurisdiction: county, department: 示例财政局, role: secrecy_review, holder: ding}
  - {jurisdiction: county, role: office, holder: yi}
  - {jurisdiction: county, role: leader, holder: bing}
  - {jurisdiction: county, role: duty_room, holder: zhiban}
  - {jurisdiction: county, role: duty_leader, holder: bing}
  - {jurisdiction: county, role: operator, holder: yunwei}
"""


@dataclass
class Office:
    """One installation, whose go-live was on 2026-09-01.

    Attributes:
        environment: as its processes would find it.
        mail: where its mail goes; None where nothing is sent.
    """

    environment: dict[str, str]
    mail: MailServer | None = None

    @property
    def settings(self) -> Settings:
        """The settings that the environment gives."""
        return Settings.from_environment(self.environment)

    def transports(self) -> Transports:
        """Return the way out by mail, which is the only one."""
        mail = self.mail

        def server() -> MailServer:
            assert mail is not None
            return mail

        return Transports(server, lambda: pytest.fail("no SMS here"), lambda _: pytest.fail("no robots here"))

    def sweep(self, now: datetime, **more) -> SweepReport:
        """Sweep; sends if there is a mail server."""
        return sweep(self.settings, now, transports=self.transports() if self.mail else None, **more)

    def open(self) -> Ledger:
        """Open the ledger."""
        return open_ledger(self.settings.ledger_url)

    def row(self, slug: str, period: str) -> OccurrenceRow:
        """Return one occurrence."""
        with self.open() as ledger:
            row = ledger.occurrence(f"county/{slug}", period)
        assert row is not None
        return row

    def events(self, slug: str, period: str, *kinds: str) -> list[LedgerEvent]:
        """Return the events of one occurrence, all or of some kinds."""
        with self.open() as ledger:
            return [event for event in ledger.events(f"county/{slug}", period) if not kinds or event.kind in kinds]

    def append(self, slug: str, period: str, kind: str, when: datetime, **payload) -> None:
        """Append an event as a run or a person would."""
        with self.open() as ledger:
            ledger.append(f"county/{slug}", period, kind, happened_at=when, recorded_at=when, payload=payload)

    def report(self, kind: str, happened: datetime, now: datetime, **fields: str) -> str:
        """Report an event and return its id."""
        said = {"type": kind, "title": "示例事件", "happened_at": happened.isoformat(), **fields}
        return report(self.settings, read_report(said, now), now).event.id

    def write_duty(self, slug: str, title: str, duty: str, clock: str, more: str = "") -> Path:
        """Write one obligation's file."""
        file = self.settings.catalogue / "county" / f"{slug}.yaml"
        file.write_text(DUTY.format(title=title, duty=duty, clock=clock) + more, "utf-8")
        return file

    def require_sound(self) -> None:
        """Hold the ledger to its own proof."""
        with self.open() as ledger:
            assert verify_ledger(ledger) == []

    @staticmethod
    def found(report: SweepReport, name: str, *fields: str) -> list[tuple]:
        """Return the given fields of one list of a report, sorted."""
        return sorted(tuple(entry[field] for field in fields) for entry in getattr(report, name))

    def table(self, query: str) -> list[tuple]:
        """Ask the ledger's database itself."""
        engine = create_engine(self.settings.ledger_url)
        with engine.connect() as connection:
            found = [tuple(row) for row in connection.exec_driver_sql(query)]
        engine.dispose()
        return found


@pytest.fixture
def make_office(tmp_path: Path) -> Callable[..., Office]:
    def make(**environment: str) -> Office:
        folder = tmp_path / "catalogue" / "county"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "_document.yaml").write_text(DOCUMENT, "utf-8")
        (tmp_path / "contacts.yaml").write_text(CONTACTS, "utf-8")
        office = Office(
            {
                "OBLIGATIONS_HOME": str(tmp_path / "home"),
                "OBLIGATIONS_CATALOGUE": str(tmp_path / "catalogue"),
                "OBLIGATIONS_CONTACTS": str(tmp_path / "contacts.yaml"),
                "OBLIGATIONS_GO_LIVE": "2026-09-01",
                **environment,
            }
        )
        for slug, (title, duty, clock) in DUTIES.items():
            office.write_duty(slug, title, duty, clock)
        return office

    return make


@pytest.fixture
def office(make_office) -> Iterator[Office]:
    return make_office()

"""One county's ledger on which people decide: occurrences that are open, published or met, and files handed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from obligations.orchestration.rulings.fields import read_ruling
from obligations.orchestration.rulings.recording import Ruled, rule
from obligations.orchestration.settings import Settings
from obligations.orchestration.work import Work, expect, open_work
from obligations.rules.catalogue import load_one
from obligations.steps.ledger import LedgerEvent, OccurrenceRow, open_ledger, verify_ledger
from obligations.words.occurrence import Event
from obligations.words.times import parse_instant

PAGE = "https://www.example.gov.cn/art/1.html"
DOCUMENT = """
jurisdiction: {slug: county, name: 示例县, level: county, office: 示例县政务公开办公室}
document: {title: 2026年政务公开工作要点, issued_by: 示例县政府办公室, in_force_from: 2026-01-01}
departments: [{name: 示例县财政局}]
"""
DUTY = """
title: {title}
clause: 一
quote: {title}
duty: {duty}
departments: [示例县财政局]
publication: {publication}
clock: {clock}
{more}
"""
MONTHLY = "{kind: recurring, rule: FREQ=MONTHLY}"
DUTIES = {
    "monthly": ("财政收支按月公开", "publish", "submission", MONTHLY, ""),
    "other": ("财政运行情况按月公开", "publish", "submission", MONTHLY, ""),
    "report": ("财政收支按月报送", "report-up", "submission", MONTHLY, ""),
    "standing": ("目录动态调整", "publish", "check-sheet", "{kind: standing, rule: CONTINUOUS}", ""),
    "bulletin": (
        "突发事件5小时内发布",
        "respond",
        "incident-bulletin",
        "{kind: event, event: incident, levels: [特别重大, 重大], rule: PT5H}",
        "",
    ),
    "followup": (
        "突发事件续报",
        "respond",
        "incident-followup",
        "{kind: event, event: incident-followup, levels: [特别重大, 重大]}",
        "due: {limit: PT24H, origin: local, note: 本县规定}",
    ),
}


def sha(version: int) -> str:
    """Return the SHA-256 of a version, made up."""
    return f"{version}" * 64


@dataclass
class Desk:
    """Where decisions are taken on one occurrence.

    Attributes:
        work: the occurrence.
    """

    work: Work

    def decide(self, kind: str, at: str, /, person: str = "责任人甲", once: str | None = None, **fields: Any) -> Ruled:
        """Record a decision as the form does."""
        now = parse_instant(at)
        return rule(self.work, read_ruling(kind, fields, now), person=person, now=now, once=once)

    def happened(self, kind: str, at: str, /, person: str | None = None, **payload: Any) -> None:
        """Append an event as a run or a person would."""
        moment = parse_instant(at)
        ledger, work = self.work.ledger, self.work
        ledger.append(
            work.key, work.period, kind, happened_at=moment, recorded_at=moment, payload=payload, person=person
        )

    def draft(self, at: str, version: int = 1, state: str = "generated", **payload: Any) -> None:
        """Register a version."""
        moment, work = parse_instant(at), self.work
        work.ledger.register_draft(
            work.key,
            work.period,
            version=version,
            sha256=sha(version),
            folder=f"/nowhere/v{version}",
            files=[],
            state=state,
            happened_at=moment,
            recorded_at=moment,
            payload=payload,
        )

    def publish(self, at: str, version: int = 1, address: str = PAGE, signed: str = "") -> None:
        """Let a version go through its review and out to its page, an hour after it was signed unless said otherwise."""
        moment, work = parse_instant(at), self.work
        signed = signed or (moment - timedelta(hours=1)).isoformat()
        self.happened("opened", signed, run_id=f"start__{version}", number=version)
        self.draft(signed, version, "final")
        self.happened("approved", signed, version=version, sha256=sha(version), level="终审", final=True)
        work.ledger.register_publication(
            work.key,
            work.period,
            version=version,
            sha256=sha(version),
            address=address,
            happened_at=moment,
            recorded_at=moment,
        )

    def see(self, at: str, version: int = 1, address: str = PAGE) -> None:
        """Let us see the page: 系统核验."""
        moment, work = parse_instant(at), self.work
        work.ledger.register_evidence(
            work.key,
            work.period,
            sha256=sha(version),
            address=address,
            evidence={"method": "系统核验"},
            happened_at=moment,
            recorded_at=moment,
        )

    @property
    def row(self) -> OccurrenceRow:
        """The occurrence as the ledger has it."""
        row = self.work.ledger.occurrence(self.work.key, self.work.period)
        assert row is not None
        return row

    @property
    def events(self) -> tuple[LedgerEvent, ...]:
        """Its events."""
        return self.work.ledger.events(self.work.key, self.work.period)

    @property
    def last(self) -> LedgerEvent:
        """Its last event."""
        return self.events[-1]

    def require_sound(self) -> None:
        """Hold the ledger to its own proof."""
        assert verify_ledger(self.work.ledger) == []


@pytest.fixture
def office(tmp_path: Path) -> Settings:
    """The settings of an installation with the county's catalogue."""
    folder = tmp_path / "catalogue" / "county"
    folder.mkdir(parents=True)
    (folder / "_document.yaml").write_text(DOCUMENT, "utf-8")
    for slug, (title, duty, publication, clock, more) in DUTIES.items():
        text = DUTY.format(title=title, duty=duty, publication=publication, clock=clock, more=more)
        (folder / f"{slug}.yaml").write_text(text, "utf-8")
    return Settings.from_environment(
        {"OBLIGATIONS_HOME": str(tmp_path), "OBLIGATIONS_CATALOGUE": str(tmp_path / "catalogue")}
    )


@pytest.fixture
def desk(office: Settings) -> Iterator[Callable[..., Desk]]:
    """Open an occurrence that the ledger expects; an event is reported first."""
    with ExitStack() as opened:

        def open_desk(slug: str = "monthly", period: str = "2026-10", *, event: Event | None = None) -> Desk:
            if event is not None:
                with open_ledger(office.ledger_url) as ledger:
                    ledger.report(event, event.reported_at)
            obligation = load_one(office.catalogue, f"county/{slug}")
            work = opened.enter_context(open_work(office, obligation, event.id if event else period, "form"))
            expect(work, parse_instant("2026-11-01"))
            return Desk(work)

        yield open_desk

"""The whole catalogue, and an office in a temporary home in which every obligation can be taken along its route.

``OBLIGATIONS_TEST_CATALOGUE`` names another folder of YAML files to hold to the same tests.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from reviewing import complete_and_review
from sqlalchemy import create_engine

from obligations.orchestration import route
from obligations.orchestration.accountability.feedback import answer_round, find_round
from obligations.orchestration.review import forms
from obligations.orchestration.review.answers import PROOF, Answer
from obligations.orchestration.review.decisions import answer_proof
from obligations.orchestration.settings import PACKAGE, Settings
from obligations.orchestration.work import Work
from obligations.rules.calendar import WorkingCalendar, load_calendar
from obligations.rules.catalogue import load
from obligations.rules.occurrences import occurrence_of, occurrence_of_event, periods_of
from obligations.rules.periods import opening_event, periods_between
from obligations.steps.gather import Sources
from obligations.steps.ledger import Ledger, open_ledger
from obligations.words.clocks import DeadlineClock
from obligations.words.errors import SourceNotReady
from obligations.words.obligation import Obligation
from obligations.words.occurrence import Event, Period
from obligations.words.sources import EventSource, LedgerSource, SqlSource
from obligations.words.times import midnight

CATALOGUE = Path(os.environ.get("OBLIGATIONS_TEST_CATALOGUE") or PACKAGE / "catalogue")
OBLIGATIONS = load(CATALOGUE).obligations
FIGURES = {
    "fiscal-monthly": ("fiscal.csv", "2017-06"),
    "land-supply-quarterly": ("land_supply.csv", "2012-Q1"),
    "wholesale-prices-weekly": ("wholesale_prices.csv", "2020-W14"),
    "drinking-water-quarterly": ("drinking_water.csv", "2026-Q3"),
    "economic-indicators": ("economic_indicators.csv", "2026-Q3"),
    "environment-monthly": ("environment.csv", "2026-05"),
    "epidemic-monthly": ("epidemic_monthly.csv", "2026-08"),
    "annual-report": ("annual_report.csv", "2025"),
    "enforcement-decisions": ("enforcement_decisions.csv", ""),
    "permits-and-penalties": ("permits_and_penalties.csv", ""),
    "website-check-quarterly": ("website_check.csv", "2026-Q3"),
    "grain-purchase-five-daily": ("grain_purchase.csv", "2026-06-30"),
    "social-assistance-quarterly": ("social_assistance.csv", "2026-Q3"),
    "soe-indicators": ("soe_indicators.csv", "2026-08"),
}
DELIVERIES = Path(__file__).parents[1] / "deliveries"
"""Deliveries of kinds that the demo has no figures for."""
SUBMITTED = """# 来文标题

## 一、总体情况

本期共办理3件，均已按时办结。

| 序号 | 名称 | 数量 |
| --- | --- | --- |
| 1 | 甲 | 2 |
| 2 | 乙 | 1 |
"""


def first_period(obligation: Obligation) -> Period:
    """Return the first period in force; a yearly date that had passed when the plan was issued has none, so its first."""
    clock, begins = obligation.clock, obligation.binds_from
    last = obligation.binds_until or begins + timedelta(days=731)
    if isinstance(clock, DeadlineClock):
        begins = last = clock.date
    return next(periods_of(obligation, begins, last), None) or next(periods_between(clock, begins, last))


@dataclass
class Office:
    """One installation; the clock stands wherever a test puts it."""

    settings: Settings
    sources: Sources
    ledger: Ledger
    calendar: WorkingCalendar

    def deliver(self, obligation: Obligation, period: str) -> None:
        """Put what the department would deliver for the period where the obligation gathers it."""
        if (
            isinstance(obligation.source, EventSource | SqlSource | LedgerSource)
            or obligation.publication == "check-sheet"
        ):
            return
        folder = self.settings.inbox / (obligation.source.folder or obligation.key)
        folder.mkdir(parents=True, exist_ok=True)
        if obligation.publication in FIGURES:
            file, theirs = FIGURES[obligation.publication]
            demo = PACKAGE / "demo" / file
            text = (demo if demo.is_file() else DELIVERIES / file).read_text("utf-8")
            (folder / f"{period}.csv").write_text(
                text if not theirs or period in text else text.replace(theirs, period), "utf-8"
            )
        else:
            (folder / f"{period}.md").write_text(SUBMITTED, "utf-8")

    def work(self, obligation: Obligation, event_id: str = "event") -> Work:
        """Return the first occurrence in force as the run ``test`` works on it; an event that opens it is reported."""
        opened_by, event = opening_event(obligation.clock), None
        if opened_by is None:
            occurrence = occurrence_of(obligation, first_period(obligation), self.calendar)
        else:
            happened = midnight(obligation.binds_from) + timedelta(hours=10)
            levels = getattr(obligation.clock, "levels", ())
            named = f"{event_id}-{obligation.dag_id.replace('.', '-')}"
            event = Event(named, opened_by, levels[0] if levels else "", "示例事件", happened, happened, None, {})
            self.ledger.report(event, happened)
            occurrence = occurrence_of_event(obligation, event, self.calendar)
        return Work(self.settings, obligation, occurrence, event, self.calendar, self.ledger, "test")

    def to_review(self, work: Work, now: datetime) -> forms.Form:
        """Take the work through gather and draft to the review."""
        route.gather(work, self.sources, now)
        if isinstance(work.obligation.source, LedgerSource):
            self.hold_round(work, now)
        route.draft(work, now)
        return forms.ask_review(work, work.chain.steps[0], now)

    def hold_round(self, work: Work, now: datetime) -> None:
        """Let every department that is asked agree with its figures."""
        with suppress(SourceNotReady):
            route.feedback(work, self.sources, now)
        found = find_round(work)
        if not found.settled:
            for department in found.departments:
                answer_round(work, department, (), "department", now)
            route.feedback(work, self.sources, now)

    def approve(self, work: Work, now: datetime) -> None:
        """Fill every blank and approve on every level."""
        complete_and_review(work, now)

    def prove(self, work: Work, now: datetime) -> None:
        """Give proof that it was held, submitted or completed now."""
        proof = work.obligation.fulfilment
        fields = {blank.name: "见存档材料" for blank in PROOF[proof]} | {"fulfilled_at": now.isoformat()}
        answer_proof(work, Answer("确认", fields, "reviewer", now), proof, now)


def engine_for_test(home: Path):
    """Return the engine of the demo's departmental database, made from the same published figures."""
    import csv

    engine = create_engine(f"sqlite:///{home / 'departments.sqlite3'}")
    with (PACKAGE / "demo" / "fiscal.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    columns = ", ".join(f'"{name}"' for name in header)
    marks = ", ".join("?" * len(header))
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE TABLE fiscal ({columns})")
        connection.exec_driver_sql(
            f"INSERT INTO fiscal VALUES ({marks})",  # noqa: S608 - only question marks are formatted in
            [tuple(cell or None for cell in row) for row in rows],
        )
    return engine


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterable[Office]:
    home = tmp_path_factory.mktemp("office")
    settings = Settings.from_environment({"OBLIGATIONS_HOME": str(home), "OBLIGATIONS_CATALOGUE": str(CATALOGUE)})
    engine = engine_for_test(home)
    sources = Sources(settings.inbox, settings.store, settings.quarantine, lambda _: engine)
    with open_ledger(settings.ledger_url) as ledger:  # one for all: what opening costs is not what is tried here
        yield Office(settings, sources, ledger, load_calendar())
    engine.dispose()


def first_of_each(obligations: Iterable[Obligation]) -> list[str]:
    """Return one obligation for every way to be closed without being public: duty, clock, draft and fulfilment."""
    found: dict[tuple[str, ...], str] = {}
    for one in obligations:
        if not one.may_reach_the_public:
            found.setdefault((one.duty, one.clock.kind, one.publication, one.fulfilment), one.key)
    return list(found.values())


@pytest.fixture(params=first_of_each(OBLIGATIONS.values()), ids=str)
def internal(request: pytest.FixtureRequest) -> Obligation:
    """One obligation of each kind that never reaches the public."""
    return OBLIGATIONS[request.param]


@pytest.fixture(params=OBLIGATIONS, ids=str)
def obligation(request: pytest.FixtureRequest) -> Obligation:
    """Every obligation of the catalogue, one after the other."""
    return OBLIGATIONS[request.param]

"""One occurrence in one run: everything a step needs, opened at the door and handed down. Decides nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from obligations.orchestration.settings import Settings
from obligations.publications.registry import kind as kind_named
from obligations.rules.calendar import WorkingCalendar, load_calendar
from obligations.rules.occurrences import occurrence_of, occurrence_of_event
from obligations.rules.periods import has_periods, period_from_key
from obligations.rules.reviews import chain_of
from obligations.steps.ledger import Ledger, Sweeps, open_ledger
from obligations.words.obligation import Obligation
from obligations.words.occurrence import Event, Occurrence
from obligations.words.publication import PublicationKind
from obligations.words.reviews import Chain


@dataclass(frozen=True)
class Work:
    """One occurrence as one run works on it.

    Attributes:
        event: the event that started the clock; None for periods of the calendar.
        run_id: the Airflow run, or ``cli`` for the command line.
        ledger: open ledger; every act is recorded there in the same call.
    """

    settings: Settings
    obligation: Obligation
    occurrence: Occurrence
    event: Event | None
    calendar: WorkingCalendar
    ledger: Ledger
    run_id: str

    @property
    def key(self) -> str:
        """The obligation's key."""
        return self.obligation.key

    @property
    def departments(self) -> tuple[str, ...]:
        """The departments that owe it, by their canonical names."""
        return self.obligation.department_names or self.obligation.departments

    @property
    def period(self) -> str:
        """The period's key."""
        return self.occurrence.period.key

    @cached_property
    def kind(self) -> PublicationKind:
        """The publication kind."""
        return kind_named(self.obligation.publication)

    @cached_property
    def chain(self) -> Chain:
        """The levels of review that its drafts pass."""
        return chain_of(self.obligation, self.settings.reviews)

    @property
    def drafts(self) -> Path:
        """Folder of this occurrence's drafts, one sub-folder a version."""
        return self.settings.store / "drafts" / self.key / self.period

    def is_historical(self, now: datetime) -> bool:
        """Whether it was due before this installation's first sweep (补录), or is by now where there was none."""
        return self.occurrence.due_at <= (Sweeps(self.ledger).first_at() or now)


@contextmanager
def open_work(settings: Settings, obligation: Obligation, period: str, run_id: str) -> Iterator[Work]:
    """Open the ledger and compute the occurrence; raises UnusableInput for a period or event that does not exist."""
    calendar = load_calendar(settings.holidays)
    with open_ledger(settings.ledger_url) as ledger:
        event = None if has_periods(obligation.clock) else ledger.get_reported_event(period)
        occurrence = compute(obligation, period, event, calendar)
        yield Work(settings, obligation, occurrence, event, calendar, ledger, run_id)


def compute(obligation: Obligation, period: str, event: Event | None, calendar: WorkingCalendar) -> Occurrence:
    """Return what is owed for a period's key or for ``event``; raises UnusableInput for a period that does not exist."""
    if event is not None:
        return occurrence_of_event(obligation, event, calendar)
    return occurrence_of(obligation, period_from_key(obligation.clock, period), calendar)


def expect(work: Work, now: datetime) -> None:
    """Enter the occurrence in the ledger if it is not there yet; repeats change nothing."""
    work.ledger.expect(
        work.obligation,
        work.occurrence,
        calendar_version=work.calendar.version,
        catalogue_version=catalogue_version(work.obligation),
        historical=work.is_historical(now),
        now=now,
    )


def catalogue_version(obligation: Obligation) -> str:
    """Return a short digest of the obligation as resolved, under which its dates were computed."""
    return hashlib.sha256(obligation.model_dump_json().encode()).hexdigest()[:16]

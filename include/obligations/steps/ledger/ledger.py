"""The ledger as everybody uses it: open it, expect, append, register, report, read. One method, one transaction.

No method reads a clock. No mail or network call may happen between ``writing`` and its end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Engine

from obligations.steps.ledger import checkpoints, expecting, occurrences, products, reading, reported
from obligations.steps.ledger.engine import for_reading, open_engine, require_ready
from obligations.steps.ledger.events import LedgerEvent, NewEvent
from obligations.steps.ledger.expecting import Expected
from obligations.steps.ledger.products import Draft, DraftState
from obligations.steps.ledger.projection import OccurrenceRow
from obligations.steps.ledger.reading import LedgerRow
from obligations.steps.ledger.reported import ReportOutcome
from obligations.steps.ledger.timing import OFFICE_HOURS, OfficeHours
from obligations.words.evidence import Grade
from obligations.words.obligation import Fulfilment, Obligation
from obligations.words.occurrence import Event, Occurrence
from obligations.words.publication import Blank


def open_ledger(url: str) -> Ledger:
    """Open the ledger at a SQLAlchemy URL; an absent SQLite ledger is made, safely when several processes do so.

    Raises UnusableInput for a URL that is no SQLite file or PostgreSQL database, and LedgerNotReady where
    ``obligations migrate`` must run first.
    """
    return Ledger(open_engine(url))


class Ledger:
    """Occurrences and their append-only events. Use as a context, or call ``close``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reader = for_reading(engine)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give back every connection."""
        self._engine.dispose()

    def require_ready(self) -> None:
        """Raise LedgerNotReady where the ledger is no longer as it was opened; for who keeps one open between its uses."""
        require_ready(self._engine)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One writing transaction over several acts of this package's functions; commits at the end, or nothing."""
        with self._engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One reading transaction that sees one state of the ledger throughout."""
        with self._reader.begin() as connection:
            yield connection

    def expect(
        self,
        obligation: Obligation,
        occurrence: Occurrence,
        *,
        calendar_version: str,
        catalogue_version: str,
        historical: bool,
        now: datetime,
    ) -> OccurrenceRow:
        """Return the occurrence's row, made now if the ledger did not know it; a known one does not change."""
        entry = Expected(obligation, occurrence, catalogue_version, historical)
        self.expect_many([entry], calendar_version=calendar_version, now=now)
        with self.reading() as connection:
            return occurrences.known(connection, occurrence.key, occurrence.period.key)

    def expect_many(self, batch: Sequence[Expected], *, calendar_version: str, now: datetime) -> int:
        """Expect any number of occurrences, at most 500 in a transaction; return how many the ledger did not know.

        Where all are known nothing is written and no writer waits.
        """
        made = 0
        for start in range(0, len(batch), occurrences.BATCH):
            with self.reading() as connection:
                entries = expecting.unknown(connection, batch[start : start + occurrences.BATCH])
            prepared = expecting.prepare(entries, calendar_version=calendar_version, now=now)
            if prepared:
                with self.writing() as connection:
                    made += expecting.insert_prepared(connection, prepared)
        return made

    def append(
        self,
        key: str,
        period: str,
        kind: str,
        *,
        happened_at: datetime,
        recorded_at: datetime,
        person: str | None = None,
        payload: Mapping[str, Any] | None = None,
        once: str | None = None,
    ) -> int:
        """Append one event and return its seq; with ``once``, the same token again returns the first one's seq.

        Raises UnusableInput for an occurrence that is not in the ledger, ValueError for an unknown kind.
        """
        with self.writing() as connection:
            row = occurrences.known(connection, key, period, lock=True)
            said = NewEvent(kind, happened_at, payload or {}, once, person)
            _, seq = occurrences.append_to(connection, row, said, recorded_at)
            return seq

    def next_version(self, key: str, period: str) -> int:
        """Return the number that the next draft gets: 1 where there is none yet."""
        with self.reading() as connection:
            return products.next_version(connection, key, period)

    def register_draft(
        self,
        key: str,
        period: str,
        *,
        version: int,
        sha256: str,
        folder: str,
        files: Sequence[str],
        happened_at: datetime,
        recorded_at: datetime,
        state: DraftState = "generated",
        open_blanks: Sequence[Blank] = (),
        person: str | None = None,
        payload: Mapping[str, Any] | None = None,
    ) -> int:
        """Keep a draft and append ``drafted`` (payload: version, sha256, state and what ``payload`` adds); idempotent."""
        draft = Draft(version, sha256, folder, tuple(files), state, tuple(open_blanks))
        with self.writing() as connection:
            return products.register_draft(
                connection,
                key,
                period,
                draft,
                happened_at=happened_at,
                recorded_at=recorded_at,
                person=person,
                payload=payload or {},
            )

    def register_publication(
        self,
        key: str,
        period: str,
        *,
        version: int,
        sha256: str,
        address: str,
        happened_at: datetime,
        recorded_at: datetime,
        kind: Fulfilment = "published",
        evidence: Mapping[str, Any] | None = None,
        grade: Grade = "待核验",
        person: str | None = None,
        channel: str | None = None,
        claimed_at: datetime | None = None,
        corrects: str | None = None,
    ) -> int:
        """Keep a publication (or a conference held, a submission, a completed task) and append its event; idempotent.

        ``channel`` is by which it went public, ``claimed_at`` when it is said to have, ``corrects`` the address it replaces.
        """
        with self.writing() as connection:
            return products.register_publication(
                connection,
                key,
                period,
                kind=kind,
                version=version,
                sha256=sha256,
                address=address,
                evidence=evidence or {},
                grade=grade,
                happened_at=happened_at,
                recorded_at=recorded_at,
                person=person,
                channel=channel,
                claimed_at=claimed_at,
                corrects=corrects,
            )

    def register_evidence(
        self,
        key: str,
        period: str,
        *,
        sha256: str,
        address: str,
        evidence: Mapping[str, Any],
        happened_at: datetime,
        recorded_at: datetime,
        grade: Grade = "系统核验",
        person: str | None = None,
        published_at: datetime | None = None,
    ) -> int:
        """Keep the proof of a registered publication and append ``verified``, which meets a duty to publish; idempotent.

        ``published_at`` is the instant that the proof establishes, the publication's own unless given.
        """
        with self.writing() as connection:
            return products.register_evidence(
                connection,
                key,
                period,
                sha256=sha256,
                address=address,
                evidence=evidence,
                grade=grade,
                happened_at=happened_at,
                recorded_at=recorded_at,
                person=person,
                published_at=published_at,
            )

    def report(self, event: Event, now: datetime) -> ReportOutcome:
        """Record the report of an event; a repeat changes nothing, a changed level keeps both starts on record."""
        with self.writing() as connection:
            return reported.report(connection, event, now)

    def get_reported_event(self, event_id: str) -> Event:
        """Return an event as now known; raises UnusableInput for an unknown id."""
        with self.reading() as connection:
            return reported.reported_event(connection, event_id)

    def occurrence(self, key: str, period: str) -> OccurrenceRow | None:
        """Return one occurrence, or None."""
        with self.reading() as connection:
            return occurrences.find(connection, key, period)

    def events(self, key: str, period: str) -> tuple[LedgerEvent, ...]:
        """Return the events of one occurrence in order; none for an unknown one."""
        with self.reading() as connection:
            row = occurrences.find(connection, key, period)
            return () if row is None else tuple(occurrences.events_of(connection, [row.id])[row.id])

    def drafts(self, key: str, period: str) -> tuple[Draft, ...]:
        """Return the drafts of one occurrence in the order they were registered."""
        with self.reading() as connection:
            row = occurrences.find(connection, key, period)
            return () if row is None else products.drafts_of(connection, [row.id])[row.id]

    def rows(
        self,
        key: str | None = None,
        period: str | None = None,
        *,
        now: datetime,
        is_working_day: Callable[[date], bool],
        office_hours: OfficeHours = OFFICE_HOURS,
        jurisdiction: str | None = None,
        due: tuple[datetime, datetime] | None = None,
    ) -> list[LedgerRow]:
        """Return what ``obligations ledger`` shows, as of ``now``, earliest due first.

        ``due``: only what falls due after the first instant, up to and with the second.
        """
        with self.reading() as connection:
            return reading.rows(
                connection,
                key,
                period,
                now=now,
                is_working_day=is_working_day,
                office_hours=office_hours,
                jurisdiction=jurisdiction,
                due=due,
            )

    def checkpoint(self, now: datetime) -> str:
        """Chain every event since the last checkpoint into one hash, once a day; return the day's hash."""
        with self.writing() as connection:
            return checkpoints.take(connection, now)

    def last_checkpoint(self) -> tuple[date, str] | None:
        """Return day and hash of the latest checkpoint, to be kept outside; None before the first."""
        with self.reading() as connection:
            found = checkpoints.last(connection)
        return None if found is None else (found["day"], str(found["hash"]))

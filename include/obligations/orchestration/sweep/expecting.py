"""Expecting: every binding obligation's occurrences from go-live on and for the next 90 days, entered in the ledger once.

What events open is entered when they are reported. Which dates follow is ``rules.occurrences``. The catalogue is read
only where its files, the calendar or the day changed since the last pass: ``state_of_catalogue`` tells without reading.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from obligations.orchestration.settings import Settings
from obligations.orchestration.sweep.report import Alarm
from obligations.orchestration.work import catalogue_version
from obligations.rules.calendar import WorkingCalendar
from obligations.rules.occurrences import occurrence_of, periods_of
from obligations.rules.periods import has_periods
from obligations.steps.ledger import Expected, Ledger
from obligations.steps.ledger.expecting import unknown
from obligations.steps.ledger.occurrences import BATCH
from obligations.words.errors import ObligationsError
from obligations.words.obligation import Obligation
from obligations.words.occurrence import Occurrence
from obligations.words.telling import Tell, untold
from obligations.words.times import SHANGHAI, midnight

AHEAD = timedelta(days=90)
_LONGEST = timedelta(days=400)
"""Longer than any period with its limit, and than any time between opening and due: how far to search either way."""


def state_of_catalogue(settings: Settings, calendar_version: str, now: datetime) -> str:
    """Return a digest of what is expected from: names, sizes and times of files, settings, calendar, day. Reads no file."""
    served = ",".join(sorted(settings.jurisdictions or ()))
    said = [calendar_version, settings.go_live.isoformat(), served, now.astimezone(SHANGHAI).date().isoformat()]
    for path in sorted(settings.catalogue.glob("*/*.yaml")):
        status = path.stat()
        said.append(f"{path.relative_to(settings.catalogue)} {status.st_size} {status.st_mtime_ns}")
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def expect_all(
    ledger: Ledger,
    served: Iterable[Obligation],
    calendar: WorkingCalendar,
    go_live: date,
    first_sweep: datetime,
    now: datetime,
    tell: Tell = untold,
) -> tuple[list[dict[str, Any]], list[Alarm]]:
    """Enter what the ledger does not expect yet; return it as small objects, and what cannot be computed.

    What was due by ``first_sweep`` is historical (补录). Dates are worked out one obligation after the other.
    """
    owed: list[Expected] = []
    alarms: list[Alarm] = []
    for obligation in served:
        version = catalogue_version(obligation)
        try:
            owed += [
                Expected(obligation, one, version, one.due_at <= first_sweep)
                for one in owed_by(obligation, calendar, go_live, now + AHEAD)
            ]
        except ObligationsError as error:
            alarms.append(Alarm("cannot-compute", f"{obligation.key} 的时限不能计算：{error}", obligation.key))
    made: list[dict[str, Any]] = []
    for start in range(0, len(owed), BATCH):
        with ledger.reading() as connection:
            new = unknown(connection, owed[start : start + BATCH])
        ledger.expect_many(new, calendar_version=calendar.version, now=now)
        made += map(_told, new)
        tell(f"已登记 {len(made):,} 期，共 {len(owed):,} 期应在台账中")
    return made, alarms


def owed_by(obligation: Obligation, calendar: WorkingCalendar, go_live: date, until: datetime) -> Iterator[Occurrence]:
    """Yield the occurrences that fall due from go-live on and open by ``until``; none for what events open."""
    if not has_periods(obligation.clock):
        return
    last = until.astimezone(SHANGHAI).date() + _LONGEST
    for period in periods_of(obligation, go_live - _LONGEST, last):
        occurrence = occurrence_of(obligation, period, calendar)
        if occurrence.opens_at > until:
            return
        if occurrence.due_at > midnight(go_live):
            yield occurrence


def _told(entry: Expected) -> dict[str, Any]:
    occurrence = entry.occurrence
    return {
        "key": occurrence.key,
        "period": occurrence.period.key,
        "due_at": occurrence.due_at,
        "historical": entry.historical,
    }

"""Until when what a standing duty keeps current counts as current: from what was last proven or confirmed, in any period.

The length is the clock's (``rules.pace``). The ledger does not say which duties are standing, so their files are asked,
each once a pass; what is no longer in the catalogue is reminded of by its due time alone.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache

from obligations.orchestration.settings import Settings
from obligations.rules.catalogue import load_one
from obligations.rules.pace import fresh_until
from obligations.steps.ledger import Ledger, OccurrenceRow
from obligations.steps.ledger.reading import last_confirmed
from obligations.words.clocks import StandingClock
from obligations.words.errors import ObligationsError
from obligations.words.times import SHANGHAI, end_of_day, midnight


class Freshness:
    """The freshness of standing duties, as of the ledger's present state."""

    def __init__(self, ledger: Ledger, settings: Settings) -> None:
        self._ledger, self._settings = ledger, settings
        self._clock = cache(self._read_clock)

    def until(self, row: OccurrenceRow) -> datetime | None:
        """Return the instant from which it is no longer current, for the occurrence of the period in which that falls.

        None for the other periods, so that people are asked once; for other duties; and where nothing is proven yet.
        """
        clock = self._clock(row.key) if row.outcome is None and row.event_id is None else None
        if clock is None:
            return None
        with self._ledger.reading() as connection:
            last = last_confirmed(connection, row.key)
        if last is None:
            return None
        stale_since = end_of_day(fresh_until(last.astimezone(SHANGHAI).date(), clock))
        return stale_since if row.period_start <= stale_since.date() <= row.period_end else None

    def look_at(self, row: OccurrenceRow, now: datetime) -> datetime | None:
        """Return when a pass must look again: daily within the period, for a confirmation may belong to another one."""
        if row.outcome is not None or row.event_id is not None or self._clock(row.key) is None:
            return None
        tomorrow = end_of_day(now.astimezone(SHANGHAI).date())
        turn = max(midnight(row.period_start), tomorrow)
        return turn if turn <= end_of_day(row.period_end) else None

    def _read_clock(self, key: str) -> StandingClock | None:
        try:
            clock = load_one(self._settings.catalogue, key).clock
        except ObligationsError:
            return None
        return clock if isinstance(clock, StandingClock) else None

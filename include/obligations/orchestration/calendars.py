"""The calendar where a faulty file must cost neither a DAG nor a deadline; the sweep reports the fault, by name."""

from __future__ import annotations

import logging

from obligations.orchestration.settings import Settings
from obligations.rules.calendar import WorkingCalendar, load_calendar
from obligations.words.errors import ObligationsError

log = logging.getLogger(__name__)


def calendar_or_packaged() -> WorkingCalendar:
    """Return the installation's calendar, or the packaged one where its own notices are at fault."""
    try:
        return load_calendar(Settings.from_environment().holidays)
    except ObligationsError:
        log.exception("the installation's own holiday notices cannot be read")
        return load_calendar(None)

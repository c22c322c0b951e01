"""When a notice may go out: ordinary ones in office hours of a working day, urgent ones at once. Nothing is lost by waiting."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from obligations.rules.calendar import WorkingCalendar
from obligations.words.notices import QuietHours
from obligations.words.times import SHANGHAI


def send_after(now: datetime, urgent: bool, calendar: WorkingCalendar, quiet: QuietHours) -> datetime:
    """Return the first instant from ``now`` on at which a notice may go out.

    Make-up Saturdays are working days, holidays are not; beyond the announced calendar its estimate decides, because a
    notice that goes out on a day later declared off is better than one that waits for a declaration.
    """
    if urgent:
        return now
    local = now.astimezone(SHANGHAI)
    starts, ends = time.fromisoformat(quiet.start), time.fromisoformat(quiet.end)
    day = local.date() if local.time() < ends else local.date() + timedelta(days=1)
    day = calendar.next_working_day(day)
    return max(now, datetime.combine(day, starts, SHANGHAI))

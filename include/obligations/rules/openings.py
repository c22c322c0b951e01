"""When an occurrence opens for gathering. Needs no holidays, so the scheduler can ask it without the calendar."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta

from obligations.rules.periods import closing_day
from obligations.words.clocks import Clock, DeadlineClock, RecurringClock
from obligations.words.limits import Limit
from obligations.words.occurrence import Period
from obligations.words.times import midnight

_OFFICE_OPENS = timedelta(hours=9)
_BEFORE_PERIOD_END = timedelta(days=7)
_DEFAULT_LEAD = Limit(30, "day")


def opens_at(clock: Clock, period: Period, *, has_limit: bool) -> datetime:
    """Return 09:00 Asia/Shanghai of the day on which data for ``period`` can first be gathered.

    A recurring clock with a limit opens the day after its period; a fixed date or deadline ``opens`` (P30D) before;
    everything that is due at the period's own end a week before that end, or with the period if that is later.
    """
    if isinstance(clock, DeadlineClock) or (isinstance(clock, RecurringClock) and clock.fixed_date):
        return midnight(_earlier(closing_day(clock, period), clock.opens or _DEFAULT_LEAD)) + _OFFICE_OPENS
    if isinstance(clock, RecurringClock) and has_limit:
        return midnight(period.end + timedelta(days=1)) + _OFFICE_OPENS
    return midnight(max(period.start, period.end - _BEFORE_PERIOD_END)) + _OFFICE_OPENS


def _earlier(day: date, lead: Limit) -> date:
    if lead.unit == "month":
        months = day.year * 12 + day.month - 1 - lead.amount
        year, month = divmod(months, 12)
        return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
    return day - timedelta(days=lead.amount)

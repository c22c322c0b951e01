"""What the lists of a page are made with, for the person logged in."""

from __future__ import annotations

from datetime import datetime

from fastapi import HTTPException, status

from obligations.orchestration.pages.holders import Holders
from obligations.orchestration.pages.kept import people_of
from obligations.orchestration.pages.lines import Sight
from obligations.orchestration.pages.scope import Scope
from obligations.orchestration.pages.shell import PREFIX
from obligations.orchestration.pages.turns import Places
from obligations.orchestration.settings import Settings
from obligations.rules.calendar import WorkingCalendar, load_calendar
from obligations.words.errors import ObligationsError


def working_calendar(settings: Settings) -> WorkingCalendar:
    """Return the calendar; 503 where it cannot be read, for no time left may be told by a guess."""
    try:
        return load_calendar(settings.holidays)
    except ObligationsError as faulty:
        raise HTTPException(status.HTTP_503_SERVICE_UNAVAILABLE, f"放假通知有误，时限暂不能显示：{faulty}") from None


def sight_of(scope: Scope, at: datetime) -> Sight:
    """Return it; 503 as ``working_calendar``."""
    settings = scope.settings
    directory = people_of(settings) if settings.contacts is not None else None
    calendar = working_calendar(settings)
    governments = {each.jurisdiction.slug: each.jurisdiction.name for each in scope.obligations.values()}
    places = Places(settings.base_url, PREFIX)
    return Sight(places, Holders(directory, scope.account, at), calendar, at, governments)

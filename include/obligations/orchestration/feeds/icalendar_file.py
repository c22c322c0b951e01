"""Due dates as an iCalendar object (RFC 5545), titles only. Pure: what is due is handed in.

A day that ends at 24:00 is an all-day entry, a limit in hours an instant. The UID stays with the occurrence and the SEQUENCE
rises with every move of its due time, so that a client moves its entry instead of adding one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from obligations.steps.ledger.due_dates import Due
from obligations.words.times import SHANGHAI

BACK, AHEAD = timedelta(days=60), timedelta(days=400)
"""How far a calendar reaches to either side of the day it is asked for."""
_ZONE = "Asia/Shanghai"


def calendar_of(dues: Iterable[Due], name: str, pages: str, at: datetime) -> bytes:
    """Return the calendar of these due dates as UTF-8 with CRLF.

    Args:
        dues: as the ledger has them.
        name: of the calendar, as clients show it.
        pages: address of the pages, for the link of each entry.
        at: when it is made.
    """
    from icalendar import Calendar, Event, Timezone  # here, because only this needs it

    calendar = Calendar()
    calendar.add("prodid", "-//obligations//政务公开工作台账系统//ZH")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", _ZONE)
    calendar.add("x-published-ttl", "PT1H")
    calendar.add_component(Timezone.from_tzid(_ZONE))
    for due in dues:
        event = Event()
        event.add("uid", f"{due.key.replace('/', '.')}.{due.period}@obligations")
        event.add("dtstamp", at)
        event.add("sequence", due.redated)
        event.add("summary", _summary(due))
        event.add("status", "TENTATIVE" if due.provisional else "CONFIRMED")
        event.add("transp", "TRANSPARENT")
        event.add("url", f"{pages}/occurrences/{due.key}/{due.period}")
        local = due.due_at.astimezone(SHANGHAI)
        if local.time() == time():
            event.add("dtstart", due.day)
            event.add("dtend", due.day + timedelta(days=1))
        else:
            event.add("dtstart", local)
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _summary(due: Due) -> str:
    marks = ("" if due.is_open else "（已完成）") + ("（暂定，待节假日通知）" if due.provisional else "")
    return f"{due.title}（{due.period}）{marks}"

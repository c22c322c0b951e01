"""That an incident is over: said once, by whom and why. No bulletin is expected of it afterwards; nothing already owed goes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from obligations.orchestration.people import require_may_close
from obligations.orchestration.settings import Settings
from obligations.steps.ledger import open_ledger
from obligations.steps.ledger.reported import close, reported_event
from obligations.steps.ledger.sweeps import opened_by
from obligations.words.errors import UnusableInput
from obligations.words.occurrence import INCIDENT, Event
from obligations.words.times import SHANGHAI, parse_instant


def close_event(
    settings: Settings, event_id: str, at: datetime, reason: str, person: str, now: datetime
) -> tuple[Event, bool]:
    """Record that an incident is over; return it and whether that is new. A repeat changes nothing.

    Raises UnusableInput for an event that is unknown or no incident, or a time that cannot be; NotAllowed for an account
    that holds none of the roles in what the incident opened.
    """
    if not reason.strip():
        raise UnusableInput("没有写明事件结束的理由，请填写，例如“现场处置完毕，应急响应终止”")
    if not person.strip():
        raise UnusableInput("没有写明登记人，请填写作出登记的人")
    with open_ledger(settings.ledger_url) as ledger:
        with ledger.reading() as connection:
            event = reported_event(connection, event_id)
            places = [(row.jurisdiction, row.departments) for row in opened_by(connection, [event_id])]
        if event.type != INCIDENT:
            raise UnusableInput(f"{event_id} 是“{event.type}”，不是突发事件，没有结束可以登记")
        require_may_close(settings, person.strip(), places, now)
        with ledger.writing() as connection:
            return close(connection, event_id, at, reason.strip(), person.strip(), now)


def read_end(fields: Mapping[str, object]) -> tuple[datetime, str] | None:
    """Return from a report's fields when the event ended and why; None where it goes on.

    Raises UnusableInput for a time that cannot be read, or an end without the event's id.
    """
    said = str(fields.get("closed_at") or "").strip()
    reason = str(fields.get("closed_reason") or "").strip()
    if not said:
        if reason:
            raise UnusableInput("填写了结束理由，没有填写 closed_at（结束时间），请补填或清空")
        return None
    if not str(fields.get("event_id") or "").strip():
        raise UnusableInput("登记事件结束时，请填写 event_id（原事件编号）")
    try:
        return parse_instant(said.replace("：", ":")).astimezone(SHANGHAI), reason
    except ValueError:
        raise UnusableInput(f"字段 closed_at 的值是“{said}”，应为时间，例如 2026-09-30T14:05（北京时间）") from None

"""Reports of events: reads one, registers it and opens every occurrence whose clause it binds. Starts no runs itself.

That an event is over is ``closing``, which bulletins follow while it is not ``following``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from obligations.orchestration.settings import Settings
from obligations.orchestration.work import Work, expect
from obligations.rules.calendar import WorkingCalendar, load_calendar
from obligations.rules.catalogue import load
from obligations.rules.occurrences import occurrence_of_event
from obligations.rules.periods import opening_event
from obligations.steps.ledger import open_ledger
from obligations.words.clocks import EventClock
from obligations.words.errors import UnusableInput
from obligations.words.obligation import Obligation
from obligations.words.occurrence import FOLLOWUP, INCIDENT, Event, Occurrence
from obligations.words.times import SHANGHAI, parse_instant, say_instant

LEVELS = ("特别重大", "重大", "较大", "一般")
TEXTS = {
    "category": "突发事件类别（例如 道路交通事故）",
    "place": "地点（到乡镇、路名）",
    "lead": "牵头发布单位",
    "summary": "简况",
    "casualties": "已核实的伤亡情况",
    "measures": "已采取的措施",
}
_ID = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")
MAX_TEXT = 2000


@dataclass(frozen=True)
class Reported:
    """What a report led to.

    Attributes:
        event: as registered: of a repeated report, the first one's times.
        is_new: whether anything was registered (a first report or a change of level).
        opened: every occurrence the event opens, with its obligation; first due first.
    """

    event: Event
    is_new: bool
    opened: tuple[tuple[Obligation, Occurrence], ...]


def read_report(fields: Mapping[str, object], now: datetime) -> Event:
    """Read a report form; raises UnusableInput naming the field, its value and what is expected.

    Fields: ``type`` (``incident``, or an anchor that the catalogue names, such as 本要点公布), ``level`` (of an incident),
    ``title``, ``happened_at``, ``reported_at`` (default now), ``noticed_at``,
    ``event_id`` (of an event already reported) and the texts in ``TEXTS``; times are ISO 8601, Asia/Shanghai if they
    have no offset.
    """
    kind = _text(fields, "type")
    if not kind:
        raise UnusableInput("字段 type（事件类型）为空，突发事件填 incident，其他填目录中所写的事件，例如 本要点公布")
    if kind == FOLLOWUP:
        raise UnusableInput("续报由巡检按上次通报的时间登记，不用填报；事件结束的，请登记事件结束")
    level = _choice(fields, "level", LEVELS) if kind == INCIDENT else ""
    title = _text(fields, "title")
    if not title:
        raise UnusableInput("字段 title（事件名称）为空，请填写，例如“某路段道路交通事故”")
    happened_at = _instant(fields, "happened_at")
    if happened_at is None:
        raise UnusableInput("字段 happened_at（发生时间）为空，时限从事件发生时起算，请填写，例如 2026-09-30T14:05")
    if kind == INCIDENT:
        _require_past(happened_at, now)
    reported_at = _instant(fields, "reported_at") or now
    texts = {name: _text(fields, name) for name in TEXTS}
    event_id = _text(fields, "event_id") or _stable_id(kind, happened_at, texts["place"], title)
    if not _ID.fullmatch(event_id) or len(event_id) > 100:
        raise UnusableInput(f"字段 event_id 的值是“{event_id}”，应为字母、数字和连字符，最多 100 个")
    return Event(event_id, kind, level, title, happened_at, reported_at, _instant(fields, "noticed_at"), texts)


def report(settings: Settings, event: Event, now: datetime, *, jurisdiction: str | None = None) -> Reported:
    """Register ``event`` and expect what it opens; a repeated report changes nothing, a new level opens what it binds.

    An event that clauses bind before or together with it (a meeting, a policy's publication) may be reported while it
    lies ahead. Raises UnusableInput for a type that opens nothing, or another event that has not happened yet.
    """
    calendar = load_calendar(settings.holidays)
    obligations = list(load(settings.catalogue).obligations.values())
    _require_binding(event, obligations, now)
    with open_ledger(settings.ledger_url) as ledger:
        outcome = ledger.report(event, now)
        opened = _opened(settings, outcome.event, obligations, calendar, jurisdiction)
        for obligation, occurrence in opened:
            expect(Work(settings, obligation, occurrence, outcome.event, calendar, ledger, "report"), now)
    return Reported(outcome.event, outcome.is_new or outcome.level_changed, opened)


def would_open(
    settings: Settings, event: Event, now: datetime, *, jurisdiction: str | None = None
) -> tuple[tuple[Obligation, Occurrence], ...]:
    """Return what ``report`` would open, first due first; raises as it does, and writes nothing."""
    calendar = load_calendar(settings.holidays)
    obligations = list(load(settings.catalogue).obligations.values())
    _require_binding(event, obligations, now)
    return _opened(settings, event, obligations, calendar, jurisdiction)


def is_opened_by(obligation: Obligation, event: Event) -> bool:
    """Whether the clause binds an event of this type and level on the day it happened."""
    clock = obligation.clock
    if opening_event(clock) != event.type:
        return False
    day = event.happened_at.astimezone(SHANGHAI).date()
    in_force = day >= obligation.binds_from and obligation.status(day) != "已过执行年度"
    levels = clock.levels if isinstance(clock, EventClock) else ()
    return in_force and (not levels or event.level in levels)


def _require_binding(event: Event, obligations: Iterable[Obligation], now: datetime) -> None:
    """Raise UnusableInput for a type that opens nothing, or an event ahead that no clause binds before it happens."""
    obligations = list(obligations)
    opened_by = [obligation.clock for obligation in obligations if opening_event(obligation.clock) == event.type]
    if not opened_by:
        known = "、".join(_types_in(obligations))
        raise UnusableInput(f"目录中没有由“{event.type}”触发的事项；可用的事件类型：{known}")
    if not any(isinstance(clock, EventClock) and clock.relation != "after" for clock in opened_by):
        _require_past(event.happened_at, now)


def _opened(
    settings: Settings,
    event: Event,
    obligations: Iterable[Obligation],
    calendar: WorkingCalendar,
    jurisdiction: str | None,
) -> tuple[tuple[Obligation, Occurrence], ...]:
    """Return every occurrence that an event opens, with its obligation, first due first."""
    opened = [
        (obligation, occurrence_of_event(obligation, event, calendar))
        for obligation in obligations
        if jurisdiction in (None, obligation.jurisdiction.slug)
        and settings.serves(obligation.jurisdiction.slug)
        and is_opened_by(obligation, event)
    ]
    return tuple(sorted(opened, key=lambda pair: (pair[1].due_at, pair[0].key)))


def event_types(catalogue: Path) -> list[str]:
    """Return every type of event that people report and an obligation of the catalogue waits for, ``incident`` first."""
    return _types_in(load(catalogue).obligations.values())


def _types_in(obligations: Iterable[Obligation]) -> list[str]:
    found = {opening_event(obligation.clock) for obligation in obligations} - {None, FOLLOWUP}
    return sorted((str(kind) for kind in found), key=lambda kind: (kind != INCIDENT, kind))


def _require_past(happened_at: datetime, now: datetime) -> None:
    if happened_at > now:
        raise UnusableInput(
            f"字段 happened_at（发生时间）{say_instant(happened_at)} 晚于现在 {say_instant(now)}，请核对"
        )


def _stable_id(kind: str, happened_at: datetime, place: str, title: str) -> str:
    local = happened_at.astimezone(SHANGHAI)
    digest = hashlib.sha256("\n".join((kind, local.isoformat(), place, title)).encode()).hexdigest()
    return f"{'incident' if kind == INCIDENT else 'event'}-{local:%Y%m%d-%H%M}-{digest[:8]}"


def _choice(fields: Mapping[str, object], name: str, allowed: tuple[str, ...]) -> str:
    value = fields.get(name)
    if value not in allowed:
        raise UnusableInput(f"字段 {name} 的值是“{value}”，应为 {'、'.join(allowed)} 之一")
    return str(value)


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise UnusableInput(f"字段 {name} 应为不超过 {MAX_TEXT} 字的文字")
    return "".join(character for character in value.strip() if character.isprintable() or character == "\n")


def _instant(fields: Mapping[str, object], name: str) -> datetime | None:
    value = fields.get(name)
    if value in (None, ""):
        return None
    try:
        return parse_instant(str(value)).astimezone(SHANGHAI)
    except ValueError:
        raise UnusableInput(f"字段 {name} 的值是“{value}”，应为时间，例如 2026-09-30T14:05（北京时间）") from None

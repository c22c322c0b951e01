"""One occurrence as a line of a list that says what to do: title, period, due in words, stage, who holds it, one click. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from obligations.orchestration.notices.letters import say_remaining
from obligations.orchestration.pages.holders import Holders
from obligations.orchestration.pages.turns import Places, Turn, turns_of
from obligations.publications.periods import say_period
from obligations.rules.calendar import WorkingCalendar
from obligations.steps.ledger import LedgerEvent, OccurrenceRow
from obligations.steps.ledger.lateness import is_unverified_in_time
from obligations.words.occurrence import Period
from obligations.words.times import say_day, say_due, say_instant

_LIVE = timedelta(hours=72)
"""Hour windows count down on the page; what is due in days says days."""


@dataclass(frozen=True, slots=True)
class Line:
    """What a list shows of an occurrence.

    Attributes:
        href: its page; due: ``2026年9月30日24时前``; left: 还剩2个工作日, 已逾期1天.
        live: ISO instant from which the browser counts down, or None.
        parts: what has to be done and by whom, one or several; action, action_href: the click that does it.
        mine: the person logged in has to do one of them.
    """

    title: str
    href: str
    period: str
    jurisdiction: str
    departments: str
    due: str
    left: str
    live: str | None
    late: bool
    provisional: bool
    stage: str
    parts: tuple[tuple[str, str], ...]
    action: str
    action_href: str
    mine: bool


@dataclass(frozen=True, slots=True)
class Done:
    """One thing that is over: its line, of which nothing is left to do, and when it was published or closed, in words."""

    line: Line
    at: str


@dataclass(frozen=True, slots=True)
class Sight:
    """What lines are made with: where things are done, who does them, by which calendar, as of when."""

    places: Places
    holders: Holders
    calendar: WorkingCalendar
    now: datetime
    governments: dict[str, str]


def line_of(row: OccurrenceRow, events: Sequence[LedgerEvent], sight: Sight, turns: Sequence[Turn] = ()) -> Line:
    """Make the line of an occurrence; ``turns`` where something else than its stage asks for it."""
    turns = turns or turns_of(row, events, sight.places)
    mine = next((turn for turn in turns if sight.holders.is_mine(turn, row)), None)
    chosen = mine or turns[0]
    is_open = row.outcome is None
    in_hours = row.event_id is not None and abs(row.due_at - sight.now) <= _LIVE
    counts = is_open and row.paused_at is None and not is_unverified_in_time(row)
    return Line(
        title=row.title,
        href=sight.places.occurrence(row),
        period=say_period_of(row),
        jurisdiction=sight.governments.get(row.jurisdiction, row.jurisdiction),
        departments="、".join(row.departments) or row.office or "未登记",
        due=say_due(row.due_at),
        left=say_remaining(row, sight.calendar, sight.now),
        live=row.due_at.isoformat() if counts and (in_hours or _is_soon(row, sight.now)) else None,
        late=counts and sight.now > row.due_at,
        provisional=row.provisional,
        stage=row.stage_label,
        parts=tuple((turn.does, sight.holders.who(turn, row)) for turn in turns),
        action=chosen.action,
        action_href=chosen.href,
        mine=mine is not None,
    )


def done_of(row: OccurrenceRow, sight: Sight) -> Done:
    """Tell what is over, and since when."""
    at = row.published_at or row.closed_at
    return Done(line_of(row, (), sight), say_instant(at) if at else "")


def say_period_of(row: OccurrenceRow) -> str:
    """Write the period in words; of an event the day it happened."""
    if row.event_id is not None:
        return f"{say_day(row.period_start)}的事件"
    return str(say_period(Period(row.period, row.period_start, row.period_end)) or row.period)


def _is_soon(row: OccurrenceRow, now: datetime) -> bool:
    return timedelta(0) <= row.due_at - now <= timedelta(hours=24)

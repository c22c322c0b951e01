"""What a row of the page 台账 shows of an occurrence. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from obligations.orchestration.pages.lines import say_period_of
from obligations.orchestration.pages.shell import PREFIX
from obligations.rules.wording import say_kind
from obligations.steps.ledger import OccurrenceRow
from obligations.steps.ledger.lateness import say_lateness
from obligations.words.obligation import Obligation
from obligations.words.times import say_due, say_instant


@dataclass(frozen=True, slots=True)
class Line:
    """One row, ready to print.

    Attributes:
        item, place: addresses of the obligation's page and the occurrence's; item is None for what the catalogue does not
            hold any more.
        moved: its original due time where that was another.
        tone: class of the mark on ``lateness``: late, soon, good or none.
    """

    title: str
    key: str
    item: str | None
    period: str
    place: str
    departments: str
    kind: str
    due: str
    provisional: bool
    moved: str
    stage: str
    lateness: str
    tone: str
    closed: str


def line_of(row: OccurrenceRow, obligations: Mapping[str, Obligation], now: datetime) -> Line:
    """Return one row's words."""
    obligation = obligations.get(row.key)
    true = say_lateness(row, now)
    return Line(
        title=row.title,
        key=row.key,
        item=f"{PREFIX}/items/{row.key}" if obligation is not None else None,
        period=say_period_of(row),
        place=f"{PREFIX}/occurrences/{row.key}/{quote(row.period, safe='')}",
        departments="、".join(row.departments) or row.office or "",
        kind=say_kind(obligation.clock) if obligation is not None else "",
        due=say_due(row.due_at),
        provisional=row.provisional,
        moved=say_due(row.original_due_at) if row.original_due_at != row.due_at else "",
        stage=row.stage_label,
        lateness=f"补录（实际{true}）" if row.historical else true,
        tone="" if row.historical else tone_of(true),
        closed=say_instant(row.closed_at) if row.closed_at else "",
    )


def tone_of(lateness: str) -> str:
    """Return the class of a mark that says this lateness."""
    if lateness.startswith("逾期"):
        return "late"
    return {"按时": "good", "待核验": "soon", "时限中止": "soon"}.get(lateness, "")

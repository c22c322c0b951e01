"""What the page 今日待办 shows: its sections, one's own lines first. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from obligations.orchestration.pages.lines import Line, Sight, line_of
from obligations.orchestration.pages.turns import paperwork_turn
from obligations.steps.ledger import LedgerEvent, OccurrenceRow
from obligations.steps.ledger.agenda import Listed, Section
from obligations.steps.ledger.follow_ups import FollowUp
from obligations.words.times import SHANGHAI, end_of_day

SHOWN = 50
"""Lines of a section; the register has them all."""


@dataclass(frozen=True, slots=True)
class Part:
    """One section as shown; ``mine``: how many of the lines are the person's own."""

    code: str
    label: str
    lines: tuple[Line, ...]
    total: int
    mine: int

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.total - len(self.lines)


def week_ends(now: datetime) -> datetime:
    """Return the end of the week, Sunday 24:00."""
    day = now.astimezone(SHANGHAI).date()
    return end_of_day(day + timedelta(days=6 - day.weekday()))


def parts_of(found: Mapping[Section, Listed], events: Mapping[int, Sequence[LedgerEvent]], sight: Sight) -> list[Part]:
    """Return the sections in order."""
    return [
        _part(
            place.value, place.label, (line_of(row, events.get(row.id, ()), sight) for row in listed.rows), listed.total
        )
        for place, listed in found.items()
    ]


def paperwork_part(owed: Sequence[tuple[OccurrenceRow, tuple[FollowUp, ...]]], sight: Sight) -> Part | None:
    """Return the section of paperwork that is still due, or None."""
    lines = (line_of(row, (), sight, (paperwork_turn(sight.places),)) for row, _ in owed)
    return _part("paperwork", "待补办手续", lines, len(owed)) if owed else None


def _part(code: str, label: str, lines: Iterable[Line], total: int) -> Part:
    ordered = sorted(lines, key=lambda line: not line.mine)  # stable: within each, earliest due first
    shown = tuple(ordered[:SHOWN])
    return Part(code, label, shown, total, sum(line.mine for line in shown))

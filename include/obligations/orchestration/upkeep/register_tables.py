"""An office's earlier register (台账) as a workbook: what becomes of each of its rows, and entering them (补录)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from obligations.orchestration.settings import Settings
from obligations.orchestration.upkeep.register_entries import VERDICTS, Entry, enter, judge
from obligations.rules.calendar import WorkingCalendar, load_calendar
from obligations.rules.catalogue import Catalogue, load
from obligations.rules.delivery import Delivery
from obligations.rules.workbooks.register import KEY, PERIOD, Register, read_register
from obligations.rules.workbooks.register_matching import match_rows
from obligations.steps.ledger import Ledger
from obligations.words.errors import UnusableInput
from obligations.words.occurrence import Event
from obligations.words.times import say_instant

COLUMNS = ("行", "任务", "结果", "编号", "期间", "完成时间", "说明")
"""Headings of ``cells_of``."""


@dataclass(frozen=True, slots=True)
class RegisterPlan:
    """What entering a register would do.

    Attributes:
        source: name of the file; entries: what becomes of each row.
    """

    source: str
    register: Register
    entries: list[Entry]
    calendar: WorkingCalendar
    catalogue: Catalogue

    def say_counts(self) -> str:
        """Say how many rows there are of each sort."""
        counts = Counter(entry.verdict for entry in self.entries)
        return "，".join(f"{label} {counts[verdict]} 行" for verdict, label in VERDICTS.items() if counts[verdict])


def plan_register(
    settings: Settings, ledger: Ledger, data: bytes, source: str, jurisdiction: str | None, now: datetime
) -> RegisterPlan:
    """Read a register and judge its rows; raises BadInput for one with faults. Writes nothing."""
    catalogue, calendar = load(settings.catalogue), load_calendar(settings.holidays)
    register = read_register(data, Delivery(source))
    matches = match_rows(
        register.rows,
        catalogue.obligations,
        calendar,
        jurisdiction=jurisdiction,
        find_event=lambda event_id: _find_event(ledger, event_id),
    )
    return RegisterPlan(source, register, judge(matches, ledger, now), calendar, catalogue)


def enter_all(plan: RegisterPlan, ledger: Ledger, person: str, now: datetime) -> list[Entry]:
    """Enter every row that may be, under the name of ``person``; return those that were."""
    return [
        entry
        for entry in plan.entries
        if entry.verdict == "enter" and enter(entry, ledger, plan.calendar, file=plan.source, person=person, now=now)
    ]


def cells_of(entry: Entry) -> tuple[str, ...]:
    """Return what people read of a row."""
    occurrence, row = entry.match.occurrence, entry.match.row
    place = (occurrence.key, occurrence.period.key) if occurrence else (row[KEY], row[PERIOD])
    at = say_instant(entry.fulfilled_at) if entry.fulfilled_at else ""
    return (str(row.number), row["任务"], VERDICTS[entry.verdict], *place, at, entry.why)


def _find_event(ledger: Ledger, event_id: str) -> Event | None:
    try:
        return ledger.get_reported_event(event_id)
    except UnusableInput:
        return None

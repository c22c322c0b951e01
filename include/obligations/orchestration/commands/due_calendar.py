"""The command that writes due dates as a calendar: calendar. It only reads the ledger."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from obligations.orchestration.commands.look_up import folder_of, require_jurisdiction
from obligations.orchestration.commands.outcome import Door, Outcome
from obligations.orchestration.feeds.icalendar_file import AHEAD, BACK, calendar_of
from obligations.rules.catalogue import jurisdictions, load
from obligations.steps.ledger import open_ledger
from obligations.steps.ledger.due_dates import due_between
from obligations.words.errors import UnusableInput
from obligations.words.visible import Visible


def write_calendar(
    door: Door, jurisdiction: str | None, department: str | None, first: date | None, last: date | None
) -> Outcome:
    """Write what falls due in the range, in the ledger of this installation, as one iCalendar object.

    Raises UnusableInput for a range that ends before it begins and for a jurisdiction or department that nobody knows.
    """
    root = folder_of(door)
    if jurisdiction is not None:
        require_jurisdiction(root, jurisdiction)
    at = door.now()
    first, last = first or at.date() - BACK, last or at.date() + AHEAD
    if first > last:
        raise UnusableInput(f"--from {first} 晚于 --to {last}，请对调")
    visible = Visible(frozenset(jurisdictions(root)))
    with open_ledger(door.settings.ledger_url) as ledger, ledger.reading() as connection:
        dues = due_between(connection, visible, first, last, jurisdiction=jurisdiction, department=department)
    if not dues and department is not None:  # an empty calendar is an answer, a misspelt department is not
        _require_department(root, department)
    name = "公开时限" + "".join(f"（{word}）" for word in (jurisdiction, department) if word)
    text = calendar_of(dues, name, f"{door.settings.base_url}/obligations", at).decode("utf-8")
    value = {"from": first, "to": last, "entries": len(dues), "calendar": text}
    return Outcome(value, (), (f"共 {len(dues)} 项",), text=text)


def _require_department(root: Path, department: str) -> None:
    every = load(root).obligations.values()
    if not any(department in (each.department_names or each.departments) for each in every):
        raise UnusableInput(f"任务清单中没有责任单位“{department}”，应写全称，见 obligations list 的“责任单位”一栏")

"""The commands on the installation's own holiday notices: export to a workbook, and import with what moves shown first."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from obligations.orchestration.commands.look_up import folder_of, notes_on
from obligations.orchestration.commands.named_files import read_bytes, require_new_workbook
from obligations.orchestration.commands.outcome import Door, Outcome, Rows
from obligations.orchestration.upkeep.holiday_tables import (
    HolidaysPlan,
    apply_holidays,
    own_notices,
    plan_holidays,
    require_holidays_place,
)
from obligations.rules.calendar_changes import MovedOccurrence
from obligations.rules.workbooks.holidays import write_holidays
from obligations.steps.replace import replace_file
from obligations.words.times import say_due

_LISTED = 20


def export_holidays(door: Door, file: Path) -> Outcome:
    """Write the installation's own notices to a workbook that is not there yet."""
    require_new_workbook(file)
    notices = own_notices(door.settings)
    replace_file(file, write_holidays(notices))
    return Outcome(
        {"file": file, "notices": len(notices)}, (f"已导出到 {file}：本单位录入的放假通知 {len(notices)} 份",)
    )


def import_holidays(door: Door, file: Path, *, apply: bool) -> Outcome:
    """Show which days and how many occurrences the workbook moves, and with ``apply`` make it so.

    The ledger is not touched here: the next sweep rebinds each occurrence, with its reason.
    """
    if apply:
        require_holidays_place(door.settings.holidays)
    folder_of(door)
    plan, now = plan_holidays(door.settings, read_bytes(file), file.name), door.now()
    applied = apply and plan.changes_anything
    kept = apply_holidays(plan, now) if applied else None
    moved = plan.moved
    value = {
        "applied": applied,
        "file": plan.place,
        "kept": kept,
        "calendar_version_before": plan.before.version,
        "calendar_version": plan.after.version,
        "covered_until_before": plan.before.covered_until,
        "covered_until": plan.after.covered_until,
        "days": [asdict(run) for run in plan.days],
        "occurrences_moved": len(moved),
        "occurrences_confirmed": len(plan.changes) - len(moved),
        "moved": [_as_json(change) for change in moved],
    }
    shown: tuple[str | Rows, ...] = (*plan.say(), *_say_moved(plan))
    if not plan.changes_anything:
        shown = ("与现有的放假通知相同，没有改动",)
    elif applied:
        backup = f"，原文件留存为 {kept.name}" if kept else ""
        shown = (*shown, f"已写入 {plan.place}{backup}；下一次巡检按新日历推算各期时限，改动逐项记入台账")
    else:
        shown = (*shown, "以上只是预览，日历没有变；确认后加 --apply 生效")
    return Outcome(value, shown, notes_on(plan.catalogue.faults))


def _as_json(change: MovedOccurrence) -> dict[str, object]:
    old, new = change.before, change.after
    return {"key": new.key, "period": new.period.key, "due_at_before": old.due_at, "due_at": new.due_at}


def _say_moved(plan: HolidaysPlan) -> tuple[str | Rows, ...]:
    moved = plan.moved
    if not moved:
        return (plan.say_moved(),)
    rows = [
        (change.after.key, change.after.period.key, say_due(change.before.due_at), say_due(change.after.due_at))
        for change in moved[:_LISTED]
    ]
    more = (f"另有 {len(moved) - _LISTED} 期未列出，--json 列出全部",) if len(moved) > _LISTED else ()
    return (plan.say_moved(), Rows(("编号", "期间", "原时限", "新时限"), rows), *more)

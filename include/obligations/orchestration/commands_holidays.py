"""The commands on the installation's own holiday notices: export to a workbook, and import with what moves shown first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from obligations.orchestration.commands import folder_of, notes_on
from obligations.orchestration.commands_contacts import read_bytes, require_new_workbook
from obligations.orchestration.outcome import Door, Outcome, Rows
from obligations.orchestration.work import catalogue_version
from obligations.rules.calendar import WorkingCalendar, calendar_with
from obligations.rules.calendar_changes import ChangedDays, MovedOccurrence, changed_days, moved_occurrence
from obligations.rules.catalogue import Catalogue, load
from obligations.rules.delivery import Delivery
from obligations.rules.notices import Notice, laid_over, read_notices
from obligations.rules.workbooks.holidays import read_holidays_workbook, write_holidays
from obligations.rules.workbooks.reading import AGAIN
from obligations.rules.yaml_text import yaml_text
from obligations.steps.ledger import Sweeps, open_ledger
from obligations.steps.replace import keep_aside, replace_file
from obligations.words.errors import BadInput, CatalogueFault, UnusableInput
from obligations.words.times import say_due, say_instant

_LISTED = 20
_HEADING = """国务院办公厅放假调休通知，本单位录入；叠加在程序自带的通知之上，同一文号、同一年的全年安排以此处为准。
{at}由 {source} 导入；上一版留存在同一文件夹。可用 obligations holidays export 导出为表格修改。"""
_FIELDS = {"days_off": "放假", "days_worked": "调休上班", "amends": "性质", "year": "年份"}


def export_holidays(door: Door, file: Path) -> Outcome:
    """Write the installation's own notices to a workbook that is not there yet."""
    require_new_workbook(file)
    notices = _own(door)
    replace_file(file, write_holidays(notices))
    return Outcome(
        {"file": file, "notices": len(notices)}, (f"已导出到 {file}：本单位录入的放假通知 {len(notices)} 份",)
    )


def import_holidays(door: Door, file: Path, *, apply: bool) -> Outcome:
    """Show which days and how many occurrences the workbook moves, and with ``apply`` make it so.

    The ledger is not touched here: the next sweep rebinds each occurrence, with its reason.
    """
    place, now = door.settings.holidays, door.now()
    if apply and place is None:
        raise UnusableInput(
            "没有指定放假通知文件：请在所有进程中把环境变量 OBLIGATIONS_HOLIDAYS 设为它的位置，如 /etc/obligations/holidays.yaml"
        )
    own = _own(door)
    typed = read_holidays_workbook(read_bytes(file), Delivery(file.name))
    before, after = calendar_with(laid_over("", own)), _calendar_of(file.name, typed.notices)
    catalogue = load(folder_of(door))
    days = changed_days(before, after, sorted({notice.year for notice in (*own, *typed.notices)}))
    changes = [*_moved(door, catalogue, before, after)] if before.version != after.version else []
    moved = [change for change in changes if change.moved]
    kept: Path | None = None
    applied = apply and before.version != after.version
    if applied and place is not None:
        kept = keep_aside(place, now)
        replace_file(place, yaml_text(typed, _HEADING.format(at=say_instant(now), source=file.name)).encode())
    value = {
        "applied": applied,
        "file": place,
        "kept": kept,
        "calendar_version_before": before.version,
        "calendar_version": after.version,
        "covered_until_before": before.covered_until,
        "covered_until": after.covered_until,
        "days": [asdict(run) for run in days],
        "occurrences_moved": len(moved),
        "occurrences_confirmed": len(changes) - len(moved),
        "moved": [_as_json(change) for change in moved],
    }
    shown = (*_say_notices(own, typed.notices), *_say_days(days, before, after), *_say_moved(changes, moved))
    if before.version == after.version:
        shown = ("与现有的放假通知相同，没有改动",)
    elif applied:
        backup = f"，原文件留存为 {kept.name}" if kept else ""
        shown = (*shown, f"已写入 {place}{backup}；下一次巡检按新日历推算各期时限，改动逐项记入台账")
    else:
        shown = (*shown, "以上只是预览，日历没有变；确认后加 --apply 生效")
    return Outcome(value, shown, notes_on(catalogue.faults))


def _own(door: Door) -> tuple[Notice, ...]:
    """Return the installation's own notices as they are; none where the file is still to be made."""
    place = door.settings.holidays
    return read_notices(place) if place is not None and place.exists() else ()


def _calendar_of(file: str, notices: Sequence[Notice]) -> WorkingCalendar:
    """Return the calendar with these notices; raises BadInput, in the words of the workbook, for contradictions."""
    try:
        return calendar_with(laid_over(file, notices))
    except CatalogueFault as error:
        delivery = Delivery(file, again=AGAIN)
        problems = []
        for fault in error.faults:
            number, _, name = fault.field.rpartition(".")
            what = f"通知“{number}”的{_FIELDS.get(name, name)}" if number else "各份通知"
            problems.append(delivery.problem(f"{what}是“{fault.value}”，应为：{fault.expected}"))
        raise BadInput(file, tuple(problems)) from None


def _moved(
    door: Door, catalogue: Catalogue, before: WorkingCalendar, after: WorkingCalendar
) -> Iterator[MovedOccurrence]:
    """Yield the open occurrences of the ledger that the new calendar gives otherwise."""
    versions = {key: catalogue_version(obligation) for key, obligation in catalogue.obligations.items()}
    with open_ledger(door.settings.ledger_url) as ledger:
        sweeps, last = Sweeps(ledger), 0
        while rows := sweeps.to_rebind(after.version, versions, after_id=last):
            last = rows[-1].id
            for row in rows:
                event = ledger.get_reported_event(row.event_id) if row.event_id else None
                found = moved_occurrence(catalogue.obligations[row.key], row.period, event, before, after)
                if found is not None:
                    yield found


def _as_json(change: MovedOccurrence) -> dict[str, object]:
    old, new = change.before, change.after
    return {"key": new.key, "period": new.period.key, "due_at_before": old.due_at, "due_at": new.due_at}


def _say_notices(before: Sequence[Notice], after: Sequence[Notice]) -> tuple[str, ...]:
    old, new = {notice.number: notice for notice in before}, {notice.number: notice for notice in after}
    sorts = {
        "新增": [number for number in new if number not in old],
        "修改": [number for number in new if number in old and old[number] != new[number]],
        "删除": [number for number in old if number not in new],
    }
    return tuple(f"{sort}通知：{'、'.join(numbers)}" for sort, numbers in sorts.items() if numbers)


def _say_days(days: Sequence[ChangedDays], before: WorkingCalendar, after: WorkingCalendar) -> tuple[str, ...]:
    lines = [run.say() for run in days]
    if before.covered_until != after.covered_until:
        lines.append(f"日历已公布到：{before.covered_until} → {after.covered_until}")
    differing = sum(run.days for run in days if run.was_worked != run.is_worked)
    return (*lines, f"上班、放假有变的共 {differing} 日")


def _say_moved(changes: Sequence[MovedOccurrence], moved: Sequence[MovedOccurrence]) -> tuple[str | Rows, ...]:
    said = f"台账中未办结的 {len(moved)} 期时限将改变，另有 {len(changes) - len(moved)} 期的暂定时限得到确定或范围改变"
    if not moved:
        return (said,)
    rows = [
        (change.after.key, change.after.period.key, say_due(change.before.due_at), say_due(change.after.due_at))
        for change in moved[:_LISTED]
    ]
    more = (f"另有 {len(moved) - _LISTED} 期未列出，--json 列出全部",) if len(moved) > _LISTED else ()
    return (said, Rows(("编号", "期间", "原时限", "新时限"), rows), *more)

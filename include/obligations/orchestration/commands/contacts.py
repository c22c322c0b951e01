"""The commands on the contacts: export to a workbook, import with its changes shown first, and check what is missing."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from obligations.orchestration.commands.look_up import folder_of, notes_on
from obligations.orchestration.commands.named_files import read_bytes, require_new_workbook
from obligations.orchestration.commands.outcome import Door, Outcome, Rows
from obligations.orchestration.upkeep.contacts_tables import (
    Missing,
    apply_contacts,
    contacts_at,
    contacts_place,
    contacts_text,
    contacts_workbook,
    missing_in,
    plan_contacts,
)
from obligations.rules.catalogue import load
from obligations.rules.contacts import Gap, read_contacts
from obligations.rules.workbooks.contacts_changes import Change
from obligations.steps.replace import replace_file
from obligations.words.contacts import Person


def export_contacts(door: Door, file: Path) -> Outcome:
    """Write the contacts to a workbook that is not there yet, for somebody may have edited one that is."""
    require_new_workbook(file)
    catalogue = load(folder_of(door))
    contacts = contacts_at(contacts_place(door.settings))
    replace_file(file, contacts_workbook(door.settings, contacts, catalogue))
    counts = {name: len(getattr(contacts, name)) for name in ("people", "roles", "absences", "duty")}
    said = f"已导出到 {file}：人员 {counts['people']} 人，角色 {counts['roles']} 条，请假与代理 {counts['absences']} 条，值班 {counts['duty']} 班"
    return Outcome({"file": file, **counts}, (said,), notes_on(catalogue.faults))


def import_contacts(door: Door, file: Path, *, apply: bool) -> Outcome:
    """Show what the workbook changes, and with ``apply`` make it so; the file before is kept beside the new one."""
    now = door.now()
    folder_of(door)
    contacts_place(door.settings)
    plan = plan_contacts(door.settings, read_bytes(file), file.name, now)
    applied = apply and bool(plan.changes)
    kept = apply_contacts(plan, now) if applied else None
    value = {
        "applied": applied,
        "file": plan.place,
        "kept": kept,
        "changes": [asdict(change) for change in plan.changes],
        "roles_left_empty": list(plan.emptied),
        **_as_json(plan.missing),
    }
    end = _say_end(apply, plan.place, kept, plan.changes)
    shown = (*_say_changes(plan.changes), *_say_emptied(plan.emptied), *end)
    notes = [*_say_unreachable(plan.missing.unreachable)]
    if plan.missing.unfilled:
        notes.append(f"这份通讯录中有 {len(plan.missing.unfilled)} 个岗位无人担任，详见 obligations contacts check")
    return Outcome(value, shown, (*notes, *notes_on(plan.catalogue.faults)))


def check_contacts(door: Door) -> Outcome:
    """List the roles that nobody fills and the people who cannot be reached; exit 1 if there are any."""
    catalogue = load(folder_of(door))
    place = contacts_place(door.settings)
    directory = read_contacts(contacts_text(place), place.name)
    missing = missing_in(door.settings, directory, catalogue, door.now())
    found = len(missing.unfilled) + len(missing.unreachable)
    people = len(directory.file.people)
    shown = (
        *_say_gaps(missing.unfilled, "无人担任，有关提醒无人可收："),
        *_say_gaps(missing.stood_in, "单位没有登记，由整个辖区的担任者代收："),
        *_say_unreachable(missing.unreachable),
        f"共 {found} 处" if found else f"通讯录 {place} 没有问题：{people} 人，各岗位都有人，都能通知到",
    )
    return Outcome(_as_json(missing), shown, notes_on(catalogue.faults), exit_code=1 if found else 0)


def _as_json(missing: Missing) -> dict[str, object]:
    return {
        "unfilled": [asdict(gap) for gap in missing.unfilled],
        "stood_in": [asdict(gap) for gap in missing.stood_in],
        "unreachable": [{"id": person.id, "name": person.name} for person in missing.unreachable],
    }


def _say_gaps(gaps: tuple[Gap, ...], heading: str) -> tuple[str | Rows, ...]:
    """List gaps with one line a jurisdiction and role, for a new installation has one for every department."""
    if not gaps:
        return ()
    places: dict[tuple[str, str, str], list[str]] = {}
    for gap in gaps:
        who = "、".join(gap.stand_ins)
        places.setdefault((gap.jurisdiction, gap.role.label, who), []).append(gap.department or "（整个辖区）")
    rows = [(*place, "、".join(departments)) for place, departments in places.items()]
    return heading, Rows(("辖区", "角色", "代收人", "单位"), rows)


def _say_unreachable(people: tuple[Person, ...]) -> tuple[str, ...]:
    return tuple(
        f"{person.name}（{person.id}）没有可用的通知地址，请按其通知渠道补填电子邮箱或手机" for person in people
    )


def _say_changes(changes: tuple[Change, ...]) -> tuple[str | Rows, ...]:
    if not changes:
        return ("与现有通讯录相同，没有改动",)
    rows = [(change.sheet, change.sort, change.what) for change in changes]
    return (Rows(("工作表", "改动", "内容"), rows), f"共 {len(changes)} 处改动")


def _say_emptied(emptied: tuple[str, ...]) -> tuple[str, ...]:
    return (f"注意：改动之后无人担任：{'；'.join(emptied)}",) if emptied else ()


def _say_end(apply: bool, place: Path, kept: Path | None, changes: tuple[Change, ...]) -> tuple[str, ...]:
    if not changes:
        return ()
    if not apply:
        return ("以上只是预览，通讯录没有变；确认后加 --apply 生效",)
    return (f"已写入 {place}" + (f"，原通讯录留存为 {kept.name}" if kept else ""),)

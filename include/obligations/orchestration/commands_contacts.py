"""The commands on the contacts: export to a workbook, import with its changes shown first, and check what is missing."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from obligations.orchestration.commands import folder_of, notes_on
from obligations.orchestration.outcome import Door, Outcome, Rows
from obligations.rules.catalogue import Catalogue, jurisdictions, load
from obligations.rules.contacts import Directory, Gap, read_contacts
from obligations.rules.delivery import Delivery
from obligations.rules.policies import load_policies
from obligations.rules.workbooks.contacts_changes import Change, contact_changes, roles_left_empty
from obligations.rules.workbooks.contacts_reading import read_contacts_workbook
from obligations.rules.workbooks.contacts_writing import Place, write_contacts
from obligations.rules.yaml_files import read_model
from obligations.rules.yaml_text import yaml_text
from obligations.steps.replace import keep_aside, replace_file
from obligations.words.contacts import ContactsFile, Person
from obligations.words.errors import UnusableInput
from obligations.words.obligation import JurisdictionFile
from obligations.words.times import SHANGHAI, say_instant

_HEADING = """通讯录，{at}由 {source} 导入；上一版留存在同一文件夹。可用 obligations contacts export 导出为表格修改。
people    人员或共用信箱。id 是在下文引用的名称；account 是登录本系统的用户名；channels 按优先次序：
          email 电子邮件、sms 短信、im:<Airflow 连接名> 即时通信群机器人（密钥只写在 Airflow 连接中，不写在这里）
roles     谁担任什么角色。holder 是 A角，deputy 是 B角；不写 department 的是全辖区的角色
absences  缺勤与委托，首尾两日都算在内；写了 delegate 的由受托人代行，否则由 B角代行
duty      值班表，北京时间；没有排班的时段由担任该角色的人接收"""


def export_contacts(door: Door, file: Path) -> Outcome:
    """Write the contacts to a workbook that is not there yet, for somebody may have edited one that is."""
    require_new_workbook(file)
    catalogue = load(folder_of(door))
    contacts = _contacts(_place_of(door))
    replace_file(file, write_contacts(contacts, _places(door, catalogue)))
    counts = {name: len(getattr(contacts, name)) for name in ("people", "roles", "absences", "duty")}
    said = f"已导出到 {file}：人员 {counts['people']} 人，角色 {counts['roles']} 条，请假与代理 {counts['absences']} 条，值班 {counts['duty']} 班"
    return Outcome({"file": file, **counts}, (said,), notes_on(catalogue.faults))


def import_contacts(door: Door, file: Path, *, apply: bool) -> Outcome:
    """Show what the workbook changes, and with ``apply`` make it so; the file before is kept beside the new one."""
    place, now = _place_of(door), door.now()
    catalogue = load(folder_of(door))
    contacts = read_contacts_workbook(read_bytes(file), Delivery(file.name), _places(door, catalogue))
    before = _contacts(place)
    changes = contact_changes(before, contacts)
    emptied = roles_left_empty(before, contacts, now.astimezone(SHANGHAI).date())
    missing = _missing(door, Directory(contacts), catalogue, now)
    kept: Path | None = None
    applied = apply and bool(changes)
    if applied:
        heading = _HEADING.format(at=say_instant(now), source=file.name)
        kept = keep_aside(place, now)
        replace_file(place, yaml_text(contacts, heading).encode())
    value = {
        "applied": applied,
        "file": place,
        "kept": kept,
        "changes": [asdict(change) for change in changes],
        "roles_left_empty": list(emptied),
        **missing.as_json(),
    }
    shown = (*_say_changes(changes), *_say_emptied(emptied), *_say_end(apply, place, kept, changes))
    notes = [*_say_unreachable(missing.unreachable)]
    if missing.unfilled:
        notes.append(f"这份通讯录中有 {len(missing.unfilled)} 个岗位无人担任，详见 obligations contacts check")
    return Outcome(value, shown, (*notes, *notes_on(catalogue.faults)))


def check_contacts(door: Door) -> Outcome:
    """List the roles that nobody fills and the people who cannot be reached; exit 1 if there are any."""
    catalogue = load(folder_of(door))
    place = _place_of(door)
    directory = read_contacts(_text(place), place.name)
    missing = _missing(door, directory, catalogue, door.now())
    found = len(missing.unfilled) + len(missing.unreachable)
    people = len(directory.file.people)
    shown = (
        *_say_gaps(missing.unfilled, "无人担任，有关提醒无人可收："),
        *_say_gaps(missing.stood_in, "单位没有登记，由整个辖区的担任者代收："),
        *_say_unreachable(missing.unreachable),
        f"共 {found} 处" if found else f"通讯录 {place} 没有问题：{people} 人，各岗位都有人，都能通知到",
    )
    return Outcome(missing.as_json(), shown, notes_on(catalogue.faults), exit_code=1 if found else 0)


def require_new_workbook(file: Path) -> None:
    """Raise UnusableInput unless ``file`` is an XLSX that does not exist yet."""
    if file.suffix.lower() != ".xlsx":
        raise UnusableInput(f"文件名是“{file.name}”，应以 .xlsx 结尾，如 通讯录.xlsx")
    if file.exists():
        raise UnusableInput(f"文件 {file} 已经存在，可能有人正在其中修改；请换一个文件名，或先移走它")


def read_bytes(file: Path) -> bytes:
    """Return the content of a file that was named on the command line; raises UnusableInput if there is none."""
    if not file.is_file():
        raise UnusableInput(f"没有文件 {file}，请检查文件名和所在的文件夹")
    return file.read_bytes()


def _place_of(door: Door) -> Path:
    if door.settings.contacts is None:
        raise UnusableInput(
            "没有指定通讯录：请把环境变量 OBLIGATIONS_CONTACTS 设为通讯录文件的位置，如 /etc/obligations/contacts.yaml"
        )
    return door.settings.contacts


def _text(place: Path) -> str:
    if not place.is_file():
        raise UnusableInput(f"没有通讯录文件 {place}；请先用 obligations contacts export 导出空表，填好后导入")
    return place.read_text("utf-8")


def _contacts(place: Path) -> ContactsFile:
    """Return the contacts as they are; none where the file is still to be made."""
    return read_contacts(_text(place), place.name).file if place.exists() else ContactsFile()


def _places(door: Door, catalogue: Catalogue) -> list[Place]:
    """Return the jurisdictions of the catalogue with their departments: those registered and those that obligations name."""
    root = folder_of(door)
    lost = {fault.file for fault in catalogue.faults}
    places = []
    for slug in jurisdictions(root):
        file = f"{slug}/_document.yaml"
        if file in lost:
            continue
        found = read_model(root, file, JurisdictionFile)
        named = [
            name
            for one in catalogue.obligations.values()
            if one.jurisdiction.slug == slug
            for name in one.department_names or one.departments
        ]
        registered = [department.name for department in found.departments]
        places.append(Place(slug, found.jurisdiction.name, tuple(dict.fromkeys([*registered, *named]))))
    return places


@dataclass(frozen=True, slots=True)
class _Missing:
    """What is missing: roles without anybody, roles another stands in for, and people who cannot be reached."""

    unfilled: tuple[Gap, ...]
    stood_in: tuple[Gap, ...]
    unreachable: tuple[Person, ...]

    def as_json(self) -> dict[str, object]:
        """Return it for ``--json``."""
        return {
            "unfilled": [asdict(gap) for gap in self.unfilled],
            "stood_in": [asdict(gap) for gap in self.stood_in],
            "unreachable": [{"id": person.id, "name": person.name} for person in self.unreachable],
        }


def _missing(door: Door, directory: Directory, catalogue: Catalogue, now: datetime) -> _Missing:
    """Look at the obligations that still bind, and at everybody who holds a role."""
    today = now.astimezone(SHANGHAI).date()
    served = [one for one in catalogue.obligations.values() if door.settings.serves(one.jurisdiction.slug)]
    binding = [one for one in served if one.status(today) != "已过执行年度"]
    gaps = directory.unfilled(binding, load_policies(door.settings.policies), now)
    return _Missing(
        tuple(gap for gap in gaps if not gap.stand_ins),
        tuple(gap for gap in gaps if gap.stand_ins),
        directory.without_address(now),
    )


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

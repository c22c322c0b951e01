"""The contacts as a workbook: what one would change, and making it so; the file before is kept beside the new one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from obligations.orchestration.people import text_of
from obligations.orchestration.settings import Settings
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


@dataclass(frozen=True, slots=True)
class Missing:
    """What is missing: roles without anybody, roles another stands in for, and people who cannot be reached."""

    unfilled: tuple[Gap, ...]
    stood_in: tuple[Gap, ...]
    unreachable: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class ContactsPlan:
    """What importing a workbook would do.

    Attributes:
        place: the contacts file; source: name of the workbook.
        before, contacts: the file as it is, and as it would be.
        emptied: roles that somebody holds today and nobody would; missing: what would be missing then.
    """

    place: Path
    source: str
    before: ContactsFile
    contacts: ContactsFile
    changes: tuple[Change, ...]
    emptied: tuple[str, ...]
    missing: Missing
    catalogue: Catalogue


def plan_contacts(settings: Settings, data: bytes, source: str, now: datetime) -> ContactsPlan:
    """Read a workbook and say what it changes; raises BadInput for one with faults. Writes nothing."""
    place = contacts_place(settings)
    catalogue = load(settings.catalogue)
    contacts = read_contacts_workbook(data, Delivery(source), places_of(settings.catalogue, catalogue))
    before = contacts_at(place)
    return ContactsPlan(
        place,
        source,
        before,
        contacts,
        contact_changes(before, contacts),
        roles_left_empty(before, contacts, now.astimezone(SHANGHAI).date()),
        missing_in(settings, Directory(contacts), catalogue, now),
        catalogue,
    )


def apply_contacts(plan: ContactsPlan, now: datetime) -> Path | None:
    """Replace the contacts file whole; return where the one before is kept, None where there was none."""
    heading = _HEADING.format(at=say_instant(now), source=plan.source)
    kept = keep_aside(plan.place, now)
    replace_file(plan.place, yaml_text(plan.contacts, heading).encode())
    return kept


def contacts_workbook(settings: Settings, contacts: ContactsFile, catalogue: Catalogue) -> bytes:
    """Write contacts as a workbook."""
    return write_contacts(contacts, places_of(settings.catalogue, catalogue))


def contacts_place(settings: Settings) -> Path:
    """Return where the contacts file is; raises UnusableInput where none is set."""
    if settings.contacts is None:
        raise UnusableInput(
            "没有指定通讯录：请把环境变量 OBLIGATIONS_CONTACTS 设为通讯录文件的位置，如 /etc/obligations/contacts.yaml"
        )
    return settings.contacts


def contacts_text(place: Path) -> str:
    """Return the file's text; raises UnusableInput where it is not there or cannot be read."""
    if not place.is_file():
        raise UnusableInput(f"没有通讯录文件 {place}；请先用 obligations contacts export 导出空表，填好后导入")
    return text_of(place)


def contacts_at(place: Path) -> ContactsFile:
    """Return the contacts as they are; none where the file is still to be made."""
    return read_contacts(contacts_text(place), place.name).file if place.exists() else ContactsFile()


def places_of(root: Path, catalogue: Catalogue) -> Sequence[Place]:
    """Return the jurisdictions of the catalogue with their departments: those registered and those that obligations name."""
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


def missing_in(settings: Settings, directory: Directory, catalogue: Catalogue, now: datetime) -> Missing:
    """Look at the obligations that still bind, and at everybody who holds a role."""
    today = now.astimezone(SHANGHAI).date()
    served = [one for one in catalogue.obligations.values() if settings.serves(one.jurisdiction.slug)]
    binding = [one for one in served if one.status(today) != "已过执行年度"]
    gaps = directory.unfilled(binding, load_policies(settings.policies), now, settings.reviews)
    return Missing(
        tuple(gap for gap in gaps if not gap.stand_ins),
        tuple(gap for gap in gaps if gap.stand_ins),
        directory.without_address(now),
    )

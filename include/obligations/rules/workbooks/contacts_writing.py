"""The contacts as a workbook for people to edit: people, roles, absences and the duty roster. Reading is ``contacts_reading``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from obligations.rules.workbooks.writing import ColumnForm, SheetForm, Value, write_workbook
from obligations.words.contacts import ROLE_LABELS, ContactsFile, Person, Role

PEOPLE, ROLES, ABSENCES, DUTY = "人员", "角色", "请假与代理", "值班表"
CHANNELS = {"邮件": "email", "短信": "sms"}
ROLE_CODES = {label: role.value for role, label in ROLE_LABELS.items()}
POSTS = {ROLE_LABELS[role]: role.value for role in (Role.DUTY_ROOM, Role.DUTY_LEADER)}
_TITLE = "通讯录：谁在什么岗位上，怎样通知到"
_GUIDE = (
    "1. 先在“人员”中登记每个人，再在“角色”中写明责任人、审核人和分管领导；写姓名即可，重名的写编号。",
    "2. A角不在岗时（见“请假与代理”）由代理人办理，没有写代理人的由B角办理。",
    "3. 离岗的人写上停用日期，不要删行：台账中仍有其办理记录。",
    "4. 改完保存，运行 obligations contacts import 文件名 查看改动；确认后加 --apply 生效，原通讯录自动留存一份。",
    "5. 群机器人、短信网关的口令不写在这里；“im:连接名”是系统运维在 Airflow 中登记的连接。",
)


@dataclass(frozen=True, slots=True)
class Place:
    """A jurisdiction that roles can be held in: its slug, its name, and the canonical names of its departments."""

    slug: str
    name: str
    departments: tuple[str, ...] = ()


def write_contacts(contacts: ContactsFile, places: Sequence[Place]) -> bytes:
    """Write the workbook; people and places stand by their names where a name is theirs alone."""
    named, where = names_of(contacts.people), names_of_places(places)

    def who(person: str | None) -> str | None:
        return None if person is None else named.get(person, person)

    people: list[dict[str, Value]] = [
        {
            "编号": person.id,
            "姓名": person.name,
            "系统账号": person.account,
            "电子邮箱": person.email,
            "手机": person.mobile,
            "通知渠道": "、".join(map(say_channel, person.channels)),
            "停用日期": person.removed_on,
        }
        for person in contacts.people
    ]
    roles: list[dict[str, Value]] = [
        {
            "辖区": where.get(held.jurisdiction, held.jurisdiction),
            "单位": held.department,
            "角色": held.role.label,
            "A角": who(held.holder),
            "B角": who(held.deputy),
        }
        for held in contacts.roles
    ]
    absences: list[dict[str, Value]] = [
        {
            "人员": who(absence.person),
            "起": absence.first,
            "止": absence.last,
            "代理人": who(absence.delegate),
            "事由": absence.reason or None,
        }
        for absence in contacts.absences
    ]
    duty: list[dict[str, Value]] = [
        {
            "辖区": where.get(shift.jurisdiction, shift.jurisdiction),
            "岗位": ROLE_LABELS[Role(shift.post)],
            "人员": who(shift.person),
            "开始": shift.start,
            "结束": shift.end,
        }
        for shift in contacts.duty
    ]
    sheets = list(zip(forms_of(places), (people, roles, absences, duty), strict=True))
    return write_workbook(sheets, title=_TITLE, guide=_GUIDE)


def names_of(people: Iterable[Person]) -> dict[str, str]:
    """Return how each person id is written: by the name, or by the id where two share a name."""
    found = list(people)
    count = Counter(person.name for person in found)
    return {person.id: person.name if count[person.name] == 1 else person.id for person in found}


def names_of_places(places: Iterable[Place]) -> dict[str, str]:
    """Return how each slug is written: by the jurisdiction's name, or by the slug where two share a name."""
    found = list(places)
    count = Counter(place.name for place in found)
    return {place.slug: place.name if count[place.name] == 1 else place.slug for place in found}


def say_channel(channel: str) -> str:
    """Write a channel as people do: 邮件, 短信, im:连接名."""
    return next((said for said, code in CHANNELS.items() if code == channel), channel)


def forms_of(places: Sequence[Place]) -> tuple[SheetForm, ...]:
    """Return the four sheets, with drop-down lists of the catalogue's jurisdictions and departments."""
    where = tuple(names_of_places(places).values())
    departments = tuple(dict.fromkeys(name for place in places for name in place.departments))
    jurisdiction = ColumnForm("辖区", "任务清单中的辖区", choices=where, is_required=True)
    people = (
        ColumnForm("编号", "小写字母、数字和连字符；新增的人可留空，由系统编号，以后不要改动", width=18),
        ColumnForm("姓名", "姓名，公用信箱写岗位名称", is_required=True),
        ColumnForm("系统账号", "登录 Airflow 的用户名，没有账号的留空"),
        ColumnForm("电子邮箱", "电子邮箱地址，如 jia@example.cn", width=28),
        ColumnForm("手机", "手机号码，如 13800000000"),
        ColumnForm(
            "通知渠道", "邮件、短信或 im:连接名，按先后用顿号隔开；留空为邮件，没有邮箱而有手机的为短信", width=24
        ),
        ColumnForm("停用日期", "从这一天起不再通知，如 2026-10-01；在岗的留空", holds="day", width=14),
    )
    roles = (
        jurisdiction,
        ColumnForm("单位", "单位规范名称；整个辖区的岗位（政务公开办、值班室等）留空", choices=departments, width=32),
        ColumnForm("角色", f"{'、'.join(ROLE_CODES)} 之一", choices=tuple(ROLE_CODES), is_required=True),
        _person("A角", is_required=True),
        _person("B角"),
    )
    absences = (
        _person("人员", is_required=True),
        ColumnForm("起", "不在岗的第一天，如 2026-10-01", holds="day", is_required=True, width=14),
        ColumnForm("止", "不在岗的最后一天（含），如 2026-10-08", holds="day", is_required=True, width=14),
        _person("代理人"),
        ColumnForm("事由", "可不填", width=30),
    )
    duty = (
        jurisdiction,
        ColumnForm("岗位", f"{'、'.join(POSTS)} 之一", choices=tuple(POSTS), is_required=True),
        _person("人员", is_required=True),
        ColumnForm("开始", "接班时间，如 2026-10-01 08:30", holds="instant", is_required=True, width=20),
        ColumnForm("结束", "交班时间，如 2026-10-02 08:30", holds="instant", is_required=True, width=20),
    )
    return SheetForm(PEOPLE, people), SheetForm(ROLES, roles), SheetForm(ABSENCES, absences), SheetForm(DUTY, duty)


def _person(name: str, *, is_required: bool = False) -> ColumnForm:
    expects = "“人员”表中的姓名，重名的写编号"
    return ColumnForm(name, expects, choices_from=(PEOPLE, "姓名"), is_open=True, is_required=is_required)

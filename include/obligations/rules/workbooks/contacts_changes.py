"""What an edit of the contacts changes, in words people can check before it takes effect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from obligations.rules.workbooks.contacts_writing import ABSENCES, DUTY, PEOPLE, ROLES, names_of, say_channel
from obligations.words.contacts import ROLE_LABELS, Absence, ContactsFile, DutyShift, Holding, Person, Role

Listed = TypeVar("Listed")
_FIELDS = {
    "name": "姓名",
    "account": "系统账号",
    "email": "电子邮箱",
    "mobile": "手机",
    "channels": "通知渠道",
    "removed_on": "停用日期",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Attributes:
        sheet: 人员, 角色, 请假与代理 or 值班表; sort: 新增, 删除 or 修改; what: who or what, and from what to what.
    """

    sheet: str
    sort: str
    what: str


def contact_changes(before: ContactsFile, after: ContactsFile) -> tuple[Change, ...]:
    """Return every difference, sheet by sheet."""
    named = {**names_of(before.people), **names_of(after.people)}
    return (
        *_people(before, after),
        *_listed(ROLES, Counter(before.roles), Counter(after.roles), lambda held: _say_holding(held, named)),
        *_listed(ABSENCES, Counter(before.absences), Counter(after.absences), lambda each: _say_absence(each, named)),
        *_listed(DUTY, Counter(before.duty), Counter(after.duty), lambda shift: _say_shift(shift, named)),
    )


def roles_left_empty(before: ContactsFile, after: ContactsFile, day: date) -> tuple[str, ...]:
    """Name the roles that somebody holds on ``day`` before the edit and nobody after it."""
    kept = set(_held(after, day))
    return tuple(_say_role(*role) for role in dict.fromkeys(_held(before, day)) if role not in kept)


def _held(contacts: ContactsFile, day: date) -> Iterator[tuple[str, str | None, Role]]:
    here = {person.id for person in contacts.people if person.removed_on is None or day < person.removed_on}
    for held in contacts.roles:
        if {held.holder, held.deputy} & here:
            yield held.jurisdiction, held.department, held.role


def _people(before: ContactsFile, after: ContactsFile) -> Iterator[Change]:
    old, new = ({person.id: person for person in contacts.people} for contacts in (before, after))
    for id_ in [*old, *(id_ for id_ in new if id_ not in old)]:
        if id_ not in new:
            yield Change(PEOPLE, "删除", f"{old[id_].name}（{id_}）")
        elif id_ not in old:
            given = "，".join(f"{label} {_say(new[id_], name)}" for name, label in _FIELDS.items() if name != "name")
            yield Change(PEOPLE, "新增", f"{new[id_].name}（{id_}）：{given}")
        elif old[id_] != new[id_]:
            moved = [
                f"{label} {_say(old[id_], name)} → {_say(new[id_], name)}"
                for name, label in _FIELDS.items()
                if getattr(old[id_], name) != getattr(new[id_], name)
            ]
            yield Change(PEOPLE, "修改", f"{new[id_].name}（{id_}）：{'，'.join(moved)}")


def _say(person: Person, name: str) -> str:
    if name == "channels":
        return "、".join(map(say_channel, person.channels))
    return str(getattr(person, name) or "（空）")


def _listed(
    sheet: str, before: Counter[Listed], after: Counter[Listed], say: Callable[[Listed], str]
) -> Iterator[Change]:
    for one in before - after:
        yield Change(sheet, "删除", say(one))
    for one in after - before:
        yield Change(sheet, "新增", say(one))


def _say_role(jurisdiction: str, department: str | None, role: Role) -> str:
    return f"{jurisdiction} {department or '（整个辖区）'} {role.label}"


def _say_holding(held: Holding, named: dict[str, str]) -> str:
    deputy = f"，B角 {named.get(held.deputy, held.deputy)}" if held.deputy else ""
    holder = named.get(held.holder, held.holder)
    return f"{_say_role(held.jurisdiction, held.department, held.role)}：A角 {holder}{deputy}"


def _say_absence(absence: Absence, named: dict[str, str]) -> str:
    delegate = f"，由{named.get(absence.delegate, absence.delegate)}代理" if absence.delegate else ""
    reason = f"（{absence.reason}）" if absence.reason else ""
    return f"{named.get(absence.person, absence.person)} {absence.first} 至 {absence.last}{delegate}{reason}"


def _say_shift(shift: DutyShift, named: dict[str, str]) -> str:
    post = ROLE_LABELS[Role(shift.post)]
    between = f"{_moment(shift.start)} 至 {_moment(shift.end)}"
    return f"{shift.jurisdiction} {post}：{named.get(shift.person, shift.person)} {between}"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"

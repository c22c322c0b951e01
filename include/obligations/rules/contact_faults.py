"""What can be wrong with a contacts file whose every field is well formed: names nobody knows, spans that end first. Pure.

A person without an address is no fault of the file: the file must still load, and the sweep alarms.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator

from obligations.words.contacts import ContactsFile, Person
from obligations.words.errors import Fault
from obligations.words.times import SHANGHAI

EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\"]+")
MOBILE = re.compile(r"\+?\d{5,20}")


def contact_faults(contacts: ContactsFile, file: str) -> Iterator[Fault]:
    """Yield every fault; fields are numbered from 0, ``roles.3.holder`` is the fourth role's."""
    for found in (*_of_people(contacts), *_of_references(contacts), *_of_spans(contacts)):
        yield Fault(file, *found)


def _of_people(contacts: ContactsFile) -> Iterator[tuple[str, str, str]]:
    yield from _repeated("people", "id", (person.id for person in contacts.people))
    accounts = (person.account for person in contacts.people if person.account is not None)
    yield from _repeated("people", "account", accounts)
    for number, person in enumerate(contacts.people):
        for name, value, expected in _of_person(person):
            yield f"people.{number}.{name}", value, expected
    held = (
        (role.jurisdiction, role.department or "（全辖区）", role.role.value, role.holder) for role in contacts.roles
    )
    yield from _repeated("roles", "holder", held, "同一人在同一部门的同一角色只登记一次")


def _of_person(person: Person) -> Iterator[tuple[str, str, str]]:
    if not person.name.strip():
        yield "name", "（空）", "姓名或值班电话、信箱的名称"
    if person.account is not None and not person.account.strip():
        yield "account", "（空）", "登录用户名，没有就删去这一项"
    if person.email is not None and not EMAIL.fullmatch(person.email):
        yield "email", person.email, "一个电子邮箱地址，例如 yanshi@example.cn"
    if person.mobile is not None and not MOBILE.fullmatch(person.mobile):
        yield "mobile", person.mobile, '加引号的手机号码，只含数字，可以 + 开头，例如 "13900000000"'
    for channel, times in Counter(person.channels).items():
        if times > 1:
            yield "channels", channel, "每个渠道只写一次"


def _repeated(
    field: str, name: str, values: Iterable[Hashable], expected: str = "不重复的值"
) -> Iterator[tuple[str, str, str]]:
    for value, times in Counter(values).items():
        if times > 1:
            said = "、".join(map(str, value)) if isinstance(value, tuple) else str(value)
            yield f"{field}.{name}", f"{said}（出现 {times} 次）", expected


def _of_references(contacts: ContactsFile) -> Iterator[tuple[str, str, str]]:
    known = {person.id for person in contacts.people}
    named: list[tuple[str, str | None]] = []
    for number, role in enumerate(contacts.roles):
        named += [(f"roles.{number}.holder", role.holder), (f"roles.{number}.deputy", role.deputy)]
        if role.deputy == role.holder:
            yield f"roles.{number}.deputy", role.holder, "B角与A角（holder）不是同一人"
    for number, absence in enumerate(contacts.absences):
        named += [(f"absences.{number}.person", absence.person), (f"absences.{number}.delegate", absence.delegate)]
        if absence.delegate == absence.person:
            yield f"absences.{number}.delegate", absence.person, "受托人与缺勤人（person）不是同一人"
    named += [(f"duty.{number}.person", shift.person) for number, shift in enumerate(contacts.duty)]
    for field, id_ in named:
        if id_ is not None and id_ not in known:
            yield field, id_, "people 中登记的 id"


def _of_spans(contacts: ContactsFile) -> Iterator[tuple[str, str, str]]:
    for number, absence in enumerate(contacts.absences):
        if absence.last < absence.first:
            yield f"absences.{number}.last", str(absence.last), f"不早于 first（{absence.first}）的日期"
    for number, shift in enumerate(contacts.duty):
        start, end = (at if at.tzinfo else at.replace(tzinfo=SHANGHAI) for at in (shift.start, shift.end))
        if end <= start:
            yield f"duty.{number}.end", str(shift.end), f"晚于 start（{shift.start}）的时刻"

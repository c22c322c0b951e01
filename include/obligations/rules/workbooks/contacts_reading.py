"""Reads the contacts back from the workbook that people edited: every problem by sheet, row and column, or the whole list.

Who a role resolves to on a day is ``rules.contacts``; what the edit changes is ``contacts_changes``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from difflib import get_close_matches
from typing import Literal

from obligations.rules.contact_faults import EMAIL, MOBILE, contact_faults
from obligations.rules.delivery import Delivery, shown
from obligations.rules.workbooks.contacts_writing import (
    ABSENCES,
    CHANNELS,
    DUTY,
    PEOPLE,
    POSTS,
    ROLE_CODES,
    ROLES,
    Place,
    forms_of,
    names_of_places,
)
from obligations.rules.workbooks.reading import FilledRow, FilledSheet, read_filled, require_none
from obligations.words.contacts import Absence, ContactsFile, DutyShift, Holding, Person, Role

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_IM = re.compile(r"im:[a-z0-9_]{1,97}")
_SEPARATORS = re.compile(r"[、,，;；\s]+")


def read_contacts_workbook(data: bytes, delivery: Delivery, places: Sequence[Place]) -> ContactsFile:
    """Read the workbook; a new person without an id gets one made from name and address.

    ``places``: jurisdictions of the catalogue with their departments. Raises BadInput with every problem.
    """
    sheets = read_filled(data, delivery, forms_of(places))
    people = tuple(_people(sheets[PEOPLE]))
    known = _Known(people, places)
    roles = tuple(_roles(sheets[ROLES], known))
    absences = tuple(_absences(sheets[ABSENCES], known))
    duty = tuple(_duty(sheets[DUTY], known))
    require_none(sheets[PEOPLE].problems, delivery)
    contacts = ContactsFile(people=people, roles=roles, absences=absences, duty=duty)
    require_none(map(str, contact_faults(contacts, delivery.file)), delivery)
    return contacts


class _Known:
    """Finds the people and places that a cell names."""

    def __init__(self, people: Sequence[Person], places: Sequence[Place]) -> None:
        self._ids = {person.id for person in people}
        self._by_name: dict[str, list[str]] = {}
        for person in people:
            self._by_name.setdefault(person.name, []).append(person.id)
        self._places = {place.slug: place for place in places}
        self._slugs = {said: slug for slug, said in names_of_places(places).items()}

    def person(self, row: FilledRow, column: str) -> str | None:
        """Return the id of the person in a cell; a name that nobody or several have is a problem."""
        said = row.text(column)
        if said is None or said in self._ids:
            return said
        found = self._by_name.get(said, [])
        if len(found) == 1:
            return found[0]
        if found:
            row.refuse(column, f"编号，因为“{PEOPLE}”表中有 {len(found)} 人叫这个名字：{'、'.join(found)}")
            return None
        close = get_close_matches(said, self._by_name, n=1, cutoff=0.5)
        row.refuse(
            column,
            f"“{PEOPLE}”表中的姓名或编号" + (f"（是否“{close[0]}”）" if close else ""),
            f"改正，或先在“{PEOPLE}”表中登记",
        )
        return None

    def jurisdiction(self, row: FilledRow) -> str | None:
        """Return the slug of the jurisdiction in a cell, written by name or slug."""
        said = row.text("辖区")
        if said is None or said in self._places:
            return said
        if said not in self._slugs:
            row.refuse("辖区", "、".join(self._slugs))
        return self._slugs.get(said)

    def department(self, row: FilledRow, slug: str | None) -> str | None:
        """Return the department in a cell; one that the jurisdiction does not know would never be found."""
        said = row.text("单位")
        place = self._places.get(slug or "")
        if said is None or place is None or not place.departments or said in place.departments:
            return said
        close = get_close_matches(said, place.departments, n=3, cutoff=0.3) or place.departments[:3]
        row.refuse("单位", f"{place.name}的单位规范名称，如 {'、'.join(close)}")
        return None


def _people(sheet: FilledSheet) -> Iterator[Person]:
    rows: dict[str, int] = {}
    accounts: dict[str, int] = {}
    for row in sheet.rows:
        name, email = row.text("姓名"), row.text("电子邮箱")
        mobile = re.sub(r"[ -]", "", row.text("手机") or "") or None
        if email and not EMAIL.fullmatch(email):
            row.refuse("电子邮箱")
        if mobile and not MOBILE.fullmatch(mobile):
            row.refuse("手机")
        removed_on = row.day("停用日期")
        channels = _channels(row, email, mobile)
        written = row.text("编号")
        if written and (not _ID.fullmatch(written) or len(written) > 100):
            row.refuse("编号")
            continue
        if name is None:
            continue
        id_ = written or _made_id(name, email or mobile or "")
        if id_ in rows:
            fact = f"第 {row.number} 行与第 {rows[id_]} 行是同一个{'编号' if written else '人'}“{written or name}”"
            sheet.refuse(f"{fact}，应只有一行", "删去多余的一行，或改正编号")
            continue
        rows[id_] = row.number
        account = row.text("系统账号")
        if account and account in accounts:
            row.refuse("系统账号", f"与第 {accounts[account]} 行不同的用户名，一个账号只属于一个人")
        elif account:
            accounts[account] = row.number
        yield Person(
            id=id_,
            name=name,
            account=account,
            email=email,
            mobile=mobile,
            channels=channels,
            removed_on=removed_on,
        )


def _made_id(name: str, address: str) -> str:
    """Return an id for a new person: the same row gives the same id however often it is imported."""
    return f"p-{hashlib.sha256(f'{name} {address}'.encode()).hexdigest()[:8]}"


def _channels(row: FilledRow, email: str | None, mobile: str | None) -> tuple[str, ...]:
    said = row.text("通知渠道")
    if said is None:
        return ("sms",) if mobile and not email else ("email",)
    found = [CHANNELS.get(part, part) for part in _SEPARATORS.split(said) if part]
    if any(code not in CHANNELS.values() and not _IM.fullmatch(code) for code in found):
        row.refuse("通知渠道")
        return ("email",)
    return tuple(dict.fromkeys(found)) or ("email",)


def _roles(sheet: FilledSheet, known: _Known) -> Iterator[Holding]:
    rows: dict[tuple[object, ...], int] = {}
    for row in sheet.rows:
        jurisdiction = known.jurisdiction(row)
        department = known.department(row, jurisdiction)
        role = row.choice("角色", ROLE_CODES)
        holder, deputy = known.person(row, "A角"), known.person(row, "B角")
        if holder is not None and holder == deputy:
            row.refuse("B角", "A角以外的人")
        if jurisdiction is None or role is None or holder is None:
            continue
        held = (jurisdiction, department, role, holder)
        if held in rows:
            sheet.refuse(f"第 {row.number} 行与第 {rows[held]} 行重复，同一人的同一角色应只有一行", "删去多余的一行")
            continue
        rows[held] = row.number
        yield Holding(jurisdiction=jurisdiction, department=department, role=Role(role), holder=holder, deputy=deputy)


def _absences(sheet: FilledSheet, known: _Known) -> Iterator[Absence]:
    for row in sheet.rows:
        person, delegate = known.person(row, "人员"), known.person(row, "代理人")
        first, last = row.day("起"), row.day("止")
        if first and last and last < first:
            row.refuse("止", f"不早于“起”（{first}）的日期")
        if person is not None and person == delegate:
            row.refuse("代理人", "本人以外的人")
        if person and first and last:
            reason = row.text("事由") or ""
            yield Absence(person=person, first=first, last=last, delegate=delegate, reason=reason)


def _duty(sheet: FilledSheet, known: _Known) -> Iterator[DutyShift]:
    rows: dict[tuple[object, ...], int] = {}
    for row in sheet.rows:
        jurisdiction, person = known.jurisdiction(row), known.person(row, "人员")
        post = _post(row)
        start, end = row.instant("开始"), row.instant("结束")
        if start and end and end <= start:
            row.refuse("结束", f"晚于“开始”（{_say(start)}）的时间")
        if not (jurisdiction and person and post and start and end):
            continue
        shift = (jurisdiction, post, person, start, end)
        if shift in rows:
            sheet.refuse(f"第 {row.number} 行与第 {rows[shift]} 行重复（{shown(_say(start))}）", "删去多余的一行")
            continue
        rows[shift] = row.number
        yield DutyShift(jurisdiction=jurisdiction, post=post, person=person, start=start, end=end)


def _post(row: FilledRow) -> Literal["duty_room", "duty_leader"] | None:
    found = row.choice("岗位", POSTS)
    if found is None:
        return None
    return "duty_room" if found == Role.DUTY_ROOM else "duty_leader"


def _say(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"

"""Who is told and who may act: resolves roles to people on a day. What is wrong with a file is ``contact_faults``.

A role of a department is its own holder's, else that of whoever holds it for the whole jurisdiction; the open-government
office, the duty posts and the operators are the jurisdiction's by nature. While the A角 is absent the delegate acts, else
the B角; if nobody can, the A角 is told after all, for an unread notice is better than none. On the duty posts the roster
(值班表) comes first; in its gaps the role's holder is told.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from obligations.rules.contact_faults import contact_faults
from obligations.rules.policies import Policies
from obligations.rules.reviews import reviewers_of
from obligations.rules.yaml_files import parse_model
from obligations.words.contacts import ContactsFile, DutyShift, Holding, Person, Role
from obligations.words.errors import CatalogueFault
from obligations.words.notices import Recipient
from obligations.words.obligation import Obligation
from obligations.words.times import SHANGHAI

OF_THE_JURISDICTION = frozenset(
    {Role.OFFICE, Role.COMMAND, Role.DUTY_ROOM, Role.DUTY_LEADER, Role.OPERATOR, Role.AUDITOR}
)
_ROSTERED = frozenset({Role.DUTY_ROOM, Role.DUTY_LEADER})


@dataclass(frozen=True, slots=True)
class Gap:
    """A role that nobody holds where a policy needs it.

    Attributes:
        department: canonical name; None for a role of the whole jurisdiction.
        stand_ins: names of those told in its place, because they hold the role for the jurisdiction; empty: nobody is.
    """

    jurisdiction: str
    department: str | None
    role: Role
    stand_ins: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the one-line Chinese message."""
        where = f"{self.jurisdiction} {self.department or '（全辖区）'}"
        if self.stand_ins:
            return f"{where}没有登记{self.role.label}，由全辖区的{self.role.label}{'、'.join(self.stand_ins)}代收"
        return f"{where}没有登记{self.role.label}（{self.role}），有关提醒无人可收；请在通讯录 roles 中补登"


@dataclass(frozen=True, slots=True)
class _Filling:
    """One person who fills a role now, and for whom."""

    person: Person
    acting_for: Person | None = None


class Directory:
    """The people of one contacts file.

    Attributes:
        file: what it was made from; version: digest of it.
    """

    def __init__(self, file: ContactsFile) -> None:
        """Index a file that has no faults."""
        self.file = file
        self.version = hashlib.sha256(file.model_dump_json().encode()).hexdigest()[:16]
        self._people = {person.id: person for person in file.people}
        self._holdings: dict[tuple[str, str | None, Role], list[Holding]] = {}
        for holding in file.roles:
            self._holdings.setdefault((holding.jurisdiction, holding.department, holding.role), []).append(holding)

    def person(self, id_: str) -> Person | None:
        """Return the person of this id, removed or not."""
        return self._people.get(id_)

    def with_account(self, account: str | None) -> Person | None:
        """Return the person whose user name in Airflow this is."""
        return next((person for person in self.file.people if account and person.account == account), None)

    def recipients(
        self, roles: Iterable[Role], jurisdiction: str, departments: Sequence[str], at: datetime
    ) -> tuple[Recipient, ...]:
        """Return whom these roles resolve to at ``at`` and can be reached: each person once, under the first role."""
        return tuple(found for found in self._told(roles, jurisdiction, departments, at) if found.channels)

    def recipient(self, id_: str, role: Role) -> tuple[Recipient, ...]:
        """Return one person as a recipient under ``role``; none for one who is unknown or cannot be reached."""
        person = self._people.get(id_)
        address = addresses_of(person) if person else {}
        return (Recipient(id_, person.name, role, tuple(address), address),) if person and address else ()

    def unreachable(
        self, roles: Iterable[Role], jurisdiction: str, departments: Sequence[str], at: datetime
    ) -> tuple[Recipient, ...]:
        """Return those of the roles who should be told and have no usable address, so that somebody else hears of it."""
        return tuple(found for found in self._told(roles, jurisdiction, departments, at) if not found.channels)

    def operators(self, at: datetime) -> tuple[Recipient, ...]:
        """Return every operator of the installation, for alarms about the system itself."""
        slugs = dict.fromkeys(holding.jurisdiction for holding in self.file.roles if holding.role is Role.OPERATOR)
        found = {told.id: told for slug in slugs for told in self.recipients((Role.OPERATOR,), slug, (), at)}
        return tuple(found.values())

    def without_address(self, at: datetime) -> tuple[Person, ...]:
        """Return the people who hold a role or a shift still to come, are not removed, and cannot be reached."""
        day = _day(at)
        named = [id_ for holding in self.file.roles for id_ in (holding.holder, holding.deputy) if id_]
        named += [absence.delegate for absence in self.file.absences if absence.delegate and day <= absence.last]
        named += [shift.person for shift in self.file.duty if at < _aware(shift.end)]
        people = [self._people[id_] for id_ in dict.fromkeys(named)]
        return tuple(person for person in people if not _is_removed(person, day) and not addresses_of(person))

    def unfilled(
        self, obligations: Iterable[Obligation], policies: Policies, at: datetime, reviews: Path | None = None
    ) -> tuple[Gap, ...]:
        """Return, for each jurisdiction and department, the roles that its obligations need and nobody holds.

        Needed is who is told by ``policies`` and who reviews by the file ``reviews`` (default: the packaged one).

        A department whose role is held for the whole jurisdiction is listed with its stand-ins. Of the duty posts the
        holder is asked for, not the roster: rosters have gaps.
        """
        needed: dict[tuple[str, str | None, Role], None] = {}
        for obligation in obligations:
            slug = obligation.jurisdiction.slug
            names = obligation.department_names or obligation.departments
            for role in dict.fromkeys((*policies.roles_of(obligation), *reviewers_of(obligation, reviews))):
                wide = role in OF_THE_JURISDICTION or not names
                needed.update(dict.fromkeys((slug, name, role) for name in ([None] if wide else names)))
        found = (self._gap(*place, _day(at)) for place in needed)
        return tuple(gap for gap in found if gap is not None)

    def may_act(
        self, account: str, roles: Iterable[Role], jurisdiction: str, departments: Sequence[str], at: datetime
    ) -> bool:
        """Say whether the user ``account`` of Airflow may act in one of ``roles`` at ``at``.

        So may whoever would be told in it, and its A角 even while registered as absent; a B角 only while acting.
        """
        day = _day(at)
        for role in roles:
            people = [filling.person for filling in self._fill(role, jurisdiction, departments, at)]
            people += [self._people[held.holder] for held in self._held(role, jurisdiction, departments, day)]
            if any(person.account == account and not _is_removed(person, day) for person in people):
                return True
        return False

    def holders(
        self, roles: Iterable[Role], jurisdiction: str, departments: Sequence[str], at: datetime
    ) -> tuple[Person, ...]:
        """Return everybody whom one of ``roles`` may come to: A角 and B角, whoever acts at ``at``, and each once.

        Whether one of them may act when the answer comes is ``may_act``'s to say.
        """
        day = _day(at)
        found: dict[str, Person] = {}
        for role in roles:
            people = [filling.person for filling in self._fill(role, jurisdiction, departments, at)]
            for holding in self._held(role, jurisdiction, departments, day):
                people += [self._people[id_] for id_ in (holding.holder, holding.deputy) if id_]
            found |= {person.id: person for person in people if not _is_removed(person, day)}
        return tuple(found.values())

    def _told(
        self, roles: Iterable[Role], jurisdiction: str, departments: Sequence[str], at: datetime
    ) -> Iterator[Recipient]:
        told: set[str] = set()
        for role in dict.fromkeys(roles):
            for filling in self._fill(role, jurisdiction, departments, at):
                if filling.person.id not in told:
                    told.add(filling.person.id)
                    address = addresses_of(filling.person)
                    for_whom = filling.acting_for.name if filling.acting_for else None
                    yield Recipient(filling.person.id, filling.person.name, role, tuple(address), address, for_whom)

    def _fill(self, role: Role, jurisdiction: str, departments: Sequence[str], at: datetime) -> list[_Filling]:
        """Return who fills a role now; the roster before the holder."""
        day = _day(at)
        if role in _ROSTERED:
            shifts = (shift for shift in self.file.duty if _is_on(shift, role, jurisdiction, at))
            on_duty = [self._present(self._people[shift.person], day) for shift in shifts]
            if fillings := [filling for filling in on_duty if filling is not None]:
                return fillings
        holdings = self._held(role, jurisdiction, departments, day)
        return [filling for holding in holdings if (filling := self._acting(holding, day)) is not None]

    def _held(self, role: Role, jurisdiction: str, departments: Sequence[str], day: date) -> list[Holding]:
        """Return who holds a role for these departments, or for the jurisdiction where a department has nobody."""
        if role in OF_THE_JURISDICTION:
            return self._holders(role, jurisdiction, None, day) or (
                [holding for holding in self.file.roles if holding.role is role and self._acting(holding, day)]
                if role is Role.OPERATOR  # one team often runs the system for all jurisdictions
                else []
            )
        places: Sequence[str | None] = departments or (None,)
        found = [
            self._holders(role, jurisdiction, name, day) or self._holders(role, jurisdiction, None, day)
            for name in places
        ]
        return [holding for holdings in found for holding in holdings]

    def _holders(self, role: Role, jurisdiction: str, department: str | None, day: date) -> list[Holding]:
        """Return the holdings of exactly this place that somebody can fill."""
        holdings = self._holdings.get((jurisdiction, department, role), [])
        return [holding for holding in holdings if self._acting(holding, day) is not None]

    def _gap(self, jurisdiction: str, department: str | None, role: Role, day: date) -> Gap | None:
        if self._holders(role, jurisdiction, department, day):
            return None
        departments = [department] if department else []
        instead = [self._acting(holding, day) for holding in self._held(role, jurisdiction, departments, day)]
        names = dict.fromkeys(filling.person.name for filling in instead if filling)
        if role is Role.OPERATOR and names:
            return None
        return Gap(jurisdiction, department, role, tuple(names))

    def _acting(self, holding: Holding, day: date) -> _Filling | None:
        """Return who acts for a holding: A角, the delegate, B角, or the absent A角 where nobody else can."""
        holder = self._people[holding.holder]
        acting = self._present(holder, day)
        if acting is None and holding.deputy is not None:
            acting = self._present(self._people[holding.deputy], day)
        if acting is None:
            return None if _is_removed(holder, day) else _Filling(holder)
        return acting if acting.person.id == holder.id else _Filling(acting.person, holder)

    def _present(self, person: Person, day: date, asked: frozenset[str] = frozenset()) -> _Filling | None:
        """Return the person, or while absent the delegate, the delegate's delegate …; None if none of them is there."""
        if _is_removed(person, day) or person.id in asked:
            return None
        absences = [each for each in self.file.absences if each.person == person.id and each.first <= day <= each.last]
        if not absences:
            return _Filling(person)
        for absence in absences:
            if absence.delegate is not None:
                acting = self._present(self._people[absence.delegate], day, asked | {person.id})
                if acting is not None:
                    return _Filling(acting.person, person)
        return None


def read_contacts(text: str, file: str) -> Directory:
    """Read the text of ``contacts.yaml``; ``file`` is its name in messages. Raises CatalogueFault with every fault."""
    contacts = parse_model(text, file, ContactsFile)
    if faults := tuple(contact_faults(contacts, file)):
        raise CatalogueFault(faults)
    return Directory(contacts)


def addresses_of(person: Person) -> dict[str, str]:
    """Return the address on each channel on which the person can be reached, in the person's order."""
    address: dict[str, str] = {}
    for channel in person.channels:
        if channel.startswith("im:"):
            address[channel] = channel.removeprefix("im:")
        elif found := person.email if channel == "email" else person.mobile:
            address[channel] = found
    return address


def _day(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()


def _aware(instant: datetime) -> datetime:
    return instant if instant.tzinfo else instant.replace(tzinfo=SHANGHAI)


def _is_removed(person: Person, day: date) -> bool:
    return person.removed_on is not None and day >= person.removed_on


def _is_on(shift: DutyShift, role: Role, jurisdiction: str, at: datetime) -> bool:
    return (
        shift.jurisdiction == jurisdiction
        and shift.post == role.value
        and _aware(shift.start) <= at < _aware(shift.end)
    )

"""Who holds which role for whom, and since when: the models that ``contacts.yaml`` fills. Resolving is ``rules.contacts``.

Addresses are data about people: the file lies outside the repository, and secrets (a robot's token, a gateway's key)
never lie in it; a channel names the Airflow connection that holds them.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from obligations.words.clocks import Words
from obligations.words.obligation import Slug

Id = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)]
Channel = Annotated[str, Field(pattern=r"^(email|sms|im:[a-z0-9_]{1,97})$")]
"""``email``, ``sms`` (the gateway's connection), or ``im:<Airflow connection id>`` of a DingTalk, WeCom or Feishu robot.

At most 100 characters, which is what the ledger keeps of a channel.
"""


class Role(StrEnum):
    """What a person is to an obligation; the value is the code in files, ``label`` what people read."""

    RESPONSIBLE = "responsible"
    FIRST_REVIEW = "first_review"
    SECOND_REVIEW = "second_review"
    SECRECY_REVIEW = "secrecy_review"
    COMMAND = "command"
    FINAL_REVIEW = "final_review"
    LEADER = "leader"
    OFFICE = "office"
    DUTY_ROOM = "duty_room"
    DUTY_LEADER = "duty_leader"
    OPERATOR = "operator"
    AUDITOR = "auditor"

    @property
    def label(self) -> str:
        """The role in the field's own words."""
        return ROLE_LABELS[self]


ROLE_LABELS = {
    Role.RESPONSIBLE: "责任人",
    Role.FIRST_REVIEW: "初审人",
    Role.SECOND_REVIEW: "复审人",
    Role.SECRECY_REVIEW: "保密审查人",
    Role.COMMAND: "指挥部",
    Role.FINAL_REVIEW: "终审签发人",
    Role.LEADER: "分管领导",
    Role.OFFICE: "政务公开办",
    Role.DUTY_ROOM: "值班室",
    Role.DUTY_LEADER: "值班领导",
    Role.OPERATOR: "系统运维",
    Role.AUDITOR: "审计监督",
}


class Person(Words):
    """One person, or a shared box such as a duty room's.

    Attributes:
        id: stable name used everywhere else; name: as people write it.
        account: user name in Airflow, or None; account_id: the id its auth manager knows the user by, where that is not
            the name (FabAuthManager counts its users).
        channels: in order of preference; the first is used, the others when it fails or the matter is urgent.
        removed_on: first day on which the person no longer counts.
    """

    id: Id
    name: str
    account: str | None = None
    account_id: str | None = None
    email: str | None = None
    mobile: str | None = None
    channels: tuple[Channel, ...] = ("email",)
    removed_on: dt.date | None = None


class Holding(Words):
    """One role held by an A角 with an optional B角.

    Attributes:
        department: canonical department name; None for the whole jurisdiction (政务公开办, 值班室).
        role: see ``Role``.
        holder: A角, person id; deputy: B角, who acts while the A角 is absent.
    """

    jurisdiction: Slug
    department: str | None = None
    role: Role
    holder: Id
    deputy: Id | None = None


class Absence(Words):
    """Days, both included, on which a person does not act: the B角 or the delegate does."""

    person: Id
    first: dt.date
    last: dt.date
    delegate: Id | None = None
    reason: str = ""


class DutyShift(Words):
    """One shift of the duty roster (值班表).

    Attributes:
        post: ``duty_room`` or ``duty_leader``.
        start, end: Asia/Shanghai wall-clock times; the shift holds from ``start`` up to, not with, ``end``.
    """

    jurisdiction: Slug
    post: Literal["duty_room", "duty_leader"]
    person: Id
    start: dt.datetime
    end: dt.datetime


class ContactsFile(Words):
    """What ``contacts.yaml`` holds."""

    people: tuple[Person, ...] = ()
    roles: tuple[Holding, ...] = ()
    absences: tuple[Absence, ...] = ()
    duty: tuple[DutyShift, ...] = ()

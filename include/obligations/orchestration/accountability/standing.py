"""What an account is to a statement of punctuality: of the office, a reviewer who sees all, or of certain departments.

Until a statement is issued, a department sees its own figures alone. Who holds which role is ``rules.contacts``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from obligations.orchestration.people import directory_of
from obligations.orchestration.settings import Settings
from obligations.rules.contacts import Directory
from obligations.words.contacts import Role

_REVIEWERS = (Role.FIRST_REVIEW, Role.SECOND_REVIEW, Role.SECRECY_REVIEW, Role.FINAL_REVIEW)
_SEE_ALL = (*_REVIEWERS, Role.LEADER, Role.OPERATOR)


@dataclass(frozen=True, slots=True)
class Standing:
    """What an account may do with a statement.

    Attributes:
        is_office: rules on objections; sees_all: reads every department's figures and the draft.
        departments: those it answers for.
    """

    is_office: bool
    sees_all: bool
    departments: tuple[str, ...]


def standing_of(
    settings: Settings, account: str, jurisdiction: str, departments: Sequence[str], at: datetime
) -> Standing:
    """Return the account's standing among ``departments``; without a contacts file it has none."""
    return standing_in(directory_of(settings), account, jurisdiction, departments, at)


def standing_in(
    directory: Directory, account: str, jurisdiction: str, departments: Sequence[str], at: datetime
) -> Standing:
    """Return the account's standing among ``departments`` by contacts that are read already.

    Roles held for the whole jurisdiction see all; those of a department, its own figures.
    """

    def acts(roles: Iterable[Role], names: Sequence[str]) -> bool:
        return directory.may_act(account, roles, jurisdiction, names, at)

    is_office = acts((Role.OFFICE,), ())
    # Only roles that a department itself has: nobody answers for it who merely stands in where it has none.
    own: dict[str, set[Role]] = {name: set() for name in departments}
    for held in directory.file.roles:
        if held.jurisdiction == jurisdiction and held.department in own:
            own[held.department].add(held.role)
    return Standing(
        is_office=is_office,
        sees_all=is_office or acts(_SEE_ALL, ()),
        departments=tuple(name for name, roles in own.items() if acts(roles, (name,))),
    )


def may_read_draft(settings: Settings, account: str, jurisdiction: str, at: datetime) -> bool:
    """Say whether an account may read the draft of a statement before it is issued.

    Without a contacts file nobody is known to be of a department, and Airflow's own rights are all there is.
    """
    return settings.contacts is None or standing_of(settings, account, jurisdiction, (), at).sees_all

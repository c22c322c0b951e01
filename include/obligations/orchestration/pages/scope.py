"""What the person logged in may see on the pages: by Airflow's rights, and by their roles in the contacts. Asked anew each time.

Whoever holds a role for a whole jurisdiction (the office, leaders, operators, reviewers of all) sees all of it; whoever
holds one of a department sees that department's duties. An account that the contacts do not know sees nothing. Without a
contacts file Airflow's rights are all there is.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.core_api.security import GetUserDep
from fastapi import Depends, HTTPException, status

from obligations.orchestration.pages.clock import now
from obligations.orchestration.pages.kept import catalogue_of, people_of
from obligations.orchestration.settings import Settings
from obligations.rules.contacts import Directory
from obligations.words.contacts import Role
from obligations.words.errors import ObligationsError
from obligations.words.obligation import Obligation
from obligations.words.sources import LedgerSource
from obligations.words.visible import Visible


@dataclass(frozen=True, slots=True)
class Scope:
    """The person and what they may see.

    Attributes:
        account: user name; user: as Airflow's auth manager knows them.
        obligations: every obligation of the catalogue that they may see, by key.
        offices: jurisdictions whose 政务公开办 they act for, or all of them without contacts.
        departments: (jurisdiction, department) that they hold a role of.
    """

    settings: Settings
    user: BaseUser
    account: str
    obligations: dict[str, Obligation]
    visible: Visible
    offices: frozenset[str]
    departments: frozenset[tuple[str, str]]

    def require(self, key: str) -> Obligation:
        """Return an obligation; raises 404 where there is none that this person may see, which is not told apart."""
        if (found := self.obligations.get(key)) is None:
            raise HTTPException(status.HTTP_404_NOT_FOUND, "没有这个公开事项，或者没有查看的权限")
        return found


def scope_of(user: GetUserDep) -> Scope:
    """Return what the person logged in may see now."""
    settings = Settings.from_environment()
    authorized = get_auth_manager().get_authorized_dag_ids(user=user, method="GET")
    catalogue = catalogue_of(settings).values()
    known, hidden = [], set()
    for each in catalogue:
        if each.dag_id in authorized:
            known.append(each)
        else:
            hidden.add(each.jurisdiction.slug)
    account, at = user.get_name(), now()
    if settings.contacts is None:
        slugs = frozenset(each.jurisdiction.slug for each in known)
        return _scope(settings, user, account, known, slugs, slugs, frozenset(), hidden)
    directory = _directory(settings)
    whole, own = _roles_of(directory, account, at, catalogue)
    offices = frozenset(slug for slug in whole if directory.may_act(account, (Role.OFFICE,), slug, (), at))
    seen = [each for each in known if each.jurisdiction.slug in whole or own.intersection(_places_of(each))]
    return _scope(settings, user, account, seen, whole, offices, own, hidden)


CurrentScope = Annotated[Scope, Depends(scope_of)]


def refuse_outsiders(settings: Settings, key: str, account: str) -> None:
    """Raise 404 for who holds no role for an obligation, for files that are handed out one by one.

    Of a statement about every department ``feedback.refuse_departments`` says who may read it and when.
    """
    if settings.contacts is None:
        return
    obligation = catalogue_of(settings).get(key)
    if obligation is not None and isinstance(obligation.source, LedgerSource):
        return
    whole, own = _roles_of(_directory(settings), account, now(), () if obligation is None else (obligation,))
    if obligation is None or not (obligation.jurisdiction.slug in whole or own.intersection(_places_of(obligation))):
        raise HTTPException(status.HTTP_404_NOT_FOUND, "没有这份文件，或者没有查看的权限")


def visible_by_contacts(settings: Settings, account: str) -> Visible | None:
    """Return what the contacts let an account see now, for who asks without being logged in; None without contacts."""
    if settings.contacts is None:
        return None
    catalogue = catalogue_of(settings).values()
    whole, own = _roles_of(_directory(settings), account, now(), catalogue)
    seen = (each for each in catalogue if own.intersection(_places_of(each)))
    return Visible(whole, frozenset(each.key for each in seen))


def _directory(settings: Settings) -> Directory:
    try:
        return people_of(settings)
    except ObligationsError:  # its message may name people
        said = "通讯录有误，暂时不能确定查看权限；请系统运维运行 obligations contacts check 核对"
        raise HTTPException(status.HTTP_503_SERVICE_UNAVAILABLE, said) from None


def _scope(
    settings: Settings,
    user: BaseUser,
    account: str,
    seen: list[Obligation],
    whole: frozenset[str],
    offices: frozenset[str],
    own: frozenset[tuple[str, str]],
    hidden: set[str],
) -> Scope:
    """Put it together; a jurisdiction counts as whole only where Airflow hides none of its duties (``hidden``)."""
    jurisdictions = frozenset(whole - hidden)
    keys = frozenset(each.key for each in seen if each.jurisdiction.slug not in jurisdictions)
    by_key = {each.key: each for each in seen}
    return Scope(settings, user, account, by_key, Visible(jurisdictions, keys), offices, own)


def _roles_of(
    directory: Directory, account: str, at: datetime, asked: Collection[Obligation]
) -> tuple[frozenset[str], frozenset[tuple[str, str]]]:
    """Return the jurisdictions for the whole of which the account holds a role, and the departments of which it does.

    Who is responsible for a whole jurisdiction stands in where a department has nobody: that makes nobody see all, only
    those of the departments of the obligations ``asked`` about that have nobody.
    """
    whole: set[str] = set()
    own: set[tuple[str, str]] = set()
    for held in directory.file.roles:
        names = () if held.department is None else (held.department,)
        if held.department is None and held.role is Role.RESPONSIBLE:
            places = {place for each in asked for place in _places_of(each) if place[0] == held.jurisdiction}
            own |= {place for place in places if directory.may_act(account, (held.role,), place[0], place[1:], at)}
            continue
        if directory.may_act(account, (held.role,), held.jurisdiction, names, at):
            if held.department is None:
                whole.add(held.jurisdiction)
            else:
                own.add((held.jurisdiction, held.department))
    return frozenset(whole), frozenset(own)


def _places_of(obligation: Obligation) -> set[tuple[str, str]]:
    names = obligation.department_names or obligation.departments
    return {(obligation.jurisdiction.slug, name) for name in names}

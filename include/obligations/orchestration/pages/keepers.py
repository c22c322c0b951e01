"""Who keeps the system: operators and the offices; without contacts, whoever may edit Airflow's connections."""

from __future__ import annotations

from datetime import datetime

from airflow.api_fastapi.app import get_auth_manager
from fastapi import HTTPException, status

from obligations.orchestration.pages.kept import catalogue_of, people_of
from obligations.orchestration.pages.scope import Scope
from obligations.words.contacts import Role


def is_operator(scope: Scope, at: datetime) -> bool:
    """Whether the person runs the system."""
    if scope.settings.contacts is None:
        return bool(get_auth_manager().is_authorized_connection(method="PUT", user=scope.user))
    directory = people_of(scope.settings)
    slugs = {held.jurisdiction for held in directory.file.roles if held.role is Role.OPERATOR}
    return any(directory.may_act(scope.account, (Role.OPERATOR,), slug, (), at) for slug in slugs)


def keeps_all(scope: Scope, at: datetime) -> bool:
    """Whether the person may change what holds for every jurisdiction: an operator, or the office of all of them."""
    served = {each.jurisdiction.slug for each in catalogue_of(scope.settings).values()}
    return is_operator(scope, at) or (scope.settings.contacts is not None and bool(served) and served <= scope.offices)


def require_keeper(scope: Scope, at: datetime) -> None:
    """Raise 403 for who neither runs the system nor acts for an office."""
    if is_operator(scope, at) or (scope.settings.contacts is not None and scope.offices):
        return
    raise HTTPException(status.HTTP_403_FORBIDDEN, "没有查看的权限：须为系统运维或政务公开办的人员")


def require_keeper_of_all(scope: Scope, at: datetime) -> None:
    """Raise 403 for who may not change what holds for every jurisdiction."""
    if not keeps_all(scope, at):
        said = "通讯录和放假通知用于全部辖区，须由系统运维，或者兼管全部辖区的政务公开办维护"
        raise HTTPException(status.HTTP_403_FORBIDDEN, said)

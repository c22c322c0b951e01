"""Whom Airflow lets answer a form: everybody who holds a role for it, when the task opens. Whether one may is checked again later."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from obligations.orchestration.people import directory_of
from obligations.orchestration.work import Work
from obligations.words.contacts import Role

if TYPE_CHECKING:
    from airflow.sdk.execution_time.hitl import HITLUser


def assignees_of(work: Work, roles: Sequence[Role], now: datetime) -> list[HITLUser] | None:
    """Return Airflow's users who may answer; None for everybody with Airflow's right to.

    A角 and B角 alike, for a B角 may have to stand in while the task waits; who may act on the day is asked again when the
    answer comes. Under FabAuthManager a user is known by a number (``account_id``): where one of them has none on file,
    nobody is shut out here.
    """
    if work.settings.contacts is None or not roles:
        return None
    people = directory_of(work.settings).holders(roles, work.obligation.jurisdiction.slug, work.departments, now)
    users: list[HITLUser] = []
    for person in people:
        if person.account is None:
            continue
        if counts_users() and person.account_id is None:
            return None
        users.append({"id": person.account_id or person.account, "name": person.account})
    return users or None


def counts_users() -> bool:
    """Whether Airflow's auth manager knows users by numbers instead of names."""
    from airflow.configuration import conf

    return "fab" in conf.get("core", "auth_manager").lower()

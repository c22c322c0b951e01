"""Who may report an incident on the page, and say that it is over; without contacts, Airflow's own right is all there is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails

from obligations.orchestration.pages.kept import people_of
from obligations.orchestration.pages.scope import Scope
from obligations.orchestration.people import ENDED_BY
from obligations.steps.ledger import OccurrenceRow
from obligations.words.contacts import Role

REPORTED_BY = (Role.DUTY_ROOM, Role.DUTY_LEADER, Role.OFFICE, Role.LEADER)


def may_report(scope: Scope, at: datetime) -> frozenset[str]:
    """Return the jurisdictions for which the person may report an incident."""
    served = frozenset(each.jurisdiction.slug for each in scope.obligations.values())
    if scope.settings.contacts is None:
        return served if may_trigger_reports(scope) else frozenset()
    directory = people_of(scope.settings)
    held = {(each.role, each.jurisdiction, each.department) for each in directory.file.roles}
    held |= {(Role(shift.post), shift.jurisdiction, None) for shift in directory.file.duty}
    return served & frozenset(
        slug
        for role, slug, name in held
        if role in REPORTED_BY and directory.may_act(scope.account, (role,), slug, () if name is None else (name,), at)
    )


def may_close(scope: Scope, rows: Iterable[OccurrenceRow], at: datetime) -> bool:
    """Whether the person may say, in one of the places it concerns, that an incident is over; ``rows``: what it opened.

    Of one that opened nothing, whoever may report.
    """
    places = {(row.jurisdiction, row.departments) for row in rows}
    if scope.settings.contacts is None or not places:
        return bool(may_report(scope, at))
    directory = people_of(scope.settings)
    return any(directory.may_act(scope.account, ENDED_BY, slug, names, at) for slug, names in places)


def may_trigger_reports(scope: Scope) -> bool:
    """Whether Airflow lets the person start ``report_event``."""
    return bool(
        get_auth_manager().is_authorized_dag(
            method="POST", access_entity=DagAccessEntity.RUN, details=DagDetails(id="report_event"), user=scope.user
        )
    )

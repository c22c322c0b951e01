"""What each of Airflow's roles is to have, by the catalogue: pure. Granting it is ``access.granting``.

Airflow's rights decide which DAGs an account sees and whether it may answer or trigger at all; who may take which act on
an occurrence is the contacts' (``people``). A right to all DAGs at once goes to who runs the system, to nobody else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from obligations.words.obligation import Obligation

LONGEST_NAME = 64  # of a role in FabAuthManager's table
SYSTEM = "系统运维"
OFFICE, LEADER, AUDITOR = "政务公开办", "领导审核", "审计监督"
FORMS = ("record_decision", "report_event")
"""DAGs that are forms: whoever may take a decision or report triggers them, and each is checked against the contacts."""


class Right(NamedTuple):
    """One permission of FabAuthManager: an action on a resource."""

    action: str
    resource: str


Rights = dict[str, frozenset[Right]]


def _rights(action: str, *resources: str) -> frozenset[Right]:
    return frozenset(Right(action, resource) for resource in resources)


_OWN = ("My Password", "My Profile")
SEES = (
    _rights("can_read", "Website", "Plugins", "DAG Runs", "Task Instances", "Task Logs", "HITL Detail", *_OWN)
    | _rights("can_read", "DAG Versions", "DAG Warnings")
    | _rights("can_edit", *_OWN)
    | _rights("menu_access", "DAGs", "DAG Runs", "HITL Detail", "Browse")
)
"""Everybody's: logging in, our pages (the interface reads the list of plugins), runs, logs and forms of DAGs one may read."""
ANSWERS = _rights("can_edit", "HITL Detail") | _rights("can_create", "DAG Runs")
"""Answering a form, and triggering a DAG, where the DAG itself may be edited."""
MENDS = _rights("can_edit", "DAG Runs", "Task Instances")
"""Clearing a task or a run; marking one successful publishes nothing, for the ledger alone is believed."""
INSPECTS = _rights("can_read", "Audit Logs") | _rights("menu_access", "Audit Logs")
_STORES = ("Connections", "Pools", "Variables")
RUNS_THE_SYSTEM = (
    _rights("can_read", "DAGs", "DAG Code", "DAG Dependencies", "ImportError", "Jobs", "Configurations", "Providers")
    | _rights("can_read", "Cluster Activity", "Triggers", "XComs", "Assets", "Asset Aliases", "Backfills", *_STORES)
    | _rights("can_edit", "DAGs", "Backfills", *_STORES)
    | _rights("can_create", "Backfills", *_STORES)
    | _rights("can_delete", *_STORES)
    | _rights("menu_access", "Admin", "Jobs", "Configurations", "Providers", "XComs", "Assets", "Plugins", *_STORES)
)


def of_dag(action: str, dag_id: str) -> Right:
    """Return the right to one DAG."""
    return Right(action, f"DAG:{dag_id}")


def rights_by_catalogue(obligations: Iterable[Obligation]) -> Rights:
    """Return every role with its rights: one a department, three a jurisdiction, one for who runs the system.

    Roles of a jurisdiction begin with its slug, which is unique where names are not (every other city has a 市中区).
    """
    made: dict[str, set[Right]] = {SYSTEM: {*SEES, *ANSWERS, *MENDS, *INSPECTS, *RUNS_THE_SYSTEM}}
    for obligation in obligations:
        slug = obligation.jurisdiction.slug
        read, edit = (of_dag(action, obligation.dag_id) for action in ("can_read", "can_edit"))
        made.setdefault(role_name(slug, OFFICE), {*_acting(), *MENDS}).update({read, edit})
        made.setdefault(role_name(slug, LEADER), _acting()).update({read, edit})
        made.setdefault(role_name(slug, AUDITOR), {*SEES, *INSPECTS}).add(read)
        for department in obligation.department_names or obligation.departments:
            made.setdefault(role_name(slug, department), _acting()).update({read, edit})
    return {role: frozenset(rights) for role, rights in sorted(made.items())}


def role_name(jurisdiction: str, whose: str) -> str:
    """Return the name of a role; one that is too long for its column is cut and told apart by a digest."""
    name = f"{jurisdiction}·{whose}"
    if len(name) <= LONGEST_NAME:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: LONGEST_NAME - 9]}~{digest}"


def _acting() -> set[Right]:
    """Return what whoever answers forms has beside the DAGs of their own."""
    return {*SEES, *ANSWERS, *(of_dag(action, form) for form in FORMS for action in ("can_read", "can_edit"))}

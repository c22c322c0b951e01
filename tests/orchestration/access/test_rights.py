"""What roles are to have: by the catalogue, department by department, and nothing to all DAGs but for who runs the system."""

from __future__ import annotations

import pytest

from obligations.orchestration.access.rights import (
    AUDITOR,
    FORMS,
    LEADER,
    LONGEST_NAME,
    OFFICE,
    SYSTEM,
    Right,
    of_dag,
    rights_by_catalogue,
    role_name,
)
from obligations.orchestration.settings import PACKAGE
from obligations.rules.catalogue import load

OBLIGATIONS = load(PACKAGE / "catalogue").obligations
RIGHTS = rights_by_catalogue(OBLIGATIONS.values())
FINANCE = role_name("demo", "演示单位财政局")


def dags(role: str, action: str) -> set[str]:
    return {right.resource for right in RIGHTS[role] if right.action == action and right.resource.startswith("DAG:")}


def test_every_department_and_every_jurisdiction_has_its_roles():
    departments = {
        role_name(each.jurisdiction.slug, name)
        for each in OBLIGATIONS.values()
        for name in each.department_names or each.departments
    }
    slugs = {each.jurisdiction.slug for each in OBLIGATIONS.values()}
    offices = {role_name(slug, whose) for slug in slugs for whose in (OFFICE, LEADER, AUDITOR)}
    assert set(RIGHTS) == departments | offices | {SYSTEM}
    assert len(departments) > 200
    assert max(map(len, RIGHTS)) <= LONGEST_NAME


@pytest.mark.parametrize("obligation", OBLIGATIONS.values(), ids=OBLIGATIONS)
def test_a_duty_is_acted_on_by_its_own_departments_and_its_own_office(obligation):
    slug = obligation.jurisdiction.slug
    edit = of_dag("can_edit", obligation.dag_id)
    own = {role_name(slug, name) for name in obligation.department_names or obligation.departments}
    acting = own | {role_name(slug, OFFICE), role_name(slug, LEADER)}
    assert {role for role, rights in RIGHTS.items() if edit in rights} == acting
    read = of_dag("can_read", obligation.dag_id)
    assert {role for role, rights in RIGHTS.items() if read in rights} == acting | {role_name(slug, AUDITOR)}


def test_only_who_runs_the_system_has_a_right_to_all_dags():
    every = {
        role
        for role, rights in RIGHTS.items()
        if any(right[1] == "DAGs" and right[0] != "menu_access" for right in rights)
    }
    assert every == {SYSTEM}


def test_an_auditor_may_change_nothing_but_their_own_password():
    rights = RIGHTS[role_name("demo", AUDITOR)]
    changing = {right for right in rights if right.action in {"can_edit", "can_create", "can_delete"}}
    assert changing == {Right("can_edit", "My Password"), Right("can_edit", "My Profile")}
    assert Right("can_read", "Audit Logs") in rights


def test_nobody_gets_rights_over_users_and_roles():
    named = {right.resource for rights in RIGHTS.values() for right in rights}
    assert not named & {"Users", "Roles", "Permissions", "Permission Views", "View Menus", "Passwords", "List Users"}


def test_whoever_acts_may_trigger_the_forms():
    for role in (FINANCE, role_name("demo", OFFICE), role_name("demo", LEADER)):
        assert {f"DAG:{form}" for form in FORMS} <= dags(role, "can_edit")
        assert Right("can_create", "DAG Runs") in RIGHTS[role]
        assert Right("can_edit", "HITL Detail") in RIGHTS[role]


def test_a_long_name_is_cut_and_told_apart():
    long = [role_name("demo", "很长的单位名称" * 10 + end) for end in "甲乙"]
    assert len(set(long)) == 2
    assert {len(name) for name in long} == {LONGEST_NAME}

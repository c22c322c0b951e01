"""Who may decide what: every decision with every role, and that the roles of an override are the chain's."""

from __future__ import annotations

from pathlib import Path

import pytest

from obligations.orchestration.people import (
    DECIDED_BY,
    ENDED_BY,
    NotAllowed,
    directory_of,
    require_may_close,
    require_may_decide,
    roles_that_decide,
)
from obligations.orchestration.rulings.kinds import KINDS
from obligations.orchestration.settings import PACKAGE, Settings
from obligations.orchestration.upkeep.contacts_tables import contacts_at
from obligations.rules.catalogue import load_one
from obligations.rules.reviews import chain_of
from obligations.words.contacts import Role
from obligations.words.errors import UnusableInput
from obligations.words.times import parse_instant

NOW = parse_instant("2026-11-05T15:00")
FISCAL = load_one(PACKAGE / "catalogue", "demo/fiscal-monthly")
CHAIN = chain_of(FISCAL)
FINANCE = "演示单位财政局"
WIDE = {Role.OFFICE, Role.COMMAND, Role.DUTY_ROOM, Role.DUTY_LEADER, Role.OPERATOR, Role.AUDITOR}
_OFFICE, _BOTH = frozenset({Role.OFFICE}), frozenset({Role.OFFICE, Role.RESPONSIBLE})
MAY: dict[str, frozenset[Role]] = {
    "extend": _OFFICE,
    "pause": _OFFICE,
    "resume": _OFFICE,
    "waive": _OFFICE,
    "nil": _BOTH,
    "withhold": _OFFICE,
    "correct": _OFFICE,
    "progress": _BOTH,
    "unchanged": _BOTH,
    "redraft": _BOTH,
    "vouch": frozenset({Role.RESPONSIBLE}),
    "accept": _OFFICE,
    "reject": _OFFICE,
    "override": frozenset({Role.FINAL_REVIEW, Role.LEADER}),
    "merge": _OFFICE,
    "correction": _BOTH,
    "withdraw": frozenset({Role.OFFICE, Role.LEADER}),
    "withdrawn": _BOTH,
    "formalize": _BOTH,
}


@pytest.fixture(scope="module")
def settings(tmp_path_factory) -> Settings:
    """An installation in which each role is held by an account of that name."""
    folder: Path = tmp_path_factory.mktemp("people")
    people = "\n".join(f"  - {{id: {_id(role)}, name: 演示, account: {role}, email: a@example.cn}}" for role in Role)
    roles = "\n".join(
        f"  - {{jurisdiction: demo, role: {role}, holder: {_id(role)}"
        + ("}" if role in WIDE else f", department: {FINANCE}}}")
        for role in Role
    )
    (folder / "contacts.yaml").write_text(f"people:\n{people}\nroles:\n{roles}\n", "utf-8")
    return Settings.from_environment(
        {"OBLIGATIONS_HOME": str(folder), "OBLIGATIONS_CONTACTS": str(folder / "contacts.yaml")}
    )


def _id(role: Role) -> str:
    return role.value.replace("_", "-")


def test_every_decision_has_its_roles_and_no_other_is_named():
    assert set(DECIDED_BY) == set(KINDS) == set(MAY)
    assert {kind: frozenset(roles_that_decide(kind, CHAIN)) for kind in KINDS} == MAY


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("role", Role)
def test_an_account_decides_by_its_role_and_only_so(settings, kind, role):
    def ask() -> None:
        require_may_decide(settings, kind, role.value, "demo", FISCAL.department_names, NOW, chain=CHAIN)

    if role in MAY[kind]:
        ask()
    else:
        with pytest.raises(NotAllowed, match=f"账号 {role.value} 不能登记这项决定：须由 demo 的"):
            ask()


@pytest.mark.parametrize("role", Role)
def test_who_may_say_that_an_incident_is_over(settings, role):
    places = [("demo", FISCAL.department_names)]
    if role in ENDED_BY:
        require_may_close(settings, role.value, places, NOW)
    else:
        with pytest.raises(NotAllowed, match="不能登记事件结束"):
            require_may_close(settings, role.value, places, NOW)


def test_another_departments_responsible_person_decides_nothing(settings):
    with pytest.raises(NotAllowed):
        require_may_decide(settings, "progress", "responsible", "demo", ("演示单位农业农村局",), NOW, chain=CHAIN)


def test_contacts_that_are_no_utf_8_are_refused_in_words_wherever_they_are_read(tmp_path):
    file = tmp_path / "contacts.yaml"
    file.write_bytes("people: [] # 人员名单".encode("gbk"))
    for read in (
        contacts_at,
        lambda place: directory_of(Settings.from_environment({"OBLIGATIONS_CONTACTS": str(place)})),
    ):
        with pytest.raises(UnusableInput, match="不是 UTF-8 文字"):
            read(file)

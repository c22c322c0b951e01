"""Roles on a real FabAuthManager: its own database, its API server with our pages, and people who log in to it."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from demo_catalogue import FISCAL, LAND, lay_out_dags
from ports import free_port
from running import ANSWERS, TIMELY

from obligations.orchestration.access.rights import AUDITOR, LEADER, OFFICE, SYSTEM, role_name
from obligations.orchestration.demo.embedded import FAB, REPOSITORY, EmbeddedAirflow

pytestmark = pytest.mark.airflow
FINANCE, LANDS = (role_name("demo", name) for name in ("演示单位财政局", "演示单位自然资源局"))
USERS = {
    "admin": "Admin",
    "finance": FINANCE,
    "lands": LANDS,
    "office": role_name("demo", OFFICE),
    "leader": role_name("demo", LEADER),
    "auditor": role_name("demo", AUDITOR),
    "keeper": SYSTEM,
}
CONTACTS = """
people:
  - {id: jia, name: 演示甲, account: finance, email: jia@example.cn}
  - {id: yi, name: 演示乙, account: lands, email: yi@example.cn}
  - {id: bing, name: 演示丙, account: office, email: bing@example.cn}
  - {id: ding, name: 演示丁, account: leader, email: ding@example.cn}
  - {id: wu, name: 演示戊, account: auditor, email: wu@example.cn}
  - {id: ji, name: 演示己, account: nobody-yet, email: ji@example.cn}
roles:
  - {jurisdiction: demo, department: 演示单位财政局, role: responsible, holder: jia}
  - {jurisdiction: demo, department: 演示单位自然资源局, role: responsible, holder: yi}
  - {jurisdiction: demo, role: office, holder: bing}
  - {jurisdiction: demo, role: leader, holder: ding}
  - {jurisdiction: demo, role: auditor, holder: wu}
"""
REFUSED = {httpx.codes.FORBIDDEN, httpx.codes.NOT_FOUND}


class Office:
    """The running API server, everybody's client, and what ``obligations roles`` said first."""

    def __init__(self, airflow: EmbeddedAirflow, first: dict[str, Any]) -> None:
        self.airflow, self.first = airflow, first
        self.people: dict[str, httpx.Client] = {}
        self.numbers: dict[str, str] = {}

    def roles(self, *arguments: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(obligations(self.airflow, "roles", "--json", *arguments).stdout)
        return found

    def held(self, role: str) -> set[tuple[str, str]]:
        return set(self.query(_HELD, role))

    def query(self, text: str, *values: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.airflow.home / "airflow.sqlite3", timeout=60)) as database, database:
            return database.execute(text, values).fetchall()


_HELD = """SELECT action.name, resource.name FROM ab_role JOIN ab_permission_view_role AS given ON given.role_id = ab_role.id
JOIN ab_permission_view AS pair ON pair.id = given.permission_view_id JOIN ab_permission AS action ON action.id = pair.permission_id
JOIN ab_view_menu AS resource ON resource.id = pair.view_menu_id WHERE ab_role.name = ?"""
_TAKE_AWAY = """DELETE FROM ab_permission_view_role WHERE role_id = (SELECT id FROM ab_role WHERE name = ?) AND permission_view_id =
(SELECT pair.id FROM ab_permission_view AS pair JOIN ab_permission AS action ON action.id = pair.permission_id
JOIN ab_view_menu AS resource ON resource.id = pair.view_menu_id WHERE action.name = ? AND resource.name = ?)"""


def obligations(airflow: EmbeddedAirflow, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command of ours beside this Airflow."""
    return subprocess.run(
        [sys.executable, "-m", "obligations", *arguments],
        env={**airflow.variables(), **more},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def office(tmp_path_factory) -> Iterator[Office]:
    home: Path = tmp_path_factory.mktemp("fab")
    (home / "contacts.yaml").write_text(CONTACTS, "utf-8")
    environment = {
        "OBLIGATIONS_HOME": str(home),
        "OBLIGATIONS_JURISDICTIONS": "demo",
        "OBLIGATIONS_CONTACTS": str(home / "contacts.yaml"),
        "AIRFLOW__FAB__CACHE_TTL": "0",
    }
    components = {"api-server": ("api-server",)}
    with ExitStack() as stack:
        airflow = EmbeddedAirflow(
            home / "airflow",
            dags=lay_out_dags(home / "dags"),
            port=free_port(),
            users=USERS,
            auth_manager=FAB,
            components=components,
            environment=environment,
        )
        stack.enter_context(airflow)
        airflow.wait_until_answering(TIMELY)
        airflow.command("dags", "reserialize")
        preview = obligations(airflow, "roles", "--dry-run", "--json")
        assert preview.returncode == 0, preview.stderr
        office = Office(airflow, json.loads(preview.stdout))
        assert office.query("SELECT 1 FROM ab_role WHERE name = ?", FINANCE) == []
        office.roles()
        office.numbers = airflow.make_users()
        office.people = {user: stack.enter_context(airflow.client(user)) for user in USERS}
        for client in office.people.values():
            client.timeout = httpx.Timeout(ANSWERS)
        yield office


def status(office: Office, user: str, path: str, method: str = "GET", **more: Any) -> int:
    return office.people[user].request(method, path, **more).status_code


def test_the_preview_names_what_is_then_granted(office):
    assert not office.first["applied"]
    assert set(USERS.values()) - {"Admin"} <= set(office.first["roles"])
    for role in office.first["roles"]:
        granted = {(each["action"], each["resource"]) for each in office.first["granted"] if each["role"] == role}
        assert granted <= office.held(role), role


def test_a_second_time_changes_nothing(office):
    again = office.roles()
    assert again["roles"] == again["granted"] == again["revoked"] == again["narrowed"] == []
    said = obligations(office.airflow, "roles", "--dry-run").stdout
    assert "没有变化" in said


@pytest.mark.parametrize(("user", "own", "other"), [("finance", FISCAL, LAND), ("lands", LAND, FISCAL)])
def test_a_department_reads_its_own_dags_and_no_others(office, user, own, other):
    assert status(office, user, f"/api/v2/dags/{own}") == 200
    assert status(office, user, f"/api/v2/dags/{other}") in REFUSED
    listed = {dag["dag_id"] for dag in office.people[user].get("/api/v2/dags").json()["dags"]}
    assert own in listed
    assert other not in listed
    assert listed <= {
        own,
        "record_decision",
        "report_event",
        "demo.accountability-monthly",
        "demo.accountability-yearly",
    }
    assert status(office, user, f"/api/v2/dags/{own}/dagRuns") == 200
    assert status(office, user, f"/api/v2/dags/{other}/dagRuns") in REFUSED
    assert status(office, user, f"/api/v2/dags/{other}/dagRuns", "POST", json={"logical_date": None}) in REFUSED


def test_runs_and_forms_of_others_are_not_listed_either(office):
    admin = office.people["admin"]
    for dag_id, period in ((FISCAL, "2026-09"), (LAND, "2026-Q3")):
        body = {"dag_run_id": f"start__{period}__v1", "logical_date": None, "partition_key": period}
        assert admin.post(f"/api/v2/dags/{dag_id}/dagRuns", json=body).status_code == 200
    found = office.people["finance"].get("/api/v2/dags/~/dagRuns").json()["dag_runs"]
    assert {run["dag_id"] for run in found} == {FISCAL}
    assert office.people["finance"].get("/api/v2/dags/~/dagRuns/~/hitlDetails").status_code == 200


@pytest.mark.parametrize("user", ["finance", "office", "leader"])
def test_whoever_acts_may_answer_forms_and_trigger_those_of_everybody(office, user):
    # There is no such form, which is told only to those who might have answered it.
    place = f"/api/v2/dags/{FISCAL}/dagRuns/none/taskInstances/complete/-1/hitlDetails"
    assert status(office, user, place, "PATCH", json={"chosen_options": ["送审"], "params_input": {}}) == 404
    conf = {"key": "demo/fiscal-monthly", "period": "2026-09", "decision": "progress"}
    body = {"logical_date": None, "conf": conf}
    assert status(office, user, "/api/v2/dags/record_decision/dagRuns", "POST", json=body) == 200
    answer = office.people["admin"].get("/api/v2/dags/record_decision/dagRuns").json()["dag_runs"]
    assert user in {run["triggering_user_name"] for run in answer}, "contacts know accounts by user name"


def test_an_auditor_reads_all_of_the_jurisdiction_and_changes_nothing(office):
    assert {status(office, "auditor", f"/api/v2/dags/{each}") for each in (FISCAL, LAND)} == {200}
    assert status(office, "auditor", f"/api/v2/dags/{FISCAL}/dagRuns", "POST", json={"logical_date": None}) == 403
    place = f"/api/v2/dags/{FISCAL}/dagRuns/none/taskInstances/complete/-1/hitlDetails"
    assert status(office, "auditor", place, "PATCH", json={"chosen_options": ["送审"], "params_input": {}}) == 403
    assert status(office, "auditor", f"/api/v2/dags/{FISCAL}", "PATCH", json={"is_paused": True}) == 403
    assert status(office, "auditor", "/api/v2/connections") == 403


def test_only_who_runs_the_system_sees_connections_and_every_dag(office):
    for user in ("finance", "office", "leader", "auditor"):
        assert status(office, user, "/api/v2/connections") == 403
        assert status(office, user, "/api/v2/dags/sweep") in REFUSED
    assert status(office, "keeper", "/api/v2/connections") == 200
    assert status(office, "keeper", "/api/v2/dags/sweep") == 200
    assert status(office, "keeper", "/auth/fab/v1/users") == 403, "accounts are the administrator's"


def test_our_pages_work_and_are_found_in_the_menu(office):
    for user in USERS:
        assert status(office, user, "/api/v2/plugins") == 200, "the interface reads from it which pages there are"
        assert status(office, user, "/obligations/register") == 200
    assert "您还没有登录" not in office.people["finance"].get("/obligations/").text


def test_the_pages_know_people_by_their_user_name(office):
    own, other = "/obligations/items/demo/fiscal-monthly", "/obligations/items/demo/land-supply-quarterly"
    assert status(office, "finance", own) == 200
    assert status(office, "finance", other) == 404
    assert status(office, "lands", other) == 200
    assert {status(office, "auditor", place) for place in (own, other)} == {200}
    assert ">finance<" in office.people["finance"].get(own).text.replace("\n", "").replace(" ", "")


def test_who_is_not_logged_in_is_sent_to_log_in(office):
    answer = httpx.get(f"{office.airflow.url}/obligations/register", timeout=ANSWERS)
    assert answer.status_code == 303
    assert "/auth/login" in answer.headers["Location"]


def test_the_command_says_which_accounts_are_missing_and_what_their_numbers_are(office):
    told = {each["account"]: each for each in office.roles("--dry-run")["accounts"]}
    assert told["nobody-yet"]["account_id"] is None
    assert told["finance"]["account_id"] == office.numbers["finance"]
    said = obligations(office.airflow, "roles", "--dry-run").stderr
    assert f"账号 finance 在 Airflow 的编号是 {office.numbers['finance']}" in said
    numbered = "\n".join(
        line.replace("account: finance,", f'account: finance, account_id: "{office.numbers["finance"]}",')
        for line in CONTACTS.splitlines()
    )
    place = office.airflow.home.parent / "contacts.yaml"
    place.write_text(numbered, "utf-8")
    assert "finance" not in {each["account"] for each in office.roles("--dry-run")["accounts"]}
    place.write_text(CONTACTS, "utf-8")


def test_what_an_administrator_took_away_stays_away_until_it_is_asked_for(office):
    edit = ("can_edit", f"DAG:{LAND}")
    assert edit in office.held(LANDS)
    office.query(_TAKE_AWAY, LANDS, *edit)
    for _ in range(2):
        told = office.roles()
        assert {"role": LANDS, "action": edit[0], "resource": edit[1]} in told["narrowed"]
        assert told["granted"] == []
        assert edit not in office.held(LANDS)
    assert "管理员已收回，不恢复" in obligations(office.airflow, "roles", "--dry-run").stdout
    restored = office.roles("--restore", LANDS)
    assert restored["granted"] == [{"role": LANDS, "action": edit[0], "resource": edit[1]}]
    assert edit in office.held(LANDS)
    office.query(_TAKE_AWAY, LANDS, *edit)
    assert office.roles()["granted"] == [], "given back once, and taken away again"
    office.roles("--restore", LANDS)


def test_what_an_administrator_added_stays(office):
    more = ("can_read", "Pools")
    pair = """SELECT pair.id FROM ab_permission_view AS pair JOIN ab_permission AS action ON action.id = pair.permission_id
    JOIN ab_view_menu AS resource ON resource.id = pair.view_menu_id WHERE action.name = ? AND resource.name = ?"""
    ((number,),) = office.query(pair, *more)
    insert = (
        "INSERT INTO ab_permission_view_role (role_id, permission_view_id) SELECT id, ? FROM ab_role WHERE name = ?"
    )
    office.query(insert, number, FINANCE)
    assert office.roles()["revoked"] == []
    assert more in office.held(FINANCE)


def test_a_role_that_an_administrator_deleted_is_not_made_again(office):
    role = role_name("demo", "演示单位农业农村局")
    office.query("DELETE FROM ab_permission_view_role WHERE role_id = (SELECT id FROM ab_role WHERE name = ?)", role)
    office.query("DELETE FROM ab_role WHERE name = ?", role)
    told = office.roles()
    assert told["roles"] == []
    assert {"role": role} in told["narrowed"]
    assert office.roles("--restore", role)["roles"] == [role]
    assert ("can_edit", "DAG:demo.wholesale-prices-weekly") in office.held(role)


def test_what_the_catalogue_no_longer_has_is_taken_back_and_comes_back_with_it(office, tmp_path):
    before = office.held(FINANCE)
    fewer = {"OBLIGATIONS_JURISDICTIONS": "shandong"}
    left = json.loads(obligations(office.airflow, "roles", "--json", **fewer).stdout)
    assert {"role": FINANCE, "action": "can_edit", "resource": f"DAG:{FISCAL}"} in left["revoked"]
    assert not {right for right in office.held(FINANCE) if right[1].startswith("DAG:demo")}
    office.roles()
    assert office.held(FINANCE) == before


def test_a_catalogue_with_faults_takes_nothing_back(office, tmp_path):
    for name in ("demo", "shandong"):
        (tmp_path / name).symlink_to(REPOSITORY / "include/obligations/catalogue" / name)
    (tmp_path / "demo").unlink()
    (tmp_path / "demo").mkdir()
    for file in (REPOSITORY / "include/obligations/catalogue/demo").iterdir():
        (tmp_path / "demo" / file.name).write_bytes(file.read_bytes())
    (tmp_path / "demo" / "fiscal-monthly.yaml").write_text("title: [", "utf-8")
    answer = obligations(office.airflow, "roles", "--json", OBLIGATIONS_CATALOGUE=str(tmp_path))
    assert json.loads(answer.stdout)["revoked"] == []
    assert "不收回任何权限" in answer.stderr
    assert ("can_edit", f"DAG:{FISCAL}") in office.held(FINANCE)


def test_another_auth_manager_and_an_unknown_role_are_refused(office):
    simple = {
        "AIRFLOW__CORE__AUTH_MANAGER": "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager"
    }
    answer = obligations(office.airflow, "roles", **simple)
    assert answer.returncode == 2
    assert "FabAuthManager" in answer.stderr
    answer = obligations(office.airflow, "roles", "--restore", "没有的角色")
    assert answer.returncode == 2
    assert "没有角色 没有的角色" in answer.stderr

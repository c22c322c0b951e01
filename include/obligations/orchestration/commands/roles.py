"""The command ``roles``: FabAuthManager's roles as the catalogue has them, with the difference shown in Chinese."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from obligations.orchestration.access.granting import ITSELF, Difference, difference, grant
from obligations.orchestration.access.rights import Right, Rights, rights_by_catalogue
from obligations.orchestration.commands.look_up import folder_of, notes_on
from obligations.orchestration.commands.outcome import Door, Outcome, Rows
from obligations.orchestration.people import directory_of
from obligations.rules.catalogue import load
from obligations.words.contacts import Person
from obligations.words.errors import ObligationsError, UnusableInput

_FAB = "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"
_SHOWN = 3  # DAGs named in one cell
_ACTIONS = {
    "can_read": "查看",
    "can_edit": "办理",
    "can_create": "新建",
    "can_delete": "删除",
    "menu_access": "菜单",
}


def sync_roles(door: Door, *, dry_run: bool, restore: Sequence[str]) -> Outcome:
    """Make and grant what is lacking, take back what the catalogue no longer has; with ``dry_run`` only say it.

    Nothing is taken back while a file of the catalogue has faults: its obligations are only lost for the moment. Raises
    UnusableInput where Airflow's auth manager is another, its database is not ready, or a role to restore is unknown.
    """
    from airflow.configuration import conf
    from airflow.utils.session import create_session

    if (manager := conf.get("core", "auth_manager")) != _FAB:
        raise UnusableInput(f"角色由 FabAuthManager 管理，而 AIRFLOW__CORE__AUTH_MANAGER 现为 {manager}，应为 {_FAB}")
    catalogue = load(folder_of(door))
    served = [each for each in catalogue.obligations.values() if door.settings.serves(each.jurisdiction.slug)]
    wanted = rights_by_catalogue(served)
    if unknown := sorted(set(restore) - wanted.keys()):
        raise UnusableInput(
            f"没有角色 {'、'.join(unknown)}；角色写作“辖区·单位”，名称见 obligations roles --dry-run --json"
        )
    with create_session() as session:
        if not inspect(session.connection()).has_table("ab_role"):
            raise UnusableInput("Airflow 的数据库中没有角色表；请先运行 airflow db migrate")
        found = difference(session, wanted, keep=bool(catalogue.faults), restore=restore)
        if not dry_run:
            grant(session, wanted, found)
        people, unread = _people(door)
        accounts = _accounts(session, people)
    value = {
        "applied": not dry_run,
        "all_roles": list(wanted),
        "roles": list(found.roles),
        **{name: _as_json(getattr(found, name)) for name in ("granted", "revoked", "narrowed")},
        "accounts": accounts,
    }
    faulty = ("任务清单有误，这一次不收回任何权限",) if catalogue.faults else ()
    return Outcome(
        value,
        _say(found, wanted, dry_run=dry_run),
        (*faulty, *unread, *_say_accounts(accounts), *notes_on(catalogue.faults)),
    )


def _people(door: Door) -> tuple[tuple[Person, ...], tuple[str, ...]]:
    """Return the people of the contacts; where these cannot be read, which a first start meets, nobody and why."""
    try:
        return directory_of(door.settings).file.people, ()
    except ObligationsError as error:
        return (), (f"没有核对通讯录中的账号：{error}",)


def _accounts(session: Session, people: Iterable[Person]) -> list[dict[str, str | None]]:
    """Return the accounts of the contacts that Airflow does not know, or knows by another number than is on file."""
    from airflow.providers.fab.auth_manager.models import User

    numbers = {name: str(number) for name, number in session.execute(select(User.username, User.id))}
    named = [person for person in people if person.account is not None]
    return [
        {
            "person": person.id,
            "account": person.account,
            "on_file": person.account_id,
            "account_id": numbers.get(person.account or ""),
        }
        for person in named
        if numbers.get(person.account or "") is None or numbers[person.account or ""] != person.account_id
    ]


def _say_accounts(accounts: Sequence[dict[str, str | None]]) -> tuple[str, ...]:
    return tuple(
        f"通讯录 {each['person']}：Airflow 没有账号 {each['account']}，请先建立账号或更正 account"
        if each["account_id"] is None
        else f"通讯录 {each['person']}：账号 {each['account']} 在 Airflow 的编号是 {each['account_id']}，"
        f"通讯录 account_id {'写作 ' + each['on_file'] if each['on_file'] else '没有填写'}；填对后，表单只列出应办理的人"
        for each in accounts
    )


def _as_json(pairs: Iterable[tuple[str, Right]]) -> list[dict[str, str]]:
    return [
        {"role": role} if right == ITSELF else {"role": role, "action": right.action, "resource": right.resource}
        for role, right in pairs
    ]


def _say(found: Difference, wanted: Rights, *, dry_run: bool) -> tuple[str | Rows, ...]:
    told: list[str | Rows] = []
    parts = (("新增", found.granted), ("收回", found.revoked), ("管理员已收回，不恢复", found.narrowed))
    rows = [
        (role, "新建角色" if sign == "新增" and role in found.roles else sign, _say_rights(rights))
        for sign, pairs in parts
        for role, rights in _by_role(pairs).items()
    ]
    if rows:
        told.append(Rows(("角色", "变化", "权限"), rows))
    counts = f"应有角色 {len(wanted)} 个：新建 {len(found.roles)} 个，新增权限 {len(found.granted)} 项，收回 {len(found.revoked)} 项"
    done = "没有变化" if found.is_none else "以上为预览，没有改动；不写 --dry-run 即执行" if dry_run else "已更新"
    told.append(f"{counts}；管理员收回而不恢复 {len(found.narrowed)} 项。{done}")
    return tuple(told)


def _by_role(pairs: Iterable[tuple[str, Right]]) -> dict[str, list[Right]]:
    found: dict[str, list[Right]] = {}
    for role, right in pairs:
        found.setdefault(role, []).append(right)
    return found


def _say_rights(rights: Sequence[Right]) -> str:
    """Say rights in a cell: DAGs by action with the first names, the others in full."""
    if ITSELF in rights:
        return "整个角色"
    said = []
    for action, label in _ACTIONS.items():
        resources = [right.resource for right in rights if right.action == action]
        dags = [name.removeprefix("DAG:") for name in resources if name.startswith("DAG:")]
        if dags:
            more = f" 等 {len(dags)} 个" if len(dags) > _SHOWN else ""
            said.append(f"{label}流程 {'、'.join(dags[:_SHOWN])}{more}")
        if others := [name for name in resources if not name.startswith("DAG:")]:
            said.append(f"{label} {'、'.join(others)}")
    return "；".join(said)

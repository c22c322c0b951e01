"""Brings FabAuthManager's roles to what they are to have, without giving back what an administrator took away.

What was granted is remembered beside the roles, in Airflow's own database, so that both are restored from one backup: a
right that is remembered but no longer there was taken away by a person, and stays away. Everything happens in one
transaction, or nothing does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Column, MetaData, String, Table, delete, insert, inspect, select
from sqlalchemy.orm import Session

from obligations.orchestration.access.rights import Right, Rights

if TYPE_CHECKING:
    Pair = tuple[str, Right]

MEMORY = Table(
    "obligations_role_grant",
    MetaData(),
    Column("role", String(64), primary_key=True),
    Column("action", String(100), primary_key=True),
    Column("resource", String(250), primary_key=True),
    Column("ours", Boolean, nullable=False),
)
"""Rights that were given (``ours``) or found there; with an empty action and resource the role itself."""
ITSELF = Right("", "")


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between the roles as they are and as the catalogue has them.

    Attributes:
        roles: to be made; granted, revoked: rights to be given, and taken back because the catalogue no longer has them.
        narrowed: what an administrator took away; it stays away. ``ITSELF`` for a whole role.
    """

    roles: tuple[str, ...]
    granted: tuple[Pair, ...]
    revoked: tuple[Pair, ...]
    narrowed: tuple[Pair, ...]

    @property
    def is_none(self) -> bool:
        """Whether nothing is to be done."""
        return not (self.roles or self.granted or self.revoked)


def difference(session: Session, wanted: Rights, *, keep: bool = False, restore: Collection[str] = ()) -> Difference:
    """Compare, changing nothing.

    Args:
        session: on Airflow's database.
        wanted: rights by role.
        keep: take nothing back, because the catalogue could not be read in full.
        restore: roles whose memory is passed over: what was taken away from them is given back.
    """
    remembered = {pair: ours for pair, ours in _remembered(session).items() if pair[0] not in restore}
    roles = {*wanted, *(role for role, _ in remembered)}
    ids = _role_ids(session, roles)
    held = _held(session, ids)
    removed = {role for role in wanted if role not in ids and (role, ITSELF) in remembered}
    lacking = [
        (role, right) for role, rights in wanted.items() for right in sorted(rights) if (role, right) not in held
    ]
    granted = [pair for pair in lacking if pair[0] not in removed and pair not in remembered]
    narrowed = [pair for pair in lacking if pair[0] not in removed and pair in remembered]
    narrowed += [(role, ITSELF) for role in sorted(removed)]
    stale = [
        (role, right)
        for (role, right), ours in remembered.items()
        if ours and (role, right) in held and right not in wanted.get(role, frozenset())
    ]
    made = tuple(role for role in wanted if role not in ids and role not in removed)
    return Difference(made, tuple(granted), () if keep else tuple(sorted(stale)), tuple(narrowed))


def grant(session: Session, wanted: Rights, found: Difference) -> None:
    """Carry a difference out and remember it; the caller commits."""
    MEMORY.create(session.connection(), checkfirst=True)
    from airflow.providers.fab.auth_manager.models import Role, assoc_permission_role

    session.add_all(Role(name=role) for role in found.roles)
    permissions = _permission_ids(session, {right for _, right in found.granted}, make=True)
    ids = _role_ids(session, wanted.keys() | {role for role, _ in found.revoked})
    if found.granted:
        rows = [{"role_id": ids[role], "permission_view_id": permissions[right]} for role, right in found.granted]
        session.execute(insert(assoc_permission_role), rows)
    gone = _permission_ids(session, {right for _, right in found.revoked}, make=False)
    place = assoc_permission_role.c
    for role, right in found.revoked:
        of_role = (place.role_id == ids[role]) & (place.permission_view_id == gone[right])
        session.execute(delete(assoc_permission_role).where(of_role))
    _remember(session, wanted, found, ids)


def _remember(session: Session, wanted: Rights, found: Difference, ids: dict[str, int]) -> None:
    """Remember all that is wanted and there, and forget what we took back ourselves."""
    remembered = _remembered(session)
    here = {(role, right): False for role in wanted.keys() & ids.keys() for right in (*wanted[role], ITSELF)}
    here |= dict.fromkeys(found.granted, True) | {(role, ITSELF): True for role in found.roles}
    narrowed = set(found.narrowed)
    new = [(pair, ours) for pair, ours in here.items() if pair not in remembered and pair not in narrowed]
    place = MEMORY.c
    again = [pair for pair in found.granted if pair in remembered]  # given back on request
    for role, right in (*found.revoked, *again):
        known = (place.role == role) & (place.action == right.action) & (place.resource == right.resource)
        session.execute(delete(MEMORY).where(known))
    new += [(pair, True) for pair in again]
    if new:
        rows = [
            {"role": role, "action": right.action, "resource": right.resource, "ours": ours}
            for (role, right), ours in new
        ]
        session.execute(insert(MEMORY), rows)


def _remembered(session: Session) -> dict[Pair, bool]:
    if not inspect(session.connection()).has_table(MEMORY.name):
        return {}
    return {(row.role, Right(row.action, row.resource)): row.ours for row in session.execute(select(MEMORY))}


def _role_ids(session: Session, names: Collection[str]) -> dict[str, int]:
    from airflow.providers.fab.auth_manager.models import Role

    found = session.execute(select(Role.name, Role.id))
    return {name: number for name, number in found if name in names}


def _held(session: Session, ids: dict[str, int]) -> set[Pair]:
    """Return every right that one of these roles has."""
    from airflow.providers.fab.auth_manager.models import Action, Permission, Resource, Role, assoc_permission_role

    rows = session.execute(
        select(Role.name, Action.name, Resource.name)
        .join(assoc_permission_role, assoc_permission_role.c.role_id == Role.id)
        .join(Permission, Permission.id == assoc_permission_role.c.permission_view_id)
        .join(Action, Action.id == Permission.action_id)
        .join(Resource, Resource.id == Permission.resource_id)
    )
    return {(role, Right(action, resource)) for role, action, resource in rows if role in ids}


def _permission_ids(session: Session, rights: Collection[Right], *, make: bool) -> dict[Right, int]:
    """Return Airflow's number of each right; what it does not know yet is made where ``make``."""
    from airflow.providers.fab.auth_manager.models import Action, Permission, Resource

    if make:
        _make_names(session, Action, {right.action for right in rights})
        _make_names(session, Resource, {right.resource for right in rights})
    actions = dict(session.execute(select(Action.name, Action.id)).tuples().all())
    resources = dict(session.execute(select(Resource.name, Resource.id)).tuples().all())
    place = select(Permission.action_id, Permission.resource_id, Permission.id)
    known = {(action, resource): number for action, resource, number in session.execute(place)}
    if make:
        pairs = {(actions[right.action], resources[right.resource]) for right in rights} - known.keys()
        session.add_all(Permission(action_id=action, resource_id=resource) for action, resource in sorted(pairs))
        session.flush()
        known = {(action, resource): number for action, resource, number in session.execute(place)}
    return {right: known[actions[right.action], resources[right.resource]] for right in rights}


def _make_names(session: Session, model: Any, names: Iterable[str]) -> None:
    known = set(session.scalars(select(model.name)))
    session.add_all(model(name=name) for name in sorted(set(names) - known))
    session.flush()

"""Who may read an obligation's files, asked of Airflow's auth manager for every request; and what is said of what is not there."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails
from airflow.api_fastapi.core_api.security import GetUserDep
from fastapi import Depends, HTTPException, status

from obligations.orchestration.settings import Settings
from obligations.orchestration.upkeep.purges import name_in_store
from obligations.rules.catalogue import load_one
from obligations.steps.ledger import Tombstone
from obligations.words.errors import ObligationsError
from obligations.words.obligation import Obligation
from obligations.words.times import say_instant


def reader(jurisdiction: str, slug: str, user: GetUserDep) -> BaseUser:
    """Let pass who may read the obligation's DAG."""
    details = DagDetails(id=f"{jurisdiction}.{slug}")
    if not get_auth_manager().is_authorized_dag(method="GET", details=details, user=user):
        raise HTTPException(status.HTTP_403_FORBIDDEN, "没有查看本事项稿件的权限")
    return user


Reader = Annotated[BaseUser, Depends(reader)]


def require_may_answer(jurisdiction: str, slug: str, user: BaseUser) -> None:
    """Raise 403 for who may not answer the forms of the obligation's DAG: of contacts and roles Airflow knows nothing."""
    details = DagDetails(id=f"{jurisdiction}.{slug}")
    may = get_auth_manager().is_authorized_dag(
        method="PUT", access_entity=DagAccessEntity.HITL_DETAIL, details=details, user=user
    )
    if not may:
        raise HTTPException(status.HTTP_403_FORBIDDEN, "没有办理本事项的权限，不能上传")


def obligation_of(settings: Settings, key: str) -> Obligation:
    """Return an obligation of the catalogue; raises 404 where there is none that can be loaded."""
    try:
        return load_one(settings.catalogue, key)
    except ObligationsError:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "没有这个事项") from None


def refuse_if_purged(path: Path, store: Path, purged: Iterable[Tombstone]) -> None:
    """Raise 410 with the reason and the day for a file of which only the tombstone is left."""
    name = name_in_store(path, store)
    for tombstone in purged:
        if tombstone.name == name:
            why = f"理由：{tombstone.reason}；批准：{tombstone.authority}"
            said = f"这份稿件已按规定清除（{say_instant(tombstone.at)}，{why}），台账记录仍在"
            raise HTTPException(status.HTTP_410_GONE, said)


def require_kept(path: Path) -> None:
    """Raise 404 for a file of a draft that the store has lost."""
    if not path.is_file():
        raise HTTPException(status.HTTP_404_NOT_FOUND, "这份稿件的文件不在草稿库中，请系统运维从备份恢复")

"""The forms of a run that wait for a person, and the answer given: Airflow's own review API, asked as the person logged in.

The API is called within this process and with the caller's own credential, so that Airflow itself decides who may see and
answer, keeps its own audit log and refuses a second answer, exactly as on its own page. What an answer must hold is the
task's to judge when it resumes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx
from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.base_auth_manager import COOKIE_NAME_JWT_TOKEN
from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails
from fastapi import Request

_SAID = {
    HTTPStatus.BAD_REQUEST: "提交的办理意见不是表单提供的选项，没有登记；请刷新页面后重新选择",
    HTTPStatus.UNAUTHORIZED: "登录已经失效，没有登记；请重新登录后再提交",
    HTTPStatus.FORBIDDEN: "您不在这张表单的办理人之列，没有登记；办理人由通讯录中的角色决定",
    HTTPStatus.NOT_FOUND: "这张表单已经不在等待办理，没有登记；请刷新页面",
    HTTPStatus.CONFLICT: "这张表单已有人办理，没有重复登记；请刷新页面",
}
_BUSY = "Airflow 暂时没有应答，没有登记；请稍后再提交一次"


@dataclass(frozen=True, slots=True)
class ParkedForm:
    """One form that waits for an answer.

    Attributes:
        task: id of the task; label: what people call it.
        options: the buttons; fields: label by field name.
        assigned: user names of those who may answer; empty for everybody with Airflow's right to.
        is_mine: whether the person logged in may answer it now.
    """

    task: str
    label: str
    subject: str
    options: tuple[str, ...]
    fields: Mapping[str, str]
    assigned: tuple[str, ...]
    is_mine: bool


async def parked_forms(request: Request, user: BaseUser, dag_id: str, run_id: str) -> tuple[ParkedForm, ...]:
    """Return what waits for a person in a run, as far as Airflow lets this one see it."""
    path = f"/api/v2/dags/{quote(dag_id)}/dagRuns/{quote(run_id, safe='')}/hitlDetails"
    answer = await _ask(request, "GET", f"{path}?response_received=false&state=awaiting_input&limit=50")
    if answer is None or answer.status_code != HTTPStatus.OK:
        return ()
    manager, details = get_auth_manager(), DagDetails(id=dag_id)
    entity = DagAccessEntity.HITL_DETAIL
    may = manager.is_authorized_dag(method="PUT", access_entity=entity, details=details, user=user)
    return tuple(_form(found, user, may=may) for found in answer.json()["hitl_details"])


async def send_answer(
    request: Request, dag_id: str, run_id: str, task: str, option: str, fields: Mapping[str, str]
) -> str:
    """Answer a form; return what to tell the person where Airflow did not take it, else nothing."""
    run = f"/api/v2/dags/{quote(dag_id)}/dagRuns/{quote(run_id, safe='')}"
    path = f"{run}/taskInstances/{quote(task, safe='')}/-1/hitlDetails"
    answer = await _ask(request, "PATCH", path, {"chosen_options": [option], "params_input": dict(fields)})
    if answer is None:
        return _SAID[HTTPStatus.UNAUTHORIZED]
    if answer.is_success:
        return ""
    return _SAID.get(HTTPStatus(answer.status_code), _BUSY)


async def _ask(request: Request, method: str, path: str, body: Any = None) -> httpx.Response | None:
    """Send a request to Airflow's API server, which is this process; None for who brought no credential of their own."""
    if (bearer := request.headers.get("authorization")) is not None:
        credential = {"Authorization": bearer}
    elif token := request.cookies.get(COOKIE_NAME_JWT_TOKEN):
        credential = {"Cookie": f"{COOKIE_NAME_JWT_TOKEN}={token}"}
    else:
        return None
    from airflow.api_fastapi.main import (
        app,
    )  # the server that serves this very page; loading it earlier would go in circles

    client = (request.client.host, request.client.port) if request.client else ("127.0.0.1", 0)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False, client=client)
    here = f"{request.url.scheme}://{request.url.netloc}"
    async with httpx.AsyncClient(transport=transport, base_url=here, headers=credential) as airflow:
        return await airflow.request(method, path, json=body)


def _form(found: Mapping[str, Any], user: BaseUser, *, may: bool) -> ParkedForm:
    assigned = found["assigned_users"]
    ids = {each["id"] for each in assigned}
    mine = may and (not ids or get_auth_manager().is_authorized_hitl_task(assigned_users=ids, user=user))
    task = found["task_instance"]
    fields = {name: str(field["schema"].get("title") or name) for name, field in found["params"].items()}
    return ParkedForm(
        task=task["task_id"],
        label=task["task_display_name"],
        subject=found["subject"],
        options=tuple(found["options"]),
        fields=fields,
        assigned=tuple(each["name"] for each in assigned),
        is_mine=mine,
    )

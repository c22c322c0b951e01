"""The ways from Airflow's pages of a DAG or a run to ours of the obligation or its occurrence."""

from __future__ import annotations

import re
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, status
from fastapi.responses import RedirectResponse

from obligations.orchestration.pages.scope import CurrentScope
from obligations.orchestration.pages.shell import HEADERS, PREFIX

_RUN = re.compile(r"(?:start|scheduled)__(.+)__v\d+")

router = APIRouter(prefix="/dags")


@router.get("/{dag_id}")
def to_item(dag_id: str, scope: CurrentScope) -> RedirectResponse:
    """Lead to the obligation of a DAG; 404 for a DAG that is none's."""
    return _to(f"{PREFIX}/items/{scope.require(_key_of(dag_id)).key}")


@router.get("/{dag_id}/runs/{run_id}")
def to_occurrence(dag_id: str, run_id: str, scope: CurrentScope) -> RedirectResponse:
    """Lead to the occurrence that a run works on; to the obligation where its id names no period."""
    obligation = scope.require(_key_of(dag_id))
    found = _RUN.fullmatch(run_id)
    if found is None:
        return _to(f"{PREFIX}/items/{obligation.key}")
    return _to(f"{PREFIX}/occurrences/{obligation.key}/{quote(found[1], safe='')}")


def _key_of(dag_id: str) -> str:
    if "." not in dag_id:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "这不是公开事项的流程")
    return dag_id.replace(".", "/", 1)


def _to(address: str) -> RedirectResponse:
    return RedirectResponse(address, status.HTTP_303_SEE_OTHER, headers=HEADERS)

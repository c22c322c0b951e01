"""Pages and files that people open from Airflow: drafts of a version, for whoever may read its DAG. Server-side rights.

Served by Airflow's API server below ``/obligations``; every route asks Airflow's auth manager, for every object.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.auth.managers.models.resource_details import DagDetails
from airflow.api_fastapi.core_api.security import GetUserDep
from fastapi import Depends, FastAPI, HTTPException, status
from fastapi.responses import FileResponse

from obligations.orchestration.settings import Settings
from obligations.steps.ledger import open_ledger

# A draft is looked at, never run: no script, no request to anywhere, no framing by another site.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_SHOWN = {".html", ".txt", ".json"}

app = FastAPI(title="政务公开工作台账系统", docs_url=None, redoc_url=None, openapi_url=None)


def _reader(jurisdiction: str, slug: str, user: GetUserDep) -> BaseUser:
    """Let pass who may read the obligation's DAG."""
    details = DagDetails(id=f"{jurisdiction}.{slug}")
    if not get_auth_manager().is_authorized_dag(method="GET", details=details, user=user):
        raise HTTPException(status.HTTP_403_FORBIDDEN, "没有查看本事项稿件的权限")
    return user


@app.get("/drafts/{jurisdiction}/{slug}/{period}/v{version}/{name}")
def draft_file(
    jurisdiction: str, slug: str, period: str, version: int, name: str, _: Annotated[BaseUser, Depends(_reader)]
) -> FileResponse:
    """Return one file of one draft; only names that the ledger lists for that version exist."""
    with open_ledger(Settings.from_environment().ledger_url) as ledger:
        drafts = ledger.drafts(f"{jurisdiction}/{slug}", period)
    for draft in reversed(drafts):
        if draft.version == version and draft.state != "final" and name in draft.files:
            path = Path(draft.folder) / name
            shown = "inline" if path.suffix in _SHOWN else "attachment"
            return FileResponse(
                path, headers=_HEADERS, filename=f"{period}-v{version}-{name}", content_disposition_type=shown
            )
    raise HTTPException(status.HTTP_404_NOT_FOUND, "没有这份稿件")

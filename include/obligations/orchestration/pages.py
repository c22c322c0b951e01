"""Pages and files that people open from Airflow: drafts of a version, for whoever may read its DAG. Server-side rights.

Served by Airflow's API server below ``/obligations``; every route asks Airflow's auth manager, for every object.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode, urljoin

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.auth.managers.models.resource_details import DagDetails
from airflow.api_fastapi.core_api.security import GetUserDep
from fastapi import Depends, FastAPI, HTTPException, Request, status
from fastapi.responses import FileResponse, PlainTextResponse, RedirectResponse, Response

from obligations.orchestration import pages_feedback, pages_notices
from obligations.orchestration.purges import name_in_store
from obligations.orchestration.settings import Settings
from obligations.steps.ledger import Tombstone, open_ledger, tombstones
from obligations.words.times import say_instant

# A draft is looked at, never run: no script, no request to anywhere, no framing by another site.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_SHOWN = {".html", ".txt", ".json"}

app = FastAPI(title="政务公开工作台账系统", docs_url=None, redoc_url=None, openapi_url=None)
app.include_router(pages_notices.router)
app.include_router(pages_feedback.router)


@app.exception_handler(HTTPException)
def say_refusal(request: Request, refusal: HTTPException) -> Response:
    """Tell people, not programs, what is wrong; who is not logged in and follows a link logs in first."""
    if refusal.status_code == status.HTTP_401_UNAUTHORIZED and request.method == "GET":
        base = Settings.from_environment().base_url
        asked = {"next": urljoin(f"{base}/", request.url.path)}
        return RedirectResponse(f"{base}/api/v2/auth/login?{urlencode(asked)}", status.HTTP_303_SEE_OTHER, _HEADERS)
    return PlainTextResponse(str(refusal.detail), refusal.status_code, _HEADERS)


def _reader(jurisdiction: str, slug: str, user: GetUserDep) -> BaseUser:
    """Let pass who may read the obligation's DAG."""
    details = DagDetails(id=f"{jurisdiction}.{slug}")
    if not get_auth_manager().is_authorized_dag(method="GET", details=details, user=user):
        raise HTTPException(status.HTTP_403_FORBIDDEN, "没有查看本事项稿件的权限")
    return user


@app.get("/drafts/{jurisdiction}/{slug}/{period}/v{version}/{name}")
def draft_file(
    jurisdiction: str, slug: str, period: str, version: int, name: str, user: Annotated[BaseUser, Depends(_reader)]
) -> FileResponse:
    """Return one file of one draft; only names that the ledger lists for that version exist, or existed."""
    settings = Settings.from_environment()
    with open_ledger(settings.ledger_url) as ledger:
        drafts = ledger.drafts(f"{jurisdiction}/{slug}", period)
        purged = tombstones(ledger, f"{jurisdiction}/{slug}", period)
        row = ledger.occurrence(f"{jurisdiction}/{slug}", period)
    if row is None or row.closed_at is None:
        pages_feedback.refuse_departments(settings, jurisdiction, slug, user.get_name())
    for draft in reversed(drafts):
        if draft.version == version and draft.state != "final" and name in draft.files:
            path = Path(draft.folder) / name
            refuse_if_purged(path, settings.store, purged)
            shown = "inline" if path.suffix in _SHOWN else "attachment"
            return FileResponse(
                path, headers=_HEADERS, filename=f"{period}-v{version}-{name}", content_disposition_type=shown
            )
    raise HTTPException(status.HTTP_404_NOT_FOUND, "没有这份稿件")


def refuse_if_purged(path: Path, store: Path, purged: Iterable[Tombstone]) -> None:
    """Raise 410 with the reason and the day for a file of which only the tombstone is left."""
    name = name_in_store(path, store)
    for tombstone in purged:
        if tombstone.name == name:
            why = f"理由：{tombstone.reason}；批准：{tombstone.authority}"
            said = f"这份稿件已按规定清除（{say_instant(tombstone.at)}，{why}），台账记录仍在"
            raise HTTPException(status.HTTP_410_GONE, said)

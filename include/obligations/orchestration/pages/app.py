"""Pages and files that people open from Airflow: drafts of a version, for whoever may read its DAG. Server-side rights.

Served by Airflow's API server below ``/obligations``; every route asks Airflow's auth manager, for every object.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlencode, urljoin

from fastapi import Depends, FastAPI, HTTPException, Request, status
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException as Refusal

from obligations.orchestration.pages import (
    attaching,
    attachments,
    calendar,
    events,
    feedback,
    feeds,
    from_airflow,
    item,
    notices,
    occurrence,
    punctuality,
    register,
    shell,
    system,
    tables,
    today,
    uploads,
)
from obligations.orchestration.pages.memory import spare_what_is_loaded
from obligations.orchestration.pages.readers import Reader, refuse_if_purged, require_kept
from obligations.orchestration.pages.scope import refuse_outsiders
from obligations.orchestration.settings import Settings
from obligations.steps.ledger import open_ledger, tombstones
from obligations.words.errors import ObligationsError

# A draft is looked at, never run: no script, no form, no request to anywhere, no framing by another site.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; "
    "base-uri 'none'; form-action 'none'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_UNKNOWN = {404: "没有这个页面", 405: "这个网址不能这样使用，请从页面上操作"}
"""What is said where no route of ours was reached."""
_SHOWN = {".html", ".txt", ".json"}
log = logging.getLogger(__name__)


async def refuse_unspeakable(request: Request) -> None:
    """Refuse an address with a NUL in it: no name of ours has one, and PostgreSQL takes it in no text."""
    if any("\0" in str(part) for part in request.path_params.values()):
        raise HTTPException(status.HTTP_404_NOT_FOUND, _UNKNOWN[404])


app = FastAPI(
    title="政务公开工作台账系统",
    docs_url=None,
    redoc_url=None,
    openapi_url=None,
    dependencies=[Depends(spare_what_is_loaded), Depends(refuse_unspeakable)],
)
app.include_router(notices.router)
app.include_router(feedback.router)
app.include_router(uploads.router)
app.include_router(attachments.router)
app.include_router(occurrence.router)
app.include_router(attaching.router)
app.include_router(calendar.router)
app.include_router(feeds.router)
app.include_router(from_airflow.router)
app.include_router(register.router)
app.include_router(punctuality.router)
app.include_router(item.router)
app.include_router(shell.router)
app.include_router(today.router)
app.include_router(events.router)
app.include_router(system.router)
app.include_router(tables.router)


@app.exception_handler(Refusal)
def say_refusal(request: Request, refusal: Refusal) -> Response:
    """Tell people, not programs, what is wrong; who is not logged in and follows a link logs in first."""
    if refusal.status_code == status.HTTP_401_UNAUTHORIZED and request.method == "GET":
        base = Settings.from_environment().base_url
        place = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        asked = {"next": urljoin(f"{base}/", place)}
        return RedirectResponse(f"{base}/api/v2/auth/login?{urlencode(asked)}", status.HTTP_303_SEE_OTHER, _HEADERS)
    said = _UNKNOWN.get(refusal.status_code, "") if refusal.detail == HTTPStatus(refusal.status_code).phrase else ""
    return PlainTextResponse(said or str(refusal.detail), refusal.status_code, {**(refusal.headers or {}), **_HEADERS})


@app.exception_handler(RequestValidationError)
def say_unreadable(_: Request, refusal: RequestValidationError) -> Response:
    """Name the parts of an address that cannot be read; nothing of it is repeated."""
    names = sorted({str(fault["loc"][-1]) for fault in refusal.errors()})
    return PlainTextResponse(f"网址中的 {'、'.join(names)} 无法识别，请从页面上的链接打开", 422, _HEADERS)


@app.exception_handler(ObligationsError)
@app.exception_handler(SQLAlchemyError)
def say_unable(request: Request, error: Exception) -> Response:
    """Say that a file of the installation or the ledger is at fault; the error, which may name people, goes to the log."""
    log.error("%s %r was not answered", request.method, request.url.path, exc_info=error)
    said = "系统暂时不能处理：设置文件有误，或者台账不能读写；请稍后再试，仍不行请系统运维查看 API 服务的日志"
    return PlainTextResponse(said, status.HTTP_503_SERVICE_UNAVAILABLE, _HEADERS)


@app.get("/drafts/{jurisdiction}/{slug}/{period}/v{version}/{name}")
def draft_file(jurisdiction: str, slug: str, period: str, version: int, name: str, user: Reader) -> FileResponse:
    """Return one file of one draft; only names that the ledger lists for that version exist, or existed."""
    settings, key = Settings.from_environment(), f"{jurisdiction}/{slug}"
    refuse_outsiders(settings, key, user.get_name())
    with open_ledger(settings.ledger_url) as ledger:
        drafts = ledger.drafts(key, period)
        purged = tombstones(ledger, key, period)
        row = ledger.occurrence(key, period)
    feedback.refuse_departments(settings, key, row, user.get_name())
    for draft in reversed(drafts):
        if draft.version == version and draft.state != "final" and name in draft.files:
            path = Path(draft.folder) / name
            refuse_if_purged(path, settings.store, purged)
            require_kept(path)
            shown = "inline" if path.suffix in _SHOWN else "attachment"
            return FileResponse(
                path, headers=_HEADERS, filename=f"{period}-v{version}-{name}", content_disposition_type=shown
            )
    raise HTTPException(status.HTTP_404_NOT_FOUND, "没有这份稿件")

"""The page on which an edited Word file comes back: what it is for, the file, and what the check found in it.

For the responsible person and the reviewers, asked on the server for every request; programs get JSON. What becomes of
the file is ``uploads.receiving``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated, Any

from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.common.db.common import SessionDep
from fastapi import APIRouter, Depends, HTTPException, Request, status
from fastapi.responses import HTMLResponse, JSONResponse, Response

from obligations.orchestration.pages.clock import now
from obligations.orchestration.pages.forms import FORM_HEADERS, page_template
from obligations.orchestration.pages.multipart import Posted, read_upload, require_own_request, wants_json
from obligations.orchestration.pages.readers import Reader, obligation_of, require_may_answer
from obligations.orchestration.pages.tokens import token_of
from obligations.orchestration.pages.waking import wake_sweep
from obligations.orchestration.people import NotAllowed, require_may_upload
from obligations.orchestration.review.forms import draft_address
from obligations.orchestration.settings import Settings
from obligations.orchestration.uploads.receiving import (
    ClassifiedRefused,
    NotOpenForUploads,
    Received,
    UploadRefused,
    base_of,
    receive,
)
from obligations.orchestration.work import Work, open_work
from obligations.rules.drafts_check.findings import Finding
from obligations.rules.reviews import chain_of
from obligations.steps.ledger import Draft
from obligations.words.errors import BadInput, NotPublishable, ObligationsError, UnusableInput
from obligations.words.times import say_due

_PLACE = "/uploads/{jurisdiction}/{slug}/{period}"
_DOCUMENT = "document.docx"

router = APIRouter()


@router.get(_PLACE)
def show_form(jurisdiction: str, slug: str, period: str, user: Reader) -> HTMLResponse:
    """Show which version there is and the form for the edited file."""
    with _opened(jurisdiction, slug, period, user) as work:
        try:
            return _page(work, user, base_of(work))
        except NotOpenForUploads as closed:
            return _page(work, user, None, refusal=str(closed), code=status.HTTP_409_CONFLICT)


def _allowed(jurisdiction: str, slug: str, period: str, user: Reader) -> BaseUser:
    """Let pass who may upload, before a byte of the file is read."""
    with _opened(jurisdiction, slug, period, user):
        return user


async def _posted(request: Request, user: Annotated[BaseUser, Depends(_allowed)]) -> Posted:  # noqa: ARG001 - rights come first
    return await read_upload(request)


@router.post(_PLACE)
def upload(
    jurisdiction: str,
    slug: str,
    period: str,
    request: Request,
    user: Reader,
    posted: Annotated[Posted, Depends(_posted)],
    session: SessionDep,
) -> Response:
    """Receive an edited file under the name of who is logged in, and let the next version be made at once."""
    settings = Settings.from_environment()
    act = f"upload:{jurisdiction}/{slug}:{period}"
    require_own_request(settings, request, posted.fields.get("token", ""), user.get_id(), act)
    with _opened(jurisdiction, slug, period, user) as work:
        if not posted.name:
            return _refused(work, user, request, UploadRefused("没有收到文件，请选择改过的 Word 文件"))
        try:
            note = posted.fields.get("note", "")
            received = receive(work, posted.data, posted.name, user.get_name(), note, now())
        except (UploadRefused, BadInput, NotPublishable) as refused:
            return _refused(work, user, request, refused)
        woken = wake_sweep(session) if received.is_new else False
        said = _say(received, woken=woken)
        if wants_json(request):
            return JSONResponse(_as_json(received, said), headers=FORM_HEADERS)
        return _page(work, user, None, said=said, findings=received.findings)


@contextmanager
def _opened(jurisdiction: str, slug: str, period: str, user: BaseUser) -> Iterator[Work]:
    """Open the occurrence for who may upload; 403 for others, 404 for what there is not."""
    settings = Settings.from_environment()
    obligation = obligation_of(settings, f"{jurisdiction}/{slug}")
    if settings.contacts is None:
        require_may_answer(jurisdiction, slug, user)
    departments = obligation.department_names or obligation.departments
    try:
        chain = chain_of(obligation, settings.reviews)
        require_may_upload(settings, chain, user.get_name(), jurisdiction, departments, now())
    except NotAllowed as not_allowed:
        raise HTTPException(status.HTTP_403_FORBIDDEN, str(not_allowed)) from None
    try:
        with open_work(settings, obligation, period, "page") as work:
            yield work
    except UnusableInput as unknown:
        raise HTTPException(status.HTTP_404_NOT_FOUND, str(unknown)) from None


def _refused(work: Work, user: BaseUser, request: Request, refused: ObligationsError) -> Response:
    findings = refused.findings if isinstance(refused, UploadRefused) else ()
    code = status.HTTP_409_CONFLICT if isinstance(refused, NotOpenForUploads) else status.HTTP_422_UNPROCESSABLE_CONTENT
    if wants_json(request):
        value = {"accepted": False, "said": str(refused), "findings": [asdict(found) for found in findings]}
        return JSONResponse(value, code, headers=FORM_HEADERS)
    closed = isinstance(refused, NotOpenForUploads | ClassifiedRefused)
    base = None if closed else base_of(work)
    shown = () if isinstance(refused, ClassifiedRefused) else findings
    return _page(work, user, base, refusal=str(refused), findings=shown, code=code)


def _say(received: Received, *, woken: bool) -> str:
    """Say what became of the file, and what comes next."""
    if not received.is_new:
        return "这份文件此前已经上传，没有重复登记"
    after = f"；此前上传的“{received.instead_of}”尚未成稿，以本次为准" if received.instead_of else ""
    taken = "，正在审核的一版已撤回" if received.replaced_run else ""
    when = "随即" if woken else "在下一次巡检（10分钟内）"
    return f"已收到第{received.base_version}版的修改稿{taken}，{when}形成新的一版并重新送审{after}"


def _as_json(received: Received, said: str) -> dict[str, Any]:
    return {
        "accepted": True,
        "is_new": received.is_new,
        "said": said,
        "sha256": received.sha256,
        "name": received.name,
        "base_version": received.base_version,
        "replaced_run": received.replaced_run,
        "findings": [asdict(found) for found in received.findings],
    }


def _page(
    work: Work,
    user: BaseUser,
    base: Draft | None,
    *,
    said: str = "",
    refusal: str = "",
    findings: tuple[Finding, ...] = (),
    code: int = status.HTTP_200_OK,
) -> HTMLResponse:
    row = work.ledger.occurrence(work.key, work.period)
    context = {
        "title": work.obligation.title,
        "watermark": work.obligation.jurisdiction.watermark or "",
        "period": work.period,
        "due": say_due(work.occurrence.due_at),
        "stage": row.stage_label if row else "未登记",
        "person": user.get_name(),
        "version": base.version if base else None,
        "document": draft_address(work, base.version, _DOCUMENT) if base else "",
        "token": token_of(user.get_id(), f"upload:{work.key}:{work.period}"),
        "said": said,
        "refusal": refusal,
        "findings": findings,
    }
    page = page_template(work.settings.templates / "pages", "upload.html.j2").render(context)
    return HTMLResponse(page, code, headers=FORM_HEADERS)

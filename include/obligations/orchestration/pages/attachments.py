"""Attachments of an occurrence: taken from who may attach, handed out as downloads to whoever may read its DAG."""

from __future__ import annotations

from typing import Annotated, get_args

from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from fastapi import APIRouter, Depends, HTTPException, Request, status
from fastapi.responses import JSONResponse, Response

from obligations.orchestration.pages.clock import now
from obligations.orchestration.pages.feedback import refuse_departments
from obligations.orchestration.pages.forms import FORM_HEADERS
from obligations.orchestration.pages.multipart import Posted, read_upload, require_own_request
from obligations.orchestration.pages.readers import Reader, obligation_of, refuse_if_purged, require_may_answer
from obligations.orchestration.pages.scope import refuse_outsiders
from obligations.orchestration.people import NotAllowed, require_may_attach
from obligations.orchestration.settings import Settings
from obligations.orchestration.uploads.attaching import MEDIA_TYPES, SAID, What, attach, type_of
from obligations.orchestration.uploads.keeping import AttachmentDamaged, kept, place_of
from obligations.orchestration.uploads.receiving import UploadRefused
from obligations.orchestration.work import open_work
from obligations.rules.reviews import chain_of
from obligations.steps.ledger import EventKind, open_ledger, tombstones
from obligations.words.errors import BadInput, UnusableInput
from obligations.words.obligation import Obligation

_PLACE = "/attachments/{jurisdiction}/{slug}/{period}"
_KINDS = {EventKind.ATTACHED, EventKind.UPLOADED}
_CLASSIFIED = "非涉密系统，严禁处理、存储、传输涉密信息"

router = APIRouter()


@router.get(f"{_PLACE}/{{sha256}}")
def attachment(jurisdiction: str, slug: str, period: str, sha256: str, user: Reader) -> Response:
    """Return one file that the ledger names for this occurrence, as a download and never to be shown by us."""
    settings = Settings.from_environment()
    key = f"{jurisdiction}/{slug}"
    refuse_outsiders(settings, key, user.get_name())
    with open_ledger(settings.ledger_url) as ledger:
        events = ledger.events(key, period)
        purged = tombstones(ledger, key, period)
        row = ledger.occurrence(key, period)
    refuse_departments(settings, key, row, user.get_name())
    if not any(event.kind in _KINDS and event.payload["sha256"] == sha256 for event in events):
        raise HTTPException(status.HTTP_404_NOT_FOUND, "没有这份附件")
    refuse_if_purged(place_of(sha256, settings.store), settings.store, purged)
    try:
        data = kept(sha256, settings.store)
    except AttachmentDamaged as damaged:
        raise HTTPException(status.HTTP_404_NOT_FOUND, str(damaged)) from None
    suffix = type_of(data) or ""
    headers = {
        **FORM_HEADERS,
        "Content-Security-Policy": "default-src 'none'; sandbox",
        # our own name, so that nothing a person typed gets into a header
        "Content-Disposition": f'attachment; filename="{sha256[:16]}{suffix}"',
    }
    return Response(data, headers=headers, media_type=MEDIA_TYPES.get(suffix, "application/octet-stream"))


def refuse_to_attach(settings: Settings, obligation: Obligation, user: BaseUser) -> None:
    """Raise 403 for who may not attach a file to an occurrence of this obligation."""
    jurisdiction = obligation.jurisdiction.slug
    if settings.contacts is None:
        require_may_answer(jurisdiction, obligation.key.partition("/")[2], user)
    departments = obligation.department_names or obligation.departments
    try:
        chain = chain_of(obligation, settings.reviews)
        require_may_attach(settings, chain, user.get_name(), jurisdiction, departments, now())
    except NotAllowed as not_allowed:
        raise HTTPException(status.HTTP_403_FORBIDDEN, str(not_allowed)) from None


def _allowed(jurisdiction: str, slug: str, user: Reader) -> BaseUser:
    settings = Settings.from_environment()
    refuse_to_attach(settings, obligation_of(settings, f"{jurisdiction}/{slug}"), user)
    return user


async def posted_file(request: Request, user: Annotated[BaseUser, Depends(_allowed)]) -> Posted:  # noqa: ARG001 - rights come first
    """Read the form of who may attach; of anybody else not a byte is read."""
    return await read_upload(request)


def act_of(key: str, period: str) -> str:
    """Return what a token for attaching to an occurrence is for."""
    return f"attach:{key}:{period}"


@router.post(_PLACE)
def take_attachment(
    jurisdiction: str,
    slug: str,
    period: str,
    request: Request,
    user: Reader,
    posted: Annotated[Posted, Depends(posted_file)],
) -> Response:
    """Attach a posted file (fields ``file``, ``what`` and, from a browser, ``token``); answers JSON."""
    settings, key = Settings.from_environment(), f"{jurisdiction}/{slug}"
    token = posted.fields.get("token", "")
    require_own_request(settings, request, token, user.get_id(), act_of(key, period))
    what = what_of(posted.fields.get("what", ""))
    try:
        with open_work(settings, obligation_of(settings, key), period, "page") as work:
            sha256 = attach(work, posted.data, posted.name, what, user.get_name(), now())
    except (UploadRefused, BadInput) as refused:
        value = {"accepted": False, "said": str(refused), "notice": _CLASSIFIED}
        return JSONResponse(value, status.HTTP_422_UNPROCESSABLE_CONTENT, headers=FORM_HEADERS)
    except UnusableInput as unknown:
        raise HTTPException(status.HTTP_404_NOT_FOUND, str(unknown)) from None
    said = f"已登记{SAID[what]}，登记人 {user.get_name()}"
    return JSONResponse({"accepted": True, "said": said, "sha256": sha256, "what": what}, headers=FORM_HEADERS)


def what_of(given: str) -> What:
    """Return what a file is attached as; raises 400 naming what there is."""
    found = next((known for known in get_args(What) if known == given), None)
    if found is None:
        codes = "、".join(f"{code}（{said}）" for code, said in SAID.items())
        raise HTTPException(status.HTTP_400_BAD_REQUEST, f"附件种类“{given}”无法识别，应为：{codes}")
    kind: What = found
    return kind

"""The form on the page 稿件 by which a signed 审批单, a screenshot or a receipt is attached; the file is judged as by ``attachments``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, status
from fastapi.responses import RedirectResponse, Response

from obligations.orchestration.pages.attachments import act_of, posted_file, what_of
from obligations.orchestration.pages.clock import now
from obligations.orchestration.pages.forms import require_own_form
from obligations.orchestration.pages.multipart import Posted
from obligations.orchestration.pages.occurrence import CurrentForms, CurrentOccurrence, Given, page_of
from obligations.orchestration.pages.shell import HEADERS
from obligations.orchestration.uploads.attaching import attach
from obligations.orchestration.uploads.receiving import UploadRefused
from obligations.orchestration.work import open_work
from obligations.words.errors import BadInput

router = APIRouter()


@router.post("/occurrences/{jurisdiction}/{slug}/{period}/attach")
def attach_here(
    request: Request,
    found: CurrentOccurrence,
    forms: CurrentForms,
    posted: Annotated[Posted, Depends(posted_file)],
) -> Response:
    """Attach the posted file and return to the page, which says why where it was not taken."""
    row, scope = found.row.occurrence, found.scope
    act = act_of(row.key, row.period)
    require_own_form(scope.settings, request, posted.fields.get("token", ""), scope.user.get_id(), act)
    what = what_of(posted.fields.get("what", ""))
    try:
        with open_work(scope.settings, found.obligation, row.period, "page") as work:
            attach(work, posted.data, posted.name, what, scope.account, now())
    except (UploadRefused, BadInput) as refused:
        return page_of(request, found, forms, None, Given("attach", "", {}, str(refused)))
    # Relative, so that it holds under whatever prefix the pages are served.
    return RedirectResponse(f"../{found.place.rpartition('/')[2]}#attached", status.HTTP_303_SEE_OTHER, headers=HEADERS)

"""The page of one occurrence (稿件): what is due and why, where it stands, its versions, its figures' sources, its review.

Approving and returning go through Airflow's own review API in the name of who is logged in (``answering``); nothing here
decides on an answer. What is told is ``occurrence_view`` and ``drafts_view``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, HTTPException, Request, status
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from obligations.orchestration.pages.answering import ParkedForm, parked_forms, send_answer
from obligations.orchestration.pages.attachments import act_of, refuse_to_attach
from obligations.orchestration.pages.clock import now
from obligations.orchestration.pages.drafts_view import (
    ShownVersion,
    last_of_each,
    shown_version,
    version_lines,
)
from obligations.orchestration.pages.feedback import refuse_departments
from obligations.orchestration.pages.figure_sources import sources_of, with_sources
from obligations.orchestration.pages.forms import read_form, require_own_form
from obligations.orchestration.pages.kept import ledger_of, people_of
from obligations.orchestration.pages.lines import say_period_of
from obligations.orchestration.pages.occurrence_view import (
    attached,
    happened,
    proofs,
    refusal_standing,
    review_lines,
)
from obligations.orchestration.pages.readers import refuse_if_purged, require_kept
from obligations.orchestration.pages.scope import CurrentScope, Scope
from obligations.orchestration.pages.shell import HEADERS, PREFIX, Crumb, show
from obligations.orchestration.pages.sights import working_calendar
from obligations.orchestration.pages.tokens import token_of
from obligations.orchestration.review.answers import MAX_LENGTH, RETURN
from obligations.orchestration.runs.claims import last_claim
from obligations.orchestration.uploads.attaching import SAID
from obligations.rules.simplified import simplified
from obligations.rules.wording import say_fulfilment, say_source
from obligations.steps.ledger import LedgerRow, Tombstone, tombstones
from obligations.steps.rendering.folder import FIGURES, PAGE
from obligations.words.errors import UnusableInput
from obligations.words.obligation import Obligation

_PLACE = "/occurrences/{jurisdiction}/{slug}/{period}"
_MOST_BYTES = 400_000
_MOST_FIELDS = 60
_COUNTED = timedelta(hours=48)
"""How near its due time the hours left are counted live."""
PREVIEW_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; "
    "base-uri 'none'; form-action 'none'; sandbox",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
"""A draft is looked at, never run: no script, no request to anywhere, no framing by another site."""

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Seen:
    """One occurrence as the person logged in may see it.

    Attributes:
        run_id: of the run that works on it now; None where none does.
        may_read_drafts: False for departments before a statement about all of them is issued.
    """

    scope: Scope
    obligation: Obligation
    row: LedgerRow
    purged: tuple[Tombstone, ...]
    run_id: str | None
    may_read_drafts: bool

    @property
    def place(self) -> str:
        """Key and period, as addresses have them."""
        return f"{self.row.occurrence.key}/{quote(self.row.occurrence.period)}"


def seen(jurisdiction: str, slug: str, period: str, scope: CurrentScope) -> Seen:
    """Return the occurrence; 404 where there is none that this person may see."""
    obligation = scope.require(f"{jurisdiction}/{slug}")
    is_working_day = working_calendar(scope.settings).is_working_day
    ledger = ledger_of(scope.settings)
    rows = ledger.rows(obligation.key, period, now=now(), is_working_day=is_working_day)
    purged = tombstones(ledger, obligation.key, period)
    if not rows:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "台账中没有这一期，或者没有查看的权限")
    (row,) = rows
    claim = last_claim(row.events)
    try:
        refuse_departments(scope.settings, obligation.key, row.occurrence, scope.account)
        may_read = True
    except HTTPException:
        may_read = False
    run_id = None if claim is None or claim.is_over else claim.run_id
    return Seen(scope, obligation, row, purged, run_id, may_read)


CurrentOccurrence = Annotated[Seen, Depends(seen)]


async def _forms(request: Request, found: CurrentOccurrence) -> tuple[ParkedForm, ...]:
    if found.run_id is None:
        return ()
    return await parked_forms(request, found.scope.user, found.obligation.dag_id, found.run_id)


CurrentForms = Annotated[tuple[ParkedForm, ...], Depends(_forms)]


@router.get(_PLACE)
def show_occurrence(
    request: Request, found: CurrentOccurrence, forms: CurrentForms, version: int | None = None
) -> Response:
    """Show one occurrence; ``version`` says whose contents, the last one's unless given."""
    return page_of(request, found, forms, version)


@router.get(f"{_PLACE}/v{{version}}/preview")
def show_preview(found: CurrentOccurrence, version: int) -> HTMLResponse:
    """Show the page of one version in a frame, each figure telling where it comes from."""
    if not found.may_read_drafts:
        raise HTTPException(status.HTTP_403_FORBIDDEN, "通报印发前，各单位只能查看本单位的数据")
    draft = last_of_each(found.row).get(version)
    if draft is None or PAGE not in draft.files:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "没有这份稿件")
    page, figures = Path(draft.folder) / PAGE, Path(draft.folder) / FIGURES
    refuse_if_purged(page, found.scope.settings.store, found.purged)
    for file in (page, figures):
        require_kept(file)
    sources = sources_of(json.loads(figures.read_bytes()))
    return HTMLResponse(with_sources(page.read_text("utf-8"), sources), headers=PREVIEW_HEADERS)


@dataclass(frozen=True, slots=True)
class Given:
    """What was posted: the task's form, the button and the fields; ``refusal`` where it was not taken."""

    task: str
    option: str
    fields: dict[str, str]
    refusal: str = ""


async def _sent(request: Request, found: CurrentOccurrence, forms: CurrentForms) -> Given:
    """Read what was posted and hand it to Airflow."""
    posted = await read_form(request, most_bytes=_MOST_BYTES, most_fields=_MOST_FIELDS)
    values = {name: texts[0].strip() for name, texts in posted.items()}
    task, option = values.pop("task", ""), values.pop("option", "")
    act = f"form:{found.place}:{task}"
    require_own_form(found.scope.settings, request, values.pop("token", ""), found.scope.user.get_id(), act)
    form = next((each for each in forms if each.task == task), None)
    if form is None or found.run_id is None:
        return Given(task, option, values, "这张表单已经不在等待办理，没有登记；请核对下方的当前环节")
    fields = {name: text for name, text in values.items() if name in form.fields and text}
    given = Given(task, option, fields)
    if refusal := _wrong(given, form):
        return Given(task, option, fields, refusal)
    refusal = await send_answer(request, found.obligation.dag_id, found.run_id, task, option, fields)
    return Given(task, option, fields, refusal)


@router.post(f"{_PLACE}/answer")
def answer(
    request: Request, found: CurrentOccurrence, forms: CurrentForms, given: Annotated[Given, Depends(_sent)]
) -> Response:
    """Pass an answer on to Airflow under the name of who is logged in; the task itself judges it."""
    if given.refusal:
        return page_of(request, found, forms, None, given)
    # Relative, so that it holds under whatever prefix the pages are served.
    here = f"../{quote(found.row.occurrence.period)}?answered={quote(given.task)}"
    return RedirectResponse(here, status.HTTP_303_SEE_OTHER, headers=HEADERS)


def _may_attach(found: Seen) -> bool:
    try:
        refuse_to_attach(found.scope.settings, found.obligation, found.scope.user)
    except HTTPException:
        return False
    return True


def _wrong(given: Given, form: ParkedForm) -> str:
    """Say at once what the task would refuse later."""
    if given.option not in form.options:
        return "请选择一项办理意见"
    if given.option == RETURN and "comment" in form.fields and not given.fields.get("comment"):
        return "退回修改时请写明审核意见，告诉起草人改什么"
    too_long = [form.fields[name] for name, text in given.fields.items() if len(text) > MAX_LENGTH]
    return f"“{too_long[0]}”超过{MAX_LENGTH}字，请精简" if too_long else ""


def page_of(
    request: Request, found: Seen, forms: tuple[ParkedForm, ...], version: int | None, given: Given | None = None
) -> HTMLResponse:
    """Render the page; ``given`` is what was posted and not taken."""
    row, scope = found.row, found.scope
    versions = last_of_each(row) if found.may_read_drafts else {}
    number = version if version is not None else max(versions, default=None)
    shown = _shown(found, number) if versions and number is not None else None
    context: dict[str, Any] = {
        "row": row.occurrence,
        "counts_down": row.occurrence.closed_at is None
        and row.occurrence.paused_at is None
        and abs(row.occurrence.due_at - now()) < _COUNTED,
        "lateness": row.lateness,
        "true_lateness": row.true_lateness,
        "loss": row.loss,
        "follow_ups": row.follow_ups,
        "basis": f"{say_source(found.obligation)}：{simplified(found.obligation.quote)}",
        "obligation": found.obligation,
        "fulfilment": say_fulfilment(found.obligation.fulfilment),
        "forms": forms,
        "names": _names(scope, forms),
        "tokens": {form.task: token_of(scope.user.get_id(), f"form:{found.place}:{form.task}") for form in forms},
        "given": given,
        "answered": request.query_params.get("answered", ""),
        "refused": refusal_standing(row.events) if forms else None,
        "return_option": RETURN,
        "may_read_drafts": found.may_read_drafts,
        "versions": version_lines(row, number) if found.may_read_drafts else [],
        "shown": shown,
        "rounds": review_lines(row, with_words=found.may_read_drafts),
        "happened": happened(row.events, with_words=found.may_read_drafts),
        "proofs": proofs(row),
        "attached": attached(row, scope.settings, found.purged),
        "upload": f"{PREFIX}/uploads/{found.place}" if row.occurrence.closed_at is None and versions else "",
        "run": f"{scope.settings.base_url}/dags/{found.obligation.dag_id}/runs/{quote(found.run_id)}"
        if found.run_id
        else "",
        "place": f"{PREFIX}/occurrences/{found.place}",
        "attaching": None,
    }
    code = status.HTTP_409_CONFLICT if given is not None and given.refusal else status.HTTP_200_OK
    crumbs = (
        Crumb("台账", f"{PREFIX}/register"),
        Crumb(row.occurrence.title, f"{PREFIX}/items/{row.occurrence.key}"),
    )
    title = f"{row.occurrence.title}（{say_period_of(row.occurrence)}）"
    if _may_attach(found):
        act = act_of(row.occurrence.key, row.occurrence.period)
        context["attaching"] = {"token": token_of(scope.user.get_id(), act), "kinds": SAID}
    return show(
        scope, request, "occurrence.html.j2", page="register", title=title, crumbs=crumbs, status_code=code, **context
    )


def _shown(found: Seen, number: int) -> ShownVersion:
    try:
        return shown_version(found.row, number, found.scope.settings.store, found.purged)
    except UnusableInput as unknown:
        raise HTTPException(status.HTTP_404_NOT_FOUND, str(unknown)) from None


def _names(scope: Scope, forms: tuple[ParkedForm, ...]) -> dict[str, str]:
    """Return what people call those who may answer, by account."""
    accounts = {account for form in forms for account in form.assigned}
    if not accounts:
        return {}
    people = {account: people_of(scope.settings).with_account(account) for account in accounts}
    return {account: person.name if person else account for account, person in people.items()}

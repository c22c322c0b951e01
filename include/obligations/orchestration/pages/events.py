"""The page 突发事件: incidents with their running clocks, the form that reports one, and the end of one.

A report is shown with what it will start before it is registered; the sweep, woken at once, starts the runs. Rights are
asked for every request, by jurisdiction.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from airflow.api_fastapi.common.db.common import SessionDep
from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response, status
from fastapi.responses import HTMLResponse, RedirectResponse

from obligations.orchestration.events.closing import close_event, read_end
from obligations.orchestration.events.incidents import LEVELS, TEXTS, read_report, report, would_open
from obligations.orchestration.pages.clock import now
from obligations.orchestration.pages.events_view import Reporting, reporting_of, started_by
from obligations.orchestration.pages.forms import read_form, require_own_form
from obligations.orchestration.pages.incidents_view import IncidentView, incident_view
from obligations.orchestration.pages.kept import catalogue_of, ledger_of
from obligations.orchestration.pages.reporters import may_close, may_report
from obligations.orchestration.pages.scope import CurrentScope, Scope
from obligations.orchestration.pages.shell import HEADERS, PREFIX, Crumb, show
from obligations.orchestration.pages.sights import sight_of
from obligations.orchestration.pages.tokens import token_of
from obligations.orchestration.pages.waking import wake_sweep
from obligations.orchestration.people import NotAllowed
from obligations.steps.ledger.agenda import telling_events
from obligations.steps.ledger.incidents import Incident, find_incident, incidents
from obligations.steps.ledger.sweeps import opened_by
from obligations.words.errors import ObligationsError, UnusableInput
from obligations.words.occurrence import INCIDENT, Event
from obligations.words.times import SHANGHAI

_MOST_BYTES = 64 * 1024
_OPEN_SHOWN, _CLOSED_SHOWN = 50, 30
_REPORT = "report-incident"

router = APIRouter(prefix="/events")


async def _posted(request: Request) -> dict[str, str]:
    form = await read_form(request, most_bytes=_MOST_BYTES, most_fields=30)
    return {name: values[0].replace("\r\n", "\n") for name, values in form.items()}


Posted = Annotated[dict[str, str], Depends(_posted)]
EventId = Annotated[str, Query(pattern=r"^[^\x00]*$")]
"""What a database takes: PostgreSQL refuses a text with a NUL by an error."""


@router.get("")
def show_events(scope: CurrentScope, request: Request) -> HTMLResponse:
    """Show the incidents that may be seen, those that go on first."""
    return _page(scope, request)


@router.get("/report")
def show_form(scope: CurrentScope, request: Request, event: EventId = "") -> HTMLResponse:
    """Show the form that reports an incident; with ``event`` that of one whose level changes."""
    reporting = _reporting(scope)
    known = _known(scope, event)
    return _form_page(scope, request, reporting, _fields_of(known) if known else {})


@router.post("/report")
def report_incident(scope: CurrentScope, request: Request, form: Posted, session: SessionDep) -> Response:
    """Show what the report starts; once that is confirmed, register it and wake the sweep."""
    reporting, at = _reporting(scope), now()
    require_own_form(scope.settings, request, form.get("token", ""), scope.user.get_id(), _REPORT)
    fields = {name: text for name, text in form.items() if name != "token"} | {"type": INCIDENT}
    try:
        place = reporting.jurisdiction(form.get("jurisdiction", ""))
        event = read_report(fields, at)
        _require_own_event(reporting, scope, event)
        opened = would_open(scope.settings, event, at, jurisdiction=place)
    except ObligationsError as refused:
        return _form_page(scope, request, reporting, form, refusal=str(refused))
    if form.get("step") == "change":
        return _form_page(scope, request, reporting, form, code=status.HTTP_200_OK)
    if form.get("step") != "confirm":
        return _confirm_page(scope, request, reporting, form, event, started_by(opened))
    try:
        registered = report(scope.settings, event, at, jurisdiction=place)
    except ObligationsError as refused:
        return _form_page(scope, request, reporting, form, refusal=str(refused))
    woken = wake_sweep(session)
    said = ("registered" if woken else "later") if registered.is_new else "known"
    where = f"{PREFIX}/events?said={said}#event-{registered.event.id}"
    return RedirectResponse(where, status.HTTP_303_SEE_OTHER, HEADERS)


@router.post("/{event_id}/close")
def close_incident(event_id: str, scope: CurrentScope, request: Request, form: Posted) -> Response:
    """Register that an incident is over: when and why, under the name of who is logged in."""
    at = now()
    incident = _known(scope, event_id)
    if incident is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "没有这个突发事件，或者没有查看的权限")
    require_own_form(scope.settings, request, form.get("token", ""), scope.user.get_id(), f"close:{event_id}")
    if not may_close(scope, incident.rows, at):
        raise HTTPException(
            status.HTTP_403_FORBIDDEN, "没有登记事件结束的权限，须由所涉辖区的值班、政务公开办或分管领导登记"
        )
    try:
        end = read_end({"event_id": event_id, "closed_at": form.get("closed_at"), "closed_reason": form.get("reason")})
        if end is None:
            raise UnusableInput("没有填写结束时间，请填写（北京时间）")
        close_event(scope.settings, event_id, *end, scope.account, at)
    except NotAllowed as not_allowed:
        raise HTTPException(status.HTTP_403_FORBIDDEN, str(not_allowed)) from None
    except ObligationsError as refused:
        return _page(scope, request, refusal=str(refused), code=status.HTTP_422_UNPROCESSABLE_CONTENT)
    return RedirectResponse(f"{PREFIX}/events?said=closed#event-{event_id}", status.HTTP_303_SEE_OTHER, HEADERS)


_SAID = {
    "registered": "已登记，各事项即刻开始计时，办理随即启动",
    "later": "已登记，各事项即刻开始计时；办理在下一次巡检（10分钟内）启动",
    "known": "这一事件此前已经登记，时限没有变化",
    "closed": "已登记事件结束，以后不再续报；此前应发布的仍须完成",
}


def _page(scope: Scope, request: Request, *, refusal: str = "", code: int = status.HTTP_200_OK) -> HTMLResponse:
    at = now()
    sight, places = sight_of(scope, at), may_report(scope, at)
    with ledger_of(scope.settings).reading() as connection:
        unopened = bool(places)
        going_on, open_total = incidents(connection, scope.visible, is_open=True, unopened=unopened, most=_OPEN_SHOWN)
        over, over_total = incidents(connection, scope.visible, is_open=False, unopened=unopened, most=_CLOSED_SHOWN)
        events = telling_events(connection, [row for each in (*going_on, *over) for row in each.rows])

    def views(found: tuple[Incident, ...]) -> list[IncidentView]:
        return [incident_view(each, events, scope.obligations, sight, TEXTS) for each in found]

    tokens = {each.event.id: token_of(scope.user.get_id(), f"close:{each.event.id}") for each in going_on}
    return show(
        scope,
        request,
        "events.html.j2",
        page="events",
        title="突发事件",
        status_code=code,
        going_on=views(going_on),
        open_total=open_total,
        over=views(over),
        over_total=over_total,
        tokens=tokens,
        closable={each.event.id for each in going_on if may_close(scope, each.rows, at)},
        may_report=bool(places),
        refusal=refusal,
        said=_SAID.get(request.query_params.get("said", ""), ""),
        several=len(sight.governments) > 1,
    )


def _reporting(scope: Scope) -> Reporting:
    """Return for which jurisdictions the person may report; raises 403 where for none."""
    places = may_report(scope, now())
    if not places:
        raise HTTPException(
            status.HTTP_403_FORBIDDEN,
            "没有登记突发事件的权限：须由值班室、值班领导、政务公开办或分管领导登记，请核对通讯录中的账号和角色",
        )
    return reporting_of(places, catalogue_of(scope.settings).values())


def _require_own_event(reporting: Reporting, scope: Scope, event: Event) -> None:
    """Refuse to change an event that concerns other jurisdictions alone: a new level would bind their duties."""
    with ledger_of(scope.settings).reading() as connection:
        concerned = {row.jurisdiction for row in opened_by(connection, [event.id])}
    if concerned and not concerned & set(reporting.places):
        raise UnusableInput(f"事件编号 {event.id} 是其他辖区的事件，请另编一号，或不填编号")


def _known(scope: Scope, event_id: str) -> Incident | None:
    """Return an incident that may be seen; None where there is none."""
    unopened = bool(may_report(scope, now()))
    with ledger_of(scope.settings).reading() as connection:
        return find_incident(connection, scope.visible, event_id, unopened=unopened)


def _fields_of(incident: Incident) -> dict[str, str]:
    """Return the fields of an incident as its form shows them."""
    event = incident.event
    said = {name: event.fields.get(name, "") for name in TEXTS}
    happened = event.happened_at.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")
    return {**said, "event_id": event.id, "title": event.title, "level": event.level, "happened_at": happened}


def _form_page(
    scope: Scope,
    request: Request,
    reporting: Reporting,
    fields: Mapping[str, str],
    *,
    refusal: str = "",
    code: int | None = None,
) -> HTMLResponse:
    wrong = status.HTTP_422_UNPROCESSABLE_CONTENT if refusal else status.HTTP_200_OK
    return show(
        scope,
        request,
        "event_report.html.j2",
        page="events",
        title="登记突发事件",
        crumbs=(Crumb("突发事件", f"{PREFIX}/events"),),
        status_code=code or wrong,
        fields=fields,
        levels=LEVELS,
        texts=TEXTS,
        reporting=reporting,
        refusal=refusal,
        token=token_of(scope.user.get_id(), _REPORT),
    )


def _confirm_page(
    scope: Scope,
    request: Request,
    reporting: Reporting,
    fields: Mapping[str, str],
    event: Event,
    started: object,
) -> HTMLResponse:
    kept = {name: text for name, text in fields.items() if name not in {"token", "step"} and text}
    return show(
        scope,
        request,
        "event_confirm.html.j2",
        page="events",
        title="核对后登记",
        crumbs=(Crumb("突发事件", f"{PREFIX}/events"),),
        event=event,
        fields=kept,
        started=started,
        texts=TEXTS,
        reporting=reporting,
        token=token_of(scope.user.get_id(), _REPORT),
    )

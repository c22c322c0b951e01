"""日历订阅: who may make and revoke feeds of due dates, and the feeds themselves, which calendar programs fetch by token.

A feed is the one thing that is handed out without a login: titles and days, no drafts. Its address is shown once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, status
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from obligations.orchestration.feeds.icalendar_file import AHEAD, BACK, calendar_of
from obligations.orchestration.feeds.keeping import Feed, feed_with, feeds_of, make_feed, revoke_feed
from obligations.orchestration.pages.clock import now
from obligations.orchestration.pages.forms import read_form, require_own_form
from obligations.orchestration.pages.kept import ledger_of
from obligations.orchestration.pages.scope import CurrentScope, Scope, visible_by_contacts
from obligations.orchestration.pages.shell import HEADERS, PREFIX, Crumb, show
from obligations.orchestration.pages.tokens import token_of
from obligations.orchestration.settings import Settings
from obligations.steps.ledger.due_dates import due_between
from obligations.words.errors import UnusableInput
from obligations.words.times import parse_instant, say_instant

_MAKE = "make-feed"
_LONGEST_TOKEN = 100
_FEED_HEADERS = {
    "Cache-Control": "private, max-age=900",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Content-Disposition": 'attachment; filename="due.ics"',
}

router = APIRouter(prefix="/feeds")


@dataclass(frozen=True, slots=True)
class Line:
    """One feed in the list; ``token`` proves that its form is our own."""

    id: str
    said: str
    made: str
    token: str


@router.get("/{token}.ics")
def hand_out(token: str) -> Response:
    """Return the calendar of a token; whoever has the token, for as long as it is not revoked."""
    settings, at = Settings.from_environment(), now()
    feed = feed_with(settings.home, token) if len(token) <= _LONGEST_TOKEN else None
    if feed is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "没有这个日历订阅，或者已经撤销")
    seen = visible_by_contacts(settings, feed.account)
    visible = feed.bounds if seen is None else feed.bounds.within(seen)
    day = at.date()
    with ledger_of(settings).reading() as connection:
        dues = due_between(
            connection, visible, day - BACK, day + AHEAD, jurisdiction=feed.jurisdiction, department=feed.department
        )
    data = calendar_of(dues, f"公开时限（{_say(feed)}）", f"{settings.base_url}{PREFIX}", at)
    return Response(data, media_type="text/calendar; charset=utf-8", headers=_FEED_HEADERS)


@router.get("")
def show_feeds(scope: CurrentScope, request: Request) -> HTMLResponse:
    """Show the person's own feeds, without their tokens."""
    return _page(scope, request)


async def _form(request: Request) -> dict[str, str]:
    form = await read_form(request, most_bytes=4096, most_fields=5)
    return {name: values[0] for name, values in form.items()}


Form = Annotated[dict[str, str], Depends(_form)]


@router.post("")
def make(scope: CurrentScope, request: Request, form: Form) -> HTMLResponse:
    """Make a feed and show its address, this once."""
    require_own_form(scope.settings, request, form.get("token", ""), scope.user.get_id(), _MAKE)
    offered = _places(scope)
    place = form.get("place", "")
    if place and place not in offered:
        raise HTTPException(status.HTTP_400_BAD_REQUEST, "没有这个责任单位，或者没有查看的权限")
    jurisdiction, department = place.split("|", 1) if place else (None, None)
    try:
        _, token = make_feed(scope.settings.home, scope.account, scope.visible, now(), jurisdiction, department)
    except UnusableInput as refused:
        return _page(scope, request, refusal=str(refused), code=status.HTTP_409_CONFLICT)
    return _page(
        scope, request, address=f"{scope.settings.base_url}{PREFIX}/feeds/{token}.ics", code=status.HTTP_201_CREATED
    )


@router.post("/{feed_id}/revoke")
def revoke(feed_id: str, scope: CurrentScope, request: Request, form: Form) -> RedirectResponse:
    """Forget one of the person's own feeds; its address is nobody's any more."""
    require_own_form(scope.settings, request, form.get("token", ""), scope.user.get_id(), f"revoke-feed:{feed_id}")
    if not revoke_feed(scope.settings.home, feed_id, scope.account):
        raise HTTPException(status.HTTP_404_NOT_FOUND, "没有这个日历订阅，或者已经撤销")
    # Relative, so that it holds under whatever prefix the pages are served.
    return RedirectResponse("../../feeds", status.HTTP_303_SEE_OTHER, headers=HEADERS)


def _page(
    scope: Scope, request: Request, *, address: str = "", refusal: str = "", code: int = status.HTTP_200_OK
) -> HTMLResponse:
    user_id = scope.user.get_id()
    lines = [
        Line(feed.id, _say(feed), say_instant(parse_instant(feed.made_at)), token_of(user_id, f"revoke-feed:{feed.id}"))
        for feed in feeds_of(scope.settings.home, scope.account)
    ]
    return show(
        scope,
        request,
        "feeds.html.j2",
        page="calendar",
        title="日历订阅",
        crumbs=(Crumb("时限日历", f"{PREFIX}/calendar"),),
        status_code=code,
        lines=lines,
        places=_places(scope),
        address=address,
        refusal=refusal,
        token=token_of(user_id, _MAKE),
    )


def _places(scope: Scope) -> dict[str, str]:
    """Return the departments that a feed may be narrowed to, as the form names them."""
    found = {
        f"{each.jurisdiction.slug}|{name}": f"{each.jurisdiction.name} {name}"
        for each in scope.obligations.values()
        for name in each.department_names or each.departments
    }
    return dict(sorted(found.items()))


def _say(feed: Feed) -> str:
    return feed.department or f"{feed.account}可查看的全部事项"

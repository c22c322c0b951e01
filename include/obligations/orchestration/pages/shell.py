"""What every page of the office has in common: its frame, its navigation, its headers, its few static files.

Pages are rendered on the server; a little script of our own tells hours left and follows Airflow's light or dark. Nothing
is loaded from anywhere else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, HTTPException, Request, status
from fastapi.responses import HTMLResponse, Response

from obligations.orchestration.pages.clock import now
from obligations.orchestration.pages.forms import page_template
from obligations.orchestration.pages.scope import Scope
from obligations.orchestration.settings import Settings
from obligations.publications.periods import say_key
from obligations.words.times import say_day, say_due, say_instant

PREFIX = "/obligations"
NAVIGATION = (
    ("today", "今日待办", "/"),
    ("register", "台账", "/register"),
    ("calendar", "时限日历", "/calendar"),
    ("events", "突发事件", "/events"),
    ("punctuality", "按期率统计", "/punctuality"),
    ("system", "系统运行", "/system"),
)
"""Code, label and path of each page that the navigation names."""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
_STATIC = {
    "office.css": "text/css; charset=utf-8",
    "office.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Crumb:
    """One step of the way to a page that the navigation does not name."""

    label: str
    href: str


def show(
    scope: Scope,
    request: Request,
    template: str,
    *,
    page: str,
    title: str,
    crumbs: tuple[Crumb, ...] = (),
    status_code: int = status.HTTP_200_OK,
    **facts: Any,
) -> HTMLResponse:
    """Render ``templates/pages/<template>`` within the frame.

    Args:
        scope: of the person logged in.
        request: what was asked for; its path marks the current page.
        template: file name; it extends ``_office.html.j2``.
        page: code of the navigation's entry that it belongs to.
        title: of the page.
        crumbs: how it was come to, for pages below those of the navigation.
        status_code: of the answer.
        facts: names for the template.
    """
    pages = scope.settings.templates / "pages"
    marks = {mark for each in scope.obligations.values() if (mark := each.jurisdiction.watermark)}
    text = page_template(pages, template).render(
        **_COMMON,
        page=page,
        title=title,
        crumbs=crumbs,
        account=scope.account,
        navigation=NAVIGATION,
        watermark=marks.pop() if len(marks) == 1 else None,
        static=_versions(pages),
        airflow=scope.settings.base_url,
        at=now(),
        path=request.url.path,
        **facts,
    )
    return HTMLResponse(text, status_code, HEADERS)


@router.get("/static/{name}")
def static(name: str) -> Response:
    """Return a style sheet or script of ours; whoever asks, for they hold nothing."""
    if name not in _STATIC:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "没有这个文件")
    data = (Settings.from_environment().templates / "pages" / "static" / name).read_bytes()
    kept = {"Cache-Control": "public, max-age=86400", "X-Content-Type-Options": "nosniff"}
    return Response(data, media_type=_STATIC[name], headers=kept)


def _versions(pages: Path) -> Mapping[str, str]:
    """Return the address of each static file, with a digest, so that a browser asks anew once it has changed."""
    return {name: f"{PREFIX}/static/{name}?{_digest(pages / 'static' / name)}" for name in _STATIC}


def _digest(path: Path) -> str:
    state = path.stat()
    return _kept_digest(path, state.st_mtime_ns)


@lru_cache(maxsize=8)
def _kept_digest(path: Path, changed_at: int) -> str:  # noqa: ARG001 - part of the cache key
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


_COMMON: Mapping[str, Any] = {
    "prefix": PREFIX,
    "say_due": say_due,
    "say_instant": say_instant,
    "say_day": say_day,
    "say_period": say_key,
}

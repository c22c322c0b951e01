"""What every page with a form shares: its headers, reading what is posted, whose form it was, its template.

Which tokens there are is ``tokens``; what a page shows and who may act on it is the page's own.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qs

from fastapi import HTTPException, Request, status
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from obligations.orchestration.pages.tokens import is_own_origin, is_token_of
from obligations.orchestration.settings import Settings

# A form may be posted to ourselves; for no-referrer a browser would post it with `Origin: null`.
FORM_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'self'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


async def read_form(request: Request, *, most_bytes: int, most_fields: int) -> dict[str, list[str]]:
    """Read an urlencoded form, empty fields included; refuses with 413 what is too long, with 400 what is no form."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most_bytes:
            raise HTTPException(status.HTTP_413_CONTENT_TOO_LARGE, "表单过长，请精简内容")
    if b"%00" in body or b"\0" in body:  # nobody types one, and PostgreSQL takes it in no text
        raise HTTPException(status.HTTP_400_BAD_REQUEST, "表单无法识别")
    try:
        return parse_qs(body.decode("ascii"), max_num_fields=most_fields, keep_blank_values=True)
    except ValueError:
        raise HTTPException(status.HTTP_400_BAD_REQUEST, "表单无法识别") from None


def require_own_form(settings: Settings, request: Request, token: str, user_id: str, act: str) -> None:
    """Refuse with 403 what our own page did not post, or posted for another act or user."""
    headers = request.headers
    if not is_own_origin(headers.get("origin"), headers.get("host"), settings.base_url):
        raise HTTPException(status.HTTP_403_FORBIDDEN, "请求不是从本系统的页面发出的，没有登记；请重新打开页面")
    if not is_token_of(token, user_id, act):
        raise HTTPException(status.HTTP_403_FORBIDDEN, "页面已经失效，没有登记；请重新打开后再试")


def page_template(pages: Path, name: str) -> Template:
    """Return a page's template, which escapes whatever it is given and fails on a name it is not."""
    return _environment(pages).get_template(name)


@lru_cache(maxsize=2)
def _environment(pages: Path) -> Environment:
    """Return what keeps every template once it is compiled, and compiles one anew that has changed."""
    return Environment(
        loader=FileSystemLoader(pages), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )

"""Hands an approved version to a site's platform over HTTP: one ``POST``, once. The interface is docs/site-api.zh-CN.md.

The version's SHA-256 is the idempotency key, so that asking again after a lost answer gives the same page. No redirect is
followed, for what is signed is meant for one address; certificates are always verified.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import mimetypes
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from obligations.rules.public_addresses import unfit
from obligations.steps.publish.parcel import Delivered, Parcel
from obligations.words.errors import ChannelDown, NotPublishable

MOST_BYTES = 64 * 1024
"""An answer is an address and a time; what is longer is none."""
SHOWN = 200
_PATIENCE = timedelta(minutes=10)
_ASKED_AFTER_SECONDS = (1, 2, 4, 8, 15)
_TRY_LATER = {httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_EARLY, httpx.codes.TOO_MANY_REQUESTS}
_DONE = {httpx.codes.OK, httpx.codes.CREATED, httpx.codes.CONFLICT}


@dataclass(frozen=True, slots=True)
class SiteApi:
    """A site's platform.

    Attributes:
        url: that publications are posted to.
        secret: key of the signature.
        timeout: seconds for each wait: to connect, to send, for the next part of the answer.
    """

    url: str
    secret: str = field(repr=False)
    timeout: float = 30


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    location: str
    body: bytes

    @property
    def said(self) -> dict[str, Any]:
        """The answer's JSON object; empty if it is none."""
        try:
            said = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return said if isinstance(said, dict) else {}

    @property
    def shown(self) -> str:
        """What it says, short enough for a message."""
        text = " ".join(self.body.decode("utf-8", "replace").split())
        return text if len(text) <= SHOWN else f"{text[:SHOWN]}……"


def post(parcel: Parcel, site: SiteApi, *, now: datetime, pause: Callable[[float], object] = time.sleep) -> Delivered:
    """Publish a version through the platform; a version that is public there already keeps its page.

    Args:
        parcel: what goes out.
        site: the platform.
        now: when it is asked.
        pause: waits so many seconds before asking what became of a publication that was only accepted.

    Raises ChannelDown where the platform cannot be reached, is in trouble (5xx) or has yet to finish, NotPublishable
    where it refuses (4xx) or answers with what is not an address.
    """
    body = payload(parcel)
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": parcel.sha256,
        **signature(site.secret, body, now),
    }
    answer = _ask(site, "POST", site.url, headers, body)
    for seconds in _ASKED_AFTER_SECONDS:
        if answer.status != httpx.codes.ACCEPTED:
            break
        place = _place_to_ask(site, answer)
        pause(seconds)
        answer = _ask(site, "GET", place, signature(site.secret, b"", now), None)
    return _delivered(answer, now)


def payload(parcel: Parcel) -> bytes:
    """Return the body that is posted; the same version gives the same bytes."""
    said = {
        "key": parcel.key,
        "period": parcel.period,
        "version": parcel.version,
        "title": parcel.title,
        "sha256": parcel.sha256,
        "corrects": parcel.corrects,
        "manifest": base64.b64encode(parcel.manifest).decode(),
        "files": [
            {
                "name": name,
                "media_type": mimetypes.guess_type(name)[0] or "application/octet-stream",
                "sha256": parcel.hashes[name],
                "content": base64.b64encode(data).decode(),
            }
            for name, data in sorted(parcel.files.items())
        ],
    }
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def signature(secret: str, body: bytes, now: datetime) -> dict[str, str]:
    """Return the headers that prove who asks: hex HMAC-SHA256 of the seconds since 1970, a line feed and the body."""
    moment = str(int(now.timestamp()))
    signed = hmac.new(secret.encode(), f"{moment}\n".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Timestamp": moment, "X-Signature": signed}


def _ask(site: SiteApi, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> _Answer:
    asked = {**headers, "Accept": "application/json", "Accept-Encoding": "identity"}
    try:
        with httpx.stream(
            method, url, headers=asked, content=body, timeout=site.timeout, follow_redirects=False
        ) as answer:
            return _Answer(answer.status_code, answer.headers.get("Location", ""), _read(answer))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ChannelDown(
            f"网站平台暂时不能使用（{type(error).__name__}：{str(error)[:SHOWN]}），稍后自动重试；同一版本重复提交不会重复发布"
        ) from error


def _read(answer: httpx.Response) -> bytes:
    """Read an answer up to its limit, undecoded, so that nothing unfolds into more."""
    body = b""
    for part in answer.iter_raw():
        body += part
        if len(body) > MOST_BYTES:
            raise NotPublishable(
                f"网站平台的答复（HTTP {answer.status_code}）超过 {MOST_BYTES // 1024} KB，不是接口应有的答复；"
                "请核对连接中的接口地址"
            )
    return body


def _place_to_ask(site: SiteApi, answer: _Answer) -> str:
    """Return where the platform says that its decision will be found; only on the platform itself."""
    try:
        place = urljoin(site.url, answer.location or str(answer.said.get("ask", "")))
        is_its_own = place != site.url and urlsplit(place)[:2] == urlsplit(site.url)[:2]
    except ValueError:
        is_its_own = False
    if not is_its_own:
        raise NotPublishable(
            "网站平台答复已受理（HTTP 202），但没有在 Location 中写明同一平台上的查询地址；请平台开发单位按接口说明改正"
        )
    return place


def _delivered(answer: _Answer, now: datetime) -> Delivered:
    if answer.status == httpx.codes.ACCEPTED:
        raise ChannelDown("网站平台已受理，尚未发布；稍后自动查询，同一版本重复提交不会重复发布")
    if answer.status >= httpx.codes.INTERNAL_SERVER_ERROR or answer.status in _TRY_LATER:
        raise ChannelDown(f"网站平台暂时不能发布（HTTP {answer.status}），稍后自动重试；答复：{answer.shown}")
    if answer.status not in _DONE:
        moved = f"，转到 {answer.location[:SHOWN]}" if answer.location else ""
        raise NotPublishable(
            f"网站平台没有发布（HTTP {answer.status}{moved}）；请核对后重新运行“发布”。答复：{answer.shown}"
        )
    said = answer.said
    address, published_at = said.get("address"), _instant(said.get("published_at"))
    why = _unfit_on_any_host(address) if isinstance(address, str) else "应为网址"
    if not isinstance(address, str) or why:
        raise NotPublishable(
            f"网站平台答复已发布（HTTP {answer.status}），但 address {why}；页面可能已经公开，请到网站核实。答复：{answer.shown}"
        )
    receipt = {"status": answer.status, "published_at": published_at.isoformat() if published_at else None}
    return Delivered(address, _acknowledged(published_at, now), receipt)


def _unfit_on_any_host(address: str) -> str | None:
    """Say what keeps an address from being a page's; which host it may be on is for the channels file to say."""
    try:
        host = urlsplit(address).hostname
    except ValueError:
        host = None  # said below
    return unfit(address, (host or "",))


def _acknowledged(published_at: datetime | None, now: datetime) -> datetime:
    """Return when it was acknowledged: not before it was asked, however early the platform's clock says it came out."""
    if published_at is not None and now < published_at <= now + _PATIENCE:
        return published_at
    return now


def _instant(text: object) -> datetime | None:
    """Read a time with its offset; one without says nothing certain."""
    try:
        instant = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return instant if instant is not None and instant.tzinfo else None

"""Looks at a public address: asks for it as anybody would, bounded in time and size, and says what is there.

It says who asks and hides nothing. No cookie, credential or proxy of this installation goes along; the connection goes
to the very IP address that was checked, and every redirect is checked anew. What a site answers never raises.
"""

from __future__ import annotations

import asyncio
import hashlib
import ssl
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus

import httpx

from obligations.steps.verify.addresses import (
    AddressRefused,
    Resolve,
    Target,
    allowed_ips,
    read_address,
    resolve_by_system,
)
from obligations.steps.verify.comparing import find_missing, holds_title
from obligations.steps.verify.page_text import HTML, PDF, TYPES, WORD, decode, visible_text, word_text
from obligations.steps.verify.refusals import GONE, REFUSING, is_challenge, is_made_by_script
from obligations.words.sights import Approved, Sight

USER_AGENT = "Mozilla/5.0 (compatible; obligations-verify/1.0; an open-government office checks its own publication)"
MOST_REDIRECTS = 5
MOST_BYTES = 5 * 1024 * 1024
_KEPT = ("Date", "Last-Modified", "Content-Type", "ETag", "Server")
_LONGEST_HEADER = 200
_ACCEPT = ", ".join(TYPES)
_TOO_LARGE = "页面超过5 MB，没有读完，不能核验；请登记人工佐证"


@dataclass(frozen=True, slots=True)
class Client:
    """How to ask.

    Attributes:
        seconds: for one look altogether, redirects included; patience: for a connection, and between two pieces of it.
        resolve: names to IP addresses; trust: what certificates are checked against, None for the system's.
    """

    seconds: float = 60.0
    patience: float = 15.0
    resolve: Resolve = resolve_by_system
    trust: ssl.SSLContext | None = None


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a site answered: ``body`` is None where it was not read, and ``unread`` says why."""

    status: int
    headers: Mapping[str, str]
    address: str
    body: bytes | None = None
    unread: str = ""


def look(
    address: str, approved: Approved, *, allow: Collection[str], now: datetime, client: Client | None = None
) -> Sight:
    """Look once at ``address`` and compare what is there with what was approved. Never raises for the network.

    Must not be called on a running event loop; from one, call it in a thread.
    """
    unseen = Sight(address, "unreachable", "", now)
    try:
        answer = asyncio.run(_ask(address, allow, client or Client()))
    except AddressRefused as refused:
        return replace(unseen, outcome="refused_address", reason=str(refused))
    except TimeoutError:
        return replace(unseen, reason="网站没有在规定时间内答复完，稍后再看")
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError) as error:
        return replace(unseen, reason=_why(error))
    seen = replace(
        unseen,
        status=answer.status,
        final_address=answer.address,
        headers={name: answer.headers[name][:_LONGEST_HEADER] for name in _KEPT if name in answer.headers},
        sha256=hashlib.sha256(answer.body).hexdigest() if answer.body is not None else None,
    )
    return _judged(seen, answer, approved)


def _judged(seen: Sight, answer: _Answer, approved: Approved) -> Sight:
    """Say what an answer comes to: first what the site says of it, then what is there."""
    if answer.status in REFUSING:
        return replace(seen, outcome="blocked", reason=f"网站拒绝系统访问（HTTP {answer.status}）；请登记人工佐证")
    if answer.status in GONE:
        return replace(seen, outcome="not_found", reason=f"网址打不开（HTTP {answer.status}），请核对网址")
    markup, text = _read(answer)
    if is_challenge(markup, text) and not holds_title(approved, text):
        return replace(seen, outcome="blocked", reason="网站要求人机验证，系统不能访问；请登记人工佐证")
    if answer.status != HTTPStatus.OK:
        return replace(seen, reason=f"网站答复 HTTP {answer.status}，稍后再看")
    if seen.sha256 in approved.files:
        return replace(seen, outcome="matches", reason="网址上的文件与审签版本的SHA-256一致", text=text)
    if unread := answer.unread or _unreadable(answer, markup, text):
        return replace(seen, outcome="unreadable", reason=unread)
    if missing := find_missing(approved, text):
        said = f"页面与审签稿不一致：{missing[0]}" + (f"，另有{len(missing) - 1}处" if missing[1:] else "")
        return replace(seen, outcome="differs", reason=said, text=text, missing=missing)
    return replace(seen, outcome="matches", reason="页面文字与审签稿一致，题目、各段文字和数字均在", text=text)


def _unreadable(answer: _Answer, markup: str, text: str) -> str:
    """Say why a body cannot be compared; empty where it can."""
    if _form(answer) == PDF:
        return "网址上的 PDF 与审签版本不是同一文件，其文字系统不能核对；请登记人工佐证"
    if _form(answer) == WORD and not text:
        return "网址上的 Word 文件系统不能安全打开，不能核对；请登记人工佐证"
    if is_made_by_script(markup, text):
        return "页面内容由脚本生成，系统看不到文字，不能核对；请登记人工佐证"
    return ""


def _read(answer: _Answer) -> tuple[str, str]:
    """Return an answer's body as markup, and what is to be seen of it."""
    if answer.body is None or _form(answer) == PDF:
        return "", ""
    if _form(answer) == WORD:
        return "", word_text(answer.body) or ""
    markup = decode(answer.body, answer.headers.get("Content-Type", ""))
    return (markup, visible_text(markup)) if _form(answer) == HTML else ("", markup)


def _form(answer: _Answer) -> str | None:
    """Return how the body is read; a server that does not say what it sends is taken to send a page."""
    said = answer.headers.get("Content-Type", "text/html").partition(";")[0].strip().lower()
    return TYPES.get(said)


async def _ask(address: str, allow: Collection[str], client: Client) -> _Answer:
    """Follow an address to its answer; raises AddressRefused, TimeoutError, httpx.HTTPError or OSError."""
    async with asyncio.timeout(client.seconds):
        for _ in range(MOST_REDIRECTS + 1):
            target = read_address(address, allow)
            answer = await _ask_host(target, allow, client)
            onward = answer.headers.get("Location")
            if answer.status not in {301, 302, 303, 307, 308} or not onward:
                return answer
            address = str(target.url.join(onward))
    raise AddressRefused(f"网址转向超过{MOST_REDIRECTS}次，没有继续访问；请登记公众最终打开的网址")


async def _ask_host(target: Target, allow: Collection[str], client: Client) -> _Answer:
    """Ask the first IP address that can be connected to; all of them were checked."""
    trust = client.trust or httpx.create_ssl_context()
    ips = await asyncio.to_thread(allowed_ips, target, allow, client.resolve)
    for number, ip in enumerate(ips, start=1):
        try:
            async with httpx.AsyncClient(verify=trust, trust_env=False, timeout=client.patience) as http:
                return await _ask_ip(http, target, ip)
        except httpx.ConnectError:
            if number == len(ips):
                raise
    raise httpx.ConnectError("no address")


async def _ask_ip(http: httpx.AsyncClient, target: Target, ip: str) -> _Answer:
    """Ask one IP address in the name of the host: the name that the certificate must carry, too."""
    headers = {
        "Host": target.url.netloc.decode("ascii"),
        "User-Agent": USER_AGENT,
        "Accept": _ACCEPT,
        "Accept-Encoding": "gzip, deflate",
        "Accept-Language": "zh-CN",
    }
    url = target.url.copy_with(host=ip, fragment=None)
    async with http.stream("GET", url, headers=headers, extensions={"sni_hostname": target.host}) as response:
        answer = _Answer(response.status_code, response.headers, str(target.url))
        if response.is_redirect:
            return answer
        if _form(answer) is None:
            return replace(
                answer, unread=f"网址上是{response.headers['Content-Type'][:60]}，不是网页、PDF 或 Word 文件，不能核对"
            )
        raw = bytearray()
        async for piece in response.aiter_raw():
            raw += piece
            if len(raw) > MOST_BYTES:
                return replace(answer, unread=_TOO_LARGE)
    body = _expanded(bytes(raw), response.headers.get("Content-Encoding", "identity").strip().lower())
    if body is None:
        return replace(answer, unread=_TOO_LARGE)
    return replace(answer, body=body)


def _expanded(raw: bytes, encoding: str) -> bytes | None:
    """Return the body as sent before compression, None beyond the limit; raises ValueError for what is damaged or broken off."""
    if encoding in {"identity", ""} or not raw:
        return raw
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise ValueError(encoding)
    for window in (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS):  # with a head of either sort; deflate often comes without
        inflater = zlib.decompressobj(window)
        try:
            body = inflater.decompress(raw, MOST_BYTES + 1)
        except zlib.error:
            continue
        if len(body) > MOST_BYTES:
            return None
        if inflater.eof:
            return body
    raise ValueError(encoding)


def _why(error: Exception) -> str:
    """Say in one sentence why a site could not be reached."""
    if isinstance(error, httpx.TimeoutException):
        return "网站没有在规定时间内答复，稍后再看"
    if "CERTIFICATE" in str(error).upper():
        return "网站的证书无效或与域名不符，没有访问；请告知网站管理单位"
    if isinstance(error, httpx.ConnectError):
        return "不能连接网站（本服务器可能不通互联网），稍后再看；一直不通的，请登记人工佐证"
    if isinstance(error, httpx.HTTPError):
        return f"与网站的连接中断（{type(error).__name__}），稍后再看"
    if isinstance(error, OSError):
        return "域名无法解析（本服务器可能不通互联网），请核对网址；一直不通的，请登记人工佐证"
    return f"网站的答复无法读取（{type(error).__name__}），稍后再看"

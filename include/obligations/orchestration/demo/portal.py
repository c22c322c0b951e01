"""A small government site for the demo and for tests: a real server on the loopback that does what docs/site-api.zh-CN.md asks.

It publishes whole or not at all, each version once, and keeps its pages over a restart. It says 演示门户 on every page. It can
be told to fail as real sites do.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
import mimetypes
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from obligations.steps.replace import replace_file

API = "/api/publications"
SIGN = "演示门户（演示数据，并非政府网站）"
MOST_BYTES = 100 * 1024 * 1024
_SIGNED_WITHIN = timedelta(minutes=5)
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}


@dataclass
class Faults:
    """What goes wrong; a count goes down by one each time.

    Attributes:
        failures: posts answered 500; accepted: asks answered 202 before it is published; lost: posts whose publication is
            made and whose answer never comes.
        robots: pages are refused (403) to whoever is no browser; delay: seconds before any answer.
        altered: by path of a page, what is put in place of what; dropped: paths of pages that are gone (404).
    """

    failures: int = 0
    accepted: int = 0
    lost: int = 0
    robots: bool = False
    delay: float = 0
    altered: dict[str, tuple[str, str]] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)

    def take(self, name: str) -> bool:
        """Whether this fault strikes now."""
        left: int = getattr(self, name)
        setattr(self, name, max(left - 1, 0))
        return left > 0


class Portal:
    """The running site.

    Attributes:
        url: its address; api: where publications are posted; faults: see ``Faults``.
        posts: SHA-256 of each publication asked for, repeats included; pages: what is public, by path.
    """

    def __init__(self, folder: Path, secret: str, now: Callable[[], datetime], port: int = 0) -> None:
        """Start it; ``folder`` keeps what it published, ``secret`` is the key of the signature, ``now`` its clock."""
        self.faults, self.posts = Faults(), list[str]()
        self.pages: dict[str, dict[str, Any]] = {}
        self._waiting: dict[str, dict[str, Any]] = {}
        self._folder, self._secret, self._now = folder, secret, now
        self._lock, self._stopping = threading.Lock(), threading.Event()
        kept = [json.loads(file.read_bytes()) for file in folder.glob("*.json")]
        for record in sorted(kept, key=lambda record: int(record["number"])):
            self.pages[record["path"]] = record
        self._published = {record["sha256"]: record for record in kept}
        self._server = ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.api = self.url + API

    def stop(self) -> None:
        """End it; what it published stays in its folder."""
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def wait(self) -> None:
        """Let the delay pass that it was told to make, or the end come."""
        self._stopping.wait(self.faults.delay)

    def is_signed(self, moment: str, signed: str, body: bytes) -> bool:
        """Whether somebody with the key signed this body just now."""
        right = hmac.new(self._secret.encode(), f"{moment}\n".encode() + body, hashlib.sha256).hexdigest()
        fresh = moment.isdigit() and abs(self._now().timestamp() - int(moment)) <= _SIGNED_WITHIN.total_seconds()
        return fresh and hmac.compare_digest(right.encode(), signed.encode())

    def post(self, key: str, body: bytes) -> tuple[HTTPStatus, dict[str, str]]:
        """Publish what is asked for, once; returns the answer, an address or an error."""
        try:
            asked = json.loads(body)
            wrong = _wrong_with(asked, key)
        except (ValueError, KeyError, TypeError):
            return HTTPStatus.BAD_REQUEST, {"error": "请求内容不合接口说明"}
        if wrong:
            return HTTPStatus.UNPROCESSABLE_ENTITY, {"error": wrong}
        with self._lock:
            self.posts.append(key)
            if self.faults.take("failures"):
                return HTTPStatus.INTERNAL_SERVER_ERROR, {"error": "平台内部错误"}
            if (known := self._published.get(key)) is not None:
                return HTTPStatus.CONFLICT, self._said(known)
            if self.faults.take("accepted"):
                self._waiting[key] = asked
                return HTTPStatus.ACCEPTED, {"location": f"{API}/{key}"}
            return HTTPStatus.CREATED, self._said(self._keep(asked))

    def ask(self, key: str) -> tuple[HTTPStatus, dict[str, str]]:
        """Say what became of a publication that was accepted."""
        with self._lock:
            if (known := self._published.get(key)) is not None:
                return HTTPStatus.OK, self._said(known)
            if key not in self._waiting:
                return HTTPStatus.NOT_FOUND, {"error": "没有这个版本"}
            if self.faults.take("accepted"):
                return HTTPStatus.ACCEPTED, {"location": f"{API}/{key}"}
            return HTTPStatus.OK, self._said(self._keep(self._waiting.pop(key)))

    def page(self, path: str, browser: bool) -> tuple[HTTPStatus, str, bytes]:
        """Return status, media type and body of a page, or of a file beside it."""
        if self.faults.robots and not browser:
            return HTTPStatus.FORBIDDEN, "text/html", _whole("<p>访问被拦截</p>")
        if path == "/":
            links = "".join(f'<li><a href="{html.escape(at)}">{html.escape(at)}</a></li>' for at in self.pages)
            return HTTPStatus.OK, "text/html", _whole(f"<ul>{links}</ul>")
        folder, _, name = path.rpartition("/")
        record = None if f"{folder}/" in self.faults.dropped else self.pages.get(f"{folder}/")
        files = {file["name"]: file["content"] for file in record["files"]} if record else {}
        content = files.get(name or "page.html")
        if content is None:
            return HTTPStatus.NOT_FOUND, "text/html", _whole("<p>没有这个网页</p>")
        if name:
            return HTTPStatus.OK, mimetypes.guess_type(name)[0] or "application/octet-stream", base64.b64decode(content)
        text = base64.b64decode(content).decode("utf-8").replace(*self.faults.altered.get(path, ("", "")), 1)
        return HTTPStatus.OK, "text/html", _signed_page(text)

    def _keep(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Keep a publication, then show it; a correction takes the place of the page that it corrects."""
        corrected = urlsplit(asked["corrects"] or "").path
        path = corrected if corrected in self.pages else f"/{asked['key']}/{asked['period']}/{asked['sha256'][:16]}/"
        published_at = self._now().isoformat(timespec="seconds")
        record = {**asked, "path": path, "published_at": published_at, "number": len(self._published)}
        self._folder.mkdir(parents=True, exist_ok=True)
        replace_file(self._folder / f"{asked['sha256']}.json", json.dumps(record, ensure_ascii=False).encode())
        self._published[asked["sha256"]] = self.pages[path] = record
        return record

    def _said(self, record: dict[str, Any]) -> dict[str, str]:
        return {"address": self.url + record["path"], "published_at": record["published_at"]}


def _wrong_with(asked: dict[str, Any], key: str) -> str | None:
    """Say what contradicts itself in what was posted: nothing goes out that is not what its manifest names."""
    texts = [asked[name] for name in ("key", "period", "title", "sha256")]
    if not all(isinstance(text, str) for text in texts) or not isinstance(asked["corrects"], str | None):
        return "key、period、title、sha256 应为文字，corrects 应为网址或 null"
    manifest = base64.b64decode(asked["manifest"], validate=True)
    if not hashlib.sha256(manifest).hexdigest() == asked["sha256"] == key:
        return "Idempotency-Key、sha256 与 manifest 的 SHA-256 不一致"
    listed = json.loads(manifest)["files"]
    found = {
        file["name"]: hashlib.sha256(base64.b64decode(file["content"], validate=True)).hexdigest()
        for file in asked["files"]
    }
    return None if found == listed else "files 与 manifest 列出的不一致"


def _is_browser(agent: str) -> bool:
    """Whether a browser asks: robots that name themselves say so in a comment that begins with ``compatible``."""
    return "Mozilla" in agent and "compatible;" not in agent


def _whole(body: str) -> bytes:
    return _signed_page(f'<!doctype html><html lang="zh-CN"><title>演示门户</title><body>{body}</body></html>')


def _signed_page(page: str) -> bytes:
    """Put the sign at the top of a page, as a site's own head is."""
    head, body, rest = page.partition("<body")
    attributes, end, shown = rest.partition(">")
    return f"{head}{body}{attributes}{end}<header>{SIGN}</header>{shown}".encode()


class _Handler(BaseHTTPRequestHandler):
    """One request."""

    timeout = 30

    def __init__(self, portal: Portal, *connection: Any) -> None:
        self._portal = portal
        super().__init__(*connection)  # answers at once, so all else must be there before

    def do_POST(self) -> None:
        """Publish."""
        self._portal.wait()
        length = self.headers.get("Content-Length", "")
        if self.path != API or not length.isdigit() or int(length) > MOST_BYTES:
            self._say(HTTPStatus.BAD_REQUEST, {"error": "请求内容不合接口说明"})
            return
        body = self.rfile.read(int(length))
        if not self._is_signed(body):
            self._say(HTTPStatus.UNAUTHORIZED, {"error": "签名不符"})
            return
        status, said = self._portal.post(self.headers.get("Idempotency-Key", ""), body)
        if status in {HTTPStatus.CREATED, HTTPStatus.CONFLICT} and self._portal.faults.take("lost"):
            self.close_connection = True
            return
        self._say(status, said)

    def do_GET(self) -> None:
        """Show a page, or say what became of a publication."""
        self._portal.wait()
        path = unquote(urlsplit(self.path).path)
        if path.startswith(f"{API}/"):
            if not self._is_signed(b""):
                self._say(HTTPStatus.UNAUTHORIZED, {"error": "签名不符"})
                return
            self._say(*self._portal.ask(path.removeprefix(f"{API}/")))
            return
        self._send(*self._portal.page(path, _is_browser(self.headers.get("User-Agent", ""))))

    def _is_signed(self, body: bytes) -> bool:
        return self._portal.is_signed(self.headers.get("X-Timestamp", ""), self.headers.get("X-Signature", ""), body)

    def _say(self, status: HTTPStatus, said: dict[str, str]) -> None:
        location = {"Location": said["location"]} if "location" in said else {}
        self._send(status, "application/json", json.dumps(said, ensure_ascii=False).encode(), location)

    def _send(self, status: HTTPStatus, kind: str, body: bytes, more: dict[str, str] | None = None) -> None:
        self.send_response(status)
        charset = "; charset=utf-8" if kind.startswith("text/") or kind.endswith("json") else ""
        headers = {"Content-Type": kind + charset, "Content-Length": str(len(body)), **_HEADERS, **(more or {})}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Stay silent: the terminal of ``make run`` is for people."""

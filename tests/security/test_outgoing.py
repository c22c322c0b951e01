"""Whoever answers us leads us nowhere: no redirect is followed where we sign or carry a secret, and no log tells an address that is one.

Addresses of evidence, names that resolve inward and redirects of pages are in ``tests/steps/verify``; here is what else goes out.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from apprise.plugins.dingtalk import NotifyDingTalk
from case_counts import tried

from obligations.orchestration.documents.specimens import specimen
from obligations.steps.draft import draft, fill
from obligations.steps.notify.robots import Robot, send_to_robot
from obligations.steps.notify.sms import SmsGateway, send_sms
from obligations.steps.publish import SiteApi, post, read_parcel
from obligations.words.errors import ChannelDown, DeliveryFailed, NotPublishable
from obligations.words.letters import Letter
from obligations.words.times import SHANGHAI

NOW = datetime(2026, 9, 29, 10, tzinfo=SHANGHAI)
LETTER = Letter("主题", "正文", "<p>正文</p>", "短信")
TOKEN = "0123456789abcdef0123456789abcdef"  # noqa: S105 - of nobody


class Site:
    """A server that answers everything alike and remembers who asked.

    Attributes:
        url: its address; asked: method and path of each request.
    """

    def __init__(self, status: int, **headers: str) -> None:
        self.asked: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                site.asked.append(f"{self.command} {self.path}")
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_GET(self) -> None:
                self.do_POST()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def inside() -> Iterator[Site]:
    """A server of one's own network, which nobody outside must reach through us."""
    site = Site(200)
    yield site
    site.stop()


@pytest.fixture(params=[301, 302, 303, 307, 308])
def misleading(request, inside) -> Iterator[Site]:
    """A server that sends whoever asks to the one inside."""
    site = Site(request.param, Location=f"{inside.url}/latest/meta-data/")
    yield site
    site.stop()


@pytest.fixture(scope="module")
def parcel(tmp_path_factory):
    case, folder = specimen("submission"), tmp_path_factory.mktemp("parcel")
    made = draft(*case.arguments, version=1, out=folder / "draft", created_at=case.occurrence.opens_at)
    final = fill(made.folder, case.answers(made.blanks), folder / "final", dated=case.occurrence.opens_at.date())
    return read_parcel(final.folder, final.sha256)


def test_a_sites_platform_leads_us_nowhere(misleading, inside, parcel):
    tried("SSRF: redirects of what is signed")
    with pytest.raises(NotPublishable):
        post(parcel, SiteApi(misleading.url, "secret"), now=NOW)
    assert misleading.asked
    assert inside.asked == []


def test_an_accepted_publication_is_asked_for_on_the_platform_alone(inside, parcel):
    site = Site(202, Location=f"{inside.url}/ask")
    tried("SSRF: redirects of what is signed")
    with pytest.raises((NotPublishable, ChannelDown)):
        post(parcel, SiteApi(site.url, "secret"), now=NOW, pause=lambda _: None)
    site.stop()
    assert inside.asked == []


def test_a_short_messages_gateway_leads_us_nowhere(misleading, inside):
    tried("SSRF: redirects of what is signed")
    with pytest.raises(DeliveryFailed):
        send_sms(LETTER, "13800000000", SmsGateway(misleading.url, "secret"), message_id="<1@x>", now=NOW)
    assert inside.asked == []


def test_a_robots_service_leads_us_nowhere(misleading, inside, monkeypatch):
    monkeypatch.setattr(NotifyDingTalk, "notify_url", f"{misleading.url}/robot/send?access_token={{token}}")
    tried("SSRF: redirects of what is signed")
    with pytest.raises(DeliveryFailed):
        send_to_robot(LETTER, Robot(f"dingtalk://{TOKEN}"), now=NOW)
    assert inside.asked == []


def test_no_log_tells_a_robots_token_or_a_gateways_address(web_server, monkeypatch, caplog):
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(NotifyDingTalk, "notify_url", f"{web_server.url}/robot/send?access_token={{token}}")
    send_to_robot(LETTER, Robot(f"dingtalk://SEC{TOKEN}@{TOKEN}"), now=NOW)
    send_sms(LETTER, "13800000000", SmsGateway(f"{web_server.url}/send?key={TOKEN}"), message_id="<1@x>", now=NOW)
    assert len(web_server.requests) == 2
    tried("secrets: addresses that are keys")
    assert TOKEN not in caplog.text

"""A site's platform over real HTTP: one page a version however often it is asked, and no answer taken on trust."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import re
import ssl
import threading
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from obligations.orchestration.demo.portal import API, SIGN, Portal
from obligations.steps.draft import draft, fill
from obligations.steps.publish import SiteApi, post, read_parcel
from obligations.steps.publish.site_api import MOST_BYTES, SHOWN, payload, signature
from obligations.words.errors import ChannelDown, NotPublishable
from obligations.words.times import SHANGHAI

DOCUMENT = Path(__file__).parents[3] / "docs" / "site-api.zh-CN.md"
SECRET = "geheim"  # noqa: S105 - of a server that lives as long as a test
ADDRESS = "https://www.example.gov.cn/county/monthly/2026-09/"


@pytest.fixture
def portal(tmp_path, now):
    running = Portal(tmp_path / "portal", SECRET, lambda: now)
    yield running
    running.stop()


@pytest.fixture
def site(portal):
    return SiteApi(portal.api, SECRET)


@pytest.fixture
def answering():
    """Return a function that starts a server which answers everything alike, and lists what it was asked."""
    servers = []

    def start(status: int, body: bytes = b"", tls: ssl.SSLContext | None = None, **headers: str):
        asked = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                asked.append(self.command)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.end_headers()
                with suppress(ConnectionError):  # whoever asked may have read enough
                    self.wfile.write(body)

            def do_GET(self) -> None:
                self.do_POST()

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        servers.append((server, thread))
        return f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}/api", asked

    yield start
    for server, thread in servers:
        server.shutdown()
        server.server_close()
        thread.join()


class Pauses(list[float]):
    """Stands in for waiting: notes how long."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def test_a_version_becomes_a_page_with_its_files(portal, site, parcel, now):
    sent = parcel("财政收入增长5.0%")
    made = post(sent, site, now=now)
    assert made.address == f"{portal.url}/county/monthly/2026-09/{sent.sha256[:16]}/"
    assert made.acknowledged_at == now
    assert made.receipt == {"status": 201, "published_at": now.isoformat()}
    page = httpx.get(made.address).text
    assert "财政收入增长5.0%" in page
    assert SIGN in page
    assert httpx.get(f"{made.address}table-1.csv").content == sent.files["table-1.csv"]


def test_asking_twice_gives_the_same_page(portal, site, parcel, now):
    sent = parcel()
    first, second = post(sent, site, now=now), post(sent, site, now=now)
    assert second.address == first.address
    assert second.receipt["status"] == 409
    assert (len(portal.posts), len(portal.pages)) == (2, 1)


def test_another_version_is_another_page_unless_it_corrects_the_first(portal, site, parcel, now):
    first = post(parcel("增长5.0%", 1), site, now=now)
    second = post(parcel("增长5.1%", 2), site, now=now)
    assert first.address != second.address
    third = post(parcel("增长5.2%", 3, corrects=first.address), site, now=now)
    assert third.address == first.address
    assert "增长5.2%" in httpx.get(first.address).text
    assert len(portal.pages) == 2


def test_a_platform_in_trouble_is_asked_again_later(portal, site, parcel, now):
    portal.faults.failures = 2
    sent = parcel()
    for _ in range(2):
        with pytest.raises(ChannelDown, match=r"HTTP 500.*平台内部错误"):
            post(sent, site, now=now)
    assert post(sent, site, now=now).address in {portal.url + path for path in portal.pages}
    assert len(portal.pages) == 1


def test_a_lost_answer_does_not_make_a_second_page(portal, site, parcel, now):
    portal.faults.lost = 1
    sent = parcel()
    with pytest.raises(ChannelDown, match="重复提交不会重复发布"):
        post(sent, site, now=now)
    assert len(portal.pages) == 1
    assert post(sent, site, now=now).receipt["status"] == 409
    assert len(portal.pages) == 1


def test_a_publication_that_was_only_accepted_is_asked_after(portal, site, parcel, now):
    portal.faults.accepted = 3
    pauses = Pauses()
    made = post(parcel(), site, now=now, pause=pauses)
    assert pauses == [1, 2, 4]
    assert made.receipt["status"] == 200
    assert len(portal.posts) == 1


def test_one_that_is_not_out_after_all_patience_is_tried_again_later(portal, site, parcel, now):
    portal.faults.accepted = 50
    pauses = Pauses()
    with pytest.raises(ChannelDown, match="已受理，尚未发布"):
        post(parcel(), site, now=now, pause=pauses)
    assert len(pauses) == 5
    assert portal.pages == {}


@pytest.mark.parametrize(
    "location", ["http://127.0.0.1:9/elsewhere", "https://evil.example.com/", "", "//evil.example.com/x", "http://["]
)
def test_nobody_but_the_platform_is_asked_what_became_of_it(answering, parcel, now, location):
    url, asked = answering(202, b"{}", **({"Location": location} if location else {}))
    with pytest.raises(NotPublishable, match="没有在 Location 中写明同一平台上的查询地址"):
        post(parcel(), SiteApi(url, SECRET), now=now, pause=Pauses())
    assert asked == ["POST"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 413, 422])
def test_a_refusal_is_told_with_the_platforms_own_words_shortened(answering, parcel, now, status):
    url, _ = answering(status, ("栏目不存在\n" * 500).encode())
    with pytest.raises(NotPublishable, match=f"HTTP {status}") as refused:
        post(parcel(), SiteApi(url, SECRET), now=now)
    assert "栏目不存在 栏目不存在" in str(refused.value)
    assert len(str(refused.value)) < SHOWN + 100


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_trouble_that_passes_is_not_a_refusal(answering, parcel, now, status):
    url, _ = answering(status, b"busy")
    with pytest.raises(ChannelDown, match=f"HTTP {status}"):
        post(parcel(), SiteApi(url, SECRET), now=now)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(answering, parcel, now, status):
    elsewhere, asked = answering(201, json.dumps({"address": ADDRESS}).encode())
    url, _ = answering(status, b"", Location=elsewhere)
    with pytest.raises(NotPublishable, match=f"HTTP {status}，转到 http://127"):
        post(parcel(), SiteApi(url, SECRET), now=now)
    assert asked == []


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<html>ok</html>", b"[]", b"{}", b'{"address": 5}', b'{"address": "javascript:alert(1)"}',
        b'{"address": "https://u:p@www.example.gov.cn/"}', b'{"address": "/county/"}', b'{"address": "https://a b/"}',
        b'{"address": "http://["}', b'{"address": "https://[::1/"}', b"[" * 60_000,
        rb'{"address": "https://www.example.gov.cn/\ud83d"}',
    ],
)  # fmt: skip
def test_an_answer_without_an_address_is_no_publication(answering, parcel, now, body):
    url, _ = answering(201, body)
    with pytest.raises(NotPublishable, match="页面可能已经公开，请到网站核实"):
        post(parcel(), SiteApi(url, SECRET), now=now)


def test_an_endless_answer_is_not_read_to_its_end(answering, parcel, now):
    url, _ = answering(201, b" " * (MOST_BYTES * 100))
    with pytest.raises(NotPublishable, match="超过 64 KB"):
        post(parcel(), SiteApi(url, SECRET), now=now)


def test_a_platform_that_is_not_there_is_tried_again_later(free_port, parcel, now):
    with pytest.raises(ChannelDown, match="ConnectError"):
        post(parcel(), SiteApi(f"http://127.0.0.1:{free_port}/", SECRET), now=now)


def test_a_platform_that_cannot_prove_who_it_is_gets_nothing(answering, parcel, now, tmp_path):
    url, asked = answering(201, json.dumps({"address": ADDRESS}).encode(), tls=of_nobody(tmp_path))
    with pytest.raises(ChannelDown, match=r"(?i)certificate"):
        post(parcel(), SiteApi(url, SECRET), now=now)
    assert asked == []


def of_nobody(folder: Path) -> ssl.SSLContext:
    """Return a server's TLS with a certificate that it signed itself."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    today = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        (None, 0),
        ("2026-09-30T15:00:00+08:00", 0),  # the platform says an hour ago: a claim
        ("2026-09-30T16:00:07+08:00", 7),  # while we waited for the answer
        ("2026-09-30T08:00:07+00:00", 7),
        ("2026-10-01T16:00:00+08:00", 0),  # its clock is a day ahead
        ("2026-09-30T16:00:07", 0),  # of which zone?
        ("昨天", 0),
    ],
)
def test_it_counts_from_when_we_knew_and_never_from_an_earlier_claim(answering, parcel, now, said, seconds):
    url, _ = answering(201, json.dumps({"address": ADDRESS, "published_at": said}).encode())
    made = post(parcel(), SiteApi(url, SECRET), now=now)
    assert made.acknowledged_at == now + dt.timedelta(seconds=seconds)


def test_a_wrong_key_or_an_old_signature_publishes_nothing(portal, site, parcel, now):
    sent = parcel()
    for ours, at in ((replace(site, secret=SECRET[:-1]), now), (site, now - dt.timedelta(minutes=6))):
        with pytest.raises(NotPublishable, match=r"HTTP 401.*签名不符"):
            post(sent, ours, now=at)
    assert portal.pages == {}


def test_no_secret_is_shown(site):
    assert SECRET not in repr(site)


def example() -> tuple[dict[str, str], bytes]:
    """Return headers and body of the request in the document."""
    head, _, body = re.search(r"```text\n(POST .+?)\n```", DOCUMENT.read_text("utf-8"), re.DOTALL)[1].partition("\n\n")
    return dict(line.split(": ", 1) for line in head.splitlines()[1:]), body.encode()


def test_the_request_in_the_document_is_what_is_sent(parcel):
    headers, body = example()
    signed = hmac.new(b"demo-secret", headers["X-Timestamp"].encode() + b"\n" + body, hashlib.sha256).hexdigest()
    assert headers["X-Signature"] == signed
    at = dt.datetime.fromtimestamp(int(headers["X-Timestamp"]), dt.UTC)
    assert signature("demo-secret", body, at)["X-Signature"] == signed
    assert set(json.loads(body)) == set(json.loads(payload(parcel())))
    assert set(json.loads(body)["files"][0]) == set(json.loads(payload(parcel(version=2)))["files"][0])
    described = re.findall(r"^\| `(\w+)` \|", DOCUMENT.read_text("utf-8"), re.MULTILINE)
    assert sorted(described) == sorted(json.loads(body))


def test_a_platform_built_by_the_document_takes_its_example(tmp_path):
    headers, body = example()
    at = dt.datetime.fromtimestamp(int(headers["X-Timestamp"]), SHANGHAI)
    portal = Portal(tmp_path / "portal", "demo-secret", lambda: at)
    try:
        answer = httpx.post(
            portal.api, content=body, headers={name: headers[name] for name in headers if name != "Host"}
        )
    finally:
        portal.stop()
    assert answer.status_code == 201
    assert set(answer.json()) == {"address", "published_at"}
    assert f"POST {API} HTTP/1.1" in DOCUMENT.read_text("utf-8")


def test_the_answer_in_the_document_is_understood(answering, parcel, now):
    said = re.search(r"```json\n(.+?)\n```", DOCUMENT.read_text("utf-8"), re.DOTALL)[1]
    url, _ = answering(201, said.encode())
    made = post(parcel(), SiteApi(url, SECRET), now=now)
    assert made.address == json.loads(said)["address"]
    assert made.receipt["published_at"] == json.loads(said)["published_at"]


@pytest.fixture
def real_version(case, tmp_path):
    """A final version as drafting makes it, with charts, tables and all."""
    found = case("fiscal-monthly")
    done = draft(*found.arguments, version=1, out=tmp_path / "v1", created_at=found.occurrence.opens_at)
    made = fill(done.folder, found.answers(done.blanks), tmp_path / "v1-final")
    return read_parcel(made.folder, made.sha256)


def test_a_real_version_becomes_a_page_that_reads_as_it_was_signed(portal, site, real_version, now):
    page = httpx.get(post(real_version, site, now=now).address)
    assert real_version.title in page.text
    assert SIGN in page.text
    assert page.text.replace(f"<header>{SIGN}</header>", "").encode() == real_version.files["page.html"]


def test_the_files_that_the_document_names_are_those_of_a_real_version(real_version):
    named = set(re.findall(r"`((?:page|document|figures)\.\w+)`", DOCUMENT.read_text("utf-8")))
    assert named == {"page.html", "document.docx", "document.pdf", "figures.json"}
    assert named <= set(real_version.files)
    assert any(re.fullmatch(r"table-.+\.csv", name) for name in real_version.files)

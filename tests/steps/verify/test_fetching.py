"""Looks at real sites on the loopback: what each answer comes to, and that none of them can do harm or wait for ever."""

from __future__ import annotations

import gzip
import hashlib
import io
import itertools
import threading
import time
import zlib
from collections.abc import Iterator
from datetime import datetime

import docx
import pytest
from websites import HTML, Authority, Reply, Website, page, redirect, website

from obligations.steps.verify.fetching import MOST_BYTES, Client, look
from obligations.words.sights import Approved, Sight
from obligations.words.times import SHANGHAI

NOW = datetime(2026, 9, 10, 9, 30, tzinfo=SHANGHAI)
TITLE, FIRST, SECOND = "2026年8月财政收支情况", "全市收入增长3.5%。", "支出增长4.1%。"
APPROVED = Approved(TITLE, (FIRST, SECOND), frozenset({hashlib.sha256(b"%PDF-1.7 approved").hexdigest()}))
LOOPBACK = frozenset({"127.0.0.1"})
WHOLE = page(TITLE, FIRST, SECOND)


@pytest.fixture
def site() -> Iterator[Website]:
    with website() as running:
        yield running


def seen(site: Website, reply: Reply, **client: object) -> Sight:
    site.pages["/1.html"] = reply
    return look(site.address("/1.html"), APPROVED, allow=LOOPBACK, now=NOW, client=Client(**client))


def test_a_page_with_everything_on_it_matches_and_what_proves_it_is_kept(site):
    reply = Reply(WHOLE.body, headers={"Content-Type": HTML, "ETag": '"7"', "Set-Cookie": "a=b"})
    sight = seen(site, reply)
    assert (sight.outcome, sight.status, sight.missing, sight.seen_at) == ("matches", 200, (), NOW)
    assert sight.sha256 == hashlib.sha256(WHOLE.body).hexdigest()
    assert sight.final_address == site.address("/1.html")
    assert {"Content-Type", "ETag", "Date", "Server"} == set(sight.headers)
    assert "text" not in sight.as_payload()


def test_it_says_who_asks_and_brings_nothing_along(site):
    seen(site, WHOLE)
    ((path, headers),) = site.requests
    assert path == "/1.html"
    assert "obligations-verify" in headers["User-Agent"]
    assert headers["Host"] == f"127.0.0.1:{site.port}"
    assert not {"Cookie", "Authorization", "Referer"} & set(headers)


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (page(TITLE, FIRST, "支出增长4.2%。"), "differs"),
        (page(TITLE, FIRST), "differs"),
        (page("别的文章", "别的内容" * 30), "differs"),
        (Reply(b"", 404), "not_found"),
        (Reply(b"", 410), "not_found"),
        (Reply(WHOLE.body, 403), "blocked"),
        (Reply(b"", 401), "blocked"),
        (Reply(b"<script>$_ts={}</script>", 412), "blocked"),
        (Reply(b"", 418), "blocked"),
        (Reply(b"", 429), "blocked"),
        (Reply(b"<script>document.cookie='__jsl_clearance_s=1'</script>", 521), "blocked"),
        (Reply("<script src='/x.js'></script><p>请完成安全验证</p>".encode()), "blocked"),
        (Reply(b"<script>var arg1='A';acw_sc__v2</script>"), "blocked"),
        (Reply(b"<title>Just a moment...</title><div id='cf-chl-widget'></div>", 503), "blocked"),
        (Reply("<h1>您的请求已被拦截</h1><p>创宇盾</p>".encode()), "blocked"),
        (Reply(b"<html><body><div id='app'></div><script src='app.js'></script></body></html>"), "unreadable"),
        (Reply(b"", 500), "unreachable"),
        (Reply(b"", 502), "unreachable"),
        (Reply(b"", 304), "unreachable"),
        (Reply(b"GIF89a", headers={"Content-Type": "image/gif"}), "unreadable"),
        (Reply(b"{}", headers={"Content-Type": "application/json"}), "unreadable"),
        (Reply(b"%PDF-1.7 approved", headers={"Content-Type": "application/pdf"}), "matches"),
        (Reply(b"%PDF-1.7 another", headers={"Content-Type": "application/pdf"}), "unreadable"),
        (Reply(f"{TITLE}\r\n{FIRST}{SECOND}".encode("gbk"), headers={"Content-Type": "text/plain"}), "matches"),
        (Reply(WHOLE.body, headers={}), "matches"),
        (Reply(WHOLE.body.decode().encode("gbk"), headers={"Content-Type": "text/html"}), "matches"),
        (Reply(WHOLE.body.decode().encode("gbk"), headers={"Content-Type": HTML}), "matches"),
        (page(TITLE, f"<span>{FIRST[:5]}</span><script>track()</script>{FIRST[5:]}", SECOND), "matches"),
        (Reply(gzip.compress(WHOLE.body), headers={"Content-Type": HTML, "Content-Encoding": "gzip"}), "matches"),
        (Reply(zlib.compress(WHOLE.body), headers={"Content-Type": HTML, "Content-Encoding": "deflate"}), "matches"),
        (Reply(zlib.compress(WHOLE.body)[2:-4], headers={"Content-Type": HTML, "Content-Encoding": "deflate"}), "matches"),
        (Reply(gzip.compress(WHOLE.body)[:-20], headers={"Content-Type": HTML, "Content-Encoding": "gzip"}), "unreachable"),
        (Reply(b"", 404, headers={"Content-Encoding": "gzip"}), "not_found"),
        (Reply(b"no gzip", headers={"Content-Type": HTML, "Content-Encoding": "gzip"}), "unreachable"),
        (Reply(WHOLE.body, headers={"Content-Type": HTML, "Content-Encoding": "br"}), "unreachable"),
    ],
)  # fmt: skip
def test_what_an_answer_comes_to(site, reply, outcome):
    sight = seen(site, reply)
    assert (sight.outcome, bool(sight.reason)) == (outcome, True)
    assert (sight.missing != ()) == (outcome == "differs")


def test_a_good_page_behind_a_firewall_whose_script_is_on_every_page_is_no_challenge(site):
    assert seen(site, page(TITLE, FIRST, SECOND, furniture="<script>$_ts={}</script>")).outcome == "matches"
    frame = f"<script>$_ts={{}}</script><nav>{'栏目' * 400}</nav>"
    assert seen(site, page(TITLE, FIRST, furniture=frame)).outcome == "differs"


def test_a_changed_number_is_named_with_what_stands_there(site):
    assert seen(site, page(TITLE, FIRST, "支出增长4.2%。")).missing == ("“支出增长4.1%。”在页面上是“支出增长4.2%。”",)


def test_a_word_file_is_read_and_one_with_a_changed_number_differs(site):
    kind = {"Content-Type": "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}
    for last, outcome in ((SECOND, "matches"), ("支出增长4.2%。", "differs")):
        document = docx.Document()
        for text in (TITLE, FIRST, last):
            document.add_paragraph(text)
        stream = io.BytesIO()
        document.save(stream)
        assert seen(site, Reply(stream.getvalue(), headers=kind)).outcome == outcome
    assert seen(site, Reply(b"PK\x03\x04", headers=kind)).outcome == "unreadable"


def test_redirects_within_the_allowed_sites_are_followed(site):
    site.pages |= {"/1.html": redirect("/2.html"), "/2.html": redirect(site.address("/3.html"), 301), "/3.html": WHOLE}
    sight = look(site.address("/1.html"), APPROVED, allow=LOOPBACK, now=NOW)
    assert (sight.outcome, sight.final_address) == ("matches", site.address("/3.html"))


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "//169.254.169.254/",
        "http://evil.example.cn/",
        "http://127.0.0.2/",
        "http://[::1]/",
        "http://localhost/",
        "http://user:pass@127.0.0.1/",
        "http://127.0.0.1:22/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "http://127.0.0.1\\@evil.example.cn/",
    ],
)
def test_a_redirect_to_anywhere_else_is_not_followed(site, location):
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    sight = seen(site, redirect(location), resolve=resolve)
    assert sight.outcome == "refused_address"
    assert asked == [], "not even a name is looked up"
    assert len(site.requests) == 1


def test_redirects_without_end_are_given_up(site):
    assert seen(site, redirect("/1.html")).outcome == "refused_address"
    assert len(site.requests) == 6


def test_a_name_is_looked_up_once_and_that_very_address_is_asked(site):
    """DNS rebinding: the second answer of the resolver would be the metadata service."""
    answers = itertools.chain([["127.0.0.1"]], itertools.repeat(["169.254.169.254"]))
    site.pages["/1.html"] = WHOLE
    client = Client(resolve=lambda host, port: next(answers))
    allow = {"www.site.test", "127.0.0.1"}
    sight = look(site.address("/1.html", "www.site.test"), APPROVED, allow=allow, now=NOW, client=client)
    assert sight.outcome == "matches"
    assert site.requests[0][1]["Host"] == f"www.site.test:{site.port}"


@pytest.mark.parametrize("ips", [["169.254.169.254"], ["127.0.0.1"], ["10.0.0.1", "93.184.215.14"], ["::1"]])
def test_a_listed_name_that_points_inward_is_not_asked(site, ips):
    client = Client(resolve=lambda host, port: ips)
    sight = look(site.address("/", "www.site.test"), APPROVED, allow={"www.site.test"}, now=NOW, client=client)
    assert (sight.outcome, site.requests) == ("refused_address", [])


def test_a_name_that_rebinds_between_redirects_is_refused_at_the_second(site):
    answers = iter([["127.0.0.1"], ["169.254.169.254"]])
    site.pages["/1.html"] = redirect("/2.html")
    client = Client(resolve=lambda host, port: next(answers))
    address = site.address("/1.html", "www.site.test")
    assert (
        look(address, APPROVED, allow={"www.site.test", "127.0.0.1"}, now=NOW, client=client).outcome
        == "refused_address"
    )
    assert len(site.requests) == 1


def test_an_address_that_cannot_be_connected_to_gives_way_to_the_next(site):
    site.pages["/1.html"] = WHOLE
    client = Client(resolve=lambda host, port: ["127.0.0.9", "127.0.0.1"])  # nothing listens on the first
    allow = {"www.site.test", "127.0.0.1", "127.0.0.9"}
    assert (
        look(site.address("/1.html", "www.site.test"), APPROVED, allow=allow, now=NOW, client=client).outcome
        == "matches"
    )


def test_a_name_that_does_not_resolve_and_a_port_on_which_nothing_listens_are_unreachable(free_port):
    def nothing(host: str, port: int) -> list[str]:
        raise OSError("no such host")

    client = Client(resolve=nothing)
    assert (
        look("http://www.site.test/", APPROVED, allow={"www.site.test"}, now=NOW, client=client).outcome
        == "unreachable"
    )
    address = f"http://127.0.0.1:{free_port}/"
    assert look(address, APPROVED, allow=LOOPBACK, now=NOW).outcome == "unreachable"


def test_a_site_with_a_certificate_of_its_name_is_asked_at_the_checked_address(tmp_path):
    authority = Authority(tmp_path)
    client = Client(resolve=lambda host, port: ["127.0.0.1"], trust=authority.trusting())
    allow = {"*.site.test", "127.0.0.1"}
    with website(authority.site("www.site.test")) as secure:
        secure.pages["/"] = WHOLE
        good, wrong = secure.address("/", "www.site.test"), secure.address("/", "other.site.test")
        assert look(good, APPROVED, allow=allow, now=NOW, client=client).outcome == "matches"
        refused = look(wrong, APPROVED, allow=allow, now=NOW, client=client)
        assert (refused.outcome, "证书" in refused.reason) == ("unreachable", True)
        distrusted = look(good, APPROVED, allow=allow, now=NOW, client=Client(resolve=client.resolve))
        assert (distrusted.outcome, "证书" in distrusted.reason) == ("unreachable", True)
    assert len(secure.requests) == 1


def test_a_server_that_drips_for_ever_is_left_in_time(site):
    stop = threading.Event()

    def drip(write) -> None:
        while not stop.is_set():
            write(b"<p>a</p>")
            time.sleep(0.05)

    try:
        sight = seen(site, Reply(stream=drip), seconds=0.6, patience=0.4)
    finally:
        stop.set()
    assert (sight.outcome, "时间" in sight.reason) == ("unreachable", True)


def test_a_server_that_says_nothing_is_left_in_time(site):
    stop = threading.Event()
    try:
        sight = seen(site, Reply(stream=lambda write: stop.wait(30)), seconds=5, patience=0.3)
    finally:
        stop.set()
    assert sight.outcome == "unreachable"


def test_a_body_without_end_is_not_read_to_it(site):
    written = 0

    def pour(write) -> None:
        nonlocal written
        for _ in range(50):
            written += write(b"a" * 1024 * 1024) or 0

    sight = seen(site, Reply(stream=pour))
    assert (sight.outcome, "5 MB" in sight.reason) == ("unreadable", True)
    assert written < 40 * 1024 * 1024


def test_a_small_answer_that_expands_beyond_the_limit_is_not_expanded(site):
    packer = zlib.compressobj(wbits=31)
    bomb = b"".join(packer.compress(bytes(1024 * 1024)) for _ in range(200)) + packer.flush()
    assert len(bomb) < MOST_BYTES < 200 * 1024 * 1024
    sight = seen(site, Reply(bomb, headers={"Content-Type": HTML, "Content-Encoding": "gzip"}))
    assert (sight.outcome, "5 MB" in sight.reason) == ("unreadable", True)


def test_nothing_that_a_site_sends_as_headers_raises(site):
    reply = Reply(WHOLE.body, headers={"Content-Type": HTML, "ETag": "x" * 5000, "Location": "::::"})
    sight = seen(site, reply)
    assert (sight.outcome, len(sight.headers["ETag"])) == ("matches", 200)
    assert seen(site, Reply(status=302, headers={"Location": "http://["})).outcome in {"unreachable", "refused_address"}

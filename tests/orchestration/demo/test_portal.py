"""The demo's site: it does what it asks of real ones, and fails as they do when told to."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from obligations.orchestration.demo.portal import SIGN, Portal
from obligations.steps.publish.site_api import signature
from obligations.steps.verify.fetching import USER_AGENT
from obligations.words.times import SHANGHAI

NOW = datetime(2026, 9, 30, 16, 0, tzinfo=SHANGHAI)
SECRET = "geheim"  # noqa: S105 - of a server that lives as long as a test
BROWSER = {"User-Agent": "Mozilla/5.0"}


@pytest.fixture
def portal(tmp_path):
    running = Portal(tmp_path / "portal", SECRET, lambda: NOW)
    yield running
    running.stop()


def asked(text: str = "收入增长", corrects: str | None = None, **changes: Any) -> dict[str, Any]:
    """Return what is posted for a page of this text."""
    page = f'<!doctype html><html lang="zh-CN"><body class="a"><p>{text}</p></body></html>'.encode()
    data = "项目,数\n收入,1\n".encode()
    files = {"page.html": page, "table-1.csv": data}
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    manifest = json.dumps({"files": sums}).encode()
    said = {
        "key": "demo/fiscal-monthly", "period": "2026-09", "version": 1, "title": "收支", "corrects": corrects,
        "sha256": hashlib.sha256(manifest).hexdigest(), "manifest": base64.b64encode(manifest).decode(),
        "files": [
            {"name": name, "media_type": "text/html", "sha256": sums[name], "content": base64.b64encode(content).decode()}
            for name, content in files.items()
        ],
    }  # fmt: skip
    return said | changes


def post(portal: Portal, said: Any, **headers: Any) -> httpx.Response:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    key = said.get("sha256", "") if isinstance(said, dict) else ""
    return httpx.post(
        portal.api, content=body, headers={"Idempotency-Key": str(key), **signature(SECRET, body, NOW), **headers}
    )


def test_every_page_says_that_it_is_a_demo(portal):
    page = post(portal, asked()).json()["address"]
    for address in (page, portal.url, f"{portal.url}/nothing/here/"):
        assert SIGN in httpx.get(address).text
    assert "收入增长" in httpx.get(page).text
    assert httpx.get(f"{page}table-1.csv").text == "项目,数\n收入,1\n"
    assert httpx.get(f"{page}other.csv").status_code == 404


def test_pages_stay_over_a_restart_and_so_does_the_memory_of_what_was_asked(portal, tmp_path):
    first = post(portal, asked("第一版")).json()["address"]
    post(portal, asked("第二版", corrects=first))
    again = Portal(tmp_path / "portal", SECRET, lambda: NOW)
    try:
        path = first.removeprefix(portal.url)
        assert "第二版" in httpx.get(again.url + path).text
        assert post(again, asked("第一版")).status_code == 409
        assert "第二版" in httpx.get(again.url + path).text
    finally:
        again.stop()


def test_a_correction_is_seen_whole_or_not_yet(portal):
    """A reader looks as fast as it can while a long page is corrected forty times."""
    said = [f"开头{number}" + "数" * 50_000 + f"结尾{number}" for number in range(40)]
    address = post(portal, asked(said[0])).json()["address"]
    wrong, seen, done = [], set(), threading.Event()

    def look() -> None:
        with httpx.Client() as client:
            while not done.is_set():
                text = client.get(address).text
                number = text.partition("开头")[2].partition("数")[0]
                seen.add(number)
                if not number or f"结尾{number}</p>" not in text:
                    wrong.append(text[:50])

    reader = threading.Thread(target=look)
    reader.start()
    for text in said[1:]:
        assert post(portal, asked(text, corrects=address)).json()["address"] == address
    done.set()
    reader.join()
    assert wrong == []
    assert len(seen) > 1


def test_many_who_ask_for_the_same_version_at_once_get_one_page(portal):
    answers = []
    asking = [threading.Thread(target=lambda: answers.append(post(portal, asked()))) for _ in range(8)]
    for each in asking:
        each.start()
    for each in asking:
        each.join()
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 7]
    assert len({answer.json()["address"] for answer in answers}) == len(portal.pages) == 1


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        ({}, 400),
        (asked(sha256="0" * 64), 422),
        (asked(key=5), 422),
        (asked(corrects=5), 422),
        (asked(manifest="not base64!"), 400),
        (asked(files=[]), 422),
    ],
)
def test_what_contradicts_itself_is_not_published(portal, said, status):
    assert post(portal, said).status_code == status
    assert portal.pages == {}


def test_a_key_of_another_version_is_not_published(portal):
    assert post(portal, asked(), **{"Idempotency-Key": "0" * 64}).status_code == 422


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Signature": "0" * 64},
        {"X-Signature": "签".encode()},
        {"X-Timestamp": "0"},
        {"X-Timestamp": "now"},
        signature(SECRET, b"another body", NOW),
        signature("another key", json.dumps(asked()).encode(), NOW),
        signature(SECRET, json.dumps(asked()).encode(), NOW - timedelta(minutes=6)),
    ],
)
def test_what_nobody_with_the_key_has_just_signed_is_not_published(portal, headers):
    assert post(portal, asked(), **headers).status_code == 401
    assert portal.pages == {}


def test_what_became_of_a_publication_is_told_to_who_signs_alone(portal):
    sha256 = asked()["sha256"]
    assert httpx.get(f"{portal.api}/{sha256}").status_code == 401
    assert httpx.get(f"{portal.api}/{sha256}", headers=signature(SECRET, b"", NOW)).status_code == 404


def test_it_refuses_robots_when_told_to(portal):
    address = post(portal, asked()).json()["address"]
    portal.faults.robots = True
    assert httpx.get(address).status_code == 403
    assert httpx.get(address, headers={"User-Agent": USER_AGENT}).status_code == 403, "ours is one, and says so"
    assert httpx.get(address, headers=BROWSER).status_code == 200


def test_a_page_can_be_altered_and_can_go(portal):
    address = post(portal, asked()).json()["address"]
    path = address.removeprefix(portal.url)
    portal.faults.altered[path] = ("增长", "下降")
    assert "收入下降" in httpx.get(address).text
    portal.faults.dropped.add(path)
    assert httpx.get(address).status_code == 404


def test_it_can_be_slow(portal):
    portal.faults.delay = 5
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(portal.url, timeout=0.2)


def test_it_listens_on_the_loopback_alone(portal):
    assert portal.url.startswith("http://127.0.0.1:")

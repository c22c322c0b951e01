"""IM robots through a real web server: what they are sent, and that a refusal inside an HTTP 200 is a refusal."""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.wecombot import NotifyWeComBot

from obligations.steps.notify import Robot
from obligations.steps.notify.robots import send_to_robot
from obligations.words.errors import DeliveryFailed
from obligations.words.letters import Letter
from obligations.words.times import SHANGHAI

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=SHANGHAI)
LETTER = Letter("标题", "长文，不外发", "<p>长文，不外发</p>", "【紧急】〔政务公开〕短文\n请登录系统查看。\n")
ROBOTS = {
    "dingtalk": "dingtalk://SECa1b2c3@0123456789abcdef/13800000000",
    "wecom": "wecombot://693a91f6-7a6b-4bc4-97a0-0ec2sifa5aaa",
    "feishu": "feishu://2cb63fab-2b94-4a1d-8b06-0123456789ab",
}


@pytest.fixture
def robots(web_server, monkeypatch: pytest.MonkeyPatch):
    """Send what goes to the three services to a server of our own instead."""
    monkeypatch.setattr(NotifyDingTalk, "notify_url", f"{web_server.url}/robot/send?access_token={{token}}")
    monkeypatch.setattr(NotifyWeComBot, "notify_url", f"{web_server.url}/cgi-bin/webhook/send?key={{key}}")
    monkeypatch.setattr(NotifyFeishu, "notify_url", f"{web_server.url}/open-apis/bot/v2/hook/{{token}}/")
    return web_server


def refused(url: str) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as failure:
        send_to_robot(LETTER, Robot(url), now=NOW)
    return failure.value


def test_dingtalk_gets_the_short_text_with_the_signature_that_its_documents_ask_for(robots) -> None:
    send_to_robot(LETTER, Robot(ROBOTS["dingtalk"]), now=NOW)
    ((path, _, _),) = robots.requests
    query = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
    moment = str(int(NOW.timestamp() * 1000))
    wanted = hmac.new(b"SECa1b2c3", f"{moment}\nSECa1b2c3".encode(), hashlib.sha256).digest()
    assert query == {
        "access_token": "0123456789abcdef",
        "timestamp": moment,
        "sign": base64.b64encode(wanted).decode(),
    }
    assert robots.bodies == [
        {
            "msgtype": "text",
            "text": {"content": LETTER.short},
            "at": {"atMobiles": ["13800000000"], "isAtAll": False},
        }
    ]


def test_wecom_gets_the_short_text(robots) -> None:
    send_to_robot(LETTER, Robot(ROBOTS["wecom"]), now=NOW)
    assert robots.requests[0][0] == "/cgi-bin/webhook/send?key=693a91f6-7a6b-4bc4-97a0-0ec2sifa5aaa"
    assert robots.bodies == [{"msgtype": "text", "text": {"content": LETTER.short}}]


def test_wecom_gets_no_more_than_it_takes(robots) -> None:
    send_to_robot(Letter("", "", "", "字" * 2000), Robot(ROBOTS["wecom"]), now=NOW)
    said = robots.bodies[0]["text"]["content"]
    assert 1900 < len(said.encode()) <= 2048
    assert set(said) == {"字"}


def test_feishu_gets_the_short_text(robots) -> None:
    robots.answer = b'{"code": 0, "msg": "success", "data": {}}'
    send_to_robot(LETTER, Robot(ROBOTS["feishu"]), now=NOW)
    assert robots.requests[0][0] == "/open-apis/bot/v2/hook/2cb63fab-2b94-4a1d-8b06-0123456789ab/"
    assert robots.bodies == [{"msg_type": "text", "content": {"text": LETTER.short}}]


@pytest.mark.parametrize(
    ("name", "answer", "reason"),
    [
        ("dingtalk", b'{"errcode": 310000, "errmsg": "sign not match"}', "310000 sign not match"),
        ("wecom", b'{"errcode": 93000, "errmsg": "invalid webhook url"}', "93000 invalid webhook url"),
        ("feishu", b'{"code": 19024, "msg": "Key Words Not Found"}', "19024 Key Words Not Found"),
    ],
)
def test_a_refusal_in_the_body_of_a_success_is_a_refusal(robots, name: str, answer: bytes, reason: str) -> None:
    robots.answer = answer
    assert reason in str(refused(ROBOTS[name]))


@pytest.mark.parametrize("answer", [b"<html>gateway</html>", b"[]", b"{}", b'{"errmsg": "?"}'])
def test_an_answer_that_does_not_say_that_it_was_taken_is_a_refusal(robots, answer: bytes) -> None:
    robots.answer = answer
    assert not refused(ROBOTS["wecom"]).permanent


def test_an_http_error_is_a_refusal_that_shows_no_token(robots) -> None:
    robots.status = 500
    failure = refused(ROBOTS["dingtalk"])
    assert "HTTP 500" in str(failure)
    assert "0123456789abcdef" not in str(failure)


def test_a_service_that_is_not_there_is_down_for_everybody(monkeypatch: pytest.MonkeyPatch, free_port: int) -> None:
    monkeypatch.setattr(NotifyFeishu, "notify_url", f"http://127.0.0.1:{free_port}/{{token}}")
    assert refused(ROBOTS["feishu"]).channel_down


def test_any_other_service_goes_through_apprise(web_server) -> None:
    send_to_robot(LETTER, Robot(web_server.url.replace("http", "json") + "/alarm"), now=NOW)
    assert web_server.requests[0][0] == "/alarm"
    assert web_server.bodies[0]["message"].strip() == LETTER.short.strip()


def test_what_apprise_could_not_deliver_has_failed(web_server) -> None:
    web_server.status = 503
    assert refused(web_server.url.replace("http", "json")).channel_down


@pytest.mark.parametrize("url", ["", "dingtalk://", "https://oapi.dingtalk.com/robot/send?access_token=x", "钉钉"])
def test_an_address_that_apprise_does_not_know_is_refused_with_the_forms_it_knows(url: str) -> None:
    failure = refused(url)
    assert failure.channel_down
    assert "wecombot://密钥" in str(failure)


def test_a_robots_address_is_not_shown() -> None:
    assert "geheim" not in repr(Robot("feishu://geheim"))


def test_a_robot_that_drips_for_ever_is_left_in_time(robots, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("obligations.steps.notify.robots._TIMEOUT_SECONDS", 0.5)
    stop = threading.Event()

    def drip(write) -> None:
        while not stop.wait(0.05):
            write(b" ")

    robots.stream = drip
    try:
        failure = refused(ROBOTS["wecom"])
    finally:
        stop.set()
    assert ("TimeoutError" in str(failure), failure.channel_down) == (True, True)

"""Short messages through a real web server that stands for the gateway."""

from __future__ import annotations

import hashlib
import hmac
import threading
from datetime import datetime

import pytest

from obligations.steps.notify import SmsGateway
from obligations.steps.notify.sms import send_sms
from obligations.words.errors import DeliveryFailed
from obligations.words.letters import Letter
from obligations.words.times import SHANGHAI

NOW = datetime(2026, 11, 20, 23, 50, tzinfo=SHANGHAI)
LETTER = Letter("标题", "长文", "<p>长文</p>", "【紧急】〔政务公开〕突发事件\n请登录系统查看。\n")
ID = "<0f8fad5b@obligations>"


def deliver(gateway: SmsGateway) -> None:
    send_sms(LETTER, "13800000000", gateway, message_id=ID, now=NOW)


def refused(gateway: SmsGateway) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as failure:
        deliver(gateway)
    return failure.value


def test_the_gateway_gets_number_text_and_an_id_that_stays_the_same(web_server) -> None:
    deliver(SmsGateway(f"{web_server.url}/send"))
    deliver(SmsGateway(f"{web_server.url}/send"))
    assert web_server.bodies == [{"id": ID, "mobile": "13800000000", "content": LETTER.short}] * 2
    assert web_server.requests[0][0] == "/send"


def test_a_token_goes_into_the_authorization(web_server) -> None:
    deliver(SmsGateway(web_server.url, "geheim"))
    assert web_server.requests[0][1]["Authorization"] == "Bearer geheim"


def test_a_key_signs_the_moment_and_the_body(web_server) -> None:
    deliver(SmsGateway(web_server.url, "geheim", signed=True))
    ((_, headers, body),) = web_server.requests
    moment = str(int(NOW.timestamp()))
    assert headers["X-Timestamp"] == moment
    signature = hmac.new(b"geheim", moment.encode() + b"\n" + body, hashlib.sha256).hexdigest()
    assert headers["X-Signature"] == signature
    assert "Authorization" not in headers


@pytest.mark.parametrize(("status", "permanent"), [(422, True), (400, True), (401, False), (429, False), (502, False)])
def test_only_a_refusal_of_this_number_or_text_is_for_good(web_server, status: int, permanent: bool) -> None:
    web_server.status = status
    failure = refused(SmsGateway(web_server.url))
    assert failure.permanent is permanent
    assert str(status) in str(failure)


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "no host"])
def test_a_gateway_that_is_not_there_is_down_for_everybody(free_port: int, host: str) -> None:
    assert refused(SmsGateway(f"http://{host.format(port=free_port)}/")).channel_down


def test_a_secret_is_not_shown() -> None:
    assert "geheim" not in repr(SmsGateway("https://sms.example.cn", "geheim"))


def test_a_gateway_that_drips_for_ever_is_left_in_time(web_server) -> None:
    stop = threading.Event()

    def drip(write) -> None:
        while not stop.wait(0.05):
            write(b" ")

    web_server.stream = drip
    try:
        failure = refused(SmsGateway(web_server.url, timeout=0.5))
    finally:
        stop.set()
    assert (str(failure), failure.channel_down) == ("短信网关不能使用：TimeoutError", True)


def test_an_endless_answer_is_not_read_to_its_end(web_server) -> None:
    written = []

    def flood(write) -> None:
        while len(written) < 1000:
            write(b" " * 1_000_000)
            written.append(1_000_000)

    web_server.stream = flood
    deliver(SmsGateway(web_server.url))
    assert sum(written) < 100_000_000


def test_a_token_that_no_header_can_hold_is_the_channels_fault(web_server) -> None:
    failure = refused(SmsGateway(web_server.url, "密码"))
    assert (str(failure), failure.channel_down) == ("短信网关不能使用：UnicodeEncodeError", True)
    assert web_server.requests == []

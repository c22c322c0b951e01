"""One short text to an IM group or service, named by an Apprise address. Which connection holds it is orchestration's.

Apprise 2.2 counts every HTTP 200 of DingTalk, WeCom and Feishu as delivered, although these robots say in the body
that they refused, and encodes DingTalk's signature twice. Apprise reads their addresses, then; we post and read the
answer. All other services go through Apprise as they are.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import httpx

from obligations.steps.notify.posting import post
from obligations.words.errors import DeliveryFailed
from obligations.words.letters import Letter

if TYPE_CHECKING:
    from apprise.plugins.dingtalk import NotifyDingTalk
    from apprise.plugins.feishu import NotifyFeishu
    from apprise.plugins.wecombot import NotifyWeComBot

_WECOM_BYTES = 2000
"""WeCom cuts a text after 2048 bytes, within a character if need be."""
_CODES = ("errcode", "code", "StatusCode")
_REASONS = ("errmsg", "msg", "StatusMessage")
_TIMEOUT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Robot:
    """A robot or service.

    Attributes:
        url: its Apprise address, secret included: ``dingtalk://SEC…@<token>``, ``wecombot://<key>``,
            ``feishu://<token>``, or any other that Apprise knows.
    """

    url: str = field(repr=False)


def send_to_robot(letter: Letter, robot: Robot, *, now: datetime) -> None:
    """Send the short text; raises DeliveryFailed unless the service says that it took it."""
    import apprise  # loads slowly, and the scheduler parses what imports this module

    service = apprise.Apprise.instantiate(robot.url)
    if not isinstance(service, apprise.NotifyBase):
        raise DeliveryFailed(
            "连接的密码栏不是 Apprise 认得的地址，应为 dingtalk://加签密钥@令牌、wecombot://密钥、feishu://令牌 等形式",
            channel_down=True,
        )
    if request := _ROBOTS.get(str(service.secure_protocol)):
        _post(str(service.service_name), *request(service, letter.short, now))
    elif not service.notify(body=letter.short, body_format=apprise.NotifyFormat.TEXT):
        raise DeliveryFailed(f"{service.service_name} 没有接收，原因见运行日志", channel_down=True)


def _dingtalk(robot: NotifyDingTalk, text: str, now: datetime) -> tuple[str, dict[str, str], dict[str, Any]]:
    query = {}
    if robot.secret:
        moment = str(round(now.timestamp() * 1000))
        digest = hmac.new(robot.secret.encode(), f"{moment}\n{robot.secret}".encode(), hashlib.sha256).digest()
        query = {"timestamp": moment, "sign": base64.b64encode(digest).decode()}
    said = {"msgtype": "text", "text": {"content": text}, "at": {"atMobiles": robot.targets, "isAtAll": False}}
    return robot.notify_url.format(token=robot.token), query, said


def _wecom(robot: NotifyWeComBot, text: str, _: datetime) -> tuple[str, dict[str, str], dict[str, Any]]:
    fitting = text.encode()[:_WECOM_BYTES].decode("utf-8", "ignore")
    return robot.notify_url.format(key=robot.key), {}, {"msgtype": "text", "text": {"content": fitting}}


def _feishu(robot: NotifyFeishu, text: str, _: datetime) -> tuple[str, dict[str, str], dict[str, Any]]:
    return robot.notify_url.format(token=robot.token), {}, {"msg_type": "text", "content": {"text": text}}


_ROBOTS: dict[str, Callable[[Any, str, datetime], tuple[str, dict[str, str], dict[str, Any]]]] = {
    "dingtalk": _dingtalk,
    "wecombot": _wecom,
    "feishu": _feishu,
}


def _post(name: str, url: str, query: dict[str, str], said: dict[str, Any]) -> None:
    content, headers = json.dumps(said, ensure_ascii=False).encode(), {"Content-Type": "application/json"}
    try:
        # A query given apart would replace the one in the address, token and all.
        address = httpx.URL(url).copy_merge_params(query)
        status, answer = post(address, content, headers, seconds=_TIMEOUT_SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        raise DeliveryFailed(f"{name} 不能使用：{type(error).__name__}", channel_down=True) from error
    if not httpx.codes.is_success(status):
        raise DeliveryFailed(f"{name} 没有接收：HTTP {status}")
    try:
        body = json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise DeliveryFailed(f"{name} 的答复不是 JSON，不知是否接收") from error
    codes = [body[key] for key in _CODES if key in body] if isinstance(body, dict) else []
    if not codes or any(codes):
        reason = next((str(body[key]) for key in _REASONS if key in body), "") if codes else "答复中没有结果代码"
        raise DeliveryFailed(f"{name} 没有接收：{codes[0] if codes else ''} {reason[:200]}".strip())

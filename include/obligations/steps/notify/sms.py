"""One short message through a gateway's webhook. The form is ours; a gateway of another form gets a small adapter.

``POST`` of JSON ``{"id", "mobile", "content"}``: ``id`` is the same however often a message is tried, so that the
gateway can leave out a repeat. Any 2xx means taken.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import datetime

import httpx

from obligations.steps.notify.posting import post
from obligations.words.errors import DeliveryFailed
from obligations.words.letters import Letter

_REFUSED_FOR_GOOD = {httpx.codes.BAD_REQUEST, httpx.codes.UNPROCESSABLE_ENTITY}


@dataclass(frozen=True, slots=True)
class SmsGateway:
    """Where short messages go.

    Attributes:
        url: of the webhook.
        secret: a token (``Authorization: Bearer``) or, when ``signed``, the key of ``X-Signature``: the hex HMAC-SHA256
            of ``X-Timestamp`` (seconds since 1970), a line feed and the body.
        timeout: seconds for the whole conversation.
    """

    url: str
    secret: str = field(default="", repr=False)
    signed: bool = False
    timeout: float = 30


def send_sms(letter: Letter, mobile: str, gateway: SmsGateway, *, message_id: str, now: datetime) -> None:
    """Send the short text; raises DeliveryFailed, permanent where the gateway refuses this number or text (400, 422)."""
    body = json.dumps({"id": message_id, "mobile": mobile, "content": letter.short}, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8", **_proof(gateway, body, now)}
    try:
        status, _ = post(gateway.url, body, headers, seconds=gateway.timeout)
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, UnicodeError) as error:
        raise DeliveryFailed(f"短信网关不能使用：{type(error).__name__}", channel_down=True) from error
    if not httpx.codes.is_success(status):
        raise DeliveryFailed(f"短信网关不接受：HTTP {status}", permanent=status in _REFUSED_FOR_GOOD)


def _proof(gateway: SmsGateway, body: bytes, now: datetime) -> dict[str, str]:
    if not gateway.secret:
        return {}
    if not gateway.signed:
        return {"Authorization": f"Bearer {gateway.secret}"}
    moment = str(int(now.timestamp()))
    signature = hmac.new(gateway.secret.encode(), f"{moment}\n".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Timestamp": moment, "X-Signature": signature}

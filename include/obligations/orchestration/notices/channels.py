"""The ways out of this installation, from Airflow's connections: mail server, SMS gateway, IM robots. Sends nothing.

Works in a task, in a thread of the triggerer and on the command line (``AIRFLOW_CONN_…``). What each connection holds:

- mail, type ``smtp``, as for Airflow's own: host, port, login, password; in Extra ``from_email`` (required),
  ``disable_ssl``, ``disable_tls``, ``ssl_context`` (``default`` or ``none``), ``timeout``.
- SMS, id ``sms_default``, type ``http``: host (the whole address, ``https://…/send``), password (token or key); in Extra
  ``signed`` (true: the password is the key of a signature), ``timeout``.
- IM, any id, type ``generic``: password, the robot's Apprise address: ``dingtalk://<SEC…>@<access_token>`` (加签),
  ``wecombot://<key>``, ``feishu://<token>``. A robot that asks for a keyword gets ``政务公开``, which every message says.
"""

from __future__ import annotations

from functools import cache, partial
from typing import Any

from obligations.orchestration.connections import airflow_connection, timeout_of
from obligations.orchestration.settings import Settings
from obligations.steps.notify import MailServer, Robot, SmsGateway, Transports
from obligations.words.errors import UnusableInput

SMS_CONNECTION = "sms_default"


def transports_of(settings: Settings) -> Transports:
    """Return the ways out; each connection is asked for when it is first needed, and once."""
    return Transports(
        mail=cache(partial(mail_server, settings.smtp_connection)), sms=cache(sms_gateway), robot=cache(robot)
    )


def mail_server(connection_id: str) -> MailServer:
    """Return the mail server of a connection of type ``smtp``; raises UnusableInput where it is missing or not whole.

    Fields mean what they mean to Airflow's SMTP hook, but for three: with TLS from the start there is no STARTTLS
    besides, ``false`` in an address's query is false, and ``retry_limit`` is not used, since the outbox tries again.
    """
    connection = airflow_connection(connection_id, "邮件服务器")
    extra = connection.extra_dejson
    if not connection.host or not extra.get("from_email"):
        raise UnusableInput(f"Airflow 连接 {connection_id} 应写明邮件服务器地址（Host）和发件人（Extra 的 from_email）")
    if extra.get("auth_type", "basic") != "basic":
        raise UnusableInput(f"Airflow 连接 {connection_id} 的 auth_type 只支持 basic（账号和密码或授权码）")
    tls = not _is_true(extra.get("disable_ssl"))
    return MailServer(
        host=connection.host,
        port=connection.port,
        sender=extra["from_email"],
        login=connection.login or "",
        password=connection.password or "",
        tls=tls,
        starttls=not tls and not _is_true(extra.get("disable_tls")),
        verify=extra.get("ssl_context") != "none",
        timeout=timeout_of(connection_id, connection),
    )


def sms_gateway(connection_id: str = SMS_CONNECTION) -> SmsGateway:
    """Return the SMS gateway of a connection; raises UnusableInput where it is missing or not whole."""
    connection = airflow_connection(connection_id, "短信网关")
    url = connection.host or ""
    if not url.startswith(("https://", "http://")):
        raise UnusableInput(f"Airflow 连接 {connection_id} 应在 Host 中写明短信网关的完整地址，例如 https://…/send")
    signed = _is_true(connection.extra_dejson.get("signed"))
    return SmsGateway(url, connection.password or "", signed, timeout_of(connection_id, connection))


def robot(connection_id: str) -> Robot:
    """Return the robot of a connection; raises UnusableInput where it is missing or empty."""
    connection = airflow_connection(connection_id, "即时通讯机器人")
    if not connection.password:
        raise UnusableInput(
            f"Airflow 连接 {connection_id} 的密码栏应为机器人的 Apprise 地址，例如 dingtalk://加签密钥@令牌"
        )
    return Robot(connection.password)


def _is_true(value: Any) -> bool:
    """Read a switch of Extra; an address's query gives text, where ``bool("false")`` would be true."""
    return str(value).strip().lower() in {"true", "1", "yes", "on"}

"""From Airflow's connections to the ways out, in every form in which a connection can be written."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from obligations.orchestration.notices.channels import mail_server, robot, sms_gateway, transports_of
from obligations.orchestration.settings import Settings
from obligations.steps.notify import MailServer, Robot, SmsGateway
from obligations.words.errors import UnusableInput


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch):
    """Return a function that makes an Airflow connection in the environment, from an address or from its fields."""

    def make(id_: str, address: str = "", **fields: Any) -> None:
        monkeypatch.setenv(f"AIRFLOW_CONN_{id_.upper()}", address or json.dumps(fields))

    return make


def smtp(**extra: Any) -> dict[str, Any]:
    return {
        "conn_type": "smtp",
        "host": "mail.example.cn",
        "port": 587,
        "login": "gongkai",
        "password": "geheim",
        "extra": {"from_email": "gongkai@example.cn", **extra},
    }


def test_a_mail_connection_means_what_it_means_to_airflow(connect) -> None:
    connect("mail", **smtp(disable_ssl=True, timeout=7))
    assert mail_server("mail") == MailServer(
        "mail.example.cn", 587, "gongkai@example.cn", "gongkai", "geheim", tls=False, starttls=True, timeout=7
    )


def test_tls_from_the_start_is_the_default_and_needs_no_starttls(connect) -> None:
    connect("mail", **smtp())
    server = mail_server("mail")
    assert (server.tls, server.starttls, server.verify, server.timeout) == (True, False, True, 30)


def test_both_switches_off_is_plain_text_and_none_checks_no_certificate(connect) -> None:
    connect("mail", **smtp(disable_ssl=True, disable_tls=True, ssl_context="none"))
    server = mail_server("mail")
    assert (server.tls, server.starttls, server.verify) == (False, False, False)


def test_a_switch_in_an_address_that_says_false_is_false(connect) -> None:
    connect("mail", "smtp://u:geheim@mail.example.cn:465/?from_email=a%40example.cn&disable_ssl=false&disable_tls=True")
    server = mail_server("mail")
    assert (server.host, server.port, server.login, server.password) == ("mail.example.cn", 465, "u", "geheim")
    assert server.tls


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"host": ""}, "Host"),
        ({"extra": {}}, "from_email"),
        ({"extra": {"from_email": "a@example.cn", "auth_type": "oauth2"}}, "auth_type 只支持 basic"),
        ({"extra": {"from_email": "a@example.cn", "timeout": "bald"}}, "timeout 是“bald”"),
        ({"extra": {"from_email": "a@example.cn", "timeout": -1}}, "timeout 是“-1”"),
        ({"extra": {"from_email": "a@example.cn", "timeout": "nan"}}, "timeout 是“nan”"),
    ],
)
def test_a_mail_connection_that_is_not_whole_is_refused_with_what_it_lacks(connect, change, said: str) -> None:
    connect("mail", **{**smtp(), **change})
    with pytest.raises(UnusableInput, match=f"Airflow 连接 mail .*{said}"):
        mail_server("mail")


def test_an_sms_connection_holds_an_address_and_a_secret(connect) -> None:
    fields = {"host": "https://sms.example.cn/send", "password": "geheim", "extra": {"signed": True}}
    connect("sms_default", conn_type="http", **fields)
    assert sms_gateway() == SmsGateway("https://sms.example.cn/send", "geheim", signed=True)


def test_an_sms_connection_without_a_whole_address_is_refused(connect) -> None:
    connect("sms_default", conn_type="http", host="sms.example.cn")
    with pytest.raises(UnusableInput, match=r"sms_default 应在 Host 中写明短信网关的完整地址"):
        sms_gateway()


def test_a_robots_address_is_the_password_of_its_connection(connect) -> None:
    fields = {"conn_type": "generic", "password": "dingtalk://SECabc@0123456789abcdef"}
    connect("group", **fields)
    assert robot("group") == Robot("dingtalk://SECabc@0123456789abcdef")


def test_a_robot_without_an_address_is_refused(connect) -> None:
    connect("group", conn_type="generic")
    with pytest.raises(UnusableInput, match="group 的密码栏应为机器人的 Apprise 地址"):
        robot("group")


@pytest.mark.parametrize("ask", [mail_server, sms_gateway, robot])
def test_a_connection_that_is_missing_is_named_with_both_ways_to_make_it(ask) -> None:
    with pytest.raises(UnusableInput, match=r"没有名为 nowhere 的.*AIRFLOW_CONN_NOWHERE"):
        ask("nowhere")


def test_connections_are_asked_for_when_needed_and_once(connect, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(Settings.from_environment({}), smtp_connection="office_mail")
    transports = transports_of(settings)
    connect("office_mail", **smtp())
    first = transports.mail()
    assert first.host == "mail.example.cn"
    monkeypatch.delenv("AIRFLOW_CONN_OFFICE_MAIL")
    assert transports.mail() is first

"""Mail through a real SMTP server: headers as given, refusals told apart, and a server that dies at every step."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from obligations.steps.notify import MailServer
from obligations.steps.notify.mail import send_mail
from obligations.words.errors import DeliveryFailed
from obligations.words.letters import Letter
from obligations.words.times import SHANGHAI

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=SHANGHAI)  # a Friday
LETTER = Letter("〔政务公开〕3项待办：1项逾期", "演示甲：\n您有3项待办。\n", "<p>演示甲：<b>您有3项待办</b></p>", "短")
MESSAGE_ID = "<0f8fad5b-d9cb-469f-a165-70867728950e@obligations>"
TO = "yanshi.jia@example.cn"
ACCOUNT = {"login": "gongkai", "password": "geheim"}


@pytest.fixture
def server(free_port: int) -> MailServer:
    return MailServer("127.0.0.1", free_port, "政务公开办 <gongkai@example.cn>", tls=False, timeout=5)


@pytest.fixture
def postbox(mail_server, server: MailServer):
    return mail_server(server.port)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory) -> tuple[Path, ssl.SSLContext]:
    """Return the file of a certificate for 127.0.0.1 that signs itself, and a server's context with it."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    today = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, hashes.SHA256())
    )
    file, key_file = folder / "certificate.pem", folder / "key.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key_file)
    return file, context


def deliver(server: MailServer, *, letter: Letter = LETTER, name: str = "演示甲", to: str = TO) -> None:
    send_mail(letter, name, to, server, message_id=MESSAGE_ID, now=NOW)


def refused(server: MailServer, **changes: str) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as failure:
        deliver(server, **changes)
    return failure.value


def test_the_message_arrives_with_our_headers_in_text_and_html(postbox, server: MailServer) -> None:
    deliver(server)
    (message,) = postbox.received
    assert message["Message-ID"] == MESSAGE_ID
    assert message["Subject"] == LETTER.subject
    assert message["Date"].datetime == NOW
    assert message["Auto-Submitted"] == "auto-generated"
    assert [(each.display_name, each.addr_spec) for each in message["To"].addresses] == [("演示甲", TO)]
    assert message["From"].addresses[0].display_name == "政务公开办"
    assert message.get_body(("plain",)).get_content().splitlines() == LETTER.text.splitlines()
    assert message.get_body(("html",)).get_content().strip() == LETTER.html
    assert (postbox.senders, postbox.recipients) == (["gongkai@example.cn"], [[TO]])


def test_every_byte_on_the_wire_is_ascii(postbox, server: MailServer) -> None:
    deliver(server, letter=replace(LETTER, subject="〔政务公开〕" + "很长的标题" * 30))
    assert postbox.received[0].as_bytes().isascii()
    assert postbox.received[0]["Subject"] == "〔政务公开〕" + "很长的标题" * 30


def test_a_sender_without_a_name_gets_the_systems(postbox, server: MailServer) -> None:
    deliver(replace(server, sender="gongkai@example.cn"))
    assert postbox.received[0]["From"].addresses[0].display_name == "政务公开工作台账系统"


@pytest.mark.parametrize(
    "to",
    [
        "甲@example.cn",
        "jia@例子.cn",
        "a@b@c",
        "a@example.cn\r\nBcc: x@example.cn",
        "",
        "a@example.cn, b@example.cn",
        "a b@c",
    ],
)
def test_an_address_that_is_none_is_refused_before_anything_is_sent(postbox, server: MailServer, to: str) -> None:
    failure = refused(server, to=to)
    assert failure.permanent
    assert "写法有误" in str(failure)
    assert postbox.conversations == 0


@pytest.mark.parametrize("sender", ["gongkai", "政务公开办", "公开@example.cn", ""])
def test_a_sender_that_is_none_is_the_channels_fault_and_no_recipients(
    postbox, server: MailServer, sender: str
) -> None:
    failure = refused(replace(server, sender=sender))
    assert (failure.permanent, failure.channel_down) == (False, True)
    assert "from_email" in str(failure)
    assert postbox.conversations == 0


@pytest.mark.parametrize("nasty", ["甲\r\nBcc: x@example.cn", "甲\nBcc: x@example.cn"])
def test_a_line_break_in_a_name_adds_no_header(postbox, server: MailServer, nasty: str) -> None:
    failure = refused(server, name=nasty)
    assert failure.permanent
    assert postbox.received == []


def test_a_line_break_in_the_subject_adds_no_header(postbox, server: MailServer) -> None:
    with pytest.raises(ValueError, match="linefeed"):
        deliver(server, letter=replace(LETTER, subject="甲\r\nBcc: x@example.cn"))
    assert postbox.received == []


def test_a_recipient_refused_with_5xx_is_refused_for_good(postbox, server: MailServer) -> None:
    postbox.refusals[TO] = "550 5.1.1 no such user"
    failure = refused(server)
    assert (failure.permanent, failure.channel_down) == (True, False)
    assert "550 5.1.1 no such user" in str(failure)


def test_a_recipient_refused_with_451_is_tried_again(postbox, server: MailServer) -> None:
    postbox.refusals[TO] = "451 4.7.1 greylisted"
    failure = refused(server)
    assert (failure.permanent, failure.channel_down) == (False, False)


@pytest.mark.parametrize(("answer", "permanent"), [("554 spam", True), ("452 disk full", False)])
def test_a_refused_message_is_told_from_a_full_disk(postbox, server: MailServer, answer: str, permanent: bool) -> None:
    postbox.data_answer = answer
    failure = refused(server)
    assert failure.permanent is permanent
    assert answer in str(failure)


@pytest.mark.parametrize("moment", ["RCPT", "DATA"])
def test_a_server_that_dies_before_it_answers_leaves_the_message_to_be_tried_again(
    postbox, server: MailServer, moment: str
) -> None:
    postbox.dies_at = moment
    assert not refused(server).permanent


def test_a_server_that_dies_after_taking_the_message_has_taken_it(postbox, server: MailServer) -> None:
    postbox.dies_at = "QUIT"
    deliver(server)
    assert len(postbox.received) == 1


def test_a_server_that_is_not_there_is_down_for_everybody(server: MailServer) -> None:
    failure = refused(server)
    assert (failure.permanent, failure.channel_down) == (False, True)
    assert "邮件服务器 127.0.0.1 不能使用" in str(failure)


def test_a_host_name_that_is_none_is_down_for_everybody(server: MailServer) -> None:
    assert refused(replace(server, host="." * 300)).channel_down


def test_starttls_with_login_delivers_where_the_certificate_is_trusted(
    mail_server, server: MailServer, certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, context = certificate
    seen = []

    def authenticate(_server, _session, _envelope, mechanism, said):
        seen.append((mechanism, said.login, said.password))
        return AuthResult(success=said.password == b"geheim", handled=False)  # so that the server says 535

    postbox = mail_server(
        server.port, tls_context=context, require_starttls=True, auth_required=True, authenticator=authenticate
    )
    secured = replace(server, starttls=True, **ACCOUNT)
    assert refused(secured).channel_down, "nobody vouches for this certificate"
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    deliver(secured)
    assert len(postbox.received) == 1
    assert seen[-1][1:] == (b"gongkai", b"geheim")
    failure = refused(replace(secured, **{**ACCOUNT, "password": "falsch"}))
    assert failure.channel_down
    assert "535" in str(failure)
    assert "falsch" not in str(failure)
    deliver(replace(secured, verify=False))
    assert len(postbox.received) == 2


def test_a_server_without_tls_gets_no_password_when_tls_is_asked_for(postbox, server: MailServer) -> None:
    failure = refused(replace(server, starttls=True, **ACCOUNT))
    assert failure.channel_down
    assert postbox.received == []


def test_a_password_is_not_shown() -> None:
    assert "geheim" not in repr(MailServer("mail.example.cn", 465, "a@example.cn", **ACCOUNT))

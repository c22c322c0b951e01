"""One message to one recipient over SMTP, with our own Message-ID, and what a refusal means. Settings come from outside.

We hold the conversation ourselves, because a resend must be recognizable (the Message-ID is the ledger's), and because
what the server says to one recipient decides whether trying again is of any use.
"""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from obligations.words.errors import DeliveryFailed
from obligations.words.letters import Letter

SENDER_NAME = "政务公开工作台账系统"
_REFUSED_FOR_GOOD = 500
_LONGEST_ANSWER = 200


@dataclass(frozen=True, slots=True)
class MailServer:
    """How mail goes out.

    Attributes:
        host, port: of the server; without a port the usual one (25, with TLS from the start 465).
        sender: address, or ``name <address>``.
        login, password: where the server wants them.
        tls: from the first byte; starttls: begun in the conversation; both off only within one's own network.
        verify: whether the server's certificate must be valid.
        timeout: seconds for each answer.
    """

    host: str
    port: int | None
    sender: str
    login: str = ""
    password: str = field(default="", repr=False)
    tls: bool = True
    starttls: bool = False
    verify: bool = True
    timeout: float = 30


def send_mail(letter: Letter, name: str, address: str, server: MailServer, *, message_id: str, now: datetime) -> None:
    """Send ``letter``; returns once the server has taken it, and whatever it says after that changes nothing.

    Raises DeliveryFailed: permanent for an address or message that is refused with 5xx.
    """
    message = write_message(letter, name, address, server.sender, message_id=message_id, now=now)
    try:
        client = _connect(server, str(message["From"].addresses[0].domain))
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        raise DeliveryFailed(f"邮件服务器 {server.host} 不能使用：{_say(error)}", channel_down=True) from error
    try:
        client.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
        raise DeliveryFailed(
            f"邮件服务器不接受收件人 {address}：{_answer(code, answer)}", permanent=code >= _REFUSED_FOR_GOOD
        ) from error
    except smtplib.SMTPDataError as error:
        said = f"邮件服务器不接受这封邮件：{_say(error)}"
        raise DeliveryFailed(said, permanent=error.smtp_code >= _REFUSED_FOR_GOOD) from error
    except smtplib.SMTPSenderRefused as error:
        raise DeliveryFailed(f"邮件服务器不接受发件人 {error.sender}：{_say(error)}", channel_down=True) from error
    except (OSError, smtplib.SMTPException) as error:
        raise DeliveryFailed(f"邮件服务器 {server.host} 中途失败：{_say(error)}") from error
    finally:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            client.quit()  # the message is taken or refused by now; a rude farewell makes no difference
        client.close()


def write_message(
    letter: Letter, name: str, address: str, sender: str, *, message_id: str, now: datetime
) -> EmailMessage:
    """Return the message, plain text with an HTML alternative.

    Raises DeliveryFailed for an address that is none: the recipient's is refused for good, without a sender no mail goes
    out at all. Header values go through the standard library's parser, which refuses line breaks in each.
    """
    message = EmailMessage(policy=SMTP)
    message["Message-ID"] = message_id
    message["Date"] = format_datetime(now)
    wrong = "写法有误，应为 name@example.cn 的形式"
    no_sender = DeliveryFailed(f"发件人邮箱“{sender}”{wrong}；请改正邮件服务器连接的 from_email", channel_down=True)
    no_recipient = DeliveryFailed(f"收件人邮箱“{address}”{wrong}；请在通讯录中改正", permanent=True)
    message["From"] = _address(*parseaddr(sender), no_sender)
    message["To"] = _address(name, address, no_recipient)
    message["Subject"] = letter.subject
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
    message.set_content(letter.text, cte="base64")  # reads the same through servers that know seven bits only
    message.add_alternative(letter.html, subtype="html", cte="base64")
    return message


def _address(name: str, address: str, fault: DeliveryFailed) -> Address:
    """Make an address of a name and what stands around the @; raises ``fault`` where it is none."""
    try:
        if not address.isascii():
            raise ValueError  # noqa: TRY301 - as wrong as what Address itself refuses
        return Address(display_name=name or SENDER_NAME, addr_spec=address)
    except (ValueError, IndexError, MessageError) as error:
        raise fault from error


def _connect(server: MailServer, domain: str) -> smtplib.SMTP:
    """Connect and log in; we greet with the sender's domain, as asking the network for our own name may take long."""
    # Only where it is needed: loading the certificates of the system takes longer than a message within the house.
    context = ssl.create_default_context() if server.verify and (server.tls or server.starttls) else None
    port = server.port or 0
    client: smtplib.SMTP
    if server.tls:
        client = smtplib.SMTP_SSL(server.host, port, domain, timeout=server.timeout, context=context)
    else:
        client = smtplib.SMTP(server.host, port, domain, timeout=server.timeout)
    try:
        if server.starttls and not server.tls:
            client.starttls(context=context)
        if server.login and server.password:
            client.login(server.login, server.password)
    except BaseException:
        client.close()
        raise
    return client


def _say(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _answer(error.smtp_code, error.smtp_error)
    return str(error)[:_LONGEST_ANSWER] or type(error).__name__


def _answer(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"{code} {' '.join(text.split())}"[:_LONGEST_ANSWER]

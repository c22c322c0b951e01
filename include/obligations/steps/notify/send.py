"""Sends one letter on one channel. Who gets it, when, and what follows a failure do not belong here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from obligations.steps.notify.mail import MailServer, send_mail
from obligations.steps.notify.robots import Robot, send_to_robot
from obligations.steps.notify.sms import SmsGateway, send_sms
from obligations.words.errors import DeliveryFailed, UnusableInput
from obligations.words.letters import Letter


@dataclass(frozen=True, slots=True)
class Transports:
    """The ways out, each opened when it is needed: one that is set up wrongly does not stop the others.

    Attributes:
        mail, sms: return the server or gateway; robot: returns the robot of a connection id. All raise UnusableInput.
    """

    mail: Callable[[], MailServer]
    sms: Callable[[], SmsGateway]
    robot: Callable[[str], Robot]


def send(
    letter: Letter, channel: str, name: str, address: str, transports: Transports, *, message_id: str, now: datetime
) -> None:
    """Send ``letter`` to the recipient called ``name``; raises DeliveryFailed.

    ``channel`` is ``email``, ``sms`` or ``im:<connection id>``, and ``address`` the mail address, the mobile number or
    the connection id of the robot. ``message_id`` is the same however often this message is tried.
    """
    try:
        if channel == "email":
            send_mail(letter, name, address, transports.mail(), message_id=message_id, now=now)
        elif channel == "sms":
            send_sms(letter, address, transports.sms(), message_id=message_id, now=now)
        else:
            send_to_robot(letter, transports.robot(address), now=now)
    except UnusableInput as error:
        raise DeliveryFailed(str(error), channel_down=True) from error

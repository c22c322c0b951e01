"""Words a notice as a letter and sends it on one channel. Who is told, when, and how often is tried do not belong here."""

import logging

from obligations.steps.notify.compose import letter
from obligations.steps.notify.mail import MailServer
from obligations.steps.notify.robots import Robot
from obligations.steps.notify.send import Transports, send
from obligations.steps.notify.sms import SmsGateway

# At INFO it writes down every address that it asks, and a robot's or a gateway's address is its key.
logging.getLogger("httpx").setLevel(logging.WARNING)

__all__ = ["MailServer", "Robot", "SmsGateway", "Transports", "letter", "send"]

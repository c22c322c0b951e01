"""Sends what is due: claim, recheck, word, send, record, one message after the other. Whom to tell is decided before.

Nothing is dropped silently: a failure is recorded and tried again later, after the third on the recipient's next channel
as well, and the operators hear of it on another one. No network call happens inside a transaction of the ledger. If this
process dies between a server's acceptance and our record, the lease runs out and the same message goes again under the
same Message-ID; that gap is the only one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from obligations.orchestration.notices.letters import entry_of
from obligations.orchestration.settings import Settings
from obligations.rules.calendar import WorkingCalendar, load_calendar
from obligations.rules.catalogue import load_one
from obligations.rules.contacts import Directory, addresses_of
from obligations.rules.policies import Policies
from obligations.rules.quiet_hours import send_after
from obligations.steps.ledger import Ledger, Outbox, queue_alarm
from obligations.steps.notify import Transports, letter, send
from obligations.words.contacts import Role
from obligations.words.errors import DeliveryFailed, ObligationsError
from obligations.words.notices import NewNotice, Outgoing, QueuedNotice
from obligations.words.times import SHANGHAI

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)
"""Longer than one conversation with a slow server can take; only then is a message claimed again."""
FIRST_PAUSE, LONGEST_PAUSE, PAUSE_AFTER_REFUSAL = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ATTEMPTS_BEFORE_ALARM = 3
CURED = "发送前复核：已不需要提醒"
GONE = "收件人已不在岗，改由接任者收"


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one notice on one channel.

    Attributes:
        key, period: None for an alarm of the system; why: for one that was dropped or failed.
    """

    key: str | None
    period: str | None
    tier: str
    recipient: str
    channel: str
    why: str = ""


@dataclass(slots=True)
class SendReport:
    """What a pass over the outbox did.

    Attributes:
        alarms: sentences told to the operators, or that could be told to nobody because no operator can be reached.
    """

    sent: list[Told] = field(default_factory=list)
    dropped: list[Told] = field(default_factory=list)
    failed: list[Told] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Post:
    """What every message of one pass is sent with."""

    ledger: Ledger
    outbox: Outbox
    directory: Directory
    policies: Policies
    calendar: WorkingCalendar
    settings: Settings
    transports: Transports
    still_applies: Callable[[QueuedNotice], bool]
    clock: Callable[[], datetime]
    government: Callable[[str], str]
    report: SendReport = field(default_factory=SendReport)
    down: dict[str, DeliveryFailed] = field(default_factory=dict)


def send_due(
    ledger: Ledger,
    directory: Directory,
    policies: Policies,
    settings: Settings,
    now: datetime,
    transports: Transports,
    *,
    still_applies: Callable[[QueuedNotice], bool],
    clock: Callable[[], datetime] | None = None,
    urgent_only: bool = False,
) -> SendReport:
    """Send everything that is due at ``now``, or only what is urgent; each message once, until nothing is left to try.

    ``still_applies`` says whether a notice about an occurrence is still worth sending; it is not asked about alarms, nor
    about repeats, of which nobody knows whether they arrived. ``clock`` tells the time as it goes by, since a pass may
    last; by default it stands still at ``now``.
    """
    outbox = Outbox(ledger)
    calendar = load_calendar(settings.holidays)
    is_quiet = send_after(now, False, calendar, policies.quiet_hours) > now
    tick = clock or (lambda: now)
    government = cache(lambda key: _government(key, settings))
    post = _Post(ledger, outbox, directory, policies, calendar, settings, transports, still_applies, tick, government)
    # One at a time, so that the lease covers one conversation. It counts from when the claim is made; what is due
    # counts from ``now``, so that nothing that failed in this pass comes round again in it.
    while batch := outbox.take(now, lease=LEASE + (tick() - now), limit=1, urgent_only=urgent_only or is_quiet):
        for message in batch:
            _handle(post, message)
    return post.report


def _government(key: str, settings: Settings) -> str:
    """Name the jurisdiction of an obligation; its slug where the obligation is no longer in the catalogue."""
    try:
        return load_one(settings.catalogue, key).jurisdiction.name
    except ObligationsError:
        return key.split("/", 1)[0]


def _handle(post: _Post, message: Outgoing) -> None:
    notices = message.notices
    try:
        notices = _recheck(post, message)
        if not notices:
            return
        _send(post, message, notices)
    except DeliveryFailed as failure:
        _fail(post, message, notices, failure)
    except ObligationsError as error:
        _fail(post, message, notices, DeliveryFailed(str(error)))
    except Exception as error:
        log.exception("message %s could not be made; the others go on", message.message_id)
        _fail(post, message, notices, DeliveryFailed(f"程序出错：{type(error).__name__}，详见运行日志"))
    else:
        post.outbox.sent(message.message_id, post.clock())
        post.report.sent += _told(message, notices)


def _recheck(post: _Post, message: Outgoing) -> tuple[QueuedNotice, ...]:
    """Return what is still worth sending, and take the rest out on record."""
    if message.is_repeat:
        return message.notices
    person, today = post.directory.person(message.recipient), post.clock().astimezone(SHANGHAI).date()
    if person is not None and person.removed_on is not None and person.removed_on <= today:
        cured, why = message.notices, GONE
    else:
        cured = tuple(each for each in message.notices if each.key is not None and not post.still_applies(each))
        why = CURED
    if cured:
        post.outbox.drop(message.message_id, {notice.id for notice in cured}, why, post.clock())
        post.report.dropped += _told(message, cured, why)
    return tuple(notice for notice in message.notices if notice not in cured)


def _send(post: _Post, message: Outgoing, notices: Sequence[QueuedNotice]) -> None:
    person = post.directory.person(message.recipient)
    address = addresses_of(person).get(message.channel) if person else None
    if person is None or address is None:
        whom = f"{person.name}（{person.id}）没有登记" if person else f"{message.recipient} 不在其中，也就没有"
        raise DeliveryFailed(f"通讯录中{whom} {message.channel} 的地址，请补登", permanent=True)
    if earlier := post.down.get(message.channel):
        raise DeliveryFailed(str(earlier), channel_down=True)
    now = post.clock()
    entries = []
    for notice in notices:
        row = post.ledger.occurrence(notice.key, notice.period) if notice.key and notice.period else None
        government = post.government(notice.key) if notice.key else ""
        entries.append(entry_of(notice, row, government, post.directory, post.calendar, post.settings, now))
    templates = post.settings.templates / "notices"
    worded = letter(entries, person.name, urgent=message.urgent, templates=templates)
    send(worded, message.channel, person.name, address, post.transports, message_id=message.message_id, now=now)


def _fail(post: _Post, message: Outgoing, notices: Sequence[QueuedNotice], failure: DeliveryFailed) -> None:
    """Record the failure, put off the next attempt, and turn to other channels when it goes on."""
    if failure.channel_down:
        post.down[message.channel] = failure
    now = post.clock()
    pause = PAUSE_AFTER_REFUSAL if failure.permanent else _pause(message.attempt)
    post.outbox.failed(message.message_id, now, error=str(failure), next_attempt_at=now + pause)
    post.report.failed += _told(message, notices, str(failure))
    if failure.permanent or message.attempt >= ATTEMPTS_BEFORE_ALARM:
        _reroute(post, message)
        _alarm(post, message, failure)


def _pause(attempt: int) -> timedelta:
    """Return how long to wait after a failed attempt: a minute, doubled each time, an hour at most."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * (1 << min(attempt - 1, 10)))


def _reroute(post: _Post, message: Outgoing) -> None:
    """Send by the recipient's next channel, too; what fails goes on being tried on its own."""
    person = post.directory.person(message.recipient)
    for channel in addresses_of(person) if person else ():
        if channel != message.channel and post.outbox.reroute(message.message_id, channel, post.clock()):
            return


def _alarm(post: _Post, message: Outgoing, failure: DeliveryFailed) -> None:
    """Tell the operators on another channel: once a day for a channel, or for an address that is refused."""
    now = post.clock()
    whose = f"{message.recipient}:{message.channel}" if failure.permanent else message.channel
    subject = f"system:undelivered:{whose}:{now.astimezone(SHANGHAI):%Y-%m-%d}"
    said = f"发给 {message.recipient} 的通知经 {message.channel} 已{message.attempt}次未能送达：{failure}。系统将继续重试，通知不会丢失。"
    if said not in post.report.alarms:
        post.report.alarms.append(said)
    operators = post.directory.operators(now)
    if not operators:
        log.error("nobody is registered as operator, so nobody was told: %s", said)
    notices = [
        NewNotice(
            tier="undelivered",
            label="系统告警：通知未能送达",
            recipient=operator.id,
            role=Role.OPERATOR,
            channels=tuple(channel for channel in operator.channels if channel != message.channel)[:1]
            or operator.channels[:1],
            urgent=message.urgent,
            send_after=send_after(now, message.urgent, post.calendar, post.policies.quiet_hours),
            facts={"said": said},
        )
        for operator in operators
    ]
    queue_alarm(post.ledger, subject, notices, now)


def _told(message: Outgoing, notices: Sequence[QueuedNotice], why: str = "") -> list[Told]:
    return [Told(each.key, each.period, each.tier, message.recipient, message.channel, why) for each in notices]

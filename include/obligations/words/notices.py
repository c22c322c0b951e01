"""Tiers, situations and what a person is told, as values. Which tier is reached is ``rules.tiers``; sending is ``steps.notify``."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from obligations.words.clocks import Words
from obligations.words.contacts import Role
from obligations.words.follow_ups import FollowUpKind, Owed

Anchor = Literal["opens_at", "draft_by", "due_at", "window", "fresh_until"] | FollowUpKind
Trigger = Literal[
    "completion_requested",
    "review_requested",
    "release_requested",
    "answer_refused",
    "returned",
    "bad_input",
    "rebound",
    "extended",
    "failed",
    "feedback_opened",
    "objected",
    "unverified",
    "page_changed",
]
Unless = Literal["data_arrived", "drafted", "at_review", "approved"]


def _read_time_of_day(value: object) -> object:
    """Refuse what YAML makes of an unquoted 17:30, the number 1050, with words that say what to do."""
    if isinstance(value, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        return value
    raise ValueError('加引号的时刻，24 小时制，例如 "08:30"')


TimeOfDay = Annotated[str, BeforeValidator(_read_time_of_day)]


class TierRule(Words):
    """One rung of a policy: who is told what, and when. Either ``at`` (a time) or ``when`` (something that happened).

    Attributes:
        code: stable; together with occurrence and recipient it is what is told only once.
        label: what people read, ``到期前5个工作日提醒``.
        at: instant it counts from; ``window`` takes ``share`` of the time between opening and due; ``fresh_until`` is of a
            standing duty; what is still to be done beside the due time (待撤回, 待补办手续 …) has its own instant each.
        working_days: whole working days before (negative) or after ``at``; hours: hours before or after it.
        every_days: told again after so many days, while what is still to be done is not done; 0 for once.
        share: 0–1 of the window.
        when: ledger event that reaches it, each time anew (the event's seq is part of what is told once); ``unverified``
            is no event: at the due time, in place of the miss, what is public and not yet proven.
        unless: states in which it is pointless; checked again when it is sent.
        to: roles told.
        urgent: goes out at any hour and on every channel of the recipient.
        after_confirmation: only once the office has confirmed it with one click (督办、提级提醒).
        misses: it tells of a miss: reached only when the occurrence is open past ``due_at``.
    """

    code: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
    label: str
    at: Anchor | None = None
    working_days: int = 0
    hours: float = 0
    every_days: Annotated[int, Field(ge=0, le=366)] = 0
    share: Annotated[float, Field(gt=0, le=1)] | None = None
    when: Trigger | None = None
    unless: tuple[Unless, ...] = ()
    to: tuple[Role, ...]
    urgent: bool = False
    after_confirmation: bool = False
    misses: bool = False


class Policy(Words):
    """The rungs for one sort of clock, in order: of those reached by time, only the last is told.

    Attributes:
        applies_to: ``days``, or ``hours`` (a due window of at most 72 hours that an event opened).
        keys: obligations (``jurisdiction/slug`` or ``jurisdiction/*``) this policy is for; empty for all others.
    """

    name: str
    applies_to: Literal["days", "hours"]
    keys: tuple[str, ...] = ()
    tiers: tuple[TierRule, ...]


class QuietHours(Words):
    """When ordinary notices go out: from ``start`` up to, not with, ``end`` of a working day, make-up Saturdays too."""

    start: TimeOfDay = "08:30"
    end: TimeOfDay = "17:30"

    @model_validator(mode="after")
    def _is_ordered(self) -> QuietHours:
        if not self.start < self.end:
            raise ValueError("start 早于 end 的同一日时段")
        return self


class PoliciesFile(Words):
    """What ``policies.yaml`` holds; ``attach`` may not be anything but ``never`` unless an installation says so.

    Attributes:
        acknowledgement_stops: codes of rungs that an acknowledgement makes pointless; see ``rules.tiers``.
    """

    quiet_hours: QuietHours = QuietHours()
    attach: Literal["never", "approved"] = "never"
    acknowledgement_stops: tuple[str, ...] = ()
    policies: tuple[Policy, ...]


@dataclass(frozen=True, slots=True)
class Happening:
    """One ledger event that a tier may rest on.

    Attributes:
        kind: ledger event kind; seq: its number in the occurrence.
        facts: from its payload what a notice may say (version, level, comment, problems, old and new due time).
    """

    kind: str
    seq: int
    at: datetime
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Situation:
    """One occurrence as the tiers see it; nothing here depends on the time of day.

    Attributes:
        key, period, title: of the obligation and period; jurisdiction: slug; departments: canonical names.
        in_hours: an event opened it and its window is at most 72 hours.
        event_level: 特别重大 … of the event that opened it, or None.
        is_open: no outcome yet; historical: 补录, told to nobody; paused: 时限中止.
        states: of ``data_arrived``, ``drafted``, ``at_review``, ``approved``, those that hold now.
        stage_label: 等待数据, 审核中 … as people read it.
        happenings: events that ``TierRule.when`` may name and that still stand, oldest first.
        acknowledged: tiers (as in ``Reached.tier``) that a recipient has acknowledged.
        confirmed: tiers the office has confirmed, without the ``confirm-`` under which it was asked.
        original_due_at: as first computed; where ``due_at`` has moved from it, the ladder is told anew. None: not moved.
        unverified: that it was published by the due time and is not yet proven (已发布，待核验), or None.
        fresh_until: of a standing duty, when what was last proven or confirmed is no longer current; None if unknown.
        owed: what is still to be done beside the due time, after it was closed too.
    """

    key: str
    period: str
    title: str
    jurisdiction: str
    departments: tuple[str, ...]
    opens_at: datetime
    draft_by: datetime
    due_at: datetime
    provisional: bool
    in_hours: bool
    event_level: str | None
    is_open: bool
    historical: bool
    paused: bool
    states: frozenset[str]
    stage_label: str
    happenings: tuple[Happening, ...] = ()
    acknowledged: frozenset[str] = frozenset()
    confirmed: frozenset[str] = frozenset()
    original_due_at: datetime | None = None
    unverified: Happening | None = None
    fresh_until: datetime | None = None
    owed: tuple[Owed, ...] = ()


@dataclass(frozen=True, slots=True)
class Reached:
    """One tier that a situation has reached.

    Attributes:
        tier: what is told once: the rule's code, for ``when`` rules with the event's seq, ``review-requested:7``; after the
            due time has moved with the new one, ``due@202610160000``; ``confirm-escalation`` where the office is asked.
        rule: the rung; at: when it was reached.
        awaits_confirmation: the office must confirm before anybody but the office is told.
        facts: of the happening, for the text.
    """

    tier: str
    rule: TierRule
    at: datetime
    awaits_confirmation: bool = False
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a role resolves to on a day.

    Attributes:
        id: of the person in ``contacts.yaml``; name, role: for the text.
        acting_for: name of the A角 or the one who delegated, or None.
        channels: in order; address: by channel (``email`` → address, ``sms`` → number, ``im:x`` → connection id).
    """

    id: str
    name: str
    role: Role
    channels: tuple[str, ...]
    address: dict[str, str]
    acting_for: str | None = None


@dataclass(frozen=True, slots=True)
class NewNotice:
    """A notice to queue; queued once for each subject, tier and recipient.

    Attributes:
        tier, label: see ``Reached`` and ``TierRule``; recipient: person id; role: why they are told.
        channels: on which it goes out, each once; urgent: at any hour.
        send_after: not before this instant (quiet hours).
        facts: JSON that the text needs beyond the occurrence's row.
    """

    tier: str
    label: str
    recipient: str
    role: Role
    channels: tuple[str, ...]
    urgent: bool
    send_after: datetime
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QueuedNotice:
    """A notice as the ledger keeps it.

    Attributes:
        id: in the ledger, for links to acknowledge and confirm.
        subject: ``key period`` of an occurrence, or ``system:…`` of an alarm; key, period: None for an alarm.
        acknowledged_at, acknowledged_by: None until somebody has.
    """

    id: int
    subject: str
    key: str | None
    period: str | None
    tier: str
    label: str
    recipient: str
    role: Role
    urgent: bool
    queued_at: datetime
    send_after: datetime
    facts: dict[str, Any]
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to one recipient on one channel, claimed for sending: all that is due for them, grouped.

    Attributes:
        message_id: RFC 5322 Message-ID, the same however often it is tried.
        attempt: 1 for the first; is_repeat: an earlier attempt may have been accepted, nobody knows: say the same again.
        notices: what it tells, earliest due first.
    """

    message_id: str
    recipient: str
    channel: str
    urgent: bool
    attempt: int
    is_repeat: bool
    notices: tuple[QueuedNotice, ...]

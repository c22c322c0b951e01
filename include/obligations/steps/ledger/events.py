"""The kinds of ledger event, one event as a value, and the hash that binds it to the one before. No database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from obligations.steps.ledger.columns import aware, canonical

GENESIS = "0" * 64
LONGEST_TOKEN = 300
"""Characters of ``once``; PostgreSQL refuses more, SQLite would take them."""


class EventKind(StrEnum):
    """What can happen to an occurrence; besides these, any ``notice_…`` kind records what became of a message."""

    EXPECTED = "expected"
    OPENED = "opened"
    WAITING = "waiting"
    DATA_ARRIVED = "data_arrived"
    BAD_INPUT = "bad_input"
    DRAFTED = "drafted"
    COMPLETION_REQUESTED = "completion_requested"
    REVIEW_REQUESTED = "review_requested"
    ANSWER_REFUSED = "answer_refused"
    RETURNED = "returned"
    APPROVED = "approved"
    PUBLISHED = "published"
    HELD = "held"
    SUBMITTED = "submitted"
    COMPLETED = "completed"
    VERIFIED = "verified"
    FAILED = "failed"
    MISSED = "missed"
    PAUSED = "paused"
    RESUMED = "resumed"
    EXTENDED = "extended"
    WAIVED = "waived"
    NIL = "nil"
    WITHHELD = "withheld"
    REBOUND = "rebound"
    CORRECTED = "corrected"
    LEVEL_CHANGED = "level_changed"
    PROGRESS = "progress"
    FEEDBACK = "feedback"
    RULED = "ruled"
    PURGED = "purged"
    UPLOADED = "uploaded"
    OVERRIDDEN = "overridden"
    PASSED = "passed"
    RELEASE_REQUESTED = "release_requested"
    RELEASED = "released"
    ATTACHED = "attached"
    FORMALIZED = "formalized"
    LOOKED = "looked"
    VOUCHED = "vouched"
    PAGE_CHANGED = "page_changed"
    MERGED = "merged"
    WITHDRAWAL_ORDERED = "withdrawal_ordered"
    WITHDRAWN = "withdrawn"
    WITHDRAWAL_MISSED = "withdrawal_missed"
    EVIDENCE_REJECTED = "evidence_rejected"


_ASIDES = {
    EventKind.PROGRESS, EventKind.FEEDBACK, EventKind.RULED, EventKind.PURGED, EventKind.ATTACHED, EventKind.LOOKED,
    EventKind.VOUCHED, EventKind.EVIDENCE_REJECTED, EventKind.PAGE_CHANGED, EventKind.FORMALIZED, EventKind.OVERRIDDEN,
    EventKind.RELEASED,
}  # fmt: skip


def known_kind(kind: str) -> str:
    """Return ``kind``; raises ValueError for one that the ledger does not know, before it is recorded for ever."""
    if kind.startswith("notice_"):
        return kind
    return EventKind(kind).value


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to append.

    Attributes:
        kind: an ``EventKind`` or ``notice_…``.
        payload: JSON; aware datetimes, dates and Decimals are written as text.
        once: idempotency token; an occurrence has at most one event with it.
        person: who did it; None for the system.
    """

    kind: str
    happened_at: datetime
    payload: Mapping[str, Any] = field(default_factory=dict)
    once: str | None = None
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Happening:
    """What of an event tells how the work went.

    Attributes:
        seq: 1, 2, 3 … within the occurrence, without a gap.
        kind: an ``EventKind`` or ``notice_…``.
    """

    seq: int
    kind: str
    happened_at: datetime
    payload: dict[str, Any]

    @property
    def is_final_approval(self) -> bool:
        """Whether after this no level of the review is left (earlier ones say final: false)."""
        if self.kind == EventKind.PASSED:
            return self.payload.get("final") is True
        return self.kind == EventKind.APPROVED and self.payload.get("final", True) is not False

    @property
    def is_aside(self) -> bool:
        """Whether it tells of messages, comments or files beside the work, and so comes between any two steps of it."""
        return self.kind.startswith("notice_") or self.kind in _ASIDES


@dataclass(frozen=True, slots=True)
class LedgerEvent(Happening):
    """One event of one occurrence, as recorded.

    Attributes:
        recorded_at: when the ledger learned of it.
        person: who did it; None for the system.
        once: idempotency token, or None.
        previous_hash, hash: links of the occurrence's chain, SHA-256 in hex.
    """

    recorded_at: datetime
    person: str | None
    once: str | None
    previous_hash: str
    hash: str


def digest(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def utc_text(instant: datetime | None) -> str | None:
    """Write an instant as it enters a hash: UTC with microseconds, one spelling whatever the database returned."""
    return None if instant is None else aware(instant).astimezone(UTC).isoformat(timespec="microseconds")


def seal(key: str, period: str, event: LedgerEvent, payload: str | None = None) -> str:
    """Return the hash of an event: over everything it says, whose it is, its place, and the hash before it.

    Its own ``hash`` does not count. ``key`` and ``period`` are the occurrence's, so that it cannot be moved to another.
    ``payload`` is the text as stored, so that even a change that JSON would not notice breaks the chain.
    """
    said = (
        key,
        period,
        event.seq,
        event.kind,
        utc_text(event.happened_at),
        utc_text(event.recorded_at),
        event.person,
        event.once,
        canonical(event.payload) if payload is None else payload,
        event.previous_hash,
    )
    return digest(canonical(said))


def following(head: tuple[int, str], key: str, period: str, said: NewEvent, recorded_at: datetime) -> LedgerEvent:
    """Make the event that follows ``head`` (seq and hash of the last one).

    Raises ValueError for an unknown kind or a naive datetime, TypeError for a payload that JSON cannot hold.
    """
    seq, previous_hash = head
    text = canonical(dict(said.payload))
    event = LedgerEvent(
        seq=seq + 1,
        kind=known_kind(said.kind),
        happened_at=aware(said.happened_at),
        recorded_at=aware(recorded_at),
        person=said.person,
        payload=json.loads(text),
        once=said.once,
        previous_hash=previous_hash,
        hash="",
    )
    return replace(event, hash=seal(key, period, event, text))

"""The queue of messages to people: claim what is due, say what became of it. Sending itself is ``steps.notify``.

A notice goes out by one delivery a channel; deliveries that are due for one recipient on one channel become one message.
A message that is claimed is leased: if nobody says what became of it, it is claimed again under the same Message-ID.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, update

from obligations.steps.ledger import messages, tables
from obligations.steps.ledger.events import NewEvent
from obligations.steps.ledger.ledger import Ledger
from obligations.steps.ledger.messages import Waiting
from obligations.steps.ledger.occurrences import append_each, insert_new
from obligations.words.notices import Outgoing, QueuedNotice

_notice, _delivery = tables.notice.c, tables.delivery.c


class Outbox:
    """Claims messages and records what became of them. Any number of processes may do so at once."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._attempts: dict[str, int] = {}

    def take(self, now: datetime, *, lease: timedelta, limit: int = 50, urgent_only: bool = False) -> list[Outgoing]:
        """Claim at most ``limit`` messages that are due, urgent ones first, for as long as ``lease``.

        Of either sort first those already made: whose lease ran out (repeats: nobody knows whether they were accepted)
        or whose next attempt is due. Then new ones, of at most 100 notices each. Call until nothing comes back. With
        ``urgent_only`` (quiet hours) ordinary ones stay where they are.
        """
        taken: list[int] = []
        with self._ledger.writing() as connection:
            for urgent in (True,) if urgent_only else (True, False):
                for claim in (messages.take_again, messages.take_new):
                    taken += claim(connection, now, now + lease, limit - len(taken), urgent=urgent)
            found = messages.outgoing(connection, taken)
        self._attempts |= {message.message_id: message.attempt for message in found}
        return found

    def sent(self, message_id: str, now: datetime) -> None:
        """Record that a message was accepted: ``notice_sent`` for each notice in it."""
        with self._ledger.writing() as connection:
            message = messages.lock_message(connection, message_id)
            if message["finished_at"] is not None:
                return
            notices = messages.notices_in(connection, [message["id"]])
            messages.tell(connection, message, "notice_sent", notices, {"message_id": message_id}, now)
            messages.change(connection, message, state="sent", finished_at=now, error=None)

    def failed(self, message_id: str, now: datetime, *, error: str, next_attempt_at: datetime) -> None:
        """Record that a message was not accepted and when to try again; the first time, ``notice_failed``."""
        with self._ledger.writing() as connection:
            message = messages.lock_message(connection, message_id)
            if not self._holds(message):
                return
            notices = messages.notices_in(connection, [message["id"]])
            messages.tell(connection, message, "notice_failed", notices, {"error": error}, now)
            messages.change(connection, message, state="retrying", again_at=next_attempt_at, error=error)

    def drop(self, message_id: str, notice_ids: Collection[int], reason: str, now: datetime) -> None:
        """Take notices that no longer apply out of a claimed message: ``notice_dropped``; an empty message is over."""
        with self._ledger.writing() as connection:
            message = messages.lock_message(connection, message_id)
            if not self._holds(message):
                return
            notices = messages.notices_in(connection, [message["id"]])
            gone = [notice for notice in notices if notice["id"] in notice_ids]
            its = (_delivery.message_id == message["id"], _delivery.notice_id.in_([notice["id"] for notice in gone]))
            messages.tell(connection, message, "notice_dropped", gone, {"reason": reason}, now)
            connection.execute(update(tables.delivery).where(*its).values(dropped_at=now))
            if len(gone) == len(notices):
                messages.change(connection, message, state="dropped", finished_at=now)

    def reroute(self, message_id: str, channel: str, now: datetime) -> int:
        """Queue the notices of a failing message on another channel, too, each once; return how many are new there."""
        with self._ledger.writing() as connection:
            message = messages.lock_message(connection, message_id)
            its_own = {"recipient": message["recipient"], "urgent": message["urgent"], "channel": channel}
            values = [
                its_own | {"notice_id": notice["id"], "send_after": now}
                for notice in messages.notices_in(connection, [message["id"]])
            ]
            if not values:
                return 0
            made = connection.execute(insert_new(connection, tables.delivery).returning(_delivery.id), values)
            return len(made.all())

    def waiting(self, now: datetime) -> Waiting:
        """Return what is due and has not gone out, for the alarm on the outbox itself. Only reads."""
        with self._ledger.reading() as connection:
            return messages.waiting(connection, now)

    def find(self, notice_id: int) -> QueuedNotice:
        """Return one notice; raises UnusableInput for an unknown one."""
        with self._ledger.reading() as connection:
            return messages.queued_notice(messages.known_notice(connection, notice_id))

    def acknowledge(self, notice_id: int, person: str, now: datetime) -> None:
        """Record that a person has taken note: ``notice_acknowledged``; a second time changes nothing."""
        self._answer(notice_id, "acknowledged", person, now)

    def confirm(self, notice_id: int, person: str, now: datetime) -> None:
        """Record that the office confirms what the notice asks: ``notice_confirmed``; a second time changes nothing."""
        self._answer(notice_id, "confirmed", person, now)

    def _answer(self, notice_id: int, answer: str, person: str, now: datetime) -> None:
        with self._ledger.writing() as connection:
            notice = messages.known_notice(connection, notice_id)
            if notice["occurrence_id"] is not None:
                payload = {"tier": notice["tier"], "recipient": notice["recipient"]}
                event = NewEvent(f"notice_{answer}", now, payload, f"notice_{answer}:{notice_id}", person)
                append_each(connection, [(notice["occurrence_id"], event)], now)
            unanswered = _notice[f"{answer}_at"].is_(None)
            values = {f"{answer}_at": now, f"{answer}_by": person}
            connection.execute(update(tables.notice).where(_notice.id == notice_id, unanswered).values(values))

    def _holds(self, message: RowMapping) -> bool:
        """Whether nobody has finished the message, or claimed it again since this outbox did."""
        attempt = self._attempts.get(message["message_id"], message["attempts"])
        return message["finished_at"] is None and bool(message["attempts"] == attempt)

"""What a pass does about things that are still to be done beside the due time: says what is owed, and marks withdrawals.

Which they are is the ledger's (``steps.ledger.follow_ups``), when people are reminded ``rules.owed``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from obligations.steps.ledger import EventKind, LedgerEvent, NewEvent
from obligations.steps.ledger.follow_ups import FollowUp, follow_ups_of
from obligations.words.follow_ups import Owed

_GONE = {("looked", "not_found"), ("page_changed", "gone")}
"""What says for certain that a page is not there; a site that cannot be reached or refuses robots says nothing."""


def owed_of(events: Iterable[LedgerEvent]) -> tuple[Owed, ...]:
    """Return what is still to be done, as the tiers see it."""
    return tuple(Owed(each.kind, each.event.seq, each.at, each.facts) for each in follow_ups_of(events))


def withdrawals_to_mark(events: Sequence[LedgerEvent], now: datetime) -> tuple[NewEvent, ...]:
    """Return what a pass has to say of withdrawals: that we saw the page gone, or that the deadline passed without it."""
    return tuple(_marked(events, now))


def wakes_at(events: Iterable[LedgerEvent], now: datetime) -> datetime | None:
    """Return when a pass must look again whatever the policies tell: at a deadline, and always while one corrects."""
    found = follow_ups_of(events)
    if any(each.kind == "correction" for each in found):
        return now
    return min((each.at for each in found if each.kind == "withdrawal" and each.at >= now), default=None)


def _marked(events: Sequence[LedgerEvent], now: datetime) -> Iterator[NewEvent]:
    for each in follow_ups_of(events):
        if each.kind != "withdrawal":
            continue
        seen = _seen_gone(each, events)
        if (seen.happened_at if seen else now) > each.at:
            once = f"withdrawal_missed:{each.event.seq}"
            yield NewEvent(EventKind.WITHDRAWAL_MISSED, each.at, {"address": each.subject}, once)
        if seen is not None:
            payload = {"address": each.subject, "method": "系统查看：该地址已经没有这一页面", "reference": ""}
            yield NewEvent(EventKind.WITHDRAWN, seen.happened_at, payload, f"withdrawn:{each.event.seq}")


def _seen_gone(ordered: FollowUp, events: Sequence[LedgerEvent]) -> LedgerEvent | None:
    for event in events[ordered.event.seq :]:
        said = event.payload
        found = (event.kind, said.get("outcome" if event.kind == EventKind.LOOKED else "state"))
        if found in _GONE and said.get("address") == ordered.subject:
            return event
    return None

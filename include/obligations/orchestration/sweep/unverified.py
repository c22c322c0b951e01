"""What a pass makes of a publication that nobody could verify yet: no miss, and in words what is to be done about it.

It was registered, or is said to have come out, by the due time. A failed look is never lateness; only the office, which
rejects what a person vouched for, or proof of a later time takes the protection away.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from obligations.steps.ledger import EventKind, LedgerEvent, OccurrenceRow
from obligations.words.notices import Happening
from obligations.words.times import SHANGHAI, parse_instant, say_instant

_STATES = {"gone": "打不开了", "altered": "与审签稿不一致了", "restored": "恢复了"}


def unverified_of(row: OccurrenceRow, events: Sequence[LedgerEvent]) -> Happening | None:
    """Return the publication that was out by the due time and is not yet proven; None where there is none.

    Where the duty is met otherwise (held, submitted …), being public meets nothing.
    """
    if row.outcome is not None or row.fulfilment != EventKind.PUBLISHED:
        return None
    standing: dict[str, LedgerEvent] = {}
    for event in events:
        address = str(event.payload.get("address"))
        if event.kind == EventKind.PUBLISHED:
            standing[address] = event
        elif event.kind in {EventKind.WITHDRAWN, EventKind.EVIDENCE_REJECTED}:
            standing.pop(address, None)
        elif event.kind == EventKind.VOUCHED and (before := _published_at(address, events, event.seq)):
            standing[address] = before
    in_time = [event for event in standing.values() if _out_since(event) <= row.due_at]
    if not in_time:
        return None
    last = max(in_time, key=lambda event: event.seq)
    return Happening("unverified", last.seq, last.happened_at, {"said": _say(last, events)})


def say_changed(event: LedgerEvent) -> str:
    """Say how a published page has changed."""
    said = event.payload
    detail = f"：{said['detail']}" if said.get("detail") else ""
    return f"{say_instant(event.happened_at)}系统查看，网页 {said.get('address')} {_STATES.get(said.get('state', ''), '有变化')}{detail}"


def _published_at(address: str, events: Sequence[LedgerEvent], before: int) -> LedgerEvent | None:
    """Return the last publication at an address before an event; what is vouched for anew stands again."""
    found = [event for event in events if event.kind == EventKind.PUBLISHED and event.seq < before]
    return next((event for event in reversed(found) if event.payload.get("address") == address), None)


def _out_since(published: LedgerEvent) -> datetime:
    """Return the earliest time that the publication is said to have come out."""
    claimed = published.payload.get("claimed_at")
    return min(published.happened_at, parse_instant(claimed)) if claimed else published.happened_at


def _say(published: LedgerEvent, events: Sequence[LedgerEvent]) -> str:
    address, entered = published.payload.get("address"), say_instant(published.happened_at.astimezone(SHANGHAI))
    looks = [event for event in events if event.kind == EventKind.LOOKED and event.payload.get("address") == address]
    seen = f"系统最近一次查看：{looks[-1].payload.get('reason')}。" if looks else "系统还没有查看到网页。"
    return f"已于{entered}登记发布：{address}。{seen}未作逾期登记；请责任人登记佐证，政务公开办采信后办结。"

"""What an obligation's earlier periods were drafted from, and which of those figures a new delivery tells otherwise.

Reads the ledger and the kept inputs; comparing is ``publications.revisions``. The delivery that came last before goes
first: a difference is told once, and not again by every delivery after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from obligations.publications.periods import say_key
from obligations.publications.revisions import PastFigure, Telling, in_order, restated, told_in, told_of_the_past
from obligations.steps.gather import load_frame
from obligations.steps.gather.store import StoreDamaged
from obligations.steps.ledger import EventKind, LedgerEvent, LedgerRow
from obligations.words.errors import BadInput
from obligations.words.publication import DataContract, Snapshot

MOST_READ = 200
"""Earlier deliveries that are opened at most: five years of weeks, and a second of time."""


@dataclass(frozen=True, slots=True)
class Drafted:
    """The data that a period was last drafted from, and when they had come."""

    period: str
    snapshot: Snapshot
    arrived_at: datetime


def restatements(
    snapshot: Snapshot, period: str, contract: DataContract | None, rows: Callable[[], Iterable[LedgerRow]]
) -> tuple[str, ...]:
    """Return what the author is to know of figures of earlier periods that a new delivery tells otherwise, Chinese.

    Args:
        snapshot: the delivery, kept and checked.
        period: its own.
        contract: of its kind; without series nothing is compared.
        rows: reads the obligation's occurrences from the ledger.
    """
    if contract is None or not contract.series:
        return ()
    awaited = told_of_the_past(told_in(load_frame(snapshot, contract), snapshot, contract), period)
    found: list[tuple[PastFigure, str]] = []
    damaged: list[str] = []
    earlier = [drafted for drafted in drafted_before(rows()) if drafted.period != period]
    for drafted in earlier[:MOST_READ]:
        # No delivery speaks of what came after it.
        if not any(figure.period <= drafted.period for figure in awaited):
            continue
        before = _told(drafted, contract, damaged)
        found += restated(awaited, before, drafted.period)
        awaited = {figure: telling for figure, telling in awaited.items() if figure not in before}
    return (*in_order(found), *damaged)


def drafted_before(rows: Iterable[LedgerRow]) -> list[Drafted]:
    """Return what each occurrence was last drafted from, the last to arrive first; not what was purged."""
    found = [drafted for row in rows if (drafted := _last(row.occurrence.period, row.events))]
    return sorted(found, key=lambda drafted: (drafted.arrived_at, drafted.period), reverse=True)


def _last(period: str, events: Iterable[LedgerEvent]) -> Drafted | None:
    arrived: Drafted | None = None
    drafted: Drafted | None = None
    purged = set()
    for event in events:
        if event.kind == EventKind.DATA_ARRIVED and event.payload.get("snapshot"):
            arrived = Drafted(period, Snapshot(**event.payload["snapshot"]), event.happened_at)
        elif event.kind == EventKind.DRAFTED:
            drafted = arrived
        elif event.kind == EventKind.PURGED:
            purged.add(event.payload.get("sha256"))
    return None if drafted is None or drafted.snapshot.sha256 in purged else drafted


def _told(drafted: Drafted, contract: DataContract, damaged: list[str]) -> dict[PastFigure, Telling]:
    try:
        frame = load_frame(drafted.snapshot, contract)
    except BadInput:
        return {}  # it came under a contract that has changed since
    except StoreDamaged:
        damaged.append(
            f"{say_key(drafted.period)}稿件所据的原始文件 {drafted.snapshot.file} 不见了或被改动，未能与本次数据核对往期数。"
        )
        return {}
    return told_in(frame, drafted.snapshot, contract)

"""What an occurrence is drafted from: gathered from its source by the kind's own measure, and read back for the draft.

The one place that knows which gathering goes with which publication kind; the route and the command line both ask here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from obligations.rules.calendar import WorkingCalendar
from obligations.rules.row_limits import with_limits
from obligations.steps.gather import (
    Examine,
    Sources,
    gather,
    gather_event,
    gather_extract,
    gather_holdings,
    load_frame,
    load_holdings,
    load_manuscript,
    require_over,
)
from obligations.steps.ledger import EventKind, LedgerRow
from obligations.words.accountability import LedgerLine
from obligations.words.clocks import QuotaClock
from obligations.words.errors import UnusableInput
from obligations.words.material import Proven
from obligations.words.obligation import Obligation
from obligations.words.occurrence import Event, Period
from obligations.words.publication import PublicationKind, Snapshot
from obligations.words.sources import EventSource, LedgerSource

if TYPE_CHECKING:
    from obligations.words.publication import Material


def gather_material(
    obligation: Obligation,
    kind: PublicationKind,
    period: Period,
    event: Event | None,
    *,
    rows: Callable[[], Iterable[LedgerRow]],
    lines: Callable[[], Sequence[LedgerLine]],
    sources: Sources,
    now: datetime,
) -> Snapshot:
    """Fetch, check and keep what the kind is drafted from.

    ``rows``: reads the ledger's rows of the obligation; asked only for a check of what is held. ``lines``: reads what
    the ledger says of the jurisdiction; asked only for what is drafted from the ledger. Raises SourceNotReady while the source has nothing, BadInput for what breaks its contract or cannot be read whole.
    """
    if kind.survey is not None:
        return gather_holdings(obligation, period, [*_proven(obligation, rows())], sources=sources, now=now)
    if isinstance(obligation.source, LedgerSource):
        require_over(period, now)
        return gather_extract(obligation, period, lines(), store=sources.store, now=now)
    if event is not None and isinstance(obligation.source, EventSource):
        return gather_event(event, sources=sources, now=now)
    return gather(obligation, period, kind.contract, sources=sources, now=now, examine=examine_of(kind, period))


def examine_of(kind: PublicationKind, period: Period) -> Examine | None:
    """Return what lets the kind compute or arrange once on arrival, so that what it refuses goes to quarantine too."""
    if kind.analyse is not None:
        return partial(_analyse, kind, period)
    return kind.arrange


def load_material(
    kind: PublicationKind, snapshot: Snapshot, event: Event | None, calendar: WorkingCalendar, as_of: datetime
) -> Material:
    """Read what was kept, for the draft; rows that have limits of their own come with them, as of the drafting.

    Raises UnusableInput for a kind written from an event where there is none.
    """
    if kind.contract is not None:
        return with_limits(load_frame(snapshot, kind.contract), kind.contract, calendar, as_of)
    if kind.arrange is not None:
        return load_manuscript(snapshot)
    if kind.survey is not None:
        return load_holdings(snapshot)
    if event is None:
        raise UnusableInput(f"稿件“{kind.title}”由事件起草，请先登记事件")
    return event


def _analyse(kind: PublicationKind, period: Period, frame: Any, snapshot: Snapshot) -> object:
    return kind.analyse(frame, snapshot, period) if kind.analyse is not None else None


def _proven(obligation: Obligation, rows: Iterable[LedgerRow]) -> Iterable[Proven]:
    """Yield each time that was entered as progress (登记进展), and each period that was met.

    Of a quota only the times entered count: its sheet, closed after a period, is no further time.
    """
    for row in rows:
        for event in row.events:
            if event.kind == EventKind.PROGRESS and event.payload.get("counts", True):
                told = event.payload.get("proof") or event.payload.get("note") or ""
                yield Proven(row.occurrence.period, event.happened_at, str(told))
        met_at = row.occurrence.met_at
        if met_at is not None and not isinstance(obligation.clock, QuotaClock):
            yield Proven(row.occurrence.period, met_at, row.address or "")

"""What an occurrence's events add up to: one row, its stage and its outcome. Pure; ``verify`` folds it all again.

Every column of ``occurrence`` but its id follows from the events, so an edited due date, a moved 补录 mark or a wiped
miss shows as a difference between the row and its events.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any

from obligations.steps.ledger.events import EventKind, LedgerEvent
from obligations.steps.ledger.stages import Stage, stage_label
from obligations.words.times import SHANGHAI, parse_instant

_STAGE_AFTER: dict[str, Stage] = {
    EventKind.OPENED: Stage.GATHERING,
    EventKind.WAITING: Stage.WAITING,
    EventKind.DATA_ARRIVED: Stage.DRAFTING,
    EventKind.BAD_INPUT: Stage.BAD_INPUT,
    EventKind.DRAFTED: Stage.DRAFTED,
    EventKind.REVIEW_REQUESTED: Stage.REVIEW,
    EventKind.RETURNED: Stage.RETURNED,
    EventKind.PUBLISHED: Stage.PUBLISHED,
    EventKind.FAILED: Stage.FAILED,
}
_OUTCOMES: dict[str, Stage] = {
    EventKind.NIL: Stage.NIL,
    EventKind.WAIVED: Stage.WAIVED,
    EventKind.WITHHELD: Stage.WITHHELD,
    EventKind.MERGED: Stage.MERGED,
}
# A run that ends because of these fails, too, but it is these that people must act on.
_TELLING = {Stage.BAD_INPUT, Stage.RETURNED, Stage.PUBLISHED}
_REDATING = {EventKind.REBOUND, EventKind.EXTENDED, EventKind.RESUMED}


@dataclass(frozen=True, slots=True)
class OccurrenceRow:
    """One occurrence as the ledger keeps it.

    Attributes:
        id: of the row; not part of what the events say.
        key, period: together unique.
        document: SHA-256 of the document whose clause orders it.
        event_id: the reported event that opened it, or None.
        historical: due before the installation's first sweep (补录): no notice, no part in punctuality.
        original_due_at: as first computed; never changes.
        calendar_version, catalogue_version: under which the dates were computed.
        published_at: when the version now in public came out, verified or not.
        outcome: ``met``, ``nil``, ``waived``, ``withheld``, ``merged`` or None while open; closed_at: when that happened,
            of a merged one when the other was met.
        waived_at: 经批准不计入考核, which an occurrence that is met later keeps.
        missed_at: the due time it missed; None again when an extension moves that time on.
        head_seq, head_hash: its last event.
    """

    id: int
    key: str
    period: str
    period_start: date
    period_end: date
    document: str
    clause: str
    title: str
    jurisdiction: str
    departments: tuple[str, ...]
    office: str | None
    duty: str
    fulfilment: str
    event_id: str | None
    historical: bool
    opens_at: datetime
    draft_by: datetime
    due_at: datetime
    original_due_at: datetime
    provisional: bool
    earliest: datetime
    latest: datetime
    derivation: tuple[str, ...]
    calendar_version: str
    catalogue_version: str
    stage: str
    published_at: datetime | None
    outcome: str | None
    closed_at: datetime | None
    waived_at: datetime | None
    missed_at: datetime | None
    paused_at: datetime | None
    head_seq: int
    head_hash: str

    @property
    def is_met(self) -> bool:
        """Whether evidence shows the duty fulfilled."""
        return self.outcome == Stage.MET

    @property
    def met_at(self) -> datetime | None:
        """When it was fulfilled, late or not; None unless it is met."""
        return self.closed_at if self.is_met else None

    @property
    def stage_label(self) -> str:
        """The stage in the field's own words."""
        return stage_label(Stage(self.stage), self.fulfilment)


ROW_FIELDS = tuple(field.name for field in fields(OccurrenceRow))
"""Every field, in order; all but ``id`` follow from the events."""


def _instant(text: str) -> datetime:
    return parse_instant(text).astimezone(SHANGHAI)


def _name(name: str | None) -> str | None:
    return name


_FROM_PAYLOAD: dict[str, Callable[[Any], Any]] = {
    "period_start": date.fromisoformat,
    "period_end": date.fromisoformat,
    "document": str,
    "clause": str,
    "title": str,
    "jurisdiction": str,
    "departments": tuple,
    "office": _name,
    "duty": str,
    "fulfilment": str,
    "event_id": _name,
    "historical": bool,
    "original_due_at": _instant,
}
_DATES: dict[str, Callable[[Any], Any]] = {
    "opens_at": _instant,
    "draft_by": _instant,
    "due_at": _instant,
    "provisional": bool,
    "earliest": _instant,
    "latest": _instant,
    "derivation": tuple,
    "calendar_version": str,
    "catalogue_version": str,
}
EXPECTED_FIELDS = tuple(_FROM_PAYLOAD | _DATES)
"""What the payload of an ``expected`` event must hold."""


def first(key: str, period: str, event: LedgerEvent) -> OccurrenceRow:
    """Return the row that an ``expected`` event makes; raises KeyError or ValueError if its payload is not whole."""
    said = {name: read(event.payload[name]) for name, read in (_FROM_PAYLOAD | _DATES).items()}
    return OccurrenceRow(
        id=0,
        key=key,
        period=period,
        stage=Stage.EXPECTED.value,
        published_at=None,
        outcome=None,
        closed_at=None,
        waived_at=None,
        missed_at=None,
        paused_at=None,
        head_seq=event.seq,
        head_hash=event.hash,
        **said,
    )


def project(row: OccurrenceRow, event: LedgerEvent) -> OccurrenceRow:
    """Return the row after one more event."""
    changes: dict[str, Any] = {"head_seq": event.seq, "head_hash": event.hash}
    changes |= _stage_after(row, event)
    changes |= _outcome_after(row, event)
    if event.kind in _REDATING:
        changes |= _dates_after(row, event.payload)
    if event.kind == EventKind.MISSED:
        changes["missed_at"] = row.due_at
    elif event.kind == EventKind.PAUSED:
        changes["paused_at"] = event.happened_at
    elif event.kind == EventKind.RESUMED:
        changes["paused_at"] = None
    return replace(row, **changes)


def _stage_after(row: OccurrenceRow, event: LedgerEvent) -> dict[str, Any]:
    """The stage moves only while the occurrence is open: a later correction of what is public does not reopen it."""
    changes: dict[str, Any] = {}
    if event.kind == EventKind.PUBLISHED and not row.is_met:
        changes["published_at"] = event.happened_at
    if row.outcome is None:
        if event.is_final_approval:
            changes["stage"] = Stage.APPROVED.value
        elif event.kind in _STAGE_AFTER and not (event.kind == EventKind.FAILED and row.stage in _TELLING):
            changes["stage"] = _STAGE_AFTER[event.kind].value
    return changes


def _outcome_after(row: OccurrenceRow, event: LedgerEvent) -> dict[str, Any]:
    """Fulfilment closes it, and so does a decision that nothing is owed; being met outranks any such decision."""
    changes: dict[str, Any] = {}
    if event.kind == EventKind.WAIVED and row.waived_at is None:
        changes["waived_at"] = event.happened_at
    if row.is_met:
        return changes | _retimed(row, event)
    if (met_at := _met_by(row, event)) is not None:
        met = {"stage": Stage.MET.value, "outcome": Stage.MET.value, "closed_at": met_at}
        return changes | met | _lifted(row, event, met_at)
    # 部分公开 withholds a part; the rest is still owed.
    if row.outcome is None and event.kind in _OUTCOMES and event.payload.get("partial") is not True:
        outcome = _OUTCOMES[event.kind].value
        changes |= {"stage": outcome, "outcome": outcome, "closed_at": event.happened_at}
    return changes


def _met_by(row: OccurrenceRow, event: LedgerEvent) -> datetime | None:
    """Publishing counts from when it was public, once verified; being held, submitted or completed counts by itself."""
    if row.fulfilment != EventKind.PUBLISHED:
        return event.happened_at if event.kind == row.fulfilment else None
    if event.kind != EventKind.VERIFIED:
        return None
    if said := event.payload.get("published_at"):
        return _instant(said)
    return row.published_at or event.happened_at


def _retimed(row: OccurrenceRow, event: LedgerEvent) -> dict[str, Any]:
    """Evidence that the office accepted may show that it was public earlier than anybody saw; nothing moves it later."""
    if row.fulfilment != EventKind.PUBLISHED or event.kind != EventKind.VERIFIED or not _is_accepted(event):
        return {}
    proven_at = _instant(event.payload["published_at"])
    if row.closed_at is None or proven_at >= row.closed_at:
        return {}
    return {"closed_at": proven_at} | _lifted(row, event, proven_at)


def _lifted(row: OccurrenceRow, event: LedgerEvent, met_at: datetime) -> dict[str, Any]:
    """A miss is taken back where accepted evidence shows that the duty was met by the time it was said to be missed."""
    in_time = row.missed_at is not None and met_at <= row.missed_at
    return {"missed_at": None} if in_time and _is_accepted(event) else {}


def _is_accepted(event: LedgerEvent) -> bool:
    return bool(event.payload.get("accepted_by")) and bool(event.payload.get("published_at"))


def _dates_after(row: OccurrenceRow, payload: Mapping[str, Any]) -> dict[str, Any]:
    changes = {name: read(payload[name]) for name, read in _DATES.items() if name in payload}
    if row.missed_at is not None and changes.get("due_at", row.due_at) > row.missed_at:
        changes["missed_at"] = None
    return changes

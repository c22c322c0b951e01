"""Whether an open occurrence without a live run wants a new one now, and under which id. Reads its events and its source.

After a return or bad input a version waits for corrected input, an edited file or for somebody to ask (重拟); after a
failure of the system for a pause that doubles; an approved version waits for a person, because another run would ask for review anew.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from obligations.orchestration.rulings.verdicts import is_redraft_asked
from obligations.orchestration.runs.claims import COMMAND_LINE, Claim, last_claim
from obligations.orchestration.settings import Settings
from obligations.orchestration.uploads.taking import is_newly_uploaded
from obligations.rules.catalogue import load_one
from obligations.steps.gather import Sources
from obligations.steps.gather.changes import has_changed
from obligations.steps.ledger import EventKind, LedgerEvent, OccurrenceRow
from obligations.steps.ledger.follow_ups import is_correction
from obligations.words.errors import ObligationsError

TIMETABLE_FIRST = timedelta(minutes=10)
"""How long the timetable has for a period of its own, from its opening or from when the ledger came to expect it."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=10), timedelta(days=1)
_GOT_AHEAD = {EventKind.REVIEW_REQUESTED, EventKind.RETURNED, EventKind.APPROVED, EventKind.PUBLISHED}
_TURNED_BACK = (EventKind.RETURNED, EventKind.BAD_INPUT)
_OURS = re.compile(r"start__.+__v(\d+)")


@dataclass(frozen=True, slots=True)
class History:
    """One open occurrence as the starter sees it.

    Attributes:
        row: as read; events: all of them, in order.
    """

    row: OccurrenceRow
    events: Sequence[LedgerEvent]

    @property
    def dag_id(self) -> str:
        """The obligation's DAG."""
        return self.row.key.replace("/", ".")

    @property
    def claim(self) -> Claim | None:
        """The last claim of a run; a trial on the command line is none."""
        claim = last_claim(self.events)
        return None if claim is not None and claim.run_id == COMMAND_LINE else claim

    @property
    def live_run(self) -> str | None:
        """The run that owns the occurrence, if none has ended it in the ledger."""
        claim = self.claim
        return None if claim is None or claim.is_over else claim.run_id

    @property
    def next_number(self) -> int:
        """One more than any run had: claims and ids are numbered apart where a run ended before it could claim."""
        numbers = [int(event.payload.get("number", 0)) for event in self.events if event.kind == EventKind.OPENED]
        ids = (str(event.payload.get("run_id", "")) for event in self.events)
        numbers += [int(match[1]) for run_id in ids if (match := _OURS.fullmatch(run_id))]
        return max(numbers, default=0) + 1

    @property
    def next_run(self) -> str:
        """Id of the run that comes next."""
        return f"start__{self.row.period}__v{self.next_number}"

    @property
    def since_opened(self) -> Sequence[LedgerEvent]:
        """The events since a run last opened it, or what is public was to be corrected; all of them where neither is so."""
        begins = (event.kind == EventKind.OPENED or is_correction(event) for event in self.events)
        opened = [number for number, begun in enumerate(begins) if begun]
        return self.events[opened[-1] :] if opened else self.events

    def happened(self, *kinds: EventKind) -> bool:
        """Whether any of ``kinds`` happened since a run last opened it."""
        return any(event.kind in kinds for event in self.since_opened)

    @property
    def is_approved(self) -> bool:
        """Whether an approved version stands, so that a person must act and no new version is made."""
        return any(event.is_final_approval for event in self.since_opened) and not self.happened(EventKind.RETURNED)


def wants_run(history: History, settings: Settings, sources: Sources, now: datetime) -> bool:
    """Whether a run should start now; ``history`` has none that lives."""
    if is_redraft_asked(history.events) or is_newly_uploaded(history.since_opened):
        return True
    if history.is_approved or now < _rests_until(history):
        return False
    if history.claim is None:
        return history.row.event_id is not None or now >= _timetable_had_its_turn(history)
    if history.happened(*_TURNED_BACK):
        return _has_corrected_input(history, settings, sources, now)
    return True


def _timetable_had_its_turn(history: History) -> datetime:
    return max(history.row.opens_at, history.events[0].recorded_at) + TIMETABLE_FIRST


def _rests_until(history: History) -> datetime:
    """Ten minutes after the first failure in a row, then twice as long each time; bad input may come right at once."""
    failures: list[LedgerEvent] = []
    for event in history.events:
        if event.kind in _GOT_AHEAD:
            failures = []
        elif event.kind == EventKind.FAILED:
            failures.append(event)
    count = len(failures) - history.happened(EventKind.BAD_INPUT)
    if count <= 0:
        return history.row.opens_at
    return failures[-1].recorded_at + min(FIRST_PAUSE * (1 << min(count - 1, 8)), LONGEST_PAUSE)


def _has_corrected_input(history: History, settings: Settings, sources: Sources, now: datetime) -> bool:
    row = history.row
    known = [event.payload["snapshot"]["sha256"] for event in history.events if event.kind == EventKind.DATA_ARRIVED]
    # Since it was turned back, not since the last event: telling people of it is one, and input may have come before that.
    since = next(event.recorded_at for event in reversed(history.since_opened) if event.kind in _TURNED_BACK)
    try:
        obligation = load_one(settings.catalogue, row.key)
        return has_changed(obligation, row.period, sources, now, known=known[-1] if known else None, since=since)
    except ObligationsError:
        return False  # withdrawn, faulty or without its connection: told as an alarm, and nothing to start on

"""From the ledger to a decision and back: an occurrence as the tiers see it, and what follows as events and notices.

Which tier is reached is ``rules.tiers``, who is told ``rules.contacts``; writing it is the ledger's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from obligations.orchestration.accountability.rounds import OPENED
from obligations.orchestration.rulings.adjustments import open_pause
from obligations.orchestration.settings import Settings
from obligations.orchestration.sweep.basis import Basis
from obligations.orchestration.sweep.follow_ups import owed_of, wakes_at, withdrawals_to_mark
from obligations.orchestration.sweep.freshness import Freshness
from obligations.orchestration.sweep.unverified import say_changed, unverified_of
from obligations.rules.happenings import standing
from obligations.rules.policies import MOST_HOURS
from obligations.rules.quiet_hours import send_after
from obligations.rules.tiers import confirmed_tier, decide, still_applies
from obligations.steps.ledger import Act, EventKind, Ledger, LedgerEvent, NewEvent, OccurrenceRow, Sweeps
from obligations.words.contacts import Role
from obligations.words.errors import UnusableInput
from obligations.words.notices import Happening, NewNotice, QueuedNotice, Reached, Situation

_TOLD = (
    "version",
    "level",
    "roles",
    "comment",
    "problems",
    "file",
    "reason",
    "authority",
    "stage",
    "due_at",
    "previous_due_at",
    "why",
    "departments",
    "until",
    "run_id",
    "told",
    "form",
)
"""What of an event's payload a notice may say; never a draft, nor where one lies."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What follows for one occurrence.

    Attributes:
        act: to be written; unheard: tiers that nobody could be told of, with the roles that nobody fills or reaches.
    """

    act: Act
    unheard: tuple[Reached, ...] = ()


def situation_of(
    row: OccurrenceRow,
    events: Sequence[LedgerEvent],
    level: str | None,
    now: datetime,
    fresh_until: datetime | None = None,
) -> Situation:
    """Return the occurrence as the tiers see it.

    ``level`` is that of the event that opened it, ``fresh_until`` of a standing duty (``freshness``).
    """
    pause = open_pause(events) if row.paused_at is not None else None
    window = row.original_due_at - row.opens_at
    tiers = {
        kind: frozenset(str(event.payload["tier"]) for event in events if event.kind == kind)
        for kind in ("notice_acknowledged", "notice_confirmed")
    }
    return Situation(
        key=row.key,
        period=row.period,
        title=row.title,
        jurisdiction=row.jurisdiction,
        departments=row.departments,
        opens_at=row.opens_at,
        draft_by=row.draft_by,
        due_at=row.due_at,
        provisional=row.provisional,
        in_hours=row.event_id is not None and timedelta(0) < window <= timedelta(hours=MOST_HOURS),
        event_level=level or None,
        is_open=row.outcome is None,
        historical=row.historical,
        paused=pause is not None and now < pause.lapses_at,
        states=_states(events),
        stage_label=row.stage_label,
        happenings=standing(_happenings(events)),
        acknowledged=tiers["notice_acknowledged"],
        confirmed=frozenset(map(confirmed_tier, tiers["notice_confirmed"])),
        original_due_at=row.original_due_at,
        unverified=unverified_of(row, events),
        fresh_until=fresh_until,
        owed=owed_of(events),
    )


def decide_on(
    row: OccurrenceRow,
    events: Sequence[LedgerEvent],
    level: str | None,
    basis: Basis,
    now: datetime,
    freshness: Freshness | None = None,
) -> Decided:
    """Decide what is to be written about one occurrence at ``now``: a miss, notices, and when to look again."""
    fresh_until, daily = (freshness.until(row), freshness.look_at(row, now)) if freshness else (None, None)
    situation = situation_of(row, events, level, now, fresh_until)
    decision = decide(situation, basis.policies, basis.calendar, now)
    missed = (missed_event(row),) if decision.missed and row.missed_at is None else ()
    told = {(event.payload["tier"], event.payload["recipient"]) for event in events if event.kind == "notice_queued"}
    notices, unheard = [], []
    for reached in decision.reached:
        found = list(_notices(reached, situation, basis, now))
        if not found:
            unheard.append(reached)
        notices += [notice for notice in found if (notice.tier, notice.recipient) not in told]
    look_at = decision.look_at
    if situation.paused and (pause := open_pause(events)) is not None:
        look_at = pause.lapses_at
    turns = [turn for turn in (look_at, daily, wakes_at(events, now)) if turn is not None]
    marks = (*missed, *withdrawals_to_mark(events, now))
    return Decided(Act(row, marks, tuple(notices), min(turns, default=None)), tuple(unheard))


def missed_event(row: OccurrenceRow) -> NewEvent:
    """Return the event of a miss: it happened at the due time, whenever it is found out, and once for each due time."""
    return NewEvent(EventKind.MISSED, row.due_at, {}, once=f"missed:{row.due_at.isoformat()}")


class Recheck:
    """Says at the last moment whether a queued notice is still worth sending."""

    def __init__(self, ledger: Ledger, settings: Settings, basis: Basis, now: datetime) -> None:
        self._ledger, self._basis, self._now = ledger, basis, now
        self._levels = Levels(ledger)
        self._freshness = Freshness(ledger, settings)

    def __call__(self, notice: QueuedNotice) -> bool:
        """Whether ``notice`` still applies; an alarm about the system always does."""
        if notice.key is None or notice.period is None:
            return True
        row = self._ledger.occurrence(notice.key, notice.period)
        if row is None:
            return False
        events = Sweeps(self._ledger).events_of([row])[row.id]
        fresh_until = self._freshness.until(row)
        situation = situation_of(row, events, self._levels.of(row), self._now, fresh_until)
        return still_applies(situation, notice.tier, self._basis.policies, self._basis.calendar, self._now)


class Levels:
    """The levels of the events that opened occurrences, each asked of the ledger once."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._known: dict[str, str] = {}

    def of(self, row: OccurrenceRow) -> str | None:
        """Return 特别重大, 重大 …, or None for what no event opened."""
        if row.event_id is None:
            return None
        if row.event_id not in self._known:
            try:
                self._known[row.event_id] = self._ledger.get_reported_event(row.event_id).level
            except UnusableInput:  # nobody reported it through this system; what it opened is owed all the same
                self._known[row.event_id] = ""
        return self._known[row.event_id] or None


def _states(events: Sequence[LedgerEvent]) -> frozenset[Any]:
    """Fold the states that hold now: a new version starts from nothing, a return or an ended run takes back the review."""
    states: set[str] = set()
    for event in events:
        if event.kind == EventKind.OPENED:
            states.clear()
        elif event.kind == EventKind.DATA_ARRIVED:
            states.add("data_arrived")
        elif event.kind == EventKind.BAD_INPUT:
            states.discard("data_arrived")
        elif event.kind == EventKind.DRAFTED:
            states.add("drafted")
        elif event.kind == EventKind.REVIEW_REQUESTED:
            states.add("at_review")
        elif event.is_final_approval:
            states.add("approved")
        elif event.kind == EventKind.RETURNED:
            states -= {"drafted", "at_review", "approved"}
        elif event.kind == EventKind.FAILED:
            states.discard("at_review")
    return frozenset(states)


def _happenings(events: Sequence[LedgerEvent]) -> Iterator[Happening]:
    """Yield the events as happenings; a rebind that moved no date is nobody's news."""
    for event in events:
        if event.kind == EventKind.REBOUND and not event.payload.get("moved", True):
            continue
        kind = event.kind
        if kind == EventKind.FEEDBACK:
            opened, objected = event.payload["act"] == OPENED, bool(event.payload.get("objections"))
            kind = "feedback_opened" if opened else "objected" if objected else kind
        elif kind == EventKind.RETURNED and event.payload.get("replaced") is True:
            kind = "replaced"  # the uploader's own doing, nobody's news
        said = {"said": say_changed(event)} if kind == EventKind.PAGE_CHANGED else {}
        yield Happening(kind, event.seq, event.happened_at, _told(event.payload) | said)


def _told(payload: Mapping[str, Any]) -> dict[str, Any]:
    said = {**(payload.get("adjustment") or {}), **payload}  # of an extension, why and by whom it was granted
    return {name: said[name] for name in _TOLD if said.get(name) is not None}


def _notices(reached: Reached, situation: Situation, basis: Basis, now: datetime) -> Iterator[NewNotice]:
    rule = reached.rule
    after = send_after(now, rule.urgent, basis.calendar, basis.policies.quiet_hours)
    departments = tuple(reached.facts.get("departments", situation.departments))  # a round asks others than its owner
    roles = tuple(map(Role, reached.facts.get("roles", rule.to)))  # of a review, those of its level
    who = basis.directory.recipients(roles, situation.jurisdiction, departments, after)
    if told := reached.facts.get("told"):  # it concerns this one person
        who = basis.directory.recipient(str(told), roles[0])
    for recipient in who:
        yield NewNotice(
            tier=reached.tier,
            label=rule.label,
            recipient=recipient.id,
            role=recipient.role,
            channels=recipient.channels if rule.urgent else recipient.channels[:1],
            urgent=rule.urgent,
            send_after=after,
            facts=reached.facts | ({"acting_for": recipient.acting_for} if recipient.acting_for else {}),
        )

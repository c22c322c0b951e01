"""How long data, draft, review and publication each took, and which of them lost the time when it was late. Pure.

Hours are hours of the clock; working hours are those of office hours on working days. A stage that is still running
is measured up to ``now``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from obligations.steps.ledger.events import EventKind, Happening, LedgerEvent
from obligations.steps.ledger.projection import OccurrenceRow
from obligations.words.times import SHANGHAI

OfficeHours = tuple[tuple[time, time], ...]
OFFICE_HOURS: OfficeHours = ((time(9), time(12)), (time(13, 30), time(17, 30)))
"""Office hours unless an installation says otherwise: 7 hours a working day."""

STAGES = {"data": "数据", "draft": "起草", "review": "审核", "publication": "发布"}
"""The four stages whose time is kept, in order: code and Chinese name."""

_FULFILLED = {EventKind.PUBLISHED, EventKind.HELD, EventKind.SUBMITTED, EventKind.COMPLETED}


class WorkingTime:
    """Counts working hours; remembers the days it has asked about.

    Args:
        is_working_day: says so of a day, make-up weekends and holidays included.
        office_hours: spans of one day, in order, without overlap.
    """

    def __init__(self, is_working_day: Callable[[date], bool], office_hours: OfficeHours = OFFICE_HOURS) -> None:
        self._is_working_day = is_working_day
        self._spans = tuple((_since_midnight(start), _since_midnight(end)) for start, end in office_hours)
        self._whole_day = sum((end - start for start, end in self._spans), timedelta())
        self._known: dict[date, bool] = {}
        self._counted: dict[tuple[date, date], int] = {}

    def hours(self, start: datetime, end: datetime) -> float:
        """Return the working hours from ``start`` to ``end``; 0 where ``end`` is not later."""
        if end <= start:
            return 0.0
        start, end = start.astimezone(SHANGHAI), end.astimezone(SHANGHAI)
        first, last = start.date(), end.date()
        from_, until = _since_midnight(start.time()), _since_midnight(end.time())
        if first == last:
            return _in_hours(self._of_day(first, from_, until))
        worked = self._of_day(first, from_, timedelta(days=1)) + self._of_day(last, timedelta(), until)
        return _in_hours(worked + self._whole_day * self._days_between(first, last))

    def _days_between(self, first: date, last: date) -> int:
        """Count the working days after the first and before the last, which many stages have in common."""
        if (first, last) not in self._counted:
            between = (first + timedelta(days=n) for n in range(1, (last - first).days))
            self._counted[first, last] = sum(map(self._works, between))
        return self._counted[first, last]

    def _works(self, day: date) -> bool:
        if day not in self._known:
            self._known[day] = self._is_working_day(day)
        return self._known[day]

    def _of_day(self, day: date, from_: timedelta, until: timedelta) -> timedelta:
        worked = timedelta()
        if self._works(day):
            for start, end in self._spans:
                began, ended = max(start, from_), min(end, until)
                if began < ended:
                    worked += ended - began
        return worked


@dataclass(frozen=True, slots=True)
class StageTime:
    """How long one stage took.

    Attributes:
        code, label: ``data`` 数据, ``draft`` 起草, ``review`` 审核, ``publication`` 发布.
        started_at, ended_at: None where it has not started, or not ended.
        hours, working_hours: up to the end, or up to now while it runs; None where it has not started.
    """

    code: str
    label: str
    started_at: datetime | None
    ended_at: datetime | None
    hours: float | None
    working_hours: float | None


@dataclass(frozen=True, slots=True)
class ReviewRound:
    """One request for review and its answer.

    Attributes:
        version: of the draft; level: 终审 and the like, or None.
        result: ``approved``, ``returned`` or None while nobody has answered.
        person, comment: of the answer; hours, working_hours: up to it, or up to now.
    """

    version: int | None
    level: str | None
    requested_at: datetime
    answered_at: datetime | None
    result: str | None
    person: str | None
    comment: str | None
    hours: float
    working_hours: float


@dataclass(frozen=True, slots=True)
class Marks:
    """The instants at which one stage hands over to the next; None where that has not happened.

    Review runs from the first request to the approval of the version that fulfilled the duty, returns included.
    """

    opened: datetime | None
    data_arrived: datetime | None
    drafted: datetime | None
    review_requested: datetime | None
    approved: datetime | None
    fulfilled: datetime | None


def marks_of(row: OccurrenceRow, events: Sequence[Happening]) -> Marks:
    """Read the marks off an occurrence's events; what a later correction of a met one did does not count."""
    first: dict[str, datetime] = {}
    approved = fulfilled = None
    for event in _until_fulfilled(row, events):
        first.setdefault(event.kind, event.happened_at)
        if event.is_final_approval:
            approved = event.happened_at
        elif event.kind in _FULFILLED:
            fulfilled = event.happened_at
    return Marks(
        opened=first.get(EventKind.OPENED),
        data_arrived=first.get(EventKind.DATA_ARRIVED),
        drafted=first.get(EventKind.DRAFTED),
        review_requested=first.get(EventKind.REVIEW_REQUESTED),
        approved=approved,
        fulfilled=row.met_at or fulfilled,
    )


def stage_times(row: OccurrenceRow, marks: Marks, working: WorkingTime, now: datetime) -> tuple[StageTime, ...]:
    """Return the four stages in order."""
    spans = {
        "data": (marks.opened, marks.data_arrived),
        "draft": (marks.data_arrived, marks.drafted),
        "review": (marks.review_requested, marks.approved),
        "publication": (marks.approved, marks.fulfilled),
    }
    stop = row.closed_at or now  # a nil report or a waiver ends whatever was running
    times: list[StageTime] = []
    for code, (start, end) in spans.items():
        if start is None:
            times.append(StageTime(code, STAGES[code], None, end, None, None))
            continue
        until = end or stop
        times.append(StageTime(code, STAGES[code], start, end, _hours(start, until), working.hours(start, until)))
    return tuple(times)


def review_rounds(events: Iterable[LedgerEvent], working: WorkingTime, now: datetime) -> tuple[ReviewRound, ...]:
    """Pair every request for review with its answer: the next approval or return of its version and level.

    A request that names no level is answered by any.
    """
    ordered = list(events)
    rounds: list[ReviewRound] = []
    taken: set[int] = set()
    for request in ordered:
        if request.kind != EventKind.REVIEW_REQUESTED:
            continue
        answer = next((event for event in ordered if event.seq not in taken and _answers(event, request)), None)
        if answer is not None:
            taken.add(answer.seq)
        until = answer.happened_at if answer else now
        rounds.append(
            ReviewRound(
                version=request.payload.get("version"),
                level=(answer or request).payload.get("level"),
                requested_at=request.happened_at,
                answered_at=answer.happened_at if answer else None,
                result=answer.kind if answer else None,
                person=answer.person if answer else None,
                comment=answer.payload.get("comment") if answer else None,
                hours=_hours(request.happened_at, until),
                working_hours=working.hours(request.happened_at, until),
            )
        )
    return tuple(rounds)


def _answers(event: LedgerEvent, request: LedgerEvent) -> bool:
    if event.kind not in {EventKind.APPROVED, EventKind.RETURNED} or event.seq < request.seq:
        return False
    asked, answered = request.payload, event.payload
    return asked.get("version") == answered.get("version") and asked.get("level") in {None, answered.get("level")}


def _until_fulfilled(row: OccurrenceRow, events: Sequence[Happening]) -> list[Happening]:
    """Return the events up to the one by which the duty was met; all of them while it is not."""
    by = EventKind.VERIFIED if row.fulfilment == EventKind.PUBLISHED else row.fulfilment
    last = next((event.seq for event in events if event.kind == by), None) if row.is_met else None
    return [event for event in events if last is None or event.seq <= last]


def _since_midnight(at: time) -> timedelta:
    return timedelta(hours=at.hour, minutes=at.minute, seconds=at.second, microseconds=at.microsecond)


def _in_hours(length: timedelta) -> float:
    return round(length.total_seconds() / 3600, 4)


def _hours(start: datetime, end: datetime) -> float:
    return max(0.0, _in_hours(end - start))

"""Of many occurrences at once, whose their lateness is and how long their stages took: what statistics are counted from. Only reads.

A year of a jurisdiction has thousands of events, and most of what they say is told on the page of the occurrence alone
(``reading``). Here their kinds and times are read, and the words of the few kinds that decide a time or a loss.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, select

from obligations.steps.ledger import tables
from obligations.steps.ledger.events import EventKind, Happening
from obligations.steps.ledger.lateness import Loss, find_loss, say_lateness
from obligations.steps.ledger.listing import Head, rows_with
from obligations.steps.ledger.occurrences import BATCH
from obligations.steps.ledger.projection import OccurrenceRow
from obligations.steps.ledger.timing import Marks, StageTime, WorkingTime, marks_of, stage_times

_its = tables.event.c
_TELLING = (EventKind.APPROVED.value, EventKind.PASSED.value, EventKind.CORRECTED.value)
"""Kinds whose words decide: whether an approval was the last, and what a person corrected of a late stage."""


@dataclass(frozen=True, slots=True)
class JudgedRow:
    """One occurrence and how late it is.

    Attributes:
        true_lateness: 按时, 逾期N天, 未到期 …, of a historical one too.
        loss: which stage lost the time and whose it was, or None when nothing was lost.
    """

    occurrence: OccurrenceRow
    true_lateness: str
    loss: Loss | None


@dataclass(frozen=True, slots=True)
class Course:
    """An occurrence and how the work on it went: when its stages handed over, and which of them lost the time."""

    occurrence: OccurrenceRow
    marks: Marks
    loss: Loss | None


class Courses:
    """The courses of occurrences. Of those that are closed they are kept, by the hash of their last event.

    That hash covers everything that ever happened to the occurrence, and of a closed one nothing depends on the time that it
    is asked: what is kept is true for good, and one more event makes it unknown.
    """

    def __init__(self, most: int = 10_000) -> None:
        """Keep at most this many; past it all are forgotten and found again as they are asked for."""
        self._most = most
        self._known: dict[str, Course] = {}

    def of(self, connection: Connection, heads: Sequence[Head], now: datetime) -> list[Course]:
        """Return the courses of these occurrences, in their order; of those that are kept nothing is read."""
        found = {head.id: course for head in heads if (course := self._known.get(head.head_hash))}
        missing = [head.id for head in heads if head.id not in found]
        happened = _happenings(connection, missing)
        for row in rows_with(connection, missing):
            found[row.id] = self._find(row, happened[row.id], now)
        return [found[head.id] for head in heads]

    def _find(self, row: OccurrenceRow, events: Sequence[Happening], now: datetime) -> Course:
        marks = marks_of(row, events)
        course = Course(row, marks, find_loss(row, marks, events, now))
        if row.closed_at is not None:
            if len(self._known) >= self._most:
                self._known.clear()
            self._known[row.head_hash] = course
        return course


def judged(course: Course, now: datetime) -> JudgedRow:
    """Return an occurrence with its lateness."""
    return JudgedRow(course.occurrence, say_lateness(course.occurrence, now), course.loss)


def stage_times_of(course: Course, working: WorkingTime, now: datetime) -> tuple[StageTime, ...]:
    """Return the four stages of an occurrence."""
    return stage_times(course.occurrence, course.marks, working, now)


def _happenings(connection: Connection, ids: Sequence[int]) -> dict[int, list[Happening]]:
    """Return what happened to each occurrence, by its id and in order; of messages nothing, for they decide nothing."""
    happened: dict[int, list[Happening]] = {id_: [] for id_ in ids}
    words = case((_its.kind.in_(_TELLING), _its.payload))
    for start in range(0, len(ids), BATCH):
        query = (
            select(_its.occurrence_id, _its.seq, _its.kind, _its.happened_at, words)
            .where(_its.occurrence_id.in_(ids[start : start + BATCH]))
            .where(~_its.kind.startswith("notice_", autoescape=True))
            .order_by(_its.occurrence_id, _its.seq)
        )
        for id_, seq, kind, happened_at, payload in connection.execute(query).all():
            happened[id_].append(Happening(seq, kind, happened_at, payload or {}))
    return happened

"""Records what people decided on one occurrence: weighed first (``verdicts``), then appended in one transaction.

How a decision is read from a form is ``fields``; answers to a run's own questions (review, proof) are
``review.decisions``; whether a person may decide at all is the door's to ask. Knows no Airflow.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from obligations.orchestration.rulings.adjustments import open_pause
from obligations.orchestration.rulings.case import Case
from obligations.orchestration.rulings.verdicts import is_redraft_asked, weigh
from obligations.orchestration.work import Work
from obligations.steps.ledger import EventKind, NewEvent, OccurrenceRow
from obligations.steps.ledger.occurrences import append_to, events_of, known
from obligations.steps.ledger.products import keep_proof
from obligations.words.errors import UnusableInput
from obligations.words.rulings import Resume, Ruling

__all__ = ["Ruled", "end_lapsed_pause", "is_redraft_asked", "rule"]


@dataclass(frozen=True, slots=True)
class Ruled:
    """A decision as the ledger keeps it.

    Attributes:
        row: the occurrence after it; seq: of its event.
        said: what it came to, one Chinese sentence.
        is_new: False where the same decision (``once``) was on record already.
    """

    row: OccurrenceRow
    seq: int
    said: str
    is_new: bool = True


def rule(work: Work, ruling: Ruling, *, person: str, now: datetime, once: str | None = None) -> Ruled:
    """Record a person's decision; with ``once``, the same decision again (a task that is run anew) changes nothing.

    Raises UnusableInput, in Chinese, for an occurrence that the ledger does not expect and for whatever the rules or
    its state forbid; then nothing is recorded.
    """
    if not person.strip():
        raise UnusableInput("没有写明办理人，请填写作出登记的人")
    return _record(work, ruling, person.strip(), now, once)


def end_lapsed_pause(work: Work, now: datetime) -> Ruled | None:
    """Let the clock run again once a pause has lasted as long as the provision allows; None while none has. Idempotent.

    Without it, a pause that everybody forgot would keep an occurrence from ever being missed.
    """
    running = open_pause(work.ledger.events(work.key, work.period))
    if running is None or now < running.lapses_at:
        return None
    try:
        return _record(work, Resume(running.lapses_on), None, now, f"lapsed:{running.first.isoformat()}")
    except UnusableInput:
        if open_pause(work.ledger.events(work.key, work.period)) is None:
            return None  # somebody ended it in the meantime
        raise


def _record(work: Work, ruling: Ruling, person: str | None, now: datetime, once: str | None) -> Ruled:
    with work.ledger.writing() as connection:
        row = known(connection, work.key, work.period, lock=True)
        events = events_of(connection, [row.id])[row.id]
        for event in events:
            if once is not None and event.once == once:
                return Ruled(row, event.seq, f"{row.key} {row.period}：这项决定已经登记，没有重复", is_new=False)
        verdict = weigh(Case(work, row, events, now, connection, person), ruling)
        said = NewEvent(verdict.kind, verdict.happened_at, verdict.payload, once, person)
        after, seq = append_to(connection, row, said, now)
        if verdict.kind == EventKind.VERIFIED:
            keep_proof(connection, row, verdict.payload)
    return Ruled(after, seq, f"{row.key} {row.period}：{verdict.said}")

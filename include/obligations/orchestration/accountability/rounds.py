"""Reads a round of feedback (反馈核实) from an occurrence's events. Writes nothing; acting in one is ``feedback``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from obligations.steps.ledger import EventKind, LedgerEvent
from obligations.words.accountability import Answer, Objection, OfficeRuling, Response, Round
from obligations.words.times import SHANGHAI, parse_instant, say_due

OPENED, ANSWERED, SETTLED = "opened", "answered", "settled"
"""What a ``feedback`` event says happened, under ``act`` in its payload."""


def round_of(events: Iterable[LedgerEvent]) -> Round | None:
    """Return the round of an occurrence, whichever of its runs opened it; None where there was none yet."""
    found: Round | None = None
    for event in events:
        said = event.payload
        if event.kind == EventKind.FEEDBACK and said["act"] == OPENED:
            until = parse_instant(said["until"]).astimezone(SHANGHAI)
            found = Round(event.happened_at, until, tuple(said["departments"]))
        elif found is not None and event.kind == EventKind.FEEDBACK and said["act"] == ANSWERED:
            answer = _answer(event)
            found = replace(found, answers={**found.answers, answer.department: answer})
        elif found is not None and event.kind == EventKind.FEEDBACK:
            found = replace(found, settled=True)
        elif found is not None and event.kind == EventKind.RULED:
            ruling = OfficeRuling(
                said["key"], said["period"], said["decision"], said["reason"], event.person or "", event.happened_at
            )
            found = replace(found, rulings={**found.rulings, (ruling.key, ruling.period): ruling})
    return found


def what_is_missing(found: Round | None, now: datetime) -> str | None:
    """Return one Chinese sentence on what the draft still waits for, None when the round is over.

    It is over when every department has answered or its time is up, and the office has ruled on every objection: an
    answer is never passed over in silence.
    """
    if found is None:
        return "反馈核实还没有开始"
    if found.is_open(now):
        return f"反馈核实到{say_due(found.until).removesuffix('前')}，还没有反馈的单位：{'、'.join(found.silent)}"
    if unruled := found.unruled:
        return f"反馈核实中有{len(unruled)}条异议还没有裁定：{'、'.join(department for department, _ in unruled)}"
    return None


def responses_of(found: Round) -> dict[str, Response]:
    """Return what each department that was asked answered."""
    responses: dict[str, Response] = {}
    for department in found.departments:
        answer = found.answers.get(department)
        responses[department] = "未反馈" if answer is None else "提出异议" if answer.objections else "无异议"
    return responses


def objections_of(found: Round) -> dict[tuple[str, str], Objection]:
    """Return the objections by what they are about."""
    return {(one.key, one.period): one for answer in found.answers.values() for one in answer.objections}


def _answer(event: LedgerEvent) -> Answer:
    objections = tuple(Objection(**said) for said in event.payload["objections"])
    return Answer(event.payload["department"], objections, event.person or "", event.happened_at)

"""How far the review of a version has come, read off the ledger's events. Decides nothing, writes nothing.

What is approved is the **reviewed version**: the last draft of the occurrence with its blanks filled, named by its SHA-256.
A return of it takes every approval back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from obligations.orchestration.runs.trace import drafted
from obligations.orchestration.work import Work
from obligations.steps.ledger import Draft, EventKind, LedgerEvent
from obligations.words.errors import NotApproved
from obligations.words.reviews import Chain, Level, Step

_WRITTEN = {"filled", "uploaded"}


def standing(events: Iterable[LedgerEvent], sha256: str) -> dict[str, LedgerEvent]:
    """Return the last approval, or passing of an optional level, of each level of exactly this version that still stands."""
    found: dict[str, LedgerEvent] = {}
    for event in events:
        if event.payload.get("sha256") != sha256:
            continue
        if event.kind in {EventKind.APPROVED, EventKind.PASSED}:
            found[str(event.payload.get("level"))] = event
        elif event.kind == EventKind.RETURNED:
            found.clear()
    return found


def missing(chain: Chain, events: Iterable[LedgerEvent], sha256: str) -> tuple[Step, ...]:
    """Return the steps of the chain that this version has not passed."""
    passed = standing(events, sha256)
    return tuple(step for step in chain.steps if step.level.label not in passed)


def drafters(events: Iterable[LedgerEvent], version: int) -> frozenset[str]:
    """Return the accounts that wrote a version: filled its blanks or handed it in; none where the system wrote it all."""
    return frozenset(
        event.person
        for event in events
        if event.kind == EventKind.DRAFTED
        and event.payload.get("version") == version
        and event.payload.get("state") in _WRITTEN
        and event.person
    )


def errors_left(events: Sequence[LedgerEvent], reviewed: Draft) -> tuple[str, ...]:
    """Return what the check of an uploaded file found wrong with this version and nobody has answered for (核对错误放行)."""
    found: tuple[str, ...] = ()
    for event in events:
        if event.kind == EventKind.DRAFTED and event.payload.get("version") == reviewed.version:
            found = tuple(event.payload.get("errors") or found)
        elif event.kind == EventKind.OVERRIDDEN and event.payload.get("version") == reviewed.version:
            found = ()
    return found


def overrides(events: Iterable[LedgerEvent], version: int) -> dict[str, list[dict[str, Any]]]:
    """Return who let a version pass although its check had found errors, and why, for its publication's record; else nothing."""
    found = [
        {"person": event.person, "reason": event.payload["reason"], "errors": event.payload["errors"]}
        for event in events
        if event.kind == EventKind.OVERRIDDEN and event.payload.get("version") == version
    ]
    return {"overridden": found} if found else {}


def require_approved(work: Work) -> Draft:
    """Return the reviewed version; raises NotApproved naming every level of its chain that the ledger does not show.

    Publishing rests on nothing else: what Airflow says of its tasks is not asked.
    """
    reviewed = drafted(work)
    left = missing(work.chain, work.ledger.events(work.key, work.period), reviewed.sha256)
    if left:
        levels = "、".join(step.level.label for step in left)
        raise NotApproved(
            f"{work.key} {work.period}：台账中没有对第{reviewed.version}版（{reviewed.sha256[:12]}）的{levels}通过记录，"
            "不得发布；任务标记为成功不等于审签"
        )
    return reviewed


def signed(work: Work, reviewed: Draft) -> LedgerEvent:
    """Return the 终审 of an approved version; its day is the document's (成文日期, GB/T 9704-2012, 7.3.5.4)."""
    return standing(work.ledger.events(work.key, work.period), reviewed.sha256)[Level.FINAL.label]

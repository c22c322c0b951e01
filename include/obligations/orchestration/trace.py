"""What this run and those before it left in the ledger: reads it for the steps, and writes their events there."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from obligations.orchestration.work import Work
from obligations.steps.ledger import Draft, DraftState, LedgerEvent
from obligations.words.draft import DraftVersion
from obligations.words.errors import NotApproved, UnusableInput
from obligations.words.publication import Blank


def drafted(work: Work) -> Draft:
    """Return the draft under review; raises UnusableInput if there is none."""
    drafts = [draft for draft in work.ledger.drafts(work.key, work.period) if draft.state != "final"]
    if not drafts:
        raise UnusableInput(f"{work.key} {work.period} 还没有草稿，请先运行“生成草稿”")
    return drafts[-1]


def version_before(work: Work, version: int) -> Path | None:
    """Return the folder of the draft before this version; None if there is none, or nothing of it is left."""
    before = [
        draft
        for draft in work.ledger.drafts(work.key, work.period)
        if draft.state != "final" and draft.version < version
    ]
    folder = Path(before[-1].folder) if before else None
    return folder if folder and (folder / "model.json").is_file() else None


def is_returned(work: Work) -> bool:
    """Whether this run's version was returned."""
    return last_event(work, "returned") is not None


def is_approved(work: Work) -> bool:
    """Whether the version under review is approved."""
    final = find_approved(work)
    return final is not None and final.version == drafted(work).version


def is_closed(work: Work) -> bool:
    """Whether the occurrence is met or has an outcome."""
    row = work.ledger.occurrence(work.key, work.period)
    return row is not None and row.closed_at is not None


def find_approved(work: Work) -> Draft | None:
    """Return the last version that has a standing approval of exactly its SHA-256, or None."""
    for final in reversed(work.ledger.drafts(work.key, work.period)):
        if final.state == "final" and work.ledger.approved(work.key, work.period, final.sha256):
            return final
    return None


def approved_draft(work: Work) -> Draft:
    """Return the approved version; raises NotApproved if there is none."""
    if (final := find_approved(work)) is not None:
        return final
    raise NotApproved(f"{work.key} {work.period}：台账中没有对这一版的审签通过记录，不得发布；任务标记为成功不等于审签")


def register(work: Work, made: DraftVersion, state: DraftState, now: datetime, person: str | None = None) -> None:
    """Register a version in the ledger; the same one again changes nothing."""
    work.ledger.register_draft(
        work.key,
        work.period,
        version=made.version,
        sha256=made.sha256,
        folder=str(made.folder),
        files=list(made.shown),
        state=state,
        open_blanks=[Blank(blank.name, blank.label, blank.required) for blank in made.blanks if blank.answer is None],
        happened_at=now,
        recorded_at=now,
        person=person,
        payload={"run_id": work.run_id, "warnings": list(made.warnings)},
    )


def append(
    work: Work,
    kind: str,
    happened_at: datetime,
    payload: dict[str, Any],
    *,
    now: datetime | None = None,
    person: str | None = None,
    once: str | None = None,
) -> None:
    """Append an event of this run; ``now`` is when it is recorded, where that is later than it happened."""
    work.ledger.append(
        work.key,
        work.period,
        kind,
        happened_at=happened_at,
        recorded_at=now or happened_at,
        person=person,
        payload={**payload, "run_id": work.run_id},
        once=once,
    )


def last_event(work: Work, kind: str) -> LedgerEvent | None:
    """Return the last event of ``kind`` since the run's claim; what an earlier run did is not this run's."""
    found: LedgerEvent | None = None
    for event in work.ledger.events(work.key, work.period):
        if event.kind == "opened":
            found = None
        elif event.kind == kind:
            found = event
    return found

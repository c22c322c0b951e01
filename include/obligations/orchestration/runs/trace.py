"""What this run and those before it left in the ledger: reads it for the steps, and writes their events there."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from obligations.orchestration.work import Work
from obligations.steps.ledger import Draft, DraftState, LedgerEvent
from obligations.steps.ledger.events import LONGEST_TOKEN, digest
from obligations.words.draft import DraftVersion
from obligations.words.errors import UnusableInput
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


def published_folder(work: Work, sha256: str) -> Path:
    """Return the folder of a final version that went public; raises UnusableInput where it is not there any more."""
    drafts = work.ledger.drafts(work.key, work.period)
    folder = next((Path(draft.folder) for draft in drafts if draft.state == "final" and draft.sha256 == sha256), None)
    if folder is None or not (folder / "model.json").is_file():
        raise UnusableInput(
            f"{work.key} {work.period}：要更正的定稿 {sha256[:12]} 已不在草稿库中，不能据以起草更正稿；请从备份恢复"
        )
    return folder


def is_returned(work: Work) -> bool:
    """Whether this run's version was returned."""
    return last_event(work, "returned") is not None


def is_closed(work: Work) -> bool:
    """Whether the occurrence is met or has an outcome."""
    row = work.ledger.occurrence(work.key, work.period)
    return row is not None and row.closed_at is not None


def find_final(work: Work, reviewed: Draft) -> Draft | None:
    """Return the final rendering of exactly this reviewed version, or None."""
    made_from = {
        event.payload["sha256"]
        for event in work.ledger.events(work.key, work.period)
        if event.kind == "drafted" and event.payload.get("based_on") == reviewed.sha256
    }
    drafts = work.ledger.drafts(work.key, work.period)
    return next((draft for draft in drafts if draft.state == "final" and draft.sha256 in made_from), None)


def register(
    work: Work, made: DraftVersion, state: DraftState, now: datetime, person: str | None = None, **facts: Any
) -> None:
    """Register a version in the ledger, with further facts about it; the same one again changes nothing."""
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
        payload={"run_id": work.run_id, "warnings": list(made.warnings), **facts},
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


def arrived_once(work: Work, sha256: str) -> str:
    """Return the token of the event that this run's data arrived; the id of a run that somebody named at length is shortened by its hash."""
    token = f"data_arrived:{work.run_id}:{sha256}"
    return token if len(token) <= LONGEST_TOKEN else f"data_arrived:{digest(work.run_id)}:{sha256}"


def last_event(work: Work, kind: str) -> LedgerEvent | None:
    """Return the last event of ``kind`` since the run's claim; what an earlier run did is not this run's."""
    found: LedgerEvent | None = None
    for event in work.ledger.events(work.key, work.period):
        if event.kind == "opened":
            found = None
        elif event.kind == kind:
            found = event
    return found

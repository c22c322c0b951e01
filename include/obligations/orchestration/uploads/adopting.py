"""The run's side of an uploaded file: what it is based on, and the version that is made of it. Receiving is ``receiving``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from obligations.orchestration.runs.trace import register
from obligations.orchestration.uploads.keeping import kept
from obligations.orchestration.work import Work
from obligations.steps.ledger import EventKind, LedgerEvent
from obligations.words.draft import DocumentModel, DraftVersion
from obligations.words.errors import UnusableInput
from obligations.words.publication import Snapshot

_OF_MEASURES = {"number-changed", "number-rewritten", "rounding"}
"""Findings that say which printed measure was changed, and into what."""


def snapshot_of_base(work: Work, upload: LedgerEvent) -> Snapshot:
    """Return the data that the edited version was drafted from; nothing is fetched anew for an edited file.

    Raises UnusableInput where the ledger holds none.
    """
    snapshot: Snapshot | None = None
    for event in work.ledger.events(work.key, work.period):
        if event.kind == EventKind.DATA_ARRIVED:
            snapshot = Snapshot(**event.payload["snapshot"])
        elif event.kind == EventKind.DRAFTED and event.payload["sha256"] == upload.payload["base_sha256"]:
            break
    if snapshot is None:
        raise UnusableInput(
            f"{work.key} {work.period} 的台账中没有第{upload.payload['base_version']}版所用的数据，不能采用修改稿；请用 obligations verify-ledger 核验台账"
        )
    return snapshot


def adopt_upload(
    work: Work, upload: LedgerEvent, snapshot: Snapshot, version: int, created_at: datetime, now: datetime
) -> DraftVersion:
    """Make and register the version that an uploaded file becomes; the uploader is its drafter.

    Raises AttachmentDamaged or NotPublishable where the file or its base was changed since, BadInput.
    """
    from obligations.orchestration.review.checking import check_edited  # loads python-docx, which parsing DAGs must not
    from obligations.steps.draft import adopt
    from obligations.steps.rendering.adopted import Overwritten
    from obligations.steps.rendering.folder import FIGURES, MODEL, unchanged

    said = upload.payload
    edited = kept(said["sha256"], work.settings.store)
    base, corrects = _base(work, said["base_sha256"])
    files = unchanged(base)
    report = check_edited(edited, said["name"], files[FIGURES], DocumentModel.from_json(files[MODEL]))
    if report.document is None:
        raise UnusableInput(f"上传的 {said['name']} 不能读回第{said['base_version']}版，请重新上传")
    overwritten = [
        Overwritten(found.measure, found.expected or "", found.found or "", found.where)
        for found in report.findings
        if found.code in _OF_MEASURES and found.measure is not None
    ]
    made = adopt(
        base,
        report.document,
        edited,
        work.obligation,
        work.occurrence,
        version=version,
        out=work.drafts / f"v{version}",
        created_at=created_at,
        snapshot=snapshot if work.kind.describe is None else None,
        event=work.event,
        overwritten=overwritten,
        templates=work.settings.templates,
    )
    facts = {"upload": said["sha256"], "errors": said["errors"], **({"corrects": corrects} if corrects else {})}
    register(work, made, "uploaded", now, person=upload.person, **facts)
    return made


def _base(work: Work, sha256: str) -> tuple[Path, str | None]:
    """Return the folder of the edited version, and what it corrects if it is a correction."""
    folders = {draft.sha256: Path(draft.folder) for draft in work.ledger.drafts(work.key, work.period)}
    if sha256 not in folders:
        raise UnusableInput(f"{work.key} {work.period} 的台账中没有修改稿所依据的那一版（{sha256[:12]}）")
    events = work.ledger.events(work.key, work.period)
    drafted = [event for event in events if event.kind == EventKind.DRAFTED and event.payload["sha256"] == sha256]
    return folders[sha256], drafted[-1].payload.get("corrects") if drafted else None

"""Receives a Word file that a person edited: checked, read back, kept by its content, on record as what comes next.

The version itself is made by the next run (``route``). Whether the person may is the door's to ask (``people``); which
door it came through (page, watched folder, command line) is of no matter here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from obligations.orchestration.metrics import Counter, count
from obligations.orchestration.review.checking import CheckReport, check_edited
from obligations.orchestration.runs.claims import last_claim
from obligations.orchestration.uploads.classified import REASON, record_classified
from obligations.orchestration.uploads.keeping import keep, spoken_name
from obligations.orchestration.uploads.taking import waiting_upload
from obligations.orchestration.work import Work
from obligations.rules.drafts_check.findings import ERROR, WARNING, Finding
from obligations.steps.gather.store import set_aside
from obligations.steps.ledger import Draft, EventKind, LedgerEvent, NewEvent, OccurrenceRow
from obligations.steps.ledger.follow_ups import is_correction
from obligations.steps.ledger.occurrences import append_to, events_of, known
from obligations.steps.ledger.products import drafts_of
from obligations.steps.rendering.folder import FIGURES, MODEL, unchanged
from obligations.words.draft import DocumentModel
from obligations.words.errors import ObligationsError, UnusableInput
from obligations.words.times import say_instant

REPLACED = "上传修改稿"
MOST_NOTE = 500
_DONE = {EventKind.PUBLISHED, EventKind.HELD, EventKind.SUBMITTED, EventKind.COMPLETED}


class UploadRefused(ObligationsError):
    """The file cannot become the next version.

    Attributes:
        findings: what the check found in it, where it could be read.
        put_aside: where in quarantine it lies; None where nothing of it was kept.
    """

    def __init__(self, said: str, findings: tuple[Finding, ...] = (), put_aside: Path | None = None) -> None:
        super().__init__(said)
        self.findings = findings
        self.put_aside = put_aside


class NotOpenForUploads(UploadRefused):
    """There is nothing to edit now: no draft yet, or it is signed, out or closed."""


class ClassifiedRefused(UploadRefused):
    """The file has a mark of secrecy; nothing of it was kept."""


@dataclass(frozen=True, slots=True)
class Received:
    """A file that was received.

    Attributes:
        base_version: the version that was edited; findings: of the check, errors first.
        is_new: False where the same file had been handed in for this version already.
        replaced_run: the run whose version was taken back, None where none was live.
        instead_of: name of an earlier upload that no version was made of and that this one takes the place of.
    """

    sha256: str
    name: str
    base_version: int
    findings: tuple[Finding, ...]
    is_new: bool
    replaced_run: str | None = None
    instead_of: str | None = None


def receive(
    work: Work,
    data: bytes,
    name: str,
    person: str,
    note: str,
    now: datetime,
    *,
    where: str = "",
    once: str | None = None,
) -> Received:
    """Receive an edited file of the occurrence; the same one again changes nothing.

    ``where`` and ``once``: of a file with a mark of secrecy, a sentence on where it still is, and what its refusal is
    remembered by.

    Raises NotOpenForUploads, BadInput for a file that must not be opened (nothing of it is kept), ClassifiedRefused,
    UploadRefused with every finding for one that cannot be read back, which is in quarantine with the reasons.
    """
    said_name = spoken_name(name)
    if not said_name.lower().endswith(".docx"):
        raise UploadRefused(f"“{said_name}”不是 .docx 文件；请在 Word 或 WPS 中另存为 .docx 后上传")
    if len(note) > MOST_NOTE:
        raise UploadRefused(f"修改说明有{len(note)}字，最多{MOST_NOTE}字，请精简")
    base = base_of(work)
    report = _checked(base, data, said_name)
    if any(found.code == "classified" for found in report.findings):
        record_classified(work, person, now, where=where, once=once)
        raise ClassifiedRefused(f"{REASON}。{report.findings[0].said}", report.findings)
    if report.document is None:
        raise _put_aside(work, data, said_name, report, now)
    sha256 = hashlib.sha256(data).hexdigest()
    with work.ledger.writing() as connection:
        row, events = _locked(work, connection)
        require_open(row, events)
        if _last_draft(drafts_of(connection, [row.id])[row.id]).sha256 != base.sha256:
            raise NotOpenForUploads(f"{_name(row)} 在上传的同时形成了新的一版；请下载最新一版，在它上面修改")
        before = waiting_upload(events)
        if sha256 in {before.payload["sha256"] if before else None, _made_of(events, base)}:
            return Received(sha256, said_name, base.version, report.findings, is_new=False)
        path, _ = keep(data, work.settings.store)
        claim = last_claim(events)
        payload = {
            "sha256": sha256,
            "name": said_name,
            "path": str(path),
            "size": len(data),
            "base_version": base.version,
            "base_sha256": base.sha256,
            "errors": [f"{found.where}：{found.said}" for found in report.findings if found.grade == ERROR],
            "warnings": [f"{found.where}：{found.said}" for found in report.findings if found.grade == WARNING],
            "note": note.strip(),
        }
        row, _ = append_to(connection, row, NewEvent(EventKind.UPLOADED, now, payload, None, person), now)
        if claim is None or claim.is_over:
            replaced = None
        else:
            replaced = claim.run_id
            about = {"version": base.version, "sha256": base.sha256, "level": None, "comment": REPLACED}
            taken_back = {**about, "replaced": True, "run_id": claim.run_id}
            append_to(connection, row, NewEvent(EventKind.RETURNED, now, taken_back, None, person), now)
    instead_of = str(before.payload["name"]) if before else None
    return Received(sha256, said_name, base.version, report.findings, True, replaced, instead_of)


def base_of(work: Work) -> Draft:
    """Return the version that a person edits now; raises NotOpenForUploads if there is none or it may not be edited."""
    row = work.ledger.occurrence(work.key, work.period)
    if row is None:
        raise NotOpenForUploads(f"台账中没有 {work.key} 的 {work.period} 这一期")
    require_open(row, work.ledger.events(work.key, work.period))
    return _last_draft(work.ledger.drafts(work.key, work.period))


def require_open(row: OccurrenceRow, events: Sequence[LedgerEvent]) -> None:
    """Raise NotOpenForUploads unless an edited file may come in now; after a correction was asked, only for its draft."""
    asked = [number for number, event in enumerate(events) if is_correction(event)]
    since = events[asked[-1] :] if asked else events
    if row.outcome is not None and not asked:
        closed = f"（{say_instant(row.closed_at)}）" if row.closed_at else ""
        raise NotOpenForUploads(f"{_name(row)} 已经{row.stage_label}{closed}，不能再上传；已公开的内容有误，请登记更正")
    if any(event.kind in _DONE for event in since):
        raise NotOpenForUploads(f"{_name(row)} 的稿件已经发布或登记办理结果，不能再上传；内容有误的，核验后登记更正")
    if not any(event.kind == EventKind.DRAFTED for event in since):
        raise NotOpenForUploads(f"{_name(row)} 还没有{'更正' if asked else ''}稿，请等草稿形成后下载、修改再上传")
    opened = [number for number, event in enumerate(events) if event.kind == EventKind.OPENED]
    run = events[opened[-1] :] if opened else events
    if any(event.is_final_approval for event in run) and not any(event.kind == EventKind.RETURNED for event in run):
        raise NotOpenForUploads(f"{_name(row)} 的稿件已经审签，不能再上传；需要再改的，请与政务公开办公室联系")


def _checked(base: Draft, data: bytes, name: str) -> CheckReport:
    files = unchanged(Path(base.folder))
    return check_edited(data, name, files[FIGURES], DocumentModel.from_json(files[MODEL]))


def _put_aside(work: Work, data: bytes, name: str, report: CheckReport, now: datetime) -> UploadRefused:
    reasons = tuple(f"{found.where}：{found.said}" for found in report.findings if found.grade == ERROR)
    folder = work.settings.quarantine / work.key
    place = set_aside(data, f"{work.period}.docx", folder, (f"原文件名：{name}", *reasons), now)
    where = place.relative_to(work.settings.quarantine)
    count(Counter.BAD_INPUT)
    return UploadRefused(f"文件 {name} 不能完整读回，没有形成新的一版；已放入隔离区 {where}", report.findings, place)


def _locked(work: Work, connection: Connection) -> tuple[OccurrenceRow, list[LedgerEvent]]:
    try:
        row = known(connection, work.key, work.period, lock=True)
    except UnusableInput as missing:
        raise NotOpenForUploads(str(missing)) from None
    return row, events_of(connection, [row.id])[row.id]


def _last_draft(drafts: Sequence[Draft]) -> Draft:
    """Return the last version that is no final one; ``require_open`` has seen that there is one."""
    return next(draft for draft in reversed(drafts) if draft.state != "final")


def _made_of(events: Sequence[LedgerEvent], base: Draft) -> str | None:
    """Return the SHA-256 of the uploaded file that a version is, None where it is none."""
    for event in events:
        if event.kind == EventKind.DRAFTED and event.payload.get("sha256") == base.sha256:
            return event.payload.get("upload")
    return None


def _name(row: OccurrenceRow) -> str:
    return f"{row.key} {row.period}"

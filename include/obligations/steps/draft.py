"""Drafts a publication: analysis, template, document model, then DOCX, PDF, page, figures and tables in one folder.

The same input gives the same bytes, so a version is named by the SHA-256 of its manifest. ``fill`` puts a reviewer's
answers into a draft and renders it again from its model, without the data: what is approved is what was reviewed;
``adopt`` makes a version of what a person edited.
Nothing here decides whether a version may be published, except that a final one has no open blank.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from obligations.publications.persons import event_without_identifiers, without_identifiers
from obligations.steps.rendering.adopted import Overwritten, adopted_figures
from obligations.steps.rendering.analysis import analysis_of
from obligations.steps.rendering.approval import approval_form
from obligations.steps.rendering.cleaning import OPEN_MARK, clean
from obligations.steps.rendering.compose import answered, finished
from obligations.steps.rendering.correction import corrected
from obligations.steps.rendering.cover_note import cover_note
from obligations.steps.rendering.difference import differences
from obligations.steps.rendering.docx import render_docx
from obligations.steps.rendering.figures import as_published, figures
from obligations.steps.rendering.folder import (
    DOCUMENT,
    FIGURES,
    MANIFEST,
    MODEL,
    model_in,
    rendered,
    unchanged,
    version_of,
    write,
)
from obligations.steps.rendering.html import render_html
from obligations.steps.rendering.new_document import new_document
from obligations.steps.rendering.pdf import render_pdf
from obligations.steps.rendering.text import plain_text
from obligations.words.draft import DocumentModel, DraftVersion, canonical
from obligations.words.errors import NotPublishable, UnusableInput
from obligations.words.material import Holdings, Manuscript
from obligations.words.obligation import Obligation
from obligations.words.occurrence import Event, Occurrence
from obligations.words.publication import PublicationKind, Snapshot
from obligations.words.times import SHANGHAI

if TYPE_CHECKING:
    import pandas as pd

    from obligations.words.publication import Material

TEMPLATES = Path(__file__).resolve().parents[3] / "templates"
COVER_NOTE, COVER_NOTE_PAGE = "cover_note.docx", "cover_note.html"
APPROVAL, APPROVAL_PRINT = "approval.docx", "approval.pdf"
UPLOADED = "uploaded.docx"
SOURCE_COLUMN = "来源"


def draft(
    obligation: Obligation,
    occurrence: Occurrence,
    kind: PublicationKind,
    snapshot: Snapshot | None,
    material: Material,
    *,
    version: int,
    out: Path,
    created_at: datetime,
    event: Event | None = None,
    answers: Mapping[str, str | None] | None = None,
    final: bool = False,
    dated: date | None = None,
    previous: Path | None = None,
    corrects: Path | None = None,
    remarks: tuple[str, ...] = (),
    templates: Path = TEMPLATES,
) -> DraftVersion:
    """Draft one version of an occurrence's publication into the folder ``out``.

    Args:
        obligation: what is due.
        occurrence: when, and for which period.
        kind: its publication kind.
        snapshot: the kept source file; None for an event.
        material: rows that satisfy the kind's contract, indexed by source row number, or the event, the department's
            manuscript, or what is held.
        version: number of the version, from 1.
        out: folder to write; made if it is not there.
        created_at: instant of drafting, printed nowhere but in the file's properties.
        event: what started the clock, where it is not the material itself.
        answers: by blank.
        final: render it clean of marks and notes.
        dated: day a final version is signed; the day of ``created_at`` unless given.
        previous: folder of the version before this one, for the cover note to say what is different.
        corrects: folder of the published version that this one corrects; its answers stand unless given anew.
        remarks: further warnings to the author, of what the material alone does not tell.
        templates: folder that holds ``drafts/`` and ``pages/``.

    Raises BadInput if the data contradict themselves, TemplateFault, UnusableInput for an answer that does not fit,
    NotPublishable if ``final`` and a required blank is open.
    """
    material, hidden = without_identifiers(kind.name, material)
    analysis = analysis_of(kind, material, snapshot, occurrence.period)
    event = material if isinstance(material, Event) else event_without_identifiers(event)[0] if event else None
    addresses = {} if isinstance(material, Event | Manuscript | Holdings) else _addresses(material)
    document = new_document(obligation, occurrence, kind, analysis, addresses, snapshot, event, templates)
    warnings = (*document.warnings, *hidden, *remarks)
    document = replace(document, version=version, created_at=created_at.isoformat(), warnings=warnings)
    source = figures(document, analysis.measures, snapshot, addresses)
    written_from = None if isinstance(material, Event) else snapshot
    changes = differences(model_in(previous), document) if previous else None
    note = cover_note(document, obligation, occurrence, written_from, event, source, changes)
    given = answers or {}
    document = corrected(document, model_in(corrects), given) if corrects else answered(document, given)
    if final:
        document = _finished(document, dated or created_at.astimezone(SHANGHAI).date())
        return write(document, rendered(document, canonical(as_published(source, document)), templates), {}, out)
    files = rendered(document, canonical(source), templates)
    kept = {COVER_NOTE: render_docx(note), COVER_NOTE_PAGE: render_html(note, templates / "pages", ())}
    kept |= _approval(document, obligation, occurrence, files[DOCUMENT], templates)
    return write(document, files, kept, out)


def fill(
    draft_folder: Path,
    answers: Mapping[str, str | None],
    out: Path,
    *,
    final: bool = True,
    dated: date | None = None,
    form_for: tuple[Obligation, Occurrence] | None = None,
    templates: Path = TEMPLATES,
) -> DraftVersion:
    """Put answers into a draft and render it again into ``out``, from the model that was reviewed.

    Args:
        draft_folder: of ``draft``; its files must be unchanged.
        answers: by blank; an empty one leaves its blank as it was.
        out: another folder.
        final: render it clean of marks and notes.
        dated: day a final version is signed; the day of drafting unless given.
        form_for: whose 信息发布审批单 lies beside a version that is not final; none for a duty that reaches no public.
        templates: folder that holds ``pages/``.

    Raises UnusableInput for an answer that does not fit, NotPublishable if a file of the draft was changed or, when
    ``final``, a required blank is open.
    """
    if out.resolve() == draft_folder.resolve():
        raise UnusableInput("填写后的稿件须写入另一个文件夹，不能覆盖送审的草稿")
    files = unchanged(draft_folder)
    reviewed = DocumentModel.from_json(files[MODEL])
    based_on = hashlib.sha256(files[MANIFEST]).hexdigest()
    document = replace(answered(reviewed, answers), based_on=based_on)
    if not final:
        kept = {name: files[name] for name in (COVER_NOTE, COVER_NOTE_PAGE) if name in files}
        made = rendered(document, files[FIGURES], templates)
        if form_for:
            kept |= _approval(document, *form_for, made[DOCUMENT], templates)
        return write(document, made, kept, out)
    drafted = datetime.fromisoformat(reviewed.created_at).astimezone(SHANGHAI)
    document = _finished(document, dated or drafted.date())
    source = canonical(as_published(json.loads(files[FIGURES]), document))
    return write(document, rendered(document, source, templates), {}, out)


def adopt(
    base_folder: Path,
    document: DocumentModel,
    edited: bytes,
    obligation: Obligation,
    occurrence: Occurrence,
    *,
    version: int,
    out: Path,
    created_at: datetime,
    snapshot: Snapshot | None = None,
    event: Event | None = None,
    overwritten: Sequence[Overwritten] = (),
    templates: Path = TEMPLATES,
) -> DraftVersion:
    """Make the next version, in ``out``, of what a person made of a draft; every file is rendered from the model.

    ``document`` is the edited file read back against the version in ``base_folder``: ids of blocks and measures are
    that one's. ``edited``, the person's own file, stays inside. ``overwritten`` are printed measures that the person
    changed; ``snapshot`` is None where the base was written from the event itself. Raises NotPublishable if a file of
    the base was changed.
    """
    files = unchanged(base_folder)
    base = DocumentModel.from_json(files[MODEL])
    based_on = hashlib.sha256(files[MANIFEST]).hexdigest()
    document = replace(document, version=version, created_at=created_at.isoformat(), based_on=based_on)
    source = adopted_figures(json.loads(files[FIGURES]), document, overwritten)
    note = cover_note(document, obligation, occurrence, snapshot, event, source, differences(base, document))
    made = rendered(document, canonical(source), templates)
    kept = {COVER_NOTE: render_docx(note), COVER_NOTE_PAGE: render_html(note, templates / "pages", ())}
    kept |= {UPLOADED: edited, **_approval(document, obligation, occurrence, made[DOCUMENT], templates)}
    return write(document, made, kept, out)


def read(folder: Path) -> DraftVersion:
    """Return the version that lies in ``folder``; raises NotPublishable if a file was changed."""
    files = unchanged(folder)
    return version_of(DocumentModel.from_json(files[MODEL]), files[MANIFEST], folder)


def _approval(
    document: DocumentModel, obligation: Obligation, occurrence: Occurrence, docx: bytes, templates: Path
) -> dict[str, bytes]:
    """Return the 信息发布审批单 of a version; nothing for a duty that reaches no public."""
    if not obligation.may_reach_the_public:
        return {}
    form = approval_form(document, obligation, occurrence, DOCUMENT, hashlib.sha256(docx).hexdigest(), templates)
    return {APPROVAL: render_docx(form), APPROVAL_PRINT: render_pdf(form, templates / "pages")}


def _addresses(frame: pd.DataFrame) -> dict[int, str]:
    """Return the address each source row was read from, where the department gives one."""
    if SOURCE_COLUMN not in frame.columns:
        return {}
    return {int(str(row)): clean(text) for row, text in frame[SOURCE_COLUMN].items() if isinstance(text, str) and text}


def _finished(document: DocumentModel, dated: date) -> DocumentModel:
    missing = [blank.label for blank in document.blanks() if blank.name in document.open_blanks()]
    if missing:
        raise NotPublishable(f"还有必填内容没有填写：{'；'.join(missing)}")
    done = finished(document, dated)
    if OPEN_MARK in plain_text(done):
        raise NotPublishable(f"正文还有“{OPEN_MARK}”字样，应填写或删去后再送审")
    return done

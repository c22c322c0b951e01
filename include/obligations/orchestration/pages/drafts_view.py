"""What a page shows of the versions of a draft: files, warnings, blanks, check findings, differences, figures. Only reads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from obligations.orchestration.pages.figure_sources import FigureSource, sources_of
from obligations.orchestration.pages.shell import PREFIX
from obligations.orchestration.review.forms import label_of
from obligations.orchestration.upkeep.purges import name_in_store
from obligations.steps.ledger import Draft, EventKind, LedgerEvent, LedgerRow, Tombstone
from obligations.steps.rendering.difference import Change, differences
from obligations.steps.rendering.folder import FIGURES, PAGE, model_in
from obligations.words.draft import BlankRun
from obligations.words.errors import UnusableInput

STATES = {"generated": "系统起草", "filled": "已填写待填内容", "uploaded": "上传的修改稿", "final": "定稿"}
_FIRST = ("document.docx", "document.pdf", "figures.json", "approval.docx", "approval.pdf")
"""Files that people ask for first, in this order; the others follow by name."""


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version in the list.

    Attributes:
        state: how it came about, in words; at, person: when and by whom, None for the system.
        is_shown: it is the one whose contents the page shows.
    """

    number: int
    state: str
    at: datetime | None
    person: str | None
    is_shown: bool


@dataclass(frozen=True, slots=True)
class ShownVersion:
    """The version whose contents the page shows.

    Attributes:
        preview: address of its page with sources, empty where nothing is left of it.
        files: label and address of each file that may be fetched.
        open_blanks: what a person still has to write.
        findings: of the check of an uploaded file: grade, and what was found.
        changes: against the version before, ``before``; None where there is none to compare with.
        overwritten: figures that a person changed by hand: label, as drafted, as it stands, where.
        gone: why its files are not there any more, empty while they are.
    """

    number: int
    sha256: str
    preview: str
    files: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    open_blanks: tuple[BlankRun, ...]
    findings: tuple[tuple[str, str], ...]
    before: int | None
    changes: tuple[Change, ...]
    figures: tuple[FigureSource, ...]
    overwritten: tuple[tuple[str, str, str, str], ...]
    gone: str = ""


def last_of_each(row: LedgerRow) -> dict[int, Draft]:
    """Return what each version has come to, by number; a final rendering is what goes out, not a draft."""
    return {draft.version: draft for draft in row.drafts if draft.state != "final"}


def version_lines(row: LedgerRow, shown: int | None) -> list[VersionLine]:
    """Return every version, the newest first."""
    drafted = {event.payload.get("sha256"): event for event in row.events if event.kind == EventKind.DRAFTED}
    lines = []
    for number, draft in sorted(last_of_each(row).items(), reverse=True):
        event = drafted.get(draft.sha256)
        made, person = (event.happened_at, event.person) if event else (None, None)
        lines.append(VersionLine(number, STATES.get(draft.state, draft.state), made, person, number == shown))
    return lines


def shown_version(row: LedgerRow, number: int, store: Path, purged: Sequence[Tombstone]) -> ShownVersion:
    """Read one version from its folder; raises UnusableInput for a number that there is not."""
    known = last_of_each(row)
    if (draft := known.get(number)) is None:
        raise UnusableInput(f"没有第{number}版稿件")
    folder, place = Path(draft.folder), f"{row.occurrence.key}/{row.occurrence.period}/v{number}"
    gone = {tombstone.name for tombstone in purged}
    left = [name for name in draft.files if name_in_store(folder / name, store) not in gone]
    files = tuple((label_of(name), f"{PREFIX}/drafts/{place}/{name}") for name in sorted(left, key=_rank))
    found = tuple(_findings(row.events, draft))
    try:
        model, figures = model_in(folder), json.loads((folder / FIGURES).read_bytes())
    except FileNotFoundError:
        said = "这一版的文件已按规定清除，或不在草稿库中；台账记录仍在"
        return ShownVersion(number, draft.sha256, "", files, (), (), found, None, (), (), (), said)
    before = max((each for each in known if each < number), default=None)
    changes: tuple[Change, ...] = ()
    if before is not None:
        try:
            changes = differences(model_in(Path(known[before].folder)), model)
        except FileNotFoundError:
            before = None
    return ShownVersion(
        number=number,
        sha256=draft.sha256,
        preview=f"{PREFIX}/occurrences/{place}/preview" if PAGE in left else "",
        files=files,
        warnings=model.warnings,
        open_blanks=tuple(blank for blank in model.blanks() if blank.answer is None),
        findings=found,
        before=before,
        changes=changes,
        figures=sources_of(figures),
        overwritten=tuple(
            (each["label"], each["printed"], each["instead"], each["where"]) for each in figures.get("overwritten", [])
        ),
    )


def _findings(events: Iterable[LedgerEvent], draft: Draft) -> Iterable[tuple[str, str]]:
    """Yield what the check found in the uploaded file that this version was made of."""
    events = list(events)
    made_of = next(
        (
            event.payload.get("upload")
            for event in events
            if event.kind == EventKind.DRAFTED and event.payload.get("version") == draft.version
        ),
        None,
    )
    for event in events:
        if event.kind == EventKind.UPLOADED and made_of is not None and event.payload["sha256"] == made_of:
            yield from (("错误", said) for said in event.payload.get("errors", ()))
            yield from (("警告", said) for said in event.payload.get("warnings", ()))
            return


def _rank(name: str) -> tuple[int, str]:
    return (_FIRST.index(name) if name in _FIRST else len(_FIRST), name)

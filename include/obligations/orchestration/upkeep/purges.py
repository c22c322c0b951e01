"""Purging drafts, raw inputs and files handed in, by rule or by order: what would go, then tombstones first and the files after them.

Nothing else of an occurrence goes: its events stay for ever, and what was published lies where it was published. Asking
is the command's; a run that was cut off between tombstone and removal is finished by running it again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from obligations.orchestration.settings import Settings
from obligations.steps.ledger import Ledger, OccurrenceRow, PurgedFile, purge
from obligations.steps.ledger.blobs import Holding, held_by, held_by_closed, holding, needed_by
from obligations.words.errors import UnusableInput

_SHA256 = 64


@dataclass(frozen=True, slots=True)
class Candidate:
    """One file of one occurrence that is to go.

    Attributes:
        file: as its tombstone will name it; path: where it lies.
        is_open: the occurrence is not closed.
        needed_by: occurrences outside this purge that need the same bytes: then the tombstone is set, the file stays.
    """

    key: str
    period: str
    file: PurgedFile
    path: Path
    is_open: bool
    needed_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Why:
    """On what a purge rests; all three are kept with every file."""

    reason: str
    person: str
    authority: str


def closed_for_years(settings: Settings, ledger: Ledger, years: int, now: datetime) -> tuple[Candidate, ...]:
    """List the files of every occurrence that was closed ``years`` ago or earlier."""
    try:
        before = now.replace(year=now.year - years)
    except ValueError:
        before = now.replace(year=now.year - years, day=28)  # 29 February
    return _candidates(settings, ledger, held_by_closed(ledger, before))


def of_occurrence(settings: Settings, ledger: Ledger, key: str, period: str) -> tuple[Candidate, ...]:
    """List the files of one occurrence, closed or not; raises UnusableInput for one that the ledger does not know."""
    found = list(held_by(ledger, key, period))
    if not found:
        raise UnusableInput(f"台账中没有 {key} 的 {period} 这一期")
    return _candidates(settings, ledger, found)


def of_content(settings: Settings, ledger: Ledger, sha256: str) -> tuple[Candidate, ...]:
    """List the draft version, raw input or file handed in of this SHA-256, of whichever occurrences; raises UnusableInput."""
    digest = sha256.lower()
    if len(digest) != _SHA256 or set(digest) - set("0123456789abcdef"):
        raise UnusableInput(f"“{sha256}”不是 SHA-256，应为台账所载的 64 位十六进制数")
    found = list(holding(ledger, digest))
    if not found:
        raise UnusableInput(f"台账中没有 SHA-256 为 {digest} 的稿件、原始数据或附件")
    return _candidates(settings, ledger, found)


def carry_out(
    settings: Settings, ledger: Ledger, candidates: Iterable[Candidate], why: Why, now: datetime
) -> tuple[Path, ...]:
    """Set the tombstones, occurrence by occurrence, then remove the files; return those that went.

    What is kept by its content goes only if by then no occurrence needs it.
    """
    by_occurrence: dict[tuple[str, str], list[Candidate]] = {}
    for candidate in candidates:
        by_occurrence.setdefault((candidate.key, candidate.period), []).append(candidate)
    for (key, period), its_own in by_occurrence.items():
        files = [candidate.file for candidate in its_own]
        purge(ledger, key, period, files, reason=why.reason, person=why.person, authority=why.authority, now=now)
    everything = [candidate for its_own in by_occurrence.values() for candidate in its_own]
    needed = needed_by(ledger, {each.file.sha256 for each in everything if each.file.kind != "draft"})
    gone = dict.fromkeys(each.path for each in everything if not needed.get(each.file.sha256))
    for path in gone:
        _remove(path, settings.store)
    return tuple(gone)


def name_in_store(path: Path, store: Path) -> str | None:
    """Return how a tombstone names a file, its path in the store; None for one that lies elsewhere."""
    try:
        return path.resolve().relative_to(store.resolve()).as_posix()
    except ValueError:
        return None


def _candidates(settings: Settings, ledger: Ledger, found: Iterable[Holding]) -> tuple[Candidate, ...]:
    candidates = [candidate for held in found for candidate in files_of(held, settings.store)]
    going = {(each.file.sha256, each.key, each.period) for each in candidates}
    needed = needed_by(ledger, {each.file.sha256 for each in candidates if each.file.kind != "draft"})
    return tuple(_with_others(each, needed.get(each.file.sha256, set()), going) for each in candidates)


def _with_others(candidate: Candidate, needed: set[tuple[str, str]], going: set[tuple[str, str, str]]) -> Candidate:
    others = [f"{key} {period}" for key, period in sorted(needed) if (candidate.file.sha256, key, period) not in going]
    return Candidate(candidate.key, candidate.period, candidate.file, candidate.path, candidate.is_open, tuple(others))


def files_of(held: Holding, store: Path) -> Iterator[Candidate]:
    """Yield every file there is: of a draft its whole folder, the model and the cover note with it.

    Nothing outside the places where this occurrence's drafts and these inputs are kept, whatever the ledger names.
    """
    row = held.row
    drafts = store / "drafts" / row.key / row.period
    for folder in dict.fromkeys(Path(draft.folder) for draft in held.drafts):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and _lies_in(path, drafts):
                yield _candidate(row, path, hashlib.sha256(path.read_bytes()).hexdigest(), "draft", store)
    for each in held.inputs:
        path = Path(each.path)
        if path.is_file() and _lies_in(path, store / "inputs" / each.sha256[:2] / each.sha256):
            yield _candidate(row, path, each.sha256, "input", store)
    for each in held.proofs:
        path = Path(each.path)
        if path.is_file() and _lies_in(path, store / "attachments" / each.sha256[:2]):
            yield _candidate(row, path, each.sha256, "proof", store)


def _lies_in(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _candidate(
    row: OccurrenceRow, path: Path, sha256: str, kind: Literal["draft", "input", "proof"], store: Path
) -> Candidate:
    name = path.resolve().relative_to(store.resolve()).as_posix()
    file = PurgedFile(sha256, name, kind, path.stat().st_size)
    return Candidate(row.key, row.period, file, path, row.closed_at is None)


def _remove(path: Path, store: Path) -> None:
    """Remove a file and the folders that it leaves empty; one that is gone already is no fault."""
    path.unlink(missing_ok=True)
    with suppress(OSError):  # not empty
        for folder in path.parents:
            if folder == store:
                break
            folder.rmdir()

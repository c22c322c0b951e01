"""Proves an archive: its files by their sums, its chains by themselves, and both by the ledger where there is one. Only reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from obligations.orchestration.upkeep.archive.layout import (
    CHECKPOINTS,
    DOCUMENTS,
    FILES,
    OCCURRENCES,
    REPORTS,
    SUMS,
    blob,
    read,
    sha256_of,
)
from obligations.steps.ledger import Ledger, archiving
from obligations.words.telling import Tell, untold


def faults_of_archive(place: Path, ledger: Ledger | None, tell: Tell = untold) -> Iterator[str]:
    """Yield one sentence for everything that does not hold: its files, its chains, and that the ledger still says the same."""
    unsound = list(_faults_of_sums(place, tell))
    yield from unsound
    if unsound:
        return  # what was changed proves nothing more
    tell("正在核对事件链")
    heads: dict[tuple[str, str], tuple[int, str]] = {}
    yield from _told(OCCURRENCES, _faults_of_occurrences(place, heads))
    yield from _told(DOCUMENTS, filter(None, map(archiving.fault_of_document, read(place / DOCUMENTS))))
    yield from _told(REPORTS, archiving.faults_of_reports(read(place / REPORTS)))
    yield from _told(CHECKPOINTS, archiving.faults_of_checkpoints(read(place / CHECKPOINTS)))
    yield from _told(FILES, _faults_of_files(place))
    if ledger is not None:
        yield from archiving.differing(ledger, heads)


def _told(name: str, faults: Iterator[str]) -> Iterator[str]:
    """Yield the faults of one part, and as one more that a line is not even formed as it should be."""
    try:
        yield from faults
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        yield f"{name} 有一行内容不成形（{type(error).__name__}），这一行及其后未核对；请从备份恢复归档"


def _faults_of_occurrences(place: Path, heads: dict[tuple[str, str], tuple[int, str]]) -> Iterator[str]:
    """Recompute each occurrence's chain, and note where it ends in ``heads``."""
    for line in read(place / OCCURRENCES):
        if fault := archiving.fault_of_occurrence(line):
            yield fault
        row = line["occurrence"]
        heads[row["key"], row["period"]] = (row["head_seq"], row["head_hash"])


def _faults_of_files(place: Path) -> Iterator[str]:
    for line in read(place / FILES):
        if not blob(place, line["sha256"]).is_file():
            yield f"{line['key']} {line['period']} 的文件 {line['name']} 不在归档中"


def _faults_of_sums(place: Path, tell: Tell) -> Iterator[str]:
    """Compare every file with ``SHA256SUMS``, both ways."""
    said: dict[str, str] = {}
    for line in (place / SUMS).read_text("utf-8").splitlines():
        sha256, _, name = line.partition("  ")
        said[name] = sha256
    there = {path.relative_to(place).as_posix(): path for path in place.rglob("*") if path.is_file()}
    there.pop(SUMS, None)
    yield from (f"缺少文件 {name}" for name in sorted(said.keys() - there.keys()))
    yield from (f"多出文件 {name}" for name in sorted(there.keys() - said.keys()))
    for number, name in enumerate(sorted(said.keys() & there.keys()), start=1):
        tell(f"已核对 {number:,} 份文件")
        if sha256_of(there[name]) != said[name]:
            yield f"文件 {name} 与归档时的 SHA-256 不符，被改动"

"""How an archive lies on disk: its parts by name, its files by their content, and writing either whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from obligations.words.errors import UnusableInput

SUMS, MANIFEST, FILES, NOTE = "SHA256SUMS", "manifest.json", "files.jsonl", "说明.txt"
OCCURRENCES, DOCUMENTS = "occurrences.jsonl", "documents.jsonl"
REPORTS, CHECKPOINTS = "events.jsonl", "checkpoints.jsonl"
COUNTED = ("occurrences", "events", "files", "bytes")


@dataclass(frozen=True, slots=True)
class Sealed:
    """An archive.

    Attributes:
        seal: SHA-256 of its ``SHA256SUMS``.
        counts: of occurrences, events and files, and the files' bytes.
    """

    place: Path
    year: int
    seal: str
    counts: dict[str, int]


def seal_of(place: Path) -> Sealed:
    """Read what an archive says of itself; raises UnusableInput for a folder that is none."""
    try:
        about = json.loads((place / MANIFEST).read_text("utf-8"))
        year = about["year"]
        counts = {name: about[name] for name in COUNTED}
        return Sealed(place, year, sha256_of(place / SUMS), counts)
    except (OSError, ValueError, KeyError, TypeError) as error:
        said = f"{place} 不是台账归档（{type(error).__name__}），应为 obligations archive make 生成的文件夹"
        raise UnusableInput(said) from None


def blob(place: Path, sha256: str) -> Path:
    """Return where an archive keeps a file of this content."""
    return place / "files" / sha256[:2] / sha256


def copy(source: Path, target: Path, sha256: str) -> None:
    """Copy a file whole or not at all, unless it is there already; raises UnusableInput where it is not what it should be."""
    if target.is_file() and sha256_of(target) == sha256:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    shutil.copyfile(source, part)
    if sha256_of(part) != sha256:
        part.unlink()
        raise UnusableInput(f"{source} 与台账登记的 SHA-256 {sha256[:12]} 不符，文件被改动；请从备份恢复")
    part.replace(target)


def write(path: Path, texts: Iterable[str]) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    with part.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(texts)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def read(path: Path) -> Iterator[Any]:
    """Yield the lines of a part."""
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

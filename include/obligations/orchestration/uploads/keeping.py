"""Keeps files that people hand in by their content; the names they gave are text in the ledger and no path anywhere."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from obligations.steps.replace import replace_file
from obligations.words.errors import ObligationsError

LIMIT_BYTES = 20 * 1024 * 1024
MOST_NAME = 200
_UNSPEAKABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


class AttachmentDamaged(ObligationsError):
    """A kept file is gone or no longer has the bytes its SHA-256 promises."""


def spoken_name(name: str) -> str:
    """Return a given file name as text: its last part, without what cannot be seen, cut to 200 characters."""
    last = re.split(r"[/\\]", _UNSPEAKABLE.sub("", name))[-1].strip()
    if len(last) <= MOST_NAME:
        return last or "未命名"
    stem, dot, suffix = last.rpartition(".")
    return f"{stem[: MOST_NAME - len(suffix) - 1]}{dot}{suffix}" if len(suffix) < 10 else last[:MOST_NAME]


def place_of(sha256: str, store: Path) -> Path:
    """Return where the file of this SHA-256 is kept."""
    return store / "attachments" / sha256[:2] / sha256


def keep(data: bytes, store: Path) -> tuple[Path, str]:
    """Keep ``data``; return path and SHA-256. The same bytes are kept once; damaged ones are put right."""
    sha256 = hashlib.sha256(data).hexdigest()
    place = place_of(sha256, store)
    if not (place.is_file() and hashlib.sha256(place.read_bytes()).hexdigest() == sha256):
        replace_file(place, data)
    return place, sha256


def kept(sha256: str, store: Path) -> bytes:
    """Return the bytes of a kept file; raises AttachmentDamaged."""
    place = place_of(sha256, store)
    try:
        data = place.read_bytes()
    except FileNotFoundError:
        raise AttachmentDamaged(f"留存的文件 {sha256[:12]} 不见了；请从备份恢复，或重新上传") from None
    if hashlib.sha256(data).hexdigest() != sha256:
        raise AttachmentDamaged(f"留存的文件 {sha256[:12]} 已被改动，与登记的 SHA-256 不符；请从备份恢复")
    return data

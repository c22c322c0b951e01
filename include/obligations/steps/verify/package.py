"""Proves that a publication is at its place by reading it back. Never publishes, never changes anything."""

from __future__ import annotations

import hashlib
from datetime import datetime

from obligations.words.evidence import Evidence, Publication
from obligations.words.places import Place

MANIFEST = "manifest.json"


def verify(publication: Publication, place: Place, *, now: datetime) -> Evidence:
    """Read every file of ``publication`` back from ``place`` and compare it with what was approved.

    A missing or different file gives 待核验 with the names of what is wrong, never an error: whether the publication
    is late is not decided by a failed look.
    """
    expected = {**publication.files, MANIFEST: publication.sha256}
    wrong = sorted(name for name, sha256 in expected.items() if _sha256(place / name) != sha256)
    details = {"address": publication.address, "files": expected}
    if wrong:
        return Evidence("待核验", f"读回发布包时不一致或缺失：{'、'.join(wrong)}", None, now, details)
    return Evidence(
        "系统核验", f"读回发布包，{len(expected)}个文件与审签版本的SHA-256一致", publication.published_at, now, details
    )


def _sha256(file: Place) -> str | None:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.exists() else None

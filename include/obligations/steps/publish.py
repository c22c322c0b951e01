"""Puts an approved version into the 发布包 folder: local disk or any object store. Never decides what is approved.

The folder of a publication is named after its version's SHA-256 and its manifest is written last, so a reader that
waits for ``manifest.json`` never sees half, and publishing twice is one publication. The package is what an office
posts from; it is not a website.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from pathlib import Path

from obligations.words.errors import NotPublishable
from obligations.words.evidence import Publication
from obligations.words.places import Place

MANIFEST = "manifest.json"


def publish(version: Path, sha256: str, place: Place, *, now: datetime) -> Publication:
    """Copy the approved version folder ``version`` to ``place``; a complete earlier copy is left as it is.

    Raises NotPublishable if the folder's manifest is not ``sha256`` or a file differs from its manifest.
    """
    manifest = (version / MANIFEST).read_bytes()
    if hashlib.sha256(manifest).hexdigest() != sha256:
        raise NotPublishable(f"{version / MANIFEST} 的 SHA-256 与审签的版本 {sha256[:12]} 不一致，未发布；请重新送审")
    files: dict[str, str] = json.loads(manifest)["files"]
    contents = {name: (version / name).read_bytes() for name in files}
    changed = [name for name, data in contents.items() if hashlib.sha256(data).hexdigest() != files[name]]
    if changed:
        raise NotPublishable(f"审签后文件被改动：{'、'.join(changed)}，未发布；请重新送审")
    if not _is_complete(place, manifest):
        place.mkdir(parents=True, exist_ok=True)
        for name, data in contents.items():
            (place / name).write_bytes(data)
        (place / MANIFEST).write_bytes(manifest)
    return Publication(str(place), sha256, files, now)


def _is_complete(place: Place, manifest: bytes) -> bool:
    target = place / MANIFEST
    return target.exists() and target.read_bytes() == manifest

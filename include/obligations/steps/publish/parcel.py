"""What goes out: the files of one approved version, read once and checked, and what a channel answers. Sends nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from obligations.words.errors import NotPublishable

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Parcel:
    """One approved version as it goes out.

    Attributes:
        key, period, version, title: as its manifest says.
        sha256: of the manifest; names the version.
        manifest: its bytes; files: bytes by name of what may be published, the manifest not among them.
        hashes: SHA-256 by the same names.
        corrects: public address of the publication that it replaces (更正), or None.
    """

    key: str
    period: str
    version: int
    title: str
    sha256: str
    manifest: bytes = field(repr=False)
    files: Mapping[str, bytes] = field(repr=False)
    hashes: dict[str, str]
    corrects: str | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a channel acknowledged.

    Attributes:
        address: of the public page, or of the folder on a server.
        acknowledged_at: when we learned that it was there.
        receipt: what the other side said, JSON-ready.
    """

    address: str
    acknowledged_at: datetime
    receipt: dict[str, Any]


def read_parcel(version: Path, sha256: str, corrects: str | None = None) -> Parcel:
    """Read the final version in the folder ``version``.

    Raises NotPublishable if the folder's manifest is not ``sha256``, a file differs from it or is gone, or the version
    is not a final one.
    """
    file = version / MANIFEST
    manifest = file.read_bytes() if file.is_file() else b""
    if hashlib.sha256(manifest).hexdigest() != sha256:
        raise NotPublishable(f"{file} 的 SHA-256 与审签的版本 {sha256[:12]} 不一致，未发布；请重新送审")
    listed = json.loads(manifest)
    hashes: dict[str, str] = listed["files"]
    if not listed["final"]:
        raise NotPublishable(f"{version} 是送审稿，不是定稿，未发布；请先完成审签")
    if strange := [name for name in hashes if Path(name).name != name or "\\" in name or name == MANIFEST]:
        raise NotPublishable(f"清单中的文件名 {'、'.join(strange)} 不是单纯的文件名，未发布；请重新起草后送审")
    files = {name: (version / name).read_bytes() if (version / name).is_file() else b"" for name in hashes}
    changed = [name for name, data in files.items() if hashlib.sha256(data).hexdigest() != hashes[name]]
    if changed:
        raise NotPublishable(f"审签后文件被改动或缺失：{'、'.join(changed)}，未发布；请重新送审")
    return Parcel(
        key=listed["key"],
        period=listed["period"],
        version=listed["version"],
        title=listed["title"],
        sha256=sha256,
        manifest=manifest,
        files=files,
        hashes=hashes,
        corrects=corrects,
    )

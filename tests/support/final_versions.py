"""Final versions as a review leaves them: a folder of files with the manifest that names them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

FILES = {"page.html": "<html><body><p>收入增长</p></body></html>", "table-1.csv": "项目,数\n收入,1\n"}


def final_version(folder: Path, files: dict[str, str] | None = None, *, version: int = 1, final: bool = True) -> str:
    """Write a version into ``folder`` and return the SHA-256 of its manifest."""
    folder.mkdir(parents=True)
    for name, text in (files or FILES).items():
        (folder / name).write_text(text, "utf-8")
    hashes = {name: sha256_of(folder / name) for name in files or FILES}
    said = {"key": "county/monthly", "period": "2026-09", "version": version, "title": "财政收支情况", "final": final}
    (folder / "manifest.json").write_text(json.dumps({**said, "files": hashes, "kept": {}}), "utf-8")
    return sha256_of(folder / "manifest.json")


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def is_whole(folder: Path) -> bool:
    """Whether a folder holds exactly what its manifest names."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    found = {file.name: sha256_of(file) for file in folder.iterdir() if file.name != "manifest.json"}
    return found == manifest["files"]

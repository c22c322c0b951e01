"""A package is proved by reading it back: every file as approved, or it says which is not."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from obligations.steps.verify import verify
from obligations.words.evidence import Publication
from obligations.words.times import SHANGHAI

NOW = datetime(2026, 9, 30, 16, 0, tzinfo=SHANGHAI)


def published(folder) -> Publication:
    files = {"page.html": b"<p>1</p>", "manifest.json": b"{}"}
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return Publication(str(folder), hashes.pop("manifest.json"), hashes, NOW)


def test_a_whole_package_is_proof_as_of_when_it_was_complete(tmp_path):
    proof = verify(published(tmp_path), tmp_path, now=NOW + timedelta(minutes=1))
    assert (proof.grade, proof.fulfilled_at, proof.seen_at) == ("系统核验", NOW, NOW + timedelta(minutes=1))


def test_a_file_that_differs_or_is_gone_is_named(tmp_path):
    made = published(tmp_path)
    (tmp_path / "page.html").write_bytes(b"<p>2</p>")
    assert "page.html" in verify(made, tmp_path, now=NOW).method
    (tmp_path / "manifest.json").unlink()
    proof = verify(made, tmp_path, now=NOW)
    assert (proof.grade, proof.fulfilled_at) == ("待核验", None)
    assert "manifest.json" in proof.method

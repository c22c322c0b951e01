"""The 发布包: only exactly what was approved gets there, once, and it is proved by reading it back."""

import hashlib
import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from upath import UPath

from obligations.steps.publish import publish
from obligations.steps.verify import verify
from obligations.words.errors import NotPublishable
from obligations.words.times import SHANGHAI

NOW = datetime(2026, 9, 30, 16, 0, tzinfo=SHANGHAI)


@pytest.fixture
def version(tmp_path: Path) -> Path:
    folder = tmp_path / "v1-final"
    folder.mkdir()
    files = {"page.html": "<p>收入增长</p>", "data.csv": "项目,数\n收入,1\n"}
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    hashes = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in files}
    (folder / "manifest.json").write_text(json.dumps({"files": hashes}), "utf-8")
    return folder


def approved(version: Path) -> str:
    return hashlib.sha256((version / "manifest.json").read_bytes()).hexdigest()


@pytest.fixture(params=["folder", "memory"])
def place(request, tmp_path):
    return UPath(tmp_path / "packages") / "p" if request.param == "folder" else UPath(f"memory://{tmp_path.name}/p")


def test_a_publication_is_complete_and_proved_by_reading_it_back(version, place):
    made = publish(version, approved(version), place, now=NOW)
    assert (place / "page.html").read_bytes() == (version / "page.html").read_bytes()
    proof = verify(made, place, now=NOW + timedelta(minutes=1))
    assert (proof.grade, proof.fulfilled_at) == ("系统核验", NOW)


def test_publishing_twice_leaves_the_first_publication_untouched(version, place):
    publish(version, approved(version), place, now=NOW)
    before = (place / "page.html").stat().st_mtime if hasattr((place / "page.html").stat(), "st_mtime") else None
    publish(version, approved(version), place, now=NOW + timedelta(hours=1))
    assert (place / "page.html").stat().st_mtime == before


def test_a_publication_broken_off_before_its_manifest_is_completed_by_the_next(version, place):
    place.mkdir(parents=True, exist_ok=True)
    (place / "page.html").write_bytes(b"half")
    made = publish(version, approved(version), place, now=NOW)
    assert verify(made, place, now=NOW).grade == "系统核验"


def test_another_version_than_the_approved_one_is_not_published(version, place):
    with pytest.raises(NotPublishable, match="与审签的版本"):
        publish(version, "0" * 64, place, now=NOW)
    assert not (place / "manifest.json").exists()


def test_a_file_changed_after_approval_is_named_and_nothing_is_published(version, place):
    sha256 = approved(version)
    (version / "page.html").write_text("<p>收入下降</p>", "utf-8")
    with pytest.raises(NotPublishable, match=r"审签后文件被改动：page\.html"):
        publish(version, sha256, place, now=NOW)
    assert not (place / "page.html").exists()


@pytest.mark.parametrize("damage", ["changed", "removed"])
def test_what_cannot_be_read_back_as_approved_stays_unverified(version, place, damage):
    made = publish(version, approved(version), place, now=NOW)
    if damage == "changed":
        (place / "data.csv").write_bytes(b"x")
    else:
        (place / "data.csv").unlink()
    proof = verify(made, place, now=NOW)
    assert (proof.grade, proof.fulfilled_at) == ("待核验", None)
    assert "data.csv" in proof.method

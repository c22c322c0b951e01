"""The 发布包: only exactly what was approved gets there, whole and once, and it is proved by reading it back."""

from __future__ import annotations

import os
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from final_versions import final_version, is_whole, sha256_of
from object_store import object_store
from onlookers import onlooker
from upath import UPath

from obligations.steps.publish import publish
from obligations.steps.verify import verify
from obligations.words.errors import NotPublishable
from obligations.words.times import SHANGHAI

NOW = datetime(2026, 9, 30, 16, 0, tzinfo=SHANGHAI)


@pytest.fixture
def version(tmp_path: Path) -> Path:
    final_version(tmp_path / "v1-final")
    return tmp_path / "v1-final"


def approved(version: Path) -> str:
    return sha256_of(version / "manifest.json")


@pytest.fixture(params=["folder", "url", "memory"])
def place(request, tmp_path):
    folder = tmp_path / "packages" / "p"
    return {"folder": folder, "url": UPath(folder.as_uri()), "memory": UPath(f"memory://{tmp_path.name}/p")}[
        request.param
    ]


def test_a_publication_is_complete_and_proved_by_reading_it_back(version, place):
    made = publish(version, approved(version), place, now=NOW)
    assert (place / "page.html").read_bytes() == (version / "page.html").read_bytes()
    proof = verify(made, place, now=NOW + timedelta(minutes=1))
    assert (proof.grade, proof.fulfilled_at) == ("系统核验", NOW)


def test_publishing_twice_leaves_the_first_publication_untouched(version, place):
    publish(version, approved(version), place, now=NOW)
    (place / "note.txt").write_bytes(b"of the first")
    publish(version, approved(version), place, now=NOW + timedelta(hours=1))
    assert (place / "note.txt").read_bytes() == b"of the first"


def test_a_publication_broken_off_before_its_manifest_is_completed_by_the_next(version, place):
    place.mkdir(parents=True, exist_ok=True)
    (place / "page.html").write_bytes(b"half")
    made = publish(version, approved(version), place, now=NOW)
    assert verify(made, place, now=NOW).grade == "系统核验"


def test_a_damaged_copy_is_replaced_and_nothing_else_is_left_beside_it(version, tmp_path):
    place = tmp_path / "packages" / "p"
    publish(version, approved(version), place, now=NOW)
    (place / "page.html").write_bytes(b"altered")
    publish(version, approved(version), place, now=NOW)
    assert is_whole(place)
    assert [path.name for path in place.parent.iterdir()] == ["p"]


def test_what_a_killed_process_left_goes_and_what_a_living_one_fills_stays(version, tmp_path):
    packages = tmp_path / "packages"
    for name in (".p.killed", ".p.living"):
        (packages / name).mkdir(parents=True)
    os.utime(packages / ".p.killed", (0, 0))
    publish(version, approved(version), packages / "p", now=NOW)
    assert {path.name for path in packages.iterdir()} == {"p", ".p.living"}


def test_whoever_posts_it_may_read_it(version, tmp_path):
    publish(version, approved(version), tmp_path / "p", now=NOW)
    assert (tmp_path / "p").stat().st_mode & 0o777 == 0o755


def test_nobody_ever_sees_half_of_a_folder(tmp_path):
    """A reader looks as fast as it can while thirty packages of a megabyte appear."""
    shas = {
        number: final_version(tmp_path / f"v{number}", {f"file-{part}": f"{number}" * 100_000 for part in range(10)})
        for number in range(30)
    }
    packages = tmp_path / "packages"
    packages.mkdir()
    with onlooker(lambda: {folder.name: is_whole(folder) for folder in packages.glob("[!.]*")}) as seen:
        for number, sha256 in shas.items():
            publish(tmp_path / f"v{number}", sha256, packages / sha256[:16], now=NOW)
    assert seen.halves == []
    assert len(seen.versions) == 30


@pytest.mark.parametrize("before", ["nothing", "a damaged copy"])
def test_many_who_publish_the_same_version_at_once_make_one(version, tmp_path, before):
    place, sha256, errors = tmp_path / "packages" / "p", approved(version), []
    if before == "a damaged copy":
        place.mkdir(parents=True)
        (place / "page.html").write_bytes(b"half")

    def run() -> None:
        try:
            publish(version, sha256, place, now=NOW)
        except OSError as error:
            errors.append(error)

    runs = [threading.Thread(target=run) for _ in range(8)]
    for each in runs:
        each.start()
    for each in runs:
        each.join()
    assert errors == []
    assert is_whole(place)
    assert [path.name for path in place.parent.iterdir()] == ["p"]


@pytest.fixture
def bucket():
    """A real object store, to look into, and the place in it to publish to."""
    with object_store() as store:
        yield store, UPath("s3://packages/county", key="key", secret="unused", client_kwargs=store.extra)  # noqa: S106 - of no real store


def test_who_waits_for_the_manifest_in_an_object_store_sees_everything(tmp_path, bucket):
    store, place = bucket
    shas = {number: final_version(tmp_path / f"v{number}", version=number) for number in range(1, 9)}

    def look() -> dict[str, bool]:
        found = store.keys()
        folders = {key.rpartition("/")[0] for key in found if key.endswith("manifest.json")}
        return {
            folder: {key for key in found if key.startswith(f"{folder}/")}
            == {f"{folder}/{name}" for name in ("manifest.json", "page.html", "table-1.csv")}
            for folder in folders
        }

    with onlooker(look) as seen:
        for number, sha256 in shas.items():
            made = publish(tmp_path / f"v{number}", sha256, place / sha256[:16], now=NOW)
            assert verify(made, place / sha256[:16], now=NOW).grade == "系统核验"
    assert seen.halves == []
    assert len(seen.versions) == 8


def test_another_version_than_the_approved_one_is_not_published(version, place):
    with pytest.raises(NotPublishable, match="与审签的版本"):
        publish(version, "0" * 64, place, now=NOW)
    assert not (place / "manifest.json").exists()


@pytest.mark.parametrize("damage", ["changed", "removed"])
def test_a_file_changed_after_approval_is_named_and_nothing_is_published(version, place, damage):
    sha256 = approved(version)
    if damage == "changed":
        (version / "page.html").write_text("<p>收入下降</p>", "utf-8")
    else:
        (version / "page.html").unlink()
    with pytest.raises(NotPublishable, match=r"审签后文件被改动或缺失：page\.html"):
        publish(version, sha256, place, now=NOW)
    assert not (place / "page.html").exists()


def test_what_is_still_under_review_is_not_published(tmp_path, place):
    sha256 = final_version(tmp_path / "v2", final=False)
    with pytest.raises(NotPublishable, match="是送审稿，不是定稿"):
        publish(tmp_path / "v2", sha256, place, now=NOW)


@pytest.mark.parametrize("name", ["../page.html", "a\\b.html", "manifest.json"])
def test_a_manifest_that_names_a_file_elsewhere_is_refused(tmp_path, place, name):
    folder = tmp_path / "v2"
    final_version(folder)
    text = (folder / "manifest.json").read_text("utf-8").replace("page.html", name.replace("\\", "\\\\"))
    (folder / "manifest.json").write_text(text, "utf-8")
    with pytest.raises(NotPublishable, match="不是单纯的文件名"):
        publish(folder, approved(folder), place, now=NOW)


@pytest.mark.parametrize("damage", ["changed", "removed"])
def test_what_cannot_be_read_back_as_approved_stays_unverified(version, place, damage):
    made = publish(version, approved(version), place, now=NOW)
    if damage == "changed":
        (place / "table-1.csv").write_bytes(b"x")
    else:
        (place / "table-1.csv").unlink()
    proof = verify(made, place, now=NOW)
    assert (proof.grade, proof.fulfilled_at) == ("待核验", None)
    assert "table-1.csv" in proof.method

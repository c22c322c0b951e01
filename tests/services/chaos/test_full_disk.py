"""The disk is full while a draft is made: nothing half is taken for whole, and with room again the same version is made."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest
from case_counts import tell
from desk import FIRST, KEY, PERIOD, Desk, make_desk
from small_disk import BLOCK, SmallDisk, small_disk
from sqlalchemy.exc import OperationalError

from obligations.orchestration import route
from obligations.orchestration.runs.trace import drafted
from obligations.steps.rendering.folder import unchanged

SIZE = 8 * 1024 * 1024
POINTS = 24
FULL = (OSError, OperationalError, sqlite3.OperationalError)
"""What a file system without room says, and SQLite on it."""


@pytest.fixture
def disk(tmp_path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk", SIZE) as mounted:
        yield mounted


@pytest.fixture
def desk(disk, monkeypatch) -> Desk:
    return make_desk(disk.folder, monkeypatch)


def attempt(desk: Desk, disk: SmallDisk, room: int, step: str) -> bool:
    """Take a step of the route with so much room; returns whether it was done."""
    disk.leave(room)
    try:
        with desk.work(FIRST) as work:
            if step == "gather":
                route.gather(work, desk.sources, desk.tick())
            else:
                route.draft(work, desk.tick())
    except FULL:
        return False
    finally:
        disk.clear()
    return True


@pytest.mark.parametrize("step", ["gather", "draft"])
def test_what_a_full_disk_breaks_off_is_done_once_there_is_room(desk, disk, step):
    before = disk.free
    if step == "draft":
        assert attempt(desk, disk, SIZE, "gather")
    failed = 0
    for room in range(0, POINTS * BLOCK * 4, BLOCK * 4):
        if attempt(desk, disk, room, step):
            break
        failed += 1
        kind = "data_arrived" if step == "gather" else "drafted"
        assert desk.events(kind) == [], "nothing is on record that is not on disk"
    assert failed, "the disk was full"
    assert attempt(desk, disk, SIZE, "gather")
    assert attempt(desk, disk, SIZE, "draft")
    (made,) = desk.events("drafted")
    (arrived,) = desk.events("data_arrived")
    assert made.payload["version"] == 1
    unchanged(desk.settings.store / "drafts" / KEY / PERIOD / "v1")
    assert not [path for path in desk.files() if path.suffix == ".part"], "no halves are left"
    tell(f"full disk: {step} broken off at {failed} fillings, made once; {before - disk.free} bytes on disk")
    assert arrived.payload["snapshot"]


def test_a_draft_that_is_made_again_on_a_full_disk_stays_as_it_was(desk, disk):
    desk.run(FIRST)
    folder = desk.settings.store / "drafts" / KEY / PERIOD / "v1"
    files = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    for blocks in range(8):
        attempt(desk, disk, blocks * BLOCK, "draft")
        assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == files, (
            "what is under review is not touched"
        )
    unchanged(folder)
    with desk.work(FIRST) as work:
        assert drafted(work).version == 1

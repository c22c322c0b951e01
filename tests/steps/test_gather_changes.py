"""Whether a source holds something new since a version was returned: by content for files and queries, by time for folders."""

from __future__ import annotations

import hashlib
import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from obligations.rules.catalogue import load_one
from obligations.rules.delivery import LIMIT_BYTES
from obligations.steps.gather import Sources
from obligations.steps.gather.changes import has_changed
from obligations.words.times import SHANGHAI

NOW = datetime(2026, 9, 28, 10, 0, tzinfo=SHANGHAI)  # a Monday
DUTY = """
title: 示例
clause: 一
quote: 示例
duty: publish
departments: []
KIND
source: SOURCE
"""
DELIVERED = "publication: submission\nclock: {kind: recurring, rule: FREQ=MONTHLY}"
COUNTED = "publication: check-sheet\nclock: {kind: quota, min: 1, per: month}"


@pytest.fixture
def office(tmp_path):
    folder = tmp_path / "catalogue" / "county"
    folder.mkdir(parents=True)
    (folder / "_document.yaml").write_text(
        "jurisdiction: {slug: county, name: 示例县, level: county}\n"
        "document: {title: 要点, issued_by: 示例县政府, in_force_from: 2026-01-01}\n",
        "utf-8",
    )
    sources = Sources(
        tmp_path / "inbox", tmp_path / "store", tmp_path / "quarantine", lambda _: pytest.fail("no database")
    )
    place = sources.inbox / "county" / "duty"
    place.mkdir(parents=True)

    def changed(source: str, known: str | None, now: datetime = NOW) -> bool:
        text = DUTY.replace("SOURCE", source).replace("KIND", COUNTED if "folder" in source else DELIVERED)
        (folder / "duty.yaml").write_text(text, "utf-8")
        obligation = load_one(tmp_path / "catalogue", "county/duty")
        return has_changed(obligation, "2026-08", sources, now, known=known, since=NOW)

    changed.place = place
    return changed


def write(place, name: str, text: str, when: datetime = NOW - timedelta(days=30)) -> str:
    (place / name).write_text(text, "utf-8")
    os.utime(place / name, (when.timestamp(), when.timestamp()))
    return hashlib.sha256(text.encode()).hexdigest()


def test_a_file_counts_by_its_content_however_old_it_says_it_is(office):
    known = write(office.place, "2026-08.md", "第一稿")
    assert not office("{kind: inbox}", known)
    write(office.place, "2026-08.md", "第二稿")
    assert office("{kind: inbox}", known)


def test_nothing_there_two_files_at_once_and_one_being_written_are_no_change(office):
    assert not office("{kind: inbox}", None)
    write(office.place, "2026-08.md", "第二稿", when=NOW - timedelta(seconds=1))
    assert not office("{kind: inbox}", None)
    write(office.place, "2026-08.md", "第二稿"), write(office.place, "2026-08.docx", "第二稿")
    assert not office("{kind: inbox}", None)


def test_a_file_too_large_to_be_read_is_something_new_that_gathering_will_refuse(office, monkeypatch):
    write(office.place, "2026-08.md", "第一稿")
    os.truncate(office.place / "2026-08.md", LIMIT_BYTES + 1)
    os.utime(office.place / "2026-08.md", (0, 0))
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("read"))
    assert office("{kind: inbox}", None)


def test_a_link_in_a_folder_whose_target_changes_is_no_change(office, tmp_path):
    (tmp_path / "log.txt").write_text("elsewhere")
    os.utime(tmp_path / "log.txt", ((NOW + timedelta(minutes=1)).timestamp(),) * 2)
    (office.place / "link.txt").symlink_to(tmp_path / "log.txt")
    assert not office("{kind: folder}", None)


def test_a_folder_has_changed_if_anything_in_it_is_newer(office):
    write(office.place, "清单.md", "一")
    assert not office("{kind: folder}", None)
    write(office.place, "清单.tmp", "二", when=NOW + timedelta(minutes=1))
    assert not office("{kind: folder}", None)
    write(office.place, "补充.md", "二", when=NOW + timedelta(minutes=1))
    assert office("{kind: folder}", None)


def test_what_is_written_from_an_event_never_changes_by_itself(office):
    assert not office("{kind: event}", None)

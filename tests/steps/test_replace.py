"""A file replaced whole, and what it held before kept beside it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from obligations.steps.replace import keep_aside, replace_file

NOW = datetime(2026, 10, 1, 1, 30, tzinfo=UTC)  # 09:30 in Shanghai


def test_a_file_is_made_with_its_folder_and_read_by_its_owner_alone(tmp_path):
    path = tmp_path / "etc" / "contacts.yaml"
    replace_file(path, b"people: []\n")
    assert path.read_bytes() == b"people: []\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [found.name for found in path.parent.iterdir()] == ["contacts.yaml"]


def test_a_file_that_is_replaced_keeps_its_permissions(tmp_path):
    path = tmp_path / "contacts.yaml"
    path.write_text("old")
    path.chmod(0o640)
    replace_file(path, b"new")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o640)


def test_whoever_has_the_old_file_open_still_reads_it_whole(tmp_path):
    path = tmp_path / "contacts.yaml"
    path.write_text("old")
    with path.open() as reader:
        replace_file(path, b"new and longer")
        assert reader.read() == "old"


def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside_it(tmp_path):
    path = tmp_path / "contacts.yaml"
    path.mkdir()  # a file cannot take a folder's place
    with pytest.raises(OSError, match="directory"):
        replace_file(path, b"new")
    assert [found.name for found in tmp_path.iterdir()] == ["contacts.yaml"]


def test_what_was_kept_is_dated_and_never_overwritten(tmp_path):
    path = tmp_path / "contacts.yaml"
    assert keep_aside(path, NOW) is None
    path.write_text("first")
    first = keep_aside(path, NOW)
    path.write_text("second")
    second = keep_aside(path, NOW)
    assert [found.name for found in (first, second)] == [
        "contacts.20261001-093000.yaml",
        "contacts.20261001-093000-2.yaml",
    ]
    assert [found.read_text() for found in (first, second, path)] == ["first", "second", "second"]

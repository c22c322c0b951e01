"""Edited files in the inbox: taken when whole, moved away when taken, put aside with the reason when refused."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from desk import FIRST, KEY, NOW, PERIOD, SECOND, Desk, add, edited, retype
from statsd_receiver import Receiver

from obligations.orchestration.sweep.sweeping import sweep
from obligations.orchestration.uploads import folder
from obligations.rules.catalogue import load_one
from obligations.rules.delivery import LIMIT_BYTES
from obligations.rules.periods import period_from_key
from obligations.steps.gather import gather_holdings, load_holdings
from obligations.steps.gather.changes import has_changed

REASONS = retype("【待填写：收入增减变化的主要原因】", "主要受减税降费影响")


def drop(desk: Desk, data: bytes, name: str = f"{PERIOD}.docx", *, age: float = 60) -> Path:
    """Put a file into the folder, last written ``age`` seconds ago."""
    path = desk.settings.inbox / KEY / "edited" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    written = desk.now.timestamp() - age
    os.utime(path, (written, written))
    return path


def alarms(desk: Desk) -> dict[str, str]:
    report = sweep(desk.settings, desk.tick())
    return {alarm.kind: alarm.said for alarm in report.alarms if alarm.kind.startswith("edited")}


def test_a_file_is_taken_and_moved_away_and_its_drafter_is_nobodys_account(at_review: Desk) -> None:
    path = drop(at_review, edited(at_review.document(), REASONS))
    assert alarms(at_review) == {}
    assert not path.exists()
    (uploaded,) = at_review.events("uploaded")
    assert uploaded.person == "收件夹"
    assert "主要受减税降费影响" in at_review.run(SECOND).text
    assert at_review.events("drafted")[-1].person == "收件夹"


@pytest.mark.parametrize("name", [f"{PERIOD}.docx", f"~${PERIOD}.docx", f"{PERIOD}.docx.part", f".{PERIOD}.docx"])
def test_a_file_that_is_still_being_written_waits(name: str, at_review: Desk) -> None:
    path = drop(at_review, edited(at_review.document(), REASONS)[:2000], name, age=0 if name[0].isdigit() else 60)
    at_review.now += timedelta(seconds=5) - timedelta(minutes=1)
    assert alarms(at_review) == {}
    assert path.exists()
    assert at_review.events("uploaded") == []


def test_a_file_that_changes_while_it_is_read_waits(at_review: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    data = edited(at_review.document(), REASONS)
    path = drop(at_review, data)
    read = Path.read_bytes

    def read_and_write(self: Path) -> bytes:
        found = read(self)
        if self == path:
            with self.open("ab") as file:
                file.write(b"more")
        return found

    monkeypatch.setattr(Path, "read_bytes", read_and_write)
    assert alarms(at_review) == {}
    assert at_review.events("uploaded") == []
    assert path.exists()


@pytest.mark.parametrize("name", ["2017-13.docx", f"{PERIOD} (1).docx", f"{PERIOD}.doc", "2017-05.docx"])
def test_what_fits_no_period_is_put_aside_with_the_reason(name: str, at_review: Desk, statsd: Receiver) -> None:
    path = drop(at_review, edited(at_review.document(), REASONS), name)
    (said,) = alarms(at_review).values()
    assert name in said
    assert not path.exists()
    assert [each.name for each in at_review.settings.quarantine.rglob("*.原因.txt")]
    assert alarms(at_review) == {}, "told once"
    statsd.settle()
    assert statsd.total("airflow.obligations.bad_input") == 1


def test_what_cannot_be_read_back_is_put_aside_once(at_review: Desk, statsd: Receiver) -> None:
    data = edited(at_review.document(), lambda file: file.tables[0].cell(1, 1).merge(file.tables[0].cell(1, 2)))
    path = drop(at_review, data)
    assert set(alarms(at_review)) == {"edited-refused"}
    assert not path.exists()
    assert len(list(at_review.settings.quarantine.rglob("*.docx"))) == 1
    statsd.settle()
    assert statsd.total("airflow.obligations.bad_input") == 1


def test_a_file_too_large_to_be_read_is_put_aside_unread(at_review: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    path = drop(at_review, b"PK" + bytes(LIMIT_BYTES))
    monkeypatch.setattr(folder, "read_settled", lambda *_: pytest.fail("it was read"))
    assert "20 MB" in alarms(at_review)["edited-refused"]
    assert not path.exists()


def test_a_classified_file_stays_where_it_is_and_is_told_of_once(at_review: Desk) -> None:
    path = drop(at_review, edited(at_review.document(), add("绝密★启用前")))
    files = at_review.files()
    (said,) = alarms(at_review).values()
    assert "保密员" in said
    assert alarms(at_review) == {}, "and it is not read again"
    assert at_review.files() == files
    assert path.exists()
    assert len(at_review.events("answer_refused")) == 1
    drop(at_review, edited(at_review.document(), REASONS), age=30)
    assert alarms(at_review) == {}
    assert len(at_review.events("uploaded")) == 1, "another file in its place is another file"


def test_a_link_is_not_followed(at_review: Desk, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.docx"
    elsewhere.write_bytes(edited(at_review.document(), REASONS))
    os.utime(elsewhere, (0, 0))
    link = at_review.settings.inbox / KEY / "edited" / f"{PERIOD}.docx"
    link.parent.mkdir(parents=True)
    link.symlink_to(elsewhere)
    assert alarms(at_review) == {}
    assert at_review.events("uploaded") == []


def test_one_file_that_fails_does_not_keep_the_others(at_review: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(at_review, b"PK", "2016-01.docx")
    drop(at_review, edited(at_review.document(), REASONS))
    take = folder._take

    def failing(*arguments):
        if arguments[3].stem == "2016-01":
            raise RuntimeError("disk")
        return take(*arguments)

    monkeypatch.setattr(folder, "_take", failing)
    assert set(alarms(at_review)) == {"edited-failed"}
    assert len(at_review.events("uploaded")) == 1


def test_an_edited_file_is_no_data_of_a_check_of_what_is_held(desk: Desk) -> None:
    obligation = load_one(desk.settings.catalogue, "altay/government-open-day")
    period = period_from_key(obligation.clock, "2026-09")
    long_ago = NOW - timedelta(days=9000)

    def seen() -> tuple[bool, list[str]]:
        held = load_holdings(gather_holdings(obligation, period, (), sources=desk.sources, now=NOW))
        changed = has_changed(obligation, period.key, desk.sources, NOW, known=None, since=long_ago)
        return changed, [file.name for file in held.files]

    place = desk.settings.inbox / obligation.key / "edited" / "2026-09.docx"
    place.parent.mkdir(parents=True)
    place.write_bytes(b"x")
    assert seen() == (False, [])
    (place.parent.parent / "开放日.docx").write_bytes(b"x")
    assert seen() == (True, ["开放日.docx"])


def test_the_run_that_was_replaced_from_the_inbox_is_known(at_review: Desk) -> None:
    drop(at_review, edited(at_review.document(), REASONS))
    alarms(at_review)
    (returned,) = at_review.events("returned")
    assert (returned.payload["run_id"], returned.person) == (FIRST, "收件夹")

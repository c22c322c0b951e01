"""Drafts and publications: registered once, versions counted, and a proof kept with the publication that it proves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from obligations.rules.catalogue import load_one
from obligations.steps.ledger import Ledger, open_ledger, verify_ledger
from obligations.words.errors import UnusableInput
from obligations.words.occurrence import DueDate, Occurrence, Period
from obligations.words.publication import Blank
from obligations.words.times import SHANGHAI

KEY, PERIOD = "demo/fiscal-monthly", "2026-09"
NOW = datetime(2026, 10, 8, 9, tzinfo=SHANGHAI)
HOUR = timedelta(hours=1)
FIRST, SECOND = "a" * 64, "b" * 64
BLANK = Blank("outlook", "下一步打算")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    obligation = load_one(Path(__file__).parents[2] / "include" / "obligations" / "catalogue", KEY)
    due_at = datetime(2026, 10, 31, tzinfo=SHANGHAI)
    due = DueDate(NOW, due_at, False, due_at, due_at, ())
    expected = Occurrence(KEY, Period(PERIOD, date(2026, 9, 1), date(2026, 9, 30)), NOW, due_at, due)
    with open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}") as ledger:
        ledger.expect(obligation, expected, calendar_version="", catalogue_version="", historical=False, now=NOW)
        yield ledger


def draft(ledger: Ledger, version: int = 1, sha256: str = FIRST, at: datetime = NOW) -> int:
    return ledger.register_draft(
        KEY,
        PERIOD,
        version=version,
        sha256=sha256,
        folder=f"/drafts/v{version}",
        files=["稿.docx", "page.html"],
        open_blanks=[BLANK],
        happened_at=at,
        recorded_at=at,
        payload={"run_id": "r"},
    )


def publish(ledger: Ledger, address: str = "file:///发布包/1", sha256: str = FIRST) -> int:
    return ledger.register_publication(
        KEY,
        PERIOD,
        version=1,
        sha256=sha256,
        address=address,
        evidence={"files": {"page.html": "c" * 64}},
        happened_at=NOW + HOUR,
        recorded_at=NOW + HOUR,
    )


def verify(ledger: Ledger, address: str = "file:///发布包/1", sha256: str = FIRST) -> int:
    return ledger.register_evidence(
        KEY,
        PERIOD,
        sha256=sha256,
        address=address,
        evidence={"method": "回读比对"},
        happened_at=NOW + 2 * HOUR,
        recorded_at=NOW + 2 * HOUR,
    )


def test_the_first_version_is_one_and_each_draft_makes_the_next(ledger: Ledger) -> None:
    found = [ledger.next_version(KEY, PERIOD)]
    for version, sha256 in ((1, FIRST), (2, SECOND)):
        draft(ledger, version, sha256)
        found.append(ledger.next_version(KEY, PERIOD))
    assert found == [1, 2, 3]


def test_an_occurrence_that_nobody_expected_would_get_version_one(ledger: Ledger) -> None:
    assert ledger.next_version(KEY, "2031-01") == 1


def test_a_draft_is_kept_with_its_event(ledger: Ledger) -> None:
    draft(ledger)
    (kept,) = ledger.drafts(KEY, PERIOD)
    assert (kept.version, kept.sha256, kept.folder, kept.files) == (1, FIRST, "/drafts/v1", ("稿.docx", "page.html"))
    assert (kept.state, kept.open_blanks) == ("generated", (BLANK,))
    assert ledger.events(KEY, PERIOD)[-1].payload == {
        "version": 1,
        "sha256": FIRST,
        "state": "generated",
        "run_id": "r",
    }


def test_registering_the_same_draft_again_changes_nothing(ledger: Ledger) -> None:
    assert draft(ledger) == draft(ledger, at=NOW + HOUR)
    assert len(ledger.drafts(KEY, PERIOD)) == 1


def test_a_version_with_its_blanks_filled_in_is_a_second_draft_of_that_version(ledger: Ledger) -> None:
    draft(ledger)
    draft(ledger, 1, SECOND)
    assert [(kept.version, kept.sha256) for kept in ledger.drafts(KEY, PERIOD)] == [(1, FIRST), (1, SECOND)]
    assert ledger.next_version(KEY, PERIOD) == 2


def test_a_publication_says_by_which_channel_it_went_and_what_else_is_known_of_it(ledger: Ledger) -> None:
    draft(ledger)
    publish(ledger)
    assert not {"channel", "claimed_at", "corrects"} & set(ledger.events(KEY, PERIOD)[-1].payload)
    ledger.register_publication(
        KEY,
        PERIOD,
        version=1,
        sha256=FIRST,
        address="https://www.example.gov.cn/2",
        happened_at=NOW + HOUR,
        recorded_at=NOW + HOUR,
        channel="网站",
        claimed_at=NOW,
        corrects="https://www.example.gov.cn/1",
    )
    said = ledger.events(KEY, PERIOD)[-1].payload
    assert (said["channel"], said["corrects"]) == ("网站", "https://www.example.gov.cn/1")
    assert datetime.fromisoformat(said["claimed_at"]) == NOW


def test_publishing_and_verifying_meets_the_duty_at_the_time_of_publishing(ledger: Ledger) -> None:
    publish(ledger)
    verify(ledger)
    row = ledger.occurrence(KEY, PERIOD)
    assert row is not None
    assert (row.is_met, row.met_at) == (True, NOW + HOUR)


def test_publishing_and_verifying_again_changes_nothing(ledger: Ledger) -> None:
    assert publish(ledger) == publish(ledger)
    assert verify(ledger) == verify(ledger)
    assert [event.kind for event in ledger.events(KEY, PERIOD)] == ["expected", "published", "verified"]


def test_the_proof_is_kept_with_the_publication_it_proves(ledger: Ledger) -> None:
    publish(ledger, "file:///发布包/1")
    publish(ledger, "file:///发布包/2")
    verify(ledger, "file:///发布包/2")
    (row,) = ledger.rows(now=NOW, is_working_day=lambda _: True)
    assert [(kept.address, kept.grade, sorted(kept.evidence)) for kept in row.publications] == [
        ("file:///发布包/1", "待核验", ["files"]),
        ("file:///发布包/2", "系统核验", ["method"]),
    ]
    assert verify_ledger(ledger) == []


@pytest.mark.parametrize(("address", "sha256"), [("file:///别处", FIRST), ("file:///发布包/1", SECOND)])
def test_what_was_never_published_there_cannot_be_verified(ledger: Ledger, address: str, sha256: str) -> None:
    publish(ledger)
    with pytest.raises(UnusableInput, match="没有登记过发布到"):
        verify(ledger, address, sha256)


def test_a_very_long_record_may_stand_for_the_address_of_a_conference(ledger: Ledger) -> None:
    publish(ledger, "会议记录：" + "甲" * 5000)
    verify(ledger, "会议记录：" + "甲" * 5000)
    assert verify_ledger(ledger) == []

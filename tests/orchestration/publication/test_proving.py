"""What a look at the page comes to in the ledger: proof with the right time, or 待核验 and never lateness."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from public_pages import DUE, PublicOffice, shown
from websites import Reply

from obligations.orchestration.publication.delivering import package_of
from obligations.orchestration.publication.looking import approved_version, looker
from obligations.orchestration.publication.proving import prove, require_proven
from obligations.words.errors import NotPublishable, UnusableInput
from obligations.words.evidence import Evidence
from obligations.words.times import SHANGHAI

NOW = datetime(2026, 10, 9, 16, 0, tzinfo=SHANGHAI)  # Friday, the second working day after National Day
LATER = NOW + timedelta(hours=2)


def proven(office: PublicOffice, now: datetime = LATER) -> Evidence | None:
    with office.work() as work:
        return prove(work, looker(office.settings), now)


def test_a_page_posted_by_a_person_is_proven_as_of_when_it_was_first_seen(public_office, site):
    site.pages["/1.html"] = shown()
    claimed = NOW - timedelta(hours=3)
    public_office.publish(NOW, claimed_at=claimed)
    evidence = proven(public_office)
    assert (evidence.grade, evidence.fulfilled_at, evidence.seen_at) == ("系统核验", LATER, LATER)
    (event,) = public_office.events("verified")
    assert event.payload["published_at"] == LATER.isoformat()
    kept = event.payload["evidence"]["details"]
    assert (kept["claimed_at"], kept["status"], len(kept["sha256"])) == (claimed.isoformat(), 200, 64)
    row = public_office.row()
    assert (row.stage_label, row.met_at) == ("已公开", LATER)


@pytest.mark.parametrize("channel", ["上传", "接口", "发布包"])
def test_what_a_channel_acknowledged_itself_counts_from_then(public_office, site, channel):
    site.pages["/1.html"] = shown()
    public_office.publish(NOW, channel=channel)
    assert proven(public_office).fulfilled_at == NOW
    assert public_office.row().met_at == NOW


def test_of_a_channel_that_is_configured_no_more_nothing_is_relied_on(public_office, site):
    site.pages["/1.html"] = shown()
    public_office.publish(NOW, channel="旧平台")
    assert proven(public_office).fulfilled_at == LATER


def test_proving_again_asks_nobody_and_changes_nothing(public_office, site):
    site.pages["/1.html"] = shown()
    public_office.publish(NOW)
    first = proven(public_office)
    asked = len(site.requests)
    again = proven(public_office, LATER + timedelta(days=1))
    assert (again.grade, again.fulfilled_at) == (first.grade, first.fulfilled_at)
    assert (len(site.requests), len(public_office.events("verified"))) == (asked, 1)


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (shown("3.6%"), "differs"),
        (Reply(b"", 403), "blocked"),
        (Reply(b"", 404), "not_found"),
        (Reply(b"", 500), "unreachable"),
        (Reply(b"x", headers={"Content-Type": "image/png"}), "unreadable"),
    ],
)
def test_anything_else_leaves_it_to_be_verified_and_is_on_record_once_a_day(public_office, site, reply, outcome):
    site.pages["/1.html"] = reply
    public_office.publish(NOW)
    for hours in (0, 1, 2):
        evidence = proven(public_office, LATER + timedelta(hours=hours))
        assert (evidence.grade, evidence.fulfilled_at) == ("待核验", None)
    (looked,) = public_office.events("looked")
    assert (looked.payload["outcome"], looked.is_aside) == (outcome, True)
    proven(public_office, LATER + timedelta(days=1))
    assert len(public_office.events("looked")) == 2
    row = public_office.row()
    assert (row.stage_label, row.missed_at, row.closed_at) == ("已发布待核验", None, None)


def test_a_changed_number_is_named_in_the_ledger(public_office, site):
    site.pages["/1.html"] = shown("3.6%")
    public_office.publish(NOW)
    proven(public_office)
    (looked,) = public_office.events("looked")
    assert looked.payload["missing"] == ["“收入增长3.5%。”在页面上是“收入增长3.6%。”"]


def test_an_address_that_may_not_be_asked_for_is_not(public_office):
    public_office.publish(NOW, "http://169.254.169.254/latest/meta-data/")
    assert proven(public_office).grade == "待核验"
    (looked,) = public_office.events("looked")
    assert looked.payload["outcome"] == "refused_address"


def test_a_page_that_is_there_at_last_is_proven_as_late_as_it_was_seen(public_office, site):
    public_office.publish(NOW)
    assert proven(public_office).grade == "待核验"
    site.pages["/1.html"] = shown()
    late = DUE + timedelta(hours=1)
    assert proven(public_office, late).fulfilled_at == late
    assert public_office.row().met_at == late


def test_after_evidence_was_accepted_nobody_is_asked(public_office, site):
    public_office.publish(NOW)
    public_office.accept(LATER, NOW)
    evidence = proven(public_office, LATER + timedelta(hours=1))
    assert (evidence.grade, evidence.fulfilled_at, site.requests) == ("人工佐证", NOW, [])


@pytest.mark.parametrize("kind", ["withdrawal_ordered", "withdrawn"])
def test_what_was_withdrawn_is_not_looked_for(public_office, site, kind):
    address = public_office.publish(NOW)
    said = {"due_at": DUE.isoformat(), "reason": "处罚决定被撤销", "authority": "示例县政府"}
    public_office.say(kind, NOW, address=address, **said)
    assert (proven(public_office), site.requests) == (None, [])


def test_nothing_published_is_nothing_to_prove(public_office):
    public_office.approve(NOW)
    assert proven(public_office) is None


def test_a_version_that_was_changed_after_approval_proves_nothing(public_office, site):
    site.pages["/1.html"] = shown("3.6%")
    address = public_office.publish(NOW)
    with public_office.work() as work:
        file = work.drafts / "v1-final" / "model.json"
        file.write_text(file.read_text("utf-8").replace("3.5%", "3.6%"), "utf-8")
        with pytest.raises(UnusableInput, match="被改动过"):
            approved_version(work.ledger, work.key, work.period, public_office.finals[1])
    assert (proven(public_office).grade, site.requests) == ("待核验", [])
    assert address


def test_a_version_whose_files_are_gone_proves_nothing(public_office):
    public_office.publish(NOW)
    with public_office.work() as work:
        (work.drafts / "v1-final" / "model.json").unlink()
    assert "已不在" in proven(public_office).method


def test_a_package_is_proven_by_reading_it_back_only_where_it_is_the_channel(public_office):
    with public_office.work() as work:
        sha256 = public_office.approve(NOW)
        place = package_of(work, sha256)
        place.mkdir(parents=True)
        manifest = (work.drafts / "v1-final" / "manifest.json").read_bytes()
        (place / "manifest.json").write_bytes(manifest)
        (place / "document.pdf").write_bytes(b"%PDF-1.7 approved")
        files = json.loads(manifest)["files"]
        for channel in ("人工发布", "发布包"):
            work.ledger.register_publication(
                work.key, work.period, version=1, sha256=sha256, address=f"{place}" + ("" if channel == "发布包" else "/"),
                evidence={"files": files}, happened_at=NOW, recorded_at=NOW, channel=channel,
            )  # fmt: skip
            evidence = prove(work, looker(public_office.settings), LATER)
            assert evidence.grade == ("系统核验" if channel == "发布包" else "待核验")
    assert public_office.row().met_at == NOW


def test_a_package_that_is_not_whole_stays_to_be_verified(public_office):
    with public_office.work() as work:
        sha256 = public_office.approve(NOW)
        work.ledger.register_publication(
            work.key, work.period, version=1, sha256=sha256, address=str(package_of(work, sha256)),
            evidence={"files": {"document.pdf": "0" * 64}}, happened_at=NOW, recorded_at=NOW, channel=None,
        )  # fmt: skip
    assert "document.pdf" in proven(public_office).method
    assert public_office.row().stage_label == "已发布待核验"


def test_when_patience_ends_the_task_fails_in_words_and_a_later_acceptance_still_closes_it(public_office, site):
    public_office.publish(NOW)
    with public_office.work() as work, pytest.raises(NotPublishable, match="待核验，不因此算逾期"):
        require_proven(work, looker(public_office.settings), LATER)
    public_office.say("failed", LATER, run_id="run", stage="已发布待核验")
    assert public_office.row().stage_label == "已发布待核验", "the run's end is not what people must act on"
    public_office.accept(LATER + timedelta(days=9), NOW)
    assert public_office.row().met_at == NOW

"""Later checks of pages on a real site: each change once, and only where a second look agrees."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from public_pages import KEY, PERIOD, PublicOffice, make_public_office, shown
from websites import Reply

from obligations.orchestration.publication.looking import looker
from obligations.orchestration.publication.proving import prove
from obligations.orchestration.publication.watching import PAUSE_SECONDS, Watched, watch
from obligations.orchestration.sweep.sweeping import sweep
from obligations.steps.ledger import open_ledger
from obligations.words.times import SHANGHAI

NOW = datetime(2026, 10, 9, 16, 0, tzinfo=SHANGHAI)
GONE, REFUSED, DOWN = Reply(b"", 404), Reply(b"", 403), Reply(b"", 502)


@pytest.fixture
def public_office(tmp_path, monkeypatch, site) -> PublicOffice:
    """The office whose report is proven, and told to nobody yet."""
    office = make_public_office(tmp_path, monkeypatch, site)
    site.pages["/1.html"] = shown()
    office.publish(NOW)
    with office.work() as work:
        assert prove(work, looker(office.settings), NOW).grade == "系统核验"
    return office


def watched(office: PublicOffice, day: int, rest=lambda seconds: None) -> Watched:
    with open_ledger(office.settings.ledger_url) as ledger:
        return watch(ledger, looker(office.settings), lambda: NOW + timedelta(days=day), rest)


def states(office: PublicOffice) -> list[str]:
    return [event.payload["state"] for event in office.events("page_changed")]


def test_a_page_that_is_as_it_was_says_nothing(public_office, site):
    before = len(public_office.events())
    done = watched(public_office, 1)
    assert (done.looked, done.changed, len(public_office.events())) == (1, [], before)


def test_every_change_is_recorded_once(public_office, site):
    story = [
        (shown(), []),
        (GONE, ["gone"]),
        (GONE, ["gone"]),
        (shown(), ["gone", "restored"]),
        (shown("3.6%"), ["gone", "restored", "altered"]),
        (shown("3.6%"), ["gone", "restored", "altered"]),
        (shown("3.7%"), ["gone", "restored", "altered", "altered"]),
        (GONE, ["gone", "restored", "altered", "altered", "gone"]),
        (shown(), ["gone", "restored", "altered", "altered", "gone", "restored"]),
        (shown(), ["gone", "restored", "altered", "altered", "gone", "restored"]),
    ]
    for day, (reply, expected) in enumerate(story):
        site.pages["/1.html"] = reply
        watched(public_office, day)
        assert states(public_office) == expected
    altered = public_office.events("page_changed")[2]
    assert altered.payload["detail"] == "“收入增长3.5%。”在页面上是“收入增长3.6%。”"
    assert public_office.row().stage_label == "已公开", "what happens to the page later undoes nothing"


@pytest.mark.parametrize("reply", [REFUSED, DOWN, Reply(b"x", headers={"Content-Type": "image/png"})])
def test_a_site_that_refuses_or_is_down_is_left_alone(public_office, site, reply):
    site.pages["/1.html"] = reply
    done = watched(public_office, 1)
    assert (done.silent, states(public_office)) == ([site.address("/1.html")], [])
    site.pages["/1.html"] = GONE
    watched(public_office, 2)
    site.pages["/1.html"] = reply
    watched(public_office, 3)
    assert states(public_office) == ["gone"]


def test_a_change_that_a_second_look_does_not_confirm_is_none(public_office, site):
    site.pages["/1.html"] = GONE
    rests: list[float] = []

    def rest(seconds: float) -> None:
        rests.append(seconds)
        site.pages["/1.html"] = shown()

    watched(public_office, 1, rest)
    assert (states(public_office), rests) == ([], [PAUSE_SECONDS])


def test_a_version_that_was_corrected_is_watched_for_as_it_is_now(public_office, site):
    public_office.publish(NOW + timedelta(days=1), version=2)
    site.pages["/1.html"] = shown()
    with public_office.work() as work:
        prove(work, looker(public_office.settings), NOW + timedelta(days=1))
    site.pages["/1.html"] = GONE
    watched(public_office, 2)
    (event,) = public_office.events("page_changed")
    assert event.payload["sha256"] == public_office.finals[2]


def test_what_is_withdrawn_or_not_proven_or_long_ago_is_not_looked_at(public_office, site):
    site.requests.clear()
    assert watched(public_office, 401).looked == 0
    public_office.publish(NOW + timedelta(days=1), site.address("/unproven.html"), version=2)
    assert watched(public_office, 2).looked == 1
    public_office.say("withdrawn", NOW + timedelta(days=3), address=site.address("/1.html"))
    assert watched(public_office, 4).looked == 0
    assert {path for path, _ in site.requests} == {"/1.html"}


def test_a_page_whose_withdrawal_was_ordered_is_looked_at_until_it_is_gone(public_office, site):
    said = {"due_at": (NOW + timedelta(days=3)).isoformat(), "reason": "被撤销", "authority": "示例县政府"}
    public_office.say("withdrawal_ordered", NOW, address=site.address("/1.html"), **said)
    site.pages["/1.html"] = GONE
    watched(public_office, 1)
    assert states(public_office) == ["gone"]


def test_pages_whose_files_are_gone_are_named_and_skipped(public_office, site):
    with public_office.work() as work:
        (work.drafts / "v1-final" / "model.json").unlink()
    done = watched(public_office, 1)
    assert (done.looked, len(done.skipped)) == (0, 1)


def test_pages_of_one_host_are_looked_at_with_a_pause_between(public_office, site):
    site.pages["/2.html"] = shown()
    with public_office.work() as work:
        for number in range(2, 5):
            address = site.address(f"/{number}.html")
            site.pages[f"/{number}.html"] = shown()
            work.ledger.register_publication(
                KEY, PERIOD, version=1, sha256=public_office.finals[1], address=address, evidence={"files": {}},
                happened_at=NOW, recorded_at=NOW, channel="人工发布",
            )  # fmt: skip
            prove(work, looker(public_office.settings), NOW)
    rests: list[float] = []
    assert watched(public_office, 1, rests.append).looked == 4
    assert rests == [PAUSE_SECONDS] * 3


def test_a_page_that_breaks_the_program_keeps_no_other_from_being_looked_at(public_office, site, monkeypatch):
    def broken(*_: object) -> None:
        raise RuntimeError("boom")

    with open_ledger(public_office.settings.ledger_url) as ledger:
        done = watch(ledger, broken, lambda: NOW + timedelta(days=1), lambda seconds: None)
    assert len(done.skipped) == 1


def test_the_next_sweep_tells_the_responsible_person_and_the_office_once_though_all_is_closed(public_office, site):
    sweep(public_office.settings, NOW + timedelta(hours=1))
    site.pages["/1.html"] = shown("3.6%")
    watched(public_office, 3)  # Monday
    report = sweep(public_office.settings, NOW + timedelta(days=3, hours=1))
    mine = [entry for entry in report.queued if (entry["key"], entry["period"]) == (KEY, PERIOD)]
    assert sorted((entry["tier"].split(":")[0], entry["recipient"]) for entry in mine) == [
        ("page-changed", "jia"),
        ("page-changed", "yi"),
    ]
    (queued, *_) = public_office.events("notice_queued")
    assert queued.payload["tier"].startswith("page-changed:")
    again = sweep(public_office.settings, NOW + timedelta(days=3, hours=2))
    assert [entry for entry in again.queued if entry["period"] == PERIOD] == []

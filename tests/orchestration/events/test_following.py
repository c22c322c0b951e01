"""续报: the next bulletin is expected from when the last one was out, or due, until the incident is over.

The incident happens on Tuesday 10 November 2026 at 14:05; its bulletin is due at 19:05, each follow-up 24 hours after the
bulletin before it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from obligations.orchestration.events.closing import close_event
from obligations.orchestration.events.following import follow_incidents, following_keys
from obligations.orchestration.events.incidents import event_types, read_report, report
from obligations.orchestration.rulings.fields import read_ruling
from obligations.orchestration.rulings.recording import rule
from obligations.orchestration.settings import PACKAGE, Settings
from obligations.orchestration.sweep.sweeping import sweep
from obligations.orchestration.work import open_work
from obligations.publications.incident_followup import describe
from obligations.rules.calendar import load_calendar
from obligations.rules.catalogue import load, load_one
from obligations.steps.ledger import Ledger, open_ledger, verify_ledger
from obligations.words.errors import UnusableInput
from obligations.words.times import SHANGHAI, parse_instant

KEY = "demo/incident-followup"
HAPPENED = datetime(2026, 11, 10, 14, 5, tzinfo=SHANGHAI)
NOW = HAPPENED + timedelta(hours=1)
DUE = HAPPENED + timedelta(hours=5)
DAY = timedelta(days=1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_environment(
        {"OBLIGATIONS_HOME": str(tmp_path), "OBLIGATIONS_JURISDICTIONS": "demo", "OBLIGATIONS_GO_LIVE": "2026-11-01"}
    )


def happens(settings: Settings, level: str = "重大") -> str:
    said = {
        "type": "incident", "level": level, "title": "示例路段事故", "happened_at": HAPPENED.isoformat(),
        "place": "示例路", "casualties": "2人受伤", "measures": "已封闭路段",
    }  # fmt: skip
    return report(settings, read_report(said, NOW), NOW).event.id


def follow(settings: Settings, now: datetime) -> list[str]:
    with open_ledger(settings.ledger_url) as ledger:
        opened = follow_incidents(settings, ledger, [KEY], load_calendar(), now)
    return [f"{one.period.key} {one.due_at:%m-%dT%H:%M}" for _, one in opened]


def publish(settings: Settings, key: str, period: str, at: datetime) -> None:
    with open_ledger(settings.ledger_url) as ledger:
        ledger.register_publication(
            key, period, version=1, sha256="1" * 64, address="https://e.cn/", happened_at=at, recorded_at=at
        )


def test_the_catalogue_has_a_duty_to_follow_up_whose_number_says_that_it_is_the_offices_own():
    found = load_one(PACKAGE / "catalogue", KEY)
    assert following_keys(load(PACKAGE / "catalogue").obligations.values()) == [KEY]
    assert (str(found.due.limit), found.due_origin) == ("PT24H", "local")
    assert "incident-followup" not in event_types(PACKAGE / "catalogue"), "the sweep reports it, nobody else"
    with pytest.raises(UnusableInput, match="续报由巡检按上次通报的时间登记"):
        read_report({"type": "incident-followup", "title": "续报", "happened_at": HAPPENED.isoformat()}, NOW)


def test_a_follow_up_counts_from_the_bulletin_that_came_out(settings):
    incident = happens(settings)
    assert follow(settings, NOW) == [], "no bulletin yet, and none due"
    publish(settings, "demo/incident-bulletin", incident, HAPPENED + timedelta(hours=3))
    assert follow(settings, HAPPENED + timedelta(hours=4)) == [f"{incident}-f1 11-11T17:05"]
    assert follow(settings, HAPPENED + timedelta(hours=4)) == [], "each once"
    publish(settings, KEY, f"{incident}-f1", HAPPENED + timedelta(hours=20))
    assert follow(settings, HAPPENED + timedelta(hours=21)) == [f"{incident}-f2 11-12T10:05"]
    with open_ledger(settings.ledger_url) as ledger:
        row = ledger.occurrence(KEY, f"{incident}-f2")
        assert any("为本单位规定，不是条款原文" in said for said in row.derivation)
        assert verify_ledger(ledger) == []


def test_one_that_nobody_published_is_followed_from_when_it_was_due_and_an_outage_forgets_none(settings):
    incident = happens(settings)
    assert follow(settings, DUE - timedelta(minutes=1)) == []
    assert follow(settings, DUE + 2 * DAY) == [
        f"{incident}-f1 11-11T19:05", f"{incident}-f2 11-12T19:05", f"{incident}-f3 11-13T19:05",
    ]  # fmt: skip


def test_one_that_was_reported_by_a_pass_cut_off_before_it_was_expected_is_expected_by_the_next(settings, monkeypatch):
    incident = happens(settings)
    with monkeypatch.context() as cut_off:
        cut_off.setattr(Ledger, "expect_many", lambda *_, **__: pytest.fail("killed"))
        with pytest.raises(pytest.fail.Exception):
            follow(settings, DUE)
    assert follow(settings, DUE + timedelta(minutes=10)) == [f"{incident}-f1 11-11T19:05"], "and no second one"
    assert follow(settings, DUE + timedelta(minutes=20)) == []


def test_the_follow_up_says_what_happened_then_and_repeats_nothing_unverified(settings):
    incident = happens(settings)
    follow(settings, DUE)
    with open_ledger(settings.ledger_url) as ledger:
        event = ledger.get_reported_event(f"{incident}-f1")
    assert (event.level, event.fields["parent"], event.fields["place"], event.happened_at) == (
        "重大", incident, "示例路", DUE,
    )  # fmt: skip
    words = describe(event).words
    assert (str(words["happened"]), str(words["last_at"])) == ("11月10日14时05分许", "11月10日19时05分")
    assert (words["casualties"], words["measures"]) == (None, None), "blanks, until somebody has verified them again"
    assert event.fields["last_casualties"] == "2人受伤"


@pytest.mark.parametrize("level", ["较大", "一般"])
def test_lesser_incidents_are_not_followed_up(settings, level):
    happens(settings, level)
    assert follow(settings, DUE + 2 * DAY) == []


def test_after_its_end_nothing_more_is_expected_and_what_is_open_may_be_dropped(settings):
    incident = happens(settings)
    follow(settings, DUE)
    period, ended = f"{incident}-f1", DUE + timedelta(hours=3)
    drop = read_ruling("nil", {"reason": "事件已结束，无新情况"}, ended)
    with open_work(settings, load_one(settings.catalogue, KEY), period, "form") as work:
        with pytest.raises(UnusableInput, match="尚未结束，仍须续报"):
            rule(work, drop, person="值班甲", now=ended)
        close_event(settings, incident, ended, "应急响应终止", "值班甲", ended)
        assert rule(work, drop, person="值班甲", now=ended).row.outcome == "nil"
        assert verify_ledger(work.ledger) == []
    assert follow(settings, DUE + 5 * DAY) == []
    with (
        open_work(settings, load_one(settings.catalogue, "demo/incident-bulletin"), incident, "form") as work,
        pytest.raises(UnusableInput, match="不适用零报告"),
    ):
        rule(work, drop, person="值班甲", now=ended)


def test_the_sweep_expects_them_in_the_same_pass_that_finds_the_bulletin_out(settings):
    sweep(settings, parse_instant("2026-11-09T09:00"))
    incident = happens(settings)
    assert f"{incident}-f1" not in {one["period"] for one in sweep(settings, NOW).expected}
    publish(settings, "demo/incident-bulletin", incident, HAPPENED + timedelta(hours=2))
    found = sweep(settings, HAPPENED + timedelta(hours=2, minutes=10))
    assert [(one["key"], one["period"]) for one in found.expected] == [(KEY, f"{incident}-f1")]

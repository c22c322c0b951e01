"""Which tiers are reached when, what has become pointless, and that ``look_at`` skips nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from obligations.rules.calendar import WorkingCalendar, load_calendar
from obligations.rules.happenings import standing
from obligations.rules.policies import load_policies
from obligations.rules.tiers import Decision, confirmed_tier, decide, still_applies
from obligations.words.contacts import Role
from obligations.words.notices import Happening, Situation
from obligations.words.times import SHANGHAI

POLICIES = load_policies()
INSTANT = timedelta(microseconds=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


MONTHLY = Situation(  # due on Wednesday 30 September 2026, the eve of National Day, at 24:00
    key="demo/fiscal-monthly",
    period="2026-08",
    title="财政收支情况按月公开",
    jurisdiction="demo",
    departments=("演示单位财政局",),
    opens_at=at("2026-09-01 09:00"),
    draft_by=at("2026-09-25 00:00"),  # the end of Thursday, three working days before: 25 to 27 are Mid-Autumn
    due_at=at("2026-10-01 00:00"),
    provisional=False,
    in_hours=False,
    event_level=None,
    is_open=True,
    historical=False,
    paused=False,
    states=frozenset(),
    stage_label="等待数据",
)
INCIDENT = replace(  # five hours from Friday 2 October 2026, 23:50, within the National Day run
    MONTHLY,
    key="demo/incident-bulletin",
    period="incident-1",
    opens_at=at("2026-10-02 23:50"),
    draft_by=at("2026-10-03 02:20"),
    due_at=at("2026-10-03 04:50"),
    in_hours=True,
    event_level="重大",
)


def tiers(situation: Situation, now: str, calendar: WorkingCalendar) -> list[str]:
    return [reached.tier for reached in decide(situation, POLICIES, calendar, at(now)).reached]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-09-01 00:00", []),  # not open yet
        ("2026-09-21 23:59", []),
        ("2026-09-22 00:00", ["ahead-5wd"]),  # Tuesday; 23, 24, 28, 29 and 30 are left
        ("2026-09-24 23:59", ["ahead-5wd"]),
        ("2026-09-25 00:00", ["draft-by"]),  # the older reminder has had its day
        ("2026-09-28 23:59", ["draft-by"]),
        ("2026-09-29 00:00", ["ahead-1wd"]),  # Tuesday; the 30th is left
        ("2026-10-01 00:00", ["ahead-1wd"]),  # at the due time it is still in time
        ("2026-10-01 00:01", ["due"]),
        ("2026-10-08 23:59", ["due"]),  # Thursday, the first working day after the holiday
        ("2026-10-09 00:00", ["due", "confirm-escalation"]),
        ("2027-10-09 00:00", ["due", "confirm-escalation"]),  # a year's outage does not lose the miss
    ],
)
def test_only_the_last_rung_is_told_but_a_miss_always(now, expected, calendar):
    assert tiers(MONTHLY, now, calendar) == expected


@pytest.mark.parametrize(
    ("due_at", "five", "one", "escalation"),
    [
        # Tuesday 13th: Monday 12th, make-up Saturday 10th, 9th and 8th are left after the eve of the holiday
        ("2026-10-14 00:00", "2026-09-30 00:00", "2026-10-12 00:00", "2026-10-15 00:00"),
        # Monday 5th, a holiday on which a fixed date falls: the 30th of September is its last working day
        ("2026-10-06 00:00", "2026-09-22 00:00", "2026-09-29 00:00", "2026-10-09 00:00"),
        # Sunday 11th: the make-up Saturday is its last working day
        ("2026-10-12 00:00", "2026-09-28 00:00", "2026-10-09 00:00", "2026-10-13 00:00"),
        # Friday 9th, close of business: make-up Saturday is the working day after it
        ("2026-10-09 17:30", "2026-09-24 00:00", "2026-10-08 00:00", "2026-10-11 00:00"),
    ],
)
def test_days_ahead_and_after_are_working_days(due_at, five, one, escalation, calendar):
    situation = replace(MONTHLY, due_at=at(due_at), draft_by=at("2026-09-02 00:00"))
    for instant, tier in ((five, "ahead-5wd"), (one, "ahead-1wd"), (escalation, "confirm-escalation")):
        before = decide(situation, POLICIES, calendar, at(instant) - INSTANT).reached
        after = decide(situation, POLICIES, calendar, at(instant)).reached
        assert tier not in [reached.tier for reached in before]
        assert tier in [reached.tier for reached in after]


def test_a_rung_before_the_day_of_opening_is_left_out(calendar):
    weekly = replace(  # a week that closes on Sunday 13 September 2026, open from Sunday 6th
        MONTHLY, opens_at=at("2026-09-07 09:00"), draft_by=at("2026-09-12 00:00"), due_at=at("2026-09-14 00:00")
    )
    assert tiers(weekly, "2026-09-07 12:00", calendar) == []  # five working days before Friday 11th is Friday 4th
    assert tiers(weekly, "2026-09-10 12:00", calendar) == ["ahead-1wd"]


def test_a_rung_on_the_day_of_opening_counts(calendar):
    opened = replace(MONTHLY, opens_at=at("2026-09-22 09:00"))
    assert tiers(opened, "2026-09-22 09:00", calendar) == ["ahead-5wd"]


@pytest.mark.parametrize("states", [{"at_review"}, {"approved"}])
def test_a_pointless_rung_is_not_told_and_brings_no_older_one_back(states, calendar):
    sent = replace(MONTHLY, states=frozenset(states))
    assert tiers(sent, "2026-09-24 12:00", calendar) == ["ahead-5wd"]
    assert tiers(sent, "2026-09-25 12:00", calendar) == []
    assert tiers(sent, "2026-09-29 12:00", calendar) == ["ahead-1wd"]


def test_of_rungs_at_one_instant_the_pointless_one_gives_way(calendar):
    same = replace(MONTHLY, draft_by=at("2026-09-22 00:00"))
    assert tiers(same, "2026-09-22 00:00", calendar) == ["draft-by"]
    assert tiers(replace(same, states=frozenset({"at_review"})), "2026-09-22 00:00", calendar) == ["ahead-5wd"]


@pytest.mark.parametrize("change", [{"is_open": False}, {"historical": True}, {"paused": True}])
def test_nothing_is_missed_or_told_when_closed_historical_or_paused(change, calendar):
    decision = decide(replace(MONTHLY, **change), POLICIES, calendar, at("2026-10-20 12:00"))
    assert decision == Decision(missed=False, reached=(), look_at=None)


def test_the_miss_begins_one_instant_after_the_due_time(calendar):
    due = MONTHLY.due_at
    assert not decide(MONTHLY, POLICIES, calendar, due).missed
    assert decide(MONTHLY, POLICIES, calendar, due).look_at == due + INSTANT
    missed = decide(MONTHLY, POLICIES, calendar, due + INSTANT)
    assert missed.missed
    assert [(reached.tier, reached.at) for reached in missed.reached] == [("due", due)]


def test_the_office_is_asked_before_the_leader_is_told(calendar):
    now = at("2026-10-09 09:00")
    asked = decide(MONTHLY, POLICIES, calendar, now).reached[-1]
    assert (asked.tier, asked.rule.to, asked.awaits_confirmation) == ("confirm-escalation", (Role.OFFICE,), True)
    assert asked.rule.label == "待确认：逾期督办（提级提醒）"
    confirmed = replace(MONTHLY, confirmed=frozenset({confirmed_tier(asked.tier)}))
    told = decide(confirmed, POLICIES, calendar, now).reached[-1]
    assert (told.tier, told.rule.to, told.awaits_confirmation) == ("escalation", (Role.LEADER,), False)
    assert not still_applies(confirmed, "confirm-escalation", POLICIES, calendar, now)


def test_a_confirmation_too_early_reaches_nobody_before_the_time(calendar):
    early = replace(MONTHLY, confirmed=frozenset({"escalation"}))
    assert tiers(early, "2026-10-08 12:00", calendar) == ["due"]


def test_acknowledging_the_miss_stops_the_escalation_unless_the_office_confirmed_it(calendar):
    seen = replace(MONTHLY, acknowledged=frozenset({"due"}))
    assert tiers(seen, "2026-10-09 12:00", calendar) == ["due"]
    decided = replace(seen, confirmed=frozenset({"escalation"}))
    assert tiers(decided, "2026-10-09 12:00", calendar) == ["due", "escalation"]


def test_acknowledging_a_reminder_does_not_answer_for_the_miss(calendar):
    seen = replace(MONTHLY, acknowledged=frozenset({"ahead-5wd", "returned:9"}))
    assert tiers(seen, "2026-10-09 12:00", calendar) == ["due", "confirm-escalation"]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-10-02 23:49", []),
        ("2026-10-02 23:50", ["opened"]),
        ("2026-10-03 02:20", ["half"]),
        ("2026-10-03 03:50", ["four-fifths"]),
        ("2026-10-03 04:50", ["four-fifths"]),
        ("2026-10-03 04:51", ["due"]),
        ("2026-10-09 00:00", ["due"]),
    ],
)
def test_an_hour_window_is_told_at_once_half_way_at_four_fifths_and_missed(now, expected, calendar):
    assert tiers(INCIDENT, now, calendar) == expected
    assert all(reached.rule.urgent for reached in decide(INCIDENT, POLICIES, calendar, at(now)).reached)


def test_acknowledgement_stops_the_reminder_at_four_fifths_but_never_the_miss(calendar):
    taken = replace(INCIDENT, acknowledged=frozenset({"opened"}))
    assert tiers(taken, "2026-10-03 02:30", calendar) == ["half"]
    assert tiers(taken, "2026-10-03 04:00", calendar) == []
    assert tiers(taken, "2026-10-03 05:00", calendar) == ["due"]


def test_an_incident_reported_late_gets_the_last_reminder_only(calendar):
    assert tiers(INCIDENT, "2026-10-03 04:30", calendar) == ["four-fifths"]


def test_what_happened_is_told_each_time_with_its_facts(calendar):
    twice = (
        Happening("returned", 7, at("2026-09-10 10:00"), {"comment": "口径不符"}),
        Happening("review_requested", 9, at("2026-09-11 10:00"), {"version": 2}),
    )
    decision = decide(replace(MONTHLY, happenings=twice), POLICIES, calendar, at("2026-09-11 11:00"))
    assert [(reached.tier, reached.facts) for reached in decision.reached] == [
        ("returned:7", {"comment": "口径不符"}),
        ("review-requested:9", {"version": 2}),
    ]


def test_what_happened_is_told_while_paused_but_no_reminder(calendar):
    returned = (Happening("returned", 7, at("2026-09-10 10:00")),)
    assert tiers(replace(MONTHLY, paused=True, happenings=returned), "2026-09-29 10:00", calendar) == ["returned:7"]


UNVERIFIED = Happening("unverified", 9, at("2026-09-29 15:00"), {"said": "已于9月29日登记发布"})


def test_what_is_public_and_unverified_is_told_as_such_in_place_of_the_miss(calendar):
    public = replace(MONTHLY, unverified=UNVERIFIED)
    before, due = at("2026-09-29 16:00"), at("2026-10-01 00:00")
    assert decide(public, POLICIES, calendar, before) == Decision(missed=False, reached=(), look_at=due + INSTANT)
    assert decide(public, POLICIES, calendar, due).reached == ()
    for now in (due + INSTANT, at("2026-10-09 00:00"), at("2027-10-09 00:00")):
        decision = decide(public, POLICIES, calendar, now)
        assert (decision.missed, [reached.tier for reached in decision.reached], decision.look_at) == (
            False,
            ["unverified"],
            None,
        )
        assert decision.reached[0].facts == UNVERIFIED.facts
    assert still_applies(public, "unverified", POLICIES, calendar, at("2026-10-09 08:30"))
    assert not still_applies(replace(public, is_open=False), "unverified", POLICIES, calendar, at("2026-10-09 08:30"))
    assert not still_applies(replace(public, unverified=None), "unverified", POLICIES, calendar, at("2026-10-09 08:30"))


def test_of_a_closed_occurrence_only_what_becomes_of_its_page_is_told(calendar):
    happenings = (
        Happening("page_changed", 12, at("2026-10-20 04:00")),
        Happening("failed", 13, at("2026-10-20 05:00")),
    )
    for change in ({}, {"historical": True}):
        closed = replace(MONTHLY, is_open=False, happenings=happenings, **change)
        assert tiers(closed, "2026-10-20 09:00", calendar) == ["page-changed:12"]


def test_a_cured_happening_no_longer_applies(calendar):
    now = at("2026-09-11 11:00")
    waiting = replace(MONTHLY, happenings=(Happening("review_requested", 9, at("2026-09-11 10:00")),))
    assert still_applies(waiting, "review-requested:9", POLICIES, calendar, now)
    assert not still_applies(waiting, "review-requested:5", POLICIES, calendar, now)
    assert not still_applies(MONTHLY, "review-requested:9", POLICIES, calendar, now)
    assert not still_applies(replace(waiting, is_open=False), "review-requested:9", POLICIES, calendar, now)


def test_a_reminder_overtaken_before_it_went_out_no_longer_applies(calendar):
    assert still_applies(MONTHLY, "ahead-5wd", POLICIES, calendar, at("2026-09-24 08:30"))
    assert not still_applies(MONTHLY, "ahead-5wd", POLICIES, calendar, at("2026-09-29 08:30"))
    sent = replace(MONTHLY, states=frozenset({"at_review"}))
    assert not still_applies(sent, "draft-by", POLICIES, calendar, at("2026-09-28 08:30"))


def test_a_miss_applies_until_it_is_cured(calendar):
    monday = at("2026-10-12 08:30")
    assert still_applies(MONTHLY, "due", POLICIES, calendar, monday)
    assert not still_applies(replace(MONTHLY, is_open=False), "due", POLICIES, calendar, monday)


def test_after_the_due_time_has_moved_the_ladder_is_told_anew(calendar):
    extended = replace(  # missed on 30 September, then extended to Friday 16 October 24:00
        MONTHLY,
        due_at=at("2026-10-17 00:00"),
        original_due_at=MONTHLY.due_at,
        acknowledged=frozenset({"due"}),
        confirmed=frozenset({"escalation"}),
    )
    assert tiers(extended, "2026-10-15 10:00", calendar) == ["ahead-1wd@202610170000"]
    assert tiers(extended, "2026-10-20 10:00", calendar) == ["due@202610170000", "confirm-escalation@202610170000"]
    assert not still_applies(extended, "due", POLICIES, calendar, at("2026-10-20 10:00"))
    again = replace(extended, confirmed=frozenset({confirmed_tier("confirm-escalation@202610170000")}))
    assert tiers(again, "2026-10-20 10:00", calendar)[-1] == "escalation@202610170000"


def test_beyond_the_announced_calendar_the_estimate_decides(calendar):
    provisional = replace(  # due on Thursday 30 September 2032: nobody has announced that year
        MONTHLY, opens_at=at("2032-09-01 09:00"), draft_by=at("2032-09-25 00:00"), due_at=at("2032-10-01 00:00")
    )
    assert tiers(provisional, "2032-09-29 12:00", calendar) == ["ahead-1wd"]


# How a run goes, as (kind, seq); what still stands after it, as seqs.
@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ("opened waiting bad_input failed", [3]),  # a run that fails of bad input is not a failure of its own
        ("opened waiting bad_input failed opened waiting", [3]),  # tried again: the data are still wrong
        ("opened bad_input failed opened data_arrived drafted", []),
        ("opened bad_input bad_input", [3]),
        ("opened data_arrived drafted review_requested", [4]),
        ("opened data_arrived drafted review_requested returned failed", [5]),
        ("opened data_arrived drafted review_requested returned opened data_arrived drafted review_requested", [9]),
        ("opened data_arrived drafted review_requested approved", []),
        ("opened data_arrived drafted review_requested failed", [5]),  # the form is gone with its run
        ("opened data_arrived failed", [3]),
        ("opened data_arrived failed opened", []),
        ("opened failed opened failed", [4]),
        ("opened bad_input failed opened failed", [2, 5]),  # the second run failed of itself
        ("expected rebound extended", [3]),
        ("expected extended paused resumed", []),
        ("expected rebound opened notice_sent", [2]),
        ("published verified page_changed", [3]),
        ("published verified page_changed page_changed", [4]),
        ("published verified page_changed withdrawal_ordered withdrawn", []),
        ("opened published looked failed", []),  # a page that could not be seen is no failure of the system
    ],
)
def test_what_still_stands_after_a_history(kinds, expected):
    history = [Happening(kind, seq, at("2026-09-10 10:00")) for seq, kind in enumerate(kinds.split(), start=1)]
    assert [happening.seq for happening in standing(history)] == expected


START = at("2026-09-17 00:00")  # Thursday; Sunday 20th is worked, 25 to 27 are Mid-Autumn, 1 to 7 October National Day


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    in_hours = draw(st.booleans())
    opens = START + timedelta(minutes=draw(st.integers(0, 60 * 24 * 3)))
    days = 0 if in_hours else draw(st.sampled_from(range(13)))
    due = opens + timedelta(days=days, minutes=draw(st.integers(1, 60 * 24)))
    if draw(st.booleans()) and not in_hours:
        due = due.replace(hour=0, minute=0) + timedelta(days=1)
    codes = [rule.code for policy in POLICIES.file.policies for rule in policy.tiers]
    some = st.frozensets(st.sampled_from(codes), max_size=2)
    changes: dict[str, Any] = {
        "opens_at": opens,
        "due_at": due,
        "draft_by": opens + draw(st.floats(0, 1)) * (due - opens),
        "in_hours": in_hours,
        "states": draw(st.frozensets(st.sampled_from(["data_arrived", "drafted", "at_review", "approved"]))),
        "acknowledged": draw(some),
        "confirmed": draw(some),
        "original_due_at": draw(st.sampled_from([None, due, START])),
        "paused": draw(st.sampled_from([False, False, False, True])),
        "is_open": draw(st.sampled_from([True, True, True, False])),
    }
    return replace(MONTHLY, **changes)


def told(decision: Decision) -> tuple[bool, tuple[str, ...]]:
    return decision.missed, tuple(reached.tier for reached in decision.reached)


@settings(max_examples=60, deadline=None)
@given(situations(), st.integers(0, 60 * 24 * 20), st.lists(st.floats(0, 1), min_size=8, max_size=8))
def test_nothing_changes_before_look_at_and_something_does_at_it(situation, minutes, shares):
    calendar = load_calendar()
    now = START + timedelta(minutes=minutes)
    decision = decide(situation, POLICIES, calendar, now)
    until = decision.look_at or now + timedelta(days=60)
    assert until > now
    for share in (*shares, 1):
        then = max(now, now + share * (until - now) - INSTANT)
        assert told(decide(situation, POLICIES, calendar, then)) == told(decision), then
    if decision.look_at is not None:
        assert told(decide(situation, POLICIES, calendar, decision.look_at)) != told(decision)


@settings(max_examples=20, deadline=None)
@given(situations())
def test_stepping_through_look_at_finds_every_rung_that_a_scan_by_the_minute_finds(situation):
    calendar = load_calendar()
    first = min(situation.opens_at, situation.due_at) - timedelta(days=1)
    last = situation.due_at + timedelta(days=3)  # the escalation comes a working day after the miss
    stepped, now = [], first
    while True:
        decision = decide(situation, POLICIES, calendar, now)
        stepped.append(told(decision))
        if decision.look_at is None or decision.look_at > last:
            break
        now = decision.look_at
    scanned = [told(decide(situation, POLICIES, calendar, first))]
    for minute in range(1, int((last - first) / timedelta(minutes=1)) + 2):
        found = told(decide(situation, POLICIES, calendar, first + timedelta(minutes=minute)))
        if found != scanned[-1]:
            scanned.append(found)
    steps = iter(stepped)
    assert all(found in steps for found in scanned), (scanned, stepped)

"""Reminders of what is still to be done beside the due time: when each is told, how often, and that it outlives the closing."""

from __future__ import annotations

from datetime import datetime

import pytest

from obligations.rules.calendar import load_calendar
from obligations.rules.policies import load_policies
from obligations.rules.tiers import decide, still_applies
from obligations.words.follow_ups import Owed
from obligations.words.notices import Situation
from obligations.words.times import SHANGHAI, parse_instant

CALENDAR, POLICIES = load_calendar(), load_policies()


def at(text: str) -> datetime:
    """Read an instant in Asia/Shanghai; of 2026 where no year is given."""
    return parse_instant(text if text.startswith("20") else f"2026-{text}").astimezone(SHANGHAI)


def situation(*owed: Owed, is_open: bool = False, fresh_until: datetime | None = None) -> Situation:
    due = at("11-28")  # Friday 27 November, 24:00
    return Situation(
        key="county/monthly",
        period="2026-10",
        title="财政收支按月公开",
        jurisdiction="county",
        departments=("示例县财政局",),
        opens_at=at("11-01"),
        draft_by=at("11-25"),
        due_at=due,
        provisional=False,
        in_hours=False,
        event_level=None,
        is_open=is_open,
        historical=False,
        paused=False,
        states=frozenset(),
        stage_label="",
        fresh_until=fresh_until,
        owed=owed,
    )


def told(found: Situation, now: str) -> list[str]:
    return [reached.tier for reached in decide(found, POLICIES, CALENDAR, at(now)).reached]


def next_look(found: Situation, now: str) -> datetime | None:
    return decide(found, POLICIES, CALENDAR, at(now)).look_at


def test_paperwork_is_asked_for_after_one_working_day_and_then_every_week():
    found = situation(Owed("paperwork", 7, at("11-27T20:00")))  # a Friday evening
    assert (told(found, "11-30T23:59"), next_look(found, "11-27T21:00")) == ([], at("12-01"))
    assert told(found, "12-01T00:00") == ["paperwork:7"], "the 24:00 of Monday"
    assert next_look(found, "12-01T00:00") == at("12-08")
    assert told(found, "12-07T09:00") == ["paperwork:7"]
    assert told(found, "12-08T00:00") == ["paperwork:7.2"]
    assert told(found, "12-29T00:00") == ["paperwork:7.5"], "after an outage of weeks the last alone"


def test_a_withdrawal_is_reminded_of_on_its_last_working_day_but_one_and_told_when_late():
    found = situation(Owed("withdrawal", 9, at("12-03")))  # Wednesday 2 December, 24:00
    assert told(found, "11-30T23:59") == []
    assert told(found, "12-01T00:00") == ["withdrawal-due:9"]
    assert told(found, "12-03T00:00") == ["withdrawal-late:9"], "the reminder ahead is stale by now"
    assert told(found, "12-10T00:00") == ["withdrawal-late:9.2"]


def test_a_reassessment_is_told_on_its_day_and_evidence_at_once():
    found = situation(Owed("reassessment", 3, at("2027-11-05")), Owed("evidence", 5, at("11-20T09:00")))
    assert told(found, "11-20T09:00") == ["vouched:5"]
    assert next_look(found, "11-20T09:00") == at("2027-11-05")
    assert told(found, "2027-11-05T00:00") == ["reassess:3", "vouched:5"]


def test_what_is_done_is_told_no_more():
    assert still_applies(
        situation(Owed("withdrawal", 9, at("12-03"))), "withdrawal-late:9", POLICIES, CALENDAR, at("12-04")
    )
    assert not still_applies(situation(), "withdrawal-late:9", POLICIES, CALENDAR, at("12-04"))


@pytest.mark.parametrize(("fresh_until", "expected"), [(None, []), ("11-10", ["stale"]), ("11-12", [])])
def test_what_is_to_be_kept_current_is_asked_for_once_it_is_stale(fresh_until, expected):
    found = situation(is_open=True, fresh_until=at(fresh_until) if fresh_until else None)
    assert told(found, "11-11T09:00") == expected


def test_a_correction_under_way_is_nobodys_reminder():
    assert told(situation(Owed("correction", 4, at("11-20"))), "12-20T00:00") == []

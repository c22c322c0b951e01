"""When a notice may go out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obligations.rules.calendar import load_calendar
from obligations.rules.quiet_hours import send_after
from obligations.words.notices import QuietHours
from obligations.words.times import SHANGHAI

OFFICE_HOURS = QuietHours(start="08:30", end="17:30")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-09-29 10:15", "2026-09-29 10:15"),  # Tuesday morning
        ("2026-09-29 08:30", "2026-09-29 08:30"),  # the first minute
        ("2026-09-29 08:29", "2026-09-29 08:30"),
        ("2026-09-29 00:00", "2026-09-29 08:30"),  # at night: the same day
        ("2026-09-29 17:29", "2026-09-29 17:29"),
        ("2026-09-29 17:30", "2026-09-30 08:30"),  # the first minute after hours
        ("2026-09-30 18:00", "2026-10-08 08:30"),  # the eve of National Day: Thursday after the holiday
        ("2026-10-05 10:00", "2026-10-08 08:30"),  # Monday, a holiday
        ("2026-10-10 10:00", "2026-10-10 10:00"),  # Saturday, worked for National Day
        ("2026-10-10 20:00", "2026-10-12 08:30"),  # its night: Sunday is off
        ("2026-09-20 09:00", "2026-09-20 09:00"),  # Sunday, worked for National Day
        ("2026-09-12 10:00", "2026-09-14 08:30"),  # a plain Saturday
        ("2032-10-01 10:00", "2032-10-08 08:30"),  # beyond the announced calendar: the estimate of National Day
    ],
)
def test_ordinary_notices_go_out_in_office_hours_of_working_days(now, expected, calendar):
    assert send_after(at(now), False, calendar, OFFICE_HOURS) == at(expected)


def test_urgent_notices_go_out_at_once(calendar):
    night_of_the_holiday = at("2026-10-02 23:50")
    assert send_after(night_of_the_holiday, True, calendar, OFFICE_HOURS) == night_of_the_holiday


def test_hours_are_those_of_shanghai(calendar):
    assert send_after(datetime(2026, 9, 29, 0, 0, tzinfo=UTC), False, calendar, OFFICE_HOURS) == at("2026-09-29 08:30")


@given(st.integers(0, 3 * 365 * 24 * 60 * 60))
def test_waiting_never_goes_back_and_ends_within_hours_however_often_it_is_asked(seconds):
    calendar = load_calendar()
    now = at("2026-01-01 00:00") + timedelta(seconds=seconds)
    sent = send_after(now, False, calendar, OFFICE_HOURS)
    assert sent >= now
    assert calendar.is_working_day(sent.date())
    assert "08:30" <= f"{sent:%H:%M}" < "17:30"
    assert send_after(sent, False, calendar, OFFICE_HOURS) == sent

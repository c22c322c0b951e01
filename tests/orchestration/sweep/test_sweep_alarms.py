"""What a sweep finds wrong with the system itself, and that the operators hear of it once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from obligations.words.times import SHANGHAI, parse_instant


def at(text: str):
    """Read an instant of 2026 in Asia/Shanghai."""
    return parse_instant(f"2026-{text}").astimezone(SHANGHAI)


FIRST = at("09-08T10:00")  # a Tuesday
W37_DUE = at("09-14T00:00")


def told_operators(office) -> list[tuple[str, str]]:
    return sorted(office.table("SELECT tier, recipient FROM notice WHERE subject LIKE 'system:%'"))


def kinds(report) -> list[str]:
    return [alarm.kind for alarm in report.alarms]


def test_a_sweep_by_an_earlier_time_than_the_last_marks_nothing_and_says_why(office):
    office.sweep(FIRST)
    office.sweep(at("09-13T12:00"))
    before = office.table("SELECT count(*) FROM event"), office.table("SELECT count(*) FROM sweep")
    report = office.sweep(at("09-13T11:00"))
    assert kinds(report) == ["clock-backwards"]
    assert (office.table("SELECT count(*) FROM event"), office.table("SELECT count(*) FROM sweep")) == before
    assert ("clock-backwards", "yunwei") in told_operators(office)


def test_two_machines_whose_clocks_differ_by_seconds_are_no_alarm(office):
    office.sweep(FIRST)
    assert kinds(office.sweep(FIRST - timedelta(seconds=20))) == []


def test_a_gap_between_sweeps_is_told_once(office):
    office.sweep(FIRST)
    assert kinds(office.sweep(FIRST + timedelta(minutes=30))) == []
    assert kinds(office.sweep(FIRST + timedelta(hours=3))) == ["sweep-gap"]
    assert kinds(office.sweep(FIRST + timedelta(hours=3, minutes=10))) == []
    assert told_operators(office) == [("sweep-gap", "yunwei")]


def test_who_cannot_be_reached_and_which_role_nobody_fills_is_told(office, tmp_path):
    contacts = tmp_path / "contacts.yaml"
    text = contacts.read_text("utf-8").replace(", email: jia@example.cn", "")
    contacts.write_text(text.replace("role: office", "role: secrecy_review"), "utf-8")
    report = office.sweep(FIRST)
    said = {(alarm.kind, alarm.about) for alarm in report.alarms}
    assert ("no-address", "jia") in said
    assert ("role-unfilled", "county None office") in said
    report = office.sweep(W37_DUE + timedelta(minutes=5))
    assert ("nobody-told", "county/weekly 2026-W37") in {(alarm.kind, alarm.about) for alarm in report.alarms}
    assert ("county/weekly", "2026-W37") in office.found(report, "missed", "key", "period")


def test_what_should_have_gone_out_and_has_not_is_told(office):
    office.sweep(FIRST)
    office.sweep(W37_DUE + timedelta(minutes=5))
    assert "outbox-stuck" not in kinds(office.sweep(at("09-14T08:40")))
    assert "outbox-stuck" in kinds(office.sweep(at("09-14T09:10")))


@pytest.mark.parametrize("day", ["09-08", "09-09"])
def test_the_days_checkpoint_is_taken_once(office, day):
    office.sweep(FIRST)
    office.sweep(at(f"{day}T11:00"))
    assert office.table("SELECT count(*), max(day) FROM checkpoint") == [(1 if day == "09-08" else 2, f"2026-{day}")]
    office.require_sound()

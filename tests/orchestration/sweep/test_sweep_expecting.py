"""What a sweep expects, from when on, and that it reads the catalogue only when something changed."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest

from obligations.orchestration.sweep import sweeping
from obligations.words.times import SHANGHAI, parse_instant


def at(text: str):
    """Read an instant of 2026 in Asia/Shanghai."""
    return parse_instant(f"2026-{text}").astimezone(SHANGHAI)


FIRST = at("09-08T10:00")  # a Tuesday; W36 fell due on Sunday the 6th at 24:00


@pytest.fixture
def loads(monkeypatch):
    """Count how often the whole catalogue is read; the reading itself stays real."""
    counted = []
    load = sweeping.load
    monkeypatch.setattr(sweeping, "load", lambda root: counted.append(root) or load(root))
    return counted


def test_everything_since_go_live_and_for_ninety_days_is_expected(office):
    report = office.sweep(FIRST)
    periods = {}
    for key, period in office.found(report, "expected", "key", "period"):
        periods.setdefault(key.removeprefix("county/"), []).append(period)
    assert periods["monthly"] == ["2026-08", "2026-09", "2026-10", "2026-11"], "2026-11 opens on 1 December"
    assert periods["quarterly"] == ["2026-Q3"], "Q2 fell due before go-live, Q4 opens on 1 January"
    assert periods["weekly"][0] == "2026-W36"
    assert periods["weekly"][-1] == "2026-W50", "opens on 7 December at 9:00, the 90th day; W51 a week later"
    assert set(periods) == {"monthly", "quarterly", "weekly"}, "what events open is expected when they are reported"


def test_a_pass_says_what_it_is_at(office):
    told = []
    report = office.sweep(FIRST, tell=told.append)
    known = len(report.expected)
    assert told == [
        "正在登记 5 个事项的期次",
        f"已登记 {known} 期，共 {known} 期应在台账中",
        "正在判定，已判定 0 期",
    ]


def test_nothing_is_expected_of_a_jurisdiction_that_is_not_served_until_it_is(office):
    office.environment["OBLIGATIONS_JURISDICTIONS"] = "province, prefecture"
    assert office.sweep(FIRST).expected == []
    office.environment["OBLIGATIONS_JURISDICTIONS"] = "province, county"
    assert office.found(office.sweep(FIRST + timedelta(minutes=10)), "expected", "key", "period")


def test_what_fell_due_before_the_first_sweep_is_historical_and_is_neither_missed_nor_told(office):
    report = office.sweep(FIRST)
    assert [entry["period"] for entry in report.expected if entry["historical"]] == ["2026-W36"]
    assert report.missed == []
    later = office.sweep(at("09-08T10:10"))
    assert (later.missed, office.row("weekly", "2026-W36").missed_at) == ([], None)
    assert office.events("weekly", "2026-W36", "notice_queued") == []


def test_what_falls_due_between_two_sweeps_is_an_ordinary_miss_even_if_it_was_not_expected_before(office):
    office.sweep(FIRST)
    office.write_duty("fortnight", "每周核对", "internal", "{kind: recurring, rule: FREQ=WEEKLY}")
    report = office.sweep(at("09-15T10:00"))
    assert ("county/fortnight", "2026-W37") in office.found(report, "missed", "key", "period")
    assert office.row("fortnight", "2026-W36").historical
    assert not office.row("fortnight", "2026-W37").historical, "due on Sunday 13 September at 24:00"


def test_a_sweep_with_nothing_to_do_reads_no_catalogue_and_writes_nothing_but_itself(office, loads):
    office.sweep(FIRST)
    before = office.table("SELECT count(*) FROM event")
    report = office.sweep(FIRST + timedelta(minutes=10))
    assert len(loads) == 1
    assert office.table("SELECT count(*) FROM event") == before
    assert (report.expected, report.queued, report.alarms) == ([], [], [])


def test_the_catalogue_is_read_again_on_another_day_and_after_any_change_of_a_file(office, loads):
    office.sweep(FIRST)
    office.sweep(FIRST + timedelta(days=1))
    assert len(loads) == 2
    office.write_duty("new", "新增事项", "publish", "{kind: recurring, rule: FREQ=MONTHLY}")
    report = office.sweep(FIRST + timedelta(days=1, minutes=10))
    assert {entry["key"] for entry in report.expected} == {"county/new"}
    touched = office.settings.catalogue / "county" / "new.yaml"
    os.utime(touched, (1, 1))
    office.sweep(FIRST + timedelta(days=1, minutes=20))
    assert len(loads) == 4


def test_each_day_brings_what_opens_ninety_days_on(office):
    office.sweep(FIRST)
    assert office.sweep(FIRST + timedelta(days=6)).expected == []
    report = office.sweep(FIRST + timedelta(days=7))
    assert office.found(report, "expected", "key", "period") == [("county/weekly", "2026-W51")]


def test_a_file_at_fault_loses_nothing_that_is_in_the_ledger_and_is_an_alarm(office):
    office.sweep(FIRST)
    file = office.settings.catalogue / "county" / "weekly.yaml"
    file.write_text(file.read_text("utf-8") + "colour: red\n", "utf-8")
    report = office.sweep(at("09-15T10:00"))
    assert ("county/weekly", "2026-W37") in office.found(report, "missed", "key", "period")
    (alarm,) = [alarm for alarm in report.alarms if alarm.kind == "catalogue-faulty"]
    assert "字段 colour 的值是 red" in alarm.said
    assert "withdrawn" not in {alarm.kind for alarm in report.alarms}


def test_an_obligation_deleted_from_the_catalogue_is_still_missed_and_its_loss_is_an_alarm(office):
    office.sweep(FIRST)
    (office.settings.catalogue / "county" / "weekly.yaml").unlink()
    report = office.sweep(at("09-15T10:00"))
    assert ("county/weekly", "2026-W37") in office.found(report, "missed", "key", "period")
    assert ("county/weekly", "2026-W37", "due", "jia") in office.found(
        report, "queued", "key", "period", "tier", "recipient"
    )
    said = {alarm.kind: alarm.said for alarm in report.alarms}
    assert "目录中已没有 county/weekly" in said["withdrawn"]
    assert "由5项减为4项" in said["catalogue-shrunk"]


def test_an_obligation_out_of_force_is_not_expected(office):
    document = office.settings.catalogue / "county" / "_document.yaml"
    document.write_text(document.read_text("utf-8").replace("2026-01-01}", "2026-01-01, in_force_until: 2026-09-30}"))
    periods = [entry["period"] for entry in office.sweep(FIRST).expected if entry["key"] == "county/monthly"]
    assert periods == ["2026-08", "2026-09"]


def test_a_catalogue_that_cannot_even_be_listed_is_an_alarm_and_what_is_due_is_missed_all_the_same(office):
    office.sweep(FIRST)
    (office.settings.catalogue / "county" / "gone.yaml").symlink_to("nowhere.yaml")
    report = office.sweep(at("09-15T10:00"))
    assert "catalogue-unread" in {alarm.kind for alarm in report.alarms}
    assert ("county/weekly", "2026-W37") in office.found(report, "missed", "key", "period")

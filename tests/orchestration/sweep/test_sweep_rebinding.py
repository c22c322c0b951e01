"""After a change of the calendar or the catalogue the dates move on record, with the old ones, why, and a word to people."""

from __future__ import annotations

from datetime import timedelta

import pytest

from obligations.orchestration.rulings.recording import rule
from obligations.orchestration.work import open_work
from obligations.rules.catalogue import load_one
from obligations.words.limits import Limit
from obligations.words.rulings import Extend
from obligations.words.times import SHANGHAI, parse_instant


def at(text: str):
    """Read an instant of 2026 in Asia/Shanghai."""
    return parse_instant(f"2026-{text}").astimezone(SHANGHAI)


FIRST = at("09-08T10:00")  # a Tuesday
LATER = FIRST + timedelta(minutes=10)
# 8 October 2026, a Thursday and the first working day after the National Day, declared off.
AMENDMENT = """
notices:
  - number: 国办发明电〔2026〕99号
    issued_on: 2026-09-07
    year: 2026
    amends: true
    days_off: [{name: 国庆节, first: 2026-10-08, last: 2026-10-08}]
    days_worked: []
"""
TIGHTER = "due: {limit: P15WD, origin: local, note: 本县规定}\n"


@pytest.fixture
def amend(office, tmp_path):
    def amend() -> None:
        (tmp_path / "holidays.yaml").write_text(AMENDMENT, "utf-8")
        office.environment["OBLIGATIONS_HOLIDAYS"] = str(tmp_path / "holidays.yaml")

    return amend


def test_a_notice_of_holidays_moves_the_open_dates_it_touches_and_tells_who_answers_for_them(office, amend):
    office.sweep(FIRST)
    amend()
    report = office.sweep(LATER)
    moved = {(entry["key"], entry["period"]): (entry["before"], entry["after"]) for entry in report.rebound}
    assert moved["county/monthly", "2026-09"] == (at("11-04T00:00"), at("11-05T00:00"))
    assert ("county/monthly", "2026-08") not in moved, "20 working days from 31 August end before October"
    row = office.row("monthly", "2026-09")
    assert (row.due_at, row.original_due_at) == (at("11-05T00:00"), at("11-04T00:00"))
    (event,) = office.events("monthly", "2026-09", "rebound")
    assert parse_instant(event.payload["previous_due_at"]) == at("11-04T00:00")
    assert event.payload["why"][0] == "到期时间由2026年11月3日24时前改为2026年11月4日24时前。"
    told = office.found(report, "queued", "key", "period", "tier", "recipient")
    assert ("county/monthly", "2026-09", f"rebound:{event.seq}", "jia") in told
    assert office.sweep(LATER + timedelta(minutes=10)).rebound == []
    office.require_sound()


def test_a_change_of_the_catalogue_moves_the_open_dates_and_says_so(office):
    office.sweep(FIRST)
    office.write_duty("monthly", "财政收支按月公开", "publish", "{kind: recurring, rule: FREQ=MONTHLY}", TIGHTER)
    report = office.sweep(LATER)
    moved = {entry["period"]: (entry["before"], entry["after"]) for entry in report.rebound}
    assert moved["2026-09"] == (at("11-04T00:00"), at("10-28T00:00"))
    (event,) = office.events("monthly", "2026-09", "rebound")
    assert event.payload["previous_catalogue_version"] != event.payload["catalogue_version"]
    assert any("本县规定" in sentence for sentence in event.payload["derivation"])


def test_a_date_that_has_passed_is_settled_so_that_editing_a_file_forgives_no_miss(office):
    office.write_duty("monthly", "财政收支按月公开", "publish", "{kind: recurring, rule: FREQ=MONTHLY}", TIGHTER)
    office.sweep(FIRST)
    due = office.row("monthly", "2026-08").due_at
    missed = due + timedelta(hours=10)
    office.sweep(missed)
    office.write_duty("monthly", "财政收支按月公开", "publish", "{kind: recurring, rule: FREQ=MONTHLY}")
    report = office.sweep(missed + timedelta(minutes=10))
    assert "2026-08" not in {entry["period"] for entry in report.rebound}
    assert office.row("monthly", "2026-08").missed_at == due
    assert "2026-09" in {entry["period"] for entry in report.rebound}


def test_what_was_granted_is_granted_again_under_the_new_calendar(office, amend):
    office.write_duty(
        "request",
        "依申请答复",
        "respond",
        "{kind: event, event: 收到政府信息公开申请, relation: after}",
        "fulfilment: completed\ndue: {limit: P20WD, origin: law, law: on-request}\n",
    )
    office.sweep(FIRST)
    period = office.report("收到政府信息公开申请", FIRST, FIRST)
    with open_work(office.settings, load_one(office.settings.catalogue, "county/request"), period, "test") as work:
        ruling = Extend(Limit(20, "working_day"), FIRST.date(), "资料量大", "示例县政务公开办公室负责人")
        rule(work, ruling, person="演示乙", now=FIRST)
    extended = office.row("request", period).due_at
    amend()
    report = office.sweep(LATER)
    ((before, after),) = [(entry["before"], entry["after"]) for entry in report.rebound if entry["period"] == period]
    assert (before, after) == (extended, extended + timedelta(days=1)), "one working day fewer before a Thursday"
    assert any("延长20个工作日" in sentence for sentence in office.row("request", period).derivation)
    office.require_sound()


def test_a_period_that_the_catalogue_no_longer_knows_keeps_its_dates_and_is_an_alarm(office):
    office.sweep(FIRST)
    office.write_duty("monthly", "财政收支按季公开", "publish", "{kind: recurring, rule: FREQ=MONTHLY;INTERVAL=3}")
    report = office.sweep(LATER)
    assert ("cannot-rebind", "county/monthly 2026-08") in {(alarm.kind, alarm.about) for alarm in report.alarms}
    assert office.row("monthly", "2026-08").due_at == at("09-29T00:00")
    assert ("county/monthly", "2026-Q3") in office.found(report, "expected", "key", "period")


def test_a_new_title_moves_nothing(office):
    office.sweep(FIRST)
    office.write_duty("monthly", "财政收支情况按月公开", "publish", "{kind: recurring, rule: FREQ=MONTHLY}")
    assert office.sweep(LATER).rebound == []
    assert office.events("monthly", "2026-09", "rebound") == []

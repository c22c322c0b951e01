"""What is public and not yet proven at its due time: one notice in place of the miss, and the truth once it is proven."""

from __future__ import annotations

from datetime import timedelta

import pytest

from obligations.orchestration.notices.letters import say_remaining
from obligations.rules.calendar import load_calendar
from obligations.steps.ledger.lateness import late_by, say_lateness
from obligations.words.times import SHANGHAI, parse_instant


def at(text: str):
    """Read an instant of 2026 in Asia/Shanghai."""
    return parse_instant(f"2026-{text}").astimezone(SHANGHAI)


FIRST = at("09-08T10:00")  # a Tuesday
DUE = at("09-29T00:00")  # Monday the 28th, 24:00: the 20th working day after August
MONDAY = at("09-28T15:00")
AFTER = at("09-29T08:40")
ADDRESS = "https://www.example.gov.cn/1.html"
PERIOD = "2026-08"


def publish(office, when, slug="monthly", **facts):
    with office.open() as ledger:
        ledger.register_publication(
            f"county/{slug}", PERIOD, version=1, sha256="a" * 64, address=ADDRESS, happened_at=when, recorded_at=when,
            channel="人工发布", **facts,
        )  # fmt: skip


def prove(office, when, since):
    with office.open() as ledger:
        ledger.register_evidence(
            "county/monthly", PERIOD, sha256="a" * 64, address=ADDRESS, evidence={"method": "网页"}, happened_at=when,
            recorded_at=when, published_at=since,
        )  # fmt: skip


def told(office, report):
    found = [entry for entry in report.queued if (entry["key"], entry["period"]) == ("county/monthly", PERIOD)]
    return sorted((entry["tier"], entry["recipient"]) for entry in found)


def missed(office, report):
    return ("county/monthly", PERIOD) in office.found(report, "missed", "key", "period")


def test_what_was_published_in_time_and_not_verified_is_no_miss_and_told_once(office):
    office.sweep(FIRST)
    publish(office, MONDAY)
    office.append("monthly", PERIOD, "looked", MONDAY, address=ADDRESS, outcome="blocked", reason="网站拒绝系统访问")
    assert told(office, office.sweep(at("09-28T16:00"))) == [], "nothing is to be reminded of"
    assert told(office, office.sweep(DUE)) == []
    report = office.sweep(AFTER)
    assert not missed(office, report)
    assert told(office, report) == [("unverified", "jia"), ("unverified", "yi")]
    ((facts, *_),) = office.table("SELECT DISTINCT facts FROM notice WHERE tier = 'unverified'")
    assert "网站拒绝系统访问" in facts
    for day in range(1, 30):
        report = office.sweep(AFTER + timedelta(days=day))
        assert (missed(office, report), told(office, report)) == (False, [])
    row = office.row("monthly", PERIOD)
    assert (row.missed_at, row.stage_label) == (None, "已发布待核验")
    assert (say_lateness(row, at("10-30T09:00")), late_by(row, at("10-30T09:00"))) == ("待核验", timedelta(0))
    assert say_remaining(row, load_calendar(), at("10-30T09:00")) == "已发布，待核验"
    office.require_sound()


def test_a_sweep_that_had_nothing_new_to_see_still_wakes_at_the_due_time(office):
    office.sweep(FIRST)
    publish(office, MONDAY)
    office.sweep(at("09-28T16:00"))
    ((look_at,),) = office.table(
        "SELECT w.look_at FROM watch w JOIN occurrence o ON o.id = w.occurrence_id WHERE o.obligation_key = 'county/monthly' AND o.period = '2026-08'"
    )
    assert look_at is not None


@pytest.mark.parametrize(
    ("entered", "claimed", "is_missed"),
    [
        (DUE, None, False),  # at the due time is in time
        (DUE + timedelta(minutes=1), None, True),
        (DUE + timedelta(minutes=1), DUE - timedelta(hours=3), False),
        (DUE + timedelta(minutes=1), DUE, False),
        (DUE + timedelta(minutes=2), DUE + timedelta(minutes=1), True),
        (MONDAY, DUE - timedelta(days=3), False),
    ],
)
def test_it_is_the_time_of_entry_or_the_claimed_time_that_protects(office, entered, claimed, is_missed):
    office.sweep(FIRST)
    publish(office, entered, claimed_at=claimed)
    assert missed(office, office.sweep(AFTER)) == is_missed


def test_proof_of_a_time_after_the_due_time_is_a_miss_as_of_the_due_time(office):
    office.sweep(FIRST)
    publish(office, MONDAY)
    office.sweep(AFTER)
    prove(office, at("10-12T09:00"), at("10-12T09:00"))
    report = office.sweep(at("10-12T09:10"))
    assert missed(office, report)
    (event,) = office.events("monthly", PERIOD, "missed")
    assert event.happened_at == DUE
    office.require_sound()


def test_proof_of_a_time_in_time_leaves_no_miss_whenever_it_comes(office):
    office.sweep(FIRST)
    publish(office, MONDAY)
    office.sweep(AFTER)
    prove(office, at("10-12T09:00"), MONDAY)
    assert not missed(office, office.sweep(at("10-12T09:10")))
    assert office.row("monthly", PERIOD).met_at == MONDAY


def test_evidence_that_the_office_rejects_protects_no_longer_until_somebody_vouches_anew(office):
    office.sweep(FIRST)
    publish(office, MONDAY)
    office.sweep(AFTER)
    office.append("monthly", PERIOD, "evidence_rejected", AFTER, address=ADDRESS, sha256="a" * 64, reason="截图看不清")
    report = office.sweep(AFTER + timedelta(hours=1))
    assert missed(office, report)
    assert ("due", "jia") in told(office, report)
    assert say_lateness(office.row("monthly", PERIOD), AFTER + timedelta(hours=1)) == "逾期1天"


def test_a_withdrawn_publication_protects_nothing(office):
    office.sweep(FIRST)
    publish(office, MONDAY)
    office.append("monthly", PERIOD, "withdrawn", MONDAY, address=ADDRESS, method="下架")
    assert missed(office, office.sweep(AFTER))


def test_a_notice_of_a_conference_in_public_does_not_make_it_held(make_office):
    office = make_office()
    office.write_duty(
        "held",
        "发布会按月召开",
        "publish",
        "{kind: recurring, rule: FREQ=MONTHLY}",
        "fulfilment: held\ndue: {limit: P20WD, origin: text}\n",
    )
    office.sweep(FIRST)
    publish(office, MONDAY, slug="held")
    report = office.sweep(AFTER)
    assert ("county/held", PERIOD) in office.found(report, "missed", "key", "period")

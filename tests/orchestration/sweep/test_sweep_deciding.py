"""What a sweep marks and queues for the situations of one occurrence, and that it does so once whatever happens."""

from __future__ import annotations

from datetime import timedelta

import pytest

from obligations.orchestration.sweep.sweeping import look_at
from obligations.steps.ledger import Outbox
from obligations.words.times import SHANGHAI, parse_instant


def at(text: str):
    """Read an instant of 2026 in Asia/Shanghai."""
    return parse_instant(f"2026-{text}").astimezone(SHANGHAI)


FIRST = at("09-08T10:00")  # a Tuesday
W37_DUE = at("09-14T00:00")  # Sunday the 13th, 24:00


def queued(office, report):
    return office.found(report, "queued", "key", "period", "tier", "recipient")


def test_a_miss_happened_at_the_due_time_whenever_it_is_found(office):
    office.sweep(FIRST)
    assert office.sweep(W37_DUE).missed == [], "at the due time it is still in time"
    report = office.sweep(W37_DUE + timedelta(hours=9))
    assert ("county/weekly", "2026-W37", W37_DUE) in office.found(report, "missed", "key", "period", "due_at")
    (event,) = office.events("weekly", "2026-W37", "missed")
    assert (event.happened_at, event.recorded_at) == (W37_DUE, W37_DUE + timedelta(hours=9))
    assert office.row("weekly", "2026-W37").missed_at == W37_DUE
    office.require_sound()


def test_an_occurrence_without_any_run_is_missed_and_told_to_who_answers_for_it_and_the_office(office):
    office.sweep(FIRST)
    report = office.sweep(W37_DUE + timedelta(minutes=5))
    assert {("county/weekly", "2026-W37", "due", who) for who in ("jia", "yi")} <= set(queued(office, report))


def test_ordinary_notices_wait_for_office_hours_and_urgent_ones_do_not(office):
    office.sweep(FIRST)
    report = office.sweep(W37_DUE + timedelta(minutes=5))  # Monday 0:05
    after = {entry["send_after"] for entry in report.queued if entry["tier"] == "due"}
    assert after == {at("09-14T08:30")}
    office.report("incident", at("09-14T23:45"), at("09-14T23:50"), level="重大")
    report = office.sweep(at("09-14T23:50"))
    assert {entry["send_after"] for entry in report.queued if entry["key"] == "county/bulletin"} == {at("09-14T23:50")}


def test_sweeping_again_changes_nothing(office):
    office.sweep(FIRST)
    now = W37_DUE + timedelta(minutes=5)
    office.sweep(now)
    before = office.table("SELECT count(*), max(id) FROM event"), office.table("SELECT count(*) FROM notice")
    again = office.sweep(now)
    assert (again.missed, again.queued) == ([], [])
    assert (office.table("SELECT count(*), max(id) FROM event"), office.table("SELECT count(*) FROM notice")) == before


def test_after_a_week_without_a_sweep_the_misses_are_those_of_a_sweep_every_ten_minutes(make_office, tmp_path):
    steady, resting = make_office(), make_office(OBLIGATIONS_HOME=str(tmp_path / "resting"))
    steady.sweep(FIRST), resting.sweep(FIRST)
    now, until = FIRST, FIRST + timedelta(days=7)
    while now < until:
        now += timedelta(hours=2)  # as ten minutes would, in less time
        steady.sweep(now)
    report = resting.sweep(until)
    missed = "SELECT o.obligation_key, o.period, e.happened_at FROM event e JOIN occurrence o ON o.id = e.occurrence_id WHERE e.kind = 'missed' ORDER BY 1, 2"
    assert steady.table(missed) == resting.table(missed) != []
    tiers = {entry["tier"] for entry in report.queued}
    assert "ahead-1wd" not in tiers, "nobody is reminded of what has passed meanwhile"
    assert "sweep-gap" in {alarm.kind for alarm in report.alarms}


def test_what_was_closed_late_while_no_sweep_ran_is_a_miss_on_record(office):
    office.sweep(FIRST)
    done = W37_DUE + timedelta(hours=12)
    with office.open() as ledger:
        ledger.register_publication(
            "county/weekly", "2026-W37", kind="completed", version=1, sha256="a" * 64, address="存档",
            happened_at=done, recorded_at=done,
        )  # fmt: skip
    report = office.sweep(done + timedelta(days=1))
    assert office.found(report, "missed", "key", "period") == [("county/weekly", "2026-W37")]
    assert office.row("weekly", "2026-W37").is_met
    assert queued(office, report) == [] or all(entry["period"] != "2026-W37" for entry in report.queued)
    assert office.sweep(done + timedelta(days=2)).missed == []
    office.require_sound()


def test_what_was_met_in_time_is_neither_missed_nor_told(office):
    office.sweep(FIRST)
    with office.open() as ledger:
        ledger.register_publication(
            "county/weekly", "2026-W37", kind="completed", version=1, sha256="a" * 64, address="存档",
            happened_at=W37_DUE, recorded_at=W37_DUE + timedelta(hours=1),
        )  # fmt: skip
    report = office.sweep(W37_DUE + timedelta(hours=2))
    assert [entry for entry in (*report.missed, *report.queued) if entry["period"] == "2026-W37"] == []


def test_an_incident_climbs_its_ladder_and_every_rung_is_told_once(office):
    office.sweep(FIRST)
    happened = at("09-12T20:00")  # a Saturday evening
    event = office.report("incident", happened, happened + timedelta(minutes=10), level="重大")
    told = {}
    for minutes in range(10, 400, 10):
        for entry in office.sweep(happened + timedelta(minutes=minutes)).queued:
            if entry["period"] == event:
                told.setdefault(entry["tier"], []).append((minutes, entry["recipient"]))
    everybody = ["bing", "jia", "zhiban"]
    assert {tier: sorted(who for _, who in found) for tier, found in told.items()} == {
        "opened": everybody,
        "half": everybody,
        "four-fifths": everybody,
        "due": sorted([*everybody, "yi"]),
    }
    assert {tier: found[0][0] for tier, found in told.items()} == {
        "opened": 10, "half": 150, "four-fifths": 240, "due": 310,
    }  # fmt: skip


def test_an_escalation_is_told_only_after_the_office_has_confirmed_it(office):
    office.sweep(FIRST)
    office.sweep(W37_DUE + timedelta(minutes=5))
    later = at("09-15T00:10")  # one working day after
    asked = office.sweep(later)
    assert ("county/weekly", "2026-W37", "confirm-escalation", "yi") in queued(office, asked)
    assert not [entry for entry in queued(office, asked) if entry[2] == "escalation"]
    ((notice,),) = office.table("SELECT id FROM notice WHERE tier = 'confirm-escalation'")
    with office.open() as ledger:
        Outbox(ledger).confirm(notice, "yi", later + timedelta(hours=9))
    told = office.sweep(later + timedelta(hours=9, minutes=10))
    assert ("county/weekly", "2026-W37", "escalation", "bing") in queued(office, told)


def test_what_a_run_reports_is_told_by_the_next_sweep(office):
    office.sweep(FIRST)
    office.append("monthly", "2026-08", "opened", at("09-08T11:00"), run_id="r", number=1)
    office.append(
        "monthly", "2026-08", "bad_input", at("09-08T11:01"), file="2026-08.csv", problems=["第2行：缺少数量"]
    )
    report = office.sweep(at("09-08T11:10"))
    ((tier, who),) = [(entry["tier"], entry["recipient"]) for entry in report.queued if entry["period"] == "2026-08"]
    assert (tier.split(":")[0], who) == ("bad-input", "jia")
    ((facts,),) = office.table("SELECT facts FROM notice WHERE tier LIKE 'bad-input%'")
    assert "第2行：缺少数量" in facts


def test_a_pause_suspends_the_miss_and_one_that_was_forgotten_ends_by_itself(office):
    office.sweep(FIRST)
    office.append(
        "weekly", "2026-W37", "paused", at("09-09T00:00"), first="2026-09-09", lapses_on="2026-09-15",
        reason="征求第三方意见", authority="示例县政府办公室",
    )  # fmt: skip
    report = office.sweep(W37_DUE + timedelta(hours=9))
    assert "2026-W37" not in {entry["period"] for entry in report.missed}
    report = office.sweep(at("09-16T00:10"))
    assert ("county/weekly", "2026-W37") in office.found(report, "missed", "key", "period")
    assert "cannot-resume" in {alarm.kind for alarm in report.alarms}, "its law knows no pause; the miss is told anyway"


def test_without_contacts_the_misses_are_marked_and_once_there_are_some_they_are_told(make_office, tmp_path):
    office = make_office(OBLIGATIONS_CONTACTS="")
    office.sweep(FIRST)
    report = office.sweep(W37_DUE + timedelta(hours=9))
    assert ("county/weekly", "2026-W37") in office.found(report, "missed", "key", "period")
    assert report.queued == []
    assert [alarm.kind for alarm in report.alarms].count("contacts-missing") == 1
    office.environment["OBLIGATIONS_CONTACTS"] = str(tmp_path / "contacts.yaml")
    report = office.sweep(W37_DUE + timedelta(hours=10))
    assert ("county/weekly", "2026-W37", "due", "jia") in queued(office, report)


@pytest.mark.parametrize("name", ["OBLIGATIONS_CONTACTS", "OBLIGATIONS_POLICIES", "OBLIGATIONS_HOLIDAYS"])
def test_a_faulty_file_is_an_alarm_and_misses_are_marked_all_the_same(office, tmp_path, name):
    office.sweep(FIRST)
    broken = tmp_path / "broken.yaml"
    broken.write_text("colour: red\n", "utf-8")
    office.environment[name] = str(broken)
    report = office.sweep(W37_DUE + timedelta(hours=9))
    assert ("county/weekly", "2026-W37") in office.found(report, "missed", "key", "period")
    assert any(alarm.kind.endswith("-faulty") and "colour" in alarm.said for alarm in report.alarms)
    assert report.rebound == []


def test_one_occurrence_that_cannot_be_decided_upon_keeps_no_other_from_being_missed(office):
    office.sweep(FIRST)
    office.append("weekly", "2026-W38", "paused", at("09-14T10:00"))  # says neither since when nor until when
    report = office.sweep(at("09-21T00:10"))
    assert office.found(report, "missed", "key", "period") == [("county/weekly", "2026-W37")]
    assert ("cannot-decide", "county/weekly 2026-W38") in {(alarm.kind, alarm.about) for alarm in report.alarms}


def test_what_is_closed_in_time_or_historical_is_not_missed_for_not_being_decided_upon(office, monkeypatch):
    office.sweep(FIRST)
    office.append("weekly", "2026-W36", "progress", FIRST, note="补办中")  # 补录
    with office.open() as ledger:
        ledger.register_publication(
            "county/weekly", "2026-W37", kind="completed", version=1, sha256="a" * 64, address="存档",
            happened_at=W37_DUE, recorded_at=W37_DUE,
        )  # fmt: skip

    def fails(*_):
        raise KeyError("last")

    monkeypatch.setattr("obligations.orchestration.sweep.sweeping.decide_on", fails)
    report = office.sweep(at("09-21T00:10"))
    assert {"county/weekly 2026-W36", "county/weekly 2026-W37"} <= {alarm.about for alarm in report.alarms}
    assert office.found(report, "missed", "key", "period") == [("county/weekly", "2026-W38")]
    assert office.row("weekly", "2026-W37").missed_at is None


def test_a_look_at_one_occurrence_does_for_it_what_a_sweep_does_and_nothing_else(office):
    office.sweep(FIRST)
    now = W37_DUE + timedelta(seconds=2)
    report = look_at(office.settings, "county/weekly", "2026-W37", now)
    assert office.found(report, "missed", "key", "period") == [("county/weekly", "2026-W37")]
    assert look_at(office.settings, "county/weekly", "2026-W37", now).missed == []
    swept = office.sweep(W37_DUE + timedelta(minutes=5))
    assert [entry for entry in (*swept.missed, *swept.queued) if entry["period"] == "2026-W37"] == []


def test_a_look_at_an_occurrence_that_no_sweep_expected_enters_it_first(office):
    office.sweep(FIRST)
    office.write_duty("new", "新增事项", "internal", "{kind: recurring, rule: FREQ=WEEKLY}")
    report = look_at(office.settings, "county/new", "2026-W37", W37_DUE + timedelta(seconds=2))
    assert office.found(report, "missed", "key", "period") == [("county/new", "2026-W37")]
    assert look_at(office.settings, "county/new", "2026-W36", W37_DUE).missed == [], "historical"

"""Which occurrences get a run, when, and under which id. Airflow's side is a table of runs; the real one is tried end to end."""

from __future__ import annotations

import hashlib
import os
from datetime import timedelta
from typing import Any

import pytest
from table_of_runs import TableOfRuns

from obligations.orchestration.sweep.starting import start_ready
from obligations.steps.gather import Sources
from obligations.words.times import SHANGHAI, parse_instant


def at(text: str):
    """Read an instant of 2026 in Asia/Shanghai."""
    return parse_instant(f"2026-{text}").astimezone(SHANGHAI)


FIRST = at("09-08T10:00")  # a Tuesday
READY = FIRST + timedelta(minutes=10)  # the timetable has had its turn


@pytest.fixture
def runs() -> TableOfRuns:
    return TableOfRuns()


def start(office, runs, now, **more):
    settings = office.settings
    sources = Sources(settings.inbox, settings.store, settings.quarantine, lambda _: None)
    with office.open() as ledger:
        return start_ready(settings, ledger, runs, sources, now, **more)


def started(office, runs, now) -> list[str]:
    return sorted(f"{entry['key'][7:]} {entry['run_id']}" for entry in start(office, runs, now).started)


def take(office, runs, slug: str, period: str, run_id: str, number: int, when, *events: tuple[str, dict[str, Any]]):
    """Let a run claim the occurrence and leave events, as its tasks would."""
    runs.states[f"county.{slug}", run_id] = "running"
    office.append(slug, period, "opened", when, run_id=run_id, number=number)
    for kind, payload in events:
        office.append(slug, period, kind, when, **payload, run_id=run_id)


def test_each_open_occurrence_without_a_run_gets_one_once_the_timetable_has_had_its_turn(office, runs):
    office.sweep(FIRST)
    assert started(office, runs, FIRST + timedelta(minutes=9)) == []
    assert started(office, runs, READY) == [
        "monthly start__2026-08__v1",  # its period began before go-live, so the timetable never makes it
        "weekly start__2026-W36__v1",  # historical, to be made up
        "weekly start__2026-W37__v1",
    ]
    assert runs.confs["county.monthly", "start__2026-08__v1"] == {"period": "2026-08"}
    assert started(office, runs, READY + timedelta(minutes=10)) == [], "each once"


def test_a_period_is_not_started_before_it_opens_nor_in_the_timetables_ten_minutes(office, runs):
    office.sweep(FIRST)
    start(office, runs, READY)
    opens = at("09-14T09:00")  # W38
    assert started(office, runs, opens + timedelta(minutes=9)) == []
    assert started(office, runs, opens + timedelta(minutes=10)) == ["weekly start__2026-W38__v1"]


def test_where_the_timetable_has_made_its_run_none_is_started_beside_it(office, runs):
    office.sweep(FIRST)
    runs.states["county.weekly", "scheduled__2026-W37__v1"] = "queued"
    assert "weekly start__2026-W37__v1" not in started(office, runs, READY)
    runs.states["county.weekly", "scheduled__2026-W37__v1"] = "failed"
    assert started(office, runs, READY + timedelta(minutes=10)) == ["weekly start__2026-W37__v1"]


def test_an_event_is_started_at_once_and_its_run_knows_when_it_happened(office, runs):
    office.sweep(FIRST)
    happened, reported = FIRST + timedelta(minutes=1), FIRST + timedelta(minutes=2)
    event = office.report("incident", happened, reported, level="重大")
    done = start(office, runs, reported, only=[("county/bulletin", event)])
    assert office.found(done, "started", "key", "run_id") == [("county/bulletin", f"start__{event}__v1")]
    assert runs.confs["county.bulletin", f"start__{event}__v1"] == {
        "event_id": event,
        "happened_at": happened.isoformat(),
        "reported_at": reported.isoformat(),
        "level": "重大",
    }


def test_a_live_claim_is_left_alone(office, runs):
    office.sweep(FIRST)
    take(office, runs, "weekly", "2026-W37", "manual__x", 1, FIRST)
    assert "weekly start__2026-W37__v2" not in started(office, runs, READY)
    assert office.events("weekly", "2026-W37", "failed") == []


@pytest.mark.parametrize(("state", "said"), [(None, "已不存在"), ("failed", "以失败结束"), ("success", "被标记为成功")])
def test_a_claim_whose_run_is_over_without_a_word_is_released_on_record_and_told(office, runs, state, said):
    office.sweep(FIRST)
    take(office, runs, "weekly", "2026-W37", "scheduled__2026-W37__v1", 1, FIRST)
    del runs.states["county.weekly", "scheduled__2026-W37__v1"]
    if state:
        runs.states["county.weekly", "scheduled__2026-W37__v1"] = state
    start(office, runs, READY), start(office, runs, READY)
    (event,) = office.events("weekly", "2026-W37", "failed")
    assert said in event.payload["reason"]
    report = office.sweep(READY)
    assert {(entry["tier"].split(":")[0], entry["recipient"]) for entry in report.queued if entry["period"] == "2026-W37"} >= {
        ("failed", "jia"), ("failed", "yunwei"),
    }  # fmt: skip
    assert started(office, runs, READY + timedelta(minutes=9)) == []
    assert started(office, runs, READY + timedelta(minutes=10)) == ["weekly start__2026-W37__v2"]
    office.require_sound()


def test_after_failures_of_the_system_the_pause_doubles_up_to_a_day(office, runs):
    office.sweep(FIRST)
    now, pauses = READY, []
    for number in range(1, 11):
        run_id = f"start__2026-08__v{number}"
        take(office, runs, "monthly", "2026-08", run_id, number, now, ("failed", {"stage": "处理失败"}))
        runs.states["county.monthly", run_id] = "failed"
        failed = now
        while f"monthly start__2026-08__v{number + 1}" not in started(office, runs, now):
            now += timedelta(minutes=10)
        pauses.append(int((now - failed) / timedelta(minutes=10)))
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 144, 144]


def test_a_run_that_ended_before_it_could_claim_is_followed_by_another_under_a_new_id(office, runs):
    office.sweep(FIRST)
    start(office, runs, READY)
    runs.states["county.weekly", "start__2026-W37__v1"] = "failed"
    start(office, runs, READY + timedelta(minutes=10))
    (event,) = office.events("weekly", "2026-W37", "failed")
    assert event.payload["run_id"] == "start__2026-W37__v1"
    assert started(office, runs, READY + timedelta(minutes=20)) == ["weekly start__2026-W37__v2"]


def deliver(office, slug: str, period: str, text: str) -> None:
    file = office.settings.inbox / "county" / slug / f"{period}.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    os.utime(file, (0, 0))


def test_after_a_return_a_new_version_waits_for_corrected_input(office, runs):
    office.sweep(FIRST)
    deliver(office, "monthly", "2026-08", "第一稿")
    known = {"snapshot": {"sha256": hashlib.sha256("第一稿".encode()).hexdigest()}}
    returned = ("returned", {"version": 1, "comment": "请核对"})
    take(office, runs, "monthly", "2026-08", "start__2026-08__v1", 1, FIRST, ("data_arrived", known), returned)
    assert "monthly start__2026-08__v2" not in started(office, runs, READY)
    deliver(office, "monthly", "2026-08", "第二稿")
    assert started(office, runs, READY) == ["monthly start__2026-08__v2"]


def test_after_bad_input_a_new_version_waits_for_another_file(office, runs):
    office.sweep(FIRST)
    bad = ("bad_input", {"file": "2026-08.md", "problems": ["空"]})
    take(office, runs, "monthly", "2026-08", "start__2026-08__v1", 1, FIRST, bad, ("failed", {"stage": "数据有误"}))
    assert "monthly start__2026-08__v2" not in started(office, runs, READY), "the refused one went to quarantine"
    deliver(office, "monthly", "2026-08", "更正后的稿件")
    assert started(office, runs, READY) == ["monthly start__2026-08__v2"]


def test_what_came_into_a_folder_before_people_were_told_of_the_return_is_corrected_input(office, runs):
    office.write_duty("checks", "目录动态调整", "internal", "{kind: standing, rule: CONTINUOUS, fresh_within: P7D}")
    office.sweep(FIRST)
    (period, *_) = sorted(
        entry["period"] for entry in start(office, runs, READY).started if entry["key"] == "county/checks"
    )
    returned = ("returned", {"version": 1, "comment": "请补充核对记录"})
    take(office, runs, "checks", period, f"start__{period}__v1", 1, FIRST, returned)
    folder = office.settings.inbox / "county" / "checks"
    folder.mkdir(parents=True)
    delivered = FIRST + timedelta(minutes=5)
    (folder / "核对记录.pdf").write_bytes(b"%PDF-")
    os.utime(folder / "核对记录.pdf", (FIRST.timestamp(), FIRST.timestamp()))
    office.append("checks", period, "notice_queued", READY, tier="returned:3", recipient="jia")
    assert f"checks start__{period}__v2" not in started(office, runs, READY), "as old as the return"
    os.utime(folder / "核对记录.pdf", (delivered.timestamp(), delivered.timestamp()))
    assert f"checks start__{period}__v2" in started(office, runs, READY)


def test_one_occurrence_that_cannot_be_started_keeps_no_other_from_it(office, runs, monkeypatch):
    office.sweep(FIRST)
    start_one = runs.start

    def start_or_fail(dag_id, run_id, conf):
        if run_id == "start__2026-W36__v1":  # the first due
            raise OSError("Input/output error")
        return start_one(dag_id, run_id, conf)

    monkeypatch.setattr(runs, "start", start_or_fail)
    done = start(office, runs, READY)
    assert office.found(done, "started", "run_id") == [("start__2026-08__v1",), ("start__2026-W37__v1",)]
    assert [(alarm.kind, alarm.about) for alarm in done.alarms] == [("cannot-start", "county/weekly 2026-W36")]


def test_somebody_may_ask_for_a_new_version_without_new_input(office, runs):
    office.sweep(FIRST)
    returned = ("returned", {"version": 1, "comment": "请核对"})
    take(office, runs, "monthly", "2026-08", "start__2026-08__v1", 1, FIRST, returned)
    office.append("monthly", "2026-08", "corrected", FIRST, redraft=True, reason="口径已定")
    assert "monthly start__2026-08__v2" in started(office, runs, READY)


def test_an_approved_version_whose_run_ended_waits_for_a_person_and_is_an_alarm(office, runs):
    office.sweep(FIRST)
    approved = ("approved", {"version": 1, "sha256": "a" * 64, "final": True})
    take(office, runs, "monthly", "2026-08", "r", 1, FIRST, approved, ("failed", {"stage": "待发布"}))
    runs.states["county.monthly", "r"] = "failed"
    done = start(office, runs, READY + timedelta(days=2))
    assert "county/monthly" not in {entry["key"] for entry in done.started}
    assert ("approved-but-idle", "county/monthly 2026-08") in {(alarm.kind, alarm.about) for alarm in done.alarms}


def test_a_dag_that_is_missing_or_paused_is_an_alarm_and_the_others_are_started(office, runs):
    office.sweep(FIRST)
    runs.refused["county.weekly"] = "county.weekly 已在 Airflow 中暂停"
    done = start(office, runs, READY)
    assert [entry["key"] for entry in done.started] == ["county/monthly"]
    assert [(alarm.kind, alarm.about) for alarm in done.alarms] == [("dag-unavailable", "county.weekly")]
    del runs.refused["county.weekly"]
    assert len(start(office, runs, READY).started) == 2


def test_if_airflow_does_not_answer_the_pass_goes_on_without_it(office, runs):
    office.sweep(FIRST)
    runs.silent = True
    now = at("09-14T00:10")  # W37 fell due at midnight
    report = office.sweep(now, runs=runs)
    assert "airflow-silent" in {alarm.kind for alarm in report.alarms}
    assert ("county/weekly", "2026-W37") in office.found(report, "missed", "key", "period")


def test_what_is_closed_or_paused_gets_no_run(office, runs):
    office.sweep(FIRST)
    office.append("monthly", "2026-08", "waived", FIRST, reason="示例", authority="示例")
    office.append(
        "weekly", "2026-W37", "paused", FIRST, first="2026-09-08", lapses_on="2026-09-30", reason="x", authority="y"
    )
    assert started(office, runs, READY) == ["weekly start__2026-W36__v1"]


def upload(office, slug: str, period: str, when, run_id: str | None = None) -> None:
    """Let a person hand in an edited file, which takes the place of what a live run has under review."""
    office.append(slug, period, "uploaded", when, sha256="a" * 64, base_version=1, name="稿.docx")
    if run_id:
        office.append(slug, period, "returned", when, run_id=run_id, replaced=True, version=1, comment="上传修改稿")


@pytest.mark.parametrize("run_id", ["start__2026-08__v1", "scheduled__2026-08__v1"])
def test_an_uploaded_file_starts_the_next_version_at_once_and_ends_the_run_it_replaced(run_id, office, runs):
    office.sweep(FIRST)
    take(office, runs, "monthly", "2026-08", run_id, 1, FIRST, ("review_requested", {"version": 1}))
    upload(office, "monthly", "2026-08", FIRST + timedelta(minutes=1), run_id)
    assert "monthly start__2026-08__v2" in started(office, runs, FIRST + timedelta(minutes=1))
    assert runs.cleared == [("county.monthly", run_id)]
    runs.states["county.monthly", run_id] = "success"
    start(office, runs, READY)
    assert len(runs.cleared) == 1, "one that has ended is left alone"
    assert office.events("monthly", "2026-08", "failed") == []


def test_a_replaced_run_that_airflow_no_longer_has_is_not_made_again(office, runs):
    office.sweep(FIRST)
    take(office, runs, "monthly", "2026-08", "scheduled__2026-08__v1", 1, FIRST)
    del runs.states["county.monthly", "scheduled__2026-08__v1"]
    upload(office, "monthly", "2026-08", FIRST, "scheduled__2026-08__v1")
    assert "monthly start__2026-08__v2" in started(office, runs, READY)
    assert runs.cleared == []


def test_a_file_uploaded_after_a_return_starts_the_next_version(office, runs):
    office.sweep(FIRST)
    returned = ("returned", {"version": 1, "comment": "请核对"})
    take(office, runs, "monthly", "2026-08", "start__2026-08__v1", 1, FIRST, returned)
    assert "monthly start__2026-08__v2" not in started(office, runs, READY)
    upload(office, "monthly", "2026-08", READY)
    assert "monthly start__2026-08__v2" in started(office, runs, READY)
    take(office, runs, "monthly", "2026-08", "start__2026-08__v2", 2, READY, returned)
    assert "monthly start__2026-08__v3" not in started(office, runs, READY), "once"


def test_that_an_upload_replaced_a_version_is_no_news_of_a_return(office, runs):
    office.sweep(FIRST)
    period = "2026-W37"  # 2026-W36 is historical, of which nobody is told
    requested = ("review_requested", {"version": 1})
    take(office, runs, "weekly", period, "start__2026-W37__v1", 1, FIRST, requested)
    upload(office, "weekly", period, FIRST, "start__2026-W37__v1")
    told = [tier for tier, at in office.found(office.sweep(READY), "queued", "tier", "period") if at == period]
    assert [tier for tier in told if tier.startswith(("returned", "review-requested"))] == []

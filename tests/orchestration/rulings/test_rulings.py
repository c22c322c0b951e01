"""What people decide: each decision becomes exactly one event with exact dates, or is refused with what to do instead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from obligations.orchestration.review.forms import derivation, say_limit
from obligations.orchestration.rulings.adjustments import adjustments_of, open_pause
from obligations.orchestration.rulings.fields import read_ruling
from obligations.orchestration.rulings.recording import end_lapsed_pause, is_redraft_asked, rule
from obligations.orchestration.settings import Settings
from obligations.orchestration.work import Work, expect, open_work
from obligations.rules.catalogue import load_one
from obligations.rules.suspensions import adjust
from obligations.steps.ledger import open_ledger, verify_ledger
from obligations.words.errors import UnusableInput
from obligations.words.occurrence import Event
from obligations.words.times import parse_instant, say_due

DOCUMENT = """
jurisdiction: {slug: county, name: 示例县, level: county, office: 示例县政务公开办公室}
document: {title: 2026年政务公开工作要点, issued_by: 示例县政府办公室, in_force_from: 2026-01-01}
departments: [{name: 示例县财政局}]
"""
DUTY = """
title: {title}
clause: 一
quote: {title}
duty: {duty}
departments: [示例县财政局]
publication: submission
clock: {clock}
{more}
"""
MONTHLY = "{kind: recurring, rule: FREQ=MONTHLY}"
REQUEST = "{kind: event, event: 收到政府信息公开申请, relation: after}"
DUTIES = {
    "request": (
        "依申请答复",
        "respond",
        REQUEST,
        "fulfilment: completed\ndue: {limit: P20WD, origin: law, law: on-request}",
    ),
    "monthly": ("财政收支按月公开", "publish", MONTHLY, ""),
    "report": ("按月报送", "report-up", MONTHLY, ""),
    "weekly": ("每月不少于3次", "publish", "{kind: quota, min: 3, per: month}", ""),
    "standing": ("目录动态调整", "publish", "{kind: standing, rule: CONTINUOUS}", ""),
    "once": ("平台建成", "build", "{kind: deadline, date: 2026-11-30}", ""),
}
RECEIVED = "2026-11-02T10:00"  # Monday; 20 working days end on Monday 30 November
BY = {"authority": "示例县政务公开办公室负责人"}
Open = Callable[..., Any]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    folder = tmp_path / "catalogue" / "county"
    folder.mkdir(parents=True)
    (folder / "_document.yaml").write_text(DOCUMENT, "utf-8")
    for slug, (title, duty, clock, more) in DUTIES.items():
        text = DUTY.format(title=title, duty=duty, clock=clock, more=more)
        (folder / f"{slug}.yaml").write_text(text, "utf-8")
    return Settings.from_environment(
        {"OBLIGATIONS_HOME": str(tmp_path), "OBLIGATIONS_CATALOGUE": str(tmp_path / "catalogue")}
    )


@pytest.fixture
def work(settings):
    """Open one occurrence that the ledger expects."""
    opened = []

    def make(slug: str = "request", period: str = "ysq-1", at: str = RECEIVED) -> Work:
        if slug == "request":
            moment = parse_instant(at)
            with open_ledger(settings.ledger_url) as ledger:
                ledger.report(Event(period, "收到政府信息公开申请", "", "某申请", moment, moment, None, {}), moment)
        context = open_work(settings, load_one(settings.catalogue, f"county/{slug}"), period, "start__1")
        found = context.__enter__()
        opened.append(context)
        expect(found, parse_instant(at))
        return found

    yield make
    for context in opened:
        context.__exit__(None, None, None)


def decide(work: Work, kind: str, at: str, /, *, once: str | None = None, **fields: Any):
    now = parse_instant(at)
    return rule(work, read_ruling(kind, fields, now), person="演示甲", now=now, once=once)


def last(work: Work):
    return work.ledger.events(work.key, work.period)[-1]


def happened(work: Work, kind: str, at: str, **payload: Any) -> None:
    moment = parse_instant(at)
    work.ledger.append(work.key, work.period, kind, happened_at=moment, recorded_at=moment, payload=payload)


def test_an_extension_moves_the_due_time_and_keeps_the_original(work):
    request = work()
    ruled = decide(request, "extend", "2026-11-27T09:00", by="20", reason="资料量大", **BY)
    assert say_due(ruled.row.due_at) == "2026年12月28日24时前"
    assert say_due(ruled.row.original_due_at) == "2026年11月30日24时前"
    event = last(request)
    assert (event.kind, event.person, event.seq) == ("extended", "演示甲", ruled.seq)
    assert event.payload["adjustment"] == {
        "kind": "extension", "first": "2026-11-27", "last": "2026-11-27", "by": "P20WD", "reason": "资料量大", **BY,
    }  # fmt: skip
    assert event.payload["previous_due_at"] == "2026-12-01T00:00:00+08:00"
    assert (event.payload["reason"], event.payload["authority"]) == ("资料量大", BY["authority"]), "notices say them"
    assert "由2026年11月30日24时前改为2026年12月28日24时前" in ruled.said
    assert verify_ledger(request.ledger) == []


def test_who_is_asked_after_an_extension_is_told_the_time_that_was_granted(work):
    request, late = work(), parse_instant("2026-12-01T09:00")
    assert say_limit(request, late).startswith("**2026年11月30日24时前**（已超过9.0小时")
    decide(request, "extend", "2026-11-27T09:00", by="20", reason="资料量大", **BY)
    assert say_limit(request, late).startswith("**2026年12月28日24时前**（还剩28天")
    assert "资料量大" in derivation(request)


def test_a_pause_stops_the_clock_and_its_days_come_on_top_when_it_ends(work):
    request = work()
    paused = decide(request, "pause", "2026-11-05T09:00", reason="征求第三方意见", **BY)
    assert paused.row.paused_at == parse_instant("2026-11-05")
    assert paused.row.due_at == paused.row.original_due_at
    # 15 working days from Thursday 5 November
    assert open_pause(request.ledger.events(request.key, request.period)).lapses_on == date(2026, 11, 25)
    with pytest.raises(UnusableInput, match="超过了最长可以扣除到的2026年11月25日"):
        decide(request, "resume", "2026-11-26T09:00", on="2026-11-26")
    # Thursday 5 to Wednesday 11 November: five working days
    resumed = decide(request, "resume", "2026-11-12T09:00", on="2026-11-11")
    assert resumed.row.paused_at is None
    assert say_due(resumed.row.due_at) == "2026年12月7日24时前"
    assert last(request).happened_at == parse_instant("2026-11-12")
    assert verify_ledger(request.ledger) == []


def test_whoever_rebinds_gets_the_same_dates_from_what_was_granted(work):
    request = work()
    decide(request, "pause", "2026-11-05T09:00", reason="征求其他机关意见", **BY)
    decide(request, "resume", "2026-11-12T09:00", on="2026-11-11")
    row = decide(request, "extend", "2026-12-04T09:00", by="2", reason="资料量大", **BY).row
    granted = adjustments_of(request.ledger.events(request.key, request.period))
    again = adjust(request.obligation, request.occurrence, granted, request.calendar).current
    assert (again.due_at, again.draft_by, again.due.derivation) == (row.due_at, row.draft_by, row.derivation)
    assert say_due(row.due_at) == "2026年12月9日24时前"


def test_a_forgotten_pause_ends_by_itself_after_the_longest_time_allowed(work):
    request = work()
    decide(request, "pause", "2026-11-05T09:00", reason="征求第三方意见", **BY)
    assert end_lapsed_pause(request, parse_instant("2026-11-25T23:59")) is None
    ended = end_lapsed_pause(request, parse_instant("2026-11-26T00:00"))
    assert ended is not None
    assert ended.row.paused_at is None
    assert say_due(ended.row.due_at) == "2026年12月21日24时前"  # 35 working days from 2 November
    assert last(request).person is None
    assert end_lapsed_pause(request, parse_instant("2026-11-27")) is None


def test_a_pause_entered_after_the_time_ran_out_needs_its_paper_and_takes_the_miss_back(work):
    request = work()
    happened(request, "missed", "2026-12-01")
    late = {"reason": "征求第三方意见", "on": "2026-11-05", **BY}
    with pytest.raises(UnusableInput, match="补登须填写佐证"):
        decide(request, "pause", "2026-12-02T09:00", **late)
    decide(request, "pause", "2026-12-02T09:00", proof="征求意见函〔2026〕1号", **late)
    row = decide(request, "resume", "2026-12-02T09:05", on="2026-11-11").row
    assert row.missed_at is None
    assert [event.kind for event in request.ledger.events(request.key, request.period)][-3:] == [
        "missed", "paused", "resumed",
    ]  # fmt: skip


OUTCOMES = {
    "waive": ({"reason": "上级系统停机", **BY}, "waived", {"reason": "上级系统停机", "proof": "", **BY}),
    "nil": ({"reason": "本月没有应公开的内容"}, "nil", {"reason": "本月没有应公开的内容"}),
    "withhold": (
        {"scope": "不予公开", "article": "第十五条", "reason": "涉及商业秘密", "reassess_on": "2027-11-05", **BY},
        "withheld",
        {"partial": False, "article": 15, "reason": "涉及商业秘密", "reassess_on": "2027-11-05", "proof": "", **BY},
    ),
}


@pytest.mark.parametrize("kind", OUTCOMES)
def test_a_decision_that_nothing_is_owed_closes_the_occurrence(work, kind):
    monthly = work("monthly", "2026-10")
    fields, outcome, payload = OUTCOMES[kind]
    row = decide(monthly, kind, "2026-11-05T15:00", **fields).row
    event = last(monthly)
    assert (row.outcome, row.closed_at) == (outcome, parse_instant("2026-11-05T15:00"))
    assert (event.kind, event.person, event.payload) == (outcome, "演示甲", payload)
    with pytest.raises(UnusableInput, match="2026年11月5日15:00"):
        decide(monthly, "nil", "2026-11-06", reason="再登记一次")


def test_disclosing_a_part_leaves_the_rest_owed(work):
    monthly = work("monthly", "2026-10")
    fields = OUTCOMES["withhold"][0] | {"scope": "部分公开"}
    row = decide(monthly, "withhold", "2026-11-05T15:00", **fields).row
    assert (row.outcome, row.closed_at) == (None, None)
    assert last(monthly).payload["partial"] is True
    assert verify_ledger(monthly.ledger) == []


def test_a_late_stage_is_corrected_with_a_reason_and_that_stands(work):
    monthly = work("monthly", "2026-10")
    with pytest.raises(UnusableInput, match="没有逾期"):
        decide(monthly, "correct", "2026-11-05", stage="数据", reason="尚早")
    decide(monthly, "correct", "2026-12-08", stage="数据", owner="示例县统计局", reason="上级数据未下达")
    assert last(monthly).payload == {"late_stage": "data", "owner": "示例县统计局", "reason": "上级数据未下达"}
    (found,) = monthly.ledger.rows(
        monthly.key, now=parse_instant("2026-12-08"), is_working_day=monthly.calendar.is_working_day
    )
    assert (found.loss.stage, found.loss.owner, found.loss.found_by) == ("data", "示例县统计局", "人工更正")


def test_progress_of_a_quota_counts_and_needs_proof(work):
    quota = work("weekly", "2026-11")
    held = {"at": "2026-11-05T15:00", "note": "召开新闻发布会"}
    with pytest.raises(UnusableInput, match="须填写佐证"):
        decide(quota, "progress", "2026-11-06", **held)
    decide(quota, "progress", "2026-11-06", proof="https://example.cn/1", **held)
    event = last(quota)
    assert (event.kind, event.happened_at) == ("progress", parse_instant("2026-11-05T15:00"))
    assert event.payload == {"note": "召开新闻发布会", "proof": "https://example.cn/1", "counts": True}
    decided = decide(work("monthly", "2026-10"), "progress", "2026-11-06", at="2026-11-05", note="已报领导")
    assert decided.said.endswith("已登记进展")


def test_a_new_version_is_asked_for_only_when_no_run_works_on_the_old_one(work):
    monthly = work("monthly", "2026-10")
    happened(monthly, "opened", "2026-11-02", run_id="start__1", number=1)
    with pytest.raises(UnusableInput, match="在审核时退回修改"):
        decide(monthly, "redraft", "2026-11-03", reason="口径调整")
    happened(monthly, "failed", "2026-11-03", run_id="start__1")
    row = decide(monthly, "redraft", "2026-11-04", reason="口径调整").row
    assert (last(monthly).kind, last(monthly).payload) == ("corrected", {"redraft": True, "reason": "口径调整"})
    assert (row.stage, is_redraft_asked(monthly.ledger.events(monthly.key, monthly.period))) == ("failed", True)
    with pytest.raises(UnusableInput, match="不必重复申请"):
        decide(monthly, "redraft", "2026-11-04", reason="口径调整")
    happened(monthly, "opened", "2026-11-05", run_id="start__2", number=2)
    assert not is_redraft_asked(monthly.ledger.events(monthly.key, monthly.period))


def test_the_same_decision_again_changes_nothing(work):
    monthly = work("monthly", "2026-10")
    first, second = (decide(monthly, "nil", "2026-11-05", reason="没有内容", once="decided:run") for _ in range(2))
    assert (first.is_new, second.is_new, first.seq == second.seq) == (True, False, True)


REFUSED = {
    "an extension that no provision names": ("monthly", "extend", {"by": "5", "reason": "忙", **BY}, "没有规定可以延长"),
    "a longer extension than the provision's": ("request", "extend", {"by": "21", "reason": "多", **BY}, "最长不得超过20个工作日"),
    "an extension granted tomorrow": ("request", "extend", {"by": "5", "reason": "多", "on": "2026-11-06", **BY}, "晚于今天"),
    "a pause for a reason that is not named": ("request", "pause", {"reason": "出差", **BY}, "应为：征求第三方意见、征求其他机关意见"),
    "the end of a pause that never began": ("request", "resume", {"on": "2026-11-04"}, "没有中止计时"),
    "a nil report on an event": ("request", "nil", {"reason": "无"}, "不适用零报告"),
    "a nil report on a quota": ("weekly", "nil", {"reason": "无"}, "没有做到不是零报告"),
    "a nil report on a task": ("once", "nil", {"reason": "无"}, "没有做到不是零报告"),
    "a nil report before the period can be gathered": ("standing", "nil", {"reason": "无"}, "才开始归集数据"),
    "withholding what is never public": ("report", "withhold", OUTCOMES["withhold"][0], "不向社会公开"),
    "a reassessment that is past": ("monthly", "withhold", OUTCOMES["withhold"][0] | {"reassess_on": "2026-11-05"}, "应晚于今天"),
    "progress that lies ahead": ("monthly", "progress", {"at": "2026-11-06", "note": "会"}, "只能登记已经发生的进展"),
    "progress before the period": ("weekly", "progress", {"at": "2026-10-31", "note": "会", "proof": "a"}, "登记到它所在的期间"),
    "a new version where no run has begun": ("monthly", "redraft", {"reason": "改"}, "目前待启动"),
}  # fmt: skip
PERIODS = {"request": "ysq-1", "weekly": "2026-11", "standing": "2026-12", "once": "2026-11-30"}


@pytest.mark.parametrize("case", REFUSED)
def test_what_the_rules_forbid_is_refused_and_leaves_no_trace(work, case):
    slug, kind, fields, said = REFUSED[case]
    found = work(slug, PERIODS.get(slug, "2026-10"))
    before = found.ledger.events(found.key, found.period)
    with pytest.raises(UnusableInput, match=said):
        decide(found, kind, "2026-11-05T15:00", **fields)
    assert found.ledger.events(found.key, found.period) == before


def test_nobody_decides_without_a_name_or_on_what_the_ledger_does_not_expect(work, settings):
    monthly = work("monthly", "2026-10")
    now = datetime.fromisoformat("2026-11-05T15:00+08:00")
    with pytest.raises(UnusableInput, match="没有写明办理人"):
        rule(monthly, read_ruling("nil", {"reason": "无"}, now), person=" ", now=now)
    with (
        open_work(settings, monthly.obligation, "2026-09", "cli") as unknown,
        pytest.raises(UnusableInput, match="台账中没有"),
    ):
        rule(unknown, read_ruling("nil", {"reason": "无"}, now), person="演示甲", now=now)

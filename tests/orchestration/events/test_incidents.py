"""Events of every type open the duties that wait for them: what a report must say, and which occurrences follow."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from reviewing import review

from obligations.orchestration import route
from obligations.orchestration.events.dag import report_event_dag
from obligations.orchestration.events.incidents import INCIDENT, event_types, read_report, report
from obligations.orchestration.review import forms
from obligations.orchestration.review.answers import PROOF, Answer, AnswerRefused
from obligations.orchestration.review.decisions import answer_proof
from obligations.orchestration.settings import PACKAGE, Settings
from obligations.orchestration.work import open_work
from obligations.rules.catalogue import load, load_one
from obligations.rules.periods import opening_event
from obligations.steps.gather import Sources
from obligations.words.errors import SourceNotReady, UnusableInput
from obligations.words.times import SHANGHAI

NOW = datetime(2026, 9, 28, 10, 0, tzinfo=SHANGHAI)
DOCUMENT = """
jurisdiction: {slug: county, name: 示例县, level: county, office: 示例县政务公开办公室}
document: {title: 2026年政务公开工作要点, issued_by: 示例县政府办公室, in_force_from: 2026-01-01}
"""
DUTY = """
title: {title}
clause: 一
quote: {title}
duty: {duty}
departments: []
publication: submission
clock: {clock}
"""
DUTIES = {
    "policy-text": ("政策公布后7个工作日内公开", "publish", "{kind: event, event: 政策公布, rule: P7WD}"),
    "policy-plan": (
        "解读方案与政策同步报送",
        "report-up",
        "{kind: event, event: 政策公布, rule: PT0S, relation: with}",
    ),
    "hearing": ("决策前听取意见", "internal", "{kind: event, event: 重大决策, relation: before}"),
    "share": ("每次抽查不低于15%", "internal", "{kind: quota, min_pct: 15, of: 网站总数, per: check}"),
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    folder = tmp_path / "catalogue" / "county"
    folder.mkdir(parents=True)
    (folder / "_document.yaml").write_text(DOCUMENT, "utf-8")
    for slug, (title, duty, clock) in DUTIES.items():
        (folder / f"{slug}.yaml").write_text(DUTY.format(title=title, duty=duty, clock=clock), "utf-8")
    return Settings.from_environment(
        {"OBLIGATIONS_HOME": str(tmp_path), "OBLIGATIONS_CATALOGUE": str(tmp_path / "catalogue")}
    )


def reported(settings: Settings, kind: str, at: datetime = NOW - timedelta(hours=1), **fields: str):
    said = {"type": kind, "title": "示例事件", "happened_at": at.isoformat(), **fields}
    return report(settings, read_report(said, NOW), NOW)


def opened(found) -> dict[str, str]:
    return {obligation.slug: occurrence.period.key for obligation, occurrence in found.opened}


def test_an_event_opens_every_duty_of_its_type_and_no_other(settings):
    found = reported(settings, "政策公布")
    assert opened(found) == dict.fromkeys(("policy-plan", "policy-text"), found.event.id)
    assert found.event.level == ""


def test_a_check_opens_the_quota_that_holds_for_each_check(settings):
    found = reported(settings, "检查")
    assert opened(found) == {"share": found.event.id}


def test_a_repeated_report_opens_the_same_occurrences_and_changes_nothing(settings):
    first, second = reported(settings, "政策公布"), reported(settings, "政策公布")
    assert (first.is_new, second.is_new) == (True, False)
    assert opened(first) == opened(second)


def test_a_decision_may_be_reported_before_it_is_taken(settings):
    ahead = NOW + timedelta(days=30)
    ((_, occurrence),) = reported(settings, "重大决策", ahead).opened
    assert occurrence.due_at == ahead
    assert occurrence.opens_at == NOW, "the run opens when it is reported, so that there is time before it"


def test_what_can_only_follow_must_have_happened(settings):
    with pytest.raises(UnusableInput, match="晚于现在"):
        reported(settings, "检查", NOW + timedelta(days=1))
    with pytest.raises(UnusableInput, match="晚于现在"):
        reported(settings, INCIDENT, NOW + timedelta(days=1), level="重大")


def test_an_unknown_type_is_refused_with_the_types_there_are(settings):
    with pytest.raises(UnusableInput, match="没有由“洪水”触发的事项；可用的事件类型：政策公布、检查、重大决策"):
        reported(settings, "洪水")


def test_only_an_incident_needs_a_level(settings):
    with pytest.raises(UnusableInput, match="字段 level 的值是“None”"):
        reported(settings, INCIDENT)
    assert reported(settings, "政策公布", level="").opened


def test_the_form_offers_every_type_of_the_catalogue_and_incidents_first(monkeypatch, settings):
    monkeypatch.setenv("OBLIGATIONS_CATALOGUE", str(settings.catalogue))
    form = report_event_dag().params
    assert form.get_param("type").schema["enum"] == [INCIDENT, "政策公布", "检查", "重大决策"]
    assert form["type"] == INCIDENT
    assert None in form.get_param("level").schema["enum"], "no level for what is no incident"


def test_every_duty_of_the_catalogue_that_waits_for_an_event_can_be_reported_but_follow_ups_which_the_sweep_reports():
    opening = {opening_event(found.clock) for found in load(PACKAGE / "catalogue").obligations.values()}
    waiting = opening - {None, "incident-followup"}
    assert set(event_types(PACKAGE / "catalogue")) == waiting
    assert event_types(PACKAGE / "catalogue")[0] == INCIDENT


@pytest.fixture
def sources(settings: Settings) -> Sources:
    return Sources(settings.inbox, settings.store, settings.quarantine, lambda _: None)


def test_the_material_of_an_event_is_delivered_under_its_id_and_goes_all_the_way_to_its_receipt(
    settings, sources, statsd
):
    event = reported(settings, "政策公布").event
    with open_work(settings, load_one(settings.catalogue, "county/policy-plan"), event.id, "test") as work:
        with pytest.raises(SourceNotReady, match=rf"还没有建立|还没有文件 {event.id}\.\*"):
            route.gather(work, sources, NOW)
        file = settings.inbox / "county" / "policy-plan" / f"{event.id}.md"
        file.parent.mkdir(parents=True)
        file.write_text("解读方案：由政策起草单位解读。", "utf-8")
        os.utime(file, (0, 0))
        route.gather(work, sources, NOW)
        assert route.draft(work, NOW).title == "解读方案与政策同步报送（示例事件）"
        assert "解读方案：由政策起草单位解读。" in forms.ask_review(work, work.chain.steps[0], NOW).body
        review(work, NOW)
        with pytest.raises(Exception, match="以报送为完成，不得通过公开渠道发布"):
            route.publish(work, NOW)
        proof = {blank.name: "第12号" for blank in PROOF["submitted"]}
        early = {**proof, "fulfilled_at": (NOW - timedelta(days=1)).isoformat()}
        for _ in range(2):  # the second changes nothing; with the policy, it may come earlier
            answer_proof(work, Answer("确认", early, "clerk", NOW), "submitted", NOW)
        statsd.settle()
        assert statsd.total("airflow.obligations.completed") == 1
        route.record(work, NOW)
        assert work.ledger.occurrence(work.key, work.period).stage_label == "已报送"


def test_what_follows_an_event_cannot_have_been_done_before_it(settings, sources):
    event = reported(settings, "政策公布").event
    with open_work(settings, load_one(settings.catalogue, "county/policy-text"), event.id, "test") as work:
        before = {blank.name: "第12号" for blank in PROOF["completed"]}
        before["fulfilled_at"] = (event.happened_at - timedelta(minutes=1)).isoformat()
        file = settings.inbox / "county" / "policy-text" / f"{event.id}.md"
        file.parent.mkdir(parents=True)
        file.write_text("政策全文。", "utf-8")
        os.utime(file, (0, 0))
        route.gather(work, sources, NOW)
        route.draft(work, NOW)
        review(work, NOW)
        with pytest.raises(AnswerRefused, match="早于事项开始的"):
            answer_proof(work, Answer("确认", before, "clerk", NOW), "completed", NOW)

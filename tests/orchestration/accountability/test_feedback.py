"""A statement of punctuality from its frozen lines through the round of feedback to the draft, over a real ledger."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from obligations.orchestration import route
from obligations.orchestration.accountability.feedback import answer_round, find_round, rule_on
from obligations.orchestration.accountability.lines import lines_of
from obligations.orchestration.dags import build_dag
from obligations.orchestration.review import forms
from obligations.orchestration.review.answers import AnswerRefused
from obligations.orchestration.runs.trace import last_event
from obligations.orchestration.settings import PACKAGE, Settings
from obligations.orchestration.work import Work, open_work
from obligations.rules.catalogue import load_one
from obligations.steps.gather import Sources, load_extract
from obligations.steps.ledger import verify_ledger
from obligations.words.accountability import Objection
from obligations.words.errors import CatalogueFault, SourceNotReady, UnusableInput
from obligations.words.occurrence import DueDate, Occurrence, Period
from obligations.words.publication import Snapshot
from obligations.words.times import SHANGHAI

KEY, PERIOD = "demo/accountability-monthly", "2026-08"
FISCAL, LAND, PRICES = "demo/fiscal-monthly", "demo/land-supply-quarterly", "demo/wholesale-prices-weekly"
FINANCE, LANDS, FARMS = "演示单位财政局", "演示单位自然资源局", "演示单位农业农村局"
NOW = datetime(2026, 9, 1, 9, 5, tzinfo=SHANGHAI)  # Tuesday; the round runs to Friday 4 September, 24:00
AFTER = datetime(2026, 9, 5, 0, 0, 1, tzinfo=SHANGHAI)
LATE = Objection(FISCAL, "2026-07", "省级数据8月27日才下达", "收文登记第118号")


def occurrence(
    work: Work, key: str, period: str, due: datetime, done: datetime | None, *, historical: bool = False
) -> None:
    """Enter an occurrence that fell due at ``due`` and was done at ``done``."""
    opens = due - timedelta(days=20)
    dates = DueDate(opens, due, False, due, due, ("20个工作日",))
    obligation = load_one(work.settings.catalogue, key).model_copy(update={"fulfilment": "completed"})
    work.ledger.expect(
        obligation,
        Occurrence(key, Period(period, date(2026, 7, 1), date(2026, 7, 31)), opens, due - timedelta(days=5), dates),
        calendar_version="2026",
        catalogue_version="一",
        historical=historical,
        now=opens,
    )
    run = {"run_id": "x", "number": 1}
    work.ledger.append(key, period, "opened", happened_at=opens, recorded_at=opens, payload=run)
    if done is not None:
        work.ledger.append(key, period, "completed", happened_at=done, recorded_at=done)


def day(number: int, month: int = 8) -> datetime:
    """Return the midnight that ends a day."""
    return datetime(2026, month, number, tzinfo=SHANGHAI) + timedelta(days=1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_environment(
        {"OBLIGATIONS_HOME": str(tmp_path), "OBLIGATIONS_CATALOGUE": str(PACKAGE / "catalogue")}
    )


@pytest.fixture
def sources(settings: Settings) -> Sources:
    return Sources(settings.inbox, settings.store, settings.quarantine, lambda _: create_engine("sqlite://"))


@pytest.fixture
def work(settings: Settings) -> Iterator[Work]:
    """A month in which three departments had something due, and the month before."""
    with open_work(settings, load_one(settings.catalogue, KEY), PERIOD, "run") as work:
        occurrence(work, FISCAL, "2026-06", day(28, 7), day(20, 7))
        occurrence(work, FISCAL, "2026-07", day(27), day(30))  # three days late
        occurrence(work, LAND, "2026-Q2", day(31), day(31))  # at the last instant of the month, in time
        occurrence(work, PRICES, "2026-W30", day(21), None)  # late and still open
        occurrence(work, PRICES, "2026-W31", day(3), day(1), historical=True)
        occurrence(work, PRICES, "2026-W33", day(1, 9), None)  # due in September
        yield work


def counted(work: Work) -> dict[tuple[str, str], str]:
    snapshot = Snapshot(**last_event(work, "data_arrived").payload["snapshot"])
    return {(line.key, line.period): line.counted for line in load_extract(snapshot) if line.counted_in == PERIOD}


def opened(work: Work, sources: Sources) -> None:
    route.gather(work, sources, NOW)
    with pytest.raises(SourceNotReady):
        route.feedback(work, sources, NOW)


def test_the_lines_are_what_fell_due_in_the_month_and_the_one_before(work):
    lines = lines_of(work.ledger, work.obligation, work.occurrence.period, work.calendar, NOW)
    assert [(line.counted_in, line.period, line.counted) for line in lines] == [
        ("2026-07", "2026-06", "按期"),
        ("2026-08", "2026-W31", "补录"),
        ("2026-08", "2026-W30", "逾期"),
        ("2026-08", "2026-07", "逾期"),
        ("2026-08", "2026-Q2", "按期"),
    ]


def test_it_waits_for_the_end_of_the_month(work, sources):
    with pytest.raises(SourceNotReady, match="统计期 2026-08 还没有结束，2026年8月31日24时之后统计"):
        route.gather(work, sources, datetime(2026, 8, 31, 23, 59, tzinfo=SHANGHAI))


def test_what_happens_after_freezing_changes_no_line(work, sources):
    opened(work, sources)
    work.ledger.append(PRICES, "2026-W30", "completed", happened_at=day(20), recorded_at=AFTER)
    route_to_draft(work, sources)
    assert counted(work)[PRICES, "2026-W30"] == "逾期"


def test_upstream_data_and_the_system_are_set_apart_once_a_person_says_whose_it_was(work, sources):
    corrected = {"late_stage": "data", "owner": "上级主管部门", "reason": "省级汇总未下达"}
    work.ledger.append(FISCAL, "2026-07", "corrected", happened_at=NOW, recorded_at=NOW, person="甲", payload=corrected)
    work.ledger.append(
        PRICES, "2026-W30", "corrected", happened_at=NOW, recorded_at=NOW, person="甲", payload={"owner": "系统运行"}
    )
    lines = lines_of(work.ledger, work.obligation, work.occurrence.period, work.calendar, NOW)
    found = {line.period: (line.counted, line.cause_basis) for line in lines}
    assert found["2026-07"] == ("上级数据未下达", "人工更正：省级汇总未下达")
    assert found["2026-W30"] == ("系统原因", "人工更正")


def test_the_round_asks_whom_it_counts_and_ends_with_the_third_working_day(work, sources):
    opened(work, sources)
    found = find_round(work)
    assert found.departments == (FARMS, FINANCE, LANDS)
    assert found.until == datetime(2026, 9, 5, 0, 0, tzinfo=SHANGHAI)
    with pytest.raises(SourceNotReady, match="2026年9月4日24时，还没有反馈的单位：演示单位农业农村局、演示单位财政局"):
        route.feedback(work, sources, NOW)
    assert [event.kind for event in work.ledger.events(KEY, PERIOD)].count("feedback") == 1


def route_to_draft(work: Work, sources: Sources, now: datetime = AFTER) -> Path:
    route.feedback(work, sources, now)
    return route.draft(work, now).folder


def test_nothing_is_drafted_before_the_round_is_over_whatever_a_task_says(work, sources):
    route.gather(work, sources, NOW)
    with pytest.raises(UnusableInput, match="反馈核实还没有结束"):
        route.draft(work, NOW)
    opened(work, sources)
    with pytest.raises(UnusableInput, match="任务标记为成功不等于已经核实"):
        route.draft(work, AFTER)


def test_a_trial_on_the_command_line_drafts_and_says_that_nobody_was_asked(work, sources):
    trial = replace(work, run_id="cli")
    route.gather(trial, sources, NOW)
    assert "还没有反馈核实" in route.draft(trial, NOW).warnings[0]


def test_silence_ends_the_round_and_the_ledger_stands(work, sources):
    opened(work, sources)
    text = (route_to_draft(work, sources) / "document.docx").is_file()
    assert text
    assert counted(work) == {
        (PRICES, "2026-W31"): "补录", (PRICES, "2026-W30"): "逾期", (FISCAL, "2026-07"): "逾期", (LAND, "2026-Q2"): "按期",
    }  # fmt: skip


def test_the_round_is_over_as_soon_as_all_have_answered(work, sources):
    opened(work, sources)
    for department in find_round(work).departments:
        answer_round(work, department, (), "甲", NOW)
    route_to_draft(work, sources, NOW)
    assert find_round(work).settled


def test_an_objection_waits_for_the_office_even_past_the_end(work, sources):
    opened(work, sources)
    answer_round(work, FINANCE, (LATE,), "甲", NOW)
    with pytest.raises(SourceNotReady, match="有1条异议还没有裁定：演示单位财政局"):
        route.feedback(work, sources, AFTER)
    rule_on(work, FISCAL, "2026-07", "上级数据未下达", "收文登记属实", "office", AFTER)
    route_to_draft(work, sources)


def test_a_ruling_moves_the_count_with_its_reason_and_leaves_the_ledgers_facts(work, sources):
    before = work.ledger.occurrence(FISCAL, "2026-07")
    opened(work, sources)
    answer_round(work, FINANCE, (LATE,), "甲", NOW)
    rule_on(work, FISCAL, "2026-07", "上级数据未下达", "收文登记属实", "office", NOW)
    folder = route_to_draft(work, sources)
    assert counted(work)[FISCAL, "2026-07"] == "上级数据未下达"
    assert work.ledger.occurrence(FISCAL, "2026-07") == before
    figures = {one["id"]: one for one in json.loads((folder / "figures.json").read_bytes())["measures"]}
    assert (figures["total.on_time"]["value"], figures["total.owed"]["value"]) == ("1", "2")
    assert figures["total.rate"]["value"].startswith("50")
    assert verify_ledger(work.ledger) == []


def test_a_later_run_needs_no_second_round_and_keeps_what_was_ruled(work, sources):
    opened(work, sources)
    answer_round(work, FINANCE, (LATE,), "甲", NOW)
    rule_on(work, FISCAL, "2026-07", "其他原因单列", "机房断电", "office", NOW)
    route_to_draft(work, sources)
    work.ledger.append(KEY, PERIOD, "returned", happened_at=AFTER, recorded_at=AFTER, payload={"run_id": "run"})
    again = replace(work, run_id="again")
    route.gather(again, sources, AFTER)
    route_to_draft(again, sources)
    assert counted(again)[FISCAL, "2026-07"] == "其他原因单列"


def test_the_years_statement_counts_as_the_months_round_ruled(work, sources, settings):
    opened(work, sources)
    answer_round(work, FINANCE, (LATE,), "甲", NOW)
    rule_on(work, FISCAL, "2026-07", "上级数据未下达", "收文登记属实", "office", NOW)
    later = datetime(2027, 1, 4, 9, 5, tzinfo=SHANGHAI)  # Monday, the first working day of 2027
    with open_work(settings, load_one(settings.catalogue, "demo/accountability-yearly"), "2026", "run") as year:
        lines = lines_of(year.ledger, year.obligation, year.occurrence.period, year.calendar, later)
    found = {line.period: (line.counted_in, line.counted, line.answer) for line in lines}
    assert found["2026-07"] == ("2026", "上级数据未下达", LATE.text)


def test_a_department_answers_for_its_own_late_lines_alone(work, sources):
    opened(work, sources)
    for objection, department in ((LATE, FARMS), (replace(LATE, key=LAND, period="2026-Q2"), LANDS)):
        with pytest.raises(AnswerRefused, match="不是本单位统计为逾期的事项"):
            answer_round(work, department, (objection,), "甲", NOW)
    with pytest.raises(AnswerRefused, match="请填写意见"):
        answer_round(work, FINANCE, (replace(LATE, text=" "),), "甲", NOW)
    with pytest.raises(AnswerRefused, match="本期没有需要反馈的事项"):
        answer_round(work, "演示单位政务公开办公室", (), "甲", NOW)


def test_the_last_answer_before_the_end_stands_and_none_after_it(work, sources):
    opened(work, sources)
    answer_round(work, FINANCE, (LATE,), "甲", NOW)
    answer_round(work, FINANCE, (), "甲", NOW)
    assert find_round(work).unruled == ()
    with pytest.raises(AnswerRefused, match="反馈核实已经结束"):
        answer_round(work, FINANCE, (LATE,), "甲", AFTER)


def test_the_office_rules_on_objections_with_a_known_decision_and_a_reason(work, sources):
    opened(work, sources)
    with pytest.raises(AnswerRefused, match="没有责任单位提出异议"):
        rule_on(work, FISCAL, "2026-07", "维持", "属实", "office", NOW)
    answer_round(work, FINANCE, (LATE,), "甲", NOW)
    with pytest.raises(AnswerRefused, match="裁定应为：维持、上级数据未下达"):
        rule_on(work, FISCAL, "2026-07", "改为按期", "属实", "office", NOW)
    with pytest.raises(AnswerRefused, match="请填写裁定理由"):
        rule_on(work, FISCAL, "2026-07", "维持", "", "office", NOW)
    rule_on(work, FISCAL, "2026-07", "维持", "属实", "office", NOW)
    route_to_draft(work, sources)
    with pytest.raises(AnswerRefused, match="不能再裁定"):
        rule_on(work, FISCAL, "2026-07", "系统原因", "属实", "office", AFTER)


def test_the_review_form_shows_no_departments_figures_only_the_way_to_the_draft(work, sources):
    opened(work, sources)
    route_to_draft(work, sources)
    body = forms.ask_review(work, work.chain.steps[0], AFTER).body
    assert "正文请在上方稿件链接中查看" in body
    assert FINANCE not in body
    assert f"/obligations/drafts/{KEY}/{PERIOD}/v1/document.docx" in body


def test_the_dag_holds_the_round_between_gathering_and_drafting_and_never_publishes(settings):
    for key in (KEY, "demo/accountability-yearly"):
        dag = build_dag(load_one(settings.catalogue, key), settings)
        order = [task.task_id for task in dag.topological_sort()]
        assert order == ["gather", "feedback", "draft", "complete", "review_first", "review_final", "confirm", "record"]
    assert "feedback" not in build_dag(load_one(settings.catalogue, FISCAL), settings).task_ids


def test_a_ledger_source_belongs_to_statements_alone(tmp_path):
    catalogue = tmp_path / "catalogue"
    shutil.copytree(PACKAGE / "catalogue", catalogue)
    file = catalogue / "demo" / "fiscal-monthly.yaml"
    file.write_text("departments: [演示单位财政局]\nsource: {kind: ledger}\n", "utf-8")
    with pytest.raises(CatalogueFault, match="accountability、annual-statement 的来源为 ledger，其他稿件不用 ledger"):
        load_one(catalogue, FISCAL)

"""What a notice says, from the ledger's row as it stands: time left, what is missing, who acts, where to click."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from obligations.orchestration.notices.letters import entry_of, say_remaining
from obligations.orchestration.settings import Settings
from obligations.rules.calendar import load_calendar
from obligations.rules.contacts import Directory
from obligations.steps.ledger import OccurrenceRow, Stage
from obligations.words.contacts import ContactsFile, Holding, Person, Role
from obligations.words.letters import Entry
from obligations.words.notices import QueuedNotice
from obligations.words.times import SHANGHAI

CALENDAR = load_calendar()
SETTINGS = Settings.from_environment({"OBLIGATIONS_BASE_URL": "https://airflow.example.cn/"})
NOW = datetime(2026, 9, 28, 10, 0, tzinfo=SHANGHAI)  # a Monday
DUE = datetime(2026, 10, 1, 0, 0, tzinfo=SHANGHAI)  # 24:00 of Wednesday 30 September, the last day before National Day
DIRECTORY = Directory(
    ContactsFile(
        people=(
            Person(id="jia", name="演示甲", email="jia@example.cn"),
            Person(id="yi", name="演示乙", email="yi@example.cn"),
        ),
        roles=(
            Holding(jurisdiction="demo", department="演示县财政局", role=Role.RESPONSIBLE, holder="jia"),
            Holding(jurisdiction="demo", role=Role.FINAL_REVIEW, holder="yi"),
        ),
    )
)
ROW = OccurrenceRow(
    id=1,
    key="demo/fiscal-monthly",
    period="2026-08",
    period_start=date(2026, 8, 1),
    period_end=date(2026, 8, 31),
    document="0" * 64,
    clause="一",
    title="财政收支情况按月公开",
    jurisdiction="demo",
    departments=("演示县财政局",),
    office="演示县政务公开办",
    duty="publish",
    fulfilment="published",
    event_id=None,
    historical=False,
    opens_at=datetime(2026, 9, 1, tzinfo=SHANGHAI),
    draft_by=datetime(2026, 9, 25, tzinfo=SHANGHAI),
    due_at=DUE,
    original_due_at=DUE,
    provisional=False,
    earliest=DUE,
    latest=DUE,
    derivation=("自8月31日起算20个工作日。",),
    calendar_version="2026",
    catalogue_version="一",
    stage=Stage.WAITING.value,
    published_at=None,
    outcome=None,
    closed_at=None,
    waived_at=None,
    missed_at=None,
    paused_at=None,
    head_seq=3,
    head_hash="0" * 64,
)


def notice(tier: str = "ahead-5wd", **facts: Any) -> QueuedNotice:
    return QueuedNotice(
        id=7,
        subject="demo/fiscal-monthly 2026-08",
        key="demo/fiscal-monthly",
        period="2026-08",
        tier=tier,
        label="到期前提醒",
        recipient="jia",
        role=Role.RESPONSIBLE,
        urgent=False,
        queued_at=NOW,
        send_after=NOW,
        facts=facts,
    )


def said(row: OccurrenceRow | None = ROW, told: QueuedNotice | None = None, now: datetime = NOW) -> Entry:
    return entry_of(told or notice(), row, "演示单位", DIRECTORY, CALENDAR, SETTINGS, now)


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ((2026, 9, 28, 10, 0), "还剩2个工作日"),  # Monday: Tuesday and Wednesday are left
        ((2026, 9, 29, 23, 59), "还剩1个工作日"),  # Tuesday night
        ((2026, 9, 30, 10, 30), "还剩13小时30分"),  # the due day itself
        ((2026, 9, 30, 23, 0), "还剩1小时"),
        ((2026, 9, 30, 23, 59), "还剩1分"),
        ((2026, 10, 1, 0, 0), "还剩不足1分钟"),  # at the due time itself it is still in time
        ((2026, 10, 1, 0, 1), "已逾期1天"),  # begun days, National Day or not
        ((2026, 10, 3, 9, 0), "已逾期3天"),
    ],
)
def test_a_day_limit_is_told_in_working_days_then_hours_then_begun_days(now: tuple[int, ...], words: str) -> None:
    assert say_remaining(ROW, CALENDAR, datetime(*now, tzinfo=SHANGHAI)) == words


def test_make_up_days_count_and_holidays_do_not() -> None:
    # Due 24:00 on Friday 9 October 2026; 1-7 October are National Day, Saturday 10 October is worked instead.
    row = replace(ROW, due_at=datetime(2026, 10, 10, tzinfo=SHANGHAI))
    assert say_remaining(row, CALENDAR, datetime(2026, 9, 30, 10, tzinfo=SHANGHAI)) == "还剩2个工作日"
    later = replace(ROW, due_at=datetime(2026, 10, 11, tzinfo=SHANGHAI))  # 24:00 of the make-up Saturday
    assert say_remaining(later, CALENDAR, datetime(2026, 10, 8, 10, tzinfo=SHANGHAI)) == "还剩2个工作日"


def test_where_only_days_off_are_left_they_are_said_as_days() -> None:
    row = replace(ROW, due_at=datetime(2026, 10, 4, tzinfo=SHANGHAI))  # 24:00 on 3 October, in the holidays
    assert say_remaining(row, CALENDAR, datetime(2026, 9, 30, 10, tzinfo=SHANGHAI)) == "还剩3天（均为休息日）"


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(200, "还剩3小时20分"), (180, "还剩3小时"), (1500, "还剩25小时"), (-90, "已逾期2小时")],  # late by begun hours
)
def test_an_hour_limit_is_told_in_hours_and_minutes(minutes: int, words: str) -> None:
    row = replace(ROW, due_at=datetime(2026, 9, 30, 19, 0, tzinfo=SHANGHAI))
    assert say_remaining(row, CALENDAR, row.due_at - timedelta(minutes=minutes)) == words


def test_one_that_is_paused_or_closed_has_no_time_left_to_tell() -> None:
    assert say_remaining(replace(ROW, paused_at=NOW), CALENDAR, NOW) == "时限中止"
    met = replace(ROW, stage=Stage.MET.value, outcome="met", closed_at=NOW)
    assert say_remaining(met, CALENDAR, NOW + timedelta(days=30)) == "已公开"


def test_an_entry_names_the_matter_its_limit_and_how_it_came_about() -> None:
    entry = said()
    assert (entry.title, entry.period, entry.jurisdiction) == ("财政收支情况按月公开", "2026年8月", "演示单位")
    assert (entry.due, entry.derivation) == ("2026年9月30日24时前", ("自8月31日起算20个工作日。",))
    assert (entry.incident, entry.overdue) == (False, False)
    assert said(now=DUE + timedelta(seconds=1)).overdue


def test_a_provisional_limit_says_so() -> None:
    assert said(replace(ROW, provisional=True)).due == "2026年9月30日24时前（暂定，待节假日通知）"


@pytest.mark.parametrize(
    "stage", [stage for stage in Stage if stage not in {"met", "merged", "nil", "waived", "withheld"}]
)
def test_every_open_stage_says_what_is_missing_and_who_acts(stage: Stage) -> None:
    entry = said(replace(ROW, stage=stage.value))
    assert entry.missing
    assert entry.who.startswith("演示县财政局")


def test_the_responsible_person_is_named_beside_the_department() -> None:
    assert said().who == "演示县财政局（演示甲）"


def test_at_review_the_reviewer_is_who_acts() -> None:
    entry = said(replace(ROW, stage=Stage.REVIEW.value))
    assert (entry.missing, entry.who) == ("等待审核", "演示县财政局；现由终审签发人演示乙办理")


def test_a_role_that_nobody_fills_is_still_named() -> None:
    assert said(replace(ROW, stage=Stage.APPROVED.value)).who == "演示县财政局；现由政务公开办办理"


def test_a_conference_that_is_approved_has_yet_to_be_held() -> None:
    entry = said(replace(ROW, stage=Stage.APPROVED.value, fulfilment="held"))
    assert (entry.missing, entry.who) == ("已审定，等待召开并登记", "演示县财政局（演示甲）")


def test_what_an_event_opened_is_an_incident() -> None:
    entry = said(replace(ROW, event_id="event-1", period="event-1"))
    assert entry.incident
    assert entry.period == "event-1"


def test_links_lead_to_the_dag_and_to_the_page_that_acknowledges() -> None:
    entry = said()
    assert entry.link == "https://airflow.example.cn/dags/demo.fiscal-monthly"
    assert entry.acknowledge == "https://airflow.example.cn/obligations/notices/7"
    assert entry.confirm is None


def test_a_notice_about_a_run_links_to_it_whatever_its_id_holds() -> None:
    link = said(told=notice(run_id="start__2026-08__v2/../<x>")).link
    assert link == "https://airflow.example.cn/dags/demo.fiscal-monthly/runs/start__2026-08__v2%2F..%2F%3Cx%3E"


def test_a_question_to_the_office_is_confirmed_not_acknowledged() -> None:
    entry = said(told=notice("confirm-escalation"))
    assert (entry.acknowledge, entry.confirm) == (None, "https://airflow.example.cn/obligations/notices/7")


def test_what_is_closed_asks_for_nothing() -> None:
    entry = said(replace(ROW, stage=Stage.MET.value, outcome="met", closed_at=NOW))
    assert (entry.missing, entry.who, entry.acknowledge, entry.confirm) == ("", "", None, None)


@pytest.mark.parametrize(
    ("facts", "remarks"),
    [
        ({"version": 2, "level": "终审", "comment": "请核对第三段"}, ("第2版终审意见：请核对第三段",)),
        ({"version": 2}, ("所涉稿件为第2版。",)),
        ({"file": "a.csv", "problems": ["第3行…", "第4行…"]}, ("文件 a.csv：第3行…", "第4行…")),
        ({"stage": "起草中"}, ("失败时所处环节：起草中。",)),
        ({"why": ["到期时间由甲改为乙。", "现：…"], "previous_due_at": "x"}, ("到期时间由甲改为乙。", "现：…")),
        (
            {"previous_due_at": "2026-10-01T00:00:00+08:00", "due_at": "2026-10-16T00:00:00+08:00"},
            ("到期时间由2026年9月30日24时前改为2026年10月15日24时前。",),
        ),
        ({"reason": "征求第三方意见", "authority": "演示丙"}, ("理由：征求第三方意见。批准：演示丙。",)),
        ({"acting_for": "演示丁"}, ("您代演示丁办理。",)),
        ({"unknown": "?"}, ()),
    ],
)
def test_a_notice_about_a_happening_says_what_the_ledger_recorded(facts, remarks: tuple[str, ...]) -> None:
    assert said(told=notice(**facts)).remarks == remarks


def test_of_many_problems_five_are_told_and_the_rest_counted() -> None:
    remarks = said(told=notice(problems=[f"第{row}行" for row in range(9)])).remarks
    assert len(remarks) == 6
    assert remarks[-1] == "另有4处，见办理页面。"


def test_an_alarm_says_what_its_facts_say_and_links_to_nothing() -> None:
    entry = said(None, notice(said="扫描间隔超过30分钟。\n目录减少3项。"))
    assert (entry.heading, entry.title, entry.link) == ("到期前提醒", "", None)
    assert entry.remarks == ("扫描间隔超过30分钟。", "目录减少3项。")

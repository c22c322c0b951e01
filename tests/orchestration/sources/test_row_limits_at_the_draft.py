"""Rows that have limits of their own reach the draft with them, counted on the installation's calendar as of the draft."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import create_engine

from obligations.orchestration import route
from obligations.orchestration.settings import PACKAGE, Settings
from obligations.orchestration.work import open_work
from obligations.rules.catalogue import load_one
from obligations.steps.gather import Sources
from obligations.steps.ledger import open_ledger
from obligations.words.occurrence import Event
from obligations.words.times import SHANGHAI

KEY = "hebi/enforcement-decisions"
DECIDED = date(2026, 8, 3)  # Monday; 20 working days end on Monday, 31 August
LIST = f"""执法机关,执法对象,执法对象类别,统一社会信用代码,执法类别,决定文书号,执法结论,决定日期
演示局,演示甲公司,法人及非法人组织,91000000MA00DEMO1A,行政检查,检1,责令限期整改,{DECIDED}
"""
LAST_MINUTE = datetime(2026, 8, 31, 23, 59, tzinfo=SHANGHAI)


def drafted(tmp_path, now):
    home = tmp_path / now.strftime("%d%H%M")
    settings = Settings.from_environment(
        {"OBLIGATIONS_HOME": str(home), "OBLIGATIONS_CATALOGUE": str(PACKAGE / "catalogue")}
    )
    happened = datetime(2026, 8, 3, 10, 0, tzinfo=SHANGHAI)
    event = Event("decision-1", "作出行政执法决定", "", "检查", happened, happened, None, {})
    with open_ledger(settings.ledger_url) as ledger:
        ledger.report(event, happened)
    folder = settings.inbox / KEY
    folder.mkdir(parents=True)
    (folder / "decision-1.csv").write_text(LIST, "utf-8")
    sources = Sources(settings.inbox, settings.store, settings.quarantine, lambda _: create_engine("sqlite://"))
    with open_work(settings, load_one(PACKAGE / "catalogue", KEY), "decision-1", "run") as work:
        route.gather(work, sources, now)
        return route.draft(work, now).warnings


def test_a_list_drafted_on_the_last_day_is_in_time_and_one_minute_past_it_is_late(tmp_path):
    assert drafted(tmp_path, LAST_MINUTE) == (
        "未超过期限的行政执法决定中，最早的应在2026年8月31日前公开（20个工作日）。",
    )
    (late,) = drafted(tmp_path, LAST_MINUTE + timedelta(minutes=2))
    assert late.startswith("第 2 行行政执法决定“检1”于2026年8月3日作出，应在20个工作日内（2026年8月31日前）公开")

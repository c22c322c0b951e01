"""A delivery that tells a figure of an earlier period otherwise: the author is warned, with both figures and sources."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from obligations.orchestration import route
from obligations.orchestration.runs.trace import last_event
from obligations.orchestration.settings import PACKAGE, Settings
from obligations.orchestration.upkeep.purges import Why, carry_out, of_occurrence
from obligations.orchestration.work import open_work
from obligations.rules.catalogue import load_one
from obligations.steps.gather import Sources
from obligations.words.draft import DocumentModel, DraftVersion
from obligations.words.sources import InboxSource
from obligations.words.times import SHANGHAI

OBLIGATION = load_one(PACKAGE / "catalogue", "demo/fiscal-monthly").model_copy(
    update={"source": InboxSource(kind="inbox")}
)
NOW = datetime(2018, 7, 10, 9, 0, tzinfo=SHANGHAI)
HEAD = "期间,项目,单位,累计数,年初预算数,同比增减额"
REVENUE, SPENDING = "地方一般公共预算收入", "一般公共预算支出"


def month(key: str, revenue: str, change: str = "", spending: str = "9000") -> list[str]:
    return [f"{key},{REVENUE},万元,{revenue},,{change}", f"{key},{SPENDING},万元,{spending},,"]


class Office:
    """Takes one obligation from month to month, with a real ledger and a real store."""

    def __init__(self, home: Path) -> None:
        given = {"OBLIGATIONS_HOME": str(home), "OBLIGATIONS_CATALOGUE": str(PACKAGE / "catalogue")}
        self.settings = Settings.from_environment(given)
        self.sources = Sources(
            self.settings.inbox, self.settings.store, self.settings.quarantine, lambda _: create_engine("sqlite://")
        )
        self.now = NOW

    def deliver(self, period: str, *rows: str) -> None:
        folder = self.settings.inbox / OBLIGATION.key
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{period}.csv").write_text("\n".join([HEAD, *rows, ""]), "utf-8")

    def gather(self, period: str, run_id: str = "run") -> tuple[str, ...]:
        self.now += timedelta(hours=1)
        with open_work(self.settings, OBLIGATION, period, run_id) as work:
            route.gather(work, self.sources, self.now)
            arrived = last_event(work, "data_arrived")
        return tuple(arrived.payload.get("restated", ())) if arrived else ()

    def draft(self, period: str, *rows: str, run_id: str = "run") -> DraftVersion:
        self.deliver(period, *rows)
        self.gather(period, run_id)
        with open_work(self.settings, OBLIGATION, period, run_id) as work:
            return route.draft(work, self.now)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


MAY = month("2018-05", "1000", "50")


def restated(version: DraftVersion) -> list[str]:
    return [warning for warning in version.warnings if "与以前不同" in warning]


def test_a_month_told_otherwise_is_named_with_both_figures_and_both_sources(office):
    office.draft("2018-05", *MAY)
    said = restated(office.draft("2018-06", *month("2018-05", "1003", "53"), *month("2018-06", "1200", "60")))
    assert tuple(said) == (
        sentence("累计数", "1,003万元", "1,000万元"),
        sentence("同比增减额", "53万元", "50万元"),
    )


def sentence(column: str, now: str, before: str) -> str:
    return (
        f"2018年5月地方一般公共预算收入{column}与以前不同：本次为{now}（2018-06.csv 第 2 行“{column}”列），"
        f"原为{before}（2018-05.csv 第 2 行“{column}”列）；请核对，如确已订正请在文中说明，已公开的按更正办理。"
    )


def test_the_cover_note_of_the_draft_and_the_ledger_say_it(office):
    office.draft("2018-05", *MAY)
    version = office.draft("2018-06", *month("2018-05", "1003", "50"), *month("2018-06", "1200", "60"))
    of_last_year, said = restated(version)
    assert of_last_year.startswith("2017年5月地方一般公共预算收入累计数与以前不同：本次为953万元")
    assert said.startswith("2018年5月地方一般公共预算收入累计数与以前不同：本次为1,003万元")
    assert said in (version.folder / "cover_note.html").read_text("utf-8")
    assert said in DocumentModel.from_json((version.folder / "model.json").read_bytes()).warnings
    assert said not in (version.folder / "page.html").read_text("utf-8")
    with open_work(office.settings, OBLIGATION, "2018-06", "run") as work:
        assert said in last_event(work, "drafted").payload["warnings"]


def test_last_years_figure_is_computed_from_the_change_and_compared_with_last_years_own(office):
    office.draft("2017-06", *month("2017-06", "1140"))
    (said,) = restated(office.draft("2018-06", *month("2018-06", "1200", "50")))
    assert said == (
        "2017年6月地方一般公共预算收入累计数与以前不同：本次为1,150万元（2018-06.csv 第 2 行“累计数”列减“同比增减额”列），"
        "原为1,140万元（2017-06.csv 第 2 行“累计数”列）；请核对，如确已订正请在文中说明，已公开的按更正办理。"
    )


def test_what_was_told_again_in_between_is_compared_as_told_last_and_not_warned_of_again(office):
    office.draft("2018-04", *month("2018-04", "800"))
    assert restated(office.draft("2018-05", *month("2018-04", "810"), *MAY))
    assert not restated(office.draft("2018-06", *month("2018-04", "810"), *MAY, *month("2018-06", "1200")))
    (said,) = restated(office.draft("2018-07", *month("2018-04", "800"), *month("2018-07", "1400")))
    assert "原为810万元（2018-06.csv 第 2 行“累计数”列，起草2018年6月稿时所据）" in said


def test_a_delivery_that_nothing_was_drafted_from_is_not_compared_with(office):
    office.deliver("2018-05", *month("2018-05", "999"))
    office.gather("2018-05")
    assert not restated(office.draft("2018-06", *MAY, *month("2018-06", "1200")))


def test_a_corrected_delivery_of_the_same_month_takes_the_place_of_the_first(office):
    office.draft("2018-05", *MAY)
    with open_work(office.settings, OBLIGATION, "2018-05", "run") as work:
        said = {"run_id": "run", "comment": "更正", "version": 1}
        work.ledger.append(
            work.key, work.period, "returned", happened_at=office.now, recorded_at=office.now, payload=said
        )
        work.ledger.append(
            work.key, work.period, "failed", happened_at=office.now, recorded_at=office.now, payload=said
        )
    office.draft("2018-05", *month("2018-05", "1003", "53"), run_id="second")
    assert not restated(office.draft("2018-06", *month("2018-05", "1003", "53"), *month("2018-06", "1200")))


def test_a_purged_delivery_is_not_compared_with(office):
    office.draft("2018-05", *MAY)
    with open_work(office.settings, OBLIGATION, "2018-05", "run") as work:
        gone = of_occurrence(office.settings, work.ledger, work.key, work.period)
        assert carry_out(office.settings, work.ledger, gone, Why("期满", "甲", "规定"), office.now)
    version = office.draft("2018-06", *month("2018-05", "1003"), *month("2018-06", "1200"))
    assert not [warning for warning in version.warnings if "2018年5月" in warning]


def test_a_kept_delivery_that_was_damaged_is_told_and_stops_nothing(office):
    office.draft("2018-05", *MAY)
    (kept,) = office.settings.store.glob("inputs/*/*/2018-05.csv")
    kept.chmod(0o644)
    kept.write_text("别的内容", "utf-8")
    version = office.draft("2018-06", *month("2018-05", "1003"), *month("2018-06", "1200"))
    said = "2018年5月稿件所据的原始文件 2018-05.csv 不见了或被改动，未能与本次数据核对往期数。"
    assert said in version.warnings
    assert not restated(version)


def test_a_rerun_of_the_draft_says_the_same_whatever_came_meanwhile(office):
    office.draft("2018-05", *MAY)
    first = office.draft("2018-06", *month("2018-05", "1003", "53"), *month("2018-06", "1200"))
    office.draft("2018-07", *month("2018-05", "1003", "53"), *month("2018-07", "1300"))
    with open_work(office.settings, OBLIGATION, "2018-06", "run") as work:
        assert route.draft(work, office.now).sha256 == first.sha256


def test_what_is_told_of_this_month_and_of_months_that_no_one_drafted_is_no_revision(office):
    office.draft("2018-05", *MAY)
    version = office.draft("2018-06", *month("2018-04", "1"), *MAY, *month("2018-06", "1200", "60"))
    assert not restated(version)
    assert json.loads((version.folder / "figures.json").read_bytes())["measures"]

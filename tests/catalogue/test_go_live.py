"""What goes live: nothing due before it is scheduled, and from 2017 every obligation has its time."""

from __future__ import annotations

from datetime import date, datetime

from airflow.timetables.base import TimeRestriction

from obligations.orchestration.dags import build_dag, is_scheduled
from obligations.orchestration.settings import Settings
from obligations.orchestration.timetable import ObligationTimetable
from obligations.publications import registry
from obligations.rules.occurrences import period_has_limit
from obligations.words.clocks import DeadlineClock, RecurringClock
from obligations.words.times import SHANGHAI, midnight

NOW_LIVE, REPLAY = date(2026, 11, 1), date(2017, 1, 1)
PASSED_WHEN_ISSUED = {
    "dingtao/school-enrolment-rules"  # 每年6月底前, in a plan of 2017 that was issued on 28 August
}


def first_period(obligation, go_live: date):
    """Return the first run that the timetable opens from go-live on, None if it opens none."""
    restriction = TimeRestriction(earliest=midnight(go_live), latest=None, catchup=True)
    timetable = ObligationTimetable.of(obligation)
    return timetable.next_dagrun_info_v2(last_dagrun_info=None, restriction=restriction)


def settings(go_live: date) -> Settings:
    return Settings.from_environment({"AIRFLOW_HOME": "/nowhere", "OBLIGATIONS_GO_LIVE": go_live.isoformat()})


def test_a_one_off_date_before_go_live_is_listed_and_not_scheduled(obligation):
    if not isinstance(obligation.clock, DeadlineClock):
        return
    assert (first_period(obligation, NOW_LIVE) is None) == (obligation.clock.date < NOW_LIVE)
    assert build_dag(obligation, settings(NOW_LIVE)).dag_id == obligation.dag_id, "it is a DAG all the same"
    assert first_period(obligation, REPLAY).partition_key == obligation.clock.date.isoformat()


def test_a_duty_of_an_expired_plan_is_a_dag_in_pause_that_opens_nothing(obligation):
    if obligation.status(NOW_LIVE) != "已过执行年度":
        return
    assert build_dag(obligation, settings(NOW_LIVE)).is_paused_upon_creation
    if is_scheduled(obligation) and not isinstance(obligation.clock, DeadlineClock):
        assert first_period(obligation, NOW_LIVE) is None


def test_in_its_plans_year_it_binds_and_has_a_time(obligation):
    as_of = obligation.binds_from
    assert obligation.status(as_of) == "执行期内"
    assert not build_dag(obligation, settings(REPLAY)).is_paused_upon_creation
    if not is_scheduled(obligation):
        return
    info = first_period(obligation, REPLAY)
    assert (info is None) == (obligation.key in PASSED_WHEN_ISSUED)
    if info is not None and not isinstance(obligation.clock, DeadlineClock):
        last = obligation.binds_until or date(2099, 12, 31)
        assert info.partition_date <= datetime(last.year, last.month, last.day, tzinfo=SHANGHAI)


def test_what_tells_the_public_the_figures_of_a_period_is_due_after_it(obligation):
    """The conference on September cannot be held by 30 September: its figures are not there yet."""
    clock = obligation.clock
    recurs = isinstance(clock, RecurringClock) and clock.fixed_date is None
    if recurs and obligation.may_reach_the_public and registry.kind(obligation.publication).contract is not None:
        assert period_has_limit(obligation)

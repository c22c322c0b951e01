"""The earlier due, the larger the weight, whatever started the run; and a real scheduler with one slot goes by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

import pendulum
import pytest
from airflow.models.taskinstance import TaskInstance
from airflow.serialization.serialized_objects import DagSerialization
from airflow.task.weight_rule import WeightRule
from airflow.utils.types import DagRunType
from demo_catalogue import lay_out_dags
from ports import free_port
from running import Running, at_work

from obligations.orchestration.dags import build_dag
from obligations.orchestration.demo.embedded import EmbeddedAirflow
from obligations.orchestration.events.dag import report_event_dag
from obligations.orchestration.events.incidents import read_report
from obligations.orchestration.priority import ABOVE_ALL, weight_of
from obligations.orchestration.publication.dag import watch_pages_dag
from obligations.orchestration.rulings.dag import record_decision_dag
from obligations.orchestration.settings import PACKAGE, Settings
from obligations.orchestration.sweep.dag import sweep_dag
from obligations.rules.calendar import load_calendar
from obligations.rules.catalogue import load, load_one
from obligations.rules.occurrences import occurrence_of, periods_of
from obligations.rules.periods import has_periods, period_from_key
from obligations.words.times import SHANGHAI

PLAIN = Settings.from_environment({})
CALENDAR = load_calendar()
LARGEST = 2**31 - 1  # that the column takes
LAST = 1


def serialized(key: str):
    """Return the DAG as the scheduler has it."""
    return DagSerialization.from_dict(DagSerialization.to_dict(build_dag(load_one(PACKAGE / "catalogue", key), PLAIN)))


def weight(key: str, run_id: str) -> int:
    """Return what a task of the run weighs in the scheduler."""
    return TaskInstance(serialized(key).get_task("gather"), dag_version_id=None, run_id=run_id).priority_weight


def due(key: str, period: str) -> datetime:
    obligation = load_one(PACKAGE / "catalogue", key)
    return occurrence_of(obligation, period_from_key(obligation.clock, period), CALENDAR).due_at


def test_over_the_whole_catalogue_the_order_is_that_of_the_due_dates():
    found = []
    for obligation in load(PACKAGE / "catalogue").obligations.values():
        if has_periods(obligation.clock):
            task = build_dag(obligation, PLAIN).get_task("gather")
            for period in periods_of(obligation, date(2016, 1, 1), date(2027, 12, 31)):
                due_at = occurrence_of(obligation, period, CALENDAR).due_at
                found.append((due_at.replace(second=0, microsecond=0), -weight_of(f"start__{period.key}__v1", task)))
    assert len({due_at for due_at, _ in found}) > 300
    assert all((one[0] < next_[0]) == (one[1] < next_[1]) for one, next_ in pairwise(sorted(found)))
    assert all(LAST < -negative <= LARGEST for _, negative in found)


def test_every_way_to_start_a_run_of_a_period_gives_the_same_weight():
    timetable = serialized("demo/fiscal-monthly").timetable
    ours = weight("demo/fiscal-monthly", "start__2026-09__v1")
    at = pendulum.datetime(2026, 10, 1, tz="Asia/Shanghai")
    for kind in (DagRunType.SCHEDULED, DagRunType.MANUAL, DagRunType.BACKFILL_JOB):
        made = timetable.generate_run_id(run_type=kind, run_after=at, data_interval=None, partition_key="2026-09")
        assert weight("demo/fiscal-monthly", made) == ours, made
    assert weight("demo/fiscal-monthly", "start__2026-09__v3") == ours
    assert (
        weight("demo/fiscal-monthly", "start__2026-08__v1") > ours > weight("demo/fiscal-monthly", "start__2026-10__v1")
    )


def test_every_task_of_a_run_weighs_the_same():
    tasks = serialized("demo/fiscal-monthly").tasks
    weights = {TaskInstance(task, dag_version_id=None, run_id="start__2026-09__v1").priority_weight for task in tasks}
    assert len(weights) == 1


@pytest.mark.parametrize(
    "run_id", ["anything", "manual__2026-10-01T00:00:00+00:00", "start__2026-13__v1", "start____v1", "__"]
)
def test_a_run_that_does_not_say_its_period_goes_last(run_id):
    assert weight("demo/fiscal-monthly", run_id) == LAST


def test_a_dag_that_an_earlier_release_serialized_goes_last_and_ends_nothing():
    data = DagSerialization.to_dict(build_dag(load_one(PACKAGE / "catalogue", "demo/fiscal-monthly"), PLAIN))
    del data["dag"]["timetable"]["__var"]["duty"]
    task = DagSerialization.from_dict(data).get_task("gather")
    assert TaskInstance(task, dag_version_id=None, run_id="start__2026-09__v1").priority_weight == LAST


def test_what_an_incident_opens_is_weighed_by_its_hours_from_when_it_happened():
    happened = datetime(2026, 9, 28, 10, tzinfo=SHANGHAI)
    said = {"type": "incident", "level": "重大", "title": "示例事件", "happened_at": happened.isoformat()}
    id_ = read_report(said, happened + timedelta(hours=1)).id
    bulletin = weight("demo/incident-bulletin", f"start__{id_}__v1")
    conference = weight("demo/incident-press-conference", f"start__{id_}__v1")
    assert bulletin - conference == 19 * 60, "5 hours and 24 hours"
    day = due("demo/wholesale-prices-weekly", "2026-W39") - (happened + timedelta(hours=5))
    assert bulletin - weight("demo/wholesale-prices-weekly", "start__2026-W39__v1") == day // timedelta(minutes=1)
    assert weight("demo/incident-bulletin", "start__of-the-office__v1") > bulletin, "an id of their own tells no time"


def test_an_incident_in_a_pool_of_its_own_goes_before_whatever_is_overdue():
    own = replace(PLAIN, incident_queue="incidents", incident_pool="incidents")
    bulletin = build_dag(load_one(PACKAGE / "catalogue", "demo/incident-bulletin"), own).get_task("gather")
    overdue = build_dag(load_one(PACKAGE / "catalogue", "demo/fiscal-monthly"), own).get_task("gather")
    of_bulletin = weight_of("start__incident-20260928-1000-1__v1", bulletin)
    assert weight_of("start__2004-01__v1", overdue) < of_bulletin < ABOVE_ALL


def test_the_sweep_and_what_people_report_and_decide_wait_behind_nothing():
    for dag in (sweep_dag(), report_event_dag(), record_decision_dag()):
        (task,) = DagSerialization.from_dict(DagSerialization.to_dict(dag)).tasks
        assert TaskInstance(task, dag_version_id=None, run_id="any").priority_weight == ABOVE_ALL < LARGEST
    (task,) = watch_pages_dag().tasks
    assert (task.priority_weight, task.weight_rule) == (1, WeightRule.DOWNSTREAM), (
        "a day is long enough for a second look"
    )


RUNS = [
    *(("demo.fiscal-monthly", f"2026-{month:02d}") for month in (7, 8, 9)),
    *(("demo.wholesale-prices-weekly", f"2026-W{week}") for week in (32, 36, 41)),
    *(("demo.land-supply-quarterly", f"2026-Q{quarter}") for quarter in (1, 2)),
]


@pytest.mark.airflow
def test_one_slot_takes_the_earliest_due_of_those_that_wait(tmp_path):
    environment = {
        "OBLIGATIONS_HOME": str(tmp_path / "home"),
        "OBLIGATIONS_JURISDICTIONS": "elsewhere",  # so that the DAGs begin paused
        "OBLIGATIONS_GO_LIVE": (datetime.now(SHANGHAI).date() + timedelta(days=1)).isoformat(),
    }
    dags = lay_out_dags(tmp_path / "dags", ("demo",))
    airflow = EmbeddedAirflow(tmp_path / "airflow", dags=dags, port=free_port(), environment=environment, parallelism=1)
    by_due = sorted(RUNS, key=lambda run: due(run[0].replace(".", "/"), run[1]))
    with at_work(airflow) as people:
        running = Running(airflow, people)

        def task(run, tries=""):
            """Return what Airflow says of a run's first task, or of its tries."""
            dag_id, period = run
            path = f"/api/v2/dags/{dag_id}/dagRuns/start__{period}__v1/taskInstances/gather{tries}"
            return running.admin.client.get(path).raise_for_status().json()

        def first_starts():
            """When each run's first task began; one that failed and was tried again began before that."""
            tries = {run: task(run, "/tries")["task_instances"] for run in RUNS}
            found = {
                run: min((one["start_date"] for one in of if one["start_date"]), default=None)
                for run, of in tries.items()
            }
            return all(found.values()) and found

        running.wait(lambda: {dag_id for dag_id, _ in RUNS} <= running.admin.dag_ids())
        slots = "/pools/default_pool?update_mask=slots"
        running.change(slots, pool="default_pool", slots=0)  # so that all of them wait before the first one is taken
        for dag_id, period in reversed(by_due):  # the order in which Airflow would take them
            running.admin.start(dag_id, f"start__{period}__v1", period=period)
        running.change("/dags?dag_id_pattern=demo.%25", is_paused=False)
        running.wait(lambda: all(task(run)["state"] == "scheduled" for run in RUNS))
        running.change(slots, pool="default_pool", slots=1)
        starts = running.wait(first_starts)
    assert sorted(RUNS, key=starts.get) == by_due, starts

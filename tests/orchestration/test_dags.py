"""Policy over every DAG: exact ids, order of tasks, limits, identity of what is serialized. Needs no database."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG
from airflow.serialization.serialized_objects import DagSerialization

from obligations.orchestration.dags import MAX_ACTIVE_RUNS, build_dag, is_scheduled
from obligations.orchestration.demo.embedded import REPOSITORY
from obligations.orchestration.events.dag import report_event_dag
from obligations.orchestration.rulings.dag import record_decision_dag
from obligations.orchestration.settings import PACKAGE, Settings
from obligations.orchestration.tasks.forms import FormOperator
from obligations.rules.catalogue import load
from obligations.rules.reviews import chain_of
from obligations.words.obligation import Obligation

CATALOGUE = load(PACKAGE / "catalogue").obligations
SETTINGS = Settings.from_environment({"AIRFLOW_HOME": "/nowhere", "OBLIGATIONS_GO_LIVE": "2026-11-01"})


def serialized(dag: DAG) -> str:
    return json.dumps(DagSerialization.to_dict(dag), sort_keys=True, ensure_ascii=False)


@pytest.fixture(scope="module")
def bag() -> DagBag:
    return DagBag(str(REPOSITORY / "dags"), bundle_name="tests")


def test_every_obligation_is_a_dag_and_nothing_else_but_the_forms(bag):
    assert bag.import_errors == {}
    assert set(bag.dags) == {obligation.dag_id for obligation in CATALOGUE.values()} | {
        "record_decision",
        "report_event",
        "sweep",
        "watch_pages",
    }


def test_every_jurisdiction_has_its_file_and_the_files_are_byte_identical():
    files = {
        name: (REPOSITORY / "dags" / f"{name}.py").read_bytes() for name in {key.split("/")[0] for key in CATALOGUE}
    }
    assert len(set(files.values())) == 1


@pytest.mark.parametrize("key", CATALOGUE)
def test_a_dag_follows_the_route_that_its_duty_allows(key):
    obligation = CATALOGUE[key]
    dag = build_dag(obligation, SETTINGS)
    asks_departments = obligation.source.kind == "ledger"
    chain = chain_of(obligation)
    route = [["gather"], *([["feedback"]] if asks_departments else []), ["draft"], ["complete"]]
    route += [[step.level.task_id for step in stage] for stage in chain.stages]
    route += [["release"], ["publish"], ["post"]] if obligation.may_reach_the_public else []
    route += [["confirm"]] if obligation.fulfilment != "published" else []
    route += [["verify"]] if obligation.may_reach_the_public else []
    route += [["record"]]
    assert sorted(dag.task_ids) == sorted(task for tasks in route for task in tasks)
    for tasks, following in pairwise(route):
        assert all(dag.get_task(task).downstream_task_ids == set(following) for task in tasks)
    assert dag.get_task("record").trigger_rule == "all_done"
    for task in (task for task in dag.tasks if isinstance(task, FormOperator)):
        assert task.defaults is None
        assert task.response_timeout is None
        assert task.trigger_rule == "all_success"
    assert dag.catchup == is_scheduled(obligation)
    assert dag.max_active_runs == MAX_ACTIVE_RUNS[obligation.clock.kind]
    limit = obligation.due.limit if obligation.due else getattr(obligation.clock, "rule", None)
    in_hours = obligation.clock.kind == "event" and str(limit) in {"PT5H", "PT24H"}
    more = ["时限过半", "时限已过80%"] if in_hours else []
    assert [alert.name for alert in dag.deadline] == ["送审期限", "截止期限", *more]
    assert obligation.jurisdiction.name in dag.tags
    assert obligation.quote.replace("\n", "") in dag.doc_md.replace("\n", "").replace("\\", ""), (
        "Markdown escapes aside"
    )
    assert dag.is_paused_upon_creation == (obligation.status(SETTINGS.go_live) == "已过执行年度")


def test_the_dag_of_a_jurisdiction_that_is_not_served_is_there_and_paused():
    obligation = CATALOGUE["demo/fiscal-monthly"]
    elsewhere = replace(SETTINGS, jurisdictions=frozenset({"shandong"}))
    assert build_dag(obligation, elsewhere).is_paused_upon_creation
    assert not build_dag(obligation, replace(SETTINGS, jurisdictions=frozenset({"demo"}))).is_paused_upon_creation


@pytest.mark.parametrize("key", [key for key in CATALOGUE if key.startswith("demo/")])
def test_a_dag_is_serialized_identically_whenever_and_however_it_is_loaded(key):
    first, second = (serialized(build_dag(CATALOGUE[key], SETTINGS)) for _ in range(2))
    assert first == second


def test_at_task_start_only_the_running_dag_is_built(tmp_path):
    script = (
        "import json, runpy, sys; found = runpy.run_path('dags/demo.py');"
        "print(json.dumps(sorted(name for name in found if name.startswith('demo.'))))"
    )
    environment = {**os.environ, "AIRFLOW_HOME": str(tmp_path), "PYTHONPATH": str(REPOSITORY / "include")}
    environment |= {
        "_AIRFLOW_PARSING_CONTEXT_DAG_ID": "demo.fiscal-monthly",
        "_AIRFLOW_PARSING_CONTEXT_TASK_ID": "gather",
    }
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=True
    )
    assert json.loads(ran.stdout.splitlines()[-1]) == ["demo.fiscal-monthly"]


def test_parsing_imports_no_pandas_docx_or_ledger(tmp_path):
    script = "import runpy, sys; runpy.run_path('dags/demo.py'); print([m for m in ('pandas', 'docx', 'pandera', 'openpyxl') if m in sys.modules])"
    environment = {**os.environ, "AIRFLOW_HOME": str(tmp_path), "PYTHONPATH": str(REPOSITORY / "include")}
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=True
    )
    assert ran.stdout.splitlines()[-1] == "[]"


def test_a_fault_loses_one_obligation_and_shows_as_the_import_error_of_its_own_file(tmp_path, monkeypatch):
    shutil.copytree(PACKAGE / "catalogue" / "demo", tmp_path / "demo")
    shutil.copytree(PACKAGE / "catalogue" / "shandong", tmp_path / "shandong")
    broken: Path = tmp_path / "demo" / "fiscal-monthly.yaml"
    broken.write_text(broken.read_text("utf-8") + "colour: red\n", "utf-8")
    monkeypatch.setenv("OBLIGATIONS_CATALOGUE", str(tmp_path))
    dags = tmp_path / "dags"
    dags.mkdir()
    for name in ("demo.py", "catalogue_faults.py"):
        shutil.copy(REPOSITORY / "dags" / name, dags / name)
    bag = DagBag(str(dags), bundle_name="tests")
    assert "demo.fiscal-monthly" not in bag.dags
    assert "demo.land-supply-quarterly" in bag.dags
    (error,) = bag.import_errors.values()
    assert "demo/fiscal-monthly.yaml：字段 colour 的值是 red" in error


def test_a_faulty_file_of_review_rules_costs_no_dag_and_shows_as_an_import_error_of_its_own(tmp_path, monkeypatch):
    rules = tmp_path / "reviews.yaml"
    rules.write_text("chains: [{name: 无人签发, stages: [[{level: first}]]}]", "utf-8")
    monkeypatch.setenv("OBLIGATIONS_REVIEWS", str(rules))
    dags = tmp_path / "dags"
    dags.mkdir()
    for name in ("demo.py", "catalogue_faults.py"):
        shutil.copy(REPOSITORY / "dags" / name, dags / name)
    bag = DagBag(str(dags), bundle_name="tests")
    assert "review_final" in bag.dags["demo.fiscal-monthly"].task_ids
    (error,) = bag.import_errors.values()
    assert "reviews.yaml：字段 chains.0.stages 的值是 无人签发" in error


def test_every_dag_shows_chinese_to_people():
    shown: list[Obligation] = [obligation for obligation in CATALOGUE.values() if obligation.title.isascii()]
    assert shown == []


@pytest.mark.parametrize("build", [report_event_dag, record_decision_dag])
def test_what_a_person_said_is_taken_in_again_when_its_process_was_killed(build):
    assert {task.retries for task in build().tasks} == {5}, "a report that is lost is an incident that nobody hears of"

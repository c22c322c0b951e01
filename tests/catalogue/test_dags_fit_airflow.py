"""Every DAG of the catalogue fits the columns of Airflow's tables, is labeled for people, and can be serialized."""

from __future__ import annotations

import pytest
from airflow.models.dag import DagModel, DagTag
from airflow.serialization.serialized_objects import DagSerialization

from obligations.orchestration.dags import build_dag, is_scheduled
from obligations.orchestration.settings import Settings
from obligations.orchestration.timetable import ObligationTimetable
from obligations.rules.wording import say_cadence, say_kind

SETTINGS = Settings.from_environment({"AIRFLOW_HOME": "/nowhere", "OBLIGATIONS_GO_LIVE": "2026-11-01"})


def width(column) -> int:
    return column.type.length


@pytest.fixture
def dag(obligation):
    return build_dag(obligation, SETTINGS)


def test_its_names_fit(obligation, dag):
    columns = DagModel.__table__.c
    assert len(dag.dag_id) <= width(columns.dag_id)
    assert len(dag.dag_display_name) <= width(columns.dag_display_name)
    assert len(dag.owner) <= width(columns.owners)
    if is_scheduled(obligation):
        assert len(ObligationTimetable.of(obligation).description) <= width(columns.timetable_description)
    assert all(0 < len(tag) <= width(DagTag.__table__.c.name) for tag in dag.tags)


def test_its_labels_are_chinese_and_say_whose_what_and_how_often(obligation, dag):
    assert dag.dag_display_name == f"{obligation.jurisdiction.name}·{obligation.title}"
    names = obligation.department_names or obligation.departments
    assert dag.tags == {obligation.jurisdiction.name, say_kind(obligation.clock), say_cadence(obligation.clock), *names}
    assert all(not task.task_display_name.isascii() for task in dag.tasks)


def test_it_can_be_serialized_and_equals_itself(obligation, dag):
    again = build_dag(obligation, SETTINGS)
    assert DagSerialization.to_dict(dag) == DagSerialization.to_dict(again)

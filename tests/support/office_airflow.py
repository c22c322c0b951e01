"""Airflow's whole API server in this process, on its own database, with one task parked at its form, for tests of the pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from airflow.api.common.trigger_dag import trigger_dag
from airflow.api_fastapi.app import purge_cached_app
from airflow.dag_processing.bundles.manager import DagBundlesManager
from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db
from airflow.models import DagRun
from airflow.models.hitl import HITLDetail
from airflow.models.log import Log
from airflow.models.taskinstance import TaskInstance
from airflow.utils.db import initdb
from airflow.utils.session import create_session
from airflow.utils.state import TaskInstanceState
from airflow.utils.types import DagRunTriggeredByType
from sqlalchemy import delete, select

from obligations.orchestration.review.answers import APPROVE, COMMENT, RETURN
from obligations.orchestration.settings import PACKAGE

DAGS = PACKAGE.parents[1] / "dags"


@contextmanager
def prepare_airflow(folder: Path, jurisdiction: str = "shandong") -> Iterator[Any]:
    """Make the metadata database with the DAGs of a jurisdiction, and the API server with the plugin's pages."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE", str(folder / "passwords.json"))
        patch.setenv("AIRFLOW__API_AUTH__JWT_SECRET", "a key of this test that is long enough to sign with it" * 2)
        patch.setenv("AIRFLOW__API__BASE_URL", "")
        purge_cached_app()
        initdb()
        DagBundlesManager().sync_bundles_to_db()
        sync_bag_to_db(DagBag(DAGS / f"{jurisdiction}.py"), "dags-folder", None)
        from airflow.api_fastapi.main import app  # made when it is first loaded

        yield app
        purge_cached_app()


def park(dag_id: str, run_id: str, period: str, task: str, *, assigned: Sequence[str]) -> None:
    """Leave one run of a DAG waiting at the form of one task, as its worker would; of earlier runs nothing stays."""
    fields = {
        COMMENT.name: {
            "value": None,
            "description": COMMENT.label,
            "schema": {"type": ["null", "string"], "title": COMMENT.label},
        }
    }
    with create_session() as session:
        session.execute(delete(DagRun))
        session.execute(delete(Log))
    with create_session() as session:
        trigger_dag(
            dag_id=dag_id, triggered_by=DagRunTriggeredByType.TEST, run_id=run_id, partition_key=period, session=session
        )
        found = session.scalar(select(TaskInstance).where(TaskInstance.run_id == run_id, TaskInstance.task_id == task))
        found.state = TaskInstanceState.AWAITING_INPUT
        found.next_method = "execute_complete"
        found.start_date = datetime.now(UTC)
        detail = HITLDetail(ti_id=found.id, options=[APPROVE, RETURN], subject="初审：财政收支（第1版）", params=fields)
        detail.assignees = [{"id": name, "name": name} for name in assigned] or None
        session.add(detail)

"""Starts runs of DAGs from within a task. An existing run of the same id counts as started."""

from __future__ import annotations

from typing import Any

from airflow.sdk.exceptions import ErrorType
from airflow.sdk.execution_time import task_runner
from airflow.sdk.execution_time.comms import ErrorResponse, TriggerDagRun


def start_run(dag_id: str, run_id: str, conf: dict[str, Any]) -> bool:
    """Start a run of ``dag_id``; returns False if it exists already. Only inside a running task.

    Ids must not begin with ``scheduled__``: an id that a timetable later makes again kills the scheduler.
    """
    answer = task_runner.SUPERVISOR_COMMS.send(TriggerDagRun(dag_id=dag_id, run_id=run_id, conf=conf))
    if isinstance(answer, ErrorResponse):
        if answer.error == ErrorType.DAGRUN_ALREADY_EXISTS:
            return False
        raise RuntimeError(f"run {run_id} of {dag_id} was not started: {answer.error}: {answer.detail}")
    return True

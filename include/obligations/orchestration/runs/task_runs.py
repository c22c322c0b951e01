"""What the starter asks of Airflow and tells it, from within a task; the other side of ``sweep.starting.Runs``."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from http import HTTPStatus
from typing import Any

from airflow.sdk.exceptions import AirflowRuntimeError, ErrorType
from airflow.sdk.execution_time import task_runner
from airflow.sdk.execution_time.comms import (
    DagResult,
    DagRunStateResult,
    DRCount,
    ErrorResponse,
    GetDag,
    GetDagRunState,
    GetDRCount,
    SkipDownstreamTasks,
    TriggerDagRun,
)

from obligations.orchestration.sweep.starting import LIVE, AirflowSilent, DagUnavailable


class TaskRuns:
    """Airflow's runs as seen by a running task."""

    def require_startable(self, dag_id: str) -> None:
        """Raise DagUnavailable for a DAG that is missing or paused."""
        found = _ask(GetDag(dag_id=dag_id), dag_id)
        if isinstance(found, DagResult) and found.is_paused:
            raise DagUnavailable(f"{dag_id} 已在 Airflow 中暂停，不启动办理；时限照常计算，请恢复该 DAG")

    def start(self, dag_id: str, run_id: str, conf: dict[str, Any]) -> bool:
        """Start a run of ``dag_id``; False if it exists already. Raises DagUnavailable.

        Ids must not begin with ``scheduled__``: an id that a timetable later makes again kills the scheduler.
        """
        answer = _ask(TriggerDagRun(dag_id=dag_id, run_id=run_id, conf=conf), dag_id)
        return not (isinstance(answer, ErrorResponse) and answer.error == ErrorType.DAGRUN_ALREADY_EXISTS)

    def state(self, dag_id: str, run_id: str) -> str | None:
        """Return a run's state, None if Airflow has no such run."""
        try:
            found = _ask(GetDagRunState(dag_id=dag_id, run_id=run_id), dag_id)
        except DagUnavailable:
            return None
        return str(found.state.value) if isinstance(found, DagRunStateResult) else None

    def count_live(self, dag_id: str, run_ids: Collection[str]) -> int:
        """Return how many of these runs are queued or running."""
        found = _ask(GetDRCount(dag_id=dag_id, run_ids=sorted(run_ids), states=list(LIVE)), dag_id)
        return found.count if isinstance(found, DRCount) else 0

    def clear(self, dag_id: str, run_id: str) -> None:
        """Let a run begin anew that the caller knows to exist. Raises DagUnavailable.

        Airflow finds the run there (409), and its supervisor clears it: also one that is parked for an answer, also one
        of the timetable (``scheduled__``).
        """
        _ask(TriggerDagRun(dag_id=dag_id, run_id=run_id, reset_dag_run=True), dag_id)


def _ask(question: Any, dag_id: str) -> Any:
    """Ask Airflow's supervisor; raises DagUnavailable for what it refuses, AirflowSilent where it cannot answer."""
    try:
        return task_runner.SUPERVISOR_COMMS.send(question)
    except AirflowRuntimeError as error:
        detail = error.error.detail or {}
        if detail.get("status_code") == HTTPStatus.NOT_FOUND:
            raise DagUnavailable(f"Airflow 中没有 {dag_id}；请核对 DAG 文件和任务清单") from None
        if detail.get("status_code") == HTTPStatus.BAD_REQUEST:
            raise DagUnavailable(f"{dag_id} 无法启动（{_reason(detail)}）；请在 Airflow 的导入错误中查看") from None
        raise AirflowSilent(f"Airflow 的接口没有应答（{error}），这次没有启动办理，下一次巡检再试") from error


def _reason(detail: dict[str, Any]) -> str:
    """Return Airflow's own word for a refusal, such as ``import_errors``."""
    said = (detail.get("detail") or {}).get("detail")
    return str(said.get("reason", said)) if isinstance(said, dict) else str(said or detail.get("message", ""))


def skip(task_ids: Sequence[str]) -> None:
    """Skip tasks of the caller's own run that have not run yet, those that wait for a person among them."""
    task_runner.SUPERVISOR_COMMS.send(SkipDownstreamTasks(tasks=list(task_ids)))

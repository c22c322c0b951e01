"""Airflow's runs as a table, for tests of who starts them and when; the real one is tried end to end."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from obligations.orchestration.sweep.starting import AirflowSilent, DagUnavailable


@dataclass
class TableOfRuns:
    """Airflow's runs as a table: state by (dag id, run id); ``refused`` DAGs cannot run."""

    states: dict[tuple[str, str], str] = field(default_factory=dict)
    confs: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    silent: bool = False
    cleared: list[tuple[str, str]] = field(default_factory=list)

    def require_startable(self, dag_id: str) -> None:
        if self.silent:
            raise AirflowSilent("Airflow 的接口没有应答")
        if dag_id in self.refused:
            raise DagUnavailable(self.refused[dag_id])

    def start(self, dag_id: str, run_id: str, conf: dict[str, Any]) -> bool:
        if (dag_id, run_id) in self.states:
            return False
        self.states[dag_id, run_id], self.confs[dag_id, run_id] = "queued", conf
        return True

    def state(self, dag_id: str, run_id: str) -> str | None:
        return self.states.get((dag_id, run_id))

    def count_live(self, dag_id: str, run_ids: Collection[str]) -> int:
        return sum(self.state(dag_id, run_id) in {"queued", "running"} for run_id in run_ids)

    def clear(self, dag_id: str, run_id: str) -> None:
        assert (dag_id, run_id) in self.states, "Airflow would make it, under an id that a timetable may make again"
        self.cleared.append((dag_id, run_id))

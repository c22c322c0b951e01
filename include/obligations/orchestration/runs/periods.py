"""Reads from a run which period or event it serves. The one place that knows where Airflow keeps it."""

from __future__ import annotations

from typing import Any, Protocol

from obligations.words.errors import UnusableInput


class Run(Protocol):
    """What is needed of Airflow's dag run, in a task or in the scheduler."""

    run_id: str
    partition_key: str | None
    conf: dict[str, Any] | None


def period_of(run: Run) -> str:
    """Return the period's key; raises UnusableInput where the run names none.

    It is the partition key of a timetabled, manual or backfill run; ``conf["period"]`` of a run that the starter made,
    because a task cannot hand on a partition key in Airflow 3.3.2; ``conf["event_id"]`` of an event's run.
    """
    conf = run.conf or {}
    period = run.partition_key or conf.get("period") or conf.get("event_id")
    if not isinstance(period, str) or not period:
        raise UnusableInput(
            f"运行 {run.run_id} 没有写明周期：定期事项请在触发时填写分区键（partition key，例如 2026-09），"
            "由事件触发的事项请通过“事件登记”（report_event）触发"
        )
    return period

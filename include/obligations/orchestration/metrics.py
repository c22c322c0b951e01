"""What monitoring is told: every metric by its name, sent with Airflow's own wherever ``[metrics]`` of Airflow says.

Where a metric is counted or measured does not belong here. A counter is a number of things that happened since it was last
told, a gauge the state of now. Names follow Airflow's (dots); what becomes of them in Prometheus is
``deploy/prometheus/statsd-mapping.yaml``.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from types import ModuleType


class Counter(StrEnum):
    """What happens, counted where it does."""

    PUBLISHED = "obligations.published"
    COMPLETED = "obligations.completed"
    MISSED = "obligations.missed"
    BAD_INPUT = "obligations.bad_input"
    NOTICES_SENT = "obligations.notices.sent"
    NOTICES_FAILED = "obligations.notices.failed"


class Gauge(StrEnum):
    """How the installation stands, measured at the end of every sweep."""

    OPEN = "obligations.open"
    DUE_IN_24H = "obligations.due_in_24h"
    LATE = "obligations.late"
    LACKING = "obligations.lacking"
    IN_REVIEW = "obligations.in_review"
    NOTICES_UNSENT = "obligations.notices.unsent"
    OLDEST_UNSENT = "obligations.notices.oldest_unsent_seconds"
    SWEEP_FINISHED = "obligations.sweep.finished_timestamp_seconds"
    SWEEP_DURATION = "obligations.sweep.duration_seconds"
    SWEEP_ALARMS = "obligations.sweep.alarms"


def count(counter: Counter, number: int = 1) -> None:
    """Count what has happened; nothing is sent where Airflow sends no metrics. A number of 0 says that there is such a count."""
    _stats().incr(counter.value, number)


def measure(gauge: Gauge, value: float) -> None:
    """Tell a gauge's value; nothing is sent where Airflow sends no metrics."""
    _stats().gauge(gauge.value, value)


@cache
def _stats() -> ModuleType:
    """Return the Task SDK's client of metrics, ready in whatever process this is.

    Airflow 3.3.2 makes it ready in task processes alone; pages, the triggerer and the command line count, too. Imported here,
    because what a DAG file loads when it is parsed needs none of it.
    """
    from airflow.sdk.configuration import conf
    from airflow.sdk.observability import stats
    from airflow.sdk.observability.metrics import stats_utils

    legacy = conf.getboolean("metrics", "legacy_names_on")
    stats.initialize(factory=stats_utils.get_stats_factory(), export_legacy_names=legacy)
    return stats

"""Celery's settings in production: Airflow's own, and what every task needs imported once a worker instead of once a task.

Airflow forks a process for each task, which finds imported what its worker had imported. Named in
``AIRFLOW__CELERY__CELERY_CONFIG_OPTIONS``; nothing but settings belongs here, for the scheduler reads them too.
"""

from __future__ import annotations

from typing import Any

from airflow.providers.celery.executors.default_celery import DEFAULT_CELERY_CONFIG

CELERY_CONFIG: dict[str, Any] = {
    **DEFAULT_CELERY_CONFIG,
    "imports": (*DEFAULT_CELERY_CONFIG.get("imports", ()), "obligations.orchestration.celery_worker"),
}

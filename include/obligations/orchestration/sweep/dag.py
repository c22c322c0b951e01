"""The DAG ``sweep``: one pass over everything every ten minutes, by the clock of whoever runs the task."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pendulum
from airflow.sdk import DAG, task

from obligations.orchestration.priority import ABOVE_ALL
from obligations.orchestration.settings import Settings
from obligations.orchestration.tasks.doors import now

log = logging.getLogger(__name__)
_DOC = """# 定时巡检

每10分钟一次：登记今后90天内和上线以来的全部期次，按放假通知和目录的变化调整时限，启动应办未办的期次，登记逾期，
排队并发送提醒，发现系统自身的问题时告知运维。**不要暂停**：暂停期间不发提醒，恢复后补上，逾期不会漏记。
"""


def sweep_dag() -> DAG:
    """Build the DAG; it is never paused at creation, for nothing else watches over what has no run."""
    with DAG(
        "sweep",
        dag_display_name="定时巡检",
        doc_md=_DOC,
        schedule="*/10 * * * *",
        start_date=pendulum.datetime(2016, 1, 1, tz="Asia/Shanghai"),
        catchup=False,
        is_paused_upon_creation=False,
        max_active_runs=1,
        dagrun_timeout=timedelta(hours=1),  # a pass that hangs must not keep the next ones from coming for ever
        tags=["巡检"],
    ) as dag:

        @task(
            task_id="sweep",
            task_display_name="巡检",
            execution_timeout=timedelta(minutes=50),
            retries=2,  # the API server may still be starting; a pass that is repeated changes nothing
            retry_delay=timedelta(seconds=15),
            priority_weight=ABOVE_ALL,
            weight_rule="absolute",
        )
        def sweep_once() -> dict[str, Any]:
            # Here, because parsing a DAG file needs none of it.
            from obligations.orchestration.notices.channels import transports_of
            from obligations.orchestration.runs.task_runs import TaskRuns
            from obligations.orchestration.sweep.measuring import count_report, measure_pass
            from obligations.orchestration.sweep.sweeping import sweep

            settings = Settings.from_environment()
            report = sweep(settings, now(), runs=TaskRuns(), transports=transports_of(settings), clock=now)
            for alarm in report.alarms:
                log.warning("%s", alarm.said)
            count_report(report)
            measure_pass(settings, report, now())
            return report.counts()

        sweep_once()
    return dag

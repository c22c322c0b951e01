"""The DAG ``watch_pages``: once a night, and on demand, it looks again at what was published."""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from typing import Any

import pendulum
from airflow.sdk import DAG, task
from airflow.sdk.exceptions import AirflowFailException

from obligations.orchestration.settings import Settings
from obligations.orchestration.tasks.doors import now
from obligations.words.errors import ObligationsError

log = logging.getLogger(__name__)
_DOC = """# 已发布网页复查

每天凌晨一次，也可随时手动触发：逐一查看最近400天内已核验的公开网页，与审签稿比较。

- 网页打不开了、内容与审签稿不一致了、恢复了，各登记一次，由下一次巡检通知责任人和政务公开办。
- 变化须两次查看结果一致才登记；网站拒绝系统访问或连不上的，不作任何登记。
- 同一网站一次只看一个网页，中间停顿，不给网站增加负担。只看渠道文件 hosts 中登记的网站。
- 确需更正的登记更正，确需撤回的登记撤回；网站误删的，请网站恢复。
"""


def watch_pages_dag() -> DAG:
    """Build the DAG; it is never paused at creation, for nobody else would notice."""
    with DAG(
        "watch_pages",
        dag_display_name="已发布网页复查",
        doc_md=_DOC,
        schedule="40 3 * * *",
        start_date=pendulum.datetime(2016, 1, 1, tz="Asia/Shanghai"),
        catchup=False,
        is_paused_upon_creation=False,
        max_active_runs=1,
        dagrun_timeout=timedelta(hours=12),
        tags=["巡检"],
    ) as dag:

        @task(
            task_id="watch",
            task_display_name="复查",
            execution_timeout=timedelta(hours=11),
            retries=2,  # the API server may still be starting; a round that is repeated tells no change twice
            retry_delay=timedelta(minutes=1),
        )
        def watch_once() -> dict[str, Any]:
            # Here, because parsing a DAG file needs none of it.
            from obligations.orchestration.publication.looking import looker
            from obligations.orchestration.publication.watching import watch
            from obligations.steps.ledger import open_ledger

            settings = Settings.from_environment()
            try:
                with open_ledger(settings.ledger_url) as ledger:
                    done = watch(ledger, looker(settings), now, time.sleep)
            except ObligationsError as error:
                raise AirflowFailException(str(error)) from None
            for key, period, address, state in done.changed:
                log.warning("%s %s %s: %s", key, period, address, state)
            for said in done.skipped:
                log.warning("%s", said)
            return done.counts()

        watch_once()
    return dag

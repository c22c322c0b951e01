"""The DAG ``report_event``: a typed form (or REST call) reports an event and starts the DAG of every duty it opens."""

from __future__ import annotations

import logging
from typing import Any

import pendulum
from airflow.sdk import DAG, Param, task
from airflow.sdk.exceptions import AirflowFailException

from obligations.orchestration.events.closing import close_event, read_end
from obligations.orchestration.events.incidents import (
    LEVELS,
    TEXTS,
    event_types,
    read_report,
    report,
)
from obligations.orchestration.lanes import incident_lane
from obligations.orchestration.priority import ABOVE_ALL
from obligations.orchestration.runs.task_runs import TaskRuns
from obligations.orchestration.settings import Settings
from obligations.orchestration.sources.connections import engine_for
from obligations.orchestration.sweep.starting import start_ready
from obligations.orchestration.tasks.doors import TRIED_AGAIN, now
from obligations.steps.gather import Sources
from obligations.steps.ledger import open_ledger
from obligations.words.errors import ObligationsError
from obligations.words.occurrence import INCIDENT

log = logging.getLogger(__name__)
_DOC = """# 事件登记

登记突发事件和其他使公开事项开始计时的事件（政策性文件公布、会议决策、检查等）。登记后，凡条文对该类型、该级别事件
规定了时限的公开事项即刻开始计时并启动办理。

- **时限从事件发生时起算**，不是从登记时起算。
- 突发事件须选级别：条文只约束特别重大、重大事件；较大、一般事件只登记，不开始计时。之后级别变化的，填写原事件编号再登记一次。
- 条文要求在事件之前或同时完成的（决策前公开征求意见、解读方案与文件同步），可在事件之前登记，“发生时间”填计划的时间。
- 突发事件以外的事项，材料由责任单位放入收件夹，文件名写事件编号。
- 重复登记同一事件不会改变任何时限，也不会重复启动。
- 特别重大、重大突发事件结束之前，按上次通报的时间续报；结束后，填写原编号、结束时间和理由再登记一次，以后不再续报。
- 非涉密系统，严禁填写涉密信息；不要填写伤亡人员姓名等个人信息。
"""


def report_event_dag() -> DAG:
    """Build the DAG; the form offers the types of event that the catalogue knows."""
    settings = Settings.from_environment()
    with DAG(
        "report_event",
        dag_display_name="事件登记",
        doc_md=_DOC,
        schedule=None,
        start_date=pendulum.datetime(2016, 1, 1, tz="Asia/Shanghai"),
        is_paused_upon_creation=False,
        max_active_runs=200,
        tags=["突发事件", "事件登记"],
        params=_form(event_types(settings.catalogue)),
        default_args={
            **TRIED_AGAIN,
            **incident_lane(settings),
            "priority_weight": ABOVE_ALL,
            "weight_rule": "absolute",
        },
    ) as dag:

        @task(task_id="report", task_display_name="登记并启动")
        def report_and_start(params: dict[str, Any] | None = None, dag_run: Any = None) -> list[dict[str, str]]:
            fields = dict(params or {})
            settings, at = Settings.from_environment(), now()
            try:
                end = read_end(fields)
                reported = report(
                    settings, read_report(fields, at), at, jurisdiction=fields.get("jurisdiction") or None
                )
                if end is not None:
                    close_event(settings, reported.event.id, *end, dag_run.triggering_user_name or "", at)
            except ObligationsError as error:
                raise AirflowFailException(str(error)) from None
            opened = [(obligation.key, occurrence.period.key) for obligation, occurrence in reported.opened]
            sources = Sources(settings.inbox, settings.store, settings.quarantine, engine_for)
            with open_ledger(settings.ledger_url) as ledger:
                for alarm in start_ready(settings, ledger, TaskRuns(), sources, at, only=opened).alarms:
                    log.warning("%s", alarm.said)
            return [
                {"key": obligation.key, "due_at": occurrence.due_at.isoformat()}
                for obligation, occurrence in reported.opened
            ]

        report_and_start()
    return dag


def _form(types: list[str]) -> dict[str, Param]:
    optional = ["null", "string"]
    form = {
        "type": Param(
            INCIDENT,
            type="string",
            enum=list(dict.fromkeys([INCIDENT, *types])),
            values_display={INCIDENT: "突发事件"},
            title="事件类型",
        ),
        "level": Param(None, type=optional, enum=[*LEVELS, None], title="事件级别（突发事件必选，其他事件不填）"),
        "title": Param(None, type="string", minLength=2, maxLength=200, title="事件名称"),
        "happened_at": Param(None, type="string", format="date-time", title="发生时间（时限由此起算，注意时区）"),
        "reported_at": Param(None, type=optional, format="date-time", title="报告到本单位的时间（不填为现在）"),
        "noticed_at": Param(None, type=optional, format="date-time", title="本单位知悉的时间"),
    }
    form |= {name: Param(None, type=optional, maxLength=2000, title=title) for name, title in TEXTS.items()}
    form["event_id"] = Param(
        None, type=optional, pattern="^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$", title="事件编号（级别变化时填写原编号）"
    )
    form["closed_at"] = Param(
        None, type=optional, format="date-time", title="事件结束时间（只在登记结束时填，同时填原编号和原报告内容）"
    )
    form["closed_reason"] = Param(None, type=optional, maxLength=2000, title="结束的理由（登记结束时必填）")
    form["jurisdiction"] = Param(None, type=optional, title="只限某一辖区（目录名，不填为全部在执行期内的辖区）")
    return form

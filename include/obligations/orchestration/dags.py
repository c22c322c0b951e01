"""Builds the DAG of every obligation of a jurisdiction. No database, network or heavy import here: files are parsed often.

``dags_of(__file__)`` is all that a file in ``dags/`` says. At task start Airflow names the one DAG it needs, and only
that obligation is read.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pendulum
from airflow.sdk import DAG, get_parsing_context
from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert

from obligations.orchestration.deadline import Moment, OccurrenceDeadline
from obligations.orchestration.documentation import documentation_of
from obligations.orchestration.operators import (
    ConfirmOperator,
    DraftOperator,
    FeedbackOperator,
    GatherOperator,
    PublishOperator,
    RecordOperator,
    ReviewOperator,
    VerifyOperator,
)
from obligations.orchestration.settings import Settings
from obligations.orchestration.timetable import ObligationTimetable
from obligations.rules.catalogue import load, load_jurisdiction, load_one
from obligations.rules.periods import has_periods
from obligations.rules.wording import say_cadence, say_kind
from obligations.words.clocks import EventClock
from obligations.words.errors import CatalogueFault
from obligations.words.obligation import Obligation
from obligations.words.sources import LedgerSource

# A run that waits for data or a person is a running run and holds one of these places.
MAX_ACTIVE_RUNS = {"recurring": 16, "deadline": 16, "quota": 16, "standing": 16, "event": 200}
ALERTS: dict[Moment, str] = {"draft_by": "送审期限", "due_at": "截止期限"}
ALERTS_IN_HOURS: dict[Moment, str] = {"half": "时限过半", "four_fifths": "时限已过80%"}


def dags_of(file: str) -> dict[str, DAG]:
    """Return the DAGs of the jurisdiction that ``file`` is named after, by dag id; faulty obligations are left out."""
    settings = Settings.from_environment()
    jurisdiction = Path(file).stem
    wanted = get_parsing_context().dag_id
    if wanted is not None and wanted.partition(".")[0] == jurisdiction:
        obligations = [load_one(settings.catalogue, wanted.replace(".", "/", 1))]
    else:
        obligations = list(load_jurisdiction(settings.catalogue, jurisdiction).obligations.values())
    return {obligation.dag_id: build_dag(obligation, settings) for obligation in obligations}


def raise_catalogue_faults() -> None:
    """Raise CatalogueFault with every fault of the catalogue, so that Airflow shows them as an import error."""
    faults = load(Settings.from_environment().catalogue).faults
    if faults:
        raise CatalogueFault(faults)


def build_dag(obligation: Obligation, settings: Settings) -> DAG:
    """Build the DAG of one obligation; equal input gives a byte-identical serialized DAG."""
    clock = obligation.clock
    scheduled = is_scheduled(obligation)
    dag = DAG(
        obligation.dag_id,
        dag_display_name=f"{obligation.jurisdiction.name}·{obligation.title}",
        description=obligation.quote,
        doc_md=documentation_of(obligation),
        schedule=ObligationTimetable.of(obligation) if scheduled else None,
        start_date=pendulum.datetime(*settings.go_live.timetuple()[:3], tz="Asia/Shanghai"),
        catchup=scheduled,
        is_paused_upon_creation=(
            obligation.status(settings.go_live) == "已过执行年度" or not settings.serves(obligation.jurisdiction.slug)
        ),
        max_active_runs=MAX_ACTIVE_RUNS[clock.kind],
        max_active_tasks=MAX_ACTIVE_RUNS[clock.kind],
        tags=_tags(obligation),
        deadline=[_alert(obligation, limit, name) for limit, name in alerts_of(obligation).items()],
        default_args={"owner": obligation.jurisdiction.slug, "retries": 2, "retry_delay": timedelta(seconds=30)},
        render_template_as_native_obj=False,
    )
    with dag:
        _tasks(obligation)
    return dag


def is_scheduled(obligation: Obligation) -> bool:
    """Whether the calendar alone opens its occurrences; the others wait for an event or a check."""
    return has_periods(obligation.clock)


def alerts_of(obligation: Obligation) -> dict[Moment, str]:
    """Return the moments at which Airflow wakes up, with their names; of an hour limit also those in between."""
    limit = obligation.due.limit if obligation.due else getattr(obligation.clock, "rule", None)
    in_hours = (
        isinstance(obligation.clock, EventClock) and limit is not None and limit.unit == "hour" and limit.amount > 0
    )
    return ALERTS | ALERTS_IN_HOURS if in_hours else ALERTS


def _tasks(obligation: Obligation) -> None:
    feedback = []
    if isinstance(obligation.source, LedgerSource):
        feedback = [FeedbackOperator(task_id="feedback", task_display_name="反馈核实", obligation=obligation)]
    chain: list[Any] = [
        GatherOperator(task_id="gather", task_display_name="归集数据", obligation=obligation),
        *feedback,
        DraftOperator(task_id="draft", task_display_name="生成草稿", obligation=obligation),
        ReviewOperator(task_id="review", task_display_name="审核", obligation=obligation),
    ]
    if obligation.may_reach_the_public:
        chain.append(PublishOperator(task_id="publish", task_display_name="发布", obligation=obligation))
    if obligation.fulfilment != "published":
        chain.append(ConfirmOperator(task_id="confirm", task_display_name="登记办理结果", obligation=obligation))
    chain.append(VerifyOperator(task_id="verify", task_display_name="核验", obligation=obligation))
    chain.append(RecordOperator(task_id="record", task_display_name="登记台账", obligation=obligation))
    for task, following in pairwise(chain):
        task >> following


def _alert(obligation: Obligation, limit: Moment, name: str) -> DeadlineAlert:
    return DeadlineAlert(
        name=name,
        reference=OccurrenceDeadline.of(obligation, limit),
        interval=timedelta(0),
        callback=AsyncCallback(
            "obligations.orchestration.callbacks.on_deadline", kwargs={"key": obligation.key, "limit": limit}
        ),
    )


def _tags(obligation: Obligation) -> list[str]:
    departments = obligation.department_names or obligation.departments
    words = [obligation.jurisdiction.name, say_kind(obligation.clock), say_cadence(obligation.clock), *departments]
    return sorted({word[:100] for word in words if word})

"""Builds the DAG of every obligation of a jurisdiction. No database, network or heavy import here: files are parsed often.

``dags_of(__file__)`` is all that a file in ``dags/`` says. At task start Airflow names the one DAG it needs, and only
that obligation is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pendulum
from airflow.sdk import DAG, BaseOperator, get_parsing_context
from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert

from obligations.orchestration.deadline import Moment, OccurrenceDeadline
from obligations.orchestration.documentation import documentation_of
from obligations.orchestration.lanes import lane_of
from obligations.orchestration.priority import EARLIEST_DUE_FIRST, minutes_of_limit
from obligations.orchestration.settings import Settings
from obligations.orchestration.tasks.forms import (
    CompleteOperator,
    ConfirmOperator,
    PostOperator,
    ReleaseOperator,
    ReviewOperator,
)
from obligations.orchestration.tasks.steps import (
    DraftOperator,
    FeedbackOperator,
    GatherOperator,
    PublishOperator,
    RecordOperator,
    VerifyOperator,
)
from obligations.orchestration.timetable import ObligationTimetable
from obligations.rules.catalogue import load, load_jurisdiction, load_one
from obligations.rules.periods import has_periods
from obligations.rules.reviews import chain_of, load_reviews
from obligations.rules.simplified import simplified
from obligations.rules.wording import say_cadence, say_kind
from obligations.words.clocks import EventClock
from obligations.words.errors import CatalogueFault
from obligations.words.obligation import Obligation
from obligations.words.reviews import Chain, Step
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
    """Raise CatalogueFault with every fault of the catalogue and the rules of review, which Airflow shows as an import error."""
    settings = Settings.from_environment()
    faults = load(settings.catalogue).faults
    try:
        load_reviews(settings.reviews)
    except CatalogueFault as faulty:
        faults += faulty.faults
    if faults:
        raise CatalogueFault(faults)


def build_dag(obligation: Obligation, settings: Settings) -> DAG:
    """Build the DAG of one obligation; equal input gives a byte-identical serialized DAG."""
    clock = obligation.clock
    scheduled = is_scheduled(obligation)
    dag = DAG(
        obligation.dag_id,
        dag_display_name=f"{obligation.jurisdiction.name}·{obligation.title}",
        description=simplified(obligation.quote),
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
        default_args={
            "owner": obligation.jurisdiction.slug,
            "retries": 2,
            "retry_delay": timedelta(seconds=30),
            "priority_weight": minutes_of_limit(obligation),
            "weight_rule": EARLIEST_DUE_FIRST,
            **lane_of(obligation, settings),
        },
        render_template_as_native_obj=False,
    )
    with dag:
        _tasks(obligation, _chain(obligation, settings))
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


def _chain(obligation: Obligation, settings: Settings) -> Chain:
    """Return the levels to lay out; of a faulty file the packaged ones, for it must cost no DAG.

    Nothing is approved or published by it: whoever acts on a version reads the installation's own, and meets the fault.
    """
    try:
        return chain_of(obligation, settings.reviews)
    except CatalogueFault:
        return chain_of(obligation)


def _tasks(obligation: Obligation, chain: Chain) -> None:
    """Lay out the route; what a stage has in parallel is answered in any order."""
    route: list[list[BaseOperator]] = [[GatherOperator(**_task("gather", "归集数据", obligation))]]
    if isinstance(obligation.source, LedgerSource):
        route.append([FeedbackOperator(**_task("feedback", "反馈核实", obligation))])
    route.append([DraftOperator(**_task("draft", "生成草稿", obligation))])
    route.append([CompleteOperator(**_task("complete", "完善稿件", obligation))])
    route += [_reviews(obligation, chain, stage) for stage in chain.stages]
    if obligation.may_reach_the_public:
        route.append([ReleaseOperator(**_task("release", "发布前核验", obligation))])
        route.append([PublishOperator(**_task("publish", "发布", obligation))])
        route.append([PostOperator(**_task("post", "登记发布网址", obligation))])
    if obligation.fulfilment != "published":
        route.append([ConfirmOperator(**_task("confirm", "登记办理结果", obligation))])
    if obligation.may_reach_the_public:
        route.append([VerifyOperator(**_task("verify", "核验", obligation))])
    route.append([RecordOperator(**_task("record", "登记台账", obligation))])
    for tasks, following in pairwise(route):
        for task in tasks:
            task >> following


def _reviews(obligation: Obligation, chain: Chain, stage: Sequence[Step]) -> list[BaseOperator]:
    """Return the levels of one stage; a return by one of them ends what the others are asked."""
    ids = [step.level.task_id for step in stage]
    return [
        ReviewOperator(
            **_task(step.level.task_id, step.level.label, obligation),
            chain=chain,
            step=step,
            beside=[id_ for id_ in ids if id_ != step.level.task_id],
        )
        for step in stage
    ]


def _task(task_id: str, label: str, obligation: Obligation) -> dict[str, Any]:
    return {"task_id": task_id, "task_display_name": label, "obligation": obligation}


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

"""The DAG ``record_decision``: a form by which a person decides on one occurrence, under the name they are logged in by."""

from __future__ import annotations

from typing import Any

import pendulum
from airflow.sdk import DAG, Param, task
from airflow.sdk.exceptions import AirflowFailException

from obligations.orchestration.people import require_may_decide
from obligations.orchestration.priority import ABOVE_ALL
from obligations.orchestration.rulings.fields import SCOPES, STAGES, read_ruling
from obligations.orchestration.rulings.kinds import BASES, FIELDS, KINDS, WITHDRAWAL_LAWS
from obligations.orchestration.rulings.recording import rule
from obligations.orchestration.settings import Settings
from obligations.orchestration.tasks.doors import TRIED_AGAIN, now
from obligations.orchestration.work import open_work
from obligations.rules.catalogue import load_one
from obligations.rules.reviews import chain_of
from obligations.words.errors import ObligationsError, UnusableInput
from obligations.words.reviews import Level

_DOC = """# 登记处理决定

对某一公开事项的某一期登记处理决定。登记人是触发本表单的账号，不能代填；登记后不能删改，只能再登记。

| 决定 | 何时用 | 必填 | 可填 |
|---|---|---|---|
{kinds}

- 延长、中止只在条文写明可以延长、可以扣除时间时登记；其他原因的逾期写情况说明，仍是逾期。原定时限永远保留。
- 按期率只看台账：经批准不计入考核、零报告、不予公开分别列明，不算按期，也不算逾期。
- 非涉密系统，严禁填写涉密信息；理由中不要写个人信息。
"""


def record_decision_dag() -> DAG:
    """Build the DAG; only its form and its one task, which records under the triggering user's name."""
    with DAG(
        "record_decision",
        dag_display_name="登记处理决定",
        doc_md=_DOC.format(kinds="\n".join(_kinds())),
        schedule=None,
        start_date=pendulum.datetime(2016, 1, 1, tz="Asia/Shanghai"),
        is_paused_upon_creation=False,
        max_active_runs=200,
        tags=["处理决定"],
        params=_form(),
        default_args=dict(TRIED_AGAIN),
    ) as dag:

        @task(task_id="record", task_display_name="登记", priority_weight=ABOVE_ALL, weight_rule="absolute")
        def record(params: dict[str, Any] | None = None, dag_run: Any = None) -> dict[str, Any]:
            try:
                return _record(dict(params or {}), dag_run.run_id, dag_run.triggering_user_name)
            except ObligationsError as error:
                raise AirflowFailException(str(error)) from None

        record()
    return dag


def _record(fields: dict[str, Any], run_id: str, person: str | None) -> dict[str, Any]:
    settings, at = Settings.from_environment(), now()
    if not person:
        raise UnusableInput("没有收到登记人：请登录后从本页面触发，不要用没有账号的方式触发")
    decision, key, period = (str(fields.get(name) or "").strip() for name in ("decision", "key", "period"))
    ruling = read_ruling(decision, fields, at)
    obligation = load_one(settings.catalogue, key)
    departments = obligation.department_names or obligation.departments
    chain = chain_of(obligation, settings.reviews)
    require_may_decide(settings, decision, person, obligation.jurisdiction.slug, departments, at, chain=chain)
    with open_work(settings, obligation, period, run_id) as work:
        ruled = rule(work, ruling, person=person, now=at, once=f"decided:{run_id}")
    return {"said": ruled.said, "seq": ruled.seq, "due_at": ruled.row.due_at.isoformat()}


def _kinds() -> list[str]:
    rows = []
    for kind in KINDS.values():
        needs, takes = ("；".join(FIELDS[name] for name in names) for names in (kind.needs, kind.takes))
        rows.append(f"| {kind.title} | {kind.says} | {needs} | {takes} |")
    return rows


def _form() -> dict[str, Param]:
    optional = ["null", "string"]
    choices: dict[str, list[str]] = {
        "scope": list(SCOPES),
        "article": ["14", "15", "16"],
        "stage": [label for label in STAGES if label != "事件报告"],
        "basis": list(BASES),
        "law": list(WITHDRAWAL_LAWS),
        "level": [level.label for level in Level],
    }
    days = {"on", "reassess_on", "due_on"}
    form = {
        "key": Param(None, type="string", minLength=3, maxLength=200, title="公开事项编号，例如 demo/fiscal-monthly"),
        "period": Param(
            None, type="string", minLength=1, maxLength=200, title="期间，例如 2026-09；事件触发的填事件编号"
        ),
        "decision": Param(
            None,
            type="string",
            enum=list(KINDS),
            values_display={code: kind.title for code, kind in KINDS.items()},
            title="决定",
        ),
    }
    for name, says in FIELDS.items():
        settings: dict[str, Any] = {"type": optional, "title": says}
        if name in choices:
            settings["enum"] = [*choices[name], None]
        elif name in days or name == "at":
            settings["format"] = "date" if name in days else "date-time"
        else:
            settings["maxLength"] = 2000
        form[name] = Param(None, **settings)
    return form

"""A month-end: 500 occurrences open at once on two Celery workers of four slots, and an incident is reported in the middle.

``python -m bench.rush [OCCURRENCES]`` prints the figures; ``run()`` returns them. Production's topology as ``tests/services``
proves it: PostgreSQL, Redis, CeleryExecutor, the settings of ``docker-compose.yaml``. The runs are there while their DAGs
are paused and open when all of these are let go at once; the time is that from this moment to the last form that asks
for a draft's completion, by Airflow's own database. The baseline is as many runs of as many tasks that do nothing and
of a form of Airflow's own, opened the same way on the same topology before, **plus** half (two cores) of the CPU time of
the same gathers and drafts called directly. Takes about half an hour. Needs OBLIGATIONS_TEST_POSTGRESQL_URL and a Redis
whose database OBLIGATIONS_TEST_REDIS_URL is the bench's alone; it is emptied. Targets: a ratio of ≤ 1.25, nothing lost and
nothing twice, the incident's first task within 10 s of the report and its draft at review within 60 s.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, text

from bench._month_end import (
    BARE,
    PLACES,
    Opened,
    cpu_of_bare_work,
    deliver,
    lay_out,
    name_contacts,
    opened_at_once,
)
from bench._telling import tell, tell_at_times
from bench._until import until
from obligations.orchestration.demo.rest import AirflowRest
from obligations.steps.ledger import open_ledger, verify_ledger
from obligations.words.times import SHANGHAI

REPOSITORY = Path(__file__).parents[1]
SERVER, REDIS = "OBLIGATIONS_TEST_POSTGRESQL_URL", "OBLIGATIONS_TEST_REDIS_URL"
OCCURRENCES = 500
CORES = 2
PATIENCE_SECONDS = 3600
_FORMS = """
SELECT t.dag_id, t.run_id, h.created_at FROM hitl_detail h JOIN task_instance t ON t.id = h.ti_id WHERE t.task_id = 'complete'
"""


def run(occurrences: int = OCCURRENCES) -> dict[str, dict[str, Any]]:
    """Open the bare runs, then ours, then gather and draft the same directly."""
    server = os.environ.get(SERVER, "")
    if not server:
        return {"not measured": {"reason": f"{SERVER} names no server"}}
    sys.path.append(str(REPOSITORY / "tests" / "support"))
    from production import demo_state, production  # the topology that the tests of services prove

    opened = opened_at_once(occurrences)

    @contextmanager
    def prepare(state: Path) -> Iterator[dict[str, str]]:
        with demo_state(state) as environment:
            deliver(state / "inbox", opened)
            yield {**environment, **lay_out(state.parent, opened)}

    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "production").mkdir()
        redis = os.environ.get(REDIS, "redis://127.0.0.1:6379/12")
        with production(home / "production", server, redis, prepare) as office:
            name_contacts(office.home / "contacts.yaml", opened)
            figures = _measure(office, opened)
            variables = office.airflow.variables()
            shutil.copytree(office.home / "inbox", home / "direct" / "inbox", dirs_exist_ok=True)
        tell("the same gathers and drafts are called directly")
        cpu = cpu_of_bare_work(variables, home / "direct", opened)
    expected = figures["bare tasks s"] + cpu / CORES
    return {
        f"{occurrences} occurrences": {
            **figures,
            "CPU of gathers and drafts s": round(cpu, 1),
            "ratio": round(figures["s"] / expected, 3),
            "target ratio": 1.25,
        }
    }


def _measure(office: Any, opened: list[Opened]) -> dict[str, Any]:
    admin: AirflowRest = office.admin
    dags = {one.dag_id for one in opened} | {one.bare_id for one in opened} | {"report_event", "sweep"}
    until(lambda: dags <= admin.dag_ids(), PATIENCE_SECONDS)
    for prefix in (PLACES, "demo."):
        _let_go(admin, prefix, paused=True)
    engine = create_engine((office.databases.secrets / "airflow_database_url").read_text("utf-8").strip())
    try:
        tell(f"{len(opened)} bare runs are made")
        _make(lambda one: admin.start(one.bare_id, one.run_id), opened)
        bare, _ = _rush(admin, engine, f"{BARE}_", {(one.bare_id, one.run_id) for one in opened})
        _close_bare(engine)
        tell(f"{len(opened)} runs of ours are made")
        _make(lambda one: admin.start(one.dag_id, one.run_id, period=one.period), opened)
        incident = _Incident(office, opened[0].place)
        wanted = {(one.dag_id, one.run_id) for one in opened}
        ours, forms = _rush(admin, engine, PLACES, wanted, halfway=incident.report)
        times = incident.times(engine)
    finally:
        engine.dispose()
    doubled, lost = _doubled_and_lost(office.settings.ledger_url, opened, forms)
    return {
        "s": round(ours, 1),
        "bare tasks s": round(bare, 1),
        "drafts lost": lost,
        "drafts doubled": doubled,
        **times,
    }


def _make(start: Callable[[Opened], object], opened: list[Opened]) -> None:
    """Make the runs, four at a time; their DAGs are paused."""
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(start, opened))


def _let_go(admin: AirflowRest, prefix: str, *, paused: bool = False) -> None:
    """Pause all DAGs whose id begins so, or let them go; Airflow does as many in a request as it lists on a page."""
    asked = {"dag_id_pattern": f"{prefix}%", "paused": not paused, "limit": 100}
    while True:
        answer = admin.client.patch("/api/v2/dags", params=asked, json={"is_paused": paused})
        answer.raise_for_status()
        if not answer.json()["dags"]:
            return


def _rush(
    admin: AirflowRest,
    engine: Engine,
    prefix: str,
    wanted: set[tuple[str, str]],
    halfway: Callable[[], None] | None = None,
) -> tuple[float, Counter[tuple[str, str]]]:
    """Let the paused runs go; return the seconds until each has its form, and how many forms each has."""
    began = datetime.now(UTC)
    _let_go(admin, prefix)
    while True:
        forms = [form for form in _forms(engine) if form[:2] in wanted]
        asked = Counter(form[:2] for form in forms)
        tell_at_times(f"{len(asked)} of {len(wanted)} are at their form")
        if halfway is not None and len(asked) >= len(wanted) // 2:
            halfway()
            halfway = None
        if len(asked) == len(wanted):
            return (max(at for _, _, at in forms) - began).total_seconds(), asked
        if (datetime.now(UTC) - began).total_seconds() > PATIENCE_SECONDS:
            raise TimeoutError(f"{len(asked)} of {len(wanted)} runs asked within {PATIENCE_SECONDS} s")
        time.sleep(1)


def _forms(engine: Engine) -> list[tuple[str, str, datetime]]:
    """Return DAG, run and time of every form for a draft's completion."""
    with engine.connect() as connection:
        return [(row[0], row[1], row[2]) for row in connection.execute(text(_FORMS))]


def _close_bare(engine: Engine) -> None:
    """End the bare runs, so that the scheduler does not look at them during ours, and rest."""
    with engine.begin() as connection:
        for table in ("task_instance", "dag_run"):
            connection.execute(text(f"UPDATE {table} SET state = 'success' WHERE dag_id LIKE '{BARE}%'"))  # noqa: S608 - our own words
    time.sleep(10)


class _Incident:
    """An incident reported in a place while the rush is on."""

    def __init__(self, office: Any, place: str) -> None:
        self._office, self._place = office, place
        self._reported = datetime.now(UTC)

    def report(self) -> None:
        """Report it by Airflow's form, as the duty room does."""
        conf = {
            "level": "重大",
            "title": "演示路段道路交通事故",
            "category": "道路交通事故",
            "place": "演示区演示路（演示数据）",
            "summary": "演示数据，并非真实事件",
            "jurisdiction": self._place,
            "happened_at": (datetime.now(SHANGHAI) - timedelta(minutes=30)).isoformat(timespec="seconds"),
        }
        self._reported = datetime.now(UTC)
        self._office.admin.start("report_event", "rush", conf=conf)

    def times(self, engine: Engine) -> dict[str, float]:
        """Return the seconds from the report to the task that registers it, to the bulletin's first, to its draft's form."""
        bulletin = f"{self._place}.incident-bulletin"
        until(lambda: any(dag_id == bulletin for dag_id, _, _ in _forms(engine)), PATIENCE_SECONDS)
        (asked,) = (at for dag_id, _, at in _forms(engine) if dag_id == bulletin)
        query = text("SELECT min(start_date) FROM task_instance WHERE dag_id = :dag_id")
        with engine.connect() as connection:
            registered, started = (
                connection.execute(query, {"dag_id": one}).scalar_one() for one in ("report_event", bulletin)
            )
        return {
            "incident's first task after s": self._after(registered),
            "target s, first task": 10,
            "its bulletin's first task after s": self._after(started),
            "its bulletin at review after s": self._after(asked),
            "target s, review": 60,
        }

    def _after(self, instant: datetime) -> float:
        return round((instant - self._reported).total_seconds(), 1)


def _doubled_and_lost(ledger_url: str, opened: list[Opened], forms: Mapping[tuple[str, str], int]) -> tuple[int, int]:
    """Return how many drafts were made or asked about twice, and how many never; raises RuntimeError for a broken chain."""
    doubled = lost = 0
    with open_ledger(ledger_url) as ledger:
        for one in opened:
            drafted = [
                event for event in ledger.events(f"{one.place}/{one.slug}", one.period) if event.kind == "drafted"
            ]
            times = (len(drafted), forms[one.dag_id, one.run_id])
            doubled += max(times) > 1
            lost += min(times) == 0
        if broken := verify_ledger(ledger):
            raise RuntimeError(f"the ledger does not verify: {broken[:3]}")
    return doubled, lost


if __name__ == "__main__":
    print(json.dumps(run(*map(int, sys.argv[1:])), indent=2, ensure_ascii=False))

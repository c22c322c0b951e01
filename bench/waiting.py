"""5,000 occurrences of a province that wait for data: what the triggerer costs, and how soon an arrival is noticed.

``python -m bench.waiting [OCCURRENCES [SECONDS]]`` prints the figures; ``run()`` returns them. Airflow's own triggerer runs
with the settings that ``docker-compose.yaml`` gives it, on a metadata database in which every occurrence has a deferred
``gather``, each with its own trigger, as after a month-end. First all wait long enough (SECONDS) for their pauses to have
grown to the longest; then files of 100 of them arrive at once, and it is measured until the last of these is noticed.
Takes about 25 minutes. On PostgreSQL where OBLIGATIONS_TEST_POSTGRESQL_URL names a server, else on SQLite. Target: every
arrival is noticed within 600 s.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

import psutil
import yaml
from sqlalchemy import Engine, create_engine, text

from bench._ledgers import own_database
from bench._processes import cpu_seconds, proportional_mb
from bench._telling import tell, tell_at_times
from bench.province import REPOSITORY, Province, write_province
from obligations.orchestration.demo.embedded import EmbeddedAirflow
from obligations.rules.catalogue import load
from obligations.words.sources import InboxSource

SERVER = "OBLIGATIONS_TEST_POSTGRESQL_URL"
OCCURRENCES, ARRIVALS = 5_000, 100
SETTLED_AFTER_SECONDS = 660
"""Pauses of 5, 10, 20 … 320 s, after which they are the longest, 540 s."""
TARGET_SECONDS = 600
PATIENCE_SECONDS = 1800
PERIODS = ("2026-10", "2026-09")
TRIGGER = "obligations.orchestration.sources.arrival.SourceArrival"


def run(occurrences: int = OCCURRENCES, settled_after: float = SETTLED_AFTER_SECONDS) -> dict[str, dict[str, Any]]:
    """Let them wait, let some arrive."""
    server = os.environ.get(SERVER, "")
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        province = write_province(home / "province")
        awaited = list(_awaited(province, occurrences))
        more = {
            **province.environment(),
            "OBLIGATIONS_HOME": str(home / "state"),
            **_shipped(),
        }
        if server:
            more["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = stack.enter_context(own_database(server))
        airflow = EmbeddedAirflow(home / "airflow", environment=more, components={"triggerer": ("triggerer",)})
        airflow.command("db", "migrate")
        subprocess.run(
            [sys.executable, "-m", "bench.waiting", "--enter"],
            cwd=REPOSITORY,
            env=airflow.variables(),
            input=json.dumps(awaited),
            check=True,
            text=True,
        )
        engine = create_engine(airflow.variables()["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])
        stack.callback(engine.dispose)
        stack.enter_context(airflow)
        figures = _watch(airflow, engine, awaited, home / "state" / "inbox", settled_after)
    on = "PostgreSQL" if server else "SQLite"
    return {
        f"{occurrences:,} occurrences, metadata on {on}": {
            "capacity": int(_shipped()["AIRFLOW__TRIGGERER__CAPACITY"]),
            **figures,
        }
    }


def _shipped() -> dict[str, str]:
    """Return the triggerer's settings as shipped: those of the compose file, with the defaults it states."""
    compose = yaml.safe_load((REPOSITORY / "docker-compose.yaml").read_text("utf-8"))
    said = compose["services"]["triggerer"]["environment"].items()
    return {
        name: re.sub(r"\$\{\w+:-(\w+)\}", r"\1", str(value))
        for name, value in said
        if name.startswith("AIRFLOW__TRIGGERER__")
    }


def _awaited(province: Province, wanted: int) -> Iterator[tuple[str, str]]:
    """Yield key and period of what waits for a file, an obligation after the other before any waits for a second period."""
    places = {place.slug for place in province.places}
    keys = [
        key
        for key, one in load(province.catalogue).obligations.items()
        if one.jurisdiction.slug in places and isinstance(one.source, InboxSource)
    ]
    found = ((key, period) for period in PERIODS for key in keys)
    for _, one in zip(range(wanted), found, strict=False):
        yield one


def enter(awaited: list[tuple[str, str]]) -> None:
    """Enter in Airflow's metadata a run of each with ``gather`` deferred, as a worker leaves it."""
    import uuid

    import pendulum
    from airflow.models import DagModel, DagRun, TaskInstance, Trigger
    from airflow.models.dag_version import DagVersion
    from airflow.models.dagbundle import DagBundleModel
    from airflow.utils.session import create_session
    from sqlalchemy import insert

    now = pendulum.now("UTC")
    dag_ids = {key: key.replace("/", ".", 1) for key, _ in awaited}
    versions = {key: uuid.uuid4() for key in dag_ids}
    with create_session() as session:
        session.merge(DagBundleModel(name="dags-folder"))
        session.flush()
        session.add_all(DagModel(dag_id=one, bundle_name="dags-folder", is_stale=False) for one in dag_ids.values())
        session.flush()
        session.add_all(
            DagVersion(id=versions[key], dag_id=dag_id, version_number=1, bundle_name="dags-folder")
            for key, dag_id in dag_ids.items()
        )
        triggers = [Trigger(classpath=TRIGGER, kwargs={"key": key, "period": period}) for key, period in awaited]
        session.add_all(triggers)
        session.flush()
        for (key, period), trigger in zip(awaited, triggers, strict=True):
            run_id = f"start__{period}__v1"
            named = {"dag_id": dag_ids[key], "run_id": run_id}
            session.execute(
                insert(DagRun).values(
                    **named, run_type="manual", run_after=now, state="running", start_date=now, partition_key=period
                )
            )
            session.execute(
                insert(TaskInstance).values(
                    **named, id=uuid.uuid4(), task_id="gather", map_index=-1, state="deferred", trigger_id=trigger.id,
                    dag_version_id=versions[key], try_number=1, max_tries=2, pool="default_pool", pool_slots=1,
                    queue="default", priority_weight=1, operator="GatherOperator", start_date=now, hostname="",
                    unixname="", next_method="resume", next_kwargs={}, executor_config={},
                )
            )  # fmt: skip


def _watch(
    airflow: EmbeddedAirflow, engine: Engine, awaited: list[tuple[str, str]], inbox: Path, settled_after: float
) -> dict[str, Any]:
    triggerer = psutil.Process(airflow.processes["triggerer"].pid)
    began = time.perf_counter()
    taken = "SELECT count(*) FROM trigger WHERE triggerer_id IS NOT NULL"
    while (there := _count(engine, taken)) < len(awaited):
        if time.perf_counter() - began > PATIENCE_SECONDS:
            raise TimeoutError(f"the triggerer had taken {there} of {len(awaited)} after {PATIENCE_SECONDS} s")
        airflow.require_alive()
        tell_at_times(f"{there} of {len(awaited)} are taken")
        time.sleep(1)
    taken_after = time.perf_counter() - began
    tell(f"all {len(awaited)} wait; their pauses grow for {settled_after:.0f} s")
    largest = _wait(airflow, triggerer, settled_after)
    settling, started = cpu_seconds(triggerer), time.perf_counter()
    chosen = awaited[:: max(1, len(awaited) // ARRIVALS)][:ARRIVALS]
    for key, period in chosen:
        file = inbox / key / f"{period}.csv"
        file.parent.mkdir(parents=True)
        file.write_text("期间\n", "utf-8")
    noticed: list[float] = []
    resumed = "SELECT count(*) FROM task_instance WHERE state <> 'deferred'"
    while len(noticed) < len(chosen):
        largest = max(largest, _wait(airflow, triggerer, 1))
        passed = time.perf_counter() - started
        if passed > 2 * TARGET_SECONDS:
            raise TimeoutError(f"{len(noticed)} of {len(chosen)} arrivals were noticed within {passed:.0f} s")
        tell_at_times(f"{len(noticed)} of {len(chosen)} arrivals are noticed after {passed:.0f} s")
        noticed += [passed] * (_count(engine, resumed) - len(noticed))
    window = time.perf_counter() - started
    return {
        "all taken after s": round(taken_after),
        "CPU while pauses grow s": round(settling, 1),
        "pauses grew for s": round(settled_after),
        "CPU of one core then %": round(100 * (cpu_seconds(triggerer) - settling) / window, 1),
        "largest memory MB": round(largest),
        "arrivals": len(chosen),
        "noticed after s, median": round(median(noticed)),
        "noticed after s, last": round(noticed[-1]),
        "target s": TARGET_SECONDS,
    }


def _wait(airflow: EmbeddedAirflow, triggerer: psutil.Process, seconds: float) -> float:
    """Wait and return the largest memory meanwhile, in MB."""
    until, largest = time.perf_counter() + seconds, 0.0
    while (left := until - time.perf_counter()) > 0:
        time.sleep(min(left, 5))
        airflow.require_alive()
        largest = max(largest, proportional_mb(triggerer))
    return largest


def _count(engine: Engine, query: str) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text(query)).scalar_one())


def main() -> None:
    """Print the figures; with ``--enter``, fill the metadata database of this environment from standard input."""
    if sys.argv[1:2] == ["--enter"]:
        enter([(key, period) for key, period in json.load(sys.stdin)])
    else:
        print(json.dumps(run(*map(int, sys.argv[1:])), indent=2))


if __name__ == "__main__":
    main()

"""Airflow's DAG processor and its scheduler on a province: how long until 7,000 DAGs are there, and what they keep in memory.

``python -m bench.components [JURISDICTIONS]`` prints the figures; ``run()`` returns them. First the DAG processor alone, with
two parsing processes as shipped, on an empty database. Then the scheduler with production's limits: the installation went
live a month ago, so that every calendar opens its periods at once; no slot is free, so that none of them goes on, and then
all wait for data as ``gather`` does, deferred. On PostgreSQL where OBLIGATIONS_TEST_POSTGRESQL_URL names a server, in a
database of its own, else on SQLite. What a DAG costs to parse is ``parse``.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import Engine, create_engine, text

from bench._ledgers import own_database
from bench._processes import cpu_seconds, own_mb, proportional_mb
from bench._telling import tell, tell_at_times
from bench.province import JURISDICTIONS, OBLIGATIONS_EACH, write_province
from obligations.orchestration.demo.embedded import EmbeddedAirflow

SERVER = "OBLIGATIONS_TEST_POSTGRESQL_URL"
PATIENCE_SECONDS = 3600
LIVE_FOR = timedelta(days=31)
QUIET_SECONDS = 60
"""No new run for so long: the scheduler has opened what there is to open."""
PRODUCTION = {"AIRFLOW__SCHEDULER__MAX_DAGRUNS_TO_CREATE_PER_LOOP": "100"}


def run(jurisdictions: int = JURISDICTIONS) -> dict[str, dict[str, Any]]:
    """Let the DAG processor read the province, then the scheduler open its periods."""
    server = os.environ.get(SERVER, "")
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        province = write_province(home / "province", jurisdictions)
        live = (datetime.now(UTC) - LIVE_FOR).date().isoformat()
        more = {**province.environment(), **PRODUCTION, "OBLIGATIONS_GO_LIVE": live}
        if server:
            more["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = stack.enter_context(own_database(server))
        airflow = stack.enter_context(
            EmbeddedAirflow(
                home / "airflow",
                dags=province.dags,
                environment=more,
                components={"dag-processor": ("dag-processor",)},
            )
        )
        engine = create_engine(airflow.variables()["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])
        stack.callback(engine.dispose)
        dags = jurisdictions * OBLIGATIONS_EACH
        where = f"{dags:,} DAGs on {'PostgreSQL' if server else 'SQLite'}"
        processing = _watch_processor(airflow, engine, dags)
        airflow.stop()
        return {f"DAG processor, {where}": processing, f"scheduler, {where}": _watch_scheduler(airflow, engine)}


def _watch_processor(airflow: EmbeddedAirflow, engine: Engine, dags: int) -> dict[str, Any]:
    """Look every second until ``dags`` are serialized; raises TimeoutError after an hour."""
    processor = psutil.Process(airflow.processes["dag-processor"].pid)
    began, largest, own = time.perf_counter(), 0.0, 0.0
    while (there := _count(engine, "SELECT count(*) FROM serialized_dag")) < dags:
        if time.perf_counter() - began > PATIENCE_SECONDS:
            raise TimeoutError(f"{there} of {dags} DAGs were there after {PATIENCE_SECONDS} s")
        time.sleep(1)
        airflow.require_alive()
        largest, own = max(largest, proportional_mb(processor)), max(own, own_mb(processor))
        tell_at_times(f"{there} of {dags} DAGs are serialized")
    seconds, spent = time.perf_counter() - began, processor.cpu_times()
    return {
        "all serialized after s": round(seconds, 1),
        "CPU of the processor itself s": round(spent.user + spent.system, 1),
        "CPU of its parsing processes s": round(spent.children_user + spent.children_system, 1),
        "memory of all its processes MB": round(largest),
        "of which the processor itself MB": round(own),
    }


def _watch_scheduler(airflow: EmbeddedAirflow, engine: Engine) -> dict[str, Any]:
    """Look every second until no run has been opened for a while; raises TimeoutError after an hour."""
    with engine.begin() as connection:
        connection.execute(text("UPDATE slot_pool SET slots = 0"))
    airflow.components = {"scheduler": ("scheduler",)}
    airflow.start("scheduler")
    scheduler = psutil.Process(airflow.processes["scheduler"].pid)
    began, largest, own = time.perf_counter(), 0.0, 0.0
    runs, opened_after = 0, 0.0
    while not runs or time.perf_counter() - began < opened_after + QUIET_SECONDS:
        if time.perf_counter() - began > PATIENCE_SECONDS:
            raise TimeoutError(f"{runs} runs were open after {PATIENCE_SECONDS} s, and still more")
        time.sleep(1)
        airflow.require_alive()
        largest, own = max(largest, proportional_mb(scheduler)), max(own, own_mb(scheduler))
        if (there := _count(engine, "SELECT count(*) FROM dag_run WHERE state = 'running'")) > runs:
            tell_at_times(f"{there} runs are open")
            runs, opened_after = there, time.perf_counter() - began
    spent = cpu_seconds(scheduler)
    with engine.begin() as connection:
        connection.execute(text("UPDATE task_instance SET state = 'deferred' WHERE state = 'scheduled'"))
    time.sleep(5)
    before, began = cpu_seconds(scheduler), time.perf_counter()
    tell(f"{runs} runs wait for data, for {QUIET_SECONDS} s")
    time.sleep(QUIET_SECONDS)
    idle = (cpu_seconds(scheduler) - before) / (time.perf_counter() - began)
    return {
        "runs open": runs,
        "DAGs with one": _count(engine, "SELECT count(DISTINCT dag_id) FROM dag_run WHERE state = 'running'"),
        "all open after s": round(opened_after, 1),
        "CPU until then s": round(spent, 1),
        "CPU of one core while they wait for data %": round(100 * idle, 1),
        "memory of all its processes MB": round(largest),
        "of which the scheduler itself MB": round(own),
    }


def _count(engine: Engine, query: str) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text(query)).scalar_one())


if __name__ == "__main__":
    print(json.dumps(run(*map(int, sys.argv[1:])), indent=2))

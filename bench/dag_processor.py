"""Airflow's own DAG processor on a province: how long until 7,000 DAGs are in its database, and the memory meanwhile.

``python -m bench.dag_processor [JURISDICTIONS]`` prints the figures; ``run()`` returns them. Two parsing processes, as
shipped. On PostgreSQL where OBLIGATIONS_TEST_POSTGRESQL_URL names a server, in a database of its own, else on SQLite.
What a DAG costs to parse is ``parse``.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import create_engine, text

from bench._ledgers import own_database
from bench._processes import own_mb, proportional_mb
from bench.province import JURISDICTIONS, OBLIGATIONS_EACH, write_province
from obligations.orchestration.demo.embedded import EmbeddedAirflow

SERVER = "OBLIGATIONS_TEST_POSTGRESQL_URL"
PATIENCE_SECONDS = 3600


def run(jurisdictions: int = JURISDICTIONS) -> dict[str, dict[str, Any]]:
    """Start the DAG processor and nothing else on an empty database; measure until every DAG is there."""
    server = os.environ.get(SERVER, "")
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        province = write_province(home / "province", jurisdictions)
        more = dict(province.environment())
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
        figures = _watch(airflow, jurisdictions * OBLIGATIONS_EACH)
    return {f"{jurisdictions * OBLIGATIONS_EACH:,} DAGs on {'PostgreSQL' if server else 'SQLite'}": figures}


def _watch(airflow: EmbeddedAirflow, dags: int) -> dict[str, Any]:
    """Look every second until ``dags`` are serialized; raises TimeoutError after an hour."""
    processor = psutil.Process(airflow.processes["dag-processor"].pid)
    engine = create_engine(airflow.variables()["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])
    began, largest, own = time.perf_counter(), 0.0, 0.0
    there = 0
    while there < dags:
        if time.perf_counter() - began > PATIENCE_SECONDS:
            raise TimeoutError(f"{there} of {dags} DAGs were there after {PATIENCE_SECONDS} s")
        time.sleep(1)
        airflow.require_alive()
        largest, own = max(largest, proportional_mb(processor)), max(own, own_mb(processor))
        with engine.connect() as connection:
            there = connection.execute(text("SELECT count(*) FROM serialized_dag")).scalar_one()
    seconds, spent = time.perf_counter() - began, processor.cpu_times()
    engine.dispose()
    return {
        "all serialized after s": round(seconds, 1),
        "CPU of the processor itself s": round(spent.user + spent.system, 1),
        "CPU of its parsing processes s": round(spent.children_user + spent.children_system, 1),
        "memory of all its processes MB": round(largest),
        "of which the processor itself MB": round(own),
    }


if __name__ == "__main__":
    print(json.dumps(run(*map(int, sys.argv[1:])), indent=2))

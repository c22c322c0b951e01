"""Parsing a province: 7,000 DAGs in 154 files, against the same by hand in Python and the same in YAML for dag-factory.

``python -m bench.parse [JURISDICTIONS]`` prints the figures, of fewer files for a quick look; ``run()`` returns them. The
Python builds DAGs that serialize to the same bytes, which is checked of every one. dag-factory is installed into a folder
of its own. Milliseconds are CPU time of the processes that parse, from their first import to the last serialized DAG, a
file after the other. Targets: ≤ 1.25 of the time by hand; at least as fast as dag-factory, at least twice in building.
Then Airflow's own DAG processor parses the files into a database, on PostgreSQL where OBLIGATIONS_TEST_POSTGRESQL_URL names
a server: how long until all DAGs are there, and the memory of its processes meanwhile.
"""

from __future__ import annotations

import compileall
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import create_engine, text

from bench._ledgers import own_database
from bench._parsing import Folder, Parsed
from bench._renderings import BY_HAND, DAG_FACTORY
from bench.province import JURISDICTIONS, REPOSITORY, Province, write_province
from obligations.orchestration.demo.embedded import EmbeddedAirflow

SERVER = "OBLIGATIONS_TEST_POSTGRESQL_URL"
DAG_FACTORY_RELEASE = "dag-factory==1.1.0"
OURS = "the catalogue"
OPERATORS = tuple(
    f"obligations.orchestration.{name}" for name in ("tasks.forms", "tasks.steps", "timetable", "deadline")
)
PATIENCE_SECONDS = 1800


def run(jurisdictions: int = JURISDICTIONS) -> dict[str, dict[str, Any]]:
    """Write the province three times, parse each in turn, then let Airflow's DAG processor read ours."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        province = write_province(home / "province", jurisdictions)
        files = [place.slug for place in province.places]
        environment = EmbeddedAirflow(home / "airflow", environment=province.environment()).variables()
        _python("-m", "bench._renderings", str(home), *files, environment=environment)
        compileall.compile_dir(home / BY_HAND, quiet=1)  # as after the first pass
        library = home / "library"
        _python(
            "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(library), DAG_FACTORY_RELEASE,
            environment=dict(os.environ),
        )  # fmt: skip
        folders = (
            Folder(OURS, str(province.dags), ("obligations.orchestration.dags",)),
            Folder(BY_HAND, str(home / BY_HAND), OPERATORS),
            Folder(DAG_FACTORY, str(home / DAG_FACTORY), ("dagfactory", *OPERATORS), (str(library),)),
        )
        request = {"folders": [asdict(one) for one in folders], "files": files}
        said = json.loads(
            _python("-m", "bench._parsing", json.dumps(request), environment=environment).splitlines()[-1]
        )
        parsed = {name: Parsed(**one) for name, one in said.items()}
        _require_alike(parsed)
        return {"a DAG": _figures(parsed), "Airflow's DAG processor": _processor(home, province, parsed[OURS].dags)}


def _figures(parsed: dict[str, Parsed]) -> dict[str, Any]:
    ours, by_hand, factory = (parsed[name] for name in (OURS, BY_HAND, DAG_FACTORY))
    figures: dict[str, Any] = {"DAGs": ours.dags, "tasks": ours.tasks}
    for name, one in parsed.items():
        for part in ("whole", "building", "serializing"):
            figures[f"{name}, {part} ms"] = round(1000 * getattr(one, part) / one.dags, 2)
    return figures | {
        "ratio to by hand": round(ours.whole / by_hand.whole, 3),
        "target ratio to by hand": 1.25,
        "dag-factory is slower by": round(factory.whole / ours.whole, 2),
        "target": 1.0,
        "dag-factory is slower in building by": round(factory.building / ours.building, 2),
        "target in building": 2.0,
        "largest parsing process MB": round(ours.peak_mb),
    }


def _require_alike(parsed: dict[str, Parsed]) -> None:
    """Raise RuntimeError unless the three built the same: serialized alike by hand, as many tasks with dag-factory."""
    if errors := {file: error for one in parsed.values() for file, error in one.errors.items()}:
        raise RuntimeError(f"not parsed: {errors}")
    if parsed[OURS].digests != parsed[BY_HAND].digests:
        raise RuntimeError("the DAGs by hand are not the catalogue's")
    if (parsed[OURS].dags, parsed[OURS].tasks) != (parsed[DAG_FACTORY].dags, parsed[DAG_FACTORY].tasks):
        raise RuntimeError("the DAGs of dag-factory are not as many")


def _processor(home: Path, province: Province, dags: int) -> dict[str, Any]:
    """Start Airflow's DAG processor on our files; measure until every DAG is in the database and the last file was read."""
    server = os.environ.get(SERVER, "")
    with ExitStack() as stack:
        more = dict(province.environment())
        if server:
            more["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = stack.enter_context(own_database(server))
        airflow = EmbeddedAirflow(
            home / "processor",
            dags=province.dags,
            environment=more,
            components={"dag-processor": ("dag-processor",)},
        )
        stack.enter_context(airflow)
        engine = create_engine(airflow.variables()["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])
        stack.callback(engine.dispose)
        began, peak, manager = time.perf_counter(), 0.0, 0.0
        processor = psutil.Process(airflow.processes["dag-processor"].pid)
        while True:
            if time.perf_counter() - began > PATIENCE_SECONDS:
                raise TimeoutError(f"the DAG processor had not read all files after {PATIENCE_SECONDS} s")
            airflow.require_alive()
            of_all = [_proportional_mb(one) for one in (processor, *processor.children(recursive=True))]
            peak, manager = max(peak, sum(of_all)), max(manager, of_all[0])
            with engine.connect() as connection:
                there = connection.execute(text("SELECT count(*) FROM serialized_dag")).scalar_one()
            if there == dags:
                break
            time.sleep(1)
        seconds = time.perf_counter() - began
        times = processor.cpu_times()
    return {
        "database": "PostgreSQL" if server else "SQLite",
        "parsing processes": 2,
        "all DAGs serialized after s": round(seconds, 1),
        "CPU s of the processor itself": round(times.user + times.system, 1),
        "memory of all its processes MB": round(peak),
        "of which the processor itself MB": round(manager),
    }


def _proportional_mb(process: psutil.Process) -> float:
    """Return a process's share of memory, what several share divided among them; 0 for one that has ended."""
    try:
        return float(process.memory_full_info().pss) / 2**20
    except psutil.Error:
        return 0.0


def _python(*arguments: str, environment: dict[str, str]) -> str:
    """Run this interpreter in the repository and return what it printed."""
    done = subprocess.run(  # noqa: S603 - our own modules and pip
        [sys.executable, *arguments], cwd=REPOSITORY, env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


if __name__ == "__main__":
    print(json.dumps(run(*map(int, sys.argv[1:])), indent=2, ensure_ascii=False))

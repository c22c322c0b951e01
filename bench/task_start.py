"""Starting one task of a province: importing and loading its DAG, in a catalogue of 7,000 against a catalogue of 1.

``python -m bench.task_start [JURISDICTIONS]`` prints the figures; ``run()`` returns them. Each time is that of a process
forked for it, as a worker forks one for every task: CPU time until the DAG is loaded by the class that Airflow's task
runner loads it with, told which DAG it needs. The two catalogues take turns. Target: a ratio of ≤ 1.1.
"""

from __future__ import annotations

import gc
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import yaml

from bench._forks import in_a_fork
from bench.province import JURISDICTIONS, OBLIGATIONS_EACH, REPOSITORY, Province, write_province
from obligations.orchestration.demo.embedded import EmbeddedAirflow

SLUG = "fiscal-monthly"
ROUNDS = 40


@dataclass(frozen=True)
class Installation:
    """One DAG file and the environment it is loaded in; ``started_from`` is the DAG's id."""

    file: str
    started_from: str
    environment: dict[str, str]


def run(jurisdictions: int = JURISDICTIONS) -> dict[str, dict[str, Any]]:
    """Write both catalogues and measure in a process that has what a worker has imported."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        province = write_province(home / "province", jurisdictions)
        last = province.places[-1].slug
        alone = _alone(province, last, home / "alone")
        both = [_installation(one, last) for one in (province, alone)]
        said = subprocess.run(  # noqa: S603 - this very module
            [sys.executable, "-m", "bench.task_start", "--child", json.dumps([asdict(one) for one in both])],
            cwd=REPOSITORY,
            env=EmbeddedAirflow(home / "airflow").variables(),
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout
    of_all, of_one = json.loads(said.splitlines()[-1])
    return {
        "a task": {
            "DAGs in the catalogue": len(province.places) * OBLIGATIONS_EACH,
            "ms": round(1000 * median(of_all), 1),
            "in a catalogue of 1 ms": round(1000 * median(of_one), 1),
            "ratio": round(median(of_all) / median(of_one), 3),
            "target ratio": 1.1,
        }
    }


def _alone(province: Province, slug: str, folder: Path) -> Province:
    """Write a catalogue that holds one obligation: of the same place, adopted from the same document."""
    catalogue, dags = folder / "catalogue", folder / "dags"
    document = yaml.safe_load((province.catalogue / slug / "_document.yaml").read_text("utf-8"))
    (adoption,) = (one for one in document["adopts"] if SLUG in one["obligations"])
    source = adoption["from"]
    document["adopts"] = [{**adoption, "obligations": [SLUG]}]
    for name in (slug, source):
        (catalogue / name).mkdir(parents=True)
    (catalogue / slug / "_document.yaml").write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    for name in ("_document", SLUG):
        shutil.copy(province.catalogue / source / f"{name}.yaml", catalogue / source)
    shutil.copytree(province.dags, dags, ignore=lambda _, names: [name for name in names if name != f"{slug}.py"])
    return Province(catalogue, dags, tuple(place for place in province.places if place.slug == slug))


def _installation(province: Province, slug: str) -> Installation:
    return Installation(str(province.dags / f"{slug}.py"), f"{slug}.{SLUG}", province.environment())


def measure(installations: list[Installation]) -> list[list[float]]:
    """Return the seconds of every round, of each installation."""
    from airflow.sdk.execution_time import task_runner

    del task_runner  # a worker has it imported before it forks
    gc.freeze()
    times: list[list[float]] = [[] for _ in installations]
    for number in range(ROUNDS + 1):
        for one, seconds in zip(installations, times, strict=True):
            took, _ = in_a_fork(lambda one=one: _start(one))
            if number:  # the first time finds nothing in the page cache
                seconds.append(took)
    return times


def _start(installation: Installation) -> float:
    """Load the DAG as the task runner does and return the seconds it took; raises KeyError if it is not there."""
    os.environ.update(installation.environment)
    os.environ["_AIRFLOW_PARSING_CONTEXT_DAG_ID"] = installation.started_from
    os.environ["_AIRFLOW_PARSING_CONTEXT_TASK_ID"] = "gather"
    began = time.process_time()
    from airflow.dag_processing.dagbag import BundleDagBag

    file = Path(installation.file)
    bag = BundleDagBag(
        dag_folder=str(file), safe_mode=False, load_op_links=False, bundle_path=file.parent, bundle_name="bench"
    )
    dag = bag.dags[installation.started_from]
    if len(bag.dags) != 1 or "gather" not in dag.task_dict:
        raise RuntimeError(f"{sorted(bag.dags)} were loaded for one task")
    return time.process_time() - began


def main() -> None:
    """Print the figures, or measure in a process of its own."""
    if sys.argv[1:2] == ["--child"]:
        print(json.dumps(measure([Installation(**one) for one in json.loads(sys.argv[2])])))
    else:
        print(json.dumps(run(*map(int, sys.argv[1:])), indent=2))


if __name__ == "__main__":
    main()

"""Parsing a province: 7,000 DAGs in 154 files, against the same by hand in Python and the same in YAML for dag-factory.

``python -m bench.parse [JURISDICTIONS]`` prints the figures, of fewer files for a quick look; ``run()`` returns them. The
Python builds DAGs that serialize to the same bytes, which is checked of every one. dag-factory is installed into a folder
of its own. Milliseconds are CPU time of the processes that parse, from their first import to the last serialized DAG, a
file after the other. Targets: ≤ 1.25 of the time by hand; at least as fast as dag-factory, at least twice in building.
dag-factory reads every sixth file only, for its time is the longest, and is compared with ours of the same files.
"""

from __future__ import annotations

import compileall
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench._parsing import Folder, Parsed
from bench._renderings import BY_HAND, DAG_FACTORY
from bench.province import JURISDICTIONS, REPOSITORY, write_province
from obligations.orchestration.demo.embedded import EmbeddedAirflow

DAG_FACTORY_RELEASE = "dag-factory==1.1.0"
OURS = "the catalogue"
OPERATORS = tuple(
    f"obligations.orchestration.{name}" for name in ("tasks.forms", "tasks.steps", "timetable", "deadline")
)
EVERY = 6
"""Of how many files dag-factory reads one."""


def run(jurisdictions: int = JURISDICTIONS) -> dict[str, dict[str, Any]]:
    """Write the province three times and parse each in turn."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        province = write_province(home / "province", jurisdictions)
        files = [place.slug for place in province.places]
        more = province.environment() | {"AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "600"}  # dag-factory needs its time
        environment = EmbeddedAirflow(home / "airflow", environment=more).variables()
        _python("-m", "bench._renderings", str(home), str(EVERY), *files, environment=environment)
        compileall.compile_dir(home / BY_HAND, quiet=1)  # as after the first pass
        library = home / "library"
        _python(
            "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(library), DAG_FACTORY_RELEASE,
            environment=dict(os.environ),
        )  # fmt: skip
        ours = Folder(OURS, str(province.dags), ("obligations.orchestration.dags",))
        by_hand = Folder(BY_HAND, str(home / BY_HAND), OPERATORS)
        factory = Folder(DAG_FACTORY, str(home / DAG_FACTORY), ("dagfactory", *OPERATORS), (str(library),))
        of_all_three = _parse((ours, by_hand, factory), files[::EVERY], environment)
        rest = [file for number, file in enumerate(files) if number % EVERY]
        of_two = _parse((ours, by_hand), rest, environment) if rest else {}
        against_factory = _by_dag_factory(of_all_three[OURS], of_all_three[DAG_FACTORY])
        of_two = {name: _sum(of_all_three[name], of_two.get(name)) for name in (OURS, BY_HAND)}
        return {"a DAG, against Python by hand": _by_hand(of_two), "a DAG, against dag-factory": against_factory}


def _parse(folders: Sequence[Folder], files: Sequence[str], environment: dict[str, str]) -> dict[str, Parsed]:
    """Parse the files of each folder in a process with Airflow imported; raises RuntimeError if one cannot be."""
    request = json.dumps({"folders": [asdict(one) for one in folders], "files": files})
    said = json.loads(_python("-m", "bench._parsing", request, environment=environment).splitlines()[-1])
    found = {name: Parsed(**one) for name, one in said.items()}
    if errors := {file: error for one in found.values() for file, error in one.errors.items()}:
        raise RuntimeError(f"not parsed: {errors}")
    return found


def _sum(some: Parsed, more: Parsed | None) -> Parsed:
    if more is not None:
        some.add(more)
    return some


def _by_hand(parsed: dict[str, Parsed]) -> dict[str, Any]:
    """Compare; raises RuntimeError unless the DAGs by hand are ours, serialized byte for byte."""
    ours, by_hand = parsed[OURS], parsed[BY_HAND]
    if ours.digests != by_hand.digests:
        raise RuntimeError("the DAGs by hand are not the catalogue's")
    return {
        "DAGs": ours.dags,
        "tasks": ours.tasks,
        **_milliseconds(parsed),
        "ratio": round(ours.whole / by_hand.whole, 3),
        "target ratio": 1.25,
        "largest parsing process MB": round(ours.peak_mb),
    }


def _by_dag_factory(ours: Parsed, factory: Parsed) -> dict[str, Any]:
    """Compare; raises RuntimeError unless there are as many DAGs and tasks."""
    if (ours.dags, ours.tasks) != (factory.dags, factory.tasks):
        raise RuntimeError("the DAGs of dag-factory are not as many")
    return {
        "DAGs": ours.dags,
        **_milliseconds({OURS: ours, DAG_FACTORY: factory}),
        "ratio": round(ours.whole / factory.whole, 3),
        "target ratio": 1.0,
        "ratio in building": round(ours.building / factory.building, 3),
        "target ratio in building": 0.5,
    }


def _milliseconds(parsed: dict[str, Parsed]) -> dict[str, float]:
    return {
        f"{name}, {said} ms": round(1000 * getattr(one, part) / one.dags, 2)
        for name, one in parsed.items()
        for part, said in (("whole", "in all"), ("building", "building"), ("serializing", "serializing"))
    }


def _python(*arguments: str, environment: dict[str, str]) -> str:
    """Run this interpreter in the repository and return what it printed."""
    done = subprocess.run(  # noqa: S603 - our own modules and pip
        [sys.executable, *arguments], cwd=REPOSITORY, env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


if __name__ == "__main__":
    print(json.dumps(run(*map(int, sys.argv[1:])), indent=2, ensure_ascii=False))

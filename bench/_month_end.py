"""What a month-end brings: occurrences of many places with real figures, the DAGs that stand for them, the bare work of them."""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from obligations.orchestration.demo.sources import SERIES
from obligations.words.times import SHANGHAI

REPOSITORY = Path(__file__).parents[1]
PLACES = "unit-"
"""What the names of the places begin with."""
FISCAL, LAND = "fiscal-monthly", "land-supply-quarterly"
PERIODS = {FISCAL: [f"2017-{month:02}" for month in range(1, 7)], LAND: [SERIES[f"demo.{LAND}"]]}
"""What there are real figures for."""
GO_LIVE_AHEAD = timedelta(days=365)
"""So that the calendar opens nothing beside the rush, which the baseline would not have."""
BARE = "bare"
BARE_DAGS = '''"""As many DAGs as are in the rush, of as many tasks as a report has up to its first form, doing nothing."""

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import DAG, BaseOperator


class Nothing(BaseOperator):
    def execute(self, context):
        return None


for name in {names}:
    with DAG(name, schedule=None, is_paused_upon_creation=True, max_active_runs=16, max_active_tasks=16) as dag:
        Nothing(task_id="gather") >> Nothing(task_id="draft") >> HITLOperator(task_id="complete", subject="form", options=["OK"])
    globals()[name] = dag
'''


class Opened(NamedTuple):
    """An occurrence of the rush: its place, its obligation, its period."""

    place: str
    slug: str
    period: str

    @property
    def dag_id(self) -> str:
        """Of its DAG."""
        return f"{self.place}.{self.slug}"

    @property
    def bare_id(self) -> str:
        """Of the DAG that stands for it in the baseline."""
        return f"{BARE}_{self.place}_{self.slug}".replace("-", "_")

    @property
    def run_id(self) -> str:
        """Of its run."""
        return f"start__{self.period}__v1"


def _names(occurrences: int) -> list[str]:
    """Name as many places as owe so many occurrences."""
    each = sum(map(len, PERIODS.values()))
    return [f"{PLACES}{number:02}" for number in range(1, -(-occurrences // each) + 1)]


def opened_at_once(occurrences: int) -> list[Opened]:
    """Name the occurrences, a place after the other."""
    every = (Opened(place, slug, one) for place in _names(occurrences) for slug in PERIODS for one in PERIODS[slug])
    return list(islice(every, occurrences))


def lay_out(home: Path, opened: list[Opened]) -> dict[str, str]:
    """Write a catalogue of places that owe what the demo does, and their DAG files; return the environment that serves them."""
    catalogue, dags = home / "catalogue", home / "dags"
    dags.mkdir()
    real = REPOSITORY / "include" / "obligations" / "catalogue"
    for name in ("shandong", "demo"):
        shutil.copytree(real / name, catalogue / name)
    for place in _places(opened):
        shutil.copytree(real / "demo", catalogue / place)
        document = catalogue / place / "_document.yaml"
        said = (
            document.read_text("utf-8").replace("slug: demo", f"slug: {place}").replace("演示单位", f"演示单位{place}")
        )
        document.write_text(said, "utf-8")
        for file in (catalogue / place).glob("[!_]*.yaml"):
            file.write_text(file.read_text("utf-8").replace("演示单位", f"演示单位{place}"), "utf-8")
        shutil.copy(REPOSITORY / "dags" / "demo.py", dags / f"{place}.py")
    names = sorted({one.bare_id for one in opened})
    (dags / f"{BARE}.py").write_text(BARE_DAGS.format(names=names), "utf-8")
    return {
        "OBLIGATIONS_CATALOGUE": str(catalogue),
        "OBLIGATIONS_JURISDICTIONS": ",".join(["demo", *_places(opened)]),
        "OBLIGATIONS_GO_LIVE": (datetime.now(SHANGHAI).date() + GO_LIVE_AHEAD).isoformat(),
    }


def deliver(inbox: Path, opened: list[Opened]) -> None:
    """Deliver to every place the file that the demo's department has delivered."""
    for one in opened:
        if one.slug == LAND:
            source = inbox / "demo" / LAND / f"{one.period}.csv"
            target = inbox / one.place / LAND / source.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)


def name_contacts(file: Path, opened: list[Opened]) -> None:
    """Let the people of the demo hold the same roles in every place."""
    people, _, roles = file.read_text("utf-8").partition("roles:\n")
    lines = [line for line in roles.splitlines() if line]
    of_all = [
        line.replace("jurisdiction: demo", f"jurisdiction: {p}").replace("演示单位", f"演示单位{p}")
        for p in _places(opened)
        for line in lines
    ]
    file.write_text("\n".join([f"{people}roles:", *lines, *of_all, ""]), "utf-8")


def cpu_of_bare_work(variables: Mapping[str, str], home: Path, opened: list[Opened]) -> float:
    """Gather and draft everything in one process with a ledger of its own; return its CPU seconds."""
    environment = {**variables, "OBLIGATIONS_HOME": str(home)}
    for name in ("OBLIGATIONS_LEDGER_URL", "OBLIGATIONS_LEDGER_URL_FILE"):
        environment.pop(name, None)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "bench._month_end"],
        cwd=REPOSITORY, env=environment, input=json.dumps(opened), text=True, check=True,
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _places(opened: list[Opened]) -> list[str]:
    return sorted({one.place for one in opened})


def gather_and_draft(opened: list[Opened]) -> None:
    """Take every occurrence through the steps that the DAG's tasks call."""
    from obligations.orchestration import route
    from obligations.orchestration.runs.claims import COMMAND_LINE
    from obligations.orchestration.settings import Settings
    from obligations.orchestration.sources.connections import engine_for
    from obligations.orchestration.work import open_work
    from obligations.rules.catalogue import load_one
    from obligations.steps.gather import Sources

    settings = Settings.from_environment()
    sources = Sources(settings.inbox, settings.store, settings.quarantine, engine_for)
    for one in opened:
        obligation = load_one(settings.catalogue, f"{one.place}/{one.slug}")
        with open_work(settings, obligation, one.period, COMMAND_LINE) as work:
            now = datetime.now(SHANGHAI)
            route.gather(work, sources, now)
            route.draft(work, now)


if __name__ == "__main__":
    gather_and_draft([Opened(*one) for one in json.load(sys.stdin)])

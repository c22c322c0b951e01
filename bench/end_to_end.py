"""From the start of a run to the review that it asks for: a fiscal report on real figures, against bare tasks and bare work.

``python -m bench.end_to_end`` prints the figures; ``run()`` returns them. The baseline is a DAG of as many tasks that do
nothing and a form of Airflow's own, on the same Airflow, **plus** the same gathering and drafting in a fresh process. Runs of
both take turns; times are those that Airflow's own database keeps, so that no asking adds to them. Target: 1.1 in the median.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from bench._telling import tell
from bench._until import until
from obligations.orchestration.demo.embedded import REPOSITORY, EmbeddedAirflow
from obligations.orchestration.demo.rest import AirflowRest
from obligations.orchestration.demo.sources import prepare_sources

FISCAL, BARE = "demo.fiscal-monthly", "bare"
PERIODS = ("2017-01", "2017-02", "2017-03", "2017-04", "2017-05", "2017-06")
"""Months with real figures; the first of them warms both sides and is not counted."""
TARGET_RATIO = 1.1
BARE_DAG = '''"""As many tasks as a fiscal report has up to its first form, doing nothing."""

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import DAG, BaseOperator


class Nothing(BaseOperator):
    def execute(self, context):
        return None


with DAG("bare", schedule=None, is_paused_upon_creation=False) as dag:
    Nothing(task_id="gather") >> Nothing(task_id="draft") >> HITLOperator(task_id="complete", subject="form", options=["OK"])
'''
_TAKEN = """
SELECT r.run_id, r.queued_at, h.created_at FROM dag_run r
JOIN task_instance t ON t.dag_id = r.dag_id AND t.run_id = r.run_id
JOIN hitl_detail h ON h.ti_id = t.id
WHERE r.dag_id = ?
"""


def run() -> dict[str, dict[str, Any]]:
    """Measure with Airflow's embedded default."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with _airflow(home) as airflow:
            direct = _measure(airflow, home)
            ours, bare = _taken(airflow, FISCAL), _taken(airflow, BARE)
    seconds, bare_seconds, direct_seconds = map(statistics.median, (ours, bare, direct))
    return {
        "trigger to review, fiscal report": {
            "runs": len(ours),
            "median s": round(seconds, 2),
            "bare tasks, median s": round(bare_seconds, 2),
            "gather and draft in a fresh process, median s": round(direct_seconds, 2),
            "ratio to both": round(seconds / (bare_seconds + direct_seconds), 2),
            "target ratio": TARGET_RATIO,
        }
    }


def _measure(airflow: EmbeddedAirflow, home: Path) -> list[float]:
    """Start the runs of both sides in turn, each when the one before waits for its form; return what the bare work took."""
    direct = []
    with airflow.client() as admin:
        rest = AirflowRest(admin)
        until(lambda: {FISCAL, BARE} <= rest.dag_ids())
        for period in PERIODS:
            tell(f"both sides of {period}")
            for dag_id, partition in ((BARE, None), (FISCAL, period)):
                run_id = f"start__{period}__v1"
                rest.start(dag_id, run_id, period=partition)
                until(lambda dag_id=dag_id, run_id=run_id: _asks(rest, dag_id, run_id))
                time.sleep(2)  # until the process that asked has ended and the scheduler is idle again
            direct.append(_gather_and_draft(airflow, home / "direct", period))
    return direct[1:]


def _asks(rest: AirflowRest, dag_id: str, run_id: str) -> bool:
    return any(form["task_instance"]["dag_run_id"] == run_id for form in rest.open_forms([dag_id]))


def _gather_and_draft(airflow: EmbeddedAirflow, home: Path, period: str) -> float:
    """Gather and draft the month in a process and a ledger of their own; return its seconds."""
    environment = airflow.variables() | {"OBLIGATIONS_HOME": str(home)}
    environment.pop("OBLIGATIONS_LEDGER_URL", None)
    words = [sys.executable, "-m", "obligations", "run", FISCAL.replace(".", "/"), "--period", period]
    began = time.perf_counter()
    subprocess.run(words, env=environment, check=True, capture_output=True)  # noqa: S603 - our own program
    return time.perf_counter() - began


def _taken(airflow: EmbeddedAirflow, dag_id: str) -> list[float]:
    """Return the seconds from trigger to form of each run but the first."""
    with closing(sqlite3.connect(f"file:{airflow.home / 'airflow.sqlite3'}?mode=ro", uri=True)) as connection:
        rows = sorted(connection.execute(_TAKEN, [dag_id]))
    return [
        (datetime.fromisoformat(asked) - datetime.fromisoformat(started)).total_seconds() for _, started, asked in rows
    ][1:]


@contextmanager
def _airflow(home: Path) -> Iterator[EmbeddedAirflow]:
    (home / "dags").mkdir()
    shutil.copy(REPOSITORY / "dags" / "demo.py", home / "dags")
    (home / "dags" / "bare.py").write_text(BARE_DAG, "utf-8")
    prepare_sources(home)
    environment = {
        "OBLIGATIONS_HOME": str(home),
        "OBLIGATIONS_GO_LIVE": datetime.now().astimezone().date().isoformat(),
        "OBLIGATIONS_SOURCE_DEMO_DEPARTMENTS": f"sqlite:///{home / 'demo' / 'departments.sqlite3'}",
    }
    with EmbeddedAirflow(home / "airflow", dags=home / "dags", environment=environment) as airflow:
        airflow.wait_until_healthy()
        yield airflow


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(), ensure_ascii=False, indent=2) + "\n")

"""What a Celery worker imports before its tasks: everything of ours that loading a DAG needs, and no more of Airflow's settings."""

import json
import subprocess
import sys

from airflow.providers.celery.executors.default_celery import DEFAULT_CELERY_CONFIG

from obligations.orchestration.celery_settings import CELERY_CONFIG
from obligations.orchestration.demo.embedded import REPOSITORY, EmbeddedAirflow

SCRIPT = """
import json, sys
from airflow.providers.celery.executors import celery_executor
app = celery_executor.app
app.loader.import_default_modules()  # as a worker does before it starts its processes
before = set(sys.modules)
from airflow.dag_processing.dagbag import BundleDagBag
bag = BundleDagBag(dag_folder="dags/demo.py", bundle_path="dags", bundle_name="tests", load_op_links=False)
print(json.dumps([list(bag.dags), sorted(set(sys.modules) - before)]))
"""


DRAFTING = """
import json, sys
from pathlib import Path
from celery.signals import worker_init
from airflow.providers.celery.executors import celery_executor
celery_executor.app.loader.import_default_modules()
worker_init.send(sender=None)
from obligations.orchestration.commands import cli, drafting
from obligations.orchestration.demo.sources import prepare_sources
from obligations.steps.rendering import fonts
prepare_sources(Path(sys.argv[1]))
read = fonts.glyphs.cache_info().misses
before = set(sys.modules)
assert cli.main(["run", "demo/fiscal-monthly", "--period", "2017-06"]) == 0
print(json.dumps([sorted(set(sys.modules) - before), read, fonts.glyphs.cache_info().misses]))
"""


def test_only_what_is_imported_differs_from_airflows_own_settings():
    assert {name: CELERY_CONFIG[name] for name in DEFAULT_CELERY_CONFIG if name != "imports"} == {
        name: value for name, value in DEFAULT_CELERY_CONFIG.items() if name != "imports"
    }


def test_a_worker_has_imported_what_loading_a_dag_needs(tmp_path):
    environment = {
        "AIRFLOW__CELERY__CELERY_CONFIG_OPTIONS": "obligations.orchestration.celery_settings.CELERY_CONFIG",
        "AIRFLOW__CELERY__BROKER_URL": "memory://",
        "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
        "_AIRFLOW_PARSING_CONTEXT_DAG_ID": "demo.fiscal-monthly",
        "_AIRFLOW_PARSING_CONTEXT_TASK_ID": "gather",
    }
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=REPOSITORY,
        env=EmbeddedAirflow(tmp_path, environment=environment).variables(),
        capture_output=True,
        text=True,
        check=True,
    )
    dags, imported = json.loads(ran.stdout.splitlines()[-1])
    assert dags == ["demo.fiscal-monthly"]
    ours = [name for name in imported if name.startswith(("obligations.", "holidays", "chinese_calendar", "opencc"))]
    assert [name for name in ours if not name.startswith("obligations.publications.")] == [], (
        "kinds aside, of which a task needs one"
    )


def test_a_worker_has_imported_and_read_what_gathering_and_drafting_need(tmp_path):
    environment = {
        "AIRFLOW__CELERY__CELERY_CONFIG_OPTIONS": "obligations.orchestration.celery_settings.CELERY_CONFIG",
        "AIRFLOW__CELERY__BROKER_URL": "memory://",
        "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
        "OBLIGATIONS_HOME": str(tmp_path),
        "OBLIGATIONS_SOURCE_DEMO_DEPARTMENTS": f"sqlite:///{tmp_path / 'demo' / 'departments.sqlite3'}",
    }
    ran = subprocess.run(
        [sys.executable, "-c", DRAFTING, str(tmp_path)],
        cwd=REPOSITORY,
        env=EmbeddedAirflow(tmp_path / "airflow", environment=environment).variables(),
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    imported, before, after = json.loads(ran.stdout.splitlines()[-1])
    heavy = {"docx", "fontTools", "jinja2", "lxml", "matplotlib", "openpyxl", "pandas", "pandera", "typst"}
    # small, and imported when a table is first checked
    small = ("pandas.core.methods.", "pandera.accessors", "pandera.api.geopandas", "pandera.backends.register_checks")
    late = [name for name in imported if name.partition(".")[0] in heavy and not name.startswith(small)]
    assert late == [], "a task would import it anew each time"
    assert 0 < before == after, "a task would read the fonts anew each time"

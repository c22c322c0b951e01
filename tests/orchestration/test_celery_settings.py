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

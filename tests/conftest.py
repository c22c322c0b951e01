"""What every test needs: an Airflow home of its own; and the tests that start a real Airflow come first."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]


def _isolate() -> None:
    """Point Airflow at a folder of this process before anything imports it; it writes its configuration on import."""
    for name in list(os.environ):
        if name.startswith(("AIRFLOW_", "OBLIGATIONS_")) and not name.startswith("OBLIGATIONS_TEST_"):
            del os.environ[name]
    homes = REPOSITORY / "var" / "tests"
    homes.mkdir(parents=True, exist_ok=True)
    home = tempfile.mkdtemp(prefix="airflow-", dir=homes)
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    os.environ["AIRFLOW_HOME"] = home
    os.environ["AIRFLOW__CORE__DAGS_FOLDER"] = str(REPOSITORY / "dags")
    os.environ["AIRFLOW__CORE__PLUGINS_FOLDER"] = str(REPOSITORY / "plugins")
    os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
    os.environ["AIRFLOW__CORE__DEFAULT_TIMEZONE"] = "Asia/Shanghai"


_isolate()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start the long tests first; they stay together on one worker, for tests are handed out file by file."""
    items.sort(key=lambda item: item.get_closest_marker("airflow") is None)

"""Values for Airflow's chart: its own names, and the same environment as the compose file. No chart is rendered here."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

REPOSITORY = Path(__file__).parents[2]
HELM = REPOSITORY / "deploy" / "helm"
VALUES: dict[str, Any] = yaml.safe_load((HELM / "values.yaml").read_text("utf-8"))
KUBERNETES: dict[str, Any] = yaml.safe_load((HELM / "values-kubernetes.yaml").read_text("utf-8"))
PAGE = (REPOSITORY / "docs" / "helm.zh-CN.md").read_text("utf-8")
COMPOSE = yaml.safe_load((REPOSITORY / "docker-compose.yaml").read_text("utf-8"))
# The chart's own names, as its values of 1.22.0 have them; a name it does not know is passed over without a word.
KNOWN = {
    "executor", "airflowVersion", "images", "uid", "gid", "securityContexts", "postgresql", "redis", "data", "fernetKeySecretName",
    "jwtSecretName", "apiSecretKeySecretName", "secret", "env", "migrateDatabaseJob", "createUserJob", "dags", "logs", "volumes",
    "volumeMounts", "apiServer", "scheduler", "dagProcessor", "triggerer", "workers", "ingress", "statsd", "flower",
}  # fmt: skip
# What the chart sets by itself, or gets as a secret.
BY_THE_CHART = {"AIRFLOW__CORE__EXECUTOR", "AIRFLOW__CORE__EXECUTION_API_SERVER_URL"}
AS_A_SECRET = {"OBLIGATIONS_LEDGER_URL_FILE", "OBLIGATIONS_OIDC_CLIENT_SECRET_FILE"}


def test_every_name_is_one_of_the_chart():
    assert set(VALUES) == KNOWN
    assert set(KUBERNETES) <= KNOWN
    assert set(VALUES["workers"]) | set(KUBERNETES["workers"]) == {"celery", "kubernetes"}


def test_the_environment_is_that_of_the_compose_file():
    example = (REPOSITORY / ".env.example").read_text("utf-8").splitlines()
    given = dict(line.split("=", 1) for line in example if line and not line.startswith("#"))
    there = {
        name: re.sub(r"\$\{([A-Z_]+)(?::?[-?][^}]*)?\}", lambda found: given[found[1]], str(value))
        for name, value in COMPOSE["services"]["scheduler"]["environment"].items()
        if not name.endswith("_CMD") and name not in BY_THE_CHART | AS_A_SECRET
    }
    assert {each["name"]: each["value"] for each in VALUES["env"]} == there


def test_no_secret_is_written_down_and_each_is_described():
    names = re.findall(r"obligations-[a-z-]+", (HELM / "values.yaml").read_text("utf-8"))
    assert len(set(names)) == 11
    assert [name for name in set(names) if f"`{name}`" not in PAGE] == []
    assert all(isinstance(each["value"], str) for each in VALUES["env"]), "Kubernetes takes texts alone"


@pytest.mark.parametrize("name", ["apiServer", "scheduler", "dagProcessor", "triggerer", "migrateDatabaseJob"])
def test_every_component_is_limited(name):
    assert {"cpu", "memory"} <= VALUES[name]["resources"]["limits"].keys()


def test_incidents_have_workers_that_are_never_scaled_away():
    sets = {each["queue"]: each for each in VALUES["workers"]["celery"]["sets"]}
    assert set(sets) == {"default", "incidents"}
    assert not VALUES["workers"]["celery"]["enableDefault"]
    assert sets["default"]["keda"]["enabled"]
    assert not sets["incidents"]["keda"]["enabled"]
    assert sets["incidents"]["replicas"] >= 1


def test_nothing_runs_as_root_and_the_image_has_a_version():
    assert VALUES["securityContexts"]["pod"]["runAsNonRoot"]
    assert not VALUES["securityContexts"]["containers"]["allowPrivilegeEscalation"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", VALUES["images"]["airflow"]["tag"])
    assert f"apache-airflow=={VALUES['airflowVersion']}" in (REPOSITORY / "requirements.txt").read_text(
        "utf-8"
    ).replace("[celery,fab,http,postgres,redis,sftp,smtp,standard,statsd]", "")


def test_the_database_is_prepared_by_the_script_that_prepares_it_everywhere():
    job = VALUES["migrateDatabaseJob"]
    assert job["args"][-1] == "/opt/obligations/deploy/init.sh"
    assert (REPOSITORY / "deploy" / "init.sh").is_file()
    assert job["applyCustomEnv"]

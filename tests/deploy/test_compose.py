"""The production files against what they name: the specification, Airflow's and our settings, the files of the repository.

No container runs here. That the same processes with the same environment do their work is ``tests/services``.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from airflow.configuration import conf
from airflow.jobs import scheduler_job_runner
from jsonschema import Draft201909Validator

REPOSITORY = Path(__file__).parents[2]
DEPLOY = REPOSITORY / "deploy"
COMPOSE = yaml.safe_load((REPOSITORY / "docker-compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
LASTING = sorted(SERVICES.keys() - {"init"})  # init ends, and is waited for
OURS = sorted(name for name, service in SERVICES.items() if service["image"].startswith("obligations:"))
# What the images of others, and scripts of ours, read from their environment.
OF_OTHERS = {
    "postgres": {"POSTGRES_PASSWORD_FILE", "POSTGRES_INITDB_ARGS"},
    "backup": {"BACKUP_AT", "BACKUP_KEEP_DAYS"},
    "housekeeping": {"HOUSEKEEPING_AT", "KEEP_AUDIT_DAYS", "KEEP_RUN_DAYS"},
    "grafana": {
        "GF_ANALYTICS_CHECK_FOR_UPDATES", "GF_ANALYTICS_REPORTING_ENABLED", "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH",
        "GF_SECURITY_ADMIN_PASSWORD__FILE", "GF_USERS_DEFAULT_LANGUAGE",
    },
}  # fmt: skip
MONITORING = {"statsd-exporter", "prometheus", "grafana"}
VARIABLE = re.compile(r"(?<!\$)\$\{([A-Z_]+)(?::?[-?]([^}]*))?\}")


@cache
def our_variables() -> frozenset[str]:
    """Return every variable that our program, or the login's configuration, reads."""
    places = [
        REPOSITORY / "include/obligations/orchestration" / name for name in ("settings.py", "sources/connections.py")
    ]
    texts = [place.read_text("utf-8") for place in (*places, DEPLOY / "auth" / "webserver_config.py")]
    return frozenset(re.findall(r"\b(OBLIGATIONS_[A-Z_]+)\b", "".join(texts)))


UNDOCUMENTED = {"num_stuck_in_queued_retries": scheduler_job_runner}
"""Options that Airflow reads and describes nowhere, with the module that does."""


def is_of_airflow(name: str) -> bool:
    """Whether Airflow or one of its installed providers knows the option; secrets may come from a command."""
    _, section, option = name.lower().split("__")
    options = conf.configuration_description.get(section, {}).get("options", {})
    if option in options:
        return True
    if option in UNDOCUMENTED:
        return f'key="{option}"' in Path(UNDOCUMENTED[option].__file__).read_text("utf-8")
    base = option.removesuffix("_cmd")
    return base != option and bool(options.get(base, {}).get("sensitive"))


def test_the_file_is_what_the_compose_specification_says():
    schema = json.loads(Path(__file__).with_name("compose-spec.json").read_text("utf-8"))
    faults = [
        f"{list(fault.absolute_path)}: {fault.message}" for fault in Draft201909Validator(schema).iter_errors(COMPOSE)
    ]
    assert faults == []


def test_every_component_of_the_topology_is_there():
    assert set(SERVICES) == {
        "postgres", "redis", "init", "api-server", "scheduler", "dag-processor", "triggerer", "worker", "worker-incidents",
        "proxy", "backup", "housekeeping", "statsd-exporter", "prometheus", "grafana",
    }  # fmt: skip


@pytest.mark.parametrize("name", SERVICES)
def test_every_variable_is_one_that_somebody_reads(name):
    variables = set(SERVICES[name].get("environment", {})) - {"TZ"} - OF_OTHERS.get(name, set())
    of_airflow = {each for each in variables if each.startswith("AIRFLOW__")}
    assert {each for each in of_airflow if not is_of_airflow(each)} == set()
    assert variables - of_airflow <= our_variables()


def test_no_password_lies_in_the_environment():
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            secret = re.search(r"PASSWORD|SECRET|FERNET|SQL_ALCHEMY_CONN|BROKER_URL|BACKEND|LEDGER_URL", variable)
            if secret:
                assert variable.endswith(("_CMD", "_FILE")), f"{name}: {variable}"
                assert "/run/secrets/" in value


@pytest.mark.parametrize("name", SERVICES)
def test_every_secret_that_is_read_is_handed_in_and_made(name):
    service = SERVICES[name]
    text = json.dumps([service.get(part) for part in ("environment", "command", "healthcheck")])
    read = set(re.findall(r"/run/secrets/(\w+)", text))
    if name == "proxy":
        read = set(re.findall(r"/run/secrets/(\w+)", (DEPLOY / "proxy" / "nginx.conf").read_text("utf-8")))
    assert read <= set(service.get("secrets", ()))
    assert set(service.get("secrets", ())) <= set(COMPOSE["secrets"])


@pytest.mark.parametrize("name", LASTING)
def test_every_service_is_watched_limited_and_started_again(name):
    service = SERVICES[name]
    check = service["healthcheck"]
    assert check["test"][0] in {"CMD", "CMD-SHELL"}
    assert {"interval", "timeout", "retries"} <= check.keys()
    assert {"cpus", "memory"} <= service["deploy"]["resources"]["limits"].keys()
    assert service["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", SERVICES)
def test_no_service_is_root_or_may_become_it(name):
    service = SERVICES[name]
    assert int(service["user"].split(":")[0]) > 0
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert "privileged" not in service
    assert "docker.sock" not in json.dumps(service)


@pytest.mark.parametrize("name", SERVICES)
def test_every_image_has_a_version(name):
    image = VARIABLE.sub(lambda found: found[2] or "", SERVICES[name]["image"])
    assert re.search(r":v?\d+\.\d+", image), image
    assert "latest" not in image


def test_only_the_proxy_is_reachable():
    open_ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert set(open_ports) == {"proxy", "grafana"}
    assert all(port.startswith("127.0.0.1:") for port in open_ports["grafana"])
    assert COMPOSE["networks"]["inside"]["internal"]
    for name in ("postgres", "redis", "backup", "housekeeping", "statsd-exporter", "prometheus"):
        assert SERVICES[name]["networks"] == ["inside"]


@pytest.mark.parametrize("name", SERVICES)
def test_every_file_that_is_mounted_exists(name):
    for mount in SERVICES[name].get("volumes", ()):
        source, _, _ = mount.partition(":")
        if source.startswith("."):
            assert (REPOSITORY / source).exists(), mount
            assert mount.endswith(":ro"), mount
        else:
            assert source in COMPOSE["volumes"], mount


def test_monitoring_comes_only_where_it_is_asked_for():
    assert {name for name, service in SERVICES.items() if service.get("profiles")} == MONITORING
    assert all(SERVICES[name]["profiles"] == ["metrics"] for name in MONITORING)
    environment = SERVICES["scheduler"]["environment"]
    assert environment["AIRFLOW__METRICS__STATSD_ON"] == "${METRICS:-False}"
    assert environment["AIRFLOW__METRICS__STATSD_HOST"] == "${STATSD_HOST:-statsd-exporter}"


def test_every_script_that_is_run_exists_and_is_shell():
    for name, service in SERVICES.items():
        for word in [*service.get("entrypoint", ()), *service.get("healthcheck", {}).get("test", ())]:
            if word.startswith("/opt/obligations/"):
                assert (REPOSITORY / word.removeprefix("/opt/obligations/")).is_file(), f"{name}: {word}"
    for script in DEPLOY.rglob("*.sh"):
        subprocess.run(["bash", "-n", script], check=True)
        assert os.access(script, os.X_OK), script


def test_the_worker_of_incidents_serves_their_queue_alone_and_nobody_else_does():
    served = {name: queue for name in OURS if (queue := queues(name))}
    assert served == {"worker": {"default"}, "worker-incidents": {"incidents"}}
    environment = SERVICES["scheduler"]["environment"]
    assert environment["OBLIGATIONS_INCIDENT_QUEUE"] == "incidents"
    assert environment["AIRFLOW__OPERATORS__DEFAULT_QUEUE"] == "default"
    assert f"airflow pools set {environment['OBLIGATIONS_INCIDENT_POOL']} " in (DEPLOY / "init.sh").read_text("utf-8")


def queues(name: str) -> set[str]:
    command = SERVICES[name].get("command", ())
    return set(command[command.index("--queues") + 1].split(",")) if "--queues" in command else set()


def test_the_pool_is_as_large_as_the_ordinary_workers():
    values = dict(line.split("=", 1) for line in example())
    replicas = SERVICES["worker"]["deploy"]["replicas"]
    assert int(values["ORDINARY_SLOTS"]) == int(values["WORKER_SLOTS"]) * replicas


def example() -> list[str]:
    lines = (REPOSITORY / ".env.example").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_the_example_names_every_variable_that_the_file_asks_for_with_its_default():
    text = (REPOSITORY / "docker-compose.yaml").read_text("utf-8")
    asked = {found[1]: found[2] or "" for found in VARIABLE.finditer(text)}
    given = dict(line.split("=", 1) for line in example())
    assert set(given) - {"COMPOSE_PROJECT_NAME", "COMPOSE_PROFILES"} == set(asked)
    for name, default in asked.items():
        if f"${{{name}:?" not in text:
            assert given[name] == default, name


def test_the_components_share_one_environment():
    first, *others = (SERVICES[name]["environment"] for name in OURS if name not in {"backup", "housekeeping"})
    assert all(each == first for each in others), "what one of them knows otherwise, another one gets wrong"


def test_the_image_is_the_official_one_with_pinned_requirements_and_copies_what_exists():
    text = (REPOSITORY / "Dockerfile").read_text("utf-8")
    pinned = (REPOSITORY / "requirements.txt").read_text("utf-8")
    version = re.search(r"^apache-airflow==([\d.]+)", pinned, re.MULTILINE)[1]
    assert f"ARG AIRFLOW_IMAGE=apache/airflow:{version}-python3.11\n" in text
    assert "fonts-noto-cjk" in text
    last_user = re.findall(r"^USER (\S+)$", text, re.MULTILINE)[-1]
    assert last_user == SERVICES["scheduler"]["user"]
    allowed = (REPOSITORY / ".dockerignore").read_text("utf-8").splitlines()
    assert allowed[0] == "*"
    for line in re.findall(r"^COPY (?:--\S+ )*(.+)$", text, re.MULTILINE):
        for source in line.split()[:-1]:
            if not source.startswith("wheel"):
                assert (REPOSITORY / source).exists(), source
                assert f"!{source}" in allowed, f"{source} is not in the context"
    assert "deploy/secrets" in allowed


def test_secrets_are_made_once_and_hold_together(tmp_path):
    def make() -> dict[str, str]:
        subprocess.run([DEPLOY / "make-secrets.sh", tmp_path / "secrets"], check=True, capture_output=True)
        return {path.name: path.read_text("utf-8") for path in (tmp_path / "secrets").iterdir()}

    made = make()
    assert make() == made, "what is there stays"
    assert set(made) == set(COMPOSE["secrets"])
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    assert made["airflow_database_password"].strip() in made["airflow_database_url"]
    assert made["redis_password"].strip() in made["broker_url"]
    from cryptography.fernet import Fernet

    Fernet(made["fernet_key"].strip())


def test_secrets_are_never_committed():
    ignored = (REPOSITORY / ".gitignore").read_text("utf-8").splitlines()
    assert {"/.env", "/deploy/secrets/"} <= set(ignored)


@pytest.mark.skipif(
    shutil.which("nginx") is None, reason="nginx is not installed: THE PROXY'S CONFIGURATION WAS NOT READ"
)
def test_nginx_reads_the_configuration(tmp_path):
    subprocess.run([DEPLOY / "make-secrets.sh", tmp_path], check=True, capture_output=True)
    text = (DEPLOY / "proxy" / "nginx.conf").read_text("utf-8")
    there = {"api-server:8080": "127.0.0.1:8080", "/run/secrets": "{}", "/tmp": "{}", "/var/log/obligations": "{}"}  # noqa: S108 - names in the file
    for name, place in there.items():
        text = text.replace(name, place)
    text = text.replace("{}", str(tmp_path))
    text = text.replace("listen 8443 ssl;", "listen 18443 ssl;").replace("listen 8080;", "listen 18080;")
    text = text.replace("        http2 on;\n", "")  # older versions say it otherwise
    (tmp_path / "nginx.conf").write_text(text, "utf-8")
    answer = subprocess.run(["nginx", "-t", "-c", tmp_path / "nginx.conf"], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    assert "location /execution/ { return 404; }" in text

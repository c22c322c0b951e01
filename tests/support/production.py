"""The topology of ``docker-compose.yaml`` as processes of this machine: its commands, its environment, its scripts.

What differs is where things are: folders below one home, PostgreSQL and Redis where the tests are told they are.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from demo_catalogue import lay_out_dags
from ports import free_port
from redis import Redis
from running import Running, at_work
from sqlalchemy import URL, create_engine, make_url, text

from obligations.orchestration.access.rights import LEADER, OFFICE, role_name
from obligations.orchestration.demo.embedded import FAB, REPOSITORY, EmbeddedAirflow
from obligations.orchestration.demo.rest import AirflowRest
from obligations.orchestration.demo.site import demo_portal
from obligations.orchestration.demo.sources import prepare_sources

COMPOSE = yaml.safe_load((REPOSITORY / "docker-compose.yaml").read_text("utf-8"))
SERVICES = COMPOSE["services"]
DEPLOY = REPOSITORY / "deploy"
COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer", "worker", "worker-incidents")
USERS = {
    "admin": "Admin",
    "finance": role_name("demo", "演示单位财政局"),
    "chief": role_name("demo", LEADER),
    "office": role_name("demo", OFFICE),
}
CONTACTS = """
people:
  - {{id: jia, name: 演示甲, account: finance, account_id: "{finance}", email: jia@example.cn}}
  - {{id: yi, name: 演示乙, account: chief, account_id: "{chief}", email: yi@example.cn}}
  - {{id: bing, name: 演示丙, account: office, account_id: "{office}", email: bing@example.cn}}
roles:
  - {{jurisdiction: demo, department: 演示单位财政局, role: responsible, holder: jia}}
  - {{jurisdiction: demo, role: responsible, holder: bing}}
  - {{jurisdiction: demo, role: first_review, holder: yi}}
  - {{jurisdiction: demo, role: second_review, holder: yi}}
  - {{jurisdiction: demo, role: secrecy_review, holder: yi}}
  - {{jurisdiction: demo, role: final_review, holder: yi}}
  - {{jurisdiction: demo, role: leader, holder: yi}}
  - {{jurisdiction: demo, role: duty_leader, holder: yi}}
  - {{jurisdiction: demo, role: duty_room, holder: bing}}
  - {{jurisdiction: demo, role: office, holder: bing}}
  - {{jurisdiction: demo, role: operator, holder: bing}}
"""


@dataclass(frozen=True)
class Databases:
    """Two databases on the test's server, made and dropped by name.

    Attributes:
        server: URL of a role that may create databases; airflow, ledger: names, which are their owners' as well.
        secrets: folder with their addresses and passwords.
    """

    server: URL
    airflow: str
    ledger: str
    secrets: Path

    def environment(self) -> dict[str, str]:
        """Return what ``make-secrets.sh`` and ``databases.sh`` are told."""
        return {
            **os.environ,
            "POSTGRES_SERVER": f"{self.server.host}:{self.server.port or 5432}",
            "POSTGRES_USER": str(self.server.username),
            "PGHOST": str(self.server.host),
            "PGPORT": str(self.server.port or 5432),
            "PGPASSWORD": self.server.password or "",
            "AIRFLOW_DATABASE": self.airflow,
            "LEDGER_DATABASE": self.ledger,
            "SECRETS": str(self.secrets),
        }

    def make(self) -> None:
        """Make secrets and databases by the scripts that production makes them by."""
        for command in ([DEPLOY / "make-secrets.sh", self.secrets], [DEPLOY / "postgres" / "databases.sh"]):
            subprocess.run(command, env=self.environment(), check=True, capture_output=True, text=True)

    def drop(self) -> None:
        """Drop both with their owners."""
        engine = create_engine(self.server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for name in (self.airflow, self.ledger):
                connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
                connection.execute(text(f'DROP ROLE IF EXISTS "{name}"'))
        engine.dispose()


@contextmanager
def databases(server: str, secrets: Path) -> Iterator[Databases]:
    """Yield two databases of their own."""
    unique = uuid.uuid4().hex[:10]
    found = Databases(make_url(server), f"airflow_{unique}", f"ledger_{unique}", secrets)
    found.make()
    try:
        yield found
    finally:
        found.drop()


class Production(Running):
    """The running topology and the people at work.

    Attributes:
        databases: its two; home: what the volumes hold.
    """

    def __init__(self, airflow: EmbeddedAirflow, people: dict[str, AirflowRest], found: Databases, home: Path) -> None:
        super().__init__(airflow, people)
        self.databases, self.home = found, home

    def log(self, component: str) -> str:
        """Return what a component has written so far."""
        return (self.airflow.home / f"{component}.log").read_text("utf-8", errors="replace")

    def pools(self, dag_id: str, run_id: str) -> set[tuple[str, str]]:
        """Return queue and pool of every task of a run that was sent to a worker."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances"
        tasks: list[dict[str, Any]] = self.admin.client.get(path).json()["task_instances"]
        return {(task["queue"], task["pool"]) for task in tasks}

    def run_script(self, name: str, *arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a script of ``deploy`` as its container would."""
        return subprocess.run(
            ["bash", DEPLOY / name, *arguments],
            env={**self.airflow.variables(), **self.databases.environment(), **_state(self.home), **_tools(), **more},
            capture_output=True,
            text=True,
        )


@contextmanager
def demo_state(state: Path) -> Iterator[dict[str, str]]:
    """Prepare the demo's deliveries and run its site; yield the environment that leads there."""
    prepare_sources(state)
    with demo_portal(state) as site:
        yield {**site, "OBLIGATIONS_SOURCE_DEMO_DEPARTMENTS": f"sqlite:///{state / 'demo' / 'departments.sqlite3'}"}


@contextmanager
def production(
    home: Path, server: str, redis: str, prepare: Callable[[Path], AbstractContextManager[dict[str, str]]] = demo_state
) -> Iterator[Production]:
    """Prepare by ``init.sh`` and start every component of the compose file, two ordinary workers among them.

    ``prepare`` fills the folder of the installation and yields what is added to the environment.
    """
    with ExitStack() as stack:
        secrets = home / "secrets"
        secrets.mkdir(mode=0o700)
        (secrets / "broker_url").write_text(redis, "utf-8")  # the tests' Redis asks for no password
        _empty(redis)
        stack.callback(_empty, redis)
        found = stack.enter_context(databases(server, secrets))
        state = home / "state"
        prepared = stack.enter_context(prepare(state))
        airflow = EmbeddedAirflow(
            home / "airflow",
            dags=lay_out_dags(home / "dags"),
            port=free_port(),
            users=USERS,
            auth_manager=FAB,
            components=_components(),
        )
        airflow.environment = {**_environment(airflow, home), **prepared}
        admin = secrets / "admin_password"
        admin.chmod(0o600)
        admin.write_text(airflow.passwords["admin"], "utf-8")
        for _ in range(2):  # every start runs it again
            done = subprocess.run(
                ["bash", DEPLOY / "init.sh"],
                env={**airflow.variables(), **_tools(), "ADMIN_PASSWORD_FILE": str(admin)},
                capture_output=True,
                text=True,
            )
            assert done.returncode == 0, done.stdout + done.stderr
        numbers = airflow.make_users()
        (state / "contacts.yaml").write_text(CONTACTS.format(**numbers), "utf-8")
        yield Production(airflow, stack.enter_context(at_work(airflow)), found, state)


def _components() -> dict[str, tuple[str, ...]]:
    """Return the compose file's commands; a container has a name and a port of its own, which processes must be given."""
    found: dict[str, tuple[str, ...]] = {}
    for name in COMPONENTS:
        command = tuple(SERVICES[name]["command"])
        for number in range(SERVICES[name]["deploy"].get("replicas", 1)):
            own = f"{name}-{number + 1}"
            named = ("--celery-hostname", f"{own}@{uuid.uuid4().hex[:8]}", "--skip-serve-logs")
            found[own if command[0] == "celery" else name] = command + (named if command[0] == "celery" else ())
    return found


def _environment(airflow: EmbeddedAirflow, home: Path) -> dict[str, str]:
    """Return the compose file's environment with its places moved to this machine."""
    given = dict(
        line.split("=", 1)
        for line in (REPOSITORY / ".env.example").read_text("utf-8").splitlines()
        if line and not line.startswith("#")
    )
    given["OBLIGATIONS_CONTACTS"] = "/var/lib/obligations/contacts.yaml"
    moved = {
        "/run/secrets/": f"{home / 'secrets'}/",
        "/var/lib/obligations": str(home / "state"),
        "/opt/obligations/dags": str(home / "dags"),
        "/opt/obligations": str(REPOSITORY),
        "http://api-server:8080": airflow.url,
        f"https://{given['OBLIGATIONS_HOST']}": airflow.url,
    }
    found = {}
    for name, value in SERVICES["scheduler"]["environment"].items():
        said = re.sub(r"\$\{([A-Z_]+)(?::?[-?][^}]*)?\}", lambda match: given[match[1]], str(value))
        for place, here in moved.items():
            said = said.replace(place, here)
        if said:
            found[name] = said
    return {**found, "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": str(free_port())}


def _tools() -> dict[str, str]:
    """Let scripts find ``airflow``, ``obligations`` and ``python`` as in the image."""
    return {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


def _state(home: Path) -> dict[str, str]:
    return {"OBLIGATIONS_HOME": str(home), "BACKUPS": str(home.parent / "backups")}


def _empty(url: str) -> None:
    with Redis.from_url(url) as redis:
        redis.flushdb()


def account_of(form: dict[str, Any]) -> set[str]:
    """Return the user names that a form names."""
    return {each["name"] for each in json.loads(json.dumps(form["assigned_users"]))}

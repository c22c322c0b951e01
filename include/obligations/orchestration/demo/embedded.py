"""A whole Airflow on this machine, below one folder: SQLite, LocalExecutor, four processes. For ``make run`` and tests.

Production is ``docker-compose.yaml``; nothing here is meant for more than one machine. Tests of production's topology give
their own components and environment: databases, executor, workers.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

import httpx

from obligations.orchestration.demo.accounts import kept_secrets, make_users
from obligations.words.telling import Tell, untold

REPOSITORY = Path(__file__).resolve().parents[4]
COMPONENTS: Mapping[str, tuple[str, ...]] = {
    name: (name,) for name in ("api-server", "scheduler", "dag-processor", "triggerer")
}
"""The arguments of ``airflow`` that start each component."""
PARTS = ("metadatabase", "scheduler", "triggerer", "dag_processor")
"""What Airflow reports the health of."""
SIMPLE = "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager"
FAB = "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"
LOCK_SECONDS = 60
"""How long a component waits for another's write to SQLite before it gives up and, in Airflow 3.3.2, ends."""
API_LOCK_SECONDS = 2
"""The API server writes its action log on its event loop: one that waits for a lock there keeps the request that holds
the lock from ending. It gives up soon; whoever asked asks again."""
_LOGIN_SECONDS = 120
"""The first login comes while every component still loads; on a crowded machine it took more than thirty seconds."""
_DATABASE = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
USERS = {"admin": "admin", "reviewer": "op", "drafter": "user"}  # user name → role of Airflow's SimpleAuthManager


@dataclass
class EmbeddedAirflow:
    """Runs Airflow with all state below ``home``; use as a context manager.

    Attributes:
        home: state folder; secrets and passwords are made on first start and kept there, readable by the owner only.
        dags: folder of DAG files.
        port: of the API server and pages; 0 takes a free one.
        environment: additional environment of every component, for tests; what it has from a command (``_CMD``) is not given
            outright, too, for that would count.
        parallelism: LocalExecutor workers; each idle one costs about 30 MB.
        users: who can log in, by user name, with their role of Airflow's auth manager.
        auth_manager: ``SIMPLE``, or ``FAB`` as in production: its users are made by ``make_users``.
        components: what is started, by name, with the arguments of ``airflow`` that start it.
    """

    home: Path
    dags: Path = REPOSITORY / "dags"
    port: int = 0
    environment: Mapping[str, str] = field(default_factory=dict)
    parallelism: int = 4
    users: Mapping[str, str] = field(default_factory=lambda: dict(USERS))
    auth_manager: str = SIMPLE
    components: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: dict(COMPONENTS))
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.home = self.home.absolute()
        self.home.mkdir(parents=True, exist_ok=True)
        self.port = self.port or free_port()
        self._secrets = kept_secrets(self.home / "secrets.json", self.users)

    @property
    def url(self) -> str:
        """Where the pages are."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def passwords(self) -> dict[str, str]:
        """Password by user name."""
        return {user: self._secrets[f"password_{user}"] for user in self.users}

    def variables(self) -> dict[str, str]:
        """Return the environment that makes ``airflow`` and ``obligations`` commands talk to this instance."""
        passwords_file = self.home / "passwords.json"
        airflow = {
            "CORE__AUTH_MANAGER": self.auth_manager,
            "CORE__DAGS_FOLDER": str(self.dags),
            "CORE__DEFAULT_TIMEZONE": "Asia/Shanghai",
            "CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            "CORE__EXECUTOR": "LocalExecutor",
            "CORE__FERNET_KEY": self._secrets["fernet_key"],
            "CORE__LOAD_EXAMPLES": "False",
            "CORE__PARALLELISM": str(self.parallelism),
            "CORE__PLUGINS_FOLDER": str(REPOSITORY / "plugins"),
            "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords_file),
            "CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{user}:{role}" for user, role in self.users.items()),
            "API__BASE_URL": self.url,
            "API__HOST": "127.0.0.1",
            "API__INSTANCE_NAME": "政务公开工作台账系统",
            "API__PORT": str(self.port),
            "API__SECRET_KEY": self._secrets["api_secret"],
            "API__WORKERS": "1",
            "API_AUTH__JWT_SECRET": self._secrets["jwt_secret"],
            "DAG_PROCESSOR__PARSING_PROCESSES": "2",
            "DAG_PROCESSOR__REFRESH_INTERVAL": "30",
            "DATABASE__SQL_ALCHEMY_CONN": self._database(LOCK_SECONDS),
            "LOGGING__TRIGGER_LOG_SERVER_PORT": str(free_port()),
            "LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()),
            "SCHEDULER__ENABLE_HEALTH_CHECK": "False",
            # A task starts within a quarter of a second of its predecessor's end; shorter sleeps make SQLite writers
            # collide, the default of a second dominates a chain of seven short tasks.
            "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.25",
            # Reviews that wait for weeks are running runs; with the default of 20 a loop they would starve new ones.
            # Of new runs Airflow's ten a loop are enough here: more at once keep other writers to SQLite waiting.
            "SCHEDULER__MAX_DAGRUNS_PER_LOOP_TO_SCHEDULE": "500",
            # What a killed worker had taken is handed out again as often as need be; after the third time in a row Airflow
            # 3.3.2 fails the task, whatever retries it has left.
            "SCHEDULER__NUM_STUCK_IN_QUEUED_RETRIES": "1000",
        }
        by_command = {name.removeprefix("AIRFLOW__") for name in self.environment if name.endswith("_CMD")}
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW_", "OBLIGATIONS_"))},
            **{f"AIRFLOW__{name}": value for name, value in airflow.items() if f"{name}_CMD" not in by_command},
            "AIRFLOW_HOME": str(self.home),
            "NO_PROXY": "127.0.0.1,localhost",
            "OBLIGATIONS_BASE_URL": self.url,
            "PYTHONPATH": str(REPOSITORY / "include"),
            "TZ": "Asia/Shanghai",
            **self.environment,
        }

    def _database(self, lock_seconds: int) -> str:
        return f"sqlite:///{self.home / 'airflow.sqlite3'}?timeout={lock_seconds}"

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ``airflow ARGUMENTS`` against this instance and return its output; raises CalledProcessError."""
        return subprocess.run(  # noqa: S603 - our own interpreter and arguments
            [sys.executable, "-m", "airflow", *arguments],
            env=self.variables(),
            check=True,
            capture_output=True,
            text=True,
        )

    def make_users(self) -> dict[str, str]:
        """Make the users that ``FAB`` does not know yet, with their passwords; return every user's number by name."""
        asked = {user: (role, self.passwords[user]) for user, role in self.users.items()}
        return make_users(asked, self.variables())

    def __enter__(self) -> EmbeddedAirflow:
        """Prepare the database and start every component."""
        passwords = self.home / "passwords.json"
        passwords.touch(mode=0o600)
        passwords.write_text(json.dumps(self.passwords), "utf-8")
        self.command("db", "migrate")
        with ExitStack() as undo:
            undo.callback(self.stop)
            for component in self.components:
                self.start(component)
            undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop every component."""
        self.stop()

    def start(self, component: str) -> None:
        """Start one component; its output goes to ``<home>/<component>.log``."""
        variables = self.variables()
        if component == "api-server" and variables.get(_DATABASE) == self._database(LOCK_SECONDS):
            variables[_DATABASE] = self._database(API_LOCK_SECONDS)
        with (self.home / f"{component}.log").open("ab") as log:
            self.processes[component] = subprocess.Popen(  # noqa: S603 - our own interpreter and arguments
                [sys.executable, "-m", "airflow", *self.components[component]],
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def stop(self, *components: str, grace_seconds: float = 20) -> None:
        """Stop the named components (default: all) with all their children; kill what does not end in time."""
        chosen = [self.processes.pop(name) for name in components or tuple(self.processes) if name in self.processes]
        for process in chosen:
            _signal_group(process, signal.SIGTERM)
        for process in chosen:
            try:
                process.wait(grace_seconds)
            except subprocess.TimeoutExpired:
                _signal_group(process, signal.SIGKILL)
                process.wait()
            _signal_group(process, signal.SIGKILL)  # what the component left behind in its group

    def require_alive(self) -> None:
        """Raise RuntimeError naming the log of a component that ended by itself."""
        for component, process in self.processes.items():
            if process.poll() is not None:
                raise RuntimeError(
                    f"Airflow 的 {component} 意外退出（退出码 {process.returncode}），原因见 {self.home / component}.log 末尾"
                )

    def wait_until_answering(self, seconds: float = 180) -> None:
        """Wait for the API server alone; raises TimeoutError naming the log folder."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.require_alive()
            try:
                if httpx.get(f"{self.url}/api/v2/version", timeout=5).is_success:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.5)
        raise TimeoutError(f"{seconds:.0f} 秒内 API 服务没有应答，原因见 {self.home}/api-server.log 末尾")

    def wait_until_healthy(self, seconds: float = 180, tell: Tell = untold) -> None:
        """Wait for all four components to report healthy; raises TimeoutError naming the log folder."""
        end = time.monotonic() + seconds
        lacking = list(PARTS)
        while time.monotonic() < end:
            self.require_alive()
            try:
                health = httpx.get(f"{self.url}/api/v2/monitor/health", timeout=5).json()
            except (httpx.TransportError, ValueError):
                time.sleep(0.5)
                continue
            lacking = [part for part in PARTS if (health.get(part) or {}).get("status") != "healthy"]
            if not lacking:
                return
            tell(f"正在等待 Airflow 的 {'、'.join(lacking)} 就绪")
            time.sleep(0.5)
        raise TimeoutError(
            f"{seconds:.0f} 秒内 Airflow 没有全部就绪，尚缺：{'、'.join(lacking)}；原因见 {self.home}/*.log，机器太慢时再试一次"
        )

    @contextmanager
    def client(self, user: str = "admin") -> Iterator[httpx.Client]:
        """Yield an HTTP client logged in as ``user``, for the REST API."""
        with httpx.Client(base_url=self.url, timeout=30) as client:
            given = {"username": user, "password": self.passwords[user]}
            answer = client.post("/auth/token", json=given, timeout=_LOGIN_SECONDS)
            answer.raise_for_status()
            client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
            yield client


def free_port() -> int:
    """Return a port on which nothing listens at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return

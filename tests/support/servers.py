"""Servers of a test's own, as processes on free ports of the loopback: they can be killed and started again where they were.

PostgreSQL and Redis are this machine's own binaries, as an unprivileged user; the settings are those of ``docker-compose.yaml``.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psutil
import psycopg2
import pytest
from ports import free_port
from redis import Redis
from redis.exceptions import RedisError

READY_SECONDS = 300  # after which it counts as stuck; a database that was killed recovers first


class Server:
    """One server process.

    Attributes:
        name: what it is called when it is counted; port: where it listens, also after a restart; process: None while down.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        port: int,
        folder: Path,
        user: str | None = None,
        talks: Callable[[int], object] = lambda _: True,
    ) -> None:
        """Start it; ``talks`` raises while it takes connections but does not do its work yet, as in recovery."""
        self.name, self.port, self.process = name, port, None
        self._command, self._folder, self._user, self._talks = list(command), folder, user, talks
        self.start()

    def start(self) -> None:
        """Start it and wait until it answers; one that could not start yet, as after a kill, is started again."""
        end = time.monotonic() + READY_SECONDS
        while not self.answers():
            if self.process is None or self.process.poll() is not None:
                with (self._folder / f"{self.name}.log").open("ab") as log:
                    self.process = subprocess.Popen(
                        self._command,
                        cwd=self._folder,
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=log,
                        user=self._user,
                    )
            if time.monotonic() > end:
                said = (self._folder / f"{self.name}.log").read_text("utf-8", errors="replace")
                raise TimeoutError(f"{self.name} did not start in {READY_SECONDS} s: {said[-500:]}")
            time.sleep(0.1)

    def answers(self) -> bool:
        """Whether it does its work."""
        with suppress(OSError, psycopg2.OperationalError, RedisError):
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            self._talks(self.port)
            return True
        return False

    def kill(self) -> None:
        """Kill it with all its children, as a power cut does."""
        process, self.process = self.process, None
        if process is None:
            return
        with suppress(psutil.Error):
            parent = psutil.Process(process.pid)
            family = [parent, *parent.children(recursive=True)]
            for each in family:
                with suppress(psutil.Error):
                    each.kill()
            psutil.wait_procs(family[1:], timeout=10)
        process.wait()

    def stop(self) -> None:
        """End it in order, so that nothing of it stays in memory; kill it where it does not end."""
        if self.process is not None:
            with suppress(subprocess.TimeoutExpired):
                self.process.send_signal(signal.SIGINT)
                self.process.wait(5)
        self.kill()


@contextmanager
def mail_server(folder: Path) -> Iterator[Server]:
    """Run ``mail_process.py``, which keeps its mail below ``folder``."""
    folder.mkdir(parents=True)
    port = free_port()
    program = Path(__file__).with_name("mail_process.py")
    yield from _running(Server("mail", [sys.executable, str(program), str(port), str(folder)], port, folder))


@contextmanager
def redis_server() -> Iterator[Server]:
    """Run a Redis that writes down what it holds."""
    found = shutil.which("redis-server")
    if found is None:
        pytest.skip("redis-server is not installed: PRODUCTION'S TOPOLOGY WAS NOT ATTACKED")
    port = free_port()
    kept = ["--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"]
    with _folder() as (folder, user):
        command = [found, "--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder), *kept]
        yield from _running(Server("redis", command, port, folder, user, lambda port: Redis(port=port).ping()))


@contextmanager
def postgresql_server() -> Iterator[Server]:
    """Run a PostgreSQL of its own; its superuser ``postgres`` needs no password."""
    homes = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = str(homes[-1]) if homes else shutil.which("initdb")
    if found is None:
        pytest.skip("PostgreSQL's initdb is not installed: PRODUCTION'S TOPOLOGY WAS NOT ATTACKED")
    port = free_port()
    with _folder() as (folder, user):
        data = folder / "data"
        initdb = [found, "--pgdata", data, "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
        subprocess.run([*initdb, "--data-checksums"], check=True, capture_output=True, cwd=folder, user=user)
        settings = {"port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": folder}
        # Below its folder, so that what it leaves behind when it is killed goes with that.
        settings |= {"dynamic_shared_memory_type": "mmap"}
        settings |= {"max_connections": 300, "idle_in_transaction_session_timeout": "10min"}
        given = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [str(Path(found).with_name("postgres")), "-D", str(data), *given]
        yield from _running(Server("postgresql", command, port, folder, user, _select))


def _select(port: int) -> None:
    with closing(psycopg2.connect(f"host=127.0.0.1 port={port} user=postgres connect_timeout=2")):
        pass


def _running(server: Server) -> Iterator[Server]:
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def _folder() -> Iterator[tuple[Path, str | None]]:
    """Yield a folder and, where the test is root, the unprivileged user it belongs to: PostgreSQL refuses to run as root."""
    with tempfile.TemporaryDirectory(prefix="obligations-server-") as name:
        user = None
        if os.geteuid() == 0:
            user = next((each for each in ("postgres", "nobody") if _is_known(each)), None)
            if user is None:
                pytest.skip("no unprivileged user is known: PRODUCTION'S TOPOLOGY WAS NOT ATTACKED")
            shutil.chown(name, user)
        yield Path(name), user


def _is_known(user: str) -> bool:
    with suppress(KeyError):
        return pwd.getpwnam(user).pw_uid != 0
    return False

"""What every test needs: an Airflow home of its own, servers to send to; and the tests that start a real Airflow come first."""

from __future__ import annotations

import atexit
import email
import email.policy
import json
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import ports
import pytest
from aiosmtpd.controller import Controller
from case_counts import pytest_runtest_call, pytest_runtest_logreport, pytest_terminal_summary  # noqa: F401 - hooks
from hypothesis import settings
from made_ledgers import made_ledgers, migrated_anew  # noqa: F401 - fixtures

REPOSITORY = Path(__file__).parents[1]
ENOUGH = 4 * 1024**3
"""Bytes of memory that must be free for tests to write there; those that start no Airflow held 64 MB at most at once."""


def _scratch() -> Path:
    """Return where tests write, and have pytest make its temporary folders there: in memory, where that is large enough.

    A ledger flushes every transaction to the disk, and so does Airflow on SQLite. No test can take the power away, so
    nothing is proven by waiting for it, and on a busy disk that was most of the time that tests took.
    ``PYTEST_DEBUG_TEMPROOT`` names another place, ``--basetemp`` as well.
    """
    memory = Path("/dev/shm")  # noqa: S108 - pytest makes folders below it that only we can read
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ENOUGH:
        return Path(os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory)))
    homes = REPOSITORY / "var" / "tests"
    homes.mkdir(parents=True, exist_ok=True)
    return homes


def _isolate() -> None:
    """Point Airflow at a folder of this process before anything imports it; it writes its configuration on import."""
    for name in list(os.environ):
        if name.startswith(("AIRFLOW_", "OBLIGATIONS_")) and not name.startswith("OBLIGATIONS_TEST_"):
            del os.environ[name]
    home = tempfile.mkdtemp(prefix="airflow-", dir=_scratch())
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    os.environ["AIRFLOW_HOME"] = home
    os.environ["AIRFLOW__CORE__DAGS_FOLDER"] = str(REPOSITORY / "dags")
    os.environ["AIRFLOW__CORE__PLUGINS_FOLDER"] = str(REPOSITORY / "plugins")
    os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
    os.environ["AIRFLOW__CORE__DEFAULT_TIMEZONE"] = "Asia/Shanghai"


_isolate()
# The same examples in every run: a change is judged by what it changes. HYPOTHESIS_PROFILE=searching looks for new ones.
settings.register_profile("same", derandomize=True)
settings.register_profile("searching")
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start the long tests first; they stay together on one worker, for tests are handed out file by file."""
    items.sort(key=lambda item: item.get_closest_marker("airflow") is None)


class Postbox:
    """What a mail server does with what it gets: keeps it, unless told to refuse it or to die.

    Attributes:
        received: messages taken, read again; senders, recipients: of their envelopes.
        refusals: answer by recipient, ``550 …``; data_answer: to the message itself, None to take it.
        dies_at: ``RCPT``, ``DATA`` (having kept the message, before saying so) or ``QUIT``; the connection just ends.
    """

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.senders: list[str] = []
        self.recipients: list[list[str]] = []
        self.refusals: dict[str, str] = {}
        self.data_answer: str | None = None
        self.dies_at: str | None = None
        self.conversations = 0

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802 - aiosmtpd's name
        self.conversations += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        if self.dies_at == "RCPT":
            server.transport.abort()
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        if self.data_answer:
            return self.data_answer
        self.received.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        self.senders.append(envelope.mail_from)
        self.recipients.append(list(envelope.rcpt_tos))
        if self.dies_at == "DATA":
            server.transport.abort()
        return "250 OK"

    async def handle_QUIT(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        if self.dies_at == "QUIT":
            server.transport.abort()
        return "221 Bye"


@pytest.fixture
def free_port() -> int:
    """Return a port on which nothing listens."""
    return ports.free_port()


@pytest.fixture
def mail_server() -> Iterator[Callable[..., Postbox]]:
    """Return a function that starts a real SMTP server on a port and returns its postbox; arguments are aiosmtpd's."""
    with ExitStack() as servers:

        def start(port: int, **settings: Any) -> Postbox:
            postbox = Postbox()
            controller = Controller(postbox, hostname="127.0.0.1", port=port, **settings)
            controller.start()
            servers.callback(controller.stop)
            return postbox

        yield start


class WebServer:
    """A real HTTP server on the loopback that keeps every request and gives the answer it is told to give.

    Attributes:
        url: where it listens; requests: path, headers and body of each ``POST``.
        status, answer: of its answers; stream: writes the body itself, for what no honest server sends.
    """

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.status, self.answer = 200, b'{"errcode": 0, "errmsg": "ok"}'
        self.stream: Callable[[Callable[[bytes], object]], None] | None = None
        keeper = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                keeper.requests.append((self.path, dict(self.headers), body))
                self.send_response(keeper.status)
                self.end_headers()
                with suppress(ConnectionError):  # whoever asked may leave before the end
                    if keeper.stream is not None:
                        keeper.stream(self.wfile.write)
                    else:
                        self.wfile.write(keeper.answer)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @property
    def bodies(self) -> list[Any]:
        """The bodies of all requests, read as JSON."""
        return [json.loads(body) for _, _, body in self.requests]

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def web_server() -> Iterator[WebServer]:
    """Return a running web server."""
    server = WebServer()
    yield server
    server.stop()

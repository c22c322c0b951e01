"""The sweep over 100,000 occurrences: a pass with nothing to do, one in which 1,000 change tier, and the longest transaction.

``python -m bench.sweep`` prints the figures; ``run()`` returns them. Half of the occurrences are open, 5,000 of these at
review with a living run. Mails go to a real SMTP server in this process. Targets: 20 s and 500 MB; 2 s with nothing to do.
Where OBLIGATIONS_TEST_POSTGRESQL_URL names a server, the same is measured there, in a database of its own.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from bench._ledgers import ledger_url
from bench._telling import tell
from obligations.orchestration.settings import Settings
from obligations.orchestration.sweep.report import SweepReport
from obligations.orchestration.sweep.sweeping import sweep
from obligations.rules.catalogue import load_one
from obligations.steps.ledger import Act, Expected, Ledger, NewEvent, Sweeps, act_many, open_ledger
from obligations.steps.notify import MailServer, Transports
from obligations.words.occurrence import DueDate, Occurrence, Period
from obligations.words.times import SHANGHAI

OCCURRENCES = 100_000
AT_REVIEW = 5_000
CHANGING = 1_000
KEYS = 10
WRITERS = 8
NOW = datetime(2026, 10, 12, 9, tzinfo=SHANGHAI)  # a Monday
CHANGE = datetime(2026, 10, 19, 9, tzinfo=SHANGHAI)  # the Monday after, by which 1,000 have become due
SERVER = "OBLIGATIONS_TEST_POSTGRESQL_URL"
CATALOGUE = Path(__file__).parents[1] / "include" / "obligations" / "catalogue"
CONTACTS = """
people:
  - {id: jia, name: 演示甲, email: jia@example.cn}
  - {id: yi, name: 演示乙, email: yi@example.cn}
roles:
  - {jurisdiction: bench, role: responsible, holder: jia}
  - {jurisdiction: bench, role: final_review, holder: jia}
  - {jurisdiction: bench, role: office, holder: yi}
  - {jurisdiction: bench, role: operator, holder: yi}
"""


def run() -> dict[str, dict[str, Any]]:
    """Measure on SQLite, and on PostgreSQL where there is one; each in a process of its own, for its memory."""
    found = {"100,000 on SQLite": _in_a_child("")}
    if server := os.environ.get(SERVER):
        found["100,000 on PostgreSQL"] = _in_a_child(server)
    return found


def _in_a_child(server: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.sweep", "--child", server]
    child = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603 - this very module
    figures: dict[str, Any] = json.loads(child.stdout)
    return figures


class LivingRuns:
    """Airflow as it is on an ordinary day: every run that the ledger believes in lives, and nothing needs starting."""

    def require_startable(self, dag_id: str) -> None:
        """Let every DAG be started."""

    def start(self, dag_id: str, run_id: str, conf: dict[str, Any]) -> bool:
        """Start nothing more than once."""
        return False

    def state(self, dag_id: str, run_id: str) -> str:
        """Say that every run lives."""
        return "running"

    def count_live(self, dag_id: str, run_ids: Collection[str]) -> int:
        """Say that all live."""
        return len(run_ids)

    def clear(self, dag_id: str, run_id: str) -> None:
        """Clear nothing."""


def measure(server: str) -> dict[str, Any]:
    """Fill a ledger and sweep it: the first pass, one with nothing to do, one at which 1,000 have become due."""
    with tempfile.TemporaryDirectory() as folder, ledger_url(Path(folder), server) as url, _mail_server() as mail:
        settings = _settings(Path(folder), url)
        tell(f"a ledger is filled, {'PostgreSQL' if server else 'SQLite'}")
        with open_ledger(url) as ledger:
            _fill(ledger)
        tell("the first pass, and three with nothing to do")
        figures = {
            "first pass s": _timed(settings, NOW, mail)[0],
            "nothing to do s": min(_timed(settings, NOW + timedelta(minutes=n), mail)[0] for n in (10, 20, 30)),
        }
        for minute in range(7):  # the day's own work: expect, send what was queued to remind of what comes due
            _timed(settings, CHANGE - timedelta(hours=1) + timedelta(minutes=minute), mail)
        tell("a thousand become due")
        with _longest_transaction() as longest:
            seconds, report = _timed(settings, CHANGE, mail)
        beside = {} if server else _beside_writers(settings, url, mail)
    return figures | {
        "1,000 become due s": seconds,
        "missed": len(report.missed),
        "notices queued": len(report.queued),
        "longest transaction ms": round(1000 * max(longest)),
        **beside,
        "peak memory MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "target s": 20,
        "target with nothing to do s": 2,
        "target MB": 500,
    }


def _beside_writers(settings: Settings, url: str, mail: MailServer) -> dict[str, Any]:
    """Sweep everything anew (as after a change of the policies) while other processes write as fast as they can."""
    with ExitStack() as stack:
        writers = [
            stack.enter_context(
                subprocess.Popen(  # noqa: S603 - this very module
                    [sys.executable, "-m", "bench.sweep", "--writer", url, str(number)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for number in range(WRITERS)
        ]
        for writer in writers:
            _ask(writer, "ready?")
        settings.contacts.write_text(
            CONTACTS.replace("演示乙", "演示丙"), "utf-8"
        )  # every open occurrence is looked at
        seconds, _ = _timed(settings, CHANGE + timedelta(minutes=10), mail)
        answers = [_ask(writer, "stop") for writer in writers]
    written, errors, longest = zip(*answers, strict=True)
    return {
        "all looked at beside 8 writers s": seconds,
        "written meanwhile": sum(written),
        "lock errors": sum(errors),
        "longest wait of a writer s": max(longest),
    }


def _ask(writer: subprocess.Popen[str], word: str) -> Any:
    if writer.stdin is None or writer.stdout is None:
        raise RuntimeError("a writer has no pipes")
    writer.stdin.write(f"{word}\n")
    writer.stdin.flush()
    return json.loads(writer.stdout.readline())


def write_until_told(url: str, number: int) -> None:
    """Append to one occurrence after the other until told to stop; print how many, lock errors, the longest wait."""
    told = threading.Event()
    written = errors = 0
    longest = 0.0
    with open_ledger(url) as ledger:
        sys.stdin.readline()
        print(json.dumps("ready"), flush=True)
        threading.Thread(target=lambda: (sys.stdin.readline(), told.set()), daemon=True).start()
        while not told.is_set():
            occurrence = 2 * AT_REVIEW + (written * WRITERS + number) % (OCCURRENCES - 2 * AT_REVIEW)
            began = time.perf_counter()
            try:
                ledger.append(
                    _key(occurrence),
                    _period(occurrence),
                    "progress",
                    happened_at=CHANGE,
                    recorded_at=CHANGE,
                    payload={},
                )
            except OperationalError:
                errors += 1
            written += 1
            longest = max(longest, time.perf_counter() - began)
    print(json.dumps([written, errors, round(longest, 2)]), flush=True)


def _timed(settings: Settings, at: datetime, mail: MailServer) -> tuple[float, SweepReport]:
    began = time.perf_counter()
    report = sweep(settings, at, runs=LivingRuns(), transports=_transports(mail))
    return round(time.perf_counter() - began, 2), report


def _fill(ledger: Ledger) -> None:
    """Enter the occurrences: half met, 5,000 at review, the others opening later; 1,000 due before ``CHANGE``."""
    obligation = load_one(CATALOGUE, "demo/fiscal-monthly")
    obligation = obligation.model_copy(
        update={"jurisdiction": obligation.jurisdiction.model_copy(update={"slug": "bench"})}
    )
    Sweeps(ledger).begin(NOW - timedelta(days=400), {})
    for start in range(0, OCCURRENCES, 5000):
        numbers = range(start, start + 5000)
        ledger.expect_many(
            [Expected(obligation, _occurrence(number), "1") for number in numbers],
            calendar_version="1",
            now=NOW - timedelta(days=300),
        )
        acts = []
        for number in numbers:
            row = ledger.occurrence(_key(number), _period(number))
            if row is None:
                raise RuntimeError(f"occurrence {number} was not entered")
            acts.append(Act(row, tuple(_events(number))))
        act_many(ledger, acts, basis="", now=NOW - timedelta(days=200))


def _key(number: int) -> str:
    return f"bench/o-{number % KEYS}"


def _period(number: int) -> str:
    return f"p-{number // KEYS}"


def _occurrence(number: int) -> Occurrence:
    opens = NOW - timedelta(days=200) if _is_at_review(number) or number % 2 else NOW + timedelta(days=100)
    due = CHANGE - timedelta(minutes=30) if number < 2 * CHANGING and not number % 2 else NOW + timedelta(days=200)
    if due < opens:
        opens = due - timedelta(days=1)
    derivation = ("条款规定每月公开。", "自期末起20个工作日。")
    return Occurrence(
        _key(number),
        Period(_period(number), date(2026, 9, 1), date(2026, 9, 30)),
        opens,
        due - timedelta(days=3),
        DueDate(opens, due, False, due, due, derivation),
    )


def _is_at_review(number: int) -> bool:
    return not number % 2 and number < 2 * AT_REVIEW


def _events(number: int) -> Iterator[NewEvent]:
    at = NOW - timedelta(days=199)
    if number % 2:
        yield NewEvent("opened", at, {"run_id": f"start__{_period(number)}__v1", "number": 1}, "opened:1")
        yield NewEvent("published", at, {"version": 1, "sha256": "0" * 64, "address": "file:///p"})
        yield NewEvent("verified", at, {"sha256": "0" * 64, "address": "file:///p", "published_at": at})
    elif _is_at_review(number):
        yield NewEvent("opened", at, {"run_id": f"start__{_period(number)}__v1", "number": 1}, "opened:1")
        yield NewEvent("data_arrived", at, {})
        yield NewEvent("drafted", at, {"version": 1, "sha256": "0" * 64})
        yield NewEvent("review_requested", at, {"version": 1, "sha256": "0" * 64})


def _settings(folder: Path, url: str) -> Settings:
    catalogue = folder / "catalogue"
    catalogue.mkdir()
    contacts = folder / "contacts.yaml"
    contacts.write_text(CONTACTS, "utf-8")
    return Settings.from_environment(
        {
            "OBLIGATIONS_HOME": str(folder),
            "OBLIGATIONS_LEDGER_URL": url,
            "OBLIGATIONS_CATALOGUE": str(catalogue),
            "OBLIGATIONS_CONTACTS": str(contacts),
            "OBLIGATIONS_GO_LIVE": "2026-01-01",
        }
    )


@contextmanager
def _mail_server() -> Iterator[MailServer]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(Sink(), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield MailServer("127.0.0.1", port, "zwgk@example.cn", tls=False, starttls=False)
    finally:
        controller.stop()


def _transports(mail: MailServer) -> Transports:
    def none(*_: object) -> Any:
        raise RuntimeError("the bench sends mail only")

    return Transports(mail=lambda: mail, sms=none, robot=none)


@contextmanager
def _longest_transaction() -> Iterator[list[float]]:
    """Collect how long every writing transaction held its locks."""
    lengths = [0.0]
    original: Callable[[Ledger], Any] = Ledger.writing

    @contextmanager
    def timed(ledger: Ledger) -> Iterator[Connection]:
        with original(ledger) as connection:
            began = time.perf_counter()
            yield connection
            lengths.append(time.perf_counter() - began)

    Ledger.writing = timed  # type: ignore[method-assign]  # measured from outside, so that the product need not measure
    try:
        yield lengths
    finally:
        Ledger.writing = original  # type: ignore[method-assign]


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        logging.getLogger("mail.log").setLevel(logging.WARNING)
        sys.stdout.write(json.dumps(measure(sys.argv[2])))
    elif sys.argv[1:2] == ["--writer"]:
        write_until_told(sys.argv[2], int(sys.argv[3]))
    else:
        print(json.dumps(run(), indent=2))

"""Sweeps that are killed anywhere, and two at once: the same ledger, no notice lost, none told twice but in the one gap.

The sweeps are processes that run the command line on a real ledger file and talk to a real mail server; each is forked
from one process that has loaded the program already, so that the kill falls into the work and not into the imports.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from effort import KILLS

from obligations.orchestration.settings import PACKAGE
from obligations.steps.notify import MailServer
from obligations.words.times import SHANGHAI, parse_instant

FIRST = parse_instant("2026-09-08T10:00").astimezone(SHANGHAI)  # a Tuesday
NOW = parse_instant("2026-09-29T10:00").astimezone(SHANGHAI)  # three weeks without a sweep; a Tuesday in office hours
LEASES_OVER = NOW + timedelta(minutes=20)
FORKS = """
import os, sys
from obligations.orchestration.notices import channels
from obligations.orchestration.commands import cli
from obligations.orchestration.commands import sweep_once
for line in sys.stdin:
    child = os.fork()
    if not child:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os._exit(cli.main(line.split()))
    print(child, flush=True)
"""
HAPPENED = """
SELECT o.obligation_key, o.period, e.kind, e.once, e.happened_at FROM event e JOIN occurrence o ON o.id = e.occurrence_id
WHERE e.kind NOT LIKE 'notice%' AND e.kind != 'expected'
"""
NOTICES = "SELECT subject, tier, recipient FROM notice"
SENT = (
    "SELECT o.period, e.payload FROM event e JOIN occurrence o ON o.id = e.occurrence_id WHERE e.kind = 'notice_sent'"
)
UNSENT = "SELECT count(*) FROM delivery d LEFT JOIN message m ON m.id = d.message_id WHERE m.finished_at IS NULL"


@pytest.fixture
def postbox(office, mail_server, free_port):
    office.mail = MailServer("127.0.0.1", free_port, "gongkai@example.cn", tls=False, timeout=60)
    return mail_server(free_port)


@pytest.fixture
def forks(office, free_port):
    """Yield a function that starts one sweep as a process of its own and returns its id."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("OBLIGATIONS_")},
        **office.environment,
        "PYTHONPATH": str(PACKAGE.parent),
        "AIRFLOW_CONN_SMTP_DEFAULT": f"smtp://127.0.0.1:{free_port}/?from_email=gongkai%40example.cn&disable_ssl=true&disable_tls=true",
    }
    command = [sys.executable, "-c", FORKS]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:

        def sweep_at(now) -> int:
            server.stdin.write(f"sweep --at {now.isoformat()} --send --json\n")
            server.stdin.flush()
            return int(server.stdout.readline())

        yield sweep_at
        server.stdin.close()


@pytest.fixture
def start_again(office, tmp_path):
    """Prepare a ledger with much to do, and return a function that puts it back as it was."""
    office.sweep(FIRST)
    office.report("incident", NOW - timedelta(hours=3), NOW - timedelta(hours=3), level="重大")
    ledger = Path(office.settings.ledger_url.removeprefix("sqlite:///"))

    def copy(source: Path, target: Path) -> None:
        for file in target.parent.glob(f"{target.name}*"):
            file.unlink()
        with closing(sqlite3.connect(source)) as before, closing(sqlite3.connect(target)) as after:
            before.backup(after)
            after.execute("PRAGMA journal_mode = WAL")

    copy(ledger, tmp_path / "before.sqlite3")
    return lambda: copy(tmp_path / "before.sqlite3", ledger)


def begun(office, process: int) -> None:
    """Wait until the second sweep has begun: what comes before it changes nothing."""
    while office.table("SELECT count(*) FROM sweep") != [(2,)]:
        assert lives(process), "it ended before it began"
        time.sleep(0.002)


def lives(process: int) -> bool:
    """Whether a process that is not our own child still runs."""
    status = Path(f"/proc/{process}/stat")
    return status.exists() and " Z " not in status.read_text("utf-8")


def ended(process: int) -> None:
    """Wait until a process is gone."""
    while lives(process):
        time.sleep(0.005)


def outcome(office) -> tuple[list, list]:
    return sorted(office.table(HAPPENED), key=str), sorted(office.table(NOTICES))


def test_a_sweep_killed_at_any_point_leads_to_the_ledger_of_one_that_was_not(office, postbox, forks, start_again):
    office.sweep(NOW), office.sweep(LEASES_OVER)
    wanted, mails = outcome(office), len(postbox.received)
    assert {kind for _, _, kind, *_ in wanted[0]} >= {"missed"}
    assert mails > 2
    start_again()
    process = forks(NOW)
    begun(office, process)
    began = time.monotonic()
    ended(process)
    lasts = time.monotonic() - began
    where = random.Random(20260929)  # noqa: S311 - points in time, not secrets
    killed = 0
    for _ in range(KILLS):
        start_again()
        postbox.received.clear()
        process = forks(NOW)
        begun(office, process)
        moment = where.uniform(0, lasts)
        time.sleep(moment)
        if lives(process):
            killed += 1
        else:
            lasts = moment  # the machine was busier when it was measured: the next kills come sooner
        with suppress(ProcessLookupError):  # it was done sooner
            os.kill(process, signal.SIGKILL)
        ended(process)
        office.sweep(NOW + timedelta(minutes=10)), office.sweep(LEASES_OVER)
        assert outcome(office) == wanted
        assert office.table(UNSENT) == [(0,)]
        told = Counter(office.table(SENT))
        assert set(told.values()) == {1}, "one row for each notice and channel"
        letters = {mail["Message-ID"]: mail.get_body(("plain",)).get_content() for mail in postbox.received}
        assert len(postbox.received) <= len(letters) + 1, "only the one message in flight may come twice, under its id"
        office.require_sound()
    assert killed > KILLS // 5, "the kills must fall into the pass"


def test_killed_between_the_servers_acceptance_and_our_record_the_same_message_comes_again(
    office, postbox, forks, start_again
):
    accept = postbox.handle_DATA
    process = []

    async def accept_and_kill(server, session, envelope):
        answer = await accept(server, session, envelope)
        os.kill(process[0], signal.SIGKILL)
        return answer

    postbox.handle_DATA = accept_and_kill
    process.append(forks(NOW))
    ended(process[0])
    (first,) = postbox.received
    assert office.table(SENT) == []
    postbox.handle_DATA = accept
    office.sweep(LEASES_OVER)
    ids = Counter(mail["Message-ID"] for mail in postbox.received)
    assert [(id_, times) for id_, times in ids.items() if times > 1] == [(first["Message-ID"], 2)]
    assert set(Counter(office.table(SENT)).values()) == {1}
    office.require_sound()


def test_two_sweeps_at_once_mark_and_tell_everything_once(office, postbox, forks, start_again):
    office.sweep(NOW), office.sweep(LEASES_OVER)
    wanted = outcome(office)
    for _ in range(5):
        start_again()
        postbox.received.clear()
        for process in [forks(NOW), forks(NOW), forks(NOW)]:
            ended(process)
        office.sweep(LEASES_OVER)
        assert outcome(office) == wanted
        assert set(Counter(office.table(SENT)).values()) == {1}
        assert len({mail["Message-ID"] for mail in postbox.received}) == len(postbox.received)
        office.require_sound()

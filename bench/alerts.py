"""From a deadline to the mail: 20 incidents wait for review while their five hours run out, one after the other.

``python -m bench.alerts`` prints the figures; ``run()`` returns them. A real Airflow on its embedded default, a real SMTP
server. Targets: median 5 s, worst 15 s from the due time to the server's acceptance of the notice of the miss.
"""

from __future__ import annotations

import json
import logging
import re
import shutil
import socket
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from bench._until import until
from obligations.orchestration.demo.embedded import REPOSITORY, EmbeddedAirflow
from obligations.orchestration.demo.rest import AirflowRest
from obligations.words.times import SHANGHAI

TRIALS = 20
APART = timedelta(seconds=5)
LEAD = timedelta(minutes=4)  # from the first report to the first deadline: forty runs must reach their review
MEDIAN_SECONDS, WORST_SECONDS = 5, 15
BULLETIN = "demo.incident-bulletin"
CONTACTS = """
people:
  - {id: zhiban, name: 演示值班室, email: zhiban@example.cn}
roles:
  - {jurisdiction: demo, role: duty_room, holder: zhiban}
"""


class Mailbox:
    """Takes every mail, and notes when."""

    def __init__(self) -> None:
        self.taken: list[tuple[datetime, str]] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep the plain text of a mail."""
        message = message_from_bytes(envelope.content or b"", policy=policy.default)
        body = message.get_body(("plain",))
        self.taken.append((datetime.now(SHANGHAI), body.get_content() if body else ""))
        return "250 OK"

    def misses(self) -> dict[str, datetime]:
        """Return when the first notice of each incident's miss was taken, by event id."""
        found: dict[str, datetime] = {}
        for at, text in self.taken:
            for notice in re.split(r"^(?:\d+．)?【", text, flags=re.MULTILINE):
                event = re.search(r"incident-[0-9a-f-]+", notice)
                if notice.startswith("逾期通知】") and "5小时" in notice and event:
                    found.setdefault(event[0], at)
        return found


def run() -> dict[str, dict[str, Any]]:
    """Measure once."""
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    with (
        tempfile.TemporaryDirectory() as folder,
        _mailbox() as (mailbox, port),
        _airflow(Path(folder), port) as airflow,
    ):
        airflow.wait_until_healthy()
        with airflow.client() as admin, airflow.client("reviewer") as reviewer:
            rest, forms = AirflowRest(admin), AirflowRest(reviewer)
            until(lambda: {BULLETIN, "report_event"} <= rest.dag_ids())
            first = datetime.now(SHANGHAI).replace(microsecond=0) + LEAD
            due = [first + number * APART for number in range(TRIALS)]
            for number, at in enumerate(due):
                rest.start("report_event", f"bench__{number}", conf=_incident(number, at - timedelta(hours=5)))
            until(lambda: len(forms.open_forms([BULLETIN])) == TRIALS)
            waiting = (first - datetime.now(SHANGHAI)).total_seconds()
            until(lambda: len(mailbox.misses()) == TRIALS)
        taken = sorted(mailbox.misses().values())
    seconds = [(at - limit).total_seconds() for at, limit in zip(taken, due, strict=True)]
    return {
        "deadline to mail": {
            "trials": TRIALS,
            "median s": round(statistics.median(seconds), 2),
            "worst s": round(max(seconds), 2),
            "all at review before the first deadline by s": round(waiting),
            "target median s": MEDIAN_SECONDS,
            "target worst s": WORST_SECONDS,
        }
    }


def _incident(number: int, happened: datetime) -> dict[str, str]:
    return {
        "type": "incident",
        "level": "重大",
        "title": f"演示事件{number}（演示数据，并非真实事件）",
        "happened_at": happened.isoformat(),
        "jurisdiction": "demo",
        "summary": "演示数据，并非真实事件",
        "place": "演示区",
        "category": "道路交通事故",
        "lead": "演示单位应急管理局",
    }


@contextmanager
def _mailbox() -> Iterator[tuple[Mailbox, int]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield mailbox, port
    finally:
        controller.stop()


def _airflow(home: Path, port: int) -> EmbeddedAirflow:
    (home / "dags").mkdir()
    for name in ("demo.py", "report_event.py", "sweep.py"):
        shutil.copy(REPOSITORY / "dags" / name, home / "dags")
    (home / "contacts.yaml").write_text(CONTACTS, "utf-8")
    server = {"from_email": "zwgk@example.cn", "disable_ssl": True, "disable_tls": True}
    return EmbeddedAirflow(
        home / "airflow",
        dags=home / "dags",
        environment={
            "AIRFLOW_CONN_SMTP_DEFAULT": json.dumps(
                {"conn_type": "smtp", "host": "127.0.0.1", "port": port, "extra": server}
            ),
            "OBLIGATIONS_HOME": str(home),
            "OBLIGATIONS_CONTACTS": str(home / "contacts.yaml"),
            "OBLIGATIONS_GO_LIVE": datetime.now(SHANGHAI).date().isoformat(),
        },
    )


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(), indent=2) + "\n")

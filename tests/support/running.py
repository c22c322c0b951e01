"""A running Airflow as people use it through its REST API: waits for forms, answers them, reads the ledger behind it."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, TypeVar

import httpx

from obligations.orchestration.demo.embedded import EmbeddedAirflow
from obligations.orchestration.demo.rest import AirflowRest
from obligations.orchestration.settings import Settings
from obligations.rules.calendar import load_calendar
from obligations.steps.ledger import LedgerEvent, LedgerRow, open_ledger
from obligations.words.times import SHANGHAI

TIMELY = 900  # seconds after which a step counts as stuck; on a crowded machine first drafts took five minutes
ENDED = {"success", "failed"}
Found = TypeVar("Found")


class Running:
    """The running system.

    Attributes:
        admin: its REST API as the administrator.
        settings: of the installation, as its processes find them.
    """

    def __init__(self, airflow: EmbeddedAirflow, admin: AirflowRest) -> None:
        self.airflow, self.admin = airflow, admin
        self.settings = Settings.from_environment(airflow.variables())
        self._seen: set[tuple[str, str, str]] = set()

    def wait(self, reached: Callable[[], Found], seconds: float = TIMELY) -> Found:
        """Return what ``reached`` finds as soon as it finds something."""
        end = time.monotonic() + seconds
        while True:
            with suppress(httpx.TimeoutException):  # a busy machine
                if found := reached():
                    return found
            self.airflow.require_alive()
            assert time.monotonic() < end, f"not reached in {seconds} s; see {self.airflow.home}"
            time.sleep(0.3)

    def open_form(self, dag_id: str, run_id: str, task_id: str) -> dict[str, Any] | None:
        """Return a form that waits for an answer now."""
        for form in self.admin.open_forms([dag_id]):
            task = form["task_instance"]
            if (task["dag_run_id"], task["task_id"], task["state"]) == (run_id, task_id, "awaiting_input"):
                return form
        return None

    def form(self, dag_id: str, run_id: str, task_id: str = "complete") -> dict[str, Any]:
        """Wait for a form and, where it has only just been asked, until the process that asked has ended."""
        found = self.wait(lambda: self.open_form(dag_id, run_id, task_id))
        place = (dag_id, run_id, task_id)
        # A form that asks again keeps the time at which it asked first.
        age = 0.0 if place in self._seen else (datetime.now(UTC) - datetime.fromisoformat(found["created_at"])).seconds
        self._seen.add(place)
        time.sleep(max(0.0, 3 - age))
        return found

    def run_ends(self, dag_id: str, run_id: str) -> str:
        """Wait for a run's end and return its state."""
        return self.wait(lambda: (state := self.admin.runs(dag_id).get(run_id)) in ENDED and state)

    def row(self, dag_id: str, period: str) -> LedgerRow:
        """Return the one row of an occurrence, with its events."""
        key = dag_id.replace(".", "/")
        with open_ledger(self.settings.ledger_url) as ledger:
            rows = ledger.rows(key, period, now=datetime.now(SHANGHAI), is_working_day=load_calendar().is_working_day)
        assert len(rows) == 1
        return rows[0]

    def events(self, dag_id: str, period: str, *kinds: str) -> list[LedgerEvent]:
        """Return the events of an occurrence, all or of some kinds."""
        with open_ledger(self.settings.ledger_url) as ledger:
            found = ledger.events(dag_id.replace(".", "/"), period)
        return [event for event in found if not kinds or event.kind in kinds]

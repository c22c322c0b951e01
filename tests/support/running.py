"""A running Airflow as people use it through its REST API: starts runs, answers forms, reads the ledger behind it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

import httpx

from obligations.orchestration.demo.embedded import EmbeddedAirflow
from obligations.orchestration.demo.rest import AirflowRest
from obligations.orchestration.review.answers import APPROVE, SUBMIT
from obligations.orchestration.settings import Settings
from obligations.rules.calendar import load_calendar
from obligations.steps.ledger import LedgerEvent, LedgerRow, open_ledger
from obligations.words.times import SHANGHAI

TIMELY = 900  # seconds after which a step counts as stuck; on a crowded machine first drafts took five minutes
ANSWERS = 120  # seconds after which a request counts as unanswered
ENDED = {"success", "failed"}
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
Found = TypeVar("Found")
Place = tuple[str, str, str]
"""Where a form is: DAG, run, task."""


@contextmanager
def at_work(airflow: EmbeddedAirflow) -> Iterator[dict[str, AirflowRest]]:
    """Start it, wait until all of it works, and log everybody in: yields the REST API by account."""
    with ExitStack() as stack:
        stack.enter_context(airflow)
        airflow.wait_until_healthy(TIMELY)
        clients = {user: stack.enter_context(airflow.client(user)) for user in airflow.users}
        for client in clients.values():
            client.timeout = httpx.Timeout(ANSWERS)
        yield {user: AirflowRest(client) for user, client in clients.items()}


class Running:
    """The running system.

    Attributes:
        people: its REST API as each account; admin: as the administrator.
        settings: of the installation, as its processes find them.
    """

    def __init__(self, airflow: EmbeddedAirflow, people: Mapping[str, AirflowRest]) -> None:
        self.airflow, self.people, self.admin = airflow, people, people["admin"]
        self.settings = Settings.from_environment(airflow.variables())
        self._seen: set[Place] = set()

    def wait(self, reached: Callable[[], Found], seconds: float = TIMELY) -> Found:
        """Return what ``reached`` finds as soon as it finds something; a busy machine may leave it without an answer."""
        end = time.monotonic() + seconds
        while True:
            try:
                if found := reached():
                    return found
            except httpx.TimeoutException:
                pass
            except httpx.HTTPStatusError as error:
                if not error.response.is_server_error:
                    raise
            self.airflow.require_alive()
            assert time.monotonic() < end, f"not reached in {seconds} s; see {self.airflow.home}"
            time.sleep(0.3)

    def change(self, path: str, **fields: Any) -> None:
        """Change something as the administrator, again while Airflow fails: its writers to SQLite may lock each other out."""

        def is_changed() -> bool:
            answer = self.admin.client.patch(f"/api/v2{path}", json=fields)
            assert not answer.is_client_error, answer.text
            return answer.is_success

        self.wait(is_changed)

    def mark_successful(self, dag_id: str, run_id: str, task_id: str) -> None:
        """Mark a task successful as the administrator."""
        self.change(f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}", new_state="success")

    def run(self, dag_id: str, **conf: Any) -> str:
        """Start a run by hand and return the state in which it ends."""
        run_id = f"by-hand-{secrets.token_hex(4)}"
        self.admin.start(dag_id, run_id, conf=conf)
        return self.run_ends(dag_id, run_id)

    def run_ends(self, dag_id: str, run_id: str) -> str:
        """Wait for a run's end and return its state."""
        return self.wait(lambda: (state := self.admin.runs(dag_id).get(run_id)) in ENDED and state)

    def open_form(self, dag_id: str, run_id: str, task_id: str) -> dict[str, Any] | None:
        """Return a form that waits for an answer now."""
        for form in self.admin.open_forms([dag_id]):
            task = form["task_instance"]
            if (task["dag_run_id"], task["task_id"], task["state"]) == (run_id, task_id, "awaiting_input"):
                return form
        return None

    def form(self, dag_id: str, run_id: str, task_id: str = "complete") -> dict[str, Any]:
        """Wait for a form and, where it has only just been asked, until the process that asked has most likely ended."""
        found = self.wait(lambda: self.open_form(dag_id, run_id, task_id))
        place = (dag_id, run_id, task_id)
        # A form that asks again keeps the time at which it asked first.
        age = datetime.now(UTC) - datetime.fromisoformat(found["created_at"])
        time.sleep(3 if place in self._seen else max(0.0, 3 - age.total_seconds()))
        self._seen.add(place)
        return found

    def answer(self, person: str, form: dict[str, Any], option: str = APPROVE, **texts: str) -> int:
        """Answer a form as somebody; what is not given stays empty. Returns the HTTP status."""
        return self.people[person].answer(form, option, {**dict.fromkeys(form["params"]), **texts})

    def give(self, person: str, dag_id: str, run_id: str, task_id: str, option: str = APPROVE, **texts: str) -> None:
        """Answer a form as somebody until its task has taken the answer.

        An answer given within seconds of the question can be lost: a worker of Airflow 3.3.2 that is slow to end fails
        the task, which then asks again. Whoever is asked again answers again.
        """

        def is_over() -> bool:
            return self.admin.tasks(dag_id, run_id).get(task_id) in {"success", "skipped"}

        self._insist(person, (dag_id, run_id, task_id), option, texts, is_over)

    def complete(self, dag_id: str, run_id: str, person: str = "drafter") -> None:
        """Fill every blank as a person."""
        form = self.form(dag_id, run_id)
        texts = {name: "测试填写" for name in form["params"] if name != "comment"}
        self.give(person, dag_id, run_id, "complete", SUBMIT, **texts)

    def sign(self, dag_id: str, run_id: str, **persons: str) -> None:
        """Approve levels, each as a person."""
        for level, person in persons.items():
            self.give(person, dag_id, run_id, f"review_{level}")

    def is_refused(
        self, person: str, dag_id: str, run_id: str, task_id: str, option: str = APPROVE, **texts: str
    ) -> str:
        """Answer as somebody whose answer Airflow takes and we do not; return the reason, once the form asks again."""
        period, place = run_id.split("__")[1], (dag_id, run_id, task_id)
        before = len(self.events(dag_id, period, "answer_refused"))
        self._insist(person, place, option, texts, lambda: len(self.events(dag_id, period, "answer_refused")) > before)
        refused = self.events(dag_id, period, "answer_refused")[-1]
        assert refused.person == person
        self.wait(lambda: self.open_form(*place))
        return str(refused.payload["reason"])

    def _insist(self, person: str, place: Place, option: str, texts: dict[str, str], taken: Callable[[], bool]) -> None:
        """Answer a form, and again whenever it asks again, until ``taken``."""

        def is_taken() -> bool:
            if taken():
                return True
            if (form := self.open_form(*place)) is not None and not taken():
                status = self.answer(person, form, option, **texts)
                # A request is repeated while the server fails, and may by then have been taken at first.
                assert status in {httpx.codes.OK, httpx.codes.CONFLICT} or status >= 500, status
            return False

        self.wait(is_taken)

    def upload(self, person: str, dag_id: str, period: str, document: bytes) -> httpx.Response:
        """Hand in an edited Word file as somebody's program would."""
        headers = {"Authorization": self.people[person].client.headers["Authorization"], "Accept": "application/json"}
        place = f"{self.airflow.url}/obligations/uploads/{dag_id.replace('.', '/')}/{period}"
        return httpx.post(place, files={"file": ("修改稿.docx", document, DOCX)}, headers=headers, timeout=ANSWERS)

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

"""An office at work on a running Airflow that is attacked: it reports, answers, sweeps, and comes back when the pages are gone.

People here are as patient as people are. Who attacks is ``chaos_strikes``, what is proven afterwards ``chaos_findings``.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import httpx
from chaos_plan import Plan
from chaos_strikes import Strikes
from running import Running

from obligations.orchestration.demo.demo import INCIDENT
from obligations.orchestration.demo.embedded import EmbeddedAirflow
from obligations.orchestration.demo.portal import Portal
from obligations.orchestration.demo.rest import AirflowRest
from obligations.orchestration.review.answers import APPROVE, CONFIRM, RETURN, SUBMIT
from obligations.steps.ledger import Stage, open_ledger
from obligations.words.times import SHANGHAI

AGE = 3  # seconds a form must have been open; Airflow 3.3.2 asks again where it is answered sooner
SWEEPS = 20  # seconds between sweeps at least, so that there is time for anything else
MINUTE = timedelta(minutes=1)


class Embattled(Running):
    """The running system, those who work with it, and what breaks it.

    Attributes:
        portal: the site; postbox: where mail arrives; strikes: the attacks.
    """

    def __init__(
        self,
        airflow: EmbeddedAirflow,
        people: dict[str, AirflowRest],
        portal: Portal,
        postbox: Any,
        plan: Plan,
        strikes: Strikes,
    ) -> None:
        super().__init__(airflow, people)
        self.portal, self.postbox, self.plan, self.strikes = portal, postbox, plan, strikes
        self._opened: dict[tuple[str, str, str], float] = {}
        self._swept = 0.0

    def open_office(self) -> None:
        """Make the installation's first sweep, after which nothing that falls due is historical, and wait for its DAGs."""
        self.sweep_at(datetime.now(SHANGHAI) - 10 * MINUTE, "--json")
        wanted = {dag_id for dag_id, _ in self.plan.occurrences} | {"sweep", "report_event"}
        self.wait(lambda: wanted <= self.admin.dag_ids())

    def begin(self) -> None:
        """Report the incidents and start every run; whoever meets a closed door tries again."""
        for number, event in enumerate(self.plan.events):
            # Every third bulletin falls due while processes are being killed.
            ago = timedelta(hours=5) - 2 * MINUTE if number % 3 == 0 else timedelta(hours=1)
            happened = (datetime.now(SHANGHAI) - ago).isoformat(timespec="seconds")
            conf = {**INCIDENT, "title": f"演示事故{number + 1}", "event_id": event, "happened_at": happened}
            self._keep_trying(
                lambda conf=conf, event=event: self.people["office"].start("report_event", event, conf=conf)
            )
        for dag_id, period in self.plan.occurrences:
            if not period.startswith("incident"):
                self._keep_trying(lambda d=dag_id, p=period: self.admin.start(d, f"start__{p}__v1", period=p))

    def endure(self) -> None:
        """Work through the whole plan under attack."""
        self.begin()
        self.storm()
        self.calm()

    def storm(self) -> None:
        """Be attacked as often as planned, and let people work meanwhile."""
        for pause in self.strikes.pauses(self.plan.kills, self.plan.pause):
            end = time.monotonic() + pause
            while time.monotonic() < end:
                self.work()
                self.strikes.recover()
            self.strikes.strike()
        self.strikes.recover(everything=True)

    def calm(self) -> None:
        """Let people work until everything has come to an end or has failed, which waits for somebody who is not here."""
        end = time.monotonic() + self.plan.patience
        while time.monotonic() < end and self._goes_on():
            self.work()
            self.strikes.recover(everything=True)

    def work(self) -> None:
        """Answer what is asked, let a sweep pass, and rest a second."""
        with suppress(httpx.HTTPError):
            for form in self.admin.open_forms(dag_id for dag_id, _ in self.plan.occurrences):
                self._answer(form)
            states = self.admin.runs("sweep").values()
            if time.monotonic() - self._swept > SWEEPS and not {"queued", "running"}.intersection(states):
                self._swept = time.monotonic()
                self.admin.start("sweep", f"chaos-{time.time_ns()}")
        time.sleep(1)

    def unsettled(self) -> list[str]:
        """Return each occurrence that has not become what it must, with its stage."""
        stages = self.stages(self.plan.occurrences)
        return [f"{' '.join(place)}: {stage}" for place, stage in stages.items() if stage != self.plan.wanted(*place)]

    def _goes_on(self) -> bool:
        stages = self.stages(self.plan.occurrences)
        return any(stage not in {self.plan.wanted(*place), Stage.FAILED} for place, stage in stages.items())

    def stages(self, places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str | None]:
        """Return where each occurrence stands by the ledger; None where it was never entered."""
        with open_ledger(self.settings.ledger_url) as ledger:
            found = {place: ledger.occurrence(place[0].replace(".", "/"), place[1]) for place in places}
        return {place: None if row is None else row.stage for place, row in found.items()}

    def stage(self, dag_id: str, period: str) -> str | None:
        """Return where one occurrence stands."""
        return self.stages([(dag_id, period)])[dag_id, period]

    def is_lost(self, dag_id: str, period: str) -> bool:
        """Whether an occurrence is neither where it must be nor waits where anybody would see it.

        It waits where its failure is on record, or a run of it lives in Airflow.
        """
        stage = self.stage(dag_id, period)
        if stage in {self.plan.wanted(dag_id, period), Stage.FAILED}:
            return False
        live = {run for run, state in self.admin.runs(dag_id).items() if state in {"queued", "running"}}
        return not any(f"__{period}__" in run for run in live)

    def sweep_at(self, when: datetime, *options: str) -> None:
        """Sweep as of another time; later, every lease that a killed process held is over."""
        command = [sys.executable, "-m", "obligations", "sweep", "--at", when.isoformat(), *options]
        done = subprocess.run(command, env=self.airflow.variables(), capture_output=True, text=True)
        assert done.returncode in {0, 1}, done.stderr  # 1: it has alarms to tell

    def _answer(self, form: dict[str, Any]) -> None:
        task = form["task_instance"]
        place = (task["dag_id"], task["dag_run_id"], task["task_id"])
        opened = self._opened.setdefault(place, time.monotonic())
        if time.monotonic() - opened < AGE:
            return
        options = form["options"]
        option, texts = options[0], dict.fromkeys(form["params"])
        period = task["dag_run_id"].split("__")[1]
        if option == APPROVE and (task["dag_id"], period) == self.plan.returned:
            option, texts["comment"] = RETURN, "请补充第二季度的进展"
        elif option in {SUBMIT, CONFIRM}:
            texts |= {name: "测试填写" for name in texts if name != "comment"}
            if "fulfilled_at" in texts:
                texts["fulfilled_at"] = (datetime.now(SHANGHAI) - MINUTE).isoformat(timespec="seconds")
        names = sorted(each["name"] for each in form["assigned_users"]) or ["admin"]
        with suppress(httpx.HTTPError):
            self.people[names[0]].answer(form, option, texts)
        del self._opened[place]

    def _keep_trying(self, act: Callable[[], object]) -> None:
        end = time.monotonic() + self.plan.patience
        while True:
            try:
                act()
            except httpx.HTTPError:
                if time.monotonic() > end:
                    raise
                time.sleep(1)
                self.strikes.recover(everything=True)
            else:
                return

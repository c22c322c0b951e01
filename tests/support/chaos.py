"""An office at work on a running Airflow whose processes are killed: fifty occurrences of all kinds, and people who answer.

People here are as patient as people are: whoever finds the pages gone comes back. What is proven afterwards is in
``tests/services/chaos``; here nothing is asserted but that the office can be laid out.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil
from running import Running

from obligations.orchestration.demo.demo import INCIDENT
from obligations.orchestration.demo.embedded import REPOSITORY, EmbeddedAirflow
from obligations.orchestration.demo.portal import Portal
from obligations.orchestration.demo.rest import AirflowRest
from obligations.orchestration.demo.site import demo_channel
from obligations.orchestration.demo.sources import prepare_sources
from obligations.orchestration.review.answers import APPROVE, CONFIRM, RETURN, SUBMIT
from obligations.steps.ledger import Stage, open_ledger
from obligations.words.times import SHANGHAI

FISCAL, LAND, PRICES = "demo.fiscal-monthly", "demo.land-supply-quarterly", "demo.wholesale-prices-weekly"
BULLETIN, CONFERENCE = "demo.incident-bulletin", "demo.incident-press-conference"
LIST, REPORT = "demo.progress-list", "demo.progress-report"
DUTIES = {LIST: ("publish", "重点工作进展按月公开"), REPORT: ("report-up", "落实情况按月报送")}
DAG_FILES = ("demo", "report_event", "record_decision", "sweep")
USERS = {"admin": "admin", "drafter": "user", "chief": "user", "office": "user"}
CONTACTS = """
people:
  - {id: jia, name: 演示甲, account: drafter, email: jia@example.cn}
  - {id: yi, name: 演示乙, account: chief, email: yi@example.cn}
  - {id: bing, name: 演示丙, account: office, email: bing@example.cn}
roles:
  - {jurisdiction: demo, role: responsible, holder: jia}
  - {jurisdiction: demo, role: first_review, holder: yi}
  - {jurisdiction: demo, role: second_review, holder: yi}
  - {jurisdiction: demo, role: secrecy_review, holder: yi}
  - {jurisdiction: demo, role: final_review, holder: yi}
  - {jurisdiction: demo, role: leader, holder: yi}
  - {jurisdiction: demo, role: duty_leader, holder: yi}
  - {jurisdiction: demo, role: duty_room, holder: bing}
  - {jurisdiction: demo, role: office, holder: bing}
  - {jurisdiction: demo, role: operator, holder: bing}
"""
DUTY = """
title: {title}
clause: 四
quote: {title}
duty: {duty}
departments: [演示单位财政局]
publication: submission
clock: {{kind: recurring, rule: FREQ=MONTHLY}}
in_force_from: 2016-01-01
"""
TAKES_OVER = {
    # So that what a killed process held is given to another within the test's patience, not within five minutes.
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_SEC": "5",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "60",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "20",
    # A worker of LocalExecutor that is killed takes with it what it had just taken out of the queue.
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "120",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "10",
}
KEY = "of the site's interface"
AGE = 3  # seconds a form must have been open; Airflow 3.3.2 asks again where it is answered sooner
SWEEPS = 20  # seconds between sweeps at least, so that there is time for anything else
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Plan:
    """How much is done and how much is broken.

    Attributes:
        seed: of every choice; kills: of processes; pause: longest time between two in seconds.
        months: periods of each monthly duty of ours; fiscal: of the fiscal report, six at most; incidents: reported.
        patience: seconds for everything to come to its end once nothing is broken any more.
    """

    seed: int
    kills: int
    pause: float
    months: int
    fiscal: int
    incidents: int
    patience: float

    @property
    def served(self) -> dict[str, list[str]]:
        """The periods of each recurring DAG whose input is there."""
        months = [f"2016-{month:02d}" for month in range(1, 13)] + [f"2017-{month:02d}" for month in range(1, 13)]
        return {
            LIST: months[: self.months],
            REPORT: months[: self.months],
            FISCAL: months[12 : 12 + self.fiscal],
            LAND: ["2012-Q1"],
            PRICES: ["2020-W14"],
        }

    @property
    def refused(self) -> dict[str, list[str]]:
        """The periods whose input cannot be used."""
        return {PRICES: ["2020-W15"]}

    @property
    def undelivered(self) -> dict[str, list[str]]:
        """The periods whose input never comes."""
        return {LAND: ["2012-Q2"]}

    @property
    def returned(self) -> tuple[str, str]:
        """What the first reviewer sends back, and nobody corrects."""
        return LIST, self.served[LIST][0]

    @property
    def events(self) -> list[str]:
        """Ids of the incidents."""
        return [f"incident-{number}" for number in range(1, self.incidents + 1)]

    def wanted(self, dag_id: str, period: str) -> Stage:
        """Return where an occurrence must stand in the end."""
        if period in self.undelivered.get(dag_id, []):
            return Stage.WAITING
        if period in self.refused.get(dag_id, []):
            return Stage.BAD_INPUT
        return Stage.RETURNED if (dag_id, period) == self.returned else Stage.MET

    @property
    def occurrences(self) -> list[tuple[str, str]]:
        """Every (DAG, period) that is worked on."""
        recurring = [
            (dag_id, period)
            for group in (self.served, self.refused, self.undelivered)
            for dag_id, periods in group.items()
            for period in periods
        ]
        return recurring + [(dag_id, event) for event in self.events for dag_id in (BULLETIN, CONFERENCE)]


class Embattled(Running):
    """The running system, those who work with it, and those who break it.

    Attributes:
        people: the REST API as each of them; portal: the site; postbox: where mail arrives; struck: what was broken.
    """

    def __init__(
        self, airflow: EmbeddedAirflow, people: dict[str, AirflowRest], portal: Portal, postbox: Any, plan: Plan
    ) -> None:
        super().__init__(airflow, people["admin"])
        self.people, self.portal, self.postbox, self.plan = people, portal, postbox, plan
        self.struck: Counter[str] = Counter()
        self._opened: dict[tuple[str, str, str], float] = {}
        self._down: dict[str, float] = {}
        self._swept = 0.0

    def begin(self) -> None:
        """Report the incidents and start every run; whoever meets a closed door tries again."""
        for number, event in enumerate(self.plan.events):
            # Every third bulletin falls due while processes are being killed.
            ago = timedelta(hours=5) - 2 * MINUTE if number % 3 == 0 else timedelta(hours=1)
            happened = (datetime.now(SHANGHAI) - ago).isoformat(timespec="seconds")
            conf = {**INCIDENT, "title": f"演示事故{number + 1}", "event_id": event, "happened_at": happened}
            self._insist(lambda conf=conf, event=event: self.people["office"].start("report_event", event, conf=conf))
        for dag_id, period in self.plan.occurrences:
            if not period.startswith("incident"):
                self._insist(lambda d=dag_id, p=period: self.admin.start(d, f"start__{p}__v1", period=p))

    def storm(self) -> None:
        """Kill, and let people work meanwhile, until as many processes were killed as planned."""
        where = random.Random(self.plan.seed)  # noqa: S311 - points in time, not secrets
        for _ in range(self.plan.kills):
            end = time.monotonic() + where.uniform(0, self.plan.pause)
            while time.monotonic() < end:
                self.work()
            self._strike(where)
            self._come_round()
        self._come_round(everything=True)

    def calm(self) -> None:
        """Let people work until everything has come to an end or waits, and every notice has gone out."""
        end = time.monotonic() + self.plan.patience
        while time.monotonic() < end and self.unsettled():
            self.work()
            self._come_round(everything=True)

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
        stages = {place: self.stage(*place) for place in self.plan.occurrences}
        return [f"{' '.join(place)}: {stage}" for place, stage in stages.items() if stage != self.plan.wanted(*place)]

    def stage(self, dag_id: str, period: str) -> str | None:
        """Return where an occurrence stands by the ledger; None where it was never entered."""
        with open_ledger(self.settings.ledger_url) as ledger:
            found = ledger.occurrence(dag_id.replace(".", "/"), period)
        return None if found is None else found.stage

    def is_waiting(self, dag_id: str, period: str) -> bool:
        """Whether an occurrence waits where people see it: its failure is on record, or a run of it lives in Airflow."""
        live = {run for run, state in self.admin.runs(dag_id).items() if state in {"queued", "running"}}
        return self.stage(dag_id, period) == Stage.FAILED or any(f"__{period}__" in run for run in live)

    def sweep_at(self, when: datetime) -> None:
        """Sweep and send as of a later time, when every lease that a killed process held is over."""
        command = [sys.executable, "-m", "obligations", "sweep", "--at", when.isoformat(), "--send", "--json"]
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

    def _strike(self, where: random.Random) -> None:
        victim = where.choice([*self.airflow.components, "task", "supervisor", "mail", "site"])
        if victim in self.airflow.components:
            self._kill(victim)
        elif victim in {"task", "supervisor"}:
            if not _kill_a_task(self.airflow, where, victim):
                victim = "scheduler"  # nothing ran
                self._kill(victim)
        elif victim == "mail":
            self.postbox.dies_at = "RCPT"
        else:
            self.portal.faults.lost += 1
            self.portal.faults.failures += 1
        self.struck[victim] += 1

    def _kill(self, component: str) -> None:
        process = self.airflow.processes.pop(component, None)
        if process is not None:
            with suppress(ProcessLookupError):  # it may have ended by itself
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            self._down[component] = time.monotonic()

    def _come_round(self, everything: bool = False) -> None:
        """Start again what is down, as a supervisor of services would, the mail server among it."""
        for component, process in list(self.airflow.processes.items()):
            if process.poll() is not None:
                self.struck[f"{component} by itself"] += 1
                self._kill(component)
        for component in list(self._down):
            if everything or time.monotonic() - self._down[component] > 1:
                self.airflow.start(component)
                del self._down[component]
        if everything or time.monotonic() % 3 < 1:
            self.postbox.dies_at = None

    def _insist(self, act: Callable[[], object]) -> None:
        end = time.monotonic() + self.plan.patience
        while True:
            try:
                act()
            except httpx.HTTPError:
                if time.monotonic() > end:
                    raise
                time.sleep(1)
                self._come_round(everything=True)
            else:
                return


def _kill_a_task(airflow: EmbeddedAirflow, where: random.Random, victim: str) -> bool:
    """Kill a process that runs a task, or the one that supervises it; returns whether one was found."""
    scheduler = airflow.processes.get("scheduler")
    if scheduler is None:
        return False
    with suppress(psutil.Error):
        workers = psutil.Process(scheduler.pid).children()
        tasks = [task for worker in workers for task in worker.children()]
        if tasks:
            task = where.choice(tasks)
            (task if victim == "task" else task.parent()).kill()
            return True
    return False


@contextmanager
def embattled(
    home: Path,
    postbox: Any,
    smtp_port: int,
    plan: Plan,
    *,
    secret: str = KEY,
    contacts: str = CONTACTS,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Embattled]:
    """Run the office with all its state below ``home``; its mail goes to ``postbox`` on ``smtp_port``.

    ``secret`` is the key of its site's interface; ``environment`` is added to what every process finds.
    """
    with ExitStack() as stack:
        state = home / "state"
        dags = _lay_out(state, plan)
        (state / "contacts.yaml").write_text(contacts, "utf-8")
        portal = Portal(home / "portal", secret, lambda: datetime.now(SHANGHAI))
        stack.callback(portal.stop)
        mail = f"smtp://127.0.0.1:{smtp_port}/?from_email=gongkai%40example.cn&disable_ssl=true&disable_tls=true"
        airflow = EmbeddedAirflow(
            home / "airflow",
            dags=dags,
            users=USERS,
            environment={
                **TAKES_OVER,
                **demo_channel(state, portal, secret),
                "AIRFLOW_CONN_SMTP_DEFAULT": mail,
                "OBLIGATIONS_HOME": str(state),
                "OBLIGATIONS_CATALOGUE": str(state / "catalogue"),
                "OBLIGATIONS_JURISDICTIONS": "demo",
                "OBLIGATIONS_GO_LIVE": datetime.now(SHANGHAI).date().isoformat(),
                "OBLIGATIONS_CONTACTS": str(state / "contacts.yaml"),
                "OBLIGATIONS_SOURCE_DEMO_DEPARTMENTS": f"sqlite:///{state / 'demo' / 'departments.sqlite3'}",
                **(environment or {}),
            },
        )
        stack.enter_context(airflow)
        airflow.wait_until_healthy()
        people = {user: AirflowRest(stack.enter_context(airflow.client(user))) for user in USERS}
        office = Embattled(airflow, people, portal, postbox, plan)
        # The installation's first sweep: what falls due after it is nothing historical.
        office.sweep_at(datetime.now(SHANGHAI) - 10 * MINUTE)
        wanted = {dag_id for dag_id, _ in plan.occurrences} | {"sweep", "report_event"}
        office.wait(lambda: wanted <= office.admin.dag_ids())
        yield office


def _lay_out(state: Path, plan: Plan) -> Path:
    """Write catalogue and deliveries below ``state``; return the folder of DAG files."""
    prepare_sources(state)
    for name in ("shandong", "demo"):
        shutil.copytree(REPOSITORY / "include/obligations/catalogue" / name, state / "catalogue" / name)
    ours = state / "catalogue" / "demo"
    for slug in ("accountability-monthly", "accountability-yearly", "incident-followup"):
        (ours / f"{slug}.yaml").unlink()
    for dag_id, (duty, title) in DUTIES.items():
        slug = dag_id.partition(".")[2]
        (ours / f"{slug}.yaml").write_text(DUTY.format(duty=duty, title=title), "utf-8")
        folder = state / "inbox" / "demo" / slug
        folder.mkdir(parents=True)
        for period in plan.served[dag_id]:
            (folder / f"{period}.md").write_text(f"# {title}\n\n{period}各项工作有序推进（演示数据）。\n", "utf-8")
    for dag_id, periods in plan.refused.items():
        for period in periods:
            file = state / "inbox" / dag_id.replace(".", "/") / f"{period}.csv"
            file.write_text("周期,品种,单位,上周,本周,去年同期\n本周,猪肉,元/公斤,暂无,1,1\n", "utf-8")
    (state / "dags").mkdir()
    for name in DAG_FILES:
        shutil.copy(REPOSITORY / "dags" / f"{name}.py", state / "dags")
    return state / "dags"

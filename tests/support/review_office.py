"""An office of eight accounts on a running Airflow, with two sites and an object store, for tests of review and publication."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from object_store import ObjectStore, object_store
from running import Running

from obligations.orchestration.demo.embedded import REPOSITORY, EmbeddedAirflow
from obligations.orchestration.demo.portal import Portal
from obligations.orchestration.demo.rest import AirflowRest
from obligations.orchestration.demo.sources import prepare_sources
from obligations.orchestration.review.answers import APPROVE, SUBMIT
from obligations.steps.ledger import open_ledger, verify_ledger
from obligations.words.times import SHANGHAI

USERS = {
    "admin": "admin",
    **dict.fromkeys(("drafter", "first", "second", "secrecy", "leader", "deputy", "office", "stranger"), "user"),
}
CONTACTS = """
people:
  - {{id: jia, name: 演示甲, account: drafter}}
  - {{id: yi, name: 演示乙, account: first}}
  - {{id: bing, name: 演示丙, account: second}}
  - {{id: ding, name: 演示丁, account: secrecy}}
  - {{id: wu, name: 演示戊, account: leader}}
  - {{id: ji, name: 演示己, account: deputy}}
  - {{id: geng, name: 演示庚, account: away}}
  - {{id: xin, name: 演示辛, account: office}}
roles:
  - {{jurisdiction: demo, role: responsible, holder: jia}}
  - {{jurisdiction: demo, role: first_review, holder: yi}}
  - {{jurisdiction: demo, role: second_review, holder: bing}}
  - {{jurisdiction: demo, role: secrecy_review, holder: ding}}
  - {{jurisdiction: demo, role: final_review, holder: wu, deputy: ji}}
  - {{jurisdiction: demo, role: leader, holder: wu, deputy: ji}}
  - {{jurisdiction: demo, role: office, holder: xin}}
  - {{jurisdiction: demo, role: duty_room, holder: yi}}
  - {{jurisdiction: demo, department: 演示单位自然资源局, role: final_review, holder: geng, deputy: ji}}
  - {{jurisdiction: demo, department: 演示单位农业农村局, role: responsible, holder: wu}}
  - {{jurisdiction: demo, department: 演示单位农业农村局, role: final_review, holder: wu}}
  - {{jurisdiction: demo, department: 演示单位农业农村局, role: final_review, holder: ji}}
absences:
  - {{person: geng, first: {yesterday}, last: {tomorrow}, delegate: bing}}
"""
"""The 农业农村局's responsible person signs as well; who signs for the 自然资源局 is away and has delegated."""
CHANNELS = """
channels:
  - {name: 门户, type: site_api, site: office, connection: portal, hosts: [127.0.0.1]}
  - {name: 拒绝机器的网站, type: site_api, connection: silent, hosts: [127.0.0.1]}
  - {name: 对象存储, type: package, root: "s3://store@packages"}
  - {name: 人工发布, type: manual, hosts: [127.0.0.1]}
rules:
  - {channel: 拒绝机器的网站, obligations: [demo/progress-list]}
  - {channel: 对象存储, obligations: [demo/land-supply-quarterly]}
  - {channel: 人工发布, obligations: [demo/wholesale-prices-weekly]}
  - {channel: 门户}
"""
DUTY = """
title: {title}
clause: 四
quote: {title}
duty: {duty}
departments: [演示单位财政局]
publication: submission
clock: {{kind: recurring, rule: FREQ=MONTHLY}}
in_force_from: 2017-01-01
"""
LIST, REPORT = "demo.progress-list", "demo.progress-report"
DUTIES = {"progress-list": ("publish", "重点工作进展按月公开"), "progress-report": ("report-up", "落实情况按月报送")}
DAG_FILES = ("demo", "report_event", "record_decision", "sweep", "watch_pages")


class ReviewOffice(Running):
    """The running system, and everybody who works with it, by account.

    Attributes:
        people: the REST API as each of them; portal, silent: the sites; store: the object store.
    """

    def __init__(
        self,
        airflow: EmbeddedAirflow,
        people: dict[str, AirflowRest],
        portal: Portal,
        silent: Portal,
        store: ObjectStore,
    ) -> None:
        super().__init__(airflow, people["admin"])
        self.people, self.portal, self.silent, self.store = people, portal, silent, store

    def answer(self, person: str, form: dict[str, Any], option: str = APPROVE, **texts: str) -> int:
        """Answer a form as somebody; what is not given stays empty. Returns the HTTP status."""
        return self.people[person].answer(form, option, {**dict.fromkeys(form["params"]), **texts})

    def give(self, person: str, dag_id: str, run_id: str, task_id: str, option: str = APPROVE, **texts: str) -> None:
        """Answer a form as somebody until its task has taken the answer.

        An answer given within seconds of the question can be lost: a worker of Airflow 3.3.2 that is slow to end fails
        the task, which then asks again. Whoever is asked again answers again.
        """
        self._insist(person, (dag_id, run_id, task_id), option, texts, lambda: self._is_over(dag_id, run_id, task_id))

    def sign(self, dag_id: str, run_id: str, **persons: str) -> None:
        """Approve levels, each as a person."""
        for level, person in persons.items():
            self.give(person, dag_id, run_id, f"review_{level}")

    def complete(self, dag_id: str, run_id: str, person: str = "drafter") -> None:
        """Fill every blank as a person."""
        form = self.form(dag_id, run_id)
        texts = {name: "测试填写" for name in form["params"] if name != "comment"}
        self.give(person, dag_id, run_id, "complete", SUBMIT, **texts)

    def is_refused(
        self, person: str, dag_id: str, run_id: str, task_id: str, option: str = APPROVE, **texts: str
    ) -> str:
        """Answer as somebody whose answer Airflow takes and we do not; return the reason, once the form asks again."""
        period = run_id.split("__")[1]
        before = len(self.events(dag_id, period, "answer_refused"))
        place = (dag_id, run_id, task_id)
        self._insist(person, place, option, texts, lambda: len(self.events(dag_id, period, "answer_refused")) > before)
        refused = self.events(dag_id, period, "answer_refused")[-1]
        assert refused.person == person
        self.wait(lambda: self.open_form(*place))
        return str(refused.payload["reason"])

    def _is_over(self, dag_id: str, run_id: str, task_id: str) -> bool:
        return self.admin.tasks(dag_id, run_id).get(task_id) in {"success", "skipped"}

    def _insist(
        self, person: str, place: tuple[str, str, str], option: str, texts: dict[str, str], taken: Callable[[], bool]
    ) -> None:
        """Answer a form, and again whenever it asks again, until ``taken``."""

        def is_taken() -> bool:
            if taken():
                return True
            if (form := self.open_form(*place)) is not None and not taken():
                assert self.answer(person, form, option, **texts) == httpx.codes.OK
            return False

        self.wait(is_taken)

    def decide(self, person: str, decision: str, dag_id: str, period: str, **fields: str) -> str:
        """Let somebody fill in the form ``record_decision``; return the state in which its run ends."""
        run_id = f"{decision}-{person}-{secrets.token_hex(4)}"
        conf = {"decision": decision, "key": dag_id.replace(".", "/"), "period": period, **fields}
        self.people[person].start("record_decision", run_id, conf=conf)
        return self.run_ends("record_decision", run_id)

    def upload(self, person: str, dag_id: str, period: str, document: bytes) -> httpx.Response:
        """Hand in an edited Word file as somebody's program would."""
        token = self.people[person].client.headers["Authorization"]
        place = f"{self.airflow.url}/obligations/uploads/{dag_id.replace('.', '/')}/{period}"
        headers = {"Authorization": token, "Accept": "application/json"}
        return httpx.post(place, files={"file": ("修改稿.docx", document)}, headers=headers, timeout=120)

    def run(self, dag_id: str) -> str:
        """Start a run of a DAG by hand and wait for its end."""
        run_id = f"by-hand-{secrets.token_hex(4)}"
        self.admin.start(dag_id, run_id)
        return self.run_ends(dag_id, run_id)

    def mark_successful(self, dag_id: str, run_id: str, task_id: str) -> None:
        """Mark a task successful as the administrator."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}"
        assert self.admin.client.patch(path, json={"new_state": "success"}).status_code == 200

    def kinds(self, dag_id: str, period: str) -> list[str]:
        """Return the kinds of an occurrence's events, in order."""
        return [event.kind for event in self.events(dag_id, period)]

    def is_sound(self) -> bool:
        """Whether the ledger proves to be unaltered and whole."""
        with open_ledger(self.settings.ledger_url) as ledger:
            assert verify_ledger(ledger) == []
        return True


@contextmanager
def review_office(home: Path) -> Iterator[ReviewOffice]:
    """Run the office with all its state below ``home``."""
    with ExitStack() as stack:
        secret = secrets.token_hex(8)
        sites = [Portal(home / name, secret, _now) for name in ("portal", "silent")]
        for site in sites:
            stack.callback(site.stop)
        store = stack.enter_context(object_store())
        airflow = EmbeddedAirflow(
            home / "airflow",
            dags=_lay_out(home),
            users=USERS,
            environment={
                "OBLIGATIONS_HOME": str(home),
                "OBLIGATIONS_CATALOGUE": str(home / "catalogue"),
                "OBLIGATIONS_JURISDICTIONS": "demo",
                "OBLIGATIONS_GO_LIVE": _now().date().isoformat(),
                "OBLIGATIONS_CONTACTS": str(home / "contacts.yaml"),
                "OBLIGATIONS_CHANNELS": str(home / "channels.yaml"),
                "OBLIGATIONS_SOURCE_DEMO_DEPARTMENTS": f"sqlite:///{home / 'demo' / 'departments.sqlite3'}",
                "AIRFLOW_CONN_PORTAL": _connection("http", sites[0].api, secret),
                "AIRFLOW_CONN_SILENT": _connection("http", sites[1].api, secret),
                "AIRFLOW_CONN_STORE": _connection("aws", None, "unused", login="key", extra=store.extra),
            },
        )
        stack.enter_context(airflow)
        airflow.wait_until_healthy()
        people = {user: AirflowRest(stack.enter_context(airflow.client(user))) for user in USERS}
        yield ReviewOffice(airflow, people, *sites, store)


def _lay_out(home: Path) -> Path:
    """Write catalogue, contacts, channels, deliveries and DAG files; return the folder of the last."""
    prepare_sources(home)
    for name in ("shandong", "demo"):
        shutil.copytree(REPOSITORY / "include/obligations/catalogue" / name, home / "catalogue" / name)
    ours = home / "catalogue" / "demo"
    document = (ours / "_document.yaml").read_text("utf-8")
    (ours / "_document.yaml").write_text(document.replace("      - incident-press-conference\n", ""), "utf-8")
    for slug in ("accountability-monthly", "accountability-yearly", "incident-followup", "incident-press-conference"):
        (ours / f"{slug}.yaml").unlink()
    for slug, (duty, title) in DUTIES.items():
        (ours / f"{slug}.yaml").write_text(DUTY.format(duty=duty, title=title), "utf-8")
        delivered = home / "inbox" / "demo" / slug / "2017-06.md"
        delivered.parent.mkdir(parents=True)
        delivered.write_text(f"# {title}\n\n各项工作有序推进（演示数据）。\n", "utf-8")
    days = {"yesterday": _now().date() - timedelta(days=1), "tomorrow": _now().date() + timedelta(days=1)}
    (home / "contacts.yaml").write_text(CONTACTS.format(**days), "utf-8")
    (home / "channels.yaml").write_text(CHANNELS, "utf-8")
    (home / "dags").mkdir()
    for name in DAG_FILES:
        shutil.copy(REPOSITORY / "dags" / f"{name}.py", home / "dags")
    return home / "dags"


def _connection(kind: str, host: str | None, password: str, **more: Any) -> str:
    return json.dumps({"conn_type": kind, "host": host, "password": password, **more})


def _now() -> datetime:
    return datetime.now(SHANGHAI)

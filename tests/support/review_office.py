"""An office of eight accounts on a running Airflow, with two sites and an object store, for tests of review and publication."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from demo_catalogue import DAG_FILES, LIST, REPORT, lay_out_catalogue, lay_out_dags
from object_store import ObjectStore, object_store
from ports import free_port
from running import Running, at_work

from obligations.orchestration.demo.embedded import EmbeddedAirflow
from obligations.orchestration.demo.portal import Portal
from obligations.orchestration.demo.rest import AirflowRest
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
WITHOUT = ("accountability-monthly", "accountability-yearly", "incident-followup", "incident-press-conference")


class ReviewOffice(Running):
    """The running system, and everybody who works with it, by account.

    Attributes:
        portal, silent: the sites; store: the object store.
    """

    def __init__(
        self,
        airflow: EmbeddedAirflow,
        people: dict[str, AirflowRest],
        portal: Portal,
        silent: Portal,
        store: ObjectStore,
    ) -> None:
        super().__init__(airflow, people)
        self.portal, self.silent, self.store = portal, silent, store

    def decide(self, person: str, decision: str, dag_id: str, period: str, **fields: str) -> str:
        """Let somebody fill in the form ``record_decision``; return the state in which its run ends."""
        run_id = f"{decision}-{person}-{secrets.token_hex(4)}"
        conf = {"decision": decision, "key": dag_id.replace(".", "/"), "period": period, **fields}
        self.people[person].start("record_decision", run_id, conf=conf)
        return self.run_ends("record_decision", run_id)

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
        _lay_out(home)
        airflow = EmbeddedAirflow(
            home / "airflow",
            dags=lay_out_dags(home / "dags", (*DAG_FILES, "watch_pages")),
            port=free_port(),
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
        yield ReviewOffice(airflow, stack.enter_context(at_work(airflow)), *sites, store)


def _lay_out(home: Path) -> None:
    """Write catalogue, deliveries, contacts and channels."""
    lay_out_catalogue(home, {LIST: ["2017-06"], REPORT: ["2017-06"]}, without=WITHOUT)
    days = {"yesterday": _now().date() - timedelta(days=1), "tomorrow": _now().date() + timedelta(days=1)}
    (home / "contacts.yaml").write_text(CONTACTS.format(**days), "utf-8")
    (home / "channels.yaml").write_text(CHANNELS, "utf-8")


def _connection(kind: str, host: str | None, password: str, **more: Any) -> str:
    return json.dumps({"conn_type": kind, "host": host, "password": password, **more})


def _now() -> datetime:
    return datetime.now(SHANGHAI)

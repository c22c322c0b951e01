"""The office on the embedded default: SQLite, LocalExecutor, all of it below one folder."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from chaos_office import Embattled
from chaos_plan import Plan
from chaos_strikes import Breakable, CatalogueEntry, Strikes
from demo_catalogue import LIST, lay_out_catalogue, lay_out_dags
from ports import free_port
from running import at_work

from obligations.orchestration.demo.embedded import EmbeddedAirflow
from obligations.orchestration.demo.portal import Portal
from obligations.orchestration.demo.site import demo_channel
from obligations.words.times import SHANGHAI

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
TAKES_OVER = {
    # So that what a killed process held is given to another within the test's patience, not within five minutes.
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_SEC": "5",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "40",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "20",
    # A worker that is killed takes with it what it had just taken out of the queue. No shorter: a task that waits longer for
    # a busy machine finds its token expired.
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "120",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "10",
}
WITHOUT = ("accountability-monthly", "accountability-yearly", "incident-followup")
KEY = "of the site's interface"


@contextmanager
def embattled(
    home: Path,
    postbox: Any,
    smtp_port: int,
    plan: Plan,
    *,
    servers: Collection[Breakable] = (),
    secret: str = KEY,
    contacts: str = CONTACTS,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Embattled]:
    """Run the office with all its state below ``home``; its mail goes to ``postbox`` on ``smtp_port``.

    ``servers`` are attacked beside Airflow; ``secret`` is the key of its site's interface; ``environment`` is added to
    what every process finds.
    """
    with ExitStack() as stack:
        state = home / "state"
        portal, settings = stack.enter_context(site_and_deliveries(state, plan, secret))
        (state / "contacts.yaml").write_text(contacts, "utf-8")
        airflow = EmbeddedAirflow(
            home / "airflow",
            dags=lay_out_dags(state / "dags"),
            port=free_port(),
            users=USERS,
            environment={
                **settings,
                "AIRFLOW_CONN_SMTP_DEFAULT": mail_connection(smtp_port),
                "OBLIGATIONS_HOME": str(state),
                "OBLIGATIONS_JURISDICTIONS": "demo",
                "OBLIGATIONS_GO_LIVE": datetime.now(SHANGHAI).date().isoformat(),
                "OBLIGATIONS_CONTACTS": str(state / "contacts.yaml"),
                **(environment or {}),
            },
        )
        people = stack.enter_context(at_work(airflow))
        strikes = Strikes(airflow, portal, (*servers, edited(state)), ("scheduler",), plan.seed)
        office = Embattled(airflow, people, portal, postbox, plan, strikes)
        office.open_office()
        yield office


def edited(state: Path) -> CatalogueEntry:
    """Return the entry of the catalogue that is edited while the office works."""
    return CatalogueEntry(state / "catalogue" / f"{LIST.replace('.', '/')}.yaml")


def mail_connection(port: int) -> str:
    """Return Airflow's connection to a mail server on the loopback."""
    return f"smtp://127.0.0.1:{port}/?from_email=gongkai%40example.cn&disable_ssl=true&disable_tls=true"


@contextmanager
def site_and_deliveries(state: Path, plan: Plan, secret: str = KEY) -> Iterator[tuple[Portal, dict[str, str]]]:
    """Write catalogue and deliveries below ``state`` and run the site; yield it and the environment that leads there."""
    _lay_out(state, plan)
    portal = Portal(state.with_name("portal"), secret, lambda: datetime.now(SHANGHAI))
    try:
        yield (
            portal,
            {
                **TAKES_OVER,
                **demo_channel(state, portal, secret),
                "OBLIGATIONS_CATALOGUE": str(state / "catalogue"),
                "OBLIGATIONS_SOURCE_DEMO_DEPARTMENTS": f"sqlite:///{state / 'demo' / 'departments.sqlite3'}",
            },
        )
    finally:
        portal.stop()


def _lay_out(state: Path, plan: Plan) -> None:
    lay_out_catalogue(state, plan.served, without=WITHOUT)
    for dag_id, periods in plan.refused.items():
        for period in periods:
            file = state / "inbox" / dag_id.replace(".", "/") / f"{period}.csv"
            file.write_text("周期,品种,单位,上周,本周,去年同期\n本周,猪肉,元/公斤,暂无,1,1\n", "utf-8")

"""The office on production's topology: PostgreSQL, Redis and a mail server of its own, Celery workers, users with roles."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chaos_embedded import edited, mail_connection, site_and_deliveries
from chaos_office import Embattled
from chaos_plan import Plan
from chaos_strikes import Strikes
from mail_process import Mailbox
from production import production
from servers import mail_server, postgresql_server, redis_server

from obligations.orchestration.demo.portal import Portal


@contextmanager
def embattled_production(home: Path, plan: Plan) -> Iterator[Embattled]:
    """Run the office with its files below ``home``; every process of it may be struck."""
    portals: list[Portal] = []
    with postgresql_server() as postgresql, redis_server() as redis, mail_server(home / "mail") as mail:

        @contextmanager
        def prepare(state: Path) -> Iterator[dict[str, str]]:
            with site_and_deliveries(state, plan) as (portal, environment):
                portals.append(portal)
                yield {**environment, "AIRFLOW_CONN_SMTP_DEFAULT": mail_connection(mail.port)}

        address = f"postgresql+psycopg2://postgres@127.0.0.1:{postgresql.port}/postgres"
        with production(home, address, f"redis://127.0.0.1:{redis.port}/0", prepare) as running:
            (portal,) = portals
            workers = [name for name in running.airflow.components if name.startswith("worker")]
            strikes = Strikes(
                running.airflow, portal, (postgresql, redis, mail, edited(home / "state")), workers, plan.seed
            )
            office = Embattled(running.airflow, running.people, portal, Mailbox(home / "mail"), plan, strikes)
            office.open_office()
            try:
                yield office
            finally:
                strikes.recover(everything=True)  # the databases are dropped by name

"""The sweep, the starter and the deadlines within a real Airflow: what its API, its triggerer and its scheduler make of them."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
from demo_catalogue import lay_out_dags
from ports import free_port as port_of_its_own
from running import Running, at_work
from statsd_receiver import statsd_receiver

from obligations.orchestration.demo.embedded import REPOSITORY, EmbeddedAirflow
from obligations.words.times import SHANGHAI

pytestmark = pytest.mark.airflow

FRESH = 300  # seconds within which the second sweep has told that it ended
QUARTERLY, BULLETIN, WEEKLY = "county.quarterly", "county.bulletin", "county.weekly"


class System(Running):
    """A running Airflow over the small office, the postbox its mail goes to, and what receives its metrics."""

    def __init__(self, airflow, people, office, postbox, monitoring):
        super().__init__(airflow, people)
        self.office, self.postbox, self.monitoring = office, postbox, monitoring

    def wait_for_the_scheduler(self):
        """Wait until the scheduler's present pass is over: between two passes it tells that it lives."""
        since = datetime.now(UTC)

        def told():
            health = self.admin.client.get("/api/v2/monitor/health").raise_for_status().json()
            return datetime.fromisoformat(health["scheduler"]["latest_scheduler_heartbeat"]) > since

        self.wait(told)

    def have_all_told(self):
        """Whether no sweep goes on (Airflow starts one every ten minutes), and all that was sent has been counted."""
        self.monitoring.settle()
        sent = len(self.postbox.recipients)
        return (
            set(self.admin.runs("sweep").values()) == {"success"}
            and self.monitoring.total("airflow.obligations.notices.sent") >= sent > 0
        )

    def kinds(self, slug, period):
        return [event.kind for event in self.office.events(slug, period)]

    def recipients(self, tier, event):
        """Return who has been sent a tier of the incident."""
        sent = self.office.events("bulletin", event, "notice_sent")
        return {each.payload["recipient"] for each in sent if each.payload["tier"] == tier}


@pytest.fixture
def quarter():
    """The last quarter that is over and open, and a go-live within it."""
    today = (datetime.now(SHANGHAI) - timedelta(hours=10)).date()  # it opens at nine on the day after it
    first_of_this = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    last = first_of_this - timedelta(days=1)
    return f"{last.year}-Q{(last.month + 2) // 3}", last.replace(day=15)


@pytest.fixture
def monitoring():
    with statsd_receiver() as receiver:
        yield receiver


@pytest.fixture
def system(make_office, quarter, tmp_path, mail_server, free_port, monitoring):
    office = make_office(OBLIGATIONS_GO_LIVE=quarter[1].isoformat())
    dags = lay_out_dags(tmp_path / "dags", ("sweep", "report_event", "catalogue_faults"))
    shutil.copy(REPOSITORY / "dags" / "demo.py", dags / "county.py")
    mail = f"smtp://127.0.0.1:{free_port}/?from_email=gongkai%40example.cn&disable_ssl=true&disable_tls=true"
    environment = {**office.environment, **monitoring.environment, "AIRFLOW_CONN_SMTP_DEFAULT": mail}
    airflow = EmbeddedAirflow(tmp_path / "airflow", dags=dags, port=port_of_its_own(), environment=environment)
    postbox = mail_server(free_port)
    with at_work(airflow) as people:
        earlier = datetime.now(SHANGHAI) - timedelta(minutes=25)  # so that the timetable has had its turn
        command = [sys.executable, "-m", "obligations", "sweep", "--at", earlier.isoformat()]
        subprocess.run(command, env=airflow.variables(), check=True, capture_output=True)
        system = System(airflow, people, office, postbox, monitoring)
        system.wait(lambda: {QUARTERLY, BULLETIN, WEEKLY, "sweep", "report_event"} <= system.admin.dag_ids())
        yield system


def test_the_sweep_starts_what_the_timetable_cannot_and_a_deadline_wakes_the_ledger_within_seconds(system, quarter):
    period, _ = quarter
    run_id = f"start__{period}__v1"

    def swept():  # what a busy Airflow gave no answer to, the next pass starts
        assert system.run("sweep") == "success"
        return run_id in system.admin.runs(QUARTERLY)

    system.wait(swept)
    system.wait(lambda: "waiting" in system.kinds("quarterly", period))
    assert f"scheduled__{period}__v1" not in system.admin.runs(QUARTERLY), "its quarter began before go-live"

    happened = datetime.now(SHANGHAI) - timedelta(hours=5) + timedelta(minutes=1)
    conf = {
        "type": "incident",
        "level": "重大",
        "title": "示例事件",
        "happened_at": happened.isoformat(),
        "event_id": "one",
    }
    assert system.run("report_event", **conf) == "success"
    assert "start__one__v1" in system.admin.runs(BULLETIN)
    system.wait(lambda: "missed" in system.kinds("bulletin", "one"))
    ((missed,), due) = system.office.events("bulletin", "one", "missed"), system.office.row("bulletin", "one").due_at
    assert missed.happened_at == due
    told = {"bing", "jia", "yi", "zhiban"}
    system.wait(lambda: told <= system.recipients("due", "one"))
    assert {f"{who}@example.cn" for who in told} <= {to for sent in system.postbox.recipients for to in sent}

    run = f"/dags/{QUARTERLY}/dagRuns/{run_id}"
    system.change(run, state="failed")
    system.wait_for_the_scheduler()  # a run deleted while the scheduler of Airflow 3.3.2 looks at it ends the scheduler
    system.wait(lambda: system.admin.client.delete(f"/api/v2{run}").status_code in {204, 404})
    system.change(f"/dags/{WEEKLY}", is_paused=True)
    assert system.run("sweep") == "success"
    (released,) = system.office.events("quarterly", period, "failed")
    assert released.payload["run_id"] == run_id
    system.office.require_sound()

    system.wait(system.have_all_told)
    told = system.monitoring
    assert told.total("airflow.obligations.missed") >= 1, "told by the triggerer, where the deadline woke it"
    assert time.time() - told.last("airflow.obligations.sweep.finished_timestamp_seconds") < FRESH
    assert told.last("airflow.obligations.late") >= 1
    assert {"airflow.scheduler_heartbeat", "airflow.ti.finish"} <= set(told.came), "Airflow's own come with them"

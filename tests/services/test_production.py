"""Production's topology on real servers: PostgreSQL, Redis, Celery workers, FabAuthManager, backup and restore.

Needs ``OBLIGATIONS_TEST_POSTGRESQL_URL`` and a Redis whose database ``OBLIGATIONS_TEST_REDIS_URL`` is the test's alone; it is
emptied.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from demo_catalogue import BULLETIN, FISCAL
from production import Databases, Production, account_of, databases, production
from sqlalchemy import create_engine, text

from obligations.orchestration.demo.demo import INCIDENT
from obligations.orchestration.demo.sources import SERIES
from obligations.orchestration.review.answers import APPROVE, COMMENT
from obligations.steps.ledger import open_ledger, verify_ledger
from obligations.words.times import SHANGHAI

SERVER = os.environ.get("OBLIGATIONS_TEST_POSTGRESQL_URL")
if not SERVER:
    pytest.skip(
        "OBLIGATIONS_TEST_POSTGRESQL_URL is not set: PRODUCTION'S TOPOLOGY WAS NOT TESTED", allow_module_level=True
    )
REDIS = os.environ.get("OBLIGATIONS_TEST_REDIS_URL", "redis://127.0.0.1:6379/13")
pytestmark = pytest.mark.airflow
PERIOD = SERIES[FISCAL]
RUN = f"start__{PERIOD}__v1"
ORDINARY = ("worker-1", "worker-2")


@pytest.fixture(scope="module")
def office(tmp_path_factory) -> Iterator[Production]:
    assert SERVER
    with production(tmp_path_factory.mktemp("production"), SERVER, REDIS) as office:
        office.wait(lambda: {FISCAL, BULLETIN, "report_event"} <= office.admin.dag_ids())
        yield office


def test_a_fiscal_report_goes_from_its_start_to_its_end(office):
    office.people["office"].start(FISCAL, RUN, period=PERIOD)
    form = office.form(FISCAL, RUN, "complete")
    assert account_of(form) == {"finance"}
    texts = {name: "测试填写" for name in form["params"] if name != COMMENT.name}
    blanks = dict.fromkeys(form["params"]) | texts
    assert office.people["chief"].answer(form, "送审", blanks) == 403, "Airflow itself knows whose turn it is"

    def answered() -> bool:
        for asked in office.admin.open_forms([FISCAL]):
            (person, *_) = sorted(account_of(asked))
            is_review = APPROVE in asked["options"]
            fields = {name: None if is_review or name == COMMENT.name else "测试填写" for name in asked["params"]}
            time.sleep(3)
            office.people[person].answer(asked, asked["options"][0], fields)
        return office.admin.runs(FISCAL)[RUN] in {"success", "failed"}

    office.wait(answered)
    row = office.row(FISCAL, PERIOD)
    assert office.admin.runs(FISCAL)[RUN] == "success", office.admin.tasks(FISCAL, RUN)
    assert row.occurrence.is_met
    assert {event.person for event in office.events(FISCAL, PERIOD, "approved")} == {"chief"}
    assert office.pools(FISCAL, RUN) == {("default", "default_pool")}


def test_an_incident_reaches_its_review_while_no_ordinary_worker_works(office):
    office.airflow.stop(*ORDINARY)
    happened = datetime.now(SHANGHAI) - timedelta(minutes=30)
    conf = {**INCIDENT, "happened_at": happened.isoformat(timespec="seconds")}
    office.people["office"].start("report_event", "incident", conf=conf)
    assert office.run_ends("report_event", "incident") == "success"
    (run,) = office.wait(lambda: [run for run in office.admin.runs(BULLETIN) if run.startswith("start__")])
    asked = office.wait(lambda: office.admin.open_forms([BULLETIN]))
    assert {form["task_instance"]["dag_run_id"] for form in asked} == {run}
    for dag_id, run_id in (("report_event", "incident"), (BULLETIN, run)):
        assert office.pools(dag_id, run_id) == {("incidents", "incidents")}
    for worker in ORDINARY:
        assert BULLETIN not in office.log(worker)
        office.airflow.start(worker)
    assert office.wait(lambda: "succeeded" in office.log("worker-incidents-1"))


def test_what_was_backed_up_is_restored_whole(office, tmp_path):
    made = office.run_script("backup.sh")
    assert made.returncode == 0, made.stderr
    assert office.run_script("backup.sh", "--is-recent").returncode == 0
    (backup,) = (office.home.parent / "backups").iterdir()
    assert SERVER
    with databases(SERVER, tmp_path / "secrets") as others:
        elsewhere = elsewhere_of(office, others, tmp_path / "home")
        done = elsewhere("restore.sh", backup)
        assert done.returncode == 0, done.stderr
        url = (tmp_path / "secrets" / "ledger_database_url").read_text("utf-8").strip()
        with open_ledger(office.settings.ledger_url) as ledger:
            events = ledger.events(FISCAL.replace(".", "/"), PERIOD)
        with open_ledger(url) as ledger:
            assert verify_ledger(ledger) == []
            assert ledger.events(FISCAL.replace(".", "/"), PERIOD) == events
        for file in (path for path in office.home.rglob("*") if path.is_file() and path.suffix == ".docx"):
            assert (tmp_path / "home" / file.relative_to(office.home)).read_bytes() == file.read_bytes()
        again = elsewhere("restore.sh", backup)
        assert again.returncode == 1
        assert "不是空的" in again.stderr
    (backup / "ledger.dump").write_bytes(b"damaged")
    assert "已损坏，没有恢复任何内容" in elsewhere("restore.sh", backup).stderr


def elsewhere_of(office: Production, others: Databases, home: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return how to run a script against other databases and another folder."""
    place = {"OBLIGATIONS_HOME": str(home), "SECRETS": str(others.secrets)}
    return lambda name, *arguments: office.run_script(name, *arguments, **place)


def test_only_the_latest_backups_are_kept(office):
    folder = office.home.parent / "backups"
    old = folder / "2020-01-01T000000"
    old.mkdir()
    os.utime(old, (0, 0))
    assert office.run_script("backup.sh", BACKUP_KEEP_DAYS="7").returncode == 0
    assert not old.exists()
    assert office.run_script("backup.sh", "--never").returncode == 2


def test_cleaning_keeps_six_months_of_the_log_and_all_of_the_ledger(office):
    for number in range(2):
        office.admin.start("sweep", f"by-hand-{number}")
        assert office.run_ends("sweep", f"by-hand-{number}") == "success"
    url = (office.databases.secrets / "airflow_database_url").read_text("utf-8")
    engine = create_engine(url)
    age = "now() - make_interval(days => :days)"
    with engine.begin() as airflow:
        for days in (100, 300):
            row = f"INSERT INTO log (dttm, event, owner) VALUES ({age}, 'test', :said)"  # noqa: S608 - our own words
            airflow.execute(text(row), {"days": days, "said": f"{days} days old"})
        old = f"UPDATE dag_run SET start_date = {age} WHERE run_id = :run"  # noqa: S608 - as above
        airflow.execute(text(old), {"days": 60, "run": "by-hand-0"})
        airflow.execute(text(old), {"days": 60, "run": RUN})
        granted = airflow.scalar(text("SELECT count(*) FROM obligations_role_grant"))
    events = office.events(FISCAL, PERIOD)
    marker = str(office.home / "housekeeping-done")
    assert office.run_script("housekeeping.sh", "--is-recent", HOUSEKEEPING_MARKER=marker).returncode == 1
    done = office.run_script("housekeeping.sh", HOUSEKEEPING_MARKER=marker)
    assert done.returncode == 0, done.stdout + done.stderr
    assert office.run_script("housekeeping.sh", "--is-recent", HOUSEKEEPING_MARKER=marker).returncode == 0
    with engine.connect() as airflow:
        assert set(airflow.scalars(text("SELECT owner FROM log WHERE event = 'test'"))) == {"100 days old"}
        assert airflow.scalar(text("SELECT count(*) FROM obligations_role_grant")) == granted
    engine.dispose()
    assert "by-hand-0" not in office.admin.runs("sweep")
    assert "by-hand-1" in office.admin.runs("sweep")
    assert RUN in office.admin.runs(FISCAL), "a duty's runs are kept for years"
    assert office.events(FISCAL, PERIOD) == events
    with open_ledger(office.settings.ledger_url) as ledger:
        assert verify_ledger(ledger) == []
    refused = office.run_script("housekeeping.sh", KEEP_AUDIT_DAYS="90")
    assert refused.returncode == 2
    assert "六个月" in refused.stderr


def test_the_command_line_finds_the_ledger_by_its_file(office):
    answer = subprocess.run(
        [sys.executable, "-m", "obligations", "verify-ledger"],
        env=office.airflow.variables(),
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, answer.stderr

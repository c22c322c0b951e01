"""A real Airflow (scheduler, dag-processor, triggerer, api-server) runs the demo's duties on its own catalogue."""

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from demo_catalogue import BULLETIN, CATALOGUE, CONFERENCE, FISCAL, LAND, PRICES, lay_out_dags
from ports import free_port
from running import Running, at_work

from obligations.orchestration.demo.demo import INCIDENT
from obligations.orchestration.demo.embedded import EmbeddedAirflow
from obligations.orchestration.demo.sources import prepare_sources
from obligations.orchestration.review.answers import CONFIRM, RETURN, SUBMIT
from obligations.words.times import SHANGHAI

pytestmark = pytest.mark.airflow

LEVELS = ("first", "second", "secrecy", "final")


class Office(Running):
    """The running system, as an operator and a reviewer use it."""

    def __init__(self, airflow, people, now):
        super().__init__(airflow, people)
        self.now = now

    def approve(self, dag_id, run_id, *levels):
        self.sign(dag_id, run_id, **dict.fromkeys(levels, "reviewer"))

    def deadlines(self, run_id):
        """Return (alert time, missed) of the deadlines that Airflow keeps for a run."""
        address = f"file:{self.airflow.home / 'airflow.sqlite3'}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=60)) as connection:
            query = "SELECT d.deadline_time, d.missed FROM deadline d JOIN dag_run r ON r.id = d.dagrun_id WHERE r.run_id = ?"
            return connection.execute(query, [run_id]).fetchall()

    def published(self, dag_id, period):
        folder = self.settings.home / "packages" / dag_id.replace(".", "/") / period
        return sorted(path.name for path in folder.glob("*/manifest.json"))


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    now = datetime.now(SHANGHAI)
    home = tmp_path_factory.mktemp("office")
    # A month opens at nine on the day after it; before that, the one before it is the last that a scheduled run takes.
    opened = (now - timedelta(hours=10)).date()
    go_live = (opened.replace(day=1) - timedelta(days=1)).replace(day=1)
    prepare_sources(home)
    (home / "late").mkdir()
    shutil.move(home / "inbox/demo/wholesale-prices-weekly/2020-W14.xlsx", home / "late")
    _deliver_last_month(home, go_live)
    for name in ("shandong", "demo"):
        shutil.copytree(CATALOGUE / name, home / "catalogue" / name)
    (home / "channels.yaml").write_text(
        "channels: [{name: 发布包, type: package}]\nrules: [{channel: 发布包}]\n", "utf-8"
    )
    airflow = EmbeddedAirflow(
        home / "airflow",
        dags=lay_out_dags(home / "dags", ("demo", "report_event", "catalogue_faults")),
        port=free_port(),
        environment={
            "AIRFLOW__API__MAXIMUM_PAGE_LIMIT": "3",  # as if there were hundreds of DAGs and runs
            "OBLIGATIONS_HOME": str(home),
            "OBLIGATIONS_CATALOGUE": str(home / "catalogue"),
            "OBLIGATIONS_GO_LIVE": go_live.isoformat(),
            "OBLIGATIONS_CHANNELS": str(home / "channels.yaml"),
            "OBLIGATIONS_SOURCE_DEMO_DEPARTMENTS": f"sqlite:///{home / 'demo' / 'departments.sqlite3'}",
        },
    )
    with at_work(airflow) as people:
        office = Office(airflow, people, now)
        office.last_month = f"{go_live:%Y-%m}"
        office.wait(lambda: {FISCAL, PRICES, LAND, BULLETIN, CONFERENCE, "report_event"} <= office.admin.dag_ids())
        yield office


def _deliver_last_month(home: Path, first_day) -> None:
    """Deliver the real figures of June 2017 as last month's, so that a scheduled run finds its data."""
    with sqlite3.connect(home / "demo" / "departments.sqlite3") as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(fiscal)") if row[1] != "期间"]
        names = ", ".join(f'"{name}"' for name in columns)
        connection.execute(
            f"INSERT INTO fiscal (期间, {names}) SELECT ?, {names} FROM fiscal WHERE 期间 = '2017-06'",  # noqa: S608 - column names of the table itself
            [f"{first_day:%Y-%m}"],
        )
    connection.close()


def test_a_scheduled_and_a_manual_run_of_one_period_leave_one_occurrence(office):
    scheduled, manual = f"scheduled__{office.last_month}__v1", f"start__{office.last_month}__v1"
    office.admin.start(FISCAL, manual, period=office.last_month)
    office.wait(lambda: {scheduled, manual} <= office.admin.runs(FISCAL).keys())
    both = {"success", "skipped"}
    office.wait(lambda: {office.admin.tasks(FISCAL, run).get("gather") for run in (scheduled, manual)} == both)
    row = office.row(FISCAL, office.last_month)
    assert [event.kind for event in row.events].count("opened") == 1
    superseded = next(run for run in (scheduled, manual) if office.admin.tasks(FISCAL, run)["gather"] == "skipped")
    assert office.run_ends(FISCAL, superseded) == "success"
    assert office.admin.tasks(FISCAL, superseded)["record"] == "skipped"


def test_bad_input_leaves_a_failed_run_a_ledger_row_its_deadline_and_the_file_in_quarantine(office):
    # Next week's, which no scheduled run can take the file of, even where Monday begins while this runs.
    year, week, _ = (office.now + timedelta(days=7)).isocalendar()
    period = f"{year}-W{week:02d}"
    bad = office.settings.inbox / "demo/wholesale-prices-weekly" / f"{period}.csv"
    bad.write_text("周期,品种,单位,上周,本周,去年同期\n本周,猪肉,元/公斤,暂无,1,1\n", "utf-8")
    run_id = f"start__{period}__v1"
    office.admin.start(PRICES, run_id, period=period)
    assert office.run_ends(PRICES, run_id) == "failed"
    tasks = office.admin.tasks(PRICES, run_id)
    assert (tasks["gather"], tasks["publish"], tasks["record"]) == ("failed", "upstream_failed", "failed")
    row = office.row(PRICES, period)
    assert "bad_input" in [event.kind for event in row.events]
    assert row.events[-1].kind == "failed"
    assert row.occurrence.stage_label == "数据有误待更正"
    assert not bad.exists()
    assert list((office.settings.quarantine / "demo/wholesale-prices-weekly").glob(f"*{period}*"))
    assert len(office.deadlines(run_id)) == 2


def test_a_return_ends_the_run_and_a_new_run_of_the_period_makes_the_next_version(office):
    period = "2017-05"
    office.admin.start(FISCAL, f"start__{period}__v1", period=period)
    first, second = ((FISCAL, f"start__{period}__v{number}", "complete") for number in (1, 2))
    assert office.is_refused("drafter", *first, RETURN), "a return without a comment is taken by Airflow …"
    office.give("drafter", *first, RETURN, comment="请核对税收收入完成预算的比例")
    assert office.run_ends(FISCAL, f"start__{period}__v1") == "failed"
    assert office.admin.tasks(FISCAL, f"start__{period}__v1")["publish"] == "skipped"

    office.admin.start(FISCAL, f"start__{period}__v2", period=period)
    assert office.is_refused("drafter", *second, SUBMIT), "a draft with blanks open is taken by Airflow …"
    office.complete(FISCAL, f"start__{period}__v2")
    office.approve(FISCAL, f"start__{period}__v2", *LEVELS)
    assert office.run_ends(FISCAL, f"start__{period}__v2") == "success"

    row = office.row(FISCAL, period)
    kinds = [event.kind for event in row.events]
    assert kinds.count("answer_refused") == 2, "… but refused and asked again, on record"
    assert kinds.count("returned") == kinds.count("published") == kinds.count("verified") == 1
    assert kinds.count("approved") == len(LEVELS)
    assert [(draft.version, draft.state) for draft in row.drafts] == [
        (1, "generated"), (2, "generated"), (2, "filled"), (2, "final"),
    ]  # fmt: skip
    assert row.occurrence.is_met
    assert row.occurrence.historical
    assert len(office.published(FISCAL, period)) == 1
    page = next((office.settings.home / "packages/demo/fiscal-monthly" / period).glob("*/page.html")).read_text("utf-8")
    assert "测试填写" in page
    assert "待填写" not in page
    assert "送审稿" not in page


def test_marking_tasks_successful_publishes_nothing(office):
    period, run_id = "2017-04", "start__2017-04__v1"
    office.admin.start(FISCAL, run_id, period=period)
    for task_id in ("complete", *(f"review_{level}" for level in LEVELS)):
        office.form(FISCAL, run_id, task_id)
        office.mark_successful(FISCAL, run_id, task_id)
    assert office.run_ends(FISCAL, run_id) == "failed"
    assert office.admin.tasks(FISCAL, run_id)["publish"] == "failed"
    assert office.published(FISCAL, period) == []
    assert not office.row(FISCAL, period).occurrence.is_met


def test_an_incident_is_published_and_its_conference_counts_when_it_was_held(office):
    happened = office.now - timedelta(hours=1)
    conf = {**INCIDENT, "happened_at": happened.isoformat(), "event_id": "held-one"}
    office.admin.start("report_event", "report-1", conf=conf)
    office.admin.start("report_event", "report-2", conf=conf)  # a repeated report changes nothing
    run_id = "start__held-one__v1"
    for dag_id in (BULLETIN, CONFERENCE):
        office.complete(dag_id, run_id)
        office.approve(dag_id, run_id, "final", "secrecy")  # in parallel, in any order
    proof = {"place": "新闻发布厅", "host": "主持人", "record": "实录存档第1号"}
    assert office.is_refused("reviewer", CONFERENCE, run_id, "confirm", CONFIRM, **proof, fulfilled_at="明天")
    held = office.now - timedelta(minutes=30)
    fulfilled = {**proof, "fulfilled_at": held.isoformat(timespec="seconds")}
    office.give("reviewer", CONFERENCE, run_id, "confirm", CONFIRM, **fulfilled)
    assert office.run_ends(BULLETIN, run_id) == office.run_ends(CONFERENCE, run_id) == "success"
    bulletin, conference = office.row(BULLETIN, "held-one"), office.row(CONFERENCE, "held-one")
    assert bulletin.occurrence.due_at == (happened + timedelta(hours=5)).replace(
        microsecond=bulletin.occurrence.due_at.microsecond
    )
    assert conference.occurrence.due_at - bulletin.occurrence.due_at == timedelta(hours=19)
    assert conference.occurrence.met_at == held.replace(microsecond=0)
    assert bulletin.lateness == conference.lateness == "按时"
    assert office.admin.runs("report_event").keys() >= {"report-1", "report-2"}
    assert office.wait(lambda: set(office.admin.runs("report_event").values()) == {"success"})


def test_a_file_that_comes_later_wakes_the_waiting_run(office):
    period, run_id = "2020-W14", "start__2020-W14__v1"
    office.admin.start(PRICES, run_id, period=period)
    office.wait(lambda: office.admin.tasks(PRICES, run_id).get("gather") == "deferred")
    assert office.row(PRICES, period).occurrence.stage == "waiting"
    shutil.move(
        office.settings.home / "late" / f"{period}.xlsx", office.settings.inbox / "demo/wholesale-prices-weekly"
    )
    office.form(PRICES, run_id)


def test_a_draft_is_served_to_who_may_read_its_dag_and_to_nobody_without_login(office):
    run_id = "start__2012-Q1__v1"
    office.admin.start(LAND, run_id, period="2012-Q1")
    form = office.form(LAND, run_id)
    link = next(word for word in form["body"].replace(")", " ").replace("(", " ").split() if word.endswith("page.html"))
    reviewer = office.people["reviewer"].client
    page = reviewer.get(link)
    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "演示数据" in page.text
    with office.airflow.client() as anonymous:
        del anonymous.headers["Authorization"]
        anonymous.cookies.clear()
        refused = anonymous.get(link)
        assert refused.status_code == 303
        assert "/auth/login" in refused.headers["location"]
    assert reviewer.get(link.replace("page.html", "..%2Fmodel.json")).status_code == 404


def test_twenty_unanswered_reviews_do_not_stop_the_next_event(office):
    office.change(f"/dags/{CONFERENCE}", is_paused=True)
    ids = [f"crowd-{number}" for number in range(21)]
    for number, event_id in enumerate(ids):
        happened = office.now - timedelta(minutes=30 + number)
        conf = {**INCIDENT, "happened_at": happened.isoformat(), "event_id": event_id}
        office.admin.start("report_event", f"report-{event_id}", conf=conf)
    wanted = {f"start__{event_id}__v1" for event_id in ids}

    def at_review():
        return {
            form["task_instance"]["dag_run_id"] for form in office.people["reviewer"].open_forms([BULLETIN])
        } >= wanted

    assert office.wait(at_review)


def test_secrets_of_the_instance_are_readable_by_their_owner_only(office):
    for name in ("secrets.json", "passwords.json"):
        assert (office.airflow.home / name).stat().st_mode & 0o077 == 0
    assert set(json.loads((office.airflow.home / "passwords.json").read_text())) == {"admin", "reviewer", "drafter"}

"""Review and publication on a real Airflow, by its REST API, with every account that takes part."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta

import httpx
import pytest
from demo_catalogue import BULLETIN, FISCAL, LAND, LIST, PRICES, REPORT
from desk import edited, retype
from review_office import ReviewOffice, review_office
from websites import Reply, website

from obligations.orchestration.demo.demo import INCIDENT
from obligations.orchestration.review.answers import CONFIRM, RELEASE, RETURN, SUBMIT
from obligations.words.times import SHANGHAI

pytestmark = pytest.mark.airflow

INCIDENT_ID = "by-word-of-mouth"
FOUR = {"first": "first", "second": "second", "secrecy": "secrecy", "final": "leader"}
RUNS = {
    LIST: ("2017-06",), FISCAL: ("2017-06", "2017-05", "2017-04", "2017-03"), LAND: ("2012-Q1",),
    PRICES: ("2020-W14",), REPORT: ("2017-06",),
}  # fmt: skip
COMPLETED = (
    (FISCAL, "2017-05", "drafter"), (FISCAL, "2017-04", "drafter"), (PRICES, "2020-W14", "leader"),
    (LAND, "2012-Q1", "drafter"), (BULLETIN, INCIDENT_ID, "drafter"),
)  # fmt: skip


def run_of(period: str, number: int = 1) -> str:
    return f"start__{period}__v{number}"


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    with review_office(tmp_path_factory.mktemp("office")) as office:
        office.wait(lambda: {*RUNS, BULLETIN, "sweep", "record_decision", "watch_pages"} <= office.admin.dag_ids())
        for dag_id, periods in RUNS.items():
            for period in periods:
                office.admin.start(dag_id, run_of(period), period=period)
        happened = datetime.now(SHANGHAI) - timedelta(hours=1)
        report = {**INCIDENT, "happened_at": happened.isoformat(timespec="seconds"), "event_id": INCIDENT_ID}
        office.people["first"].start("report_event", "report", conf=report)
        office.silent.faults.failures, office.silent.faults.robots = 2, True
        _go_ahead(office)
        yield office


def _go_ahead(office: ReviewOffice) -> None:
    """Do for all runs together what is alike in them; a site in trouble takes longest to come round, so its run is first."""
    office.sign(LIST, run_of("2017-06"), **FOUR)
    for dag_id, period, person in COMPLETED:
        office.complete(dag_id, run_of(period), person)
    for dag_id, period in ((FISCAL, "2017-04"), (PRICES, "2020-W14"), (LAND, "2012-Q1")):
        office.sign(dag_id, run_of(period), first="first")


@pytest.fixture(autouse=True)
def sound_ledger(office: ReviewOffice):
    yield
    assert office.is_sound()


def test_five_accounts_take_a_draft_to_the_public_once_though_the_sites_answer_is_lost(office):
    period, run_id = "2017-06", run_of("2017-06")
    form = office.form(FISCAL, run_id)
    for person in ("stranger", "first", "leader", "admin"):
        assert office.answer(person, form, SUBMIT) == 403, person
    office.complete(FISCAL, run_id)
    assert office.answer("drafter", office.form(FISCAL, run_id, "review_first")) == 403
    office.sign(FISCAL, run_id, first="first")
    for level in ("second", "secrecy"):
        office.form(FISCAL, run_id, f"review_{level}")
    assert office.open_form(FISCAL, run_id, "review_second"), "both levels are asked at once"
    office.sign(FISCAL, run_id, secrecy="secrecy", second="second")
    reason = office.is_refused("deputy", FISCAL, run_id, "review_final")
    assert "deputy 现在不能办理终审" in reason, "a B角 does not act while the A角 is there"
    office.portal.faults.lost = 1
    office.sign(FISCAL, run_id, final="leader")
    assert office.answer("leader", office.form(FISCAL, run_id, "release"), RELEASE) == 403
    office.give("office", FISCAL, run_id, "release", RELEASE)
    assert office.run_ends(FISCAL, run_id) == "success"

    assert set(office.admin.tasks(FISCAL, run_id).values()) == {"success"}
    approved = office.events(FISCAL, period, "approved")
    assert {event.payload["level"]: event.person for event in approved} == {
        "初审": "first", "保密审查": "secrecy", "复审": "second", "终审": "leader",
    }  # fmt: skip
    assert len({event.payload["sha256"] for event in approved}) == 1
    ((published,), (verified,)) = (office.events(FISCAL, period, kind) for kind in ("published", "verified"))
    sha256 = published.payload["sha256"]
    assert office.portal.posts.count(sha256) == 2, "the first answer never came"
    assert [record["sha256"] for record in office.portal.pages.values()].count(sha256) == 1
    assert verified.payload["grade"] == "系统核验"
    row = office.row(FISCAL, period)
    assert row.occurrence.is_met
    assert row.occurrence.met_at == published.happened_at


def test_a_page_that_is_altered_after_publication_is_noticed(office):
    (published,) = office.events(FISCAL, "2017-06", "published")
    address = published.payload["address"]
    assert "258,912万元" in httpx.get(address).text
    office.portal.faults.altered[httpx.URL(address).path] = ("258,912万元", "258,913万元")
    assert office.run("watch_pages") == "success"
    (changed,) = office.events(FISCAL, "2017-06", "page_changed")
    assert (changed.payload["state"], changed.payload["address"]) == ("altered", address)
    assert "258,912万元" in changed.payload["detail"]
    assert office.row(FISCAL, "2017-06").occurrence.is_met


def test_what_was_published_wrongly_is_corrected_by_a_version_reviewed_in_full_and_stays_met(office):
    period, run_id = "2017-06", run_of("2017-06", 2)
    (wrong,) = office.events(FISCAL, period, "published")
    assert office.decide("stranger", "correction", FISCAL, period, reason="不该由我") == "failed"
    assert office.decide("drafter", "correction", FISCAL, period, reason="表2合计有误") == "success"
    assert [each.kind for each in office.row(FISCAL, period).follow_ups] == ["correction"]
    with closing(sqlite3.connect(office.settings.home / "demo" / "departments.sqlite3")) as database, database:
        database.execute("UPDATE fiscal SET 累计数 = '50216' WHERE 期间 = ? AND 项目 = '政府性基金支出'", (period,))
    office.portal.faults.altered.clear()
    assert office.run("sweep") == "success"
    office.sign(FISCAL, run_id, **FOUR)  # what was filled in before stands, and nothing else is asked
    office.give("office", FISCAL, run_id, "release", RELEASE)
    assert office.run_ends(FISCAL, run_id) == "success"
    corrected = office.events(FISCAL, period, "published")[-1]
    assert corrected.payload["sha256"] != wrong.payload["sha256"]
    drafts = [event for event in office.events(FISCAL, period, "drafted") if event.payload["version"] > 1]
    assert {event.payload["corrects"] for event in drafts if "corrects" in event.payload} == {wrong.payload["sha256"]}
    page = httpx.get(corrected.payload["address"]).text
    assert "本信息首次公开于" in page
    assert "50,216万元" in page
    row = office.row(FISCAL, period)
    assert (row.occurrence.met_at, row.follow_ups) == (wrong.happened_at, ())


def test_a_return_ends_what_is_asked_beside_it_and_asking_anew_makes_the_next_version(office):
    period, run_id = "2017-04", run_of("2017-04")
    office.form(FISCAL, run_id, "review_second")
    office.give("secrecy", FISCAL, run_id, "review_secrecy", RETURN, comment="第二段涉及未公开的数据")
    assert office.run_ends(FISCAL, run_id) == "failed"
    tasks = office.admin.tasks(FISCAL, run_id)
    assert (tasks["review_second"], tasks["review_final"], tasks["publish"], tasks["record"]) == (
        "skipped", "skipped", "skipped", "failed",
    )  # fmt: skip
    assert office.open_form(FISCAL, run_id, "review_second") is None
    assert office.decide("stranger", "redraft", FISCAL, period, reason="不该由我") == "failed"
    assert office.decide("drafter", "redraft", FISCAL, period, reason="已删去未公开的数据") == "success"
    assert office.run("sweep") == "success"
    office.complete(FISCAL, run_of(period, 2))
    office.sign(FISCAL, run_of(period, 2), **FOUR)
    office.form(FISCAL, run_of(period, 2), "release")
    events = office.events(FISCAL, period, "approved", "returned")
    assert [(event.payload["version"], event.kind) for event in events] == [
        (1, "approved"), (1, "returned"), *[(2, "approved")] * 4,
    ]  # fmt: skip
    assert [event.payload["final"] for event in events if event.kind == "approved"][-1]


def test_a_changed_number_in_an_edited_word_file_goes_out_only_with_somebodys_written_reason(office):
    period, first, second, wrong = "2017-05", run_of("2017-05"), run_of("2017-05", 2), "987,654万元"
    office.form(FISCAL, first, "review_first")
    place = f"/obligations/drafts/demo/fiscal-monthly/{period}/v1/document.docx"
    drafter = office.people["drafter"].client
    document = drafter.get(place)
    assert document.status_code == 200
    assert office.upload("stranger", FISCAL, period, document.content).status_code == 403
    changed = edited(document.content, retype("222,663万元", wrong))
    said = office.upload("drafter", FISCAL, period, changed).json()
    assert said["replaced_run"] == first
    assert "number-changed" in {found["code"] for found in said["findings"]}
    assert office.run_ends(FISCAL, first) == "success", "it ends by itself"
    assert set(office.admin.tasks(FISCAL, first).values()) == {"skipped"}

    reason = office.is_refused("first", FISCAL, second, "review_first")
    assert "核对发现" in reason
    assert wrong in reason
    (reviewed,) = (draft for draft in office.row(FISCAL, period).drafts if draft.version == 2)
    why = "按决算口径调整，财政局已书面确认"
    fields = {"sha256": reviewed.sha256, "reason": why}
    assert office.decide("first", "override", FISCAL, period, **fields) == "failed"
    assert office.decide("leader", "override", FISCAL, period, **fields) == "success"
    office.sign(FISCAL, second, **FOUR)
    office.give("office", FISCAL, second, "release", RELEASE)
    assert office.run_ends(FISCAL, second) == "success"
    (published,) = office.events(FISCAL, period, "published")
    (overridden,) = published.payload["evidence"]["overridden"]
    assert (overridden["person"], overridden["reason"]) == ("leader", why)
    assert wrong in httpx.get(published.payload["address"]).text


def test_who_wrote_a_draft_cannot_give_its_final_review_and_a_person_posts_what_another_signed(office):
    period, run_id = "2020-W14", run_of("2020-W14")
    office.sign(PRICES, run_id, second="second", secrecy="secrecy")
    assert "leader 起草或修改过本版稿件" in office.is_refused("leader", PRICES, run_id, "review_final")
    assert office.events(PRICES, period, "answer_refused")[-1].payload["form"] == "终审"
    office.sign(PRICES, run_id, final="deputy")
    office.form(PRICES, run_id, "post")
    (package,) = (office.settings.home / "packages/demo/wholesale-prices-weekly" / period).iterdir()
    with website() as site:
        site.pages["/prices.html"] = Reply((package / "page.html").read_bytes())
        elsewhere = {"option": CONFIRM, "address": "https://www.example.com/prices.html"}
        assert "不在允许的网站之列" in office.is_refused("office", PRICES, run_id, "post", **elsewhere)
        office.give("office", PRICES, run_id, "post", CONFIRM, address=site.address("/prices.html"))
        assert office.run_ends(PRICES, run_id) == "success"
    ((published,), (verified,)) = (office.events(PRICES, period, kind) for kind in ("published", "verified"))
    assert (published.person, published.payload["channel"]) == ("office", "人工发布")
    assert verified.payload["grade"] == "系统核验"
    assert datetime.fromisoformat(verified.payload["published_at"]) > published.happened_at, "when it was first seen"


def test_a_delegate_signs_while_the_leader_is_away_and_the_package_goes_to_an_object_store(office):
    period, run_id = "2012-Q1", run_of("2012-Q1")
    office.sign(LAND, run_id, secrecy="secrecy", second="second")
    assert office.answer("leader", office.form(LAND, run_id, "review_final")) == 403, "no signer of this department"
    assert "deputy 现在不能办理终审" in office.is_refused("deputy", LAND, run_id, "review_final"), (
        "a delegate was named"
    )
    office.sign(LAND, run_id, final="second")
    assert office.run_ends(LAND, run_id) == "success"
    ((published,), (verified,)) = (office.events(LAND, period, kind) for kind in ("published", "verified"))
    found = office.store.keys()
    folder = f"demo/land-supply-quarterly/{period}/{published.payload['sha256'][:16]}"
    assert {f"{folder}/page.html", f"{folder}/manifest.json"} <= found
    assert (published.payload["channel"], verified.payload["grade"]) == ("对象存储", "系统核验")
    assert office.row(LAND, period).occurrence.is_met


def test_an_approval_by_word_of_mouth_is_entered_by_the_duty_room_and_its_paperwork_follows(office):
    run_id = run_of(INCIDENT_ID)
    for level in ("secrecy", "final"):
        office.form(BULLETIN, run_id, f"review_{level}")
    texts = {"oral_by": "演示乙", "oral_at": datetime.now(SHANGHAI).isoformat(timespec="seconds")}
    reason = office.is_refused("first", BULLETIN, run_id, "review_final", **texts)
    assert "不能作为终审的口头批准人" in reason
    assert "first 现在不能办理终审" in office.is_refused("first", BULLETIN, run_id, "review_final")
    office.give("first", BULLETIN, run_id, "review_final", **{**texts, "oral_by": "演示戊"})
    office.sign(BULLETIN, run_id, secrecy="secrecy")
    assert office.run_ends(BULLETIN, run_id) == "success"
    approved = {event.payload["level"]: event for event in office.events(BULLETIN, INCIDENT_ID, "approved")}
    assert (approved["终审"].person, approved["终审"].payload["oral"]["entered_by"]) == ("leader", "first")
    (passed,) = office.events(BULLETIN, INCIDENT_ID, "passed")
    assert passed.payload["level"] == "指挥部审核", "nobody holds it"
    row = office.row(BULLETIN, INCIDENT_ID)
    assert (row.occurrence.is_met, row.lateness) == (True, "按时")
    assert [each.kind for each in row.follow_ups] == ["paperwork"]
    paper = {"level": "终审", "proof": "信息发布审批单第1号"}
    assert office.decide("stranger", "formalize", BULLETIN, INCIDENT_ID, **paper) == "failed"
    assert office.decide("drafter", "formalize", BULLETIN, INCIDENT_ID, **paper) == "success"
    assert office.row(BULLETIN, INCIDENT_ID).follow_ups == ()


def test_what_is_reported_upwards_has_no_way_to_the_public_and_is_closed_by_its_receipt(office):
    period, run_id = "2017-06", run_of("2017-06")
    tasks = office.admin.tasks(REPORT, run_id).keys()
    assert tasks >= {"complete", "review_final", "confirm", "record"}
    assert not tasks & {"release", "publish", "post", "verify"}
    office.sign(REPORT, run_id, **FOUR)
    form = office.form(REPORT, run_id, "confirm")
    submitted = {"fulfilled_at": datetime.now(SHANGHAI).isoformat(timespec="seconds"), "recipient": "演示市政府办公室"}
    assert office.answer("first", form, CONFIRM, **submitted, receipt="签收1号") == 403
    assert "尚未填写" in office.is_refused("drafter", REPORT, run_id, "confirm", CONFIRM, **submitted)
    office.give("drafter", REPORT, run_id, "confirm", CONFIRM, **submitted, receipt="签收1号")
    assert office.run_ends(REPORT, run_id) == "success"
    row = office.row(REPORT, period)
    assert (row.occurrence.is_met, row.occurrence.stage_label) == (True, "已报送")
    assert "published" not in office.kinds(REPORT, period)
    assert not [path for path in office.portal.pages if "progress-report" in path]


def test_marking_every_task_successful_as_administrator_publishes_nothing(office):
    period, run_id = "2017-03", run_of("2017-03")
    asked, done = ("complete", *(f"review_{level}" for level in FOUR)), ("release", "publish", "post", "record")
    for task_id in asked:
        office.form(FISCAL, run_id, task_id)
        office.mark_successful(FISCAL, run_id, task_id)
    for task_id in done:
        office.wait(lambda task_id=task_id: office.admin.tasks(FISCAL, run_id)[task_id] == "failed")
        office.mark_successful(FISCAL, run_id, task_id)
    office.run_ends(FISCAL, run_id)  # successful or failed, by whether the scheduler was faster than the last mark
    tasks = office.admin.tasks(FISCAL, run_id)
    assert {tasks[task_id] for task_id in (*asked, *done)} == {"success"}, "Airflow believes it"
    assert not {"approved", "released", "published", "verified"} & set(office.kinds(FISCAL, period))
    assert not [path for path in office.portal.pages if period in path]
    assert not list((office.settings.home / "packages").rglob(f"*{period}*"))
    assert not office.row(FISCAL, period).occurrence.is_met


def test_a_site_in_trouble_is_asked_again_and_one_that_refuses_robots_is_vouched_for(office):
    period, run_id = "2017-06", run_of("2017-06")
    office.wait(lambda: office.admin.tasks(LIST, run_id).get("verify") == "deferred")
    (published,) = office.events(LIST, period, "published")
    assert office.silent.posts == [published.payload["sha256"]] * 3, "500 twice, then 201"
    assert len(office.silent.pages) == 1
    assert office.events(LIST, period, "looked")[0].payload["outcome"] == "blocked"
    assert office.run("sweep") == "success"
    assert "missed" not in office.kinds(LIST, period)
    row = office.row(LIST, period)
    assert (row.occurrence.stage_label, row.occurrence.is_met) == ("已发布待核验", False)

    seen = {"at": datetime.now(SHANGHAI).isoformat(timespec="seconds"), "basis": "截图", "proof": "截图存档第1号"}
    assert office.decide("office", "vouch", LIST, period, **seen) == "failed", "the responsible person's"
    assert office.decide("drafter", "vouch", LIST, period, **seen) == "success"
    assert office.decide("drafter", "accept", LIST, period) == "failed", "the office's"
    assert not office.row(LIST, period).occurrence.is_met
    assert office.decide("office", "accept", LIST, period) == "success"
    assert office.run_ends(LIST, run_id) == "success"
    (verified,) = office.events(LIST, period, "verified")
    said = verified.payload
    assert (said["grade"], said["vouched_by"], said["accepted_by"]) == ("人工佐证", "drafter", "office")
    row = office.row(LIST, period)
    assert row.occurrence.is_met
    assert row.occurrence.met_at == datetime.fromisoformat(seen["at"])
    assert row.publications[-1].grade == "人工佐证"

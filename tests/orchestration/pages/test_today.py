"""今日待办: what is late, due or somebody's turn stands where it belongs, one's own first, and nobody sees another's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from obligations.orchestration.events.incidents import read_report, report
from obligations.orchestration.pages import today
from obligations.orchestration.settings import Settings
from obligations.orchestration.work import expect, open_work
from obligations.rules.catalogue import load_one
from obligations.steps.ledger import Sweeps, open_ledger
from obligations.words.times import SHANGHAI
from tests.support.office_pages import AsUser, browsers, settings_of

NOW = datetime(2026, 11, 18, 10, 0, tzinfo=SHANGHAI)  # a Wednesday
FISCAL, PRICES, LAND = "demo/fiscal-monthly", "demo/wholesale-prices-weekly", "demo/land-supply-quarterly"
CONTACTS = """
people:
  - {id: jia, name: 演示甲, account: finance, email: jia@example.cn}
  - {id: yi, name: 演示乙, account: office, email: yi@example.cn}
  - {id: bing, name: 演示丙, account: farming, email: bing@example.cn}
  - {id: ding, name: 演示丁, account: reviewer, email: ding@example.cn}
  - {id: wu, name: 演示戊, account: duty, email: wu@example.cn}
roles:
  - {jurisdiction: demo, department: 演示单位财政局, role: responsible, holder: jia}
  - {jurisdiction: demo, department: 演示单位财政局, role: second_review, holder: ding}
  - {jurisdiction: demo, department: 演示单位农业农村局, role: responsible, holder: bing}
  - {jurisdiction: demo, role: office, holder: yi}
  - {jurisdiction: demo, role: duty_room, holder: wu}
"""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    settings = settings_of(tmp_path, monkeypatch, CONTACTS)
    monkeypatch.setattr(today, "now", lambda: NOW)
    with open_ledger(settings.ledger_url) as ledger:
        Sweeps(ledger).begin(NOW - timedelta(days=300), {})
    return settings


@pytest.fixture
def as_user(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[AsUser]:
    with browsers(monkeypatch) as log_in:
        yield log_in


def say(settings: Settings, key: str, period: str, *said: tuple[str, dict]) -> None:
    """Expect an occurrence and record what happened to it, a minute apart, the last a minute before now."""
    with open_work(settings, load_one(settings.catalogue, key), period, "run-1") as work:
        expect(work, NOW - timedelta(days=30))
        for number, (kind, payload) in enumerate(said):
            at = NOW - timedelta(minutes=len(said) - number)
            about = {"run_id": "run-1", **payload}
            work.ledger.append(key, period, kind, happened_at=at, recorded_at=at, payload=about)


def section(page: str, code: str) -> str:
    """Return one section of the page; empty where it is not there."""
    found = re.search(rf'<section aria-labelledby="{code}">(.*?)</section>', page, re.DOTALL)
    return found[1] if found else ""


OPENED = ("opened", {"number": 1})
ASKED = {"version": 1, "sha256": "a" * 64}


def test_what_is_late_stands_first_and_says_who_holds_it(settings, as_user):
    say(settings, FISCAL, "2026-09", OPENED, ("waiting", {"reason": "数据未到"}))
    page = as_user("finance").get("/").text
    late = section(page, "overdue")
    for said in ("2026年9月", "已逾期", "等待数据", "报送数据：演示甲（责任人）", "由我办理", "演示单位财政局"):
        assert said in late
    assert f"/obligations/occurrences/{FISCAL}/2026-09" in late
    assert page.index('id="overdue"') < page.index('id="done"')


def test_what_waits_for_review_names_each_level_and_leads_to_its_form(settings, as_user):
    levels = [("review_requested", {**ASKED, "level": name, "roles": [role]}) for name, role in
              (("复审", "second_review"), ("保密审查", "secrecy_review"))]  # fmt: skip
    say(settings, FISCAL, "2026-11", OPENED, ("drafted", {**ASKED, "state": "generated"}), *levels)
    page = as_user("reviewer").get("/").text
    waiting = section(page, "review")
    assert "复审：演示丁（复审人）" in waiting
    assert "保密审查：保密审查人（无人担任）" in waiting
    assert "由我办理" in waiting
    assert f"/obligations/occurrences/{FISCAL}/2026-11#form-review_second" in waiting
    assert "由我办理" not in section(as_user("finance").get("/").text, "review")


def test_a_level_that_was_answered_is_asked_no_more(settings, as_user):
    asked = [("review_requested", {**ASKED, "level": name}) for name in ("复审", "保密审查")]
    say(settings, FISCAL, "2026-11", OPENED, *asked, ("approved", {**ASKED, "level": "复审", "final": False}))
    waiting = section(as_user("office").get("/").text, "review")
    assert "保密审查：" in waiting
    assert "复审：" not in waiting


def test_the_drafter_is_not_told_to_sign(settings, as_user):
    contacts = settings.contacts
    signer = "  - {jurisdiction: demo, department: 演示单位财政局, role: final_review, holder: jia}\n"
    contacts.write_text(contacts.read_text("utf-8") + signer, "utf-8")
    say(settings, FISCAL, "2026-11", OPENED, ("review_requested", {**ASKED, "level": "终审"}))
    assert "由我办理" in section(as_user("finance").get("/").text, "review")
    with open_ledger(settings.ledger_url) as ledger:
        ledger.append(FISCAL, "2026-11", "drafted", happened_at=NOW, recorded_at=NOW, person="finance",
                      payload={**ASKED, "state": "filled"})  # fmt: skip
        ledger.append(FISCAL, "2026-11", "review_requested", happened_at=NOW, recorded_at=NOW,
                      payload={**ASKED, "level": "终审"})  # fmt: skip
    assert "由我办理" not in section(as_user("finance").get("/").text, "review")


TURNS = {
    "a return": ([("returned", {**ASKED, "level": "复审", "comment": "请改"})], "returned", "修改稿件：演示甲",
                 f"/obligations/uploads/{FISCAL}/2026-11"),
    "open blanks": ([("drafted", ASKED), ("completion_requested", ASKED)], "pending", "完善稿件：演示甲",
                    "#form-complete"),
    "the check before release": ([("approved", {**ASKED, "level": "终审"}), ("release_requested", ASKED)], "pending",
                                 "发布前核验：演示乙", "#form-release"),
    "an address to enter": ([("approved", {**ASKED, "level": "终审"})], "pending", "发布并登记网址：演示甲",
                            "#form-post"),
    "a page not yet proven": ([("published", {**ASKED, "address": "https://www.example.gov.cn/1"})], "unverified",
                              "提供佐证：演示甲", "/dags/record_decision"),
    "a run that failed": ([("failed", {"stage": "审核中"})], "failed", "排除故障：系统运维（无人担任）",
                          "/dags/demo.fiscal-monthly/runs/run-1"),
    "data at fault": ([("bad_input", {"file": "a.csv", "problems": ["第2行"]})], "waiting", "更正数据：演示甲",
                      f"/obligations/occurrences/{FISCAL}/2026-11"),
}  # fmt: skip


@pytest.mark.parametrize("case", TURNS)
def test_each_stage_has_its_section_its_holder_and_one_click(settings, as_user, case):
    said, code, holder, href = TURNS[case]
    say(settings, FISCAL, "2026-11", OPENED, *said)
    shown = section(as_user("office").get("/").text, code)
    assert holder in shown
    assert f'{href}"' in shown


def test_evidence_that_was_handed_in_is_the_offices_to_accept(settings, as_user):
    vouched = {"address": "https://www.example.gov.cn/1", "fulfilled_at": (NOW - timedelta(hours=1)).isoformat()}
    say(settings, FISCAL, "2026-11", OPENED, ("published", {**ASKED, **vouched}), ("vouched", vouched))
    assert "采信佐证：演示乙（政务公开办）" in section(as_user("office").get("/").text, "unverified")


def test_each_stands_in_one_section_by_when_it_is_due(settings, as_user):
    say(settings, PRICES, "2026-W46")
    say(settings, PRICES, "2026-W47")
    page = as_user("farming").get("/").text
    with open_ledger(settings.ledger_url) as ledger:
        dues = {period: ledger.occurrence(PRICES, period).due_at for period in ("2026-W46", "2026-W47")}
    for period, due_at in dues.items():
        code = "overdue" if due_at < NOW else "soon" if due_at <= NOW + timedelta(days=1) else "week"
        name = f'/{period}"'
        expected = code if due_at <= datetime(2026, 11, 23, tzinfo=SHANGHAI) else ""
        places = [one for one in ("overdue", "soon", "week") if name in section(page, one)]
        assert places == ([expected] if expected else [])


def test_own_lines_come_first(settings, as_user):
    say(settings, PRICES, "2026-W40", OPENED, ("waiting", {}))
    say(settings, FISCAL, "2026-09", OPENED, ("waiting", {}))
    for account in ("finance", "office"):
        late = section(as_user(account).get("/").text, "overdue")
        rows = re.findall(r"<tr( class=\"mine\")?>\s*<th scope=\"row\"><a href=\"[^\"]*/occurrences/([^\"]+)\"", late)
        if account == "office":
            assert [key for _, key in rows] == [f"{PRICES}/2026-W40", f"{FISCAL}/2026-09"], "earliest due first"
    contacts = settings.contacts
    contacts.write_text(contacts.read_text("utf-8").replace("演示单位财政局, role: responsible, holder: jia",
                                                           "演示单位财政局, role: responsible, holder: yi"), "utf-8")  # fmt: skip
    late = section(as_user("office").get("/").text, "overdue")
    assert late.index(f"{FISCAL}/2026-09") < late.index(f"{PRICES}/2026-W40")


def test_what_went_public_today_is_listed(settings, as_user):
    said = {**ASKED, "address": "https://www.example.gov.cn/1"}
    say(settings, FISCAL, "2026-10", OPENED, ("published", said), ("verified", said))
    done = section(as_user("finance").get("/").text, "done")
    assert "已公开" in done
    assert "2026年11月18日09:58" in done


def test_an_incident_stands_on_top_with_its_running_clocks(settings, as_user):
    happened = NOW - timedelta(minutes=30)
    said = {"type": "incident", "level": "重大", "title": "示例路段<事故>", "happened_at": happened.isoformat()}
    report(settings, read_report(said, NOW), NOW)
    page = as_user("duty").get("/").text
    assert page.index('id="incidents"') < page.index('id="soon"')
    shown = section(page, "incidents")
    assert "示例路段&lt;事故&gt;" in shown
    assert "data-due=" in shown
    assert "下次通报" in shown
    assert section(as_user("finance").get("/").text, "incidents") == ""


def test_paperwork_of_an_oral_approval_stays_until_it_is_brought(settings, as_user):
    happened = NOW - timedelta(hours=1)
    said = {"type": "incident", "level": "重大", "title": "示例事故", "happened_at": happened.isoformat()}
    event = report(settings, read_report(said, NOW), NOW).event
    oral = {**ASKED, "level": "终审", "oral": {"by": "演示领导", "at": happened.isoformat()}}
    with open_ledger(settings.ledger_url) as ledger:
        ledger.append("demo/incident-bulletin", event.id, "approved", happened_at=NOW, recorded_at=NOW, payload=oral)
    owed = section(as_user("office").get("/").text, "paperwork")
    assert "补办手续：" in owed
    assert "由我办理" in owed
    with open_ledger(settings.ledger_url) as ledger:
        ledger.append("demo/incident-bulletin", event.id, "formalized", happened_at=NOW, recorded_at=NOW, payload=oral)
    assert section(as_user("office").get("/").text, "paperwork") == ""


def test_nobody_sees_another_departments_work(settings, as_user):
    say(settings, FISCAL, "2026-09", OPENED, ("waiting", {}))
    assert "2026年9月" in as_user("office").get("/").text
    for account, role in (("farming", "viewer"), ("stranger", "admin"), ("finance", None)):
        page = as_user(account, role).get("/")
        assert page.status_code == 200
        assert "2026年9月" not in page.text
        assert "目前没有需要办理的事项" in page.text


def test_without_contacts_airflows_right_is_all_there_is(settings, as_user, monkeypatch):
    say(settings, FISCAL, "2026-09", OPENED, ("waiting", {}))
    monkeypatch.delenv("OBLIGATIONS_CONTACTS")
    page = as_user("anybody").get("/").text
    assert "没有设置通讯录" in page
    assert "报送数据：责任人" in section(page, "overdue")
    assert "由我办理" not in page


def test_a_historical_entry_asks_for_nothing(settings, as_user):
    with open_work(settings, load_one(settings.catalogue, FISCAL), "2020-09", "run") as work:
        expect(work, NOW)
    assert "目前没有需要办理的事项" in as_user("finance").get("/").text


def test_who_is_not_logged_in_logs_in_first(as_user):
    answer = as_user(None).get("/")
    assert answer.status_code == 303
    assert "/api/v2/auth/login" in answer.headers["Location"]
    filtered = as_user(None).get("/register?state=逾期&page=2").headers["Location"]
    (place,) = parse_qs(urlsplit(filtered).query)["next"]
    assert parse_qs(urlsplit(place).query) == {"state": ["逾期"], "page": ["2"]}, "what was filtered is after it, too"


def test_the_page_runs_no_script_of_anybody_elses(settings, as_user):
    page = as_user("office").get("/")
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "style=" not in page.text
    assert not re.search(r"<script(?! src=\"/obligations/static)", page.text)


def test_contacts_at_fault_are_said_without_naming_anybody(settings, as_user):
    settings.contacts.write_text("people: [{id: X}]", "utf-8")
    answer = as_user("office").get("/")
    assert answer.status_code == 503
    assert "obligations contacts check" in answer.text


def test_who_stands_in_for_departments_that_have_nobody_sees_those_and_no_others(settings, as_user):
    say(settings, FISCAL, "2026-09", OPENED, ("waiting", {}))
    say(settings, LAND, "2026-Q3", OPENED, ("waiting", {}))
    for_all = "  - {jurisdiction: demo, role: responsible, holder: wu}\n"
    settings.contacts.write_text(settings.contacts.read_text("utf-8") + for_all, "utf-8")
    page = as_user("duty").get("/register").text
    assert f"/occurrences/{LAND}/2026-Q3" in page, "the 自然资源局 has nobody of its own"
    office_only = settings.contacts.read_text("utf-8").replace(
        "role: duty_room, holder: wu", "role: duty_room, holder: yi"
    )
    settings.contacts.write_text(office_only, "utf-8")
    page = as_user("duty").get("/register").text
    assert f"/occurrences/{LAND}/2026-Q3" in page
    assert f"/occurrences/{FISCAL}/2026-09" not in page
    assert as_user("duty").get(f"/occurrences/{FISCAL}/2026-09").status_code == 404
    assert as_user("duty").get(f"/occurrences/{LAND}/2026-Q3").status_code == 200

"""An incident is over when somebody says so, once, with a reason; its register stays sound and a follow-up may be dropped."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import AirflowFailException
from sqlalchemy import text

from obligations.orchestration.commands.cli import main
from obligations.orchestration.events import dag as form
from obligations.orchestration.events.closing import close_event
from obligations.orchestration.events.incidents import read_report, report
from obligations.orchestration.people import NotAllowed
from obligations.orchestration.settings import PACKAGE, Settings
from obligations.steps.ledger import open_ledger, verify_ledger
from obligations.words.errors import UnusableInput
from obligations.words.times import SHANGHAI

HAPPENED = datetime(2026, 11, 10, 14, 5, tzinfo=SHANGHAI)
NOW = HAPPENED + timedelta(hours=1)
ENDED = HAPPENED + timedelta(hours=20)
LATER = ENDED + timedelta(hours=1)
SAID = {"type": "incident", "level": "重大", "title": "示例路段事故", "happened_at": HAPPENED.isoformat()}
REASON = "现场处置完毕，应急响应终止"
CONTACTS = """
people:
  - {id: zhang, name: 演示甲, account: finance, email: jia@example.cn}
  - {id: li, name: 演示乙, account: duty, email: yi@example.cn}
roles:
  - {jurisdiction: demo, department: 演示单位财政局, role: responsible, holder: zhang}
  - {jurisdiction: demo, role: duty_leader, holder: li}
"""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("OBLIGATIONS_HOME", str(tmp_path))
    monkeypatch.setenv("OBLIGATIONS_CATALOGUE", str(PACKAGE / "catalogue"))
    monkeypatch.setenv("OBLIGATIONS_JURISDICTIONS", "demo")
    return Settings.from_environment()


@pytest.fixture
def incident(settings: Settings) -> str:
    return report(settings, read_report(SAID, NOW), NOW).event.id


def test_it_is_closed_once_and_every_occurrence_it_opened_is_told(settings, incident):
    event, is_new = close_event(settings, incident, ENDED, REASON, "值班甲", LATER)
    assert (event.closed_at, event.level, is_new) == (ENDED, "重大", True)
    assert close_event(settings, incident, ENDED, REASON, "值班甲", LATER + timedelta(days=1)) == (event, False)
    with open_ledger(settings.ledger_url) as ledger:
        assert ledger.get_reported_event(incident).closed_at == ENDED
        last = ledger.events("demo/incident-bulletin", incident)[-1]
        assert (last.kind, last.person, last.payload["counts"]) == ("progress", "值班甲", False)
        assert last.payload["note"] == f"事件已于2026年11月11日10:05结束：{REASON}"
        assert verify_ledger(ledger) == []


def test_the_end_is_part_of_the_chain(settings, incident):
    close_event(settings, incident, ENDED, REASON, "值班甲", LATER)
    with open_ledger(settings.ledger_url) as ledger:
        with ledger.writing() as connection:
            connection.execute(text("DROP TRIGGER reported_event_no_update"))
            connection.execute(
                text("UPDATE reported_event SET fields = replace(fields, '值班甲', '值班乙') WHERE seq = 2")
            )
        assert verify_ledger(ledger) == [f"事件 {incident} 的第 2 次报告被改动，或其前有报告被删除"]


REFUSED = {
    "before it happened": ({"at": HAPPENED - timedelta(minutes=1)}, "结束时间2026年11月10日14:04不可用"),
    "in the future": ({"at": LATER + timedelta(minutes=1)}, "不可用"),
    "without a reason": ({"reason": " "}, "没有写明事件结束的理由"),
    "by nobody": ({"person": ""}, "没有写明登记人"),
    "an event nobody reported": ({"event_id": "incident-x"}, "没有编号为 incident-x 的事件报告"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_end_that_cannot_be_is_refused(settings, incident, case):
    changed, said = REFUSED[case]
    given = {"event_id": incident, "at": ENDED, "reason": REASON, "person": "值班甲", "now": LATER} | changed
    with pytest.raises(UnusableInput, match=said):
        close_event(settings, **given)


def test_once_over_neither_its_end_nor_its_level_changes(settings, incident):
    close_event(settings, incident, ENDED, REASON, "值班甲", LATER)
    with pytest.raises(UnusableInput, match="已登记为2026年11月11日10:05结束，不能再改"):
        close_event(settings, incident, ENDED - timedelta(hours=1), REASON, "值班甲", LATER)
    again = {**SAID, "event_id": incident, "level": "特别重大", "reported_at": LATER.isoformat()}
    with pytest.raises(UnusableInput, match="不能再变更级别；又有新的情况，请另编一号登记"):
        report(settings, read_report(again, LATER), LATER)
    assert not report(settings, read_report({**SAID, "event_id": incident}, LATER), LATER).is_new, "a repeat is none"


def test_what_is_no_incident_has_no_end(settings):
    said = {"type": "本要点公布", "title": "要点", "happened_at": HAPPENED.isoformat()}
    settings = Settings.from_environment({"OBLIGATIONS_HOME": str(settings.home)})
    event = report(settings, read_report(said, NOW), NOW).event
    with pytest.raises(UnusableInput, match="不是突发事件"):
        close_event(settings, event.id, ENDED, REASON, "值班甲", LATER)


def test_with_contacts_it_takes_one_of_the_roles(settings, incident, tmp_path, monkeypatch):
    contacts = tmp_path / "contacts.yaml"
    contacts.write_text(CONTACTS, "utf-8")
    monkeypatch.setenv("OBLIGATIONS_CONTACTS", str(contacts))
    own = Settings.from_environment()
    with pytest.raises(NotAllowed, match="账号 finance 不能登记事件结束"):
        close_event(own, incident, ENDED, REASON, "finance", LATER)
    assert close_event(own, incident, ENDED, REASON, "duty", LATER)[1]


def test_the_command_closes_under_the_name_given(settings, capsys):
    said = {**SAID, "happened_at": "2025-11-10T14:05"}
    now = datetime(2025, 11, 10, 15, tzinfo=SHANGHAI)
    event = report(settings, read_report(said, now), now).event.id
    words = ["close-event", event, "--at", "2025-11-11T10:00", "--reason", REASON, "--person", "值班甲", "--json"]
    assert main(words) == 0
    assert json.loads(capsys.readouterr().out) == {
        "event_id": event, "closed_at": "2025-11-11T10:00:00+08:00", "is_new": True,
    }  # fmt: skip
    assert main([*words[:3], "2025-11-09", *words[4:]]) == 2


def test_the_form_closes_under_the_account_that_triggered_it_and_only_with_an_id(settings, incident, monkeypatch):
    monkeypatch.setattr(form, "now", lambda: LATER)
    monkeypatch.setattr(form, "start_ready", lambda *_, **__: SimpleNamespace(alarms=()))
    task = form.report_event_dag().get_task("report")
    ended = {**SAID, "closed_at": ENDED.isoformat(), "closed_reason": REASON}
    run = SimpleNamespace(triggering_user_name="duty")
    with pytest.raises(AirflowFailException, match="请填写 event_id"):
        task.python_callable(params=ended, dag_run=run)
    task.python_callable(params={**ended, "event_id": incident}, dag_run=run)
    with open_ledger(settings.ledger_url) as ledger:
        assert ledger.get_reported_event(incident).closed_at == ENDED
        assert ledger.events("demo/incident-bulletin", incident)[-1].person == "duty"

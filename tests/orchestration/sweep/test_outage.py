"""Ten days without anything running, across due dates: what was missed is dated right, what is late runs in due order, told at once."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import timedelta

import pytest
from table_of_runs import TableOfRuns

from obligations.steps.notify import MailServer
from obligations.words.times import SHANGHAI, parse_instant

BEFORE = parse_instant("2026-09-18T10:00").astimezone(SHANGHAI)  # a Friday
AFTER = parse_instant("2026-09-28T10:00").astimezone(SHANGHAI)  # a Monday: seven working days later, Mid-Autumn within
MISSED = """
SELECT o.obligation_key, o.period, e.happened_at, o.due_at FROM event e JOIN occurrence o ON o.id = e.occurrence_id
WHERE e.kind = 'missed' ORDER BY e.id
"""
DUE = "SELECT count(*) FROM occurrence WHERE due_at > ? AND due_at <= ? AND closed_at IS NULL"


@pytest.fixture
def postbox(office, mail_server, free_port):
    office.mail = MailServer("127.0.0.1", free_port, "gongkai@example.cn", tls=False, timeout=60)
    return mail_server(free_port)


@pytest.fixture
def down(office, postbox):
    """Let the office work until everything stops, minutes after an incident was reported, and say what mail went out."""
    office.sweep(BEFORE)
    office.report("incident", BEFORE - timedelta(hours=1), BEFORE, level="重大", event_id="before")
    office.report("政策公布", BEFORE - timedelta(hours=2), BEFORE, event_id="policy")
    office.sweep(BEFORE + timedelta(minutes=1))
    told = len(postbox.received)
    postbox.received.clear(), postbox.recipients.clear()
    return told


def test_after_ten_days_every_miss_has_the_instant_at_which_it_fell_due(office, down):
    report = office.sweep(AFTER, runs=TableOfRuns())
    missed = office.table(MISSED)
    assert len(missed) >= 3
    assert {happened for _, _, happened, _ in missed} == {due for *_, due in missed}
    assert {key for key, *_ in missed} >= {"county/bulletin", "county/weekly"}
    assert ("county/bulletin", "before") in {(key, period) for key, period, *_ in missed}
    assert "sweep-gap" in {alarm.kind for alarm in report.alarms}
    assert (office.sweep(AFTER + timedelta(minutes=10)).missed, office.table(MISSED)) == ([], missed)
    office.require_sound()


def test_after_ten_days_late_runs_start_in_the_order_in_which_they_are_due(office, down):
    runs = TableOfRuns()
    report = office.sweep(AFTER, runs=runs)
    office.sweep(AFTER + timedelta(minutes=11), runs=runs)  # the timetable has had its turn with what opened meanwhile
    started = [(dag_id.partition(".")[2], run_id.split("__")[1]) for dag_id, run_id in runs.states]
    dues = [office.row(*place).due_at for place in started]
    first = len(report.started)
    assert len(started) >= 5
    assert dues[:first] == sorted(dues[:first])
    assert dues[first:] == sorted(dues[first:])
    assert len(set(started)) == len(started), "each once"


def test_after_ten_days_each_recipient_gets_one_message_of_each_urgency(office, down, postbox):
    office.sweep(AFTER, runs=TableOfRuns())
    mails = Counter(
        (recipient, "紧急" in mail["Subject"])
        for mail, recipients in zip(postbox.received, postbox.recipients, strict=True)
        for recipient in recipients
    )
    assert mails
    assert set(mails.values()) == {1}, mails
    ids = [mail["Message-ID"] for mail in postbox.received]
    assert len(set(ids)) == len(ids)
    office.sweep(AFTER + timedelta(minutes=30), runs=TableOfRuns())
    assert len(postbox.received) == len(ids), "and nothing twice"


def test_a_catalogue_that_breaks_while_everything_runs_loses_nothing_and_is_mended_without_a_trace(office, tmp_path):
    runs, folder = TableOfRuns(), office.settings.catalogue / "county"
    office.sweep(BEFORE, runs=runs)
    kept = tmp_path / "kept"
    shutil.copytree(folder, kept)
    begun = dict(runs.states)
    for number, damage in enumerate(("title: [", "", "\x00", "- a\n- b", None), start=1):
        for file in folder.glob("*.yaml"):
            file.write_text(damage, "utf-8") if damage is not None else file.unlink()
        now = BEFORE + timedelta(days=number)
        report = office.sweep(now, runs=runs)
        assert report.alarms, "somebody is told"
        assert {place: runs.states[place] for place in begun} == begun, "what works goes on"
    broken = office.table(MISSED)
    assert broken, "what falls due is missed all the same"
    assert {happened for _, _, happened, _ in broken} == {due for *_, due in broken}
    shutil.rmtree(folder)
    shutil.copytree(kept, folder)
    office.sweep(AFTER, runs=runs)
    moved = office.table("SELECT count(*) FROM event WHERE kind IN ('rebound', 'waived', 'withdrawn')")
    assert moved == [(0,)]
    office.require_sound()

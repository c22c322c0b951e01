"""Airflow's deadlines wake the ledger for one occurrence: never raising, idempotent, 200 of them at one midnight."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime, timedelta

import pytest

from obligations.orchestration.callbacks import on_deadline
from obligations.words.times import SHANGHAI


@pytest.fixture
def awake(office, mail_server, free_port, monkeypatch):
    """An office as the triggerer sees it, swept first yesterday by the real clock, which the callback reads; its postbox."""
    for name, value in office.environment.items():
        monkeypatch.setenv(name, value)
    address = f"smtp://127.0.0.1:{free_port}/?from_email=gongkai%40example.cn&disable_ssl=true&disable_tls=true"
    monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", address)
    office.now = datetime.now(SHANGHAI)
    office.sweep(office.now - timedelta(days=1))
    return mail_server(free_port)


def incident(office, number: int = 0) -> str:
    """Report an incident whose five hours ran out a second ago."""
    happened = office.now - timedelta(hours=5, seconds=1)
    return office.report("incident", happened, happened, level="重大", place=f"第{number}处")


def deadline(period: str, key: str = "county/bulletin", limit: str = "due_at"):
    run = {"dag_run_id": f"start__{period}__v1", "partition_key": None, "conf": {"event_id": period}}
    return on_deadline(key, limit, context={"dag_run": run, "deadline": {"id": "x"}})


def test_a_deadline_marks_the_miss_and_tells_the_duty_room_at_once(office, awake):
    period = incident(office)
    assert asyncio.run(deadline(period)) is None
    assert len(office.events("bulletin", period, "missed")) == 1
    told = Counter(to for recipients in awake.recipients for to in recipients)
    assert told == dict.fromkeys(["bing@example.cn", "jia@example.cn", "yi@example.cn", "zhiban@example.cn"], 1)


def test_a_deadline_delivered_again_changes_nothing(office, awake):
    period = incident(office)
    asyncio.run(deadline(period))
    before, letters = len(office.events("bulletin", period)), len(awake.received)
    asyncio.run(deadline(period))
    assert (len(office.events("bulletin", period)), len(awake.received)) == (before, letters)


def test_a_deadline_of_what_is_met_tells_nobody(office, awake):
    period = incident(office)
    in_time = office.now - timedelta(hours=1)
    office.append("bulletin", period, "published", in_time, version=1, sha256="a" * 64)
    office.append("bulletin", period, "verified", in_time, sha256="a" * 64)
    asyncio.run(deadline(period))
    assert (office.events("bulletin", period, "missed"), awake.received) == ([], [])


@pytest.mark.parametrize(
    ("key", "context"),
    [
        ("county/bulletin", None),
        ("county/bulletin", {"dag_run": {"dag_run_id": "manual"}}),
        ("county/bulletin", {"dag_run": {"dag_run_id": "r", "conf": {"event_id": "unknown"}}}),
        ("county/none", {"dag_run": {"dag_run_id": "r", "partition_key": "2026-09"}}),
        ("../etc", {"dag_run": {"dag_run_id": "r", "partition_key": "2026-09"}}),
    ],
)
def test_a_deadline_that_makes_no_sense_neither_raises_nor_returns_anything(awake, key, context):
    assert asyncio.run(on_deadline(key, "due_at", context=context)) is None


def test_a_deadline_without_a_ledger_neither_raises_nor_returns_anything(awake, monkeypatch):
    monkeypatch.setenv("OBLIGATIONS_LEDGER_URL", "postgresql+psycopg2://nobody@127.0.0.1:1/none")
    assert asyncio.run(deadline("any")) is None


def test_two_hundred_deadlines_at_the_same_midnight_are_each_missed_and_told_once(office, awake):
    periods = [incident(office, number) for number in range(200)]

    async def midnight() -> list[object]:
        return await asyncio.gather(*(deadline(period) for period in periods))

    assert set(asyncio.run(midnight())) == {None}
    assert office.table("SELECT count(*), count(DISTINCT occurrence_id) FROM event WHERE kind = 'missed'") == [
        (200, 200)
    ]
    sent = "SELECT count(*), count(DISTINCT occurrence_id || payload) FROM event WHERE kind = 'notice_sent'"
    assert office.table(sent) == [(800, 800)], "four people each, each on one channel"
    assert len({letter["Message-ID"] for letter in awake.received}) == len(awake.received)
    office.require_sound()

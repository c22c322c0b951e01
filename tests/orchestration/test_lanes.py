"""Incidents have their own queue and pool where the installation names them, and only incidents do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from obligations.orchestration.dags import build_dag
from obligations.orchestration.events.dag import report_event_dag
from obligations.orchestration.settings import PACKAGE, Settings
from obligations.rules.catalogue import load_one
from obligations.words.errors import UnusableInput

PLAIN = Settings.from_environment({})
NAMED = replace(PLAIN, incident_queue="incidents", incident_pool="incidents")
INCIDENTS = ("demo/incident-bulletin", "demo/incident-press-conference", "demo/incident-followup")


def lanes(key: str, settings: Settings) -> set[tuple[str, str]]:
    dag = build_dag(load_one(PACKAGE / "catalogue", key), settings)
    return {(task.queue, task.pool) for task in dag.tasks}


@pytest.mark.parametrize("key", INCIDENTS)
def test_every_task_of_an_incident_goes_its_own_way(key):
    assert lanes(key, NAMED) == {("incidents", "incidents")}
    assert lanes(key, PLAIN) == {("default", "default_pool")}


@pytest.mark.parametrize(
    "key", ["demo/fiscal-monthly", "demo/accountability-monthly", "shandong/wholesale-prices-weekly"]
)
def test_other_duties_go_with_everything_else(key):
    assert lanes(key, NAMED) == {("default", "default_pool")}


def test_reporting_an_event_waits_for_nothing_either(monkeypatch):
    monkeypatch.setenv("OBLIGATIONS_INCIDENT_QUEUE", "incidents")
    monkeypatch.setenv("OBLIGATIONS_INCIDENT_POOL", "incidents")
    assert {(task.queue, task.pool) for task in report_event_dag().tasks} == {("incidents", "incidents")}


def test_the_address_of_the_ledger_may_lie_in_a_file(tmp_path):
    file = tmp_path / "ledger-url"
    file.write_text("postgresql+psycopg2://ledger:secret@db/ledger\n", "utf-8")
    given = {"OBLIGATIONS_LEDGER_URL_FILE": str(file)}
    assert Settings.from_environment(given).ledger_url == "postgresql+psycopg2://ledger:secret@db/ledger"
    given["OBLIGATIONS_LEDGER_URL"] = "sqlite://"
    assert Settings.from_environment(given).ledger_url == "sqlite://", "what is said outright counts"
    with pytest.raises(UnusableInput, match="OBLIGATIONS_LEDGER_URL_FILE"):
        Settings.from_environment({"OBLIGATIONS_LEDGER_URL_FILE": str(tmp_path / "none")})

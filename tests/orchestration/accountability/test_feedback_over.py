"""The trigger of a waiting round, really run on an event loop over a real ledger; pauses are counted, not waited."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from airflow.triggers.base import TriggerEvent

from obligations.orchestration.accountability import feedback_over
from obligations.orchestration.accountability.feedback_over import FeedbackOver
from obligations.orchestration.settings import PACKAGE, Settings
from obligations.orchestration.sources.polling import SharedPolls
from obligations.orchestration.work import expect, open_work
from obligations.rules.catalogue import load_one
from obligations.steps.ledger import open_ledger
from obligations.words.times import SHANGHAI

KEY, PERIOD = "demo/accountability-monthly", "2026-08"
NOW = datetime(2026, 9, 1, 9, 5, tzinfo=SHANGHAI)  # Tuesday


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("OBLIGATIONS_HOME", str(tmp_path))
    monkeypatch.setenv("OBLIGATIONS_CATALOGUE", str(PACKAGE / "catalogue"))
    settings = Settings.from_environment()
    with open_work(settings, load_one(settings.catalogue, KEY), PERIOD, "run") as work:
        expect(work, NOW)
        # Open far beyond the real clock, which the trigger reads: only the answer can end it.
        until = NOW + timedelta(days=30_000)
        said = {"act": "opened", "until": until.isoformat(), "departments": ["演示单位财政局"]}
        work.ledger.append(KEY, PERIOD, "feedback", happened_at=NOW, recorded_at=NOW, payload=said)
    return settings


def test_it_fires_once_all_have_answered_and_not_before(settings, monkeypatch):
    lengths: list[float] = []

    async def pause(seconds: float) -> None:
        lengths.append(seconds)
        if len(lengths) == 3:
            with open_ledger(settings.ledger_url) as ledger:
                said = {"act": "answered", "department": "演示单位财政局", "objections": []}
                ledger.append(KEY, PERIOD, "feedback", happened_at=NOW, recorded_at=NOW, person="甲", payload=said)
        await asyncio.sleep(0)

    monkeypatch.setattr(feedback_over, "POLLS", SharedPolls(pause))

    async def events() -> list[TriggerEvent]:
        return [event async for event in FeedbackOver(KEY, PERIOD).run()]

    (event,) = asyncio.run(events())
    assert event.payload == {"key": KEY, "period": PERIOD, "over": True}
    assert lengths[:3] == [5, 10, 20]


def test_it_serializes_to_its_class_and_what_it_waits_for():
    path, arguments = FeedbackOver(KEY, PERIOD).serialize()
    assert path == "obligations.orchestration.accountability.feedback_over.FeedbackOver"
    assert arguments == {"key": KEY, "period": PERIOD}

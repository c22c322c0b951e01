"""What monitoring is told of a delivery that broke its contract, and what it would be told without one."""

from __future__ import annotations

import pytest
from desk import FIGURES, FIRST, KEY, PERIOD, make_desk

from obligations.orchestration import route
from obligations.words.errors import BadInput, SourceNotReady


def test_a_delivery_that_broke_its_contract_is_counted_once_and_a_sound_one_is_not(tmp_path, monkeypatch, statsd):
    desk = make_desk(tmp_path, monkeypatch)
    file = desk.settings.inbox / KEY / f"{PERIOD}.csv"
    file.write_text(FIGURES.replace("151735", "暂无"), "utf-8")
    with desk.work(FIRST) as work, pytest.raises(BadInput):
        route.gather(work, desk.sources, desk.tick())
    with desk.work(FIRST) as work, pytest.raises(SourceNotReady):
        route.gather(work, desk.sources, desk.tick())
    statsd.settle()
    assert statsd.total("airflow.obligations.bad_input") == 1

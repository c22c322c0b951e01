"""What monitoring is told after a sweep, as a StatsD receiver gets it: the numbers are the ledger's.

The monthly report on August 2026 is due on 28 September at 24:00 (20 working days, National Day and Mid-Autumn counted),
the weekly list of the week from 21 to 27 September at its end, on Sunday at 24:00.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from obligations.orchestration import metrics
from obligations.orchestration.metrics import Counter, Gauge
from obligations.orchestration.sweep.measuring import count_report, measure_pass
from obligations.steps.notify import MailServer
from obligations.words.times import SHANGHAI


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 9, day, hour, tzinfo=SHANGHAI)


def test_every_gauge_and_every_counter_comes_and_says_what_the_ledger_holds(office, statsd):
    office.sweep(at(1, 9))
    now = at(28, 9)  # Monday: the day on which the monthly report is due
    report = office.sweep(now)
    count_report(report)
    measure_pass(office.settings, report, now + timedelta(seconds=42))
    statsd.settle()
    assert set(statsd.came) == {f"airflow.{metric.value}" for kind in (Counter, Gauge) for metric in kind}
    kinds = {name: {told.kind for told in values} for name, values in statsd.came.items()}
    assert all(kinds[f"airflow.{counter.value}"] == {"c"} for counter in Counter)
    assert all(kinds[f"airflow.{gauge.value}"] == {"g"} for gauge in Gauge)

    (open_,) = office.table("select count(*) from occurrence where closed_at is null and not historical")[0]
    assert statsd.last("airflow.obligations.open") == open_ > 0
    # Weeks 36 to 39 of this year are over.
    assert (
        statsd.last("airflow.obligations.late") == statsd.total("airflow.obligations.missed") == len(report.missed) == 4
    )
    assert statsd.last("airflow.obligations.due_in_24h") == 1
    assert statsd.last("airflow.obligations.sweep.duration_seconds") == 42
    assert statsd.last("airflow.obligations.sweep.finished_timestamp_seconds") == now.timestamp() + 42
    assert statsd.last("airflow.obligations.notices.oldest_unsent_seconds") > 0, "there is no mail server"
    assert statsd.last("airflow.obligations.notices.unsent") > 0


def test_what_cannot_be_delivered_is_counted_and_grows_old(make_office, statsd, free_port):
    office = make_office()
    office.mail = MailServer("127.0.0.1", free_port, "gongkai@example.cn")
    office.sweep(at(1, 9))
    count_report(report := office.sweep(at(28, 9)))
    measure_pass(office.settings, report, at(28, 9))
    statsd.settle()
    assert statsd.total("airflow.obligations.notices.failed") == len(report.failed) > 0
    assert statsd.total("airflow.obligations.notices.sent") == 0
    before = statsd.last("airflow.obligations.notices.oldest_unsent_seconds")
    measure_pass(office.settings, office.sweep(at(28, 10)), at(28, 10))
    statsd.settle()
    assert statsd.last("airflow.obligations.notices.oldest_unsent_seconds") == before + 3600


@pytest.mark.parametrize("told", [lambda: metrics.count(Counter.MISSED), lambda: metrics.measure(Gauge.LATE, 1)])
def test_without_the_setting_nothing_is_sent(statsd, monkeypatch, told):
    monkeypatch.setenv("AIRFLOW__METRICS__STATSD_ON", "False")
    told()
    statsd.settle()
    assert statsd.came == {}


def test_a_receiver_that_is_not_there_costs_nothing(statsd, monkeypatch):
    monkeypatch.setenv("AIRFLOW__METRICS__STATSD_HOST", "no-such-host.invalid")
    metrics.count(Counter.MISSED)
    metrics.measure(Gauge.LATE, 1)

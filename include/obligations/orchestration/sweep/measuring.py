"""Tells monitoring what a pass did and how the ledger stands after it. Called by the doors that pass by the real clock.

A pass as of another time, or one of a test, tells nothing: monitoring knows only now.
"""

from __future__ import annotations

from datetime import datetime

from obligations.orchestration.metrics import Counter, Gauge, count, measure
from obligations.orchestration.settings import Settings
from obligations.orchestration.sweep.report import SweepReport
from obligations.steps.ledger import Outbox, open_ledger
from obligations.steps.ledger.standing import standing


def count_report(report: SweepReport) -> None:
    """Count what a whole pass, or a look at one occurrence, marked and sent."""
    count(Counter.MISSED, len(report.missed))
    count(Counter.NOTICES_SENT, len(report.sent))
    count(Counter.NOTICES_FAILED, len(report.failed))


def measure_pass(settings: Settings, report: SweepReport, finished_at: datetime) -> None:
    """Tell every gauge at the end of a whole pass; the last is the time, which says that all of them are of now.

    Counters are told to be there: of one that begins with its first miss, nobody could see an increase.
    """
    with open_ledger(settings.ledger_url) as ledger:
        stands, waiting = standing(ledger, finished_at), Outbox(ledger).waiting(finished_at)
    oldest = (finished_at - waiting.oldest).total_seconds() if waiting.oldest is not None else 0
    values = {
        Gauge.OPEN: stands.open,
        Gauge.DUE_IN_24H: stands.due_soon,
        Gauge.LATE: stands.late,
        Gauge.LACKING: stands.lacking,
        Gauge.IN_REVIEW: stands.in_review,
        Gauge.NOTICES_UNSENT: waiting.unsent,
        Gauge.OLDEST_UNSENT: max(0, round(oldest)),
        Gauge.SWEEP_DURATION: round((finished_at - report.at).total_seconds(), 1),
        Gauge.SWEEP_ALARMS: len(report.alarms),
        Gauge.SWEEP_FINISHED: round(finished_at.timestamp()),
    }
    for counter in Counter:
        count(counter, 0)
    for gauge, value in values.items():
        measure(gauge, value)

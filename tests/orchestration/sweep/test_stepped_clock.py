"""A machine's clock that is set two hours forward, two hours back and right again while the office is swept.

What fell due is missed at its own instant, nobody is told anything twice, and the ledger ends as without the steps.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from table_of_runs import TableOfRuns

from obligations.steps.notify import MailServer
from obligations.words.times import SHANGHAI, parse_instant

FIRST = parse_instant("2026-09-08T10:00").astimezone(SHANGHAI)  # a Tuesday
NOW = parse_instant("2026-09-29T10:00").astimezone(SHANGHAI)  # three weeks later, a Tuesday in office hours
HOUR = timedelta(hours=1)
EVENTS = """
SELECT o.obligation_key, o.period, e.kind, e.happened_at FROM event e JOIN occurrence o ON o.id = e.occurrence_id
WHERE e.kind = 'missed'
"""
NOTICES = "SELECT subject, tier, recipient FROM notice WHERE subject NOT LIKE 'system:%'"


@pytest.fixture
def swept(make_office, mail_server, free_port):
    """Return a function that sweeps an office at each of some hours from now on, and gives it with its mail."""
    postbox = mail_server(free_port)

    def at(*hours: float):
        office = make_office()
        office.mail = MailServer("127.0.0.1", free_port, "gongkai@example.cn", tls=False, timeout=60)
        postbox.received.clear()
        office.sweep(FIRST)
        office.report("incident", NOW - 4.5 * HOUR, NOW - 4 * HOUR, level="重大", event_id="incident")
        for hour in hours:
            office.sweep(NOW + hour * HOUR, runs=TableOfRuns())
        office.require_sound()
        return office, [mail["Message-ID"] for mail in postbox.received]

    return at


@pytest.mark.parametrize("steps", [(2,), (-2,), (2, -2), (2, -2, 2, -2)])
def test_a_clock_that_was_wrong_leaves_the_ledger_of_one_that_was_right(swept, tmp_path, steps):
    office, mails = swept(0, *steps, 0.2, 3)
    found = sorted(office.table(EVENTS)), sorted(office.table(NOTICES))
    assert len(set(mails)) == len(mails) > 0
    assert ("county/bulletin", "incident") in {(key, period) for key, period, *_ in found[0]}
    (tmp_path / "home").rename(tmp_path / "stepped")
    office, _ = swept(0, *(step for step in steps[:1] if step > 0), 3)
    assert found == (sorted(office.table(EVENTS)), sorted(office.table(NOTICES)))


def test_a_clock_set_back_marks_no_miss_before_its_time(swept):
    office, _ = swept(-2, 0)
    assert office.events("bulletin", "incident", "missed") == []


def test_sweeps_go_on_while_the_last_one_seems_to_lie_ahead(swept):
    office, _ = swept(2, 0, 1)
    (miss,) = office.events("bulletin", "incident", "missed")
    assert miss.happened_at == office.row("bulletin", "incident").due_at

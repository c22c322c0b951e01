"""Processes killed at random moments while an office works: nothing lost, nothing twice, every miss on record.

``OBLIGATIONS_TEST_CHAOS=whole`` (``make chaos``) does fifty occurrences and a hundred faults; otherwise (``CHAOS=part``) a tenth. The moments are drawn from a seed, what happens at them is the machine's.
"""

from __future__ import annotations

import os
from collections import Counter
from datetime import datetime, timedelta

import pytest
from case_counts import tell
from chaos import Embattled, Plan, embattled
from sqlalchemy import create_engine, func, select

from obligations.steps.ledger import LedgerEvent, OccurrenceRow, open_ledger, verify_ledger
from obligations.steps.ledger.tables import delivery, message
from obligations.words.times import SHANGHAI

pytestmark = pytest.mark.airflow

WHOLE = os.environ.get("OBLIGATIONS_TEST_CHAOS") == "whole"
PLAN = (
    Plan(seed=20261122, kills=100, pause=14, months=12, fiscal=6, incidents=8, patience=1200)
    if WHOLE
    else Plan(seed=20261122, kills=10, pause=10, months=2, fiscal=2, incidents=2, patience=900)
)


def unsent(office: Embattled, when: datetime) -> int:
    """Return how many notices have not gone out though their time has come."""
    engine = create_engine(office.settings.ledger_url)
    joined = delivery.outerjoin(message, message.c.id == delivery.c.message_id)
    waiting = (message.c.finished_at.is_(None), delivery.c.dropped_at.is_(None), delivery.c.send_after <= when)
    with engine.connect() as connection:
        count = connection.scalar(select(func.count()).select_from(joined).where(*waiting))
    engine.dispose()
    return int(count or 0)


def test_an_office_whose_processes_are_killed_loses_nothing_and_does_nothing_twice(tmp_path, mail_server, free_port):
    postbox = mail_server(free_port)
    with embattled(tmp_path, postbox, free_port, PLAN) as office:
        office.begin()
        office.storm()
        office.calm()
        settled = office.unsettled()
        lost = [place for place in office.plan.occurrences if is_lost(office, *place)]
        office.airflow.stop()
        later = datetime.now(SHANGHAI) + timedelta(minutes=25)
        office.sweep_at(later)

        with open_ledger(office.settings.ledger_url) as ledger:
            assert verify_ledger(ledger) == []
            events = {place: ledger.events(place[0].replace(".", "/"), place[1]) for place in office.plan.occurrences}
            rows = {place: ledger.occurrence(place[0].replace(".", "/"), place[1]) for place in office.plan.occurrences}
        ids = Counter(mail["Message-ID"] for mail in postbox.received)
        doubles = sum(ids.values()) - len(ids)
        published = Counter(
            (place, event.payload["sha256"])
            for place, found in events.items()
            for event in found
            if event.kind == "published"
        )
        public = Counter((page["key"], page["period"]) for page in office.portal.pages.values())
        told = [event for found in events.values() for event in found if event.kind == "notice_sent"]
        tell(
            f"faults: {sum(office.struck.values())} ({', '.join(f'{name} {count}' for name, count in sorted(office.struck.items()))})",
            f"occurrences: {len(events)}, as they must be {len(events) - len(settled)}, waiting {len(settled) - len(lost)}, lost {len(lost)}",
            f"publications: {sum(public.values())}, posts {len(office.portal.posts)}, pages twice {sum(count - 1 for count in public.values())}",
            f"mails: {len(ids)}, doubles by Message-ID {doubles}, notices sent {len(told)}, unsent {unsent(office, later)}",
            *settled,
        )
        assert lost == []
        assert public, "the office worked on"
        assert not WHOLE or settled == [], "given time, everything comes to its end"
        assert set(published.values()) == {1}, "each version is published once"
        assert set(public.values()) == {1}, "each occurrence has one page"
        assert {(key.replace("/", "."), period) for key, period in public} == {place for place, _ in published}
        assert unsent(office, later) == 0
        assert told, "people were told of what happened"
        assert doubles <= office.struck["task"] + office.struck["supervisor"] + office.struck["scheduler"]
        for place, found in events.items():
            require_truth(rows[place], found, later)


def is_lost(office: Embattled, dag_id: str, period: str) -> bool:
    """Whether an occurrence is neither where it must be nor waits where anybody would see it."""
    stage = office.stage(dag_id, period)
    return stage != office.plan.wanted(dag_id, period) and not office.is_waiting(dag_id, period)


def require_truth(row: OccurrenceRow, found: list[LedgerEvent], now: datetime) -> None:
    """Fail where a miss is not on record, or is at another time than it fell due, or what was met has no proof."""
    kinds = [event.kind for event in found]
    missed = [event for event in found if event.kind == "missed"]
    if not row.historical and row.due_at <= now and (row.met_at is None or row.met_at > row.due_at):
        (miss,) = missed
        assert miss.happened_at == row.due_at
    else:
        assert missed == []
    for number, event in enumerate(found):
        if event.kind == "published":
            assert any(earlier.is_final_approval for earlier in found[:number]), (
                "nothing is public that nobody approved"
            )
    assert kinds.count("expected") <= 1

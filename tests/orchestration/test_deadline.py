"""The deadline that Airflow keeps is the occurrence's own, computed from what is serialized with the DAG."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from obligations.orchestration.deadline import OccurrenceDeadline
from obligations.orchestration.settings import PACKAGE
from obligations.rules.calendar import load_calendar
from obligations.rules.catalogue import load
from obligations.rules.occurrences import occurrence_of_event
from obligations.rules.periods import opening_event
from obligations.words.occurrence import Event
from obligations.words.times import SHANGHAI

CATALOGUE = load(PACKAGE / "catalogue").obligations
HAPPENED = datetime(2026, 9, 28, 10, 0, tzinfo=SHANGHAI)


@pytest.mark.parametrize("key", [key for key, found in CATALOGUE.items() if opening_event(found.clock)])
def test_of_an_event_it_is_read_from_the_runs_conf(key):
    obligation = CATALOGUE[key]
    reported = HAPPENED - timedelta(days=9)  # a decision or meeting, reported while it lay ahead
    level = next(iter(getattr(obligation.clock, "levels", ())), "")
    event = Event("e-1", opening_event(obligation.clock), level, "示例事件", HAPPENED, reported, None, {})
    expected = occurrence_of_event(obligation, event, load_calendar())
    conf = {"happened_at": HAPPENED.isoformat(), "reported_at": reported.isoformat(), "level": level}
    found = OccurrenceDeadline.of(obligation, "due_at").occurrence("e-1", conf)
    assert (found.due_at, found.draft_by) == (expected.due_at, expected.draft_by)


def test_half_and_four_fifths_are_of_the_window_from_opening_to_due():
    obligation = CATALOGUE["demo/incident-bulletin"]
    conf = {"happened_at": HAPPENED.isoformat(), "level": "重大"}
    reference = {limit: OccurrenceDeadline.of(obligation, limit) for limit in ("half", "four_fifths")}
    instants = {limit: one.instant(one.occurrence("e-1", conf)) for limit, one in reference.items()}
    assert instants == {"half": HAPPENED + timedelta(hours=2.5), "four_fifths": HAPPENED + timedelta(hours=4)}
    for one in reference.values():
        assert OccurrenceDeadline.deserialize_reference(one.serialize_reference()) == one

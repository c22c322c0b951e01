"""Which period or event a run serves, wherever Airflow or the starter put it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from obligations.orchestration.runs.periods import period_of
from obligations.words.errors import UnusableInput


@pytest.mark.parametrize(
    ("partition_key", "conf", "period"),
    [
        ("2026-09", None, "2026-09"),
        ("2026-09", {"period": "2026-08"}, "2026-09"),
        (None, {"period": "2026-Q3"}, "2026-Q3"),
        (None, {"event_id": "incident-1"}, "incident-1"),
    ],
)
def test_the_partition_key_comes_first_then_what_the_starter_said_then_the_event(partition_key, conf, period):
    assert period_of(SimpleNamespace(run_id="r", partition_key=partition_key, conf=conf)) == period


@pytest.mark.parametrize("conf", [None, {}, {"period": ""}, {"period": 7}])
def test_a_run_that_says_neither_is_refused_with_what_to_do(conf):
    with pytest.raises(UnusableInput, match="没有写明周期"):
        period_of(SimpleNamespace(run_id="r", partition_key=None, conf=conf))

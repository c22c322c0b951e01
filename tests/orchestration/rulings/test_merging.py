"""并入其他事项: done as part of another occurrence, met when that one was, in time or late by that instant."""

from __future__ import annotations

import pytest

from obligations.words.errors import UnusableInput
from obligations.words.times import parse_instant

INTO = {"into_key": "county/other", "into_period": "2026-10", "reason": "同一稿件", "authority": "办公室负责人"}


def test_it_is_closed_when_the_other_was_met_and_counts_by_that_instant(desk):
    other, found = desk("other"), desk()
    other.publish("2026-11-20T11:00")
    with pytest.raises(UnusableInput, match="county/other 2026-10 目前已发布待核验，尚未完成"):
        found.decide("merge", "2026-11-30T09:00", **INTO)
    other.see("2026-11-20T11:05")
    ruled = found.decide("merge", "2026-11-30T09:00", **INTO)
    assert (ruled.row.outcome, ruled.row.closed_at, ruled.row.stage_label) == (
        "merged", parse_instant("2026-11-20T11:00"), "并入其他事项",
    )  # fmt: skip
    assert ruled.said.endswith("按期")
    (row,) = found.work.ledger.rows(
        found.work.key, now=parse_instant("2026-12-01"), is_working_day=found.work.calendar.is_working_day
    )
    assert (row.lateness, row.loss) == ("按时", None)
    found.require_sound()


def test_into_what_was_late_is_late(desk):
    other, found = desk("other"), desk()
    other.publish("2026-12-01T11:00")
    other.see("2026-12-01T11:05")
    assert found.decide("merge", "2026-12-02T09:00", **INTO).said.endswith("仍为逾期")
    (row,) = found.work.ledger.rows(
        found.work.key, now=parse_instant("2026-12-02"), is_working_day=found.work.calendar.is_working_day
    )
    assert row.lateness == "逾期4天"  # due on Friday 27 November at 24:00


REFUSED = {
    "into itself": ({"into_key": "county/monthly"}, "不能并入自己"),
    "into what the ledger does not know": ({"into_key": "county/none"}, "台账中没有 county/none 2026-10"),
    "into what was never public": ({"into_key": "county/report"}, "须向社会公开"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused_and_leaves_no_trace(desk, case):
    fields, said = REFUSED[case]
    report, found = desk("report"), desk()
    report.happened("submitted", "2026-11-20T11:00")
    before = found.events
    with pytest.raises(UnusableInput, match=said):
        found.decide("merge", "2026-11-30T09:00", **INTO | fields)
    assert found.events == before


def test_what_is_closed_is_merged_into_nothing_and_a_repeat_changes_nothing(desk):
    other, found = desk("other"), desk()
    other.publish("2026-11-20T11:00")
    other.see("2026-11-20T11:05")
    first, again = (found.decide("merge", "2026-11-30T09:00", once="decided:run", **INTO) for _ in "ab")
    assert (first.seq, again.is_new) == (again.seq, False)
    with pytest.raises(UnusableInput, match="不能再作这项登记"):
        found.decide("merge", "2026-11-30T10:00", **INTO)

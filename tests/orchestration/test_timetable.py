"""The timetable: every period in force once and in order, the same as ``due`` lists, and ids that cannot collide."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from itertools import pairwise

import pendulum
import pytest
from airflow.exceptions import InvalidPartitionKeyError
from airflow.serialization.decoders import decode_timetable
from airflow.serialization.encoders import encode_timetable
from airflow.timetables.base import DagRunInfo, TimeRestriction
from airflow.utils.types import DagRunType
from pydantic import TypeAdapter

from obligations.orchestration.timetable import ObligationTimetable
from obligations.rules.calendar import load_calendar
from obligations.rules.occurrences import occurrence_of, periods_of
from obligations.rules.periods import period_from_key
from obligations.words.clocks import Clock
from obligations.words.errors import UnusableInput
from obligations.words.obligation import Obligation
from obligations.words.times import SHANGHAI, midnight

FIRST, LAST = date(2017, 1, 1), date(2027, 12, 31)
LIMIT = {"limit": "P20WD", "origin": "law", "law": "proactive-disclosure"}
CLOCKS = {
    "weekly": ({"kind": "recurring", "rule": "FREQ=WEEKLY"}, LIMIT),
    "monthly": ({"kind": "recurring", "rule": "FREQ=MONTHLY"}, LIMIT),
    "monthly without a limit": ({"kind": "recurring", "rule": "FREQ=MONTHLY"}, None),
    "quarterly": ({"kind": "recurring", "rule": "FREQ=MONTHLY;INTERVAL=3"}, LIMIT),
    "half-yearly": ({"kind": "recurring", "rule": "FREQ=MONTHLY;INTERVAL=6"}, LIMIT),
    "yearly": ({"kind": "recurring", "rule": "FREQ=YEARLY"}, LIMIT),
    "by a date": ({"kind": "recurring", "rule": "FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=30"}, None),
    "by 10 January": ({"kind": "recurring", "rule": "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=10", "opens": "P1M"}, None),
    "five days": (
        {"kind": "recurring", "rule": "FREQ=DAILY;INTERVAL=5", "season": {"start": "06-01", "end": "09-30"}},
        None,
    ),
    "deadline": ({"kind": "deadline", "date": "2020-12-31"}, None),
    "quota a week": ({"kind": "quota", "min": 3, "per": "week"}, None),
    "quota a year": ({"kind": "quota", "min_pct": 15, "of": "网站总数", "per": "year"}, None),
    "continuous": ({"kind": "standing", "rule": "CONTINUOUS"}, None),
    "timely": ({"kind": "standing", "rule": "TIMELY"}, None),
    "fresh for a week": ({"kind": "standing", "rule": "TIMELY", "fresh_within": "P7D"}, None),
}


def obligation_of(name: str, **changes) -> Obligation:
    clock, due = CLOCKS[name]
    words = {
        "key": "demo/a",
        "jurisdiction": {"slug": "demo", "name": "演示单位", "level": "demo"},
        "document": {"title": "要点", "issued_by": "办公室", "in_force_from": "2016-01-01", "in_force_until": None},
        "title": "某事项",
        "clause": "一",
        "quote": "某事",
        "duty": "publish",
        "departments": (),
        "publication": "submission",
        "clock": clock,
        "due": due,
        "due_origin": "law" if due else "text",
        "fulfilment": "published",
        "source": {"kind": "inbox"},
    }
    return Obligation.model_validate(words | changes)


def restriction(earliest: date | None, latest: date | None = None, *, catchup: bool = True) -> TimeRestriction:
    def instant(day: date | None) -> pendulum.DateTime | None:
        return pendulum.instance(midnight(day)).in_timezone("UTC") if day else None

    return TimeRestriction(instant(earliest), instant(latest), catchup)


def walk(timetable: ObligationTimetable, limits: TimeRestriction) -> list[DagRunInfo]:
    """Ask for run after run as the scheduler does."""
    found: list[DagRunInfo] = []
    last = None
    while (last := timetable.next_dagrun_info_v2(last_dagrun_info=last, restriction=limits)) is not None:
        found.append(last)
    return found


@pytest.mark.parametrize("name", CLOCKS)
def test_next_runs_backfill_and_typed_keys_agree_with_what_is_due_on_every_period_of_2017_to_2027(name):
    obligation = obligation_of(name)
    timetable = ObligationTimetable.of(obligation)
    listed = [p for p in periods_of(obligation, FIRST, LAST) if p.start >= FIRST]
    runs = walk(timetable, restriction(FIRST, LAST))
    assert [run.partition_key for run in runs] == [period.key for period in listed]
    assert [run.partition_date for run in runs] == [midnight(period.start) for period in listed]
    calendar = load_calendar()
    assert [run.run_after for run in runs] == [occurrence_of(obligation, p, calendar).opens_at for p in listed]
    window = {"earliest": datetime(2017, 1, 1, tzinfo=UTC), "latest": datetime(2027, 12, 31, tzinfo=UTC)}
    assert list(timetable.iter_partition_dagrun_infos(**window)) == runs
    for period in listed:
        assert timetable.resolve_partition_date(period.key) == midnight(period.start)
        assert period_from_key(obligation.clock, period.key) == period


@pytest.mark.parametrize("name", [name for name in CLOCKS if name != "deadline"])
def test_periods_follow_one_another_without_gap_or_double(name):
    obligation = obligation_of(name)
    keys = [run.partition_key for run in walk(ObligationTimetable.of(obligation), restriction(FIRST, LAST))]
    periods = [period_from_key(obligation.clock, key) for key in keys if key]
    assert len(set(keys)) == len(keys)
    for one, other in pairwise(periods):
        gap = (other.start - one.end).days
        assert gap == 1 or (name == "five days" and other.start.month == 6 and one.end.month == 9)


def test_the_first_run_is_the_first_period_that_starts_on_or_after_go_live():
    monthly = ObligationTimetable.of(obligation_of("monthly"))
    for earliest, key in ((date(2026, 9, 1), "2026-09"), (date(2026, 9, 2), "2026-10")):
        first = monthly.next_dagrun_info_v2(last_dagrun_info=None, restriction=restriction(earliest))
        assert first is not None
        assert first.partition_key == key


def test_without_catch_up_only_the_newest_open_period_is_run():
    monthly = ObligationTimetable.of(obligation_of("monthly"))
    first = monthly.next_dagrun_info_v2(last_dagrun_info=None, restriction=restriction(FIRST, catchup=False))
    assert first is not None
    now = datetime.now(UTC)
    assert first.run_after <= now
    following = monthly.next_dagrun_info_v2(last_dagrun_info=first, restriction=restriction(FIRST))
    assert following is not None
    assert following.run_after > now


def test_no_run_lies_outside_the_time_in_force():
    expired = ObligationTimetable.of(
        obligation_of(
            "monthly",
            document={
                "title": "要点",
                "issued_by": "办",
                "in_force_from": "2017-05-04",
                "in_force_until": "2017-12-31",
            },
        )
    )
    keys = [run.partition_key for run in walk(expired, restriction(None))]
    assert keys == [f"2017-{month:02d}" for month in range(5, 13)]
    window = {"earliest": datetime(2016, 1, 1, tzinfo=UTC), "latest": datetime(2019, 1, 1, tzinfo=UTC)}
    assert [run.partition_key for run in expired.iter_partition_dagrun_infos(**window)] == keys
    assert expired.next_dagrun_info_v2(last_dagrun_info=None, restriction=restriction(date(2026, 1, 1))) is None


def test_a_deadline_runs_once_and_not_after_its_date():
    deadline = ObligationTimetable.of(obligation_of("deadline"))
    (only,) = walk(deadline, restriction(FIRST))
    assert only.partition_key == "2020-12-31"
    assert only.run_after == datetime(2020, 12, 1, 9, tzinfo=SHANGHAI)
    assert walk(deadline, restriction(date(2021, 1, 1))) == []


@pytest.mark.parametrize("name", CLOCKS)
def test_the_timetable_survives_serialization_through_airflow_with_its_plugin_registered(name):
    timetable = ObligationTimetable.of(obligation_of(name))
    encoded = json.loads(json.dumps(encode_timetable(timetable)))
    decoded = decode_timetable(encoded)
    assert isinstance(decoded, ObligationTimetable)
    assert encode_timetable(decoded) == encoded
    assert walk(decoded, restriction(FIRST, LAST)) == walk(timetable, restriction(FIRST, LAST))


@pytest.mark.parametrize(
    ("name", "key", "expected"),
    [
        ("monthly", "2026-13", "2026-09（按月）"),
        ("monthly", "九月", "2026-09（按月）"),
        ("weekly", "2027-W53", "2026-W40"),
        ("five days", "2026-06-04", "2026-06-05"),
        ("deadline", "2026", "2020-12-31"),
    ],
)
def test_a_typed_key_that_names_no_period_is_refused_in_chinese(name, key, expected):
    with pytest.raises(InvalidPartitionKeyError, match=expected):
        ObligationTimetable.of(obligation_of(name)).resolve_partition_date(key)


def test_the_timetable_s_run_of_a_period_has_an_id_that_no_other_run_can_have():
    monthly = ObligationTimetable.of(obligation_of("monthly"))
    words = {"run_after": pendulum.datetime(2026, 10, 1, 1), "data_interval": None, "partition_key": "2026-09"}
    scheduled = monthly.generate_run_id(run_type=DagRunType.SCHEDULED, **words)
    assert scheduled == "scheduled__2026-09__v1"
    others = {
        monthly.generate_run_id(run_type=kind, **words)
        for kind in DagRunType
        if kind != DagRunType.SCHEDULED
        for _ in range(3)
    }
    assert len(others) == 3 * (len(DagRunType) - 1)  # a second backfill of one period opens at the same instant
    assert not any(run_id.startswith("scheduled__") for run_id in others)
    assert all(re.fullmatch(r"[A-Za-z0-9_.~:+-]+", run_id) for run_id in {scheduled, *others})


@pytest.mark.parametrize(
    "clock", [{"kind": "event", "event": "incident", "rule": "PT5H"}, {"kind": "quota", "min": 1, "per": "check"}]
)
def test_what_the_calendar_does_not_open_has_no_timetable(clock):
    parsed = TypeAdapter(Clock).validate_python(clock)
    with pytest.raises(UnusableInput, match="没有期间"):
        ObligationTimetable(parsed, in_force_from=FIRST, in_force_until=None, has_limit=False)


def test_the_ui_reads_the_cadence_in_chinese():
    monthly = ObligationTimetable.of(obligation_of("monthly"))
    assert monthly.summary == "每月"
    assert monthly.description == "每月；执行期2016年1月1日起；时区 Asia/Shanghai"

"""What a new notice changes: the occurrences whose dates move or are confirmed, with why; the rest stay untouched."""

from __future__ import annotations

from datetime import date

import pytest

from obligations.rules.calendar import WorkingCalendar, announced_by_library, load_calendar
from obligations.rules.festivals import Arrangement
from obligations.rules.occurrences import occurrence_of, periods_of
from obligations.rules.rebind import Rebound, compare
from obligations.words.obligation import Obligation
from obligations.words.occurrence import Occurrence

BY_LAW = {"limit": "P20WD", "origin": "law", "law": "proactive-disclosure"}
MONTHLY = {"kind": "recurring", "rule": "FREQ=MONTHLY"}


@pytest.fixture(scope="module")
def before_2026() -> WorkingCalendar:
    """The calendar of autumn 2025, before the notice for 2026."""
    known = {year: days for year, days in announced_by_library().items() if year < 2026}
    return WorkingCalendar(known, "before 2026")


def rebind(obligation: Obligation, recorded: list[Occurrence], calendar: WorkingCalendar) -> list[Rebound]:
    """Compare each occurrence with what ``calendar`` gives for its period; return those that change."""
    found = (compare(each, occurrence_of(obligation, each.period, calendar), calendar) for each in recorded)
    return [rebound for rebound in found if rebound is not None]


def test_a_notice_moves_some_dates_confirms_others_and_leaves_what_it_does_not_touch(
    before_2026, calendar, make_obligation
):
    obligation = make_obligation(MONTHLY, BY_LAW)
    periods = list(periods_of(obligation, date(2025, 9, 1), date(2026, 9, 30)))
    recorded = [occurrence_of(obligation, period, before_2026) for period in periods]
    rebound = rebind(obligation, recorded, calendar)
    untouched = {period.key for period in periods} - {each.before.period.key for each in rebound}
    assert untouched == {"2025-09", "2025-10", "2025-11"}  # closed before the new year
    assert {each.before.period.key for each in rebound if each.moved}
    assert all(not each.after.due.provisional for each in rebound)
    assert all(each.after == occurrence_of(obligation, each.before.period, calendar) for each in rebound)
    assert all(each.before.due.earliest <= each.after.due_at <= each.before.due.latest for each in rebound)


def test_why_names_the_old_and_new_date_the_days_and_the_calendar(before_2026, calendar, make_obligation):
    obligation = make_obligation({"kind": "recurring", "rule": "FREQ=YEARLY"}, {"limit": "P32WD", "origin": "text"})
    recorded = occurrence_of(
        obligation, next(periods_of(obligation, date(2025, 1, 1), date(2025, 12, 31))), before_2026
    )
    (rebound,) = rebind(obligation, [recorded], calendar)
    assert rebound.moved  # the nine days of 2026 were not the likeliest: Saturday 14 February was worked, not Sunday 15
    why = "".join(rebound.why)
    assert rebound.why[0] == "到期时间由2026年2月15日24时前改为2026年2月14日24时前。"
    assert "现：2026年2月14日（周六）为调休上班日，计入。" in why
    assert "原：2025年12月27日起的放假调休通知尚未公布" in why
    assert rebound.why[-1] == f"日历版本：{calendar.version}。"


def test_a_confirmed_date_says_that_it_did_not_move(before_2026, calendar, make_obligation):
    obligation = make_obligation(MONTHLY, BY_LAW)
    recorded = [
        occurrence_of(obligation, p, before_2026) for p in periods_of(obligation, date(2026, 1, 1), date(2026, 9, 1))
    ]
    confirmed = [each for each in rebind(obligation, recorded, calendar) if not each.moved]
    assert confirmed
    assert all("已由放假通知确定，未变" in each.why[0] for each in confirmed)


def test_an_amendment_that_leaves_the_bounds_says_so(calendar, make_obligation):
    obligation = make_obligation(MONTHLY, BY_LAW)
    period = next(periods_of(obligation, date(2026, 9, 1), date(2026, 9, 30)))
    recorded = occurrence_of(obligation, period, calendar)
    years = announced_by_library()
    years[2026] = Arrangement({**years[2026].off, date(2026, 10, 8): "国庆节"}, years[2026].worked)
    (rebound,) = rebind(obligation, [recorded], WorkingCalendar(years, "amended"))
    assert rebound.moved
    assert "超出原先的范围" in rebound.why[1]


def test_the_same_calendar_changes_nothing(calendar, make_obligation):
    obligation = make_obligation(MONTHLY, BY_LAW)
    recorded = [
        occurrence_of(obligation, p, calendar) for p in periods_of(obligation, date(2026, 1, 1), date(2027, 12, 31))
    ]
    assert rebind(obligation, recorded, load_calendar()) == []

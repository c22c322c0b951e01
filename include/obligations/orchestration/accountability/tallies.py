"""Punctuality as it stands now: by month and department, with the misses and how long each stage took. Only reads.

Counted exactly as a statement (通报) counts, by the same rules and the same list of counts, from the ledger as it is now.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from sqlalchemy import Connection

from obligations.orchestration.accountability.lines import line_of, settled_in
from obligations.publications.accountability_measures import COUNTS
from obligations.rules.accountability import counted_as, result_of, settle
from obligations.steps.ledger.brief import Courses, judged, stage_times_of
from obligations.steps.ledger.counting import Alike, Month, alike
from obligations.steps.ledger.listing import Filters, Standing, heads_of
from obligations.steps.ledger.timing import StageTime, WorkingTime
from obligations.words.accountability import LedgerLine, Result
from obligations.words.visible import Visible

Tally = Mapping[str, int]
"""How many by the names of ``COUNTS``."""
_LATE = (Standing.OVERDUE, Standing.LATE)


@dataclass(frozen=True, slots=True)
class StageMedians:
    """Median working hours of each stage, by its code, of those that were fulfilled; ``number`` of them."""

    number: int
    hours: dict[str, float]


@dataclass(frozen=True, slots=True)
class Punctuality:
    """What is told of some months.

    Attributes:
        tallies: by month and department; misses: of the months, earliest due first, each with stage and owner.
    """

    tallies: dict[tuple[str, str], Tally]
    misses: tuple[LedgerLine, ...]


def months_until(last: date, number: int) -> list[Month]:
    """Return this many months, the last that in which ``last`` lies, earliest first."""
    months: list[Month] = []
    day = last
    for _ in range(number):
        first = day.replace(day=1)
        following = (first + timedelta(days=31)).replace(day=1)
        months.append(Month(f"{first:%Y-%m}", first, following - timedelta(days=1)))
        day = first - timedelta(days=1)
    return months[::-1]


def punctuality_of(
    connection: Connection, jurisdiction: str, months: Sequence[Month], courses: Courses, *, now: datetime
) -> Punctuality:
    """Count what fell due in these months, which follow one another."""
    counts: dict[tuple[str, str], dict[str, int]] = defaultdict(
        lambda: dict.fromkeys((each.name for each in COUNTS), 0)
    )
    for group in alike(connection, jurisdiction, months, now):
        result = _result(group, now)
        if not result.startswith("逾期"):  # whose lateness it is only each one's events say
            department = (*group.departments, group.office or jurisdiction)[0]
            _add(counts[group.month, department], {"counted": counted_as(result, None), "result": result}, group.number)
    late = Filters(jurisdiction=jurisdiction, standings=_LATE, due_from=months[0].first, due_until=months[-1].last)
    late_ones = courses.of(connection, heads_of(connection, Visible(frozenset({jurisdiction})), late, now), now)
    told = (line_of(judged(course, now), "", now) for course in late_ones)
    lines = [line for line in told if line.result.startswith("逾期")]
    misses = settle(lines, *settled_in(connection, jurisdiction))
    for line in misses:
        facts = {"counted": line.counted, "result": line.result, "answer": line.answer, "decision": line.decision}
        _add(counts[line.month, line.department], facts, 1)
    return Punctuality(dict(counts), misses)


def total(tallies: Iterable[Tally]) -> Tally:
    """Add tallies up."""
    found = list(tallies)
    return {each.name: sum(tally[each.name] for tally in found) for each in COUNTS}


def stage_medians(
    connection: Connection,
    jurisdiction: str,
    month: Month,
    courses: Courses,
    *,
    now: datetime,
    is_working_day: Callable[[date], bool],
) -> dict[str, StageMedians]:
    """Return, by department, how long the stages took of what fell due in a month and was fulfilled, 补录 aside."""
    wanted = Filters(jurisdiction=jurisdiction, stage="met", due_from=month.first, due_until=month.last)
    heads = heads_of(connection, Visible(frozenset({jurisdiction})), wanted, now)
    working = WorkingTime(is_working_day)
    by_department: dict[str, list[tuple[StageTime, ...]]] = defaultdict(list)
    for course in courses.of(connection, heads, now):
        row = course.occurrence
        if not row.historical:
            department = (*row.departments, row.office or jurisdiction)[0]
            by_department[department].append(stage_times_of(course, working, now))
    return {name: _medians(times) for name, times in by_department.items()}


def _medians(times: Sequence[tuple[StageTime, ...]]) -> StageMedians:
    hours: dict[str, list[float]] = defaultdict(list)
    for stages in times:
        for stage in stages:
            if stage.working_hours is not None and stage.ended_at is not None:
                hours[stage.code].append(stage.working_hours)
    return StageMedians(len(times), {code: median(found) for code, found in hours.items()})


def _result(group: Alike, now: datetime) -> Result:
    return result_of(
        historical=group.historical,
        outcome=group.outcome,
        waived=group.waived,
        paused=group.paused,
        closed_at=group.closed_at,
        due_at=group.due_at,
        now=now,
        unverified=group.unverified,
    )


def _add(tally: dict[str, int], facts: Mapping[str, str], number: int) -> None:
    row = {"answer": "", "decision": "", **facts}
    for each in COUNTS:
        if each.takes(row):
            tally[each.name] += number

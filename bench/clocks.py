"""Clocks: one due date against ``numpy.busday_offset``, and a year of occurrences of 7,000 obligations.

``python bench/clocks.py`` prints the table; ``run()`` returns the figures. Targets: ratio ≤ 1.0; ≤ 10 s and ≤ 500 MB.
"""

from __future__ import annotations

import gc
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from obligations.rules.calendar import load_calendar
from obligations.rules.clocks import due_at_after
from obligations.rules.occurrences import occurrence_of, occurrence_of_event, periods_of
from obligations.words.limits import Limit
from obligations.words.obligation import Obligation
from obligations.words.occurrence import Event, Occurrence
from obligations.words.times import SHANGHAI, end_of_day

STARTS = 20_000
OBLIGATIONS = 7_000
YEAR = 2026
EVENTS_A_YEAR = 6
LIMIT = Limit(20, "working_day")
BY_LAW = {"limit": "P20WD", "origin": "law", "law": "proactive-disclosure"}
# What a large province owes: shares of 7,000, cadences as in the seven documents.
MIX: tuple[tuple[int, dict[str, Any], dict[str, Any] | None], ...] = (
    (30, {"kind": "recurring", "rule": "FREQ=MONTHLY"}, BY_LAW),
    (15, {"kind": "recurring", "rule": "FREQ=MONTHLY;INTERVAL=3"}, BY_LAW),
    (5, {"kind": "recurring", "rule": "FREQ=WEEKLY"}, BY_LAW),
    (2, {"kind": "recurring", "rule": "FREQ=DAILY;INTERVAL=5", "season": {"start": "06-01", "end": "09-30"}}, None),
    (10, {"kind": "recurring", "rule": "FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=30"}, None),
    (8, {"kind": "deadline", "date": f"{YEAR}-12-31"}, None),
    (5, {"kind": "quota", "min": 3, "per": "quarter"}, None),
    (15, {"kind": "standing", "rule": "TIMELY"}, None),
    (10, {"kind": "event", "event": "decision", "rule": "P7WD"}, None),
)


def run() -> dict[str, dict[str, Any]]:
    """Measure both and return their figures by name, with the targets."""
    child = subprocess.run([sys.executable, __file__, "--year"], capture_output=True, text=True, check=True)  # noqa: S603 - this very file
    return {"P20WD, one at a time": one_at_a_time(), "a year of occurrences": json.loads(child.stdout)}


def one_at_a_time() -> dict[str, Any]:
    """Compare due dates per second for ``P20WD``, start by start, due date only; both must give the same days."""
    calendar = load_calendar()
    dice = random.Random(20)  # noqa: S311 - repeatable sampling
    first = datetime(2008, 1, 1, tzinfo=SHANGHAI)
    starts = [first + timedelta(minutes=dice.randrange(18 * 365 * 24 * 60)) for _ in range(STARTS)]
    # all seven weekdays may be worked; every day off is a holiday: the only way to tell numpy of make-up weekends
    every = [date(2007, 12, 1) + timedelta(days=n) for n in range(20 * 366)]
    off = [np.datetime64(day) for day in every if not calendar.is_working_day(day)]
    holidays = np.busdaycalendar(weekmask="1111111", holidays=off)
    days = [np.datetime64(start.date()) for start in starts]

    def ours() -> list[datetime]:
        return [due_at_after(LIMIT, start, calendar) for start in starts]

    def theirs() -> list[np.datetime64]:
        return [np.busday_offset(day, 20, roll="backward", busdaycal=holidays) for day in days]

    same = [end_of_day(date.fromisoformat(str(day))) for day in theirs()] == ours()
    assert same, "the two do not agree"
    our_time, their_time = best_of(ours), best_of(theirs)
    return {
        "due dates per second": round(STARTS / our_time),
        "numpy.busday_offset per second": round(STARTS / their_time),
        "time ratio to numpy": round(our_time / their_time, 3),
        "target ratio": 1.0,
    }


def best_of(act: Callable[[], object], rounds: int = 7) -> float:
    """Return the shortest of some runs in seconds, the collector off."""
    gc.disable()
    try:
        times = []
        for _ in range(rounds):
            begun = time.perf_counter()
            act()
            times.append(time.perf_counter() - begun)
    finally:
        gc.enable()
    return min(times)


def year_of_occurrences() -> dict[str, Any]:
    """Compute every occurrence of one year, derivations included, and keep them all; memory is this process's peak."""
    obligations = catalogue()
    begun = time.perf_counter()
    calendar = load_calendar()
    found: list[Occurrence] = []
    for obligation in obligations:
        if obligation.clock.kind == "event":
            found += [occurrence_of_event(obligation, event, calendar) for event in EVENTS]
        else:
            periods = periods_of(obligation, date(YEAR, 1, 1), date(YEAR, 12, 31))
            found += [occurrence_of(obligation, period, calendar) for period in periods]
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # kilobytes on Linux
    return {
        "obligations": len(obligations),
        "occurrences": len(found),
        "seconds": round(seconds, 2),
        "target seconds": 10,
        "peak MB": round(peak),
        "target MB": 500,
    }


def catalogue() -> list[Obligation]:
    """Make 7,000 obligations in the proportions of ``MIX``, each with words of its own."""
    weights = [share for share, *_ in MIX]
    kinds = random.Random(7000).choices(MIX, weights, k=OBLIGATIONS)  # noqa: S311 - repeatable sampling
    return [obligation(number, clock, due) for number, (_, clock, due) in enumerate(kinds)]


def obligation(number: int, clock: dict[str, Any], due: dict[str, Any] | None) -> Obligation:
    """Make one obligation of a plan in force."""
    return Obligation.model_validate(
        {
            "key": f"bench/o{number}",
            "jurisdiction": {"slug": "bench", "name": "测试省", "level": "province"},
            "document": {
                "title": "政务公开工作要点",
                "number": f"测政办发〔{YEAR}〕1号",
                "issued_by": "测试省人民政府办公厅",
                "in_force_from": f"{YEAR}-01-01",
                "in_force_until": f"{YEAR}-12-31",
            },
            "title": f"第{number}项",
            "clause": f"一(一){number}",
            "quote": f"按规定公开第{number}项信息",
            "duty": "publish",
            "departments": ("测试厅",),
            "publication": "submission",
            "clock": clock,
            "due": due,
            "due_origin": "law" if due else "text",
            "fulfilment": "published",
            "source": {"kind": "inbox"},
        }
    )


EVENTS = [
    Event(f"e-{n}", "decision", "", "某决定", at := datetime(YEAR, 2 * n + 1, 11, 15, tzinfo=SHANGHAI), at, None, {})
    for n in range(EVENTS_A_YEAR)
]


def main() -> None:
    """Print the measurements, or for ``--year`` the second one as JSON, in a process of its own."""
    if sys.argv[1:] == ["--year"]:
        print(json.dumps(year_of_occurrences()))
        return
    for measurement, figures in run().items():
        print(f"{measurement}:", "; ".join(f"{name} {value}" for name, value in figures.items()))


if __name__ == "__main__":
    main()

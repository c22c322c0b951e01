"""Expecting a year of a province: 200,000 occurrences entered in PostgreSQL, against a raw bulk insert of the same rows.

``python -m bench.ledger [JURISDICTIONS]`` prints the figures; ``run()`` returns them. Ours begins with the obligations and
what has happened and ends with the last commit: dates worked out, those looked for that are there already, every row and
event sealed, at most 500 in a transaction. What the calendar opens goes through the sweep's own function, what events open
through the ledger's. The raw insert has the finished rows in memory and puts them into a ledger with the same indexes, in
one transaction, 1,000 in a statement. Targets: a ratio of ≤ 3; from a tenth of the province to the whole, time grows with
an exponent of ≤ 1.1. Needs OBLIGATIONS_TEST_POSTGRESQL_URL.
"""

from __future__ import annotations

import json
import math
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from psycopg2.extras import execute_values
from sqlalchemy import create_engine

from bench._ledgers import ledger_url
from bench._telling import tell
from bench.province import JURISDICTIONS, write_province
from obligations.orchestration.sweep.expecting import expect_all
from obligations.orchestration.work import catalogue_version
from obligations.rules.calendar import WorkingCalendar, load_calendar
from obligations.rules.catalogue import load
from obligations.rules.occurrences import occurrence_of_event
from obligations.rules.periods import has_periods, opening_event
from obligations.steps.ledger import Expected, Ledger, open_ledger
from obligations.steps.ledger import tables as ledger_tables
from obligations.words.clocks import EventClock
from obligations.words.obligation import Obligation
from obligations.words.occurrence import Event
from obligations.words.times import SHANGHAI

SERVER = "OBLIGATIONS_TEST_POSTGRESQL_URL"
GO_LIVE = date(2026, 1, 1)
NOW = datetime(2026, 10, 2, 9, tzinfo=SHANGHAI)  # 90 days before the year's end: what opens by then is expected
A_YEAR_OF_EACH = 1_300
"""Occurrences a jurisdiction owes in a year; what the calendar does not open, events do, evenly among their obligations."""
TABLES = (ledger_tables.document, ledger_tables.occurrence, ledger_tables.event)


def run(jurisdictions: int = JURISDICTIONS) -> dict[str, dict[str, Any]]:
    """Measure a tenth of the province, then the whole."""
    server = os.environ.get(SERVER, "")
    if not server:
        return {"not measured": {"reason": f"{SERVER} names no server"}}
    found = {}
    for size in (max(1, round(jurisdictions / 10)), jurisdictions):
        figures = _measure(server, size)
        found[f"{figures['occurrences']:,} in PostgreSQL"] = figures
    small, large = found.values()
    growth = math.log(large["s"] / small["s"]) / math.log(large["occurrences"] / small["occurrences"])
    return found | {"growth": {"exponent": round(growth, 3), "target exponent": 1.1}}


def _measure(server: str, jurisdictions: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        province = write_province(Path(folder) / "province", jurisdictions)
        served = {place.slug for place in province.places}
        obligations = [one for one in load(province.catalogue).obligations.values() if one.jurisdiction.slug in served]
        calendar = load_calendar()
        with ledger_url(Path(folder), server) as url:
            tell(f"a year of {len(obligations)} obligations is entered")
            with open_ledger(url) as ledger:
                began = time.perf_counter()
                made = _expect(ledger, obligations, calendar)
                seconds = time.perf_counter() - began
            tell(f"{made} occurrences are there; their rows are inserted raw")
            with ledger_url(Path(folder), server) as empty:
                raw, rows = _insert_raw(url, empty)
    return {
        "occurrences": made,
        "rows": rows,
        "s": round(seconds, 2),
        "raw insert s": round(raw, 2),
        "occurrences per second": round(made / seconds),
        "ratio": round(seconds / raw, 2),
        "target ratio": 3.0,
    }


def _expect(ledger: Ledger, obligations: Sequence[Obligation], calendar: WorkingCalendar) -> int:
    """Expect the year; return how many occurrences were entered."""
    made, alarms = expect_all(ledger, obligations, calendar, GO_LIVE, NOW, NOW)
    if alarms:
        raise RuntimeError(f"not all could be computed: {alarms[:3]}")
    by_jurisdiction: dict[str, list[Obligation]] = {}
    for one in obligations:
        by_jurisdiction.setdefault(one.jurisdiction.slug, []).append(one)
    periodic = dict.fromkeys(by_jurisdiction, 0)
    for told in made:
        periodic[told["key"].partition("/")[0]] += 1
    opened = [
        entry
        for slug, ones in by_jurisdiction.items()
        for entry in _opened_by_events(ones, A_YEAR_OF_EACH - periodic[slug], calendar)
    ]
    return len(made) + ledger.expect_many(opened, calendar_version=calendar.version, now=NOW)


def _opened_by_events(ones: Sequence[Obligation], wanted: int, calendar: WorkingCalendar) -> Iterator[Expected]:
    """Yield ``wanted`` occurrences that events of the year opened, evenly among the obligations that wait for events."""
    waiting = [one for one in ones if not has_periods(one.clock) and opening_event(one.clock) is not None]
    for number in range(max(0, wanted)):
        one = waiting[number % len(waiting)]
        at = datetime(GO_LIVE.year, 1, 1, 9, tzinfo=SHANGHAI) + timedelta(minutes=250 * number)
        levels = one.clock.levels if isinstance(one.clock, EventClock) else ()
        kind = opening_event(one.clock) or ""
        event = Event(f"e-{number}", kind, levels[0] if levels else "", "某事项", at, at, None, {})
        yield Expected(one, occurrence_of_event(one, event, calendar), catalogue_version(one))


def _insert_raw(full: str, empty: str) -> tuple[float, int]:
    """Insert every row of one ledger into another; return the seconds of inserting alone, with the commit, and the rows."""
    source, target = create_engine(full), create_engine(empty)
    seconds, rows = 0.0, 0
    reading, writing = source.raw_connection(), target.raw_connection()
    try:
        into = writing.cursor()
        for table in TABLES:
            columns = ", ".join(f'"{column.name}"' for column in table.columns)
            cursor = reading.cursor(name=table.name)  # a named cursor stays on the server
            cursor.itersize = 20_000
            cursor.execute(f'SELECT {columns} FROM "{table.name}" ORDER BY 1')  # noqa: S608 - names of our own tables
            while batch := cursor.fetchmany(20_000):
                statement = f'INSERT INTO "{table.name}" ({columns}) VALUES %s'  # noqa: S608 - names of our own tables
                began = time.perf_counter()
                execute_values(into, statement, batch, page_size=1000)
                seconds += time.perf_counter() - began
                rows += len(batch)
            cursor.close()
        began = time.perf_counter()
        writing.commit()
        seconds += time.perf_counter() - began
    finally:
        for connection in (reading, writing):
            connection.close()
        for engine in (source, target):
            engine.dispose()
    return seconds, rows


if __name__ == "__main__":
    print(json.dumps(run(*map(int, sys.argv[1:])), indent=2, ensure_ascii=False))

"""The page 按期率统计: by department and by month, with numerator and denominator, stage times and misses; printable, and as CSV.

Until a month's statement (通报) is issued a department sees its own figures alone; the office, leaders and reviewers of the
whole see all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from fastapi import APIRouter, HTTPException, Request, status
from fastapi.responses import HTMLResponse, StreamingResponse
from sqlalchemy import Connection

from obligations.orchestration.accountability.standing import standing_in
from obligations.orchestration.accountability.tallies import (
    Punctuality,
    StageMedians,
    months_until,
    punctuality_of,
    stage_medians,
    total,
)
from obligations.orchestration.calendars import calendar_or_packaged
from obligations.orchestration.pages.clock import now
from obligations.orchestration.pages.kept import catalogue_of, courses_of, ledger_of, people_of
from obligations.orchestration.pages.punctuality_view import CSV_COLUMNS, csv_row, figures_of, stages_of
from obligations.orchestration.pages.scope import CurrentScope, Scope
from obligations.orchestration.pages.shell import show
from obligations.rules.workbooks.streaming import csv_pieces
from obligations.steps.ledger.counting import Month, covered_by
from obligations.words.accountability import APART, OUTCOMES
from obligations.words.sources import LedgerSource
from obligations.words.times import say_day

_MONTHS = 12
_MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")

router = APIRouter(prefix="/punctuality")


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the person sees of one jurisdiction.

    Attributes:
        sees_all: every department of every month; own: departments otherwise.
        issued: months whose statement is issued, of which everybody sees all.
    """

    months: list[Month]
    found: Punctuality
    medians: dict[str, StageMedians]
    sees_all: bool
    own: frozenset[str]
    issued: frozenset[str]

    def shows(self, month: str, department: str) -> bool:
        """Whether the figures of a department in a month may be seen."""
        return self.sees_all or month in self.issued or department in self.own


@router.get("")
def punctuality(request: Request, scope: CurrentScope, jurisdiction: str = "", month: str = "") -> HTMLResponse:
    """Show one month by department, and the year up to it by month."""
    at, places = now(), _places(scope)
    slug, last, notes = _asked(jurisdiction, month, places, at)
    seen = None if slug is None else _see(scope, slug, last, at)
    chosen = f"{last:%Y-%m}"
    facts: dict[str, Any] = {
        "places": places,
        "slug": slug,
        "month": chosen,
        "notes": notes,
        "seen": seen,
        "apart": APART,
        "outcomes": OUTCOMES,
        "months": [each.name for each in reversed(months_until(at.date(), 2 * _MONTHS))],
    }
    if seen is not None:
        tallies = seen.found.tallies
        rows = {name: tally for (of, name), tally in sorted(tallies.items()) if of == chosen and seen.shows(of, name)}
        trend = [
            (
                each.name,
                total(
                    t for (of, name), t in tallies.items() if of == each.name and (seen.sees_all or name in seen.own)
                ),
            )
            for each in seen.months
        ]
        shown = [line for line in seen.found.misses if line.month == chosen and seen.shows(chosen, line.department)]
        facts |= {
            "departments": [figures_of(name, tally) for name, tally in rows.items()],
            "whole": figures_of("合计", total(rows.values())),
            "trend": [figures_of(name, tally) for name, tally in reversed(trend)],
            "stages": stages_of({name: each for name, each in seen.medians.items() if seen.shows(chosen, name)}),
            "misses": shown,
            "own_only": not seen.sees_all and chosen not in seen.issued,
            "keys": scope.obligations,
        }
    return show(
        scope, request, "punctuality.html.j2", page="punctuality", title="按期率统计", until=say_day(at.date()), **facts
    )


@router.get("/export.csv")
def export(scope: CurrentScope, jurisdiction: str = "", month: str = "") -> StreamingResponse:
    """Send the figures of the year up to a month, a row a month and department, as far as the person sees them."""
    at = now()
    slug, last, notes = _asked(jurisdiction, month, _places(scope), at)
    if notes or slug is None:
        raise HTTPException(status.HTTP_400_BAD_REQUEST, "；".join(notes) or "没有可以查看的辖区")
    seen = _see(scope, slug, last, at)

    def rows() -> Iterator[dict[str, str]]:
        for (of, name), tally in sorted(seen.found.tallies.items()):
            if seen.shows(of, name):
                yield csv_row(of, figures_of(name, tally))

    headers = {
        "Content-Disposition": f'attachment; filename="punctuality-{slug}-{last:%Y-%m}.csv"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingResponse(csv_pieces(CSV_COLUMNS, rows()), media_type="text/csv; charset=utf-8", headers=headers)


def _places(scope: Scope) -> dict[str, str]:
    return dict(sorted((each.jurisdiction.slug, each.jurisdiction.name) for each in scope.obligations.values()))


def _asked(jurisdiction: str, month: str, places: dict[str, str], at: datetime) -> tuple[str | None, date, list[str]]:
    """Return the jurisdiction, the first day of the month, and a note on each value that nobody understands."""
    notes = []
    slug = next(iter(places), None)
    if jurisdiction in places:
        slug = jurisdiction
    elif jurisdiction:
        notes.append("没有这个辖区，或者没有查看的权限")
    first = (at.date().replace(day=1) - timedelta(days=1)).replace(day=1)
    if _MONTH.fullmatch(month):
        first = date.fromisoformat(f"{month}-01")
    elif month:
        notes.append("月份应写作 2026-09 的形式")
    return slug, first, notes


def _see(scope: Scope, slug: str, last: date, at: datetime) -> _Seen:
    """Count, and find out what of it the person sees."""
    is_working_day, courses = calendar_or_packaged().is_working_day, courses_of(scope.settings)
    months = months_until(last, _MONTHS)
    with ledger_of(scope.settings).reading() as connection:
        found = punctuality_of(connection, slug, months, courses, now=at)
        medians = stage_medians(connection, slug, months[-1], courses, now=at, is_working_day=is_working_day)
        issued = _issued(connection, scope, slug, months)
    names = tuple(dict.fromkeys(name for _, name in found.tallies))
    if scope.settings.contacts is None:  # Airflow knows no departments: it is the whole jurisdiction or nothing
        sees_all, own = slug in scope.visible.jurisdictions, frozenset[str]()
    else:
        standing = standing_in(people_of(scope.settings), scope.account, slug, names, at)
        sees_all, own = standing.sees_all, frozenset(standing.departments)
    return _Seen(months, found, medians, sees_all, own, issued)


def _issued(connection: Connection, scope: Scope, slug: str, months: list[Month]) -> frozenset[str]:
    """Return the months whose statement is issued: of any obligation that tells of the ledger itself."""
    every = catalogue_of(scope.settings).values()
    keys = [each.key for each in every if each.jurisdiction.slug == slug and isinstance(each.source, LedgerSource)]
    return covered_by(connection, keys, months)

"""The page 时限日历: due dates by day, in a month or a year, with holidays and make-up days; provisional ones look so."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Request, status
from fastapi.responses import HTMLResponse

from obligations.orchestration.pages.calendar_view import FIRST_YEAR, LAST_YEAR, months_of, weeks_of
from obligations.orchestration.pages.clock import now
from obligations.orchestration.pages.kept import ledger_of
from obligations.orchestration.pages.scope import CurrentScope, Scope
from obligations.orchestration.pages.shell import PREFIX, show
from obligations.orchestration.pages.sights import working_calendar
from obligations.rules.calendar import WorkingCalendar
from obligations.steps.ledger.due_dates import counts_by_day, first_of_each_day
from obligations.words.times import say_day

_MONTH = re.compile(r"(\d{4})-(\d{2})")
MOST_A_DAY = 6
"""Occurrences of one day that a month names; the register has them all."""

router = APIRouter()


@router.get("/calendar")
def show_calendar(
    scope: CurrentScope,
    request: Request,
    month: str = "",
    year: str = "",
    jurisdiction: str = "",
    department: str = "",
) -> HTMLResponse:
    """Show a month, or with ``year`` a whole year; the present month unless asked for another."""
    at = now()
    names = {each.jurisdiction.slug: each.jurisdiction.name for each in scope.obligations.values()}
    departments = sorted(
        {name for each in scope.obligations.values() for name in each.department_names or each.departments}
    )
    chosen = {
        "jurisdiction": jurisdiction if jurisdiction in names else "",
        "department": department if department in departments else "",
    }
    working = working_calendar(scope.settings)
    facts: dict[str, Any] = {
        "chosen": chosen,
        "jurisdictions": dict(sorted(names.items())),
        "departments": departments,
        "covered_until": working.covered_until,
        "link": lambda **values: "?" + urlencode({name: text for name, text in (values | chosen).items() if text}),
        "register": lambda day: (
            f"{PREFIX}/register?"
            + urlencode(
                {
                    "from": day.isoformat(),
                    "until": day.isoformat(),
                    **{name: text for name, text in chosen.items() if text},
                }
            )
        ),
        "place": f"{PREFIX}/occurrences",
        "weekdays": "一二三四五六日",
        "feeds": f"{PREFIX}/feeds",
    }
    narrowed = {name: text or None for name, text in chosen.items()}
    if year:
        return _year(scope, request, _number_of(year), at, working, facts, narrowed)
    chosen_year, chosen_month = _month_of(month) if month else (at.year, at.month)
    first = date(chosen_year, chosen_month, 1)
    after = (first + timedelta(days=32)).replace(day=1)
    before, last = (first - timedelta(days=1)).replace(day=1), after - timedelta(days=1)
    with ledger_of(scope.settings).reading() as connection:
        counts = counts_by_day(connection, scope.visible, first, last, at, **narrowed)
        dues = first_of_each_day(connection, scope.visible, first, last, MOST_A_DAY, **narrowed)
    facts |= {
        "view": "month",
        "said": f"{first.year}年{first.month}月",
        "month": f"{first:%Y-%m}",
        "year": first.year,
        "before": f"{before:%Y-%m}",
        "after": f"{after:%Y-%m}",
        "weeks": weeks_of(first.year, first.month, at.date(), working, counts, dues, MOST_A_DAY),
        "total": sum(count.total for count in counts.values()),
    }
    return show(scope, request, "calendar.html.j2", page="calendar", title="时限日历", say_date=say_day, **facts)


def _year(
    scope: Scope,
    request: Request,
    year: int,
    at: datetime,
    working: WorkingCalendar,
    facts: dict[str, Any],
    narrowed: dict[str, str | None],
) -> HTMLResponse:
    with ledger_of(scope.settings).reading() as connection:
        counts = counts_by_day(connection, scope.visible, date(year, 1, 1), date(year, 12, 31), at, **narrowed)
    facts |= {
        "view": "year",
        "said": f"{year}年",
        "month": f"{year}-{at.month if year == at.year else 1:02d}",
        "year": year,
        "before": year - 1,
        "after": year + 1,
        "months": months_of(year, at.date(), working, counts),
        "total": sum(count.total for count in counts.values()),
    }
    return show(scope, request, "calendar.html.j2", page="calendar", title="时限日历", say_date=say_day, **facts)


def _month_of(text: str) -> tuple[int, int]:
    found = _MONTH.fullmatch(text)
    if found is None or not 1 <= int(found[2]) <= 12:
        raise HTTPException(status.HTTP_400_BAD_REQUEST, f"月份“{text[:20]}”无法识别，应写作 2026-11")
    return _number_of(found[1]), int(found[2])


def _number_of(text: str) -> int:
    if not re.fullmatch(r"\d{4}", text) or not FIRST_YEAR <= int(text) <= LAST_YEAR:
        raise HTTPException(status.HTTP_400_BAD_REQUEST, f"年份“{text[:20]}”无法识别，应为{FIRST_YEAR}至{LAST_YEAR}")
    return int(text)

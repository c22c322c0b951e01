"""The page 台账: every occurrence that the person may see, filtered, sorted and paged by the ledger; the same as CSV or XLSX.

An export holds exactly what the filters leave, in the same order, under the same rights.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import Literal

from fastapi import APIRouter, HTTPException, Request, status
from fastapi.responses import HTMLResponse, StreamingResponse

from obligations.orchestration.calendars import calendar_or_packaged
from obligations.orchestration.pages.clock import now
from obligations.orchestration.pages.kept import ledger_of
from obligations.orchestration.pages.register_query import SORTS, STATES, Asked, choices_of, read_query
from obligations.orchestration.pages.register_view import line_of
from obligations.orchestration.pages.scope import CurrentScope, Scope
from obligations.orchestration.pages.shell import show
from obligations.rules.workbooks.register import KEY, OFFICE_COLUMNS, PERIOD
from obligations.rules.workbooks.streaming import csv_pieces, write_rows
from obligations.steps.ledger import Stage, open_ledger
from obligations.steps.ledger.listing import count, ids_of, rows_with
from obligations.steps.ledger.office_columns import office_rows
from obligations.steps.ledger.reading import told_of
from obligations.steps.ledger.stages import stage_words

PAGE = 50
"""Rows a page."""
_BATCH = 250
_IN_MEMORY = 4 * 1024 * 1024  # bytes of a workbook before it goes to disk
_WIDTHS = dict(zip((*OFFICE_COLUMNS, KEY, PERIOD), (6, 32, 26, 16, 20, 20, 20, 22, 28, 24, 30, 14), strict=True))
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

router = APIRouter(prefix="/register")


@router.get("")
def register(request: Request, scope: CurrentScope) -> HTMLResponse:
    """Show one page of the occurrences that the filters leave."""
    at, choices = now(), choices_of(scope)
    asked = read_query(request.query_params.multi_items(), scope, choices)
    with ledger_of(scope.settings).reading() as connection:
        total = count(connection, scope.visible, asked.filters, at)
        pages = max(1, -(-total // PAGE))
        page = min(asked.page, pages)
        ids = ids_of(
            connection,
            scope.visible,
            asked.filters,
            at,
            sort=asked.sort,
            descending=asked.descending,
            limit=PAGE,
            offset=(page - 1) * PAGE,
        )
        rows = rows_with(connection, ids)
    return show(
        scope,
        request,
        "register.html.j2",
        page="register",
        title="台账",
        asked=asked,
        choices=choices,
        states=STATES,
        stages={stage.value: stage_words(stage) for stage in Stage},
        sorts=SORTS,
        lines=[line_of(row, scope.obligations, at) for row in rows],
        total=total,
        first=(page - 1) * PAGE + 1,
        number=page,
        pages=pages,
    )


@router.get("/export.{form}")
def export(form: Literal["csv", "xlsx"], request: Request, scope: CurrentScope) -> StreamingResponse:
    """Send every occurrence that the filters leave, in the office's own columns, with 编号 and 期间 to be read back by.

    Refuses with 400 a filter that nobody understands: more than was asked for must not go out unnoticed.
    """
    asked = read_query(request.query_params.multi_items(), scope, choices_of(scope))
    if asked.unknown:
        raise HTTPException(status.HTTP_400_BAD_REQUEST, "；".join(asked.unknown))
    at = now()
    rows = _rows(scope, asked, at)
    name = f"register-{at:%Y%m%d-%H%M}.{form}"
    headers = {
        "Content-Disposition": f"attachment; filename=\"{name}\"; filename*=UTF-8''%E5%8F%B0%E8%B4%A6-{at:%Y%m%d-%H%M}.{form}",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    pieces = csv_pieces(_WIDTHS, rows) if form == "csv" else _workbook(rows)
    return StreamingResponse(pieces, media_type=_TYPES[form], headers=headers)


def _rows(scope: Scope, asked: Asked, at: datetime) -> Iterator[dict[str, str]]:
    """Yield the rows of the whole list, all of one state of the ledger, a few at a time."""
    is_working_day = calendar_or_packaged().is_working_day
    with open_ledger(scope.settings.ledger_url) as ledger, ledger.reading() as connection:
        ids = ids_of(connection, scope.visible, asked.filters, at, sort=asked.sort, descending=asked.descending)
        for start in range(0, len(ids), _BATCH):
            found = rows_with(connection, ids[start : start + _BATCH])
            told = told_of(connection, found, now=at, is_working_day=is_working_day)
            for row, cells in zip(found, office_rows(told, start + 1), strict=True):
                yield {**cells, KEY: row.key, PERIOD: row.period}


def _workbook(rows: Iterator[dict[str, str]]) -> Iterator[bytes]:
    """Yield a workbook: it is whole before its first byte can go out, and lies on disk where it is large."""
    with ExitStack() as stack:
        file = stack.enter_context(SpooledTemporaryFile(max_size=_IN_MEMORY))
        write_rows(file, "台账", _WIDTHS, rows)  # type: ignore[arg-type]  # as good as a file, says its documentation
        file.seek(0)
        while piece := file.read(1 << 16):
            yield piece

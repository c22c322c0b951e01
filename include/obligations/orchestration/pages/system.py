"""The page 系统运行, for operators and offices; and ``/health``, for a monitor, which says nothing but well or not."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request, status
from fastapi.responses import HTMLResponse, JSONResponse
from sqlalchemy.exc import SQLAlchemyError

from obligations.orchestration.pages.clock import now
from obligations.orchestration.pages.keepers import keeps_all, require_keeper
from obligations.orchestration.pages.kept import faults_of, ledger_of
from obligations.orchestration.pages.scope import CurrentScope, Scope
from obligations.orchestration.pages.shell import show
from obligations.orchestration.pages.sights import sight_of
from obligations.orchestration.pages.system_view import Notice, notices_on, say_gaps, say_sweep, waiting_lines
from obligations.orchestration.publication.channels import channels_file
from obligations.orchestration.settings import Settings
from obligations.orchestration.sweep.alarms import LONGEST_GAP, people_out_of_reach
from obligations.orchestration.sweep.basis import Basis, basis_of
from obligations.steps.ledger import Outbox, Sweeps
from obligations.steps.ledger.condition import lacking, open_counts, stuck_messages
from obligations.words.errors import CatalogueFault, ObligationsError
from obligations.words.times import SHANGHAI

_LISTED = 50
_MESSAGES = 20

router = APIRouter()


@router.get("/system")
def show_system(scope: CurrentScope, request: Request) -> HTMLResponse:
    """Show how the installation stands."""
    at = now()
    require_keeper(scope, at)
    basis = basis_of(scope.settings)
    sight = sight_of(scope, at)
    gaps, unreachable = _contacts(scope, basis, at)
    ledger = ledger_of(scope.settings)
    sweeps = Sweeps(ledger)
    last, finished = sweeps.last(), sweeps.last(finished=True)
    waiting = Outbox(ledger).waiting(at)
    with ledger.reading() as connection:
        lack, lack_total = lacking(connection, scope.visible, most=_LISTED)
        open_total, provisional = open_counts(connection, scope.visible)
        stuck = stuck_messages(connection, most=_MESSAGES)
    return show(
        scope,
        request,
        "system.html.j2",
        page="system",
        title="系统运行",
        sweep=say_sweep(last, finished, at, LONGEST_GAP),
        waiting=waiting,
        stuck=stuck,
        lacking=waiting_lines(lack, sight),
        lacking_total=lack_total,
        open_total=open_total,
        provisional=provisional,
        calendar=sight.calendar,
        files=_faulty_files(scope, basis),
        gaps=gaps,
        unreachable=unreachable,
        keeps_all=keeps_all(scope, at),
    )


@router.api_route("/health", methods=["GET", "HEAD"])
def health() -> JSONResponse:
    """Say whether the ledger can be reached and passes come; whoever asks, for it says nothing else."""
    at = now()
    try:
        last = Sweeps(ledger_of(Settings.from_environment())).last(finished=True)
        well = last is not None and last.finished_at is not None and at - last.finished_at <= LONGEST_GAP
    except (ObligationsError, SQLAlchemyError, OSError):
        well = False
    code = status.HTTP_200_OK if well else status.HTTP_503_SERVICE_UNAVAILABLE
    return JSONResponse({"status": "ok" if well else "degraded"}, code, {"Cache-Control": "no-store"})


def _faulty_files(scope: Scope, basis: Basis) -> list[Notice]:
    """Return what is wrong with the catalogue and the files of the installation."""
    found = notices_on("目录", (str(fault) for fault in faults_of(scope.settings)))
    found += notices_on("设置", (alarm.said for alarm in basis.alarms))
    try:
        channels_file(scope.settings)
    except CatalogueFault as faulty:
        found += notices_on("发布渠道", (str(fault) for fault in faulty.faults))
    except ObligationsError as faulty:
        found += notices_on("发布渠道", (str(faulty),))
    return found


def _contacts(scope: Scope, basis: Basis, at: datetime) -> tuple[list[tuple[str, str, str]], list[str]]:
    """Return the roles that nobody holds in what may be seen, by jurisdiction and role, and who cannot be reached."""
    today = at.astimezone(SHANGHAI).date()
    binding = [each for each in scope.obligations.values() if each.status(today) != "已过执行年度"]
    gaps = basis.directory.unfilled(binding, basis.policies, at, basis.reviews) if basis.directory.file.people else ()
    governments = {each.jurisdiction.slug: each.jurisdiction.name for each in binding}
    unreachable = people_out_of_reach(basis, at) if keeps_all(scope, at) else ()
    return say_gaps(gaps, governments), [alarm.said for alarm in unreachable]

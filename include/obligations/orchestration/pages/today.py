"""The page 今日待办: incidents that go on, what is late or due, whose turn it is, and what went public today."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from obligations.orchestration.events.incidents import TEXTS
from obligations.orchestration.pages.clock import now
from obligations.orchestration.pages.incidents_view import incident_view
from obligations.orchestration.pages.kept import ledger_of
from obligations.orchestration.pages.lines import done_of
from obligations.orchestration.pages.reporters import may_report
from obligations.orchestration.pages.scope import CurrentScope, Scope
from obligations.orchestration.pages.shell import show
from obligations.orchestration.pages.sights import sight_of
from obligations.orchestration.pages.today_view import SHOWN, paperwork_part, parts_of, week_ends
from obligations.rules.reviews import chain_of
from obligations.steps.ledger.agenda import agenda, paperwork_of, published_since, telling_events
from obligations.steps.ledger.incidents import incidents
from obligations.words.errors import ObligationsError
from obligations.words.times import SHANGHAI, midnight

_READ = 2 * SHOWN
"""Read of a section, so that a person's own come first among more than are shown."""
_INCIDENTS = 10

router = APIRouter()


@router.get("/")
def show_today(scope: CurrentScope, request: Request) -> HTMLResponse:
    """Show what there is to do."""
    at = now()
    sight = sight_of(scope, at)
    oral = _approved_by_word_of_mouth(scope)
    with ledger_of(scope.settings).reading() as connection:
        found = agenda(connection, scope.visible, now=at, week_ends=week_ends(at), most=_READ)
        rows = [row for listed in found.values() for row in listed.rows]
        owed = paperwork_of(connection, scope.visible, oral)
        since = midnight(at.astimezone(SHANGHAI).date())
        done = published_since(connection, scope.visible, since, most=SHOWN)
        going_on, _ = incidents(
            connection, scope.visible, is_open=True, unopened=bool(may_report(scope, at)), most=_INCIDENTS
        )
        rows += [row for incident in going_on for row in incident.rows]
        events = telling_events(connection, rows)
    parts = parts_of(found, events, sight)
    if (paperwork := paperwork_part(owed, sight)) is not None:
        parts.append(paperwork)
    return show(
        scope,
        request,
        "today.html.j2",
        page="today",
        title="今日待办",
        incidents=[incident_view(each, events, scope.obligations, sight, TEXTS) for each in going_on],
        parts=parts,
        done=[done_of(row, sight) for row in done.rows],
        done_total=done.total,
        several=len(sight.governments) > 1,
        knows_people=scope.settings.contacts is not None,
    )


def _approved_by_word_of_mouth(scope: Scope) -> list[str]:
    """Return the duties whose approval may be given by word of mouth; none where the chains cannot be read (系统运行 says so)."""
    try:
        return [each.key for each in scope.obligations.values() if chain_of(each, scope.settings.reviews).oral]
    except ObligationsError:
        return []

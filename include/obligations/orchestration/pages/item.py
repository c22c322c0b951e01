"""The page of one obligation (公开事项): what orders it, when it is due next and why, how it went, who holds its roles."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from obligations.orchestration.accountability.lines import settled_in
from obligations.orchestration.calendars import calendar_or_packaged
from obligations.orchestration.pages.clock import now
from obligations.orchestration.pages.item_view import (
    bars_of,
    holders_of,
    next_dates,
    say_chain,
    say_channel,
    years_of,
)
from obligations.orchestration.pages.kept import ledger_of, people_of
from obligations.orchestration.pages.lines import say_period_of
from obligations.orchestration.pages.register_view import line_of
from obligations.orchestration.pages.scope import CurrentScope
from obligations.orchestration.pages.shell import PREFIX, Crumb, show
from obligations.publications import registry
from obligations.rules.channels import channel_of, load_channels
from obligations.rules.law import law_in_force
from obligations.rules.reviews import chain_of
from obligations.rules.simplified import simplified
from obligations.rules.wording import say_clock, say_duty, say_fulfilment, say_kind
from obligations.steps.ledger import OccurrenceRow
from obligations.steps.ledger.listing import Filters, Standing, count, ids_of, rows_with
from obligations.steps.ledger.reading import told_of
from obligations.words.obligation import Obligation
from obligations.words.visible import Visible

_PAST, _IN_CHART, _IN_TABLE = 60, 12, 12
_OPEN = (Standing.NOT_DUE, Standing.PAUSED)

router = APIRouter(prefix="/items")


@router.get("/{jurisdiction}/{slug}")
def item(jurisdiction: str, slug: str, request: Request, scope: CurrentScope) -> HTMLResponse:
    """Show one obligation to whoever may see it."""
    obligation = scope.require(f"{jurisdiction}/{slug}")
    at, calendar, settings = now(), calendar_or_packaged(), scope.settings
    own, key = Visible(keys=frozenset({obligation.key})), obligation.key
    with ledger_of(settings).reading() as connection:
        total = count(connection, own, Filters(), at)
        coming = ids_of(connection, own, Filters(standings=_OPEN), at, limit=_IN_TABLE)
        latest = ids_of(connection, own, Filters(due_until=at.date()), at, descending=True, limit=_PAST)
        upcoming = [row for row in rows_with(connection, coming) if row.due_at >= at]
        told = told_of(connection, rows_with(connection, latest), now=at, is_working_day=calendar.is_working_day)
        objections, rulings = settled_in(connection, jurisdiction)
    chain = chain_of(obligation, settings.reviews)
    met = [row for row in told if row.occurrence.is_met][:_IN_CHART]
    shown = list({row.id: row for row in (*reversed(upcoming), *(each.occurrence for each in told))}.values())
    return show(
        scope,
        request,
        "item.html.j2",
        page="register",
        title=obligation.title,
        crumbs=(Crumb("台账", f"{PREFIX}/register"),),
        obligation=obligation,
        facts=_facts(obligation),
        kind=say_kind(obligation.clock),
        duty=say_duty(obligation.duty),
        status=obligation.status(at.date()),
        dates=next_dates(obligation, upcoming, calendar, at),
        bars=bars_of(reversed(met)),
        years=years_of(told, objections, rulings, at),
        lines=[line_of(row, scope.obligations, at) for row in shown[:_IN_TABLE]],
        total=total,
        counted=len(told),
        register=f"{PREFIX}/register?{urlencode({'key': key})}",
        products=[
            {
                "period": say_period_of(row.occurrence),
                "place": _place(row.occurrence),
                "drafts": len({draft.version for draft in row.drafts}),
                "publications": row.publications,
            }
            for row in told
            if row.drafts or row.publications
        ][:_IN_TABLE],
        holders=[] if settings.contacts is None else holders_of(people_of(settings), obligation, chain, at),
        chain=say_chain(chain),
        release=chain.release,
        channel=say_channel(obligation, channel_of(obligation, load_channels(settings.channels))),
        dag=f"{settings.base_url}/dags/{obligation.dag_id}",
    )


def _place(row: OccurrenceRow) -> str:
    return f"{PREFIX}/occurrences/{row.key}/{quote(row.period, safe='')}"


def _facts(obligation: Obligation) -> list[tuple[str, str]]:
    """Return what orders it and what it asks for, label and words."""
    document = obligation.document
    law = law_in_force(obligation.due.law, document.in_force_from) if obligation.due and obligation.due.law else None
    names = obligation.department_names or obligation.departments
    facts = [
        ("依据文件", f"{document.cited}{f'（{document.number}）' if document.number else '（来源未载文号）'}"),
        ("印发机关", document.issued_by),
        ("条款", f"{obligation.clause}：{simplified(obligation.quote)}"),
        ("公开内容", obligation.title + (f"：{'、'.join(obligation.items)}" if obligation.items else "")),
        ("时限", say_clock(obligation)),
        ("法律依据", law.cite() if law else ""),
        ("完成方式", f"以{say_fulfilment(obligation.fulfilment)}为完成"),
        ("稿件类型", registry.kind(obligation.publication).title),
        ("责任单位", "、".join(names) or "（条文未写明）"),
        ("沿用", obligation.adopted_from or ""),
        (
            "延续执行",
            f"{obligation.continued.basis}（{obligation.continued.approved_by}批准）" if obligation.continued else "",
        ),
        ("注意", "文件印发时已过期限" if obligation.lapsed_at_issue else ""),
        ("说明", obligation.note or ""),
    ]
    return [(label, said) for label, said in facts if said]

"""The page of a round of feedback (反馈核实): a department checks its own figures and answers, the office rules.

Rights are checked on the server for every request: a department sees and answers for itself alone; only the office
rules. Acting takes a POST from our own page with a token of this act and user.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Annotated, Any, NamedTuple

from airflow.api_fastapi.core_api.security import GetUserDep
from fastapi import APIRouter, Depends, HTTPException, Request, status
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from obligations.orchestration.accountability.feedback import (
    answer_round,
    find_round,
    frozen_snapshot,
    own_lines,
    rule_on,
)
from obligations.orchestration.accountability.standing import Standing, may_read_draft, standing_of
from obligations.orchestration.pages.clock import now
from obligations.orchestration.pages.feedback_view import department_views, objection_views
from obligations.orchestration.pages.forms import FORM_HEADERS, page_template, read_form, require_own_form
from obligations.orchestration.pages.readers import obligation_of
from obligations.orchestration.pages.tokens import token_of
from obligations.orchestration.review.answers import AnswerRefused
from obligations.orchestration.settings import Settings
from obligations.orchestration.work import Work, open_work
from obligations.rules.catalogue import load_one
from obligations.steps.gather import load_extract
from obligations.steps.ledger import OccurrenceRow
from obligations.words.accountability import DECISIONS, LedgerLine, Objection, Round
from obligations.words.errors import ObligationsError, UnusableInput
from obligations.words.obligation import Obligation
from obligations.words.sources import LedgerSource
from obligations.words.times import say_due

_MOST_BYTES = 1_000_000
_MOST_FIELDS = 2000
_PLACE = "/feedback/{jurisdiction}/{slug}/{period}"

router = APIRouter()


class Opened(NamedTuple):
    """A round as one account may see it."""

    work: Work
    found: Round
    lines: tuple[LedgerLine, ...]
    standing: Standing


async def _form(request: Request) -> dict[str, list[str]]:
    return await read_form(request, most_bytes=_MOST_BYTES, most_fields=_MOST_FIELDS)


Form = Annotated[dict[str, list[str]], Depends(_form)]


@router.get(_PLACE)
def show_round(jurisdiction: str, slug: str, period: str, user: GetUserDep) -> HTMLResponse:
    """Show the round: a department its own figures, the office and the reviewers all."""
    with _opened(Settings.from_environment(), f"{jurisdiction}/{slug}", period, user.get_name()) as opened:
        return _page(opened, user.get_id())


@router.post(f"{_PLACE}/answer")
def answer(jurisdiction: str, slug: str, period: str, request: Request, user: GetUserDep, form: Form) -> Response:
    """Record a department's answer."""
    settings, key = Settings.from_environment(), f"{jurisdiction}/{slug}"
    department = _first(form, "department")
    act = f"answer:{key}:{period}:{department}"
    require_own_form(settings, request, _first(form, "token"), user.get_id(), act)
    with _opened(settings, key, period, user.get_name()) as opened:
        if department not in opened.standing.departments:
            raise HTTPException(status.HTTP_403_FORBIDDEN, "只能为本单位反馈")
        try:
            answer_round(opened.work, department, _objections(form), user.get_name(), now())
        except AnswerRefused as refused:
            return _page(opened, user.get_id(), str(refused), status.HTTP_400_BAD_REQUEST)
    return _back(period)


@router.post(f"{_PLACE}/rule")
def rule(jurisdiction: str, slug: str, period: str, request: Request, user: GetUserDep, form: Form) -> Response:
    """Record how the office rules on one objection."""
    settings, key = Settings.from_environment(), f"{jurisdiction}/{slug}"
    subject, of = _first(form, "key"), _first(form, "of")
    act = f"rule:{key}:{period}:{subject}:{of}"
    require_own_form(settings, request, _first(form, "token"), user.get_id(), act)
    with _opened(settings, key, period, user.get_name()) as opened:
        if not opened.standing.is_office:
            raise HTTPException(status.HTTP_403_FORBIDDEN, "裁定须由政务公开办的人员办理")
        try:
            decision, reason = _first(form, "decision"), _first(form, "reason")
            rule_on(opened.work, subject, of, decision, reason, user.get_name(), now())
        except AnswerRefused as refused:
            return _page(opened, user.get_id(), str(refused), status.HTTP_400_BAD_REQUEST)
    return _back(period)


def refuse_departments(settings: Settings, key: str, row: OccurrenceRow | None, account: str) -> None:
    """Raise 403 for the draft of a statement that the account may not read before it is issued, if it ever is."""
    if row is not None and row.is_met:
        return
    try:
        is_statement = isinstance(load_one(settings.catalogue, key).source, LedgerSource)
    except ObligationsError:
        is_statement = True  # of an obligation that cannot be loaded nobody knows
    if is_statement and not may_read_draft(settings, account, key.partition("/")[0], now()):
        raise HTTPException(status.HTTP_403_FORBIDDEN, "通报印发前，各单位只能查看本单位的数据")


def _statement(settings: Settings, key: str) -> Obligation:
    """Return the obligation; 404 where it is unknown or no statement of punctuality."""
    obligation = obligation_of(settings, key)
    if not isinstance(obligation.source, LedgerSource):
        raise HTTPException(status.HTTP_404_NOT_FOUND, "这个事项没有反馈核实")
    return obligation


@contextmanager
def _opened(settings: Settings, key: str, period: str, account: str) -> Iterator[Opened]:
    """Open a round for an account; 404 for a period that is none, else as ``_round_of``."""
    with ExitStack() as until_done:
        try:
            work = until_done.enter_context(open_work(settings, _statement(settings, key), period, "page"))
        except UnusableInput as unknown:
            raise HTTPException(status.HTTP_404_NOT_FOUND, str(unknown)) from None
        yield _round_of(work, account)


def _round_of(work: Work, account: str) -> Opened:
    """Return the round for an account; 403 for one that is of no department asked, 404 before the round began."""
    try:
        found = find_round(work)
        lines = own_lines(load_extract(frozen_snapshot(work)), work.period) if found else ()
    except UnusableInput as missing:
        raise HTTPException(status.HTTP_404_NOT_FOUND, str(missing)) from None
    departments = found.departments if found else ()
    standing = standing_of(work.settings, account, work.obligation.jurisdiction.slug, departments, now())
    if not (standing.sees_all or standing.departments):
        raise HTTPException(
            status.HTTP_403_FORBIDDEN, "没有查看权限：只有责任单位和政务公开办的人员可以查看，请核对通讯录中的账号"
        )
    if found is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "反馈核实还没有开始")
    return Opened(work, found, lines, standing)


def _page(opened: Opened, user_id: str, refusal: str = "", code: int = status.HTTP_200_OK) -> HTMLResponse:
    work, found, standing = opened.work, opened.found, opened.standing
    place = f"{work.key}:{work.period}"
    seen = found.departments if standing.sees_all else standing.departments
    context: dict[str, Any] = {
        "title": work.obligation.title,
        "office": work.obligation.jurisdiction.office or work.obligation.jurisdiction.name,
        "watermark": work.obligation.jurisdiction.watermark or "",
        "period": work.period,
        "until": say_due(found.until),
        "settled": found.settled,
        "is_open": found.is_open(now()),
        "refusal": refusal,
        "silent": found.silent if standing.sees_all else (),
        "departments": department_views(work, found, opened.lines, seen),
        "own": standing.departments,
        "objections": objection_views(found, opened.lines, seen),
        "may_rule": standing.is_office and not found.settled,
        "decisions": DECISIONS,
        "answer_tokens": {name: token_of(user_id, f"answer:{place}:{name}") for name in standing.departments},
        "rule_token": lambda key, of: token_of(user_id, f"rule:{place}:{key}:{of}"),
    }
    page = page_template(work.settings.templates / "pages", "feedback.html.j2").render(context)
    return HTMLResponse(page, code, headers=FORM_HEADERS)


def _objections(form: dict[str, list[str]]) -> tuple[Objection, ...]:
    """Read the objections; an answer that says it agrees and yet objects, or the reverse, is refused."""
    rows = zip(form.get("key", []), form.get("of", []), form.get("text", []), form.get("evidence", []), strict=False)
    found = tuple(
        Objection(key, of, text.strip(), evidence.strip())
        for key, of, text, evidence in rows
        if text.strip() or evidence.strip()
    )
    agrees = _first(form, "says") == "agree"
    if agrees and found:
        raise AnswerRefused("已填写意见：有异议请点“提交异议”；没有异议请清空意见后点“无异议”")
    if not agrees and not found:
        raise AnswerRefused("请在有异议的事项下填写意见；没有异议请点“无异议”")
    return found


def _first(form: dict[str, list[str]], name: str) -> str:
    return form.get(name, [""])[0].strip()


def _back(period: str) -> Response:
    # Relative, so that it holds under whatever prefix the pages are served.
    return RedirectResponse(f"../{period}", status.HTTP_303_SEE_OTHER, headers=FORM_HEADERS)

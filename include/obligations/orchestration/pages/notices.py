"""The page of one notice: what it tells, and the two buttons, 签收 and 确认督办. Looking at it changes nothing.

Mail scanners open every link, so acting takes a POST with a token of this notice and user. Rights are checked on the
server: whoever may read the obligation's DAG and is the recipient, or of the open-government office; only the office
confirms. An alarm about the system is for its recipient and the operators.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.auth.managers.models.resource_details import DagDetails
from airflow.api_fastapi.core_api.security import GetUserDep
from fastapi import APIRouter, Depends, HTTPException, Path, Request, status
from fastapi.responses import HTMLResponse, RedirectResponse

from obligations.orchestration.pages.clock import now
from obligations.orchestration.pages.forms import FORM_HEADERS, page_template, read_form, require_own_form
from obligations.orchestration.pages.tokens import token_of
from obligations.orchestration.people import directory_of
from obligations.orchestration.settings import Settings
from obligations.rules.policies import CONFIRM
from obligations.steps.ledger import Ledger, LedgerEvent, OccurrenceRow, open_ledger
from obligations.steps.ledger.outbox import Outbox
from obligations.words.contacts import Role
from obligations.words.errors import UnusableInput
from obligations.words.notices import QueuedNotice
from obligations.words.times import say_due, say_instant

Answer = Literal["acknowledge", "confirm"]
NoticeId = Annotated[int, Path(ge=1, lt=1 << 63)]
"""As large as a database counts; a larger number is an error of the database, not a notice that is not there."""
_MOST_BYTES = 4096

router = APIRouter(prefix="/notices")


@dataclass(frozen=True, slots=True)
class _Seen:
    """A notice with its occurrence, as one user may see it."""

    notice: QueuedNotice
    row: OccurrenceRow | None
    events: tuple[LedgerEvent, ...]
    recipient: str
    is_office: bool

    @property
    def asks_to_confirm(self) -> bool:
        return self.notice.tier.startswith(CONFIRM)

    @property
    def confirmation(self) -> LedgerEvent | None:
        """The office's confirmation of this tier, whichever of its people gave it."""
        said = (event for event in self.events if event.kind == "notice_confirmed")
        return next((event for event in said if event.payload.get("tier") == self.notice.tier), None)


@router.get("/{notice_id}")
def show_notice(notice_id: NoticeId, user: GetUserDep) -> HTMLResponse:
    """Show one notice to whoever may see it."""
    settings = Settings.from_environment()
    with open_ledger(settings.ledger_url) as ledger:
        seen = _see(settings, ledger, notice_id, user)
    page = page_template(settings.templates / "pages", "notice.html.j2").render(_context(seen, user, settings))
    return HTMLResponse(page, headers=FORM_HEADERS)


async def _form(request: Request) -> dict[str, str]:
    form = await read_form(request, most_bytes=_MOST_BYTES, most_fields=10)
    return {name: values[0] for name, values in form.items()}


@router.post("/{notice_id}/{answer}")
def answer_notice(
    notice_id: NoticeId,
    answer: Answer,
    user: GetUserDep,
    request: Request,
    form: Annotated[dict[str, str], Depends(_form)],
) -> RedirectResponse:
    """Record 签收 or 确认督办 once, then show the notice again."""
    settings = Settings.from_environment()
    require_own_form(settings, request, form.get("token", ""), user.get_id(), f"{answer}:{notice_id}")
    with open_ledger(settings.ledger_url) as ledger:
        seen = _see(settings, ledger, notice_id, user)
        outbox, at = Outbox(ledger), now()
        if answer == "acknowledge":
            outbox.acknowledge(notice_id, user.get_name(), at)
        else:
            _require_confirmable(seen)
            outbox.confirm(notice_id, user.get_name(), at)
    # Relative, so that it holds under whatever prefix the pages are served.
    return RedirectResponse(f"../{notice_id}", status.HTTP_303_SEE_OTHER, headers=FORM_HEADERS)


def _see(settings: Settings, ledger: Ledger, notice_id: int, user: BaseUser) -> _Seen:
    """Return the notice; raises 404 for an unknown one and 403 for who is neither recipient nor of the office."""
    try:
        notice = Outbox(ledger).find(notice_id)
    except UnusableInput:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "没有这条通知") from None
    directory, account, at = directory_of(settings), user.get_name(), now()
    recipient = directory.person(notice.recipient)
    is_recipient = recipient is not None and recipient.account == account
    name = recipient.name if recipient else notice.recipient
    if notice.key is None or notice.period is None:
        if not is_recipient and not any(
            directory.may_act(account, (Role.OPERATOR,), held.jurisdiction, (), at) for held in directory.file.roles
        ):
            raise _forbidden()
        return _Seen(notice, None, (), name, is_office=False)
    row = ledger.occurrence(notice.key, notice.period)
    if row is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "没有这条通知")
    details = DagDetails(id=row.key.replace("/", ".", 1))
    is_office = directory.may_act(account, (Role.OFFICE,), row.jurisdiction, row.departments, at)
    if not (is_recipient or is_office) or not get_auth_manager().is_authorized_dag(
        method="GET", details=details, user=user
    ):
        raise _forbidden()
    return _Seen(notice, row, ledger.events(row.key, row.period), name, is_office)


def _require_confirmable(seen: _Seen) -> None:
    if not seen.is_office:
        raise HTTPException(status.HTTP_403_FORBIDDEN, "确认督办须由政务公开办的人员办理")
    if not seen.asks_to_confirm:
        raise HTTPException(status.HTTP_409_CONFLICT, "这条通知不需要确认")
    if seen.row is not None and seen.row.closed_at is not None:
        raise HTTPException(status.HTTP_409_CONFLICT, f"该事项已经{seen.row.stage_label}，不需要再督办")


def _forbidden() -> HTTPException:
    return HTTPException(status.HTTP_403_FORBIDDEN, "没有查看这条通知的权限：只有收件人和政务公开办的人员可以查看")


def _context(seen: _Seen, user: BaseUser, settings: Settings) -> dict[str, Any]:
    notice, row, confirmation = seen.notice, seen.row, seen.confirmation
    is_open = row is not None and row.closed_at is None
    may_confirm = seen.is_office and seen.asks_to_confirm and confirmation is None and is_open
    tokens = {answer: token_of(user.get_id(), f"{answer}:{notice.id}") for answer in ("acknowledge", "confirm")}
    return {
        "notice": notice,
        "row": row,
        "due": say_due(row.due_at) if row else "",
        "moved": say_due(row.original_due_at) if row and row.original_due_at != row.due_at else "",
        "recipient": seen.recipient,
        "queued": say_instant(notice.queued_at),
        "acknowledged": say_instant(notice.acknowledged_at) if notice.acknowledged_at else "",
        "confirmed": f"{say_instant(confirmation.happened_at)}，{confirmation.person}" if confirmation else "",
        "dag": f"{settings.base_url}/dags/{row.key.replace('/', '.', 1)}" if row else "",
        "tokens": tokens,
        "may_confirm": may_confirm,
    }

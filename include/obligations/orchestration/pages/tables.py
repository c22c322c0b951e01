"""The page 维护: contacts, holiday notices and an earlier register by XLSX, each with a preview of what changes.

Nothing is kept between preview and confirmation: the workbook goes to the browser and comes back, and the token that was
given for it holds for exactly this workbook, this person and what was there before.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, HTTPException, Request, Response, status
from fastapi.responses import HTMLResponse

from obligations.orchestration.pages.clock import now
from obligations.orchestration.pages.forms import read_form, require_own_form
from obligations.orchestration.pages.keepers import is_operator, keeps_all, require_keeper, require_keeper_of_all
from obligations.orchestration.pages.kept import catalogue_of
from obligations.orchestration.pages.multipart import Posted, read_upload
from obligations.orchestration.pages.scope import CurrentScope, Scope
from obligations.orchestration.pages.shell import HEADERS, PREFIX, Crumb, show
from obligations.orchestration.pages.tables_view import (
    Preview,
    preview_of_contacts,
    preview_of_holidays,
    preview_of_register,
)
from obligations.orchestration.pages.tokens import token_of
from obligations.orchestration.settings import Settings
from obligations.orchestration.upkeep.contacts_tables import (
    apply_contacts,
    contacts_at,
    contacts_place,
    contacts_workbook,
    plan_contacts,
)
from obligations.orchestration.upkeep.holiday_tables import (
    apply_holidays,
    own_notices,
    plan_holidays,
    require_holidays_place,
)
from obligations.orchestration.upkeep.register_tables import enter_all, plan_register
from obligations.rules.catalogue import load
from obligations.rules.workbooks.holidays import write_holidays
from obligations.steps.ledger import open_ledger
from obligations.words.errors import ObligationsError, UnusableInput

Kind = Literal["contacts", "holidays", "register"]
LABELS: dict[Kind, str] = {"contacts": "通讯录", "holidays": "放假通知", "register": "台账补录"}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MOST_BYTES = 4 * 1024 * 1024
_MOST_FORM_BYTES = _MOST_BYTES * 3 // 2

router = APIRouter(prefix="/tables")


@dataclass(frozen=True, slots=True)
class _Workbook:
    """What was handed in: the file, its given name, and for which jurisdiction an earlier register is entered."""

    kind: Kind
    data: bytes
    name: str
    jurisdiction: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    def act(self, before: str) -> str:
        """Name the act that a token of the preview allows."""
        return f"import:{self.kind}:{self.jurisdiction}:{self.name}:{self.sha256}:{before}"


@router.get("")
def show_tables(scope: CurrentScope, request: Request) -> HTMLResponse:
    """Show what can be kept by workbooks, and the forms that hand one in."""
    return _page(scope, request)


@router.get("/{kind}.xlsx")
def export(kind: Literal["contacts", "holidays"], scope: CurrentScope) -> Response:
    """Return the contacts or the holiday notices as a workbook to edit."""
    _require(scope, kind)
    settings = scope.settings
    try:
        if kind == "contacts":
            contacts = contacts_at(contacts_place(settings))
            data = contacts_workbook(settings, contacts, load(settings.catalogue))
        else:
            data = write_holidays(own_notices(settings))
    except ObligationsError as faulty:
        raise HTTPException(status.HTTP_409_CONFLICT, str(faulty)) from None
    named = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(f'{LABELS[kind]}.xlsx')}"}
    return Response(data, media_type=_XLSX, headers={**HEADERS, **named})


def _allowed(kind: Kind, scope: CurrentScope) -> Scope:
    """Let pass who may hand in a workbook, before a byte of it is read."""
    _require(scope, kind)
    return scope


async def _uploaded(request: Request, scope: Annotated[Scope, Depends(_allowed)]) -> Posted:  # noqa: ARG001 - rights come first
    return await read_upload(request)


async def _confirmed(request: Request, scope: Annotated[Scope, Depends(_allowed)]) -> dict[str, str]:  # noqa: ARG001 - rights come first
    form = await read_form(request, most_bytes=_MOST_FORM_BYTES, most_fields=10)
    return {name: values[0] for name, values in form.items()}


@router.post("/{kind}/preview")
def preview(
    kind: Kind,
    scope: Annotated[Scope, Depends(_allowed)],
    request: Request,
    posted: Annotated[Posted, Depends(_uploaded)],
) -> HTMLResponse:
    """Show what the workbook changes; nothing is changed yet."""
    require_own_form(scope.settings, request, posted.fields.get("token", ""), scope.user.get_id(), f"tables:{kind}")
    name, at = _plain_name(posted.name), now()
    workbook = _Workbook(kind, posted.data, name, posted.fields.get("jurisdiction", ""))
    before = _before(scope.settings, kind)  # before planning: what changes meanwhile counts as changed
    try:
        if not posted.name or not posted.data:
            raise UnusableInput("没有收到文件，请选择填好的表格（.xlsx）")
        if len(posted.data) > _MOST_BYTES:
            raise UnusableInput(f"文件超过 {_MOST_BYTES // 1024 // 1024} MB 的上限，请删去多余的工作表")
        _require_register_place(scope, workbook, at)
        found, _ = _plan(scope, workbook, at)
    except ObligationsError as refused:
        return _page(scope, request, refusal=str(refused), code=status.HTTP_422_UNPROCESSABLE_CONTENT)
    return show(
        scope,
        request,
        "table_preview.html.j2",
        page="system",
        title=f"核对{LABELS[kind]}的改动",
        crumbs=(Crumb("系统运行", f"{PREFIX}/system"), Crumb("维护", f"{PREFIX}/tables")),
        kind=kind,
        preview=found,
        workbook=workbook,
        data=base64.urlsafe_b64encode(posted.data).decode(),
        before=before,
        token=token_of(scope.user.get_id(), workbook.act(before)),
    )


@router.post("/{kind}/apply")
def apply(
    kind: Kind,
    scope: Annotated[Scope, Depends(_allowed)],
    request: Request,
    form: Annotated[dict[str, str], Depends(_confirmed)],
) -> HTMLResponse:
    """Make it so, if nothing has changed since the preview."""
    at = now()
    try:
        data = base64.urlsafe_b64decode(form.get("data", ""))
    except (binascii.Error, ValueError):
        raise HTTPException(status.HTTP_400_BAD_REQUEST, "表单无法识别，请重新上传") from None
    workbook = _Workbook(kind, data, form.get("name", ""), form.get("jurisdiction", ""))
    before = form.get("before", "")
    require_own_form(scope.settings, request, form.get("token", ""), scope.user.get_id(), workbook.act(before))
    if before != _before(scope.settings, kind):
        said = "核对之后又有人改过，没有导入；请重新上传，再核对一次"
        return _page(scope, request, refusal=said, code=status.HTTP_409_CONFLICT)
    try:
        _require_register_place(scope, workbook, at)
        _, make_it_so = _plan(scope, workbook, at)
        said = make_it_so()
    except ObligationsError as refused:
        return _page(scope, request, refusal=str(refused), code=status.HTTP_422_UNPROCESSABLE_CONTENT)
    return _page(scope, request, said=said)


def _plan(scope: Scope, workbook: _Workbook, at: datetime) -> tuple[Preview, Callable[[], str]]:
    """Return what a workbook changes, and what makes it so and says what was done."""
    settings, data, name = scope.settings, workbook.data, workbook.name
    if workbook.kind == "contacts":
        contacts = plan_contacts(settings, data, name, at)

        def write_contacts_file() -> str:
            kept = apply_contacts(contacts, at) if contacts.changes else None
            return "通讯录已导入" + (f"，原通讯录留存为 {kept.name}" if kept else "")

        return preview_of_contacts(contacts), write_contacts_file
    if workbook.kind == "holidays":
        require_holidays_place(settings.holidays)
        holidays = plan_holidays(settings, data, name)

        def write_holidays_file() -> str:
            kept = apply_holidays(holidays, at) if holidays.changes_anything else None
            after = "；下一次巡检按新日历推算各期时限，改动逐项记入台账"
            return "放假通知已导入" + (f"，原文件留存为 {kept.name}" if kept else "") + after

        return preview_of_holidays(holidays), write_holidays_file
    with open_ledger(settings.ledger_url) as ledger:
        register = plan_register(settings, ledger, data, name, workbook.jurisdiction, at)

    def enter_rows() -> str:
        with open_ledger(settings.ledger_url) as ledger:
            entered = enter_all(register, ledger, scope.account, at)
        return f"已补录 {len(entered)} 期，登记人 {scope.account}"

    return preview_of_register(register), enter_rows


def _require(scope: Scope, kind: Kind) -> None:
    if kind == "register":
        require_keeper(scope, now())
    else:
        require_keeper_of_all(scope, now())


def _registers(scope: Scope, at: datetime) -> dict[str, str]:
    """Return the governments whose earlier register the person may enter, by slug."""
    every = {each.jurisdiction.slug: each.jurisdiction.name for each in catalogue_of(scope.settings).values()}
    if is_operator(scope, at):
        return {slug: name for slug, name in sorted(every.items()) if slug in scope.visible.jurisdictions}
    offices = scope.offices if scope.settings.contacts is not None else frozenset[str]()
    return {slug: name for slug, name in sorted(every.items()) if slug in offices & scope.visible.jurisdictions}


def _require_register_place(scope: Scope, workbook: _Workbook, at: datetime) -> None:
    """Refuse an earlier register of a jurisdiction that is not the person's."""
    known = _registers(scope, at)
    if workbook.kind == "register" and workbook.jurisdiction not in known:
        raise UnusableInput(f"请选择辖区：{'、'.join(known.values()) or '没有可以补录的辖区'}")


def _before(settings: Settings, kind: Kind) -> str:
    """Return a digest of what an import replaces; an entry in the ledger replaces nothing."""
    place = {"contacts": settings.contacts, "holidays": settings.holidays, "register": None}[kind]
    return hashlib.sha256(place.read_bytes()).hexdigest() if place is not None and place.exists() else ""


def _plain_name(name: str) -> str:
    """Return a given file name without its folders and unprintable characters: it stands in headings and the ledger."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(character for character in last if character.isprintable())[:120]


def _page(
    scope: Scope, request: Request, *, said: str = "", refusal: str = "", code: int = status.HTTP_200_OK
) -> HTMLResponse:
    at = now()
    require_keeper(scope, at)
    tokens: dict[str, Any] = {kind: token_of(scope.user.get_id(), f"tables:{kind}") for kind in LABELS}
    return show(
        scope,
        request,
        "tables.html.j2",
        page="system",
        title="维护",
        crumbs=(Crumb("系统运行", f"{PREFIX}/system"),),
        status_code=code,
        keeps_all=keeps_all(scope, at),
        has_contacts=scope.settings.contacts is not None,
        has_holidays=scope.settings.holidays is not None,
        registers=_registers(scope, at),
        tokens=tokens,
        said=said,
        refusal=refusal,
    )

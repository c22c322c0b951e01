"""Who may act: the contacts file of this installation, and whether an account may take a decision. Sends nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from obligations.orchestration.settings import Settings
from obligations.rules.contacts import Directory, read_contacts
from obligations.words.contacts import ContactsFile, Role
from obligations.words.errors import ObligationsError, UnusableInput, say_os_error
from obligations.words.reviews import Chain

_OFFICE, _BOTH = (Role.OFFICE,), (Role.OFFICE, Role.RESPONSIBLE)
DECIDED_BY: Mapping[str, tuple[Role, ...]] = {
    "extend": _OFFICE,
    "pause": _OFFICE,
    "resume": _OFFICE,
    "waive": _OFFICE,
    "nil": _BOTH,
    "withhold": _OFFICE,
    "correct": _OFFICE,
    "progress": _BOTH,
    "unchanged": _BOTH,
    "redraft": _BOTH,
    "vouch": (Role.RESPONSIBLE,),
    "accept": _OFFICE,
    "reject": _OFFICE,
    "override": (),
    "merge": _OFFICE,
    "correction": _BOTH,
    "withdraw": (Role.OFFICE, Role.LEADER),
    "withdrawn": _BOTH,
    "formalize": _BOTH,
}
"""Who may take which decision (``rulings.kinds``); none named: whom the obligation's chain of review names for it."""
ENDED_BY = (Role.DUTY_ROOM, Role.DUTY_LEADER, Role.COMMAND, Role.LEADER, Role.OFFICE)
"""Who may say that an incident is over."""
INBOX_PERSON = "收件夹"
"""Who hands in what is found in a watched folder: no account, so that it is a drafter whom no account equals."""


class NotAllowed(ObligationsError):
    """The account may not do this; says who may."""


def directory_of(settings: Settings) -> Directory:
    """Read who holds which role; an empty directory where the installation names no file.

    Raises UnusableInput for a file that cannot be read, CatalogueFault for one with faults.
    """
    if settings.contacts is None:
        return Directory(ContactsFile())
    return read_contacts(text_of(settings.contacts), settings.contacts.name)


def text_of(contacts: Path) -> str:
    """Return the text of a contacts file; raises UnusableInput for one that cannot be read."""
    try:
        return contacts.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = say_os_error(error) if isinstance(error, OSError) else "不是 UTF-8 文字"
        raise UnusableInput(f"通讯录 {contacts} 读不了（{why}）；请检查 OBLIGATIONS_CONTACTS") from None


def roles_that_decide(kind: str, chain: Chain) -> tuple[Role, ...]:
    """Return who may take this kind of decision on an obligation with this chain; for an unknown kind the office."""
    return DECIDED_BY.get(kind, _OFFICE) or chain.overridden_by


def require_may_decide(
    settings: Settings,
    kind: str,
    account: str,
    jurisdiction: str,
    departments: Sequence[str],
    now: datetime,
    *,
    chain: Chain,
) -> None:
    """Raise NotAllowed unless the contacts give the account a role that takes this kind of decision.

    Without a contacts file, Airflow's own right to trigger the form is all there is.
    """
    if settings.contacts is None:
        return
    roles = roles_that_decide(kind, chain)
    if not directory_of(settings).may_act(account, roles, jurisdiction, departments, now):
        labels = "、".join(role.label for role in roles)
        raise NotAllowed(
            f"账号 {account} 不能登记这项决定：须由 {jurisdiction} 的{labels}登记，请核对通讯录中的账号和角色"
        )


def require_may_close(
    settings: Settings, account: str, places: Iterable[tuple[str, Sequence[str]]], now: datetime
) -> None:
    """Raise NotAllowed unless the account may say, in one of the places the event concerns, that it is over.

    ``places``: jurisdiction and departments of what it opened; an event that opened nothing, whoever may report may close.
    """
    found = list(places)
    if settings.contacts is None or not found:
        return
    directory = directory_of(settings)
    if not any(directory.may_act(account, ENDED_BY, slug, departments, now) for slug, departments in found):
        labels = "、".join(role.label for role in ENDED_BY)
        raise NotAllowed(f"账号 {account} 不能登记事件结束：须由所涉辖区的{labels}登记，请核对通讯录中的账号和角色")


def require_may_upload(
    settings: Settings, chain: Chain, account: str, jurisdiction: str, departments: Sequence[str], now: datetime
) -> None:
    """Raise NotAllowed unless the account may hand in an edited draft: its responsible person or one of its reviewers.

    Without a contacts file, Airflow's own right to answer its forms is all there is; the door asks for that.
    """
    roles = (Role.RESPONSIBLE, *(role for step in chain.steps for role in step.answered_by))
    _require_role(settings, account, roles, jurisdiction, departments, now, "上传修改稿")


def require_may_attach(
    settings: Settings, chain: Chain, account: str, jurisdiction: str, departments: Sequence[str], now: datetime
) -> None:
    """Raise NotAllowed unless the account may attach a file: who may upload, or the open-government office."""
    roles = (Role.RESPONSIBLE, Role.OFFICE, *(role for step in chain.steps for role in step.answered_by))
    _require_role(settings, account, roles, jurisdiction, departments, now, "登记附件")


def _require_role(
    settings: Settings,
    account: str,
    roles: Sequence[Role],
    jurisdiction: str,
    departments: Sequence[str],
    now: datetime,
    act: str,
) -> None:
    if account.strip() in {"", INBOX_PERSON}:
        raise NotAllowed(f"“{account}”不是账号，不能{act}")
    if settings.contacts is None:
        return
    if not directory_of(settings).may_act(account, roles, jurisdiction, departments, now):
        labels = "、".join(role.label for role in dict.fromkeys(roles))
        raise NotAllowed(f"账号 {account} 不能{act}：须由本事项的{labels}办理，请核对通讯录中的账号、角色和委托")

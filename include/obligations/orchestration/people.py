"""Who may act: the contacts file of this installation, and whether an account may take a decision. Sends nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from obligations.orchestration.settings import Settings
from obligations.rules.contacts import Directory, read_contacts
from obligations.words.contacts import ContactsFile, Role
from obligations.words.errors import ObligationsError, UnusableInput

OF_THE_DEPARTMENT = {"nil", "progress", "redraft"}
"""Decisions that the responsible person may take, too; all others are the open-government office's."""


class NotAllowed(ObligationsError):
    """The account may not do this; says who may."""


def directory_of(settings: Settings) -> Directory:
    """Read who holds which role; an empty directory where the installation names no file.

    Raises UnusableInput for a file that cannot be read, CatalogueFault for one with faults.
    """
    if settings.contacts is None:
        return Directory(ContactsFile())
    try:
        text = settings.contacts.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableInput(
            f"通讯录 {settings.contacts} 读不了（{type(error).__name__}）；请检查 OBLIGATIONS_CONTACTS"
        ) from None
    return read_contacts(text, settings.contacts.name)


def require_may_decide(
    settings: Settings, kind: str, account: str, jurisdiction: str, departments: Sequence[str], now: datetime
) -> None:
    """Raise NotAllowed unless the contacts give the account a role that takes this kind of decision.

    Without a contacts file, Airflow's own right to trigger the form is all there is.
    """
    if settings.contacts is None:
        return
    roles = (Role.OFFICE, Role.RESPONSIBLE) if kind in OF_THE_DEPARTMENT else (Role.OFFICE,)
    if not directory_of(settings).may_act(account, roles, jurisdiction, departments, now):
        labels = "、".join(role.label for role in roles)
        raise NotAllowed(
            f"账号 {account} 不能登记这项决定：须由 {jurisdiction} 的{labels}登记，请核对通讯录中的账号和角色"
        )

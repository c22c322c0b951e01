"""What part of the ledger a query may return, as SQL: every list that people see is filtered by it."""

from __future__ import annotations

from sqlalchemy import ColumnElement, false, or_

from obligations.steps.ledger import tables
from obligations.words.visible import Visible


def seen_by(visible: Visible) -> ColumnElement[bool]:
    """Return the condition under which an occurrence may be seen; of nothing visible, none may."""
    its = tables.occurrence.c
    parts: list[ColumnElement[bool]] = []
    if visible.jurisdictions:
        parts.append(its.jurisdiction.in_(sorted(visible.jurisdictions)))
    if visible.keys:
        parts.append(its.obligation_key.in_(sorted(visible.keys)))
    return or_(false(), *parts)

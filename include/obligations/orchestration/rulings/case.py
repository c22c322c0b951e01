"""The occurrence a decision is weighed on, and the event it becomes, as values. Weighing is ``verdicts``.

Every function that weighs a case raises UnusableInput, in Chinese, where the rules or the state of the case forbid it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from obligations.orchestration.work import Work
from obligations.steps.ledger import EventKind, LedgerEvent, OccurrenceRow
from obligations.words.errors import UnusableInput
from obligations.words.times import SHANGHAI, say_instant


@dataclass(frozen=True, slots=True)
class Case:
    """What a decision is weighed on: the occurrence as it stands, locked.

    Attributes:
        connection: the transaction that holds the lock, for what else must be asked of the ledger.
        person: who decides; None for the system.
    """

    work: Work
    row: OccurrenceRow
    events: Sequence[LedgerEvent]
    now: datetime
    connection: Connection
    person: str | None

    @property
    def today(self) -> date:
        """The day of the decision in Asia/Shanghai."""
        return self.now.astimezone(SHANGHAI).date()

    @property
    def name(self) -> str:
        """Which occurrence it is, for messages."""
        return f"{self.row.key} {self.row.period}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The event that a decision becomes, and what it came to in one Chinese clause."""

    kind: EventKind
    happened_at: datetime
    payload: dict[str, Any]
    said: str


def require_open(case: Case) -> None:
    """Raise UnusableInput for an occurrence that is closed."""
    if case.row.closed_at is not None:
        closed = say_instant(case.row.closed_at)
        raise UnusableInput(f"{case.name} 已于{closed}{case.row.stage_label}，不能再作这项登记")

"""What is still to be done about an occurrence beside its own due time, as values; reading it is ``steps.ledger.follow_ups``."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

FollowUpKind = Literal["withdrawal", "paperwork", "reassessment", "evidence", "correction"]
FOLLOW_UPS: tuple[FollowUpKind, ...] = ("withdrawal", "paperwork", "reassessment", "evidence", "correction")


@dataclass(frozen=True, slots=True)
class Owed:
    """One thing that is still to be done, as the tiers see it.

    Attributes:
        seq: of the event that asked for it; at: the instant its reminders count from.
        facts: what a notice may say of it.
    """

    kind: FollowUpKind
    seq: int
    at: datetime
    facts: dict[str, Any] = field(default_factory=dict)

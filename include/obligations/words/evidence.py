"""What proves that an occurrence was met (佐证材料). How it is obtained is ``steps.verify`` and the confirmation form."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

Grade = Literal["系统核验", "人工佐证", "待核验"]


@dataclass(frozen=True, slots=True)
class Publication:
    """One version at its place.

    Attributes:
        address: URL of the folder or page.
        sha256: of the approved version's manifest.
        files: SHA-256 by file name.
        published_at: when it was complete at its place.
    """

    address: str
    sha256: str
    files: dict[str, str]
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """Proof of fulfilment.

    Attributes:
        grade: 系统核验 (fetched by us), 人工佐证 (a named person vouches) or 待核验.
        method: how it was proved, Chinese.
        fulfilled_at: the instant the proof establishes; None while 待核验.
        seen_at: when the proof was obtained.
        details: further facts (file hashes, place, host, receipt number), by name.
    """

    grade: Grade
    method: str
    fulfilled_at: datetime | None
    seen_at: datetime
    details: dict[str, Any] = field(default_factory=dict)

    def as_payload(self) -> dict[str, Any]:
        """Return it as JSON-ready values for the ledger."""
        instants = {
            name: value.isoformat() if value else None
            for name, value in (("fulfilled_at", self.fulfilled_at), ("seen_at", self.seen_at))
        }
        return {**asdict(self), **instants}

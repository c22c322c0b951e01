"""What one look at a public address found, and what it is compared with, as values. Looking is ``steps.verify``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

SightOutcome = Literal[
    "matches", "differs", "blocked", "not_found", "unreadable", "unreachable", "refused_address"
]  # fmt: skip
SIGHT_LABELS: dict[SightOutcome, str] = {
    "matches": "与审签稿一致",
    "differs": "与审签稿不一致",
    "blocked": "网站拒绝系统访问",
    "not_found": "页面不存在",
    "unreadable": "页面文字无法读取",
    "unreachable": "网站无法连接",
    "refused_address": "网址不在核验范围",
}


@dataclass(frozen=True, slots=True)
class Approved:
    """What was approved, as a page is compared with it.

    Attributes:
        title: of the document.
        passages: every paragraph, heading, caption and table row in reading order, a row as its cells parted by tabs.
        files: SHA-256 of every file that may be published; a page that is one of them is what was approved.
    """

    title: str
    passages: tuple[str, ...]
    files: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Sight:
    """One look at an address.

    Attributes:
        address: as registered; final_address: where redirects led, None where nothing was asked for.
        outcome: what it came to; only ``matches`` proves anything, and nothing else disproves it.
        reason: one Chinese sentence that says so, and what to do.
        status: of the last answer; headers: those of it that are kept.
        sha256: of the body; text: what a reader sees of it, empty where it could not be read.
        missing: for ``differs``, Chinese sentences naming what is missing or changed, at most five.
        seen_at: when it was looked at.
    """

    address: str
    outcome: SightOutcome
    reason: str
    seen_at: datetime
    status: int | None = None
    final_address: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    sha256: str | None = None
    text: str = field(default="", repr=False)
    missing: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The outcome in words."""
        return SIGHT_LABELS[self.outcome]

    def as_payload(self) -> dict[str, Any]:
        """Return it as JSON-ready values, without the text."""
        return {
            "address": self.address,
            "outcome": self.outcome,
            "reason": self.reason,
            "seen_at": self.seen_at.isoformat(),
            "status": self.status,
            "final_address": self.final_address,
            "headers": dict(self.headers),
            "sha256": self.sha256,
            "missing": list(self.missing),
        }


Look = Callable[[str, Approved, datetime], Sight]
"""Looks once at an address as of an instant; never raises for the network."""

"""What a publication is drafted from beside rows and events: a department's own document, or what is held for a check.

Reading a document is ``rules.manuscripts``, listing what is held is ``steps.gather``; how either is printed is its kind's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import TypeAdapter

from obligations.words.draft import canonical


@dataclass(frozen=True, slots=True)
class GivenHeading:
    """A heading as the department wrote it, its own ordinal included; level 1 is the highest below the title."""

    level: Literal[1, 2, 3]
    text: str


@dataclass(frozen=True, slots=True)
class GivenParagraph:
    """A paragraph or one item of a list, its marker included."""

    text: str


@dataclass(frozen=True, slots=True)
class GivenTable:
    """A table as the department wrote it.

    Attributes:
        caption: empty where none is marked as one.
        headers: of the columns; rows: as many cells each.
    """

    caption: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


GivenPart = GivenHeading | GivenParagraph | GivenTable


@dataclass(frozen=True, slots=True)
class Manuscript:
    """A department's own document, read whole, or its nil report.

    Attributes:
        title: the document's own, None where it has none.
        parts: in reading order.
        nil_reason: why there is nothing to publish in this period (零报告); then there are no parts.
    """

    title: str | None
    parts: tuple[GivenPart, ...]
    nil_reason: str | None = None


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file that lies in an obligation's inbox folder.

    Attributes:
        name: path below the folder; size: bytes; changed_at: when its content last changed.
        in_period: its name carries the period, or it changed within it.
    """

    name: str
    size: int
    changed_at: datetime
    in_period: bool


@dataclass(frozen=True, slots=True)
class Proven:
    """One earlier act of an obligation that the ledger holds as proven.

    Attributes:
        period: the occurrence's; at: when it was published, held, submitted or completed.
        address: where it can be seen, or what its record is kept under.
    """

    period: str
    at: datetime
    address: str


@dataclass(frozen=True, slots=True)
class Holdings:
    """What is held for one period of a quota or a standing duty, as of one instant.

    Attributes:
        requirement: what the clause asks for, in words: ``每季度2次``.
        asks_how_many: it is a quota; else it asks whether what is public is still current.
        folder: the inbox folder, relative to the inbox.
        files: what lies in it, by name.
        proven: what the ledger holds within the period, earliest first.
        last_proven: the last before ``as_of``, in this period or before.
        remarks: what follows from the counts, complete Chinese sentences.
    """

    requirement: str
    asks_how_many: bool
    folder: str
    files: tuple[HeldFile, ...]
    proven: tuple[Proven, ...]
    last_proven: Proven | None
    remarks: tuple[str, ...]
    as_of: datetime

    def as_json(self) -> bytes:
        """Return the canonical JSON, equal for equal holdings."""
        return canonical(_HOLDINGS.dump_python(self, mode="json"))

    @classmethod
    def from_json(cls, data: bytes) -> Holdings:
        """Read ``as_json`` back; raises pydantic.ValidationError if it is not one."""
        return _HOLDINGS.validate_json(data)


_HOLDINGS = TypeAdapter(Holdings)

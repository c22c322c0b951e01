"""What a check finds, and what publications say and hide: the words are theirs and are handed in. No check lives here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from re import Pattern
from typing import Literal

Grade = Literal["错误", "警告", "提示"]
ERROR: Grade = "错误"
WARNING: Grade = "警告"
HINT: Grade = "提示"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding.

    Attributes:
        code: stable, ``number-changed``; where: ``第 3 段（“…”）``.
        said: a complete Chinese sentence: what is wrong and what to do.
        expected: what the data or the standard give; found: what the file has; never an identifier in full.
        measure: id in figures.json.
    """

    grade: Grade
    code: str
    where: str
    said: str
    expected: str | None = None
    found: str | None = None
    measure: str | None = None


@dataclass(frozen=True, slots=True)
class House:
    """What the publications know and rules do not.

    Attributes:
        rising, falling: the words for a rise and a fall.
        identity: finds what may be the number of an identity card; is_identity_number: says whether it is.
        phone: finds the number of a mobile phone.
    """

    rising: tuple[str, ...]
    falling: tuple[str, ...]
    identity: Pattern[str]
    is_identity_number: Callable[[str], bool]
    phone: Pattern[str]

"""What several publication kinds compute alike: ranks with ties, the direction of a change as printed, suspicious jumps.

Pure arithmetic on Decimal. What is compared, and in which words it is told, belongs to each kind.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from obligations.publications.wording import rounded

Item = TypeVar("Item", bound=Hashable)
_TENS = (Decimal("0.8"), Decimal("1.25"))
"""How near a ratio must lie to a power of ten to look like a slip of unit."""
_LEAST_PAST = 3


@dataclass(frozen=True, slots=True)
class Placing:
    """The rank of one item, and with how many it is shared (itself included)."""

    rank: int
    shared: int


def rank(keys: Mapping[Item, tuple[Decimal, ...]]) -> dict[Item, Placing]:
    """Rank items by key, the smallest first; equal keys share a rank and the ranks after are skipped (1, 2, 2, 4).

    Returns the items in order of rank, those of one rank in the order given.
    """
    ordered = sorted(keys, key=lambda item: keys[item])
    same: dict[tuple[Decimal, ...], list[Item]] = {}
    for item in ordered:
        same.setdefault(keys[item], []).append(item)
    places: dict[Item, Placing] = {}
    for tied in same.values():
        first = len(places) + 1
        places.update(dict.fromkeys(tied, Placing(first, len(tied))))
    return places


def direction(change: Decimal, places: int) -> int:
    """Return the sign of a change as printed with ``places`` decimals: what prints as zero stayed."""
    printed = rounded(change, places)
    return (printed > 0) - (printed < 0)


def largest_first(changes: Mapping[Item, Decimal]) -> list[Item]:
    """Return the items by the size of their change, the largest first, whatever its sign; equals in the order given."""
    return sorted(changes, key=lambda item: -abs(changes[item]))


def slip_of_unit(now: Decimal, before: Decimal) -> int | None:
    """Return n if ``now`` is about 10ⁿ times ``before``, n not 0: a unit may have changed unsaid. None if not."""
    if now <= 0 or before <= 0:
        return None
    for power in [each for each in range(-6, 7) if each]:
        ratio = now / before * Decimal(1).scaleb(-power)
        if _TENS[0] <= ratio <= _TENS[1]:
            return power
    return None


def beyond_past(value: Decimal, past: Sequence[Decimal], times: int = 2) -> bool:
    """Say whether a value is more than ``times`` the largest there was; never with fewer than three to compare."""
    return len(past) >= _LEAST_PAST and abs(value) > times * max(abs(each) for each in past)


def share_shift(part: Decimal, whole: Decimal, part_before: Decimal, whole_before: Decimal) -> Decimal:
    """Return by how many 百分点 a share changed; NaN where one of the shares is not known.

    One division only: the difference of two rounded shares could print a half the wrong way.
    """
    if not (whole > 0 and whole_before > 0):
        return Decimal("NaN")
    return (part * whole_before - part_before * whole) / (whole * whole_before) * 100


def rate_places(rate: Decimal) -> int:
    """Return the decimals of a rate: none for exactly all or nothing, else so many that it does not print as that."""
    if not rate.is_finite() or rate in {Decimal(0), Decimal(100)}:
        return 0
    return next((places for places in range(1, 9) if 0 < rounded(rate, places) < 100), 9)


def total(values: Iterable[Decimal]) -> Decimal:
    """Return the exact sum; NaN if one of the values is."""
    return sum(values, Decimal(0))

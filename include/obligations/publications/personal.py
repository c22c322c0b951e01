"""Personal identifiers in what a department delivers: found, masked, never printed. What is published belongs to kinds.

A natural person's name keeps its first character only; numbers of identity cards and mobile phones are replaced by words,
also where they are written in groups.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

_GAP = r"[-－\s]?"
IDENTITY = re.compile(
    rf"(?<!\d)(?:\d{{6}}{_GAP}\d{{4}}(?:{_GAP}\d{{2}}){{2}}{_GAP}\d{{3}}|\d{{4}}(?:{_GAP}\d{{4}}){{3}}{_GAP}\d)[\dXxＸｘ](?!\d)"
)
"""Eighteen characters, also as region, day of birth and the rest, or in fours as on a bank card."""
PHONE = re.compile(rf"(?<!\d)(?:(?:00)?86{_GAP})?1[3-9]\d(?:{_GAP}\d{{4}}){{2}}(?!\d)")
_OLD_IDENTITY = re.compile(r"(?<!\d)\d{15}(?!\d)")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
HIDDEN = "［已隐去］"


def is_identity_number(text: str) -> bool:
    """Say whether ``text`` is the number of an identity card: a day of birth and the check digit of GB 11643-1999.

    A unified social credit code has 18 characters, too, and may be all digits; it fails one of the two.
    """
    if not IDENTITY.fullmatch(text):
        return False
    plain = _ungrouped(text)
    total = sum(int(digit) * weight for digit, weight in zip(plain[:17], _WEIGHTS, strict=True))
    return _is_day(plain[6:14]) and _CHECKS[total % 11] == plain[17].upper()


def mask_name(name: str) -> str:
    """Return a natural person's name as it may be published: 张某某, 欧某某; of two characters 张某."""
    plain = "".join(name.split())
    return plain[:1] + ("某" if len(plain) == 2 else "某某")


def hide_identifiers(text: str) -> str:
    """Return ``text`` with every number that may be an identity card's or a mobile phone's replaced by words.

    18 digits count whether or not their check digit fits: one wrong digit does not make a number public.
    """
    hidden = IDENTITY.sub(lambda found: HIDDEN if _is_day(_ungrouped(found[0])[6:14]) else found[0], text)
    hidden = _OLD_IDENTITY.sub(lambda found: HIDDEN if _is_day(f"19{found[0][6:12]}") else found[0], hidden)
    return PHONE.sub(HIDDEN, hidden)


def _ungrouped(number: str) -> str:
    """Return a number without what stands between its groups, full-width characters as plain ones."""
    return unicodedata.normalize("NFKC", re.sub(_GAP, "", number))


def _is_day(digits: str) -> bool:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year >= 1900
    except ValueError:
        return False

"""Personal identifiers in what a department delivers: found, masked, never printed. What is published belongs to kinds.

A natural person's name keeps its first character only; numbers of identity cards and mobile phones are replaced by words.
"""

from __future__ import annotations

import re
from datetime import date

IDENTITY = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_OLD_IDENTITY = re.compile(r"(?<!\d)\d{15}(?!\d)")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
HIDDEN = "［已隐去］"


def is_identity_number(text: str) -> bool:
    """Say whether ``text`` is the number of an identity card: a day of birth and the check digit of GB 11643-1999.

    A unified social credit code has 18 characters, too, and may be all digits; it fails one of the two.
    """
    if not IDENTITY.fullmatch(text) or not _is_day(text[6:14]):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text[:17], _WEIGHTS, strict=True))
    return _CHECKS[total % 11] == text[17].upper()


def mask_name(name: str) -> str:
    """Return a natural person's name as it may be published: 张某某, 欧某某; of two characters 张某."""
    plain = "".join(name.split())
    return plain[:1] + ("某" if len(plain) == 2 else "某某")


def hide_identifiers(text: str) -> str:
    """Return ``text`` with every number that may be an identity card's or a mobile phone's replaced by words.

    18 digits count whether or not their check digit fits: one wrong digit does not make a number public.
    """
    hidden = IDENTITY.sub(lambda found: HIDDEN if _is_day(found[0][6:14]) else found[0], text)
    hidden = _OLD_IDENTITY.sub(lambda found: HIDDEN if _is_day(f"19{found[0][6:12]}") else found[0], hidden)
    return PHONE.sub(HIDDEN, hidden)


def _is_day(digits: str) -> bool:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year >= 1900
    except ValueError:
        return False

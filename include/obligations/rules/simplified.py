"""Clauses as their readers write: some documents are at hand only in traditional characters, and are quoted as they stand."""

from __future__ import annotations

from functools import lru_cache

from opencc import OpenCC


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("t2s")


@lru_cache(maxsize=4096)
def simplified(text: str) -> str:
    """Return a text in simplified characters, word by word where a character has two (乾旱 is 干旱, 乾坤 stays)."""
    return str(_converter().convert(text))

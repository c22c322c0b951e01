"""How values are stored alike on SQLite and PostgreSQL: instants as UTC, JSON as the canonical text that hashes cover.

Instants come back aware in Asia/Shanghai. A database's own JSON type would rewrite what was hashed. No tables here.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Dialect, Integer, Label, Text, TypeDecorator, type_coerce

from obligations.words.times import SHANGHAI


def canonical(value: object) -> str:
    """Write JSON in the one form that is stored and hashed: sorted names, no spaces, no NaN.

    Aware datetimes are written as ISO 8601 in Asia/Shanghai, dates as ISO 8601, Decimals as text. Raises TypeError for
    anything else that JSON does not know and ValueError for a naive datetime, NaN or infinity.
    """
    return _ENCODER.encode(value)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return aware(value).astimezone(SHANGHAI).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be written to the ledger as JSON")


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_plain)


def aware(instant: datetime) -> datetime:
    """Return ``instant``; raises ValueError if it has no time zone, for then nobody knows when it was."""
    if instant.tzinfo is None:
        raise ValueError(f"the ledger takes aware datetimes only, not {instant!r}")
    return instant


class Instant(TypeDecorator[datetime]):
    """An aware datetime: UTC in the database, Asia/Shanghai in Python."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware datetime into UTC; SQLite keeps no zone, so there it is dropped."""
        if value is None:
            return None
        utc = aware(value).astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Return the instant in Asia/Shanghai."""
        if value is None:
            return None
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(SHANGHAI)


class CanonicalJson(TypeDecorator[Any]):
    """JSON as canonical text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Write the canonical form."""
        return None if value is None else canonical(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002 - SQLAlchemy's signature
        """Read it back."""
        return None if value is None else json.loads(value)


def raw_text(column: Column[Any]) -> Label[str]:
    """Select JSON as the text that was stored, under the name ``raw``: it is what the hashes cover."""
    return type_coerce(column, Text).label("raw")


# SQLite numbers rows by itself only for a column declared INTEGER PRIMARY KEY.
Id = BigInteger().with_variant(Integer, "sqlite")

"""The ledger's tables as SQLAlchemy sees them; the migrations make them, and a test holds the two alike.

Instants are stored as UTC and come back aware in Asia/Shanghai on SQLite and PostgreSQL alike. JSON is stored as the
canonical text that the hashes cover, because a database's own JSON type would rewrite it. No queries here.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

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


# SQLite numbers rows by itself only for a column declared INTEGER PRIMARY KEY.
_Id = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pk",
        "fk": "%(table_name)s_%(column_0_name)s_fk",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    }
)


def _occurrence() -> Column[int]:
    return Column("occurrence_id", _Id, ForeignKey("occurrence.id"), nullable=False)


document = Table(
    "document",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("digest", String(64), nullable=False, unique=True, comment="SHA-256 of content"),
    Column("title", Text, nullable=False),
    Column("number", Text),
    Column("issued_by", Text, nullable=False),
    Column("content", CanonicalJson, nullable=False, comment="words.obligation.Document"),
)

occurrence = Table(
    "occurrence",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("obligation_key", String(200), nullable=False),
    Column("period", String(200), nullable=False),
    Column("period_start", Date, nullable=False),
    Column("period_end", Date, nullable=False),
    Column("document_id", _Id, ForeignKey("document.id"), nullable=False),
    Column("clause", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("jurisdiction", String(100), nullable=False, index=True),
    Column("departments", CanonicalJson, nullable=False),
    Column("office", Text),
    Column("duty", String(20), nullable=False),
    Column("fulfilment", String(20), nullable=False),
    Column("event_id", String(200), index=True),
    Column("historical", Boolean, nullable=False),
    Column("opens_at", Instant, nullable=False),
    Column("draft_by", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("original_due_at", Instant, nullable=False),
    Column("provisional", Boolean, nullable=False),
    Column("earliest", Instant, nullable=False),
    Column("latest", Instant, nullable=False),
    Column("derivation", CanonicalJson, nullable=False),
    Column("calendar_version", String(100), nullable=False),
    Column("catalogue_version", String(100), nullable=False),
    Column("stage", String(20), nullable=False),
    Column("published_at", Instant),
    Column("outcome", String(20)),
    Column("closed_at", Instant),
    Column("waived_at", Instant),
    Column("missed_at", Instant),
    Column("paused_at", Instant),
    Column("head_seq", Integer, nullable=False),
    Column("head_hash", String(64), nullable=False),
    UniqueConstraint("obligation_key", "period"),
)
# What the sweep asks every ten minutes: which of the open ones fall due next.
Index("occurrence_open_due_at_idx", occurrence.c.due_at, sqlite_where=occurrence.c.closed_at.is_(None),
      postgresql_where=occurrence.c.closed_at.is_(None))  # fmt: skip

event = Table(
    "event",
    metadata,
    Column("id", _Id, primary_key=True),
    _occurrence(),
    Column("seq", Integer, nullable=False),
    Column("kind", String(50), nullable=False),
    Column("happened_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("person", Text),
    Column("once", String(300)),
    Column("payload", CanonicalJson, nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    UniqueConstraint("occurrence_id", "seq"),
    UniqueConstraint("occurrence_id", "once"),
    sqlite_autoincrement=True,
)

reported_event = Table(
    "reported_event",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("event_id", String(200), nullable=False),
    Column("seq", Integer, nullable=False, comment="1 the first report, more for each change of level"),
    Column("type", String(50), nullable=False),
    Column("level", String(50), nullable=False),
    Column("title", Text, nullable=False),
    Column("happened_at", Instant, nullable=False),
    Column("reported_at", Instant, nullable=False),
    Column("noticed_at", Instant),
    Column("fields", CanonicalJson, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    UniqueConstraint("event_id", "seq"),
)

draft = Table(
    "draft",
    metadata,
    Column("id", _Id, primary_key=True),
    _occurrence(),
    Column("version", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("folder", Text, nullable=False),
    Column("files", CanonicalJson, nullable=False, comment="file names below folder"),
    Column("state", String(20), nullable=False),
    Column("open_blanks", CanonicalJson, nullable=False),
    Column("registered_at", Instant, nullable=False),
    UniqueConstraint("occurrence_id", "version", "sha256"),
)

publication = Table(
    "publication",
    metadata,
    Column("id", _Id, primary_key=True),
    _occurrence(),
    Column("version", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("address", Text, nullable=False),
    Column("evidence", CanonicalJson, nullable=False),
    Column("grade", String(20), nullable=False),
    Column("published_at", Instant, nullable=False),
    UniqueConstraint("occurrence_id", "sha256", "address"),
)

notice = Table(
    "notice",
    metadata,
    Column("id", _Id, primary_key=True),
    _occurrence(),
    Column("tier", String(50), nullable=False),
    Column("recipient", String(200), nullable=False),
    Column("channel", String(50), nullable=False),
    Column("state", String(20), nullable=False),
    Column("message_id", String(200), nullable=False, unique=True),
    Column("queued_at", Instant, nullable=False),
    Column("send_after", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("acknowledged_at", Instant),
    Column("attempts", Integer, nullable=False),
    UniqueConstraint("occurrence_id", "tier", "recipient"),
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("day", Date, nullable=False, unique=True),
    Column("taken_at", Instant, nullable=False),
    Column("last_event_id", _Id, nullable=False),
    Column("events", Integer, nullable=False, comment="how many it covers that the one before did not"),
    Column("root", String(64), nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

"""The ledger's tables as SQLAlchemy sees them; the migrations make them, and a test holds the two alike. No queries here."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from obligations.steps.ledger.columns import CanonicalJson, Id, Instant
from obligations.steps.ledger.events import LONGEST_TOKEN

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pk",
        "fk": "%(table_name)s_%(column_0_name)s_fk",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    }
)


def _occurrence() -> Column[int]:
    return Column("occurrence_id", Id, ForeignKey("occurrence.id"), nullable=False)


document = Table(
    "document",
    metadata,
    Column("id", Id, primary_key=True),
    Column("digest", String(64), nullable=False, unique=True, comment="SHA-256 of content"),
    Column("title", Text, nullable=False),
    Column("number", Text),
    Column("issued_by", Text, nullable=False),
    Column("content", CanonicalJson, nullable=False, comment="words.obligation.Document"),
)

occurrence = Table(
    "occurrence",
    metadata,
    Column("id", Id, primary_key=True),
    Column("obligation_key", String(200), nullable=False),
    Column("period", String(200), nullable=False),
    Column("period_start", Date, nullable=False),
    Column("period_end", Date, nullable=False),
    Column("document_id", Id, ForeignKey("document.id"), nullable=False),
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
# What the pages list, count and page through.
Index("occurrence_jurisdiction_due_at_id_idx", occurrence.c.jurisdiction, occurrence.c.due_at, occurrence.c.id)

event = Table(
    "event",
    metadata,
    Column("id", Id, primary_key=True),
    _occurrence(),
    Column("seq", Integer, nullable=False),
    Column("kind", String(50), nullable=False),
    Column("happened_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("person", Text),
    Column("once", String(LONGEST_TOKEN)),
    Column("payload", CanonicalJson, nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    UniqueConstraint("occurrence_id", "seq"),
    UniqueConstraint("occurrence_id", "once"),
    sqlite_autoincrement=True,
)
# What every page of punctuality asks: the few rounds of feedback among all that ever happened.
Index("event_feedback_idx", event.c.occurrence_id, sqlite_where=event.c.kind == "feedback",
      postgresql_where=event.c.kind == "feedback")  # fmt: skip

reported_event = Table(
    "reported_event",
    metadata,
    Column("id", Id, primary_key=True),
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
    Column("id", Id, primary_key=True),
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
    Column("id", Id, primary_key=True),
    _occurrence(),
    Column("version", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("address", Text, nullable=False),
    Column("evidence", CanonicalJson, nullable=False),
    Column("grade", String(20), nullable=False),
    Column("published_at", Instant, nullable=False),
    UniqueConstraint("occurrence_id", "sha256", "address"),
)

# From here to ``watch`` all is working state: what happened to a notice is proved by the chain's ``notice_…`` events.
notice = Table(
    "notice",
    metadata,
    Column("id", Id, primary_key=True),
    Column("subject", String(401), nullable=False, comment="key and period, or system:… of an alarm"),
    Column("occurrence_id", Id, ForeignKey("occurrence.id"), index=True, comment="none for an alarm"),
    Column("tier", String(100), nullable=False),
    Column("label", Text, nullable=False),
    Column("recipient", String(100), nullable=False),
    Column("role", String(20), nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("queued_at", Instant, nullable=False),
    Column("send_after", Instant, nullable=False),
    Column("facts", CanonicalJson, nullable=False),
    Column("acknowledged_at", Instant),
    Column("acknowledged_by", Text),
    Column("confirmed_at", Instant),
    Column("confirmed_by", Text),
    UniqueConstraint("subject", "tier", "recipient"),
)

message = Table(
    "message",
    metadata,
    Column("id", Id, primary_key=True),
    Column("message_id", String(200), nullable=False, unique=True),
    Column("recipient", String(100), nullable=False),
    Column("channel", String(100), nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("state", String(20), nullable=False, comment="sending, retrying, sent or dropped"),
    Column("attempts", Integer, nullable=False),
    Column("unsure", Boolean, nullable=False, comment="an attempt ended without anybody knowing how"),
    Column("again_at", Instant, nullable=False, comment="when its lease ends, or its next attempt is due"),
    Column("made_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("error", Text),
)
_unfinished = message.c.finished_at.is_(None)
Index("message_unfinished_idx", message.c.again_at, sqlite_where=_unfinished, postgresql_where=_unfinished)

delivery = Table(
    "delivery",
    metadata,
    Column("id", Id, primary_key=True),
    Column("notice_id", Id, ForeignKey("notice.id"), nullable=False),
    Column("channel", String(100), nullable=False),
    Column("recipient", String(100), nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("send_after", Instant, nullable=False),
    Column("message_id", Id, ForeignKey("message.id"), index=True, comment="none while it is queued"),
    Column("dropped_at", Instant),
    UniqueConstraint("notice_id", "channel"),
)
_queued = delivery.c.message_id.is_(None)
Index("delivery_queued_idx", delivery.c.send_after, sqlite_where=_queued, postgresql_where=_queued)

sweep = Table(
    "sweep",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("facts", CanonicalJson, nullable=False),
)

watch = Table(
    "watch",
    metadata,
    Column("occurrence_id", Id, ForeignKey("occurrence.id"), primary_key=True, autoincrement=False),
    Column("head_seq", Integer, nullable=False, comment="up to which a pass has seen the occurrence"),
    Column("look_at", Instant, comment="when time alone changes something; none for never"),
    Column("basis", String(100), nullable=False, comment="what the pass decided by: policies, contacts, calendar"),
)

purged = Table(
    "purged",
    metadata,
    Column("id", Id, primary_key=True),
    _occurrence(),
    Column("sha256", String(64), nullable=False),
    Column("name", String(500), nullable=False),
    Column("kind", String(20), nullable=False, comment="draft, input or proof"),
    Column("size", BigInteger, nullable=False, comment="bytes"),
    Column("reason", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("authority", Text, nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("occurrence_id", "sha256", "name"),
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("id", Id, primary_key=True),
    Column("day", Date, nullable=False, unique=True),
    Column("taken_at", Instant, nullable=False),
    Column("last_event_id", Id, nullable=False),
    Column("events", Integer, nullable=False, comment="how many it covers that the one before did not"),
    Column("root", String(64), nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

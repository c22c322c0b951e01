"""The ledger: occurrences, their append-only events, and what hangs on them.

Written out in full and never edited after release: it is what the first ledgers in use were made with. The triggers
are part of it, because a table that refuses edits only while our code is running refuses nothing.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_UNIQUE = {
    "event": (("id",), ("occurrence_id", "seq"), ("occurrence_id", "once")),
    "reported_event": (("id",), ("event_id", "seq")),
    "checkpoint": (("id",), ("day",)),
}
_APPEND_ONLY = tuple(_UNIQUE)
_FIXED = ("obligation_key", "period", "original_due_at")


def upgrade() -> None:
    """Make every table, index and trigger."""
    _documents_and_occurrences()
    _events()
    _products()
    _notices_and_checkpoints()
    if op.get_bind().dialect.name == "postgresql":
        _triggers_of_postgresql()
    else:
        _triggers_of_sqlite()


def downgrade() -> None:
    """Drop everything; only ever for an empty ledger."""
    for table in ("checkpoint", "notice", "publication", "draft", "reported_event", "event", "occurrence", "document"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION ledger_append_only()")
        op.execute("DROP FUNCTION ledger_fixed_columns()")


def _id() -> sa.Column[int]:
    return sa.Column("id", _ID, nullable=False)


def _occurrence_id(table: str) -> tuple[sa.Column[int], sa.ForeignKeyConstraint]:
    column: sa.Column[int] = sa.Column("occurrence_id", _ID, nullable=False)
    return column, sa.ForeignKeyConstraint(["occurrence_id"], ["occurrence.id"], name=f"{table}_occurrence_id_fk")


def _documents_and_occurrences() -> None:
    op.create_table(
        "document",
        _id(),
        sa.Column("digest", sa.String(64), nullable=False, comment="SHA-256 of content"),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("number", sa.Text),
        sa.Column("issued_by", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False, comment="words.obligation.Document"),
        sa.PrimaryKeyConstraint("id", name="document_pk"),
        sa.UniqueConstraint("digest", name="document_digest_key"),
    )
    op.create_table(
        "occurrence",
        _id(),
        sa.Column("obligation_key", sa.String(200), nullable=False),
        sa.Column("period", sa.String(200), nullable=False),
        sa.Column("period_start", sa.Date, nullable=False),
        sa.Column("period_end", sa.Date, nullable=False),
        sa.Column("document_id", _ID, nullable=False),
        sa.Column("clause", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("jurisdiction", sa.String(100), nullable=False),
        sa.Column("departments", sa.Text, nullable=False),
        sa.Column("office", sa.Text),
        sa.Column("duty", sa.String(20), nullable=False),
        sa.Column("fulfilment", sa.String(20), nullable=False),
        sa.Column("event_id", sa.String(200)),
        sa.Column("historical", sa.Boolean, nullable=False),
        sa.Column("opens_at", _INSTANT, nullable=False),
        sa.Column("draft_by", _INSTANT, nullable=False),
        sa.Column("due_at", _INSTANT, nullable=False),
        sa.Column("original_due_at", _INSTANT, nullable=False),
        sa.Column("provisional", sa.Boolean, nullable=False),
        sa.Column("earliest", _INSTANT, nullable=False),
        sa.Column("latest", _INSTANT, nullable=False),
        sa.Column("derivation", sa.Text, nullable=False),
        sa.Column("calendar_version", sa.String(100), nullable=False),
        sa.Column("catalogue_version", sa.String(100), nullable=False),
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("published_at", _INSTANT),
        sa.Column("outcome", sa.String(20)),
        sa.Column("closed_at", _INSTANT),
        sa.Column("waived_at", _INSTANT),
        sa.Column("missed_at", _INSTANT),
        sa.Column("paused_at", _INSTANT),
        sa.Column("head_seq", sa.Integer, nullable=False),
        sa.Column("head_hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="occurrence_pk"),
        sa.UniqueConstraint("obligation_key", "period", name="occurrence_obligation_key_period_key"),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="occurrence_document_id_fk"),
    )
    op.create_index("occurrence_jurisdiction_idx", "occurrence", ["jurisdiction"])
    op.create_index("occurrence_event_id_idx", "occurrence", ["event_id"])
    still_open = sa.text("closed_at IS NULL")
    op.create_index(
        "occurrence_open_due_at_idx", "occurrence", ["due_at"], sqlite_where=still_open, postgresql_where=still_open
    )


def _events() -> None:
    op.create_table(
        "event",
        _id(),
        *_occurrence_id("event"),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(50), nullable=False),
        sa.Column("happened_at", _INSTANT, nullable=False),
        sa.Column("recorded_at", _INSTANT, nullable=False),
        sa.Column("person", sa.Text),
        sa.Column("once", sa.String(300)),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="event_pk"),
        sa.UniqueConstraint("occurrence_id", "seq", name="event_occurrence_id_seq_key"),
        sa.UniqueConstraint("occurrence_id", "once", name="event_occurrence_id_once_key"),
        sqlite_autoincrement=True,  # an id is never given twice, so checkpoints stay true
    )
    op.create_table(
        "reported_event",
        _id(),
        sa.Column("event_id", sa.String(200), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False, comment="1 the first report, more for each change of level"),
        sa.Column("type", sa.String(50), nullable=False),
        sa.Column("level", sa.String(50), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("happened_at", _INSTANT, nullable=False),
        sa.Column("reported_at", _INSTANT, nullable=False),
        sa.Column("noticed_at", _INSTANT),
        sa.Column("fields", sa.Text, nullable=False),
        sa.Column("recorded_at", _INSTANT, nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="reported_event_pk"),
        sa.UniqueConstraint("event_id", "seq", name="reported_event_event_id_seq_key"),
    )


def _products() -> None:
    op.create_table(
        "draft",
        _id(),
        *_occurrence_id("draft"),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("folder", sa.Text, nullable=False),
        sa.Column("files", sa.Text, nullable=False, comment="file names below folder"),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("open_blanks", sa.Text, nullable=False),
        sa.Column("registered_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="draft_pk"),
        sa.UniqueConstraint("occurrence_id", "version", "sha256", name="draft_occurrence_id_version_sha256_key"),
    )
    op.create_table(
        "publication",
        _id(),
        *_occurrence_id("publication"),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("evidence", sa.Text, nullable=False),
        sa.Column("grade", sa.String(20), nullable=False),
        sa.Column("published_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="publication_pk"),
        sa.UniqueConstraint("occurrence_id", "sha256", "address", name="publication_occurrence_id_sha256_address_key"),
    )


def _notices_and_checkpoints() -> None:
    op.create_table(
        "notice",
        _id(),
        *_occurrence_id("notice"),
        sa.Column("tier", sa.String(50), nullable=False),
        sa.Column("recipient", sa.String(200), nullable=False),
        sa.Column("channel", sa.String(50), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("message_id", sa.String(200), nullable=False),
        sa.Column("queued_at", _INSTANT, nullable=False),
        sa.Column("send_after", _INSTANT, nullable=False),
        sa.Column("sent_at", _INSTANT),
        sa.Column("acknowledged_at", _INSTANT),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="notice_pk"),
        sa.UniqueConstraint("message_id", name="notice_message_id_key"),
        sa.UniqueConstraint("occurrence_id", "tier", "recipient", name="notice_occurrence_id_tier_recipient_key"),
    )
    op.create_table(
        "checkpoint",
        _id(),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("taken_at", _INSTANT, nullable=False),
        sa.Column("last_event_id", _ID, nullable=False),
        sa.Column("events", sa.Integer, nullable=False, comment="how many it covers that the one before did not"),
        sa.Column("root", sa.String(64), nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="checkpoint_pk"),
        sa.UniqueConstraint("day", name="checkpoint_day_key"),
    )


def _triggers_of_postgresql() -> None:
    op.execute(
        """
        CREATE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '台账的 % 表只能追加，不能修改或删除', TG_TABLE_NAME; END $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION ledger_fixed_columns() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '台账事项的编号、周期和原定时限不能修改'; END $$
        """
    )
    for table in _APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION ledger_append_only()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only()"
        )
    op.execute(
        f"CREATE TRIGGER occurrence_fixed BEFORE UPDATE OF {', '.join(_FIXED)} ON occurrence "
        "FOR EACH ROW EXECUTE FUNCTION ledger_fixed_columns()"
    )


def _triggers_of_sqlite() -> None:
    for table in _APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '台账的 {table} 表只能追加，不能修改或删除'); END"
            )
        # INSERT OR REPLACE deletes without meeting the trigger on DELETE, unless a connection asks for it.
        taken = " OR ".join(
            "(" + " AND ".join(f"{column} = NEW.{column}" for column in columns) + ")" for columns in _UNIQUE[table]
        )
        refuse = f"BEGIN SELECT RAISE(ABORT, '台账的 {table} 表只能追加，不能修改或删除'); END"
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN EXISTS "  # noqa: S608 - our own constants
            f"(SELECT 1 FROM {table} WHERE {taken}) {refuse}"
        )
    op.execute(
        f"CREATE TRIGGER occurrence_fixed BEFORE UPDATE OF {', '.join(_FIXED)} ON occurrence "
        "BEGIN SELECT RAISE(ABORT, '台账事项的编号、周期和原定时限不能修改'); END"
    )

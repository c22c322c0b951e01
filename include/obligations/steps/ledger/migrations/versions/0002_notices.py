"""Notices with their deliveries and messages, sweeps and what they have seen, and tombstones of purged files.

The ``notice`` table of 0001 was never written to; it is replaced. Written out in full and never edited after release.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_PURGED_UNIQUE = (("id",), ("occurrence_id", "sha256", "name"))


def upgrade() -> None:
    """Make the tables; every row of the others stays as it is."""
    op.drop_table("notice")
    _notices()
    _sweeps()
    _purged()
    if op.get_bind().dialect.name == "postgresql":
        _triggers_of_postgresql()
    else:
        _triggers_of_sqlite()


def downgrade() -> None:
    """Go back to 0001: what was queued, sent and purged is forgotten, the events that tell of it are not."""
    for table in ("purged", "watch", "sweep", "delivery", "message", "notice"):
        op.drop_table(table)
    _notice_of_0001()


def _id() -> sa.Column[int]:
    return sa.Column("id", _ID, nullable=False)


def _notices() -> None:
    op.create_table(
        "notice",
        _id(),
        sa.Column("subject", sa.String(401), nullable=False, comment="key and period, or system:… of an alarm"),
        sa.Column("occurrence_id", _ID, comment="none for an alarm"),
        sa.Column("tier", sa.String(100), nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("recipient", sa.String(100), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("queued_at", _INSTANT, nullable=False),
        sa.Column("send_after", _INSTANT, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("acknowledged_at", _INSTANT),
        sa.Column("acknowledged_by", sa.Text),
        sa.Column("confirmed_at", _INSTANT),
        sa.Column("confirmed_by", sa.Text),
        sa.PrimaryKeyConstraint("id", name="notice_pk"),
        sa.UniqueConstraint("subject", "tier", "recipient", name="notice_subject_tier_recipient_key"),
        sa.ForeignKeyConstraint(["occurrence_id"], ["occurrence.id"], name="notice_occurrence_id_fk"),
    )
    op.create_index("notice_occurrence_id_idx", "notice", ["occurrence_id"])
    op.create_table(
        "message",
        _id(),
        sa.Column("message_id", sa.String(200), nullable=False),
        sa.Column("recipient", sa.String(100), nullable=False),
        sa.Column("channel", sa.String(100), nullable=False),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("state", sa.String(20), nullable=False, comment="sending, retrying, sent or dropped"),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("unsure", sa.Boolean, nullable=False, comment="an attempt ended without anybody knowing how"),
        sa.Column("again_at", _INSTANT, nullable=False, comment="when its lease ends, or its next attempt is due"),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("finished_at", _INSTANT),
        sa.Column("error", sa.Text),
        sa.PrimaryKeyConstraint("id", name="message_pk"),
        sa.UniqueConstraint("message_id", name="message_message_id_key"),
    )
    unfinished = sa.text("finished_at IS NULL")
    op.create_index(
        "message_unfinished_idx", "message", ["again_at"], sqlite_where=unfinished, postgresql_where=unfinished
    )
    op.create_table(
        "delivery",
        _id(),
        sa.Column("notice_id", _ID, nullable=False),
        sa.Column("channel", sa.String(100), nullable=False),
        sa.Column("recipient", sa.String(100), nullable=False),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("send_after", _INSTANT, nullable=False),
        sa.Column("message_id", _ID, comment="none while it is queued"),
        sa.Column("dropped_at", _INSTANT),
        sa.PrimaryKeyConstraint("id", name="delivery_pk"),
        sa.UniqueConstraint("notice_id", "channel", name="delivery_notice_id_channel_key"),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name="delivery_notice_id_fk"),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="delivery_message_id_fk"),
    )
    op.create_index("delivery_message_id_idx", "delivery", ["message_id"])
    queued = sa.text("message_id IS NULL")
    op.create_index("delivery_queued_idx", "delivery", ["send_after"], sqlite_where=queued, postgresql_where=queued)


def _sweeps() -> None:
    op.create_table(
        "sweep",
        _id(),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("finished_at", _INSTANT),
        sa.Column("facts", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="sweep_pk"),
    )
    op.create_table(
        "watch",
        sa.Column("occurrence_id", _ID, nullable=False, autoincrement=False),
        sa.Column("head_seq", sa.Integer, nullable=False, comment="up to which a pass has seen the occurrence"),
        sa.Column("look_at", _INSTANT, comment="when time alone changes something; none for never"),
        sa.Column(
            "basis", sa.String(100), nullable=False, comment="what the pass decided by: policies, contacts, calendar"
        ),
        sa.PrimaryKeyConstraint("occurrence_id", name="watch_pk"),
        sa.ForeignKeyConstraint(["occurrence_id"], ["occurrence.id"], name="watch_occurrence_id_fk"),
    )


def _purged() -> None:
    op.create_table(
        "purged",
        _id(),
        sa.Column("occurrence_id", _ID, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("name", sa.String(500), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False, comment="draft, input or proof"),
        sa.Column("size", sa.BigInteger, nullable=False, comment="bytes"),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("authority", sa.Text, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="purged_pk"),
        sa.UniqueConstraint("occurrence_id", "sha256", "name", name="purged_occurrence_id_sha256_name_key"),
        sa.ForeignKeyConstraint(["occurrence_id"], ["occurrence.id"], name="purged_occurrence_id_fk"),
    )


def _triggers_of_postgresql() -> None:
    op.execute(
        "CREATE TRIGGER purged_append_only BEFORE UPDATE OR DELETE ON purged "
        "FOR EACH ROW EXECUTE FUNCTION ledger_append_only()"
    )
    op.execute(
        "CREATE TRIGGER purged_no_truncate BEFORE TRUNCATE ON purged "
        "FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only()"
    )


def _triggers_of_sqlite() -> None:
    refuse = "BEGIN SELECT RAISE(ABORT, '台账的 purged 表只能追加，不能修改或删除'); END"
    for verb in ("UPDATE", "DELETE"):
        op.execute(f"CREATE TRIGGER purged_no_{verb.lower()} BEFORE {verb} ON purged {refuse}")
    # INSERT OR REPLACE deletes without meeting the trigger on DELETE, unless a connection asks for it.
    taken = " OR ".join(
        "(" + " AND ".join(f"{column} = NEW.{column}" for column in columns) + ")" for columns in _PURGED_UNIQUE
    )
    op.execute(
        "CREATE TRIGGER purged_no_replace BEFORE INSERT ON purged WHEN EXISTS "  # noqa: S608 - our own constants
        f"(SELECT 1 FROM purged WHERE {taken}) {refuse}"
    )


def _notice_of_0001() -> None:
    op.create_table(
        "notice",
        _id(),
        sa.Column("occurrence_id", _ID, nullable=False),
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
        sa.ForeignKeyConstraint(["occurrence_id"], ["occurrence.id"], name="notice_occurrence_id_fk"),
    )

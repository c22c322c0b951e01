"""An index by which the rounds of feedback (反馈核实) are found, without reading every event there ever was.

It holds the events of that kind alone, so that recording any other costs nothing. Written out in full and never edited
after release.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    of_feedback = sa.text("kind = 'feedback'")
    op.create_index(
        "event_feedback_idx", "event", ["occurrence_id"], sqlite_where=of_feedback, postgresql_where=of_feedback
    )


def downgrade() -> None:
    """Go back to 0003: whoever asks for rounds of feedback reads every event."""
    op.drop_index("event_feedback_idx", "event")

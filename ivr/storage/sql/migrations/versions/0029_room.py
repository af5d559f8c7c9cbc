"""Who looks after a promised callback, and the limits at which a queue is marked on the board."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ivr.storage.sql.engine import UTCDateTime

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "callback_owners",
        sa.Column("callback", sa.String(160), nullable=False),
        sa.Column("owner", sa.String(160), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("callback", name=op.f("pk_callback_owners")),
    )
    op.create_table(
        "queue_limits",
        sa.Column("hotline", sa.String(160), nullable=False),
        sa.Column("topic", sa.String(160), nullable=False),
        sa.Column("limits", sa.Text(), nullable=False),
        sa.Column("who", sa.String(160), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("hotline", "topic", name=op.f("pk_queue_limits")),
    )

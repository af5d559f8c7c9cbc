"""Messages that were promised an answer: until when, whose they are, whether they were answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ivr.storage.sql.engine import UTCDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "message_box",
        *(
            sa.Column(name, sa.String(length=width), nullable=False)
            for name, width in (("id", 160), ("call", 160), ("hotline", 160), ("topic", 160), ("language", 80))
        ),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("duration_s", sa.Integer(), nullable=False),
        sa.Column("recording", sa.String(length=400), nullable=False),
        sa.Column("due_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=80), nullable=False),
        sa.Column("owner", sa.String(length=160), nullable=False),
        sa.Column("taken_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("answered_at", UTCDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_box")),
    )
    op.create_index(op.f("ix_message_box_hotline_at"), "message_box", ["hotline", "at"])
    op.create_index(op.f("ix_message_box_status_due_at"), "message_box", ["status", "due_at"])

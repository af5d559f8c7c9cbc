"""Text messages that came in: how each was answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ivr.storage.sql.engine import UTCDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "texts_in",
        sa.Column("message", sa.String(length=64), nullable=False),
        sa.Column("hotline", sa.String(length=160), nullable=False),
        sa.Column("number_index", sa.String(length=64), nullable=False),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("message", name=op.f("pk_texts_in")),
    )
    op.create_index(op.f("ix_texts_in_number_index_at"), "texts_in", ["number_index", "at"])

"""Who was asked for a rating, and what a supervisor is to follow up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ivr.storage.sql.engine import UTCDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "surveys",
        sa.Column("id", sa.String(length=160), nullable=False),
        sa.Column("call", sa.String(length=160), nullable=False),
        sa.Column("hotline", sa.String(length=160), nullable=False),
        sa.Column("topic", sa.String(length=160), nullable=False),
        sa.Column("agent", sa.String(length=160), nullable=True),
        sa.Column("number", sa.String(length=200), nullable=False),
        sa.Column("number_index", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=80), nullable=False),
        sa.Column("channel", sa.String(length=80), nullable=False),
        sa.Column("asked_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("solved", sa.String(length=80), nullable=False),
        sa.Column("answered_at", UTCDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveys")),
    )
    op.create_index(op.f("ix_surveys_hotline_asked_at"), "surveys", ["hotline", "asked_at"])
    op.create_index(op.f("ix_surveys_number_index_asked_at"), "surveys", ["number_index", "asked_at"])
    op.create_table(
        "follow_ups",
        sa.Column("id", sa.String(length=160), nullable=False),
        sa.Column("call", sa.String(length=160), nullable=False),
        sa.Column("hotline", sa.String(length=160), nullable=False),
        sa.Column("topic", sa.String(length=160), nullable=False),
        sa.Column("agent", sa.String(length=160), nullable=True),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("solved", sa.String(length=80), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("wished", sa.Boolean(), nullable=False),
        sa.Column("due_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("status", sa.String(length=80), nullable=False),
        sa.Column("handled_by", sa.String(length=160), nullable=False),
        sa.Column("handled_at", UTCDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_ups")),
    )
    op.create_index(op.f("ix_follow_ups_hotline_at"), "follow_ups", ["hotline", "at"])
    op.create_index(op.f("ix_follow_ups_status_at"), "follow_ups", ["status", "at"])

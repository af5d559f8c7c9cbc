"""Calls that agents make from the desk."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ivr.storage.sql.engine import UTCDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calls_out",
        *(sa.Column(name, sa.String(length=160), nullable=False) for name in ("id", "hotline", "agent")),
        sa.Column("why", sa.String(length=80), nullable=False),
        sa.Column("ref", sa.String(length=160), nullable=False),
        sa.Column("number", sa.String(length=200), nullable=False),
        sa.Column("number_index", sa.String(length=64), nullable=False),
        sa.Column("country", sa.String(length=80), nullable=False),
        sa.Column("mobile", sa.Boolean(), nullable=False),
        sa.Column("zones", sa.JSON(), nullable=False),
        sa.Column("dialled", sa.String(length=80), nullable=False),
        sa.Column("topic", sa.String(length=160), nullable=False),
        sa.Column("language", sa.String(length=80), nullable=False),
        sa.Column("path", sa.JSON(), nullable=False),
        sa.Column("case", sa.String(length=16), nullable=False),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("dialled_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("leg", sa.String(length=160), nullable=True),
        sa.Column("ended_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("result", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls_out")),
    )
    op.create_index(op.f("ix_calls_out_agent_at"), "calls_out", ["agent", "at"])
    op.create_index(op.f("ix_calls_out_number_index_at"), "calls_out", ["number_index", "at"])

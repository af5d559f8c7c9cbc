"""Codes by which callers prove who they are: counted per number, kept as keyed hashes for ten minutes; how a call's proof ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ivr.storage.sql.engine import UTCDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "codes",
        sa.Column("id", sa.String(length=160), nullable=False),
        sa.Column("hotline", sa.String(length=160), nullable=False),
        sa.Column("call", sa.String(length=160), nullable=False),
        sa.Column("number_index", sa.String(length=64), nullable=False),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False, server_default=""),
        sa.Column("expires_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("result", sa.String(length=80), nullable=True),
        sa.Column("ended_at", UTCDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_codes")),
    )
    op.create_index(op.f("ix_codes_number_index_at"), "codes", ["number_index", "at"])
    op.create_index(op.f("ix_codes_expires_at"), "codes", ["expires_at"])
    op.add_column("calls", sa.Column("verified", sa.String(length=80), nullable=False, server_default=""))

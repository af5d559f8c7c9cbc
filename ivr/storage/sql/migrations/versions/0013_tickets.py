"""Tickets of the app, and the tokens of programs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ivr.storage.sql.engine import UTCDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def upgrade() -> None:
    op.create_table(
        "tickets",
        _text("id", 160),
        _text("hotline", 160),
        _text("number_index", 64),
        _text("topic", 160),
        _text("node", 160),
        _text("language", 80),
        sa.Column("verified", sa.Boolean(), nullable=False),
        _text("case_number", 80),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("used_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("used_call", sa.String(length=160), nullable=True),
        _text("by", 80),
        _text("key", 80),
        _text("body", 64),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
        sa.UniqueConstraint("by", "key", name=op.f("uq_tickets_by_key")),
    )
    op.create_index(op.f("ix_tickets_number_index_expires_at"), "tickets", ["number_index", "expires_at"])
    op.create_index(op.f("ix_tickets_expires_at"), "tickets", ["expires_at"])
    op.create_table(
        "api_tokens",
        _text("name", 80),
        _text("token_hash", 64),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_tokens_token_hash")),
    )

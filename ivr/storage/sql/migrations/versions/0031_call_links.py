"""Links that show one call, and the promises of a call."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ivr.storage.sql.engine import UTCDateTime

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call_links",
        sa.Column("id", sa.String(160), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("call", sa.String(160), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.String(160), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("notes", sa.Boolean(), nullable=False),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        sa.Column("revoked_by", sa.String(160), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_links")),
    )
    op.create_index(op.f("ix_call_links_key"), "call_links", ["key"], unique=True)
    op.create_index(op.f("ix_call_links_call"), "call_links", ["call"])
    op.create_table(
        "call_link_openings",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("link", sa.String(160), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_call_link_openings")),
    )
    op.create_index(op.f("ix_call_link_openings_link"), "call_link_openings", ["link"])
    op.create_index(op.f("ix_callbacks_call"), "callbacks", ["call"])

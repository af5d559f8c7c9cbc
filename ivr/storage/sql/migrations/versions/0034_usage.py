"""What calls use at the carrier, requests made of it, and prices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ivr.storage.sql.engine import UTCDateTime

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

MINUTES = ("caller_minutes", "dialled_minutes", "browser_minutes", "room_minutes", "recorded_minutes")


def upgrade() -> None:
    op.add_column("segments", sa.Column("by_phone", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "call_usage",
        sa.Column("call", sa.String(160), nullable=False),
        sa.Column("hotline", sa.String(160), nullable=False),
        sa.Column("topic", sa.String(160), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in (*MINUTES, "texts", "requests")),
        sa.PrimaryKeyConstraint("call", name=op.f("pk_call_usage")),
    )
    op.create_index(op.f("ix_call_usage_hotline_started_at"), "call_usage", ["hotline", "started_at"])
    op.create_table(
        "carrier_requests",
        sa.Column("id", sa.String(160), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("call", sa.String(160), nullable=True),
        sa.Column("what", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carrier_requests")),
    )
    op.create_index(op.f("ix_carrier_requests_what_at"), "carrier_requests", ["what", "at"])
    op.create_index(op.f("ix_carrier_requests_at"), "carrier_requests", ["at"])
    op.create_table(
        "price_list",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("prices", sa.JSON(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.Column("changed_by", sa.String(160), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_list")),
    )

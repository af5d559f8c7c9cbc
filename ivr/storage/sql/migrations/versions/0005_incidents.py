"""Incident banners, and the calls that heard them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ivr.storage.sql.engine import UTCDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", sa.String(length=160), nullable=False),
        sa.Column("hotline", sa.String(length=160), nullable=False),
        sa.Column("since", UTCDateTime(timezone=True), nullable=False),
        sa.Column("until", UTCDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("slots", sa.JSON(), nullable=False),
        sa.Column("who", sa.String(length=160), nullable=False),
        sa.Column("ended_by", sa.String(length=160), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
    )
    op.create_index(op.f("ix_incidents_hotline_since"), "incidents", ["hotline", "since"])
    op.create_table(
        "incident_calls",
        sa.Column("incident", sa.String(length=160), nullable=False),
        sa.Column("call", sa.String(length=160), nullable=False),
        sa.Column("hotline", sa.String(length=160), nullable=False),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("incident", "call", name=op.f("pk_incident_calls")),
    )
    op.create_index(op.f("ix_incident_calls_call"), "incident_calls", ["call"])

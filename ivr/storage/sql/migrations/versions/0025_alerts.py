"""Alerts, who is told of them, and what goes out to others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ivr.storage.sql.engine import UTCDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alert_rules",
        sa.Column("id", sa.String(160), nullable=False),
        sa.Column("figure", sa.String(80), nullable=False),
        sa.Column("level", sa.String(80), nullable=False),
        sa.Column("threshold", sa.Float(), nullable=False),
        sa.Column("lasts_s", sa.Integer(), nullable=False),
        sa.Column("clears_s", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(160), nullable=False),
        sa.Column("quiet_start", sa.String(8), nullable=False),
        sa.Column("quiet_until", sa.String(8), nullable=False),
        sa.Column("ways", sa.JSON(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.Column("changed_by", sa.String(160), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_rules")),
    )
    op.create_table(
        "alert_recipients",
        sa.Column("id", sa.String(160), nullable=False),
        sa.Column("way", sa.String(80), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("added_at", UTCDateTime(), nullable=False),
        sa.Column("added_by", sa.String(160), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_recipients")),
    )
    op.create_table(
        "alerts",
        sa.Column("id", sa.String(160), nullable=False),
        sa.Column("rule", sa.String(160), nullable=False),
        sa.Column("figure", sa.String(80), nullable=False),
        sa.Column("level", sa.String(80), nullable=False),
        sa.Column("subject", sa.String(160), nullable=False),
        sa.Column("threshold", sa.Float(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("raised_at", UTCDateTime(), nullable=False),
        sa.Column("cleared_at", UTCDateTime(), nullable=True),
        sa.Column("told_at", UTCDateTime(), nullable=True),
        sa.Column("acknowledged_at", UTCDateTime(), nullable=True),
        sa.Column("acknowledged_by", sa.String(160), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("useful", sa.Boolean(), nullable=True),
        sa.Column("judged_by", sa.String(160), nullable=False),
        sa.Column("open_key", sa.String(330), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sa.UniqueConstraint("open_key", name=op.f("uq_alerts_open_key")),
    )
    op.create_index(op.f("ix_alerts_raised_at"), "alerts", ["raised_at"])
    op.create_index(op.f("ix_alerts_rule"), "alerts", ["rule"])
    op.create_table(
        "webhook_endpoints",
        sa.Column("id", sa.String(160), nullable=False),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.String(160), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoints")),
    )
    op.create_table(
        "outgoing",
        sa.Column("id", sa.String(160), nullable=False),
        sa.Column("way", sa.String(80), nullable=False),
        sa.Column("target", sa.String(160), nullable=False),
        sa.Column("message", sa.String(160), nullable=False),
        sa.Column("event", sa.String(80), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("next_at", UTCDateTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", UTCDateTime(), nullable=True),
        sa.Column("given_up_at", UTCDateTime(), nullable=True),
        sa.Column("answer", sa.String(300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing")),
    )
    op.create_index(op.f("ix_outgoing_next_at"), "outgoing", ["next_at"])
    op.create_index(op.f("ix_outgoing_created_at"), "outgoing", ["created_at"])
    op.create_index(op.f("ix_outgoing_target_created_at"), "outgoing", ["target", "created_at"])

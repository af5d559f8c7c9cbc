"""Reports that people keep, and the mails that they send."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ivr.storage.sql.engine import UTCDateTime

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_reports",
        sa.Column("id", sa.String(160), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("report", sa.String(80), nullable=False),
        sa.Column("chosen", sa.Text(), nullable=False),
        sa.Column("owner", sa.String(160), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(80), nullable=False),
        sa.Column("zone", sa.String(80), nullable=False),
        sa.Column("every", sa.String(80), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("next_at", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_reports")),
    )
    op.create_index(op.f("ix_saved_reports_owner"), "saved_reports", ["owner"])
    op.create_index(op.f("ix_saved_reports_next_at"), "saved_reports", ["next_at"])
    op.create_table(
        "report_mails",
        sa.Column("saved", sa.String(160), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("recipient", sa.String(200), nullable=False),
        sa.Column("state", sa.String(80), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(200), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("look_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("saved", "due_at", "recipient", name=op.f("pk_report_mails")),
    )
    op.create_index(op.f("ix_report_mails_look_at"), "report_mails", ["look_at"])


def downgrade() -> None:
    op.drop_table("report_mails")
    op.drop_table("saved_reports")

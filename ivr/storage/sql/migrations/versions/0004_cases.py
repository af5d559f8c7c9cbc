"""Cases, and the calls that belong to each. A number is unique in its hotline; the caller's own number is sealed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ivr.storage.sql.engine import UTCDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.String(length=160), nullable=False),
        sa.Column("hotline", sa.String(length=160), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("caller", sa.String(length=200), nullable=False),
        sa.Column("caller_index", sa.String(length=64), nullable=False),
        sa.Column("topic", sa.String(length=160), nullable=False),
        sa.Column("path", sa.JSON(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(length=80), nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("status", sa.String(length=80), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.Column("changed_by", sa.String(length=160), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
    )
    op.create_index("uq_cases_number", "cases", ["hotline", "number"], unique=True)
    op.create_index(op.f("ix_cases_caller_index_status"), "cases", ["caller_index", "status"])
    op.create_index(op.f("ix_cases_hotline_status_due_at"), "cases", ["hotline", "status", "due_at"])
    op.create_table(
        "case_calls",
        sa.Column("call", sa.String(length=160), nullable=False),
        sa.Column("case", sa.String(length=160), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("call", name=op.f("pk_case_calls")),
    )
    op.create_index(op.f("ix_case_calls_case"), "case_calls", ["case"])

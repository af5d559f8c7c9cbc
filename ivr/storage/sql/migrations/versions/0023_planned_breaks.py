"""Breaks that are set for agents beforehand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ivr.storage.sql.engine import UTCDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "planned_breaks",
        sa.Column("id", sa.String(160), nullable=False),
        sa.Column("agent", sa.String(160), nullable=False),
        sa.Column("start_at", UTCDateTime(), nullable=False),
        sa.Column("end_at", UTCDateTime(), nullable=False),
        sa.Column("reason", sa.String(80), nullable=False),
        sa.Column("set_by", sa.String(160), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_breaks")),
    )
    op.create_index(op.f("ix_planned_breaks_agent_start_at"), "planned_breaks", ["agent", "start_at"])
    op.create_index(op.f("ix_planned_breaks_start_at"), "planned_breaks", ["start_at"])

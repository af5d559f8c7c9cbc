"""Whose follow-up a case is: the agent who named its day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("due_by", sa.String(160), nullable=False, server_default=""))
    op.execute("UPDATE cases SET due_by = changed_by WHERE status = 'pending' AND due_at IS NOT NULL")
    op.create_index("ix_cases_due_by_status_due_at", "cases", ["due_by", "status", "due_at"])

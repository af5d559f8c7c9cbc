"""Slow speech is remembered by number, beside the language."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("number_memory", sa.Column("slow", sa.Boolean(), nullable=False, server_default=sa.false()))

"""Calls from numbers that the menu names as test numbers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("calls", sa.Column("test", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_calls_test", "calls", ["call"], sqlite_where=sa.text("test"), postgresql_where=sa.text("test"))

"""An index of the calls that the menu served."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    where = sa.text("\"end\" = 'self_served'")
    columns = ["started_at", "call"]
    op.create_index(op.f("ix_calls_served"), "calls", columns, sqlite_where=where, postgresql_where=where)

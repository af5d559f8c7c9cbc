"""Marks of kept cells stand with those of kept sums."""

from __future__ import annotations

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("INSERT INTO rollup_dirty (family, at_s) SELECT 'waits', slot_s FROM rollup_marks")
    op.drop_table("rollup_marks")

"""Indexes for promises whose named end is still to come."""

from __future__ import annotations

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("callbacks", "callback_times"):
        op.create_index(op.f(f"ix_{table}_promised_to"), table, ["promised_to"])

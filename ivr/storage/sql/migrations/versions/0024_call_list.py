"""Orders in which calls are listed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

PLACE = ("entered_at", "call", "segment")
ORDERS = (PLACE, ("left_at", "call", "segment"), ("topic", *PLACE), ("outcome", *PLACE))


def upgrade() -> None:
    for columns in ORDERS:
        op.create_index(op.f(f"ix_segments_{'_'.join(columns)}"), "segments", list(columns))
    op.create_index(
        "ix_calls_without_stay",
        "calls",
        ["started_at", "call"],
        sqlite_where=sa.text("segments = 0"),
        postgresql_where=sa.text("segments = 0"),
    )

"""When a case was closed; what was written to it afterwards does not change that."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ivr.storage.sql.engine import UTCDateTime

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("closed_at", UTCDateTime(), nullable=True))
    op.execute("UPDATE cases SET closed_at = changed_at WHERE status IN ('solved', 'closed')")

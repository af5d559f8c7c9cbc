"""Who heard a message last; of those heard before, as the audit knows it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ivr.storage.sql.engine import UTCDateTime

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

BEFORE = """
UPDATE message_box SET
  heard_by = COALESCE((SELECT who FROM audit WHERE what = 'message.hear' AND object = message_box.id
                       ORDER BY number DESC LIMIT 1), ''),
  heard_at = (SELECT at FROM audit WHERE what = 'message.hear' AND object = message_box.id
              ORDER BY number DESC LIMIT 1)
WHERE status <> 'answered'
"""


def upgrade() -> None:
    op.add_column("message_box", sa.Column("heard_by", sa.String(160), nullable=False, server_default=""))
    op.add_column("message_box", sa.Column("heard_at", UTCDateTime(), nullable=True))
    op.execute(BEFORE)


def downgrade() -> None:
    op.drop_column("message_box", "heard_at")
    op.drop_column("message_box", "heard_by")

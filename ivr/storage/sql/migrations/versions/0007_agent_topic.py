"""What an answered call was about in the agent's judgement stands beside what the menu said."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("segments", sa.Column("agent_topic", sa.String(length=80), nullable=False, server_default=""))

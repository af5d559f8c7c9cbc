"""Why a stay in a queue began: a transfer makes the next one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("segments", sa.Column("cause", sa.String(80), nullable=False, server_default=""))

"""Why a result came about: the reason beneath it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("segments", sa.Column("disposition_reason", sa.String(80), nullable=False, server_default=""))

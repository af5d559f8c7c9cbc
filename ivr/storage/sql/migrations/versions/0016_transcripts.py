"""What was said in a message, as text."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("message_box", sa.Column("transcript", sa.Text(), nullable=False, server_default=""))
    op.add_column("message_box", sa.Column("transcript_tries", sa.Integer(), nullable=False, server_default="0"))

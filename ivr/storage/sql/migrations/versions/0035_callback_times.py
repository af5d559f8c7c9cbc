"""Times that were named to a customer before their callback was put off."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ivr.storage.sql.engine import UTCDateTime

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "callback_times",
        sa.Column("callback", sa.String(160), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("promised_from", UTCDateTime(), nullable=True),
        sa.Column("promised_to", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("callback", "at", name=op.f("pk_callback_times")),
    )

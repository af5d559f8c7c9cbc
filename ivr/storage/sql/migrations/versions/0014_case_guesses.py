"""Case numbers asked for that do not exist, by whom: what locks out who guesses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ivr.storage.sql.engine import UTCDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_guesses",
        sa.Column("id", sa.String(length=160), nullable=False),
        sa.Column("who", sa.String(length=160), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_guesses")),
    )
    op.create_index(op.f("ix_case_guesses_who_at"), "case_guesses", ["who", "at"])
    op.create_index(op.f("ix_case_guesses_at"), "case_guesses", ["at"])

"""What callers said to being recorded, kept for proof, and carried with a promise to call back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ivr.storage.sql.engine import UTCDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "consents",
        *(sa.Column(name, sa.String(length=160), nullable=False) for name in ("id", "hotline", "call")),
        sa.Column("number_index", sa.String(length=64), nullable=False),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.String(length=80), nullable=False) for name in ("choice", "how")),
        sa.Column("prompt", sa.String(length=160), nullable=False),
        *(sa.Column(name, sa.String(length=80), nullable=False) for name in ("menu_version", "language")),
        sa.Column("agent", sa.String(length=160), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(op.f("ix_consents_call"), "consents", ["call"])
    op.create_index(op.f("ix_consents_number_index_at"), "consents", ["number_index", "at"])
    op.add_column("callbacks", sa.Column("recording", sa.String(length=80), nullable=False, server_default=""))

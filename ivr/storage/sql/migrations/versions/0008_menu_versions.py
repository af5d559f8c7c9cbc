"""Every version of a menu that was in service is kept as it was written: old calls are finished and read in its words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ivr.storage.sql.engine import UTCDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "menu_versions",
        sa.Column("hotline", sa.String(length=160), nullable=False),
        sa.Column("version", sa.String(length=160), nullable=False),
        sa.Column("file", sa.String(length=200), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("first_used", UTCDateTime(timezone=True), nullable=False),
        sa.Column("last_used", UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hotline", "version", name=op.f("pk_menu_versions")),
    )
    op.create_index(op.f("ix_menu_versions_version"), "menu_versions", ["version"])

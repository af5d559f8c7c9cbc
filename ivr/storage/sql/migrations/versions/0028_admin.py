"""What pages set over the menu files, proposed menus, links for passwords; tokens that end; agents who take no calls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ivr.storage.sql.engine import UTCDateTime

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "password_links",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("account", sa.String(160), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_password_links")),
    )
    op.create_table(
        "queue_settings",
        sa.Column("hotline", sa.String(160), nullable=False),
        sa.Column("topic", sa.String(160), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("value_s", sa.Integer(), nullable=False),
        sa.Column("set_at", UTCDateTime(), nullable=False),
        sa.Column("set_by", sa.String(160), nullable=False),
        sa.PrimaryKeyConstraint("hotline", "topic", "name", name=op.f("pk_queue_settings")),
    )
    op.create_table(
        "hours_exceptions",
        sa.Column("hotline", sa.String(160), nullable=False),
        sa.Column("calendar", sa.String(160), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("spans", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("set_at", UTCDateTime(), nullable=False),
        sa.Column("set_by", sa.String(160), nullable=False),
        sa.PrimaryKeyConstraint("hotline", "calendar", "day", name=op.f("pk_hours_exceptions")),
    )
    op.create_table(
        "menu_proposals",
        sa.Column("version", sa.String(160), nullable=False),
        sa.Column("hotline", sa.String(160), nullable=False),
        sa.Column("file", sa.String(160), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("proposed_at", UTCDateTime(), nullable=False),
        sa.Column("proposed_by", sa.String(160), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_menu_proposals")),
    )
    op.create_table(
        "menu_choices",
        sa.Column("hotline", sa.String(160), nullable=False),
        sa.Column("version", sa.String(160), nullable=False),
        sa.Column("over", sa.String(160), nullable=False),
        sa.Column("chosen_at", UTCDateTime(), nullable=False),
        sa.Column("chosen_by", sa.String(160), nullable=False),
        sa.PrimaryKeyConstraint("hotline", name=op.f("pk_menu_choices")),
    )
    op.add_column("api_tokens", sa.Column("expires_at", UTCDateTime(), nullable=True))
    op.add_column("api_tokens", sa.Column("used_at", UTCDateTime(), nullable=True))
    op.add_column("agents", sa.Column("disabled", sa.Boolean(), nullable=False, server_default=sa.false()))

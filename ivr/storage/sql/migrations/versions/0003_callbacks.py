"""Promises to call back carry all that keeps them: the sealed number, the place in line, the code, the tries.

One open promise per number and topic is a unique index, so that two requests at once cannot both be made.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from ivr.storage.sql.engine import UTCDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OPEN = sa.text("state <> 'closed' AND number_index <> ''")


def _texts() -> list[sa.Column[Any]]:
    widths = {"number": 200, "number_index": 64, "country": 80, "dialled": 80, "language": 80, "code": 8, "reason": 200}
    return [
        sa.Column(name, sa.String(length=width), nullable=False, server_default="") for name, width in widths.items()
    ]


def upgrade() -> None:
    columns: list[sa.Column[Any]] = [
        *_texts(),
        sa.Column("dial", sa.String(length=80), nullable=False, server_default="reserve"),
        sa.Column("mobile", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("zones", sa.JSON(), nullable=True),
        sa.Column("path", sa.JSON(), nullable=True),
        *(
            sa.Column(name, sa.Integer(), nullable=False, server_default="0")
            for name in ("priority", "attempts", "failures")
        ),
        *(sa.Column(name, UTCDateTime(timezone=True), nullable=True) for name in ("due_at", "expires_at", "look_at")),
    ]
    for column in columns:
        op.add_column("callbacks", column)
    op.add_column("callback_attempts", sa.Column("leg", sa.String(length=160), nullable=True))
    op.create_index(op.f("ix_callbacks_look_at"), "callbacks", ["look_at"])
    op.create_index(op.f("ix_callbacks_number_index_requested_at"), "callbacks", ["number_index", "requested_at"])
    op.create_index(
        "uq_callbacks_open",
        "callbacks",
        ["hotline", "number_index", "topic"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )

"""Kept cells of the reports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rollup_cells",
        sa.Column("level", sa.String(8), nullable=False),
        sa.Column("placing", sa.String(8), nullable=False),
        sa.Column("start_s", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hotline", sa.String(160), nullable=False),
        sa.Column("topic", sa.String(160), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "placing", "start_s", "hotline", "topic", name=op.f("pk_rollup_cells")),
    )
    op.create_table(
        "rollup_days",
        sa.Column("start_s", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("end_s", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("start_s", name=op.f("pk_rollup_days")),
    )
    op.create_table(
        "rollup_marks",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("slot_s", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rollup_marks")),
    )
    op.create_index(op.f("ix_rollup_marks_slot_s"), "rollup_marks", ["slot_s"])

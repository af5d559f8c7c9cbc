"""Kept sums of the reports, and indexes for what reports look for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

KEYS, NUMBERS = 6, 10
RARE = (
    ("ix_calls_open", "calls", ["started_at", "call"], "ended_at IS NULL"),
    ("ix_calls_repaired", "calls", ["started_at", "call"], "repairs > 0"),
    ("ix_calls_backwards", "calls", ["started_at", "call"], "ended_at < started_at"),
    ("ix_segments_without_topic", "segments", ["entered_at", "call"], "topic = ''"),
    ("ix_segments_open", "segments", ["entered_at", "call"], "outcome IS NULL"),
    (
        "ix_segments_without_agent",
        "segments",
        ["entered_at", "call"],
        "answered_at IS NOT NULL AND agent IS NULL",
    ),
    (
        "ix_segments_backwards",
        "segments",
        ["entered_at", "call"],
        "answered_at < entered_at OR left_at < entered_at OR ended_at < answered_at",
    ),
    (
        "ix_segments_complaints",
        "segments",
        ["call"],
        "substr(agent_topic, 1, 9) = 'complaint' OR substr(disposition, 1, 9) = 'complaint'",
    ),
    ("ix_offers_open", "offers", ["made_at", "call"], "ended_at IS NULL"),
    ("ix_facts_repaired", "facts", ["at"], "kind = 'repaired'"),
    ("ix_agent_states_open", "agent_states", ["started_at"], "ended_at IS NULL"),
)
PLAIN = (
    ("segments", ["answered_at", "entered_at"]),
    ("cases", ["opened_at"]),
    ("announcements", ["at"]),
    ("surveys", ["call"]),
)


def upgrade() -> None:
    op.create_table(
        "rollup_sums",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(80), nullable=False),
        sa.Column("level", sa.String(8), nullable=False),
        sa.Column("start_s", sa.BigInteger(), nullable=False),
        sa.Column("hotline", sa.String(160), nullable=False),
        *(sa.Column(f"k{number}", sa.Text(), nullable=False, server_default="") for number in range(KEYS)),
        *(sa.Column(f"n{number}", sa.BigInteger(), nullable=False, server_default="0") for number in range(NUMBERS)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rollup_sums")),
    )
    op.create_index(op.f("ix_rollup_sums_kind_level_start_s"), "rollup_sums", ["kind", "level", "start_s"])
    op.create_table(
        "rollup_pieces",
        sa.Column("kind", sa.String(80), nullable=False),
        sa.Column("level", sa.String(8), nullable=False),
        sa.Column("start_s", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("end_s", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "level", "start_s", name=op.f("pk_rollup_pieces")),
    )
    op.create_table(
        "rollup_dirty",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("family", sa.String(12), nullable=False),
        sa.Column("at_s", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rollup_dirty")),
    )
    op.create_index(op.f("ix_rollup_dirty_family_at_s"), "rollup_dirty", ["family", "at_s"])
    for name, table, columns, condition in RARE:
        where = sa.text(condition)
        op.create_index(op.f(name), table, columns, sqlite_where=where, postgresql_where=where)
    for table, columns in PLAIN:
        op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, columns)

"""Links to the form that were texted, forms that came back, and their files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ivr.storage.sql.engine import UTCDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def _at(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, UTCDateTime(timezone=True), nullable=null)


def upgrade() -> None:
    op.create_table(
        "evidence_links",
        _text("id", 200),
        _text("key", 64),
        _text("hotline", 160),
        _text("call", 160),
        _text("case", 160),
        _text("dialled", 80),
        _text("language", 80),
        _text("topic", 160),
        _at("made_at"),
        _at("expires_at"),
        _at("used_at", null=True),
        _text("form", 64),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_links")),
    )
    op.create_index(op.f("ix_evidence_links_key"), "evidence_links", ["key"], unique=True)
    op.create_index(op.f("ix_evidence_links_made_at"), "evidence_links", ["made_at"])
    op.create_table(
        "evidence",
        _text("id", 64),
        _text("link", 200),
        _text("hotline", 160),
        _text("call", 160),
        _text("case", 160),
        _at("at"),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        sa.UniqueConstraint("link", name=op.f("uq_evidence_link")),
    )
    op.create_index(op.f("ix_evidence_call"), "evidence", ["call"])
    op.create_index(op.f("ix_evidence_case"), "evidence", ["case"])
    op.create_index(op.f("ix_evidence_at"), "evidence", ["at"])
    op.create_table(
        "evidence_files",
        _text("id", 64),
        _text("evidence", 64),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        _text("kind", 16),
        sa.Column("size", sa.Integer(), nullable=False),
        _text("state", 16),
        _at("at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_files")),
    )
    op.create_index(op.f("ix_evidence_files_evidence"), "evidence_files", ["evidence"])
    op.create_index(op.f("ix_evidence_files_state_at"), "evidence_files", ["state", "at"])

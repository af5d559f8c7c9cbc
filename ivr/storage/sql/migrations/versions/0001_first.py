"""The first schema.

The audit table refuses changes by itself: its rows are evidence.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ivr.storage.sql.engine import UTCDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _accounts()
    _agent_states()
    _agents()
    _announcements()
    _audit()
    _callback_attempts()
    _callbacks()
    _calls()
    _facts()
    _messages()
    _number_memory()
    _offers()
    _segments()
    _throttles()
    _web_sessions()
    _audit_is_append_only()


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("agent", sa.String(length=160), nullable=True),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("theme", sa.String(length=16), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("login", name=op.f("uq_accounts_login")),
    )


def _agent_states() -> None:
    op.create_table(
        "agent_states",
        sa.Column("id", sa.String(length=160), nullable=False),
        sa.Column("hotline", sa.String(length=160), nullable=False),
        sa.Column("agent", sa.String(length=160), nullable=False),
        sa.Column("presence", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=80), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("call", sa.String(length=160), nullable=True),
        sa.Column("offer", sa.String(length=160), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent_states")),
    )
    op.create_index(op.f("ix_agent_states_agent_started_at"), "agent_states", ["agent", "started_at"])
    op.create_index(op.f("ix_agent_states_hotline_started_at"), "agent_states", ["hotline", "started_at"])


def _agents() -> None:
    op.create_table(
        "agents",
        sa.Column("id", sa.String(length=160), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("team", sa.String(length=160), nullable=False),
        sa.Column("skills", sa.JSON(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("phone", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agents")),
    )


def _announcements() -> None:
    op.create_table(
        "announcements",
        sa.Column("call", sa.String(length=160), nullable=False),
        sa.Column("segment", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("hotline", sa.String(length=160), nullable=False),
        sa.Column("topic", sa.String(length=160), nullable=False),
        sa.Column("estimator", sa.String(length=80), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("estimates", sa.JSON(), nullable=False),
        sa.Column("actual_s", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("call", "segment", "at", name=op.f("pk_announcements")),
    )
    op.create_index(op.f("ix_announcements_hotline_topic_at"), "announcements", ["hotline", "topic", "at"])


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("who", sa.String(length=160), nullable=False),
        sa.Column("what", sa.String(length=160), nullable=False),
        sa.Column("object", sa.String(length=400), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_at"), "audit", ["at"])


def _callback_attempts() -> None:
    op.create_table(
        "callback_attempts",
        sa.Column("callback", sa.String(length=160), nullable=False),
        sa.Column("attempt", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("result", sa.String(length=80), nullable=True),
        sa.Column("agent", sa.String(length=160), nullable=True),
        sa.Column("agent_idle_s", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("callback", "attempt", name=op.f("pk_callback_attempts")),
    )
    op.create_index(op.f("ix_callback_attempts_at"), "callback_attempts", ["at"])


def _callbacks() -> None:
    op.create_table(
        "callbacks",
        sa.Column("id", sa.String(length=160), nullable=False),
        sa.Column("hotline", sa.String(length=160), nullable=False),
        sa.Column("topic", sa.String(length=160), nullable=False),
        sa.Column("call", sa.String(length=160), nullable=True),
        sa.Column("queued_at", UTCDateTime(), nullable=True),
        sa.Column("requested_at", UTCDateTime(), nullable=False),
        sa.Column("promised_from", UTCDateTime(), nullable=True),
        sa.Column("promised_to", UTCDateTime(), nullable=True),
        sa.Column("state", sa.String(length=80), nullable=False),
        sa.Column("result", sa.String(length=80), nullable=True),
        sa.Column("merged_into", sa.String(length=160), nullable=True),
        sa.Column("connected_at", UTCDateTime(), nullable=True),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callbacks")),
    )
    op.create_index(op.f("ix_callbacks_hotline_requested_at"), "callbacks", ["hotline", "requested_at"])


def _calls() -> None:
    op.create_table(
        "calls",
        sa.Column("call", sa.String(length=160), nullable=False),
        sa.Column("hotline", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("dialled", sa.String(length=80), nullable=False),
        sa.Column("country", sa.String(length=80), nullable=False),
        sa.Column("menu_version", sa.String(length=80), nullable=False),
        sa.Column("language", sa.String(length=80), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("number_index", sa.String(length=64), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("path", sa.JSON(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("end", sa.String(length=80), nullable=False),
        sa.Column("left", sa.String(length=160), nullable=False),
        sa.Column("hung_up_by", sa.String(length=80), nullable=False),
        sa.Column("segments", sa.BigInteger(), nullable=False),
        sa.Column("offers", sa.BigInteger(), nullable=False),
        sa.Column("texts", sa.BigInteger(), nullable=False),
        sa.Column("repairs", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("call", name=op.f("pk_calls")),
    )
    op.create_index(op.f("ix_calls_hotline_started_at"), "calls", ["hotline", "started_at"])
    op.create_index(op.f("ix_calls_number_index_started_at"), "calls", ["number_index", "started_at"])


def _facts() -> None:
    op.create_table(
        "facts",
        sa.Column("id", sa.String(length=160), nullable=False),
        sa.Column("hotline", sa.String(length=160), nullable=False),
        sa.Column("call", sa.String(length=160), nullable=True),
        sa.Column("agent", sa.String(length=160), nullable=True),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facts")),
    )
    op.create_index(op.f("ix_facts_call"), "facts", ["call"])
    op.create_index(op.f("ix_facts_hotline_at"), "facts", ["hotline", "at"])


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.String(length=160), nullable=False),
        sa.Column("call", sa.String(length=160), nullable=False),
        sa.Column("hotline", sa.String(length=160), nullable=False),
        sa.Column("topic", sa.String(length=160), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("duration_s", sa.Integer(), nullable=False),
        sa.Column("recording", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
    )
    op.create_index(op.f("ix_messages_call"), "messages", ["call"])
    op.create_index(op.f("ix_messages_hotline_at"), "messages", ["hotline", "at"])


def _number_memory() -> None:
    op.create_table(
        "number_memory",
        sa.Column("number_index", sa.String(length=64), nullable=False),
        sa.Column("hotline", sa.String(length=160), nullable=False),
        sa.Column("language", sa.String(length=80), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("number_index", "hotline", name=op.f("pk_number_memory")),
    )


def _offers() -> None:
    op.create_table(
        "offers",
        sa.Column("call", sa.String(length=160), nullable=False),
        sa.Column("offer", sa.String(length=160), nullable=False),
        sa.Column("hotline", sa.String(length=160), nullable=False),
        sa.Column("segment", sa.BigInteger(), nullable=True),
        sa.Column("topic", sa.String(length=160), nullable=False),
        sa.Column("agent", sa.String(length=160), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("result", sa.String(length=80), nullable=True),
        sa.Column("end_reason", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("call", "offer", name=op.f("pk_offers")),
    )
    op.create_index(op.f("ix_offers_agent_made_at"), "offers", ["agent", "made_at"])
    op.create_index(op.f("ix_offers_hotline_made_at"), "offers", ["hotline", "made_at"])


def _segments() -> None:
    op.create_table(
        "segments",
        sa.Column("call", sa.String(length=160), nullable=False),
        sa.Column("segment", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hotline", sa.String(length=160), nullable=False),
        sa.Column("topic", sa.String(length=160), nullable=False),
        sa.Column("path", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(length=80), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("queued_at", UTCDateTime(), nullable=True),
        sa.Column("entered_at", UTCDateTime(), nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("left_at", UTCDateTime(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("outcome", sa.String(length=80), nullable=True),
        sa.Column("reason", sa.String(length=80), nullable=False),
        sa.Column("wait_s", sa.Double(), nullable=True),
        sa.Column("talk_s", sa.Double(), nullable=True),
        sa.Column("hold_s", sa.Double(), nullable=True),
        sa.Column("wrap_s", sa.Double(), nullable=True),
        sa.Column("agent", sa.String(length=160), nullable=True),
        sa.Column("offer", sa.String(length=160), nullable=True),
        sa.Column("offers", sa.BigInteger(), nullable=False),
        sa.Column("ended_by", sa.String(length=80), nullable=False),
        sa.Column("disposition", sa.String(length=80), nullable=False),
        sa.Column("by_default", sa.Boolean(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("call", "segment", name=op.f("pk_segments")),
    )
    op.create_index(op.f("ix_segments_agent_answered_at"), "segments", ["agent", "answered_at"])
    op.create_index(op.f("ix_segments_hotline_entered_at"), "segments", ["hotline", "entered_at"])
    op.create_index(op.f("ix_segments_hotline_topic_answered_at"), "segments", ["hotline", "topic", "answered_at"])
    op.create_index(op.f("ix_segments_hotline_topic_entered_at"), "segments", ["hotline", "topic", "entered_at"])


def _throttles() -> None:
    op.create_table(
        "throttles",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", UTCDateTime(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_throttles")),
    )
    op.create_index(op.f("ix_throttles_last_at"), "throttles", ["last_at"])


def _web_sessions() -> None:
    op.create_table(
        "web_sessions",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("seen_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("idle_s", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name=op.f("fk_web_sessions_account")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_web_sessions")),
    )
    op.create_index(op.f("ix_web_sessions_account"), "web_sessions", ["account"])
    op.create_index(op.f("ix_web_sessions_expires_at"), "web_sessions", ["expires_at"])


def _audit_is_append_only() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'audit rows are never changed'; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_refuses_{change.lower()} BEFORE {change} ON audit "
            "BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END"
        )

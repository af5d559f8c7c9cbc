"""The tables of people: accounts, their sessions, throttles, the roster of agents, and the audit chain."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from ivr.storage.sql.engine import UTCDateTime
from ivr.storage.sql.tables import metadata

__all__ = ["accounts", "agents", "audit", "planned_breaks", "throttles", "web_sessions"]

accounts = Table(
    "accounts",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("login", String(64), nullable=False, unique=True),
    Column("password_hash", String(200), nullable=False),
    Column("roles", sa.JSON, nullable=False),
    Column("agent", String(160), nullable=True),
    Column("language", String(16), nullable=False),
    Column("theme", String(16), nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("choices", sa.JSON, nullable=False, server_default="{}"),
    Column("created_at", UTCDateTime, nullable=False),
)

web_sessions = Table(
    "web_sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("account", String(64), sa.ForeignKey("accounts.id"), nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("seen_at", UTCDateTime, nullable=False),
    Column("expires_at", UTCDateTime, nullable=False),
    Column("idle_s", Integer, nullable=False),
    Index(None, "account"),
    Index(None, "expires_at"),
)

throttles = Table(
    "throttles",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", UTCDateTime, nullable=False),
    Column("until", UTCDateTime, nullable=True),
    Index(None, "last_at"),
)

agents = Table(
    "agents",
    metadata,
    Column("id", String(160), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("team", String(160), nullable=False),
    Column("skills", sa.JSON, nullable=False),
    Column("languages", sa.JSON, nullable=False),
    Column("phone", String(200), nullable=False),
    Column("position", Integer, nullable=False),
    Column("disabled", Boolean, nullable=False, server_default=sa.false()),
)

teams = Table(
    "teams",
    metadata,
    Column("id", String(160), primary_key=True),
    Column("name", String(200), nullable=False),
)
"""Their names; who is in which stands with the agents."""

audit = Table(
    "audit",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at", UTCDateTime, nullable=False),
    Column("who", String(160), nullable=False),
    Column("what", String(160), nullable=False),
    Column("object", String(400), nullable=False),
    Column("detail", Text, nullable=False),
    Column("hash", String(64), nullable=False),
    Index(None, "at"),
)

planned_breaks = Table(
    "planned_breaks",
    metadata,
    Column("id", String(160), primary_key=True),
    Column("agent", String(160), nullable=False),
    Column("start_at", UTCDateTime, nullable=False),
    Column("end_at", UTCDateTime, nullable=False),
    Column("reason", String(80), nullable=False),
    Column("set_by", String(160), nullable=False),
    Index(None, "agent", "start_at"),
    Index(None, "start_at"),
)
"""Breaks set for agents beforehand. `set_by` is a sign-in name."""

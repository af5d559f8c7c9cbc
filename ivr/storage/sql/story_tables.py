"""The tables around single calls: links that show one, when they were opened, and what agents could do when."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Boolean, Column, Index, Integer, String, Table

from ivr.storage.sql.engine import UTCDateTime
from ivr.storage.sql.tables import id_column, metadata, time_column

call_links = Table(
    "call_links",
    metadata,
    id_column("id", key=True),
    Column("key", String(64), nullable=False),
    id_column("call"),
    time_column("made_at", null=False),
    id_column("made_by"),
    time_column("expires_at", null=False),
    Column("notes", Boolean, nullable=False),
    time_column("revoked_at"),
    id_column("revoked_by"),
    Index(None, "key", unique=True),
    Index(None, "call"),
)
"""`key` is the keyed hash of the token."""

call_link_openings = Table(
    "call_link_openings",
    metadata,
    Column("number", Integer, primary_key=True),
    id_column("link"),
    Column("at", UTCDateTime, nullable=False),
    Index(None, "link"),
)

agent_history = Table(
    "agent_history",
    metadata,
    id_column("agent", key=True),
    Column("since", UTCDateTime, primary_key=True),
    Column("skills", sa.JSON, nullable=False),
    Column("languages", sa.JSON, nullable=False),
)
"""What the roster said of an agent from `since` on, noted when it had changed."""

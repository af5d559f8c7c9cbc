"""The tables of what supervisors do with single calls: links that show one, and when they were opened."""

from __future__ import annotations

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

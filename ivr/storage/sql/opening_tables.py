"""The tables of what is opened to callers from outside a call: the incident banner, the tickets of the app."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Boolean, Column, Index, String, Table, UniqueConstraint

from ivr.storage.sql.engine import UTCDateTime
from ivr.storage.sql.tables import metadata

__all__ = ["api_tokens", "incident_calls", "incidents", "metadata", "tickets"]

incidents = Table(
    "incidents",
    metadata,
    Column("id", String(160), primary_key=True),
    Column("hotline", String(160), nullable=False),
    Column("since", UTCDateTime, nullable=False),
    Column("until", UTCDateTime, nullable=True),
    Column("ended_at", UTCDateTime, nullable=True),
    Column("topics", sa.JSON, nullable=False),
    Column("words", sa.JSON, nullable=False),
    Column("slots", sa.JSON, nullable=False),
    Column("who", String(160), nullable=False),
    Column("ended_by", String(160), nullable=False),
    Index(None, "hotline", "since"),
)
"""Every banner that was ever switched on, so that what an old call heard stays readable. `ended_at`: switched off."""

incident_calls = Table(
    "incident_calls",
    metadata,
    Column("incident", String(160), primary_key=True),
    Column("call", String(160), primary_key=True),
    Column("hotline", String(160), nullable=False),
    Column("at", UTCDateTime, nullable=False),
    Index(None, "call"),
)
"""Who heard which banner; written from the fact `IncidentHeard`."""

tickets = Table(
    "tickets",
    metadata,
    Column("id", String(160), primary_key=True),
    Column("hotline", String(160), nullable=False),
    Column("number_index", String(64), nullable=False),
    Column("topic", String(160), nullable=False),
    Column("node", String(160), nullable=False),
    Column("language", String(80), nullable=False),
    Column("verified", Boolean, nullable=False),
    Column("case_number", String(80), nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("expires_at", UTCDateTime, nullable=False),
    Column("used_at", UTCDateTime, nullable=True),
    Column("used_call", String(160), nullable=True),
    Column("by", String(80), nullable=False),
    Column("key", String(80), nullable=False),
    Column("body", String(64), nullable=False),
    UniqueConstraint("by", "key"),
    Index(None, "number_index", "expires_at"),
    Index(None, "expires_at"),
)
"""Calls that the app has announced. The number itself is not stored; `by` and `key` are the program and its own key."""

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("scopes", sa.JSON, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
)
"""What programs carry: only the hash is stored."""

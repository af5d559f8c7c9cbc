"""The tables of what is opened to callers from outside a call: the incident banner, the tickets of the app."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Boolean, Column, Index, String, Table, UniqueConstraint

from ivr.storage.sql.tables import id_column, metadata, time_column, word_column

__all__ = ["api_tokens", "incident_calls", "incidents", "tickets"]

incidents = Table(
    "incidents",
    metadata,
    id_column("id", key=True),
    id_column("hotline"),
    time_column("since", null=False),
    time_column("until"),
    time_column("ended_at"),
    Column("topics", sa.JSON, nullable=False),
    Column("words", sa.JSON, nullable=False),
    Column("slots", sa.JSON, nullable=False),
    id_column("who"),
    id_column("ended_by"),
    Index(None, "hotline", "since"),
)
"""Every banner that was ever switched on, so that what an old call heard stays readable. `ended_at`: switched off."""

incident_calls = Table(
    "incident_calls",
    metadata,
    id_column("incident", key=True),
    id_column("call", key=True),
    id_column("hotline"),
    time_column("at", null=False),
    Index(None, "call"),
)
"""Who heard which banner; written from the fact `IncidentHeard`."""

tickets = Table(
    "tickets",
    metadata,
    id_column("id", key=True),
    id_column("hotline"),
    Column("number_index", String(64), nullable=False),
    id_column("topic"),
    id_column("node"),
    word_column("language"),
    Column("verified", Boolean, nullable=False),
    word_column("case_number"),
    time_column("created_at", null=False),
    time_column("expires_at", null=False),
    time_column("used_at"),
    id_column("used_call", null=True),
    word_column("by"),
    word_column("key"),
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
    time_column("created_at", null=False),
    time_column("expires_at"),
    time_column("used_at"),
)
"""What programs carry: only the hash is stored."""

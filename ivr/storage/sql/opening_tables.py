"""The tables of what is opened to callers from outside a call: the incident banner, and who heard it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, Index, String, Table

from ivr.storage.sql.engine import UTCDateTime
from ivr.storage.sql.tables import metadata

__all__ = ["incident_calls", "incidents", "metadata"]

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

"""The tables about the carrier: matches with its list, what calls use, requests made of it, and prices."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, Index, Integer, String, Table, Text

from ivr.storage.sql.tables import id_column, metadata, time_column, word_column

__all__ = ["call_usage", "carrier_matches", "carrier_requests", "price_list"]

carrier_matches = Table(
    "carrier_matches",
    metadata,
    id_column("hotline", key=True),
    Column("day", String(10), primary_key=True),
    time_column("matched_at", null=False),
    Column("here", Integer, nullable=False),
    Column("there", Integer, nullable=False),
    Column("agreed", Integer, nullable=False),
    Column("differences", sa.JSON, nullable=False),
    Column("trouble", Text, nullable=False),
)
"""One row for each day that was matched; `day` is the ISO date by the hotline's clock."""

call_usage = Table(
    "call_usage",
    metadata,
    id_column("call", key=True),
    id_column("hotline"),
    id_column("topic"),
    time_column("started_at"),
    Column("caller_minutes", Integer, nullable=False),
    Column("dialled_minutes", Integer, nullable=False),
    Column("browser_minutes", Integer, nullable=False),
    Column("room_minutes", Integer, nullable=False),
    Column("recorded_minutes", Integer, nullable=False),
    Column("texts", Integer, nullable=False),
    Column("requests", Integer, nullable=False),
    Index(None, "hotline", "started_at"),
)
"""Folded from the facts of a call, as `calls` is; `topic` is that of its first stay in a queue, empty without one."""

carrier_requests = Table(
    "carrier_requests",
    metadata,
    id_column("id", key=True),
    time_column("at", null=False),
    id_column("call", null=True),
    word_column("what"),
    Index(None, "what", "at"),
    Index(None, "at"),
)

price_list = Table(
    "price_list",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("currency", String(3), nullable=False),
    Column("prices", sa.JSON, nullable=False),
    time_column("changed_at", null=False),
    id_column("changed_by"),
)
"""One row, 1. Prices are decimal numbers as text."""

"""The tables of the supervisor's room: who looks after a promise, and when a queue is to be looked at."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from ivr.storage.sql.tables import id_column, metadata, time_column

__all__ = ["callback_owners", "queue_limits"]

callback_owners = Table(
    "callback_owners",
    metadata,
    id_column("callback", key=True),
    id_column("owner"),
    time_column("at", null=False),
)

queue_limits = Table(
    "queue_limits",
    metadata,
    id_column("hotline", key=True),
    id_column("topic", key=True),
    Column("limits", Text, nullable=False),
    id_column("who"),
    time_column("at", null=False),
)
"""`limits` is JSON: a pair by name, and `target_percent`. A topic without a row has the defaults."""

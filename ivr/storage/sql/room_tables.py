"""The tables of the supervisor's room: who looks after a promise, and when a queue is to be looked at."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from ivr.storage.sql.engine import UTCDateTime
from ivr.storage.sql.tables import id_column, metadata, time_column

__all__ = ["callback_owners", "callback_times", "queue_limits"]

callback_owners = Table(
    "callback_owners",
    metadata,
    id_column("callback", key=True),
    id_column("owner"),
    time_column("at", null=False),
)

callback_times = Table(
    "callback_times",
    metadata,
    id_column("callback", key=True),
    Column("at", UTCDateTime, primary_key=True),
    time_column("promised_from"),
    time_column("promised_to", null=False),
)
"""Times that were named to a customer and are not what is promised any more; `at`: when another one was named."""

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

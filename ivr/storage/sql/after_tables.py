"""The tables of what remains of a call: who was asked for a rating, and what a supervisor is to follow up."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text

from ivr.storage.sql.engine import UTCDateTime
from ivr.storage.sql.tables import metadata

__all__ = ["follow_ups", "message_box", "metadata", "surveys", "texts_in"]

surveys = Table(
    "surveys",
    metadata,
    Column("id", String(160), primary_key=True),
    Column("call", String(160), nullable=False),
    Column("hotline", String(160), nullable=False),
    Column("topic", String(160), nullable=False),
    Column("agent", String(160), nullable=True),
    Column("number", String(200), nullable=False),
    Column("number_index", String(64), nullable=False),
    Column("language", String(80), nullable=False),
    Column("channel", String(80), nullable=False),
    Column("asked_at", UTCDateTime, nullable=False),
    Column("score", Integer, nullable=True),
    Column("solved", String(80), nullable=False),
    Column("answered_at", UTCDateTime, nullable=True),
    Index(None, "hotline", "asked_at"),
    Index(None, "number_index", "asked_at"),
)
"""One row for each caller who was asked. `number` is sealed."""

follow_ups = Table(
    "follow_ups",
    metadata,
    Column("id", String(160), primary_key=True),
    Column("call", String(160), nullable=False),
    Column("hotline", String(160), nullable=False),
    Column("topic", String(160), nullable=False),
    Column("agent", String(160), nullable=True),
    Column("at", UTCDateTime, nullable=False),
    Column("score", Integer, nullable=False),
    Column("solved", String(80), nullable=False),
    Column("comment", Text, nullable=False),
    Column("wished", Boolean, nullable=False),
    Column("due_at", UTCDateTime, nullable=True),
    Column("status", String(80), nullable=False),
    Column("handled_by", String(160), nullable=False),
    Column("handled_at", UTCDateTime, nullable=True),
    Index(None, "hotline", "at"),
    Index(None, "status", "at"),
)
"""Low ratings and comments; `wished`: the caller asked for a supervisor, who gets in touch until `due_at`."""

texts_in = Table(
    "texts_in",
    metadata,
    Column("message", String(64), primary_key=True),
    Column("hotline", String(160), nullable=False),
    Column("number_index", String(64), nullable=False),
    Column("at", UTCDateTime, nullable=False),
    Column("answer", String(80), nullable=False),
    Index(None, "number_index", "at"),
)
"""Text messages that came in: only how each was answered, and to whom by the blind index."""

message_box = Table(
    "message_box",
    metadata,
    Column("id", String(160), primary_key=True),
    Column("call", String(160), nullable=False),
    Column("hotline", String(160), nullable=False),
    Column("topic", String(160), nullable=False),
    Column("language", String(80), nullable=False),
    Column("at", UTCDateTime, nullable=False),
    Column("duration_s", Integer, nullable=False),
    Column("recording", String(400), nullable=False),
    Column("due_at", UTCDateTime, nullable=False),
    Column("status", String(80), nullable=False),
    Column("owner", String(160), nullable=False),
    Column("taken_at", UTCDateTime, nullable=True),
    Column("answered_at", UTCDateTime, nullable=True),
    Index(None, "hotline", "at"),
    Index(None, "status", "due_at"),
)
"""Messages that were promised an answer by `due_at`. The sound lies with the carrier."""

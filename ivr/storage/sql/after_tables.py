"""The tables of what remains of a call: who was asked for a rating, and what a supervisor is to follow up."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text

from ivr.storage.sql.tables import id_column, metadata, time_column, word_column

__all__ = ["consents", "follow_ups", "message_box", "surveys", "texts_in"]

surveys = Table(
    "surveys",
    metadata,
    id_column("id", key=True),
    id_column("call"),
    id_column("hotline"),
    id_column("topic"),
    id_column("agent", null=True),
    Column("number", String(200), nullable=False),
    Column("number_index", String(64), nullable=False),
    word_column("language"),
    word_column("channel"),
    time_column("asked_at", null=False),
    Column("score", Integer, nullable=True),
    word_column("solved"),
    time_column("answered_at"),
    Index(None, "hotline", "asked_at"),
    Index(None, "number_index", "asked_at"),
)
"""One row for each caller who was asked. `number` is sealed."""

follow_ups = Table(
    "follow_ups",
    metadata,
    id_column("id", key=True),
    id_column("call"),
    id_column("hotline"),
    id_column("topic"),
    id_column("agent", null=True),
    time_column("at", null=False),
    Column("score", Integer, nullable=False),
    word_column("solved"),
    Column("comment", Text, nullable=False),
    Column("wished", Boolean, nullable=False),
    time_column("due_at"),
    word_column("status"),
    id_column("handled_by"),
    time_column("handled_at"),
    Index(None, "hotline", "at"),
    Index(None, "status", "at"),
)
"""Low ratings and comments; `wished`: the caller asked for a supervisor, who gets in touch until `due_at`."""

texts_in = Table(
    "texts_in",
    metadata,
    Column("message", String(64), primary_key=True),
    id_column("hotline"),
    Column("number_index", String(64), nullable=False),
    time_column("at", null=False),
    word_column("answer"),
    Index(None, "number_index", "at"),
)
"""Text messages that came in: only how each was answered, and to whom by the blind index."""

message_box = Table(
    "message_box",
    metadata,
    id_column("id", key=True),
    id_column("call"),
    id_column("hotline"),
    id_column("topic"),
    word_column("language"),
    time_column("at", null=False),
    Column("duration_s", Integer, nullable=False),
    Column("recording", String(400), nullable=False),
    time_column("due_at", null=False),
    word_column("status"),
    id_column("owner"),
    time_column("taken_at"),
    time_column("answered_at"),
    Column("heard_by", String(160), nullable=False, server_default=""),
    time_column("heard_at"),
    Column("transcript", Text, nullable=False, server_default=""),
    Column("transcript_tries", Integer, nullable=False, server_default="0"),
    Index(None, "hotline", "at"),
    Index(None, "status", "due_at"),
)
"""Messages that were promised an answer by `due_at`. The sound lies with the carrier; `transcript` is sealed."""

consents = Table(
    "consents",
    metadata,
    id_column("id", key=True),
    id_column("hotline"),
    id_column("call"),
    Column("number_index", String(64), nullable=False),
    time_column("at", null=False),
    word_column("choice"),
    word_column("how"),
    id_column("prompt"),
    word_column("menu_version"),
    word_column("language"),
    id_column("agent", null=True),
    Index(None, "call"),
    Index(None, "number_index", "at"),
)
"""What callers said to being recorded, on which words: the proof. A number stands here as its blind index alone."""

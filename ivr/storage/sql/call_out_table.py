"""The table of calls that agents made."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Boolean, Column, Index, String, Table

from ivr.core.call_out import RINGS
from ivr.storage.sql.tables import id_column, metadata, time_column, word_column

calls_out = Table(
    "calls_out",
    metadata,
    id_column("id", key=True),
    id_column("hotline"),
    id_column("agent"),
    word_column("why"),
    id_column("ref"),
    Column("number", String(200), nullable=False),
    Column("number_index", String(64), nullable=False),
    word_column("country"),
    Column("mobile", Boolean, nullable=False),
    Column("zones", sa.JSON, nullable=False),
    word_column("dialled"),
    id_column("topic"),
    word_column("language"),
    Column("path", sa.JSON, nullable=False),
    Column("case", String(16), nullable=False),
    time_column("at", null=False),
    time_column("dialled_at"),
    id_column("leg", null=True),
    time_column("ended_at"),
    word_column("result"),
    Index(None, "agent", "at"),
    Index(None, "number_index", "at"),
)
"""`dialled` is the hotline's number that was shown. `ended_at` is the end of the try: of an answered one, the answer."""


def ringing(number_index: str, at: datetime) -> sa.Select[tuple[str]]:
    """Calls out on which this number may ring now."""
    t = calls_out.c
    return sa.select(t.id).where(t.number_index == number_index, t.ended_at.is_(None), t.dialled_at > at - RINGS)

"""The tables of reports that people keep, and of the mails that they send."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text

from ivr.storage.sql.engine import UTCDateTime
from ivr.storage.sql.tables import id_column, metadata, time_column, word_column

__all__ = ["report_mails", "saved_reports"]

saved_reports = Table(
    "saved_reports",
    metadata,
    id_column("id", key=True),
    Column("title", String(200), nullable=False),
    word_column("report"),
    Column("chosen", Text, nullable=False),
    id_column("owner"),
    Column("shared", Boolean, nullable=False),
    word_column("language"),
    word_column("zone"),
    word_column("every"),
    Column("hour", Integer, nullable=False),
    Column("recipients", sa.JSON, nullable=False),
    Column("files", sa.JSON, nullable=False),
    time_column("next_at"),
    time_column("created_at", null=False),
    Index(None, "owner"),
    Index(None, "next_at"),
)
"""`owner` is a sign-in name."""

report_mails = Table(
    "report_mails",
    metadata,
    id_column("saved", key=True),
    Column("due_at", UTCDateTime, primary_key=True),
    Column("recipient", String(200), primary_key=True),
    word_column("state"),
    Column("tries", Integer, nullable=False),
    Column("error", String(200), nullable=False),
    time_column("at", null=False),
    time_column("look_at"),
    Index(None, "look_at"),
)
"""One row for each due time and recipient; who sends claims it first. `look_at`: when it is looked at next."""

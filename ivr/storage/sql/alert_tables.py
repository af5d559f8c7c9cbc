"""The tables of alerts, and of what goes out to others: mails, text messages, webhooks."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Boolean, Column, Float, Index, Integer, String, Table, Text

from ivr.storage.sql.tables import id_column, metadata, time_column, word_column

__all__ = ["alert_recipients", "alert_rules", "alerts", "outgoing", "webhook_endpoints"]

alert_rules = Table(
    "alert_rules",
    metadata,
    id_column("id", key=True),
    word_column("figure"),
    word_column("level"),
    Column("threshold", Float, nullable=False),
    Column("lasts_s", Integer, nullable=False),
    Column("clears_s", Integer, nullable=False),
    id_column("subject"),
    Column("quiet_start", String(8), nullable=False),
    Column("quiet_until", String(8), nullable=False),
    Column("ways", sa.JSON, nullable=False),
    Column("enabled", Boolean, nullable=False),
    time_column("changed_at", null=False),
    id_column("changed_by"),
)
"""Rules that somebody has changed or added; the others are those of the program."""

alert_recipients = Table(
    "alert_recipients",
    metadata,
    id_column("id", key=True),
    word_column("way"),
    Column("address", Text, nullable=False),
    time_column("added_at", null=False),
    id_column("added_by"),
)
"""Who is told by mail or text message. `address` is sealed."""

alerts = Table(
    "alerts",
    metadata,
    id_column("id", key=True),
    id_column("rule"),
    word_column("figure"),
    word_column("level"),
    id_column("subject"),
    Column("threshold", Float, nullable=False),
    Column("value", Float, nullable=False),
    time_column("raised_at", null=False),
    time_column("cleared_at"),
    time_column("told_at"),
    time_column("acknowledged_at"),
    id_column("acknowledged_by"),
    Column("note", String(500), nullable=False),
    Column("useful", Boolean, nullable=True),
    id_column("judged_by"),
    Column("open_key", String(330), nullable=True, unique=True),
    Index(None, "raised_at"),
    Index(None, "rule"),
)
"""Every alert there was. `open_key` is rule and subject while it stands, so that one stands once."""

webhook_endpoints = Table(
    "webhook_endpoints",
    metadata,
    id_column("id", key=True),
    Column("url", String(500), nullable=False),
    Column("secret", Text, nullable=False),
    Column("events", sa.JSON, nullable=False),
    Column("enabled", Boolean, nullable=False),
    time_column("created_at", null=False),
    id_column("created_by"),
    time_column("old_until"),
)
"""Where events are sent. `secret` is sealed; behind a blank in it stands that of before, which signs too until `old_until`."""

outgoing = Table(
    "outgoing",
    metadata,
    id_column("id", key=True),
    word_column("way"),
    id_column("target"),
    id_column("message"),
    word_column("event"),
    Column("body", Text, nullable=False),
    time_column("created_at", null=False),
    time_column("next_at"),
    Column("tries", Integer, nullable=False),
    time_column("sent_at"),
    time_column("given_up_at"),
    Column("answer", String(300), nullable=False),
    Index(None, "next_at"),
    Index(None, "created_at"),
    Index(None, "target", "created_at"),
)
"""What is to be sent, or was. `target` is an endpoint or a recipient; `message` stays the same in every try."""

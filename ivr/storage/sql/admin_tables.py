"""The tables of administration: what is set over the menu files, menus that were proposed, links that set a password."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, Date, Index, Integer, String, Table, Text

from ivr.storage.sql.tables import id_column, metadata, time_column

__all__ = ["hours_exceptions", "menu_choices", "menu_proposals", "password_links", "queue_settings", "shifts"]

password_links = Table(
    "password_links",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    id_column("account"),
    time_column("until", null=False),
)
"""Links that set a password, once."""

queue_settings = Table(
    "queue_settings",
    metadata,
    id_column("hotline", key=True),
    id_column("topic", key=True),
    Column("name", String(80), primary_key=True),
    Column("value_s", Integer, nullable=False),
    time_column("set_at", null=False),
    id_column("set_by"),
)
"""Settings of queues that differ from the menu file."""

hours_exceptions = Table(
    "hours_exceptions",
    metadata,
    id_column("hotline", key=True),
    id_column("calendar", key=True),
    Column("day", Date, primary_key=True),
    Column("spans", sa.JSON, nullable=False),
    Column("note", String(200), nullable=False),
    time_column("set_at", null=False),
    id_column("set_by"),
)
"""Days on which a calendar has other hours than its file says."""

menu_proposals = Table(
    "menu_proposals",
    metadata,
    id_column("version", key=True),
    id_column("hotline"),
    id_column("file"),
    Column("source", Text, nullable=False),
    time_column("proposed_at", null=False),
    id_column("proposed_by"),
)
"""Menus that were written on the page, checked, and may be put into service by somebody else."""

menu_choices = Table(
    "menu_choices",
    metadata,
    id_column("hotline", key=True),
    id_column("version"),
    id_column("over"),
    time_column("chosen_at", null=False),
    id_column("chosen_by"),
)
"""The version that is in service instead of the file's. `over`: the file's version then; a newer file wins again."""

shifts = Table(
    "shifts",
    metadata,
    id_column("id", key=True),
    id_column("agent"),
    Column("weekday", Integer, nullable=False),
    Column("start", String(8), nullable=False),
    Column("until", String(8), nullable=False),
    id_column("set_by"),
    Index(None, "agent"),
)
"""When agents are to be here, by the week and the site's clock."""

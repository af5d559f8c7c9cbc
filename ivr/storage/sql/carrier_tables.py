"""The table of what came of matching our records with the carrier's list of calls."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, Integer, String, Table, Text

from ivr.storage.sql.tables import id_column, metadata, time_column

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

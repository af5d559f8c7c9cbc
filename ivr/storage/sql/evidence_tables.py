"""The tables of what callers give in writing: links that were texted, forms that came back, and their files.

A link is kept under a keyed hash of its token. Words and names of files stand here sealed; the files themselves lie
sealed in a folder (`storage/vault.py`), under the id of their row.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text

from ivr.storage.sql.engine import UTCDateTime
from ivr.storage.sql.tables import metadata

evidence_links = Table(
    "evidence_links",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("key", String(64), nullable=False),
    Column("hotline", String(160), nullable=False),
    Column("call", String(160), nullable=False),
    Column("case", String(160), nullable=False),
    Column("dialled", String(80), nullable=False),
    Column("language", String(80), nullable=False),
    Column("topic", String(160), nullable=False),
    Column("made_at", UTCDateTime, nullable=False),
    Column("expires_at", UTCDateTime, nullable=False),
    Column("used_at", UTCDateTime, nullable=True),
    Column("form", String(64), nullable=False),
    Index(None, "key", unique=True),
    Index(None, "made_at"),
)

evidence = Table(
    "evidence",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("link", String(200), nullable=False, unique=True),
    Column("hotline", String(160), nullable=False),
    Column("call", String(160), nullable=False),
    Column("case", String(160), nullable=False),
    Column("at", UTCDateTime, nullable=False),
    Column("fields", Text, nullable=False),
    Index(None, "call"),
    Index(None, "case"),
    Index(None, "at"),
)

evidence_files = Table(
    "evidence_files",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("evidence", String(64), nullable=False),
    Column("place", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("size", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("at", UTCDateTime, nullable=False),
    Index(None, "evidence"),
    Index(None, "state", "at"),
)

"""The tables of what callers give in writing: links that were texted, forms that came back, and their files.

A link is kept under a keyed hash of its token. Words and names of files stand here sealed; the files themselves lie
sealed in a folder (`storage/vault.py`), under the id of their row.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text

from ivr.storage.sql.tables import id_column, metadata, time_column, word_column

evidence_links = Table(
    "evidence_links",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("key", String(64), nullable=False),
    id_column("hotline"),
    id_column("call"),
    id_column("case"),
    word_column("dialled"),
    word_column("language"),
    id_column("topic"),
    time_column("made_at", null=False),
    time_column("expires_at", null=False),
    time_column("used_at"),
    Column("form", String(64), nullable=False),
    Index(None, "key", unique=True),
    Index(None, "made_at"),
)

evidence = Table(
    "evidence",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("link", String(200), nullable=False, unique=True),
    id_column("hotline"),
    id_column("call"),
    id_column("case"),
    time_column("at", null=False),
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
    time_column("at", null=False),
    Index(None, "evidence"),
    Index(None, "state", "at"),
)

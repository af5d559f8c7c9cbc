"""Kept cells of the reports, and what has changed since they were made. All of it can be emptied and made again."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table

from ivr.storage.sql.tables import id_column, metadata

rollup_cells = Table(
    "rollup_cells",
    metadata,
    Column("level", String(8), primary_key=True),
    Column("placing", String(8), primary_key=True),
    Column("start_s", BigInteger, primary_key=True, autoincrement=False),
    id_column("hotline", key=True),
    id_column("topic", key=True),
    Column("body", LargeBinary, nullable=False),
)
"""`level`: quarter, hour (both of UTC) or day (of the site); `placing`: arrival or event; `start_s`: seconds since 1970."""

rollup_days = Table(
    "rollup_days",
    metadata,
    Column("start_s", BigInteger, primary_key=True, autoincrement=False),
    Column("end_s", BigInteger, nullable=False),
)
"""Days whose cells were made. Where no day stands, cells say nothing and the calls are read."""

rollup_marks = Table(
    "rollup_marks",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("slot_s", BigInteger, nullable=False),
    Index(None, "slot_s"),
)
"""Quarters of an hour in which a stay changed since their cells were made. Written with the stay itself."""

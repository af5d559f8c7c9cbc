"""Kept cells of the reports, and what has changed since they were made. All of it can be emptied and made again."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text

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

SUM_KEYS, SUM_NUMBERS = 6, 10

rollup_sums = Table(
    "rollup_sums",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("kind", String(80), nullable=False),
    Column("level", String(8), nullable=False),
    Column("start_s", BigInteger, nullable=False),
    id_column("hotline"),
    *(Column(f"k{number}", Text, nullable=False, server_default="") for number in range(SUM_KEYS)),
    *(Column(f"n{number}", BigInteger, nullable=False, server_default="0") for number in range(SUM_NUMBERS)),
    Index(None, "kind", "level", "start_s"),
)
"""Sums of one kind over an hour or a day of the site, by the kind's keys. What the columns mean stands with the kind (`sums`)."""

rollup_pieces = Table(
    "rollup_pieces",
    metadata,
    Column("kind", String(80), primary_key=True),
    Column("level", String(8), primary_key=True),
    Column("start_s", BigInteger, primary_key=True, autoincrement=False),
    Column("end_s", BigInteger, nullable=False),
)
"""Hours and days whose sums were made, also those without a row. The row of no kind says who makes them now, and until when."""

rollup_dirty = Table(
    "rollup_dirty",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("family", String(12), nullable=False),
    Column("at_s", BigInteger, nullable=False),
    Index(None, "family", "at_s"),
)
"""Moments, to the quarter of an hour, at which something changed since its cells (`WAITS`) or sums were made. Written with the change itself."""

WAITS = "waits"
"""The family of cells: marked where a stay began and where it ended."""

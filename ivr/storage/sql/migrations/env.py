"""Run by Alembic. The connection is handed in by `ivr.storage.sql.migrate`, which holds the lock."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from ivr.storage.sql import people_tables
from ivr.storage.sql.engine import UTCDateTime
from ivr.storage.sql.tables import metadata

assert people_tables.accounts.metadata is metadata  # importing it adds its tables


def render_item(kind: str, item: Any, autogen: Any) -> str | Literal[False]:
    if kind == "type" and isinstance(item, UTCDateTime):
        return "UTCDateTime()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    render_item=render_item,
    compare_type=True,
    transaction_per_migration=False,
)
context.run_migrations()

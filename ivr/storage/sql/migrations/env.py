"""Run by Alembic. The connection is handed in by `ivr.storage.sql.migrate`, which holds the lock."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from ivr.storage.sql.engine import UTCDateTime
from ivr.storage.sql.schema import metadata as metadata_of_all


def render_item(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    if kind == "type" and isinstance(item, UTCDateTime):
        return "UTCDateTime()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata_of_all,
    render_as_batch=True,
    render_item=render_item,
    compare_type=True,
    transaction_per_migration=False,
)
context.run_migrations()

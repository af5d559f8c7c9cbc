"""Bring a database to the newest schema. Safe to run at once from several processes, and again."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection, Engine

from ivr.storage.sql.engine import open_database, reading, writing

FOLDER = Path(__file__).parent / "migrations"
PATIENCE = timedelta(minutes=10)
"""How long a migration may take, and how long a second process waits for the first."""


def upgrade(database_url: str, revision: str = "head", *, secret: bytes = b"") -> str:
    """Apply what is missing, in one transaction; the revision reached. Needs no alembic.ini.

    `secret` seals numbers that an older version kept in plain text; raises OperatorError when it is needed and missing.
    """
    engine = open_database(database_url, statement_timeout=PATIENCE, pool_size=1)
    try:
        with writing(engine, locks=["migrations"]) as connection:
            command.upgrade(_config(connection, secret), revision)
            return MigrationContext.configure(connection).get_current_revision() or ""
    finally:
        engine.dispose()


def is_current(engine: Engine) -> bool:
    """Whether the schema is the one this version expects. Raises Unavailable when the database is away."""
    with reading(engine) as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    return found == _newest()


@cache
def _newest() -> str | None:
    return ScriptDirectory(str(FOLDER)).get_current_head()


def _config(connection: Connection, secret: bytes) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["secret"] = secret
    return config

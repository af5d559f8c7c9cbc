"""One way to reach SQL, the same for SQLite and PostgreSQL.

Every access goes through `reading` or `writing`. A write takes the database's write lock at once (SQLite:
`BEGIN IMMEDIATE`), so that it never finds out half-way that somebody else was first; no transaction spans a network
call. A database that is away, locked or too slow raises `Unavailable`, whatever library said so: callers of this
folder see no SQLAlchemy error. A broken constraint or statement is a fault of ours and is raised as it is.

SQLite runs in WAL with `synchronous=FULL`: a commit that was reported survives a power cut.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ivr.core.errors import OperatorError, Unavailable

READ_ONLY = "ivr_read_only"
SWITCHES = 20
"""Tries to switch a new SQLite file to its journal; each waits for whoever holds it."""


class UTCDateTime(sa.types.TypeDecorator[datetime]):
    """An aware UTC instant. SQLite forgets zones, so both databases store UTC and get it back on reading."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002 - the library's signature
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002 - the library's signature
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def open_database(url: str, *, statement_timeout: timedelta = timedelta(seconds=5), pool_size: int = 5) -> Engine:
    """An engine for `url`; opens nothing yet. `statement_timeout` also bounds waiting for locks and connections.

    Raises OperatorError when the URL cannot be read or names another kind of database.
    """
    target = database_url(url)
    seconds = statement_timeout.total_seconds()
    pool: dict[str, Any] = {"pool_pre_ping": True, "pool_timeout": seconds, "pool_size": pool_size, "max_overflow": 5}
    if target.get_backend_name() == "sqlite":
        if target.database in (None, "", ":memory:"):
            raise OperatorError("SQLite needs a file: write IVR_DATABASE_URL as sqlite:////path/to/ivr.db")
        Path(str(target.database)).parent.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(target, connect_args={"timeout": seconds, "check_same_thread": False}, **pool)
        _prepare_sqlite(engine, busy_ms=int(seconds * 1000))
        return engine
    milliseconds = int(seconds * 1000)
    options = f"-c statement_timeout={milliseconds} -c lock_timeout={milliseconds} -c timezone=UTC"
    return sa.create_engine(
        target,
        connect_args={"options": options, "connect_timeout": max(2, int(seconds)), "application_name": "ivr"},
        **pool,
    )


def existing_database(url: str) -> Engine | None:
    """An engine for a database that is there; None, and nothing created, for an SQLite file that is not."""
    target = database_url(url)
    if target.get_backend_name() == "sqlite" and not Path(str(target.database)).is_file():
        return None
    return open_database(url)


def database_url(url: str) -> URL:
    """`url` with the driver we use; `postgres://` and `postgresql://` both mean psycopg 3."""
    try:
        target = make_url(re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url))
    except sa.exc.ArgumentError as err:
        raise OperatorError("IVR_DATABASE_URL is not a database URL (sqlite:////path or postgresql://…)") from err
    if target.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
        raise OperatorError(f"IVR_DATABASE_URL names {target.drivername}; use sqlite:////path or postgresql://…")
    return target


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent look. Takes no write lock."""
    with _translated(), engine.connect() as plain:
        connection = plain.execution_options(**{READ_ONLY: True})
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            yield connection


@contextmanager
def perhaps(engine: Engine) -> Iterator[Connection]:
    """As `reading`, of tables that are not there before `ivr db upgrade`: raises `Unavailable` then, on either database."""
    try:
        with reading(engine) as connection:
            yield connection
    except sa.exc.ProgrammingError as err:
        raise Unavailable("the database is older than this version: run `ivr db upgrade`") from err


@contextmanager
def writing(engine: Engine, *, locks: Iterable[str] = ()) -> Iterator[Connection]:
    """One transaction: all or nothing. `locks` are names no two transactions hold at once.

    They are taken in one order, so two holders never wait for each other. SQLite has one writer anyway.
    """
    with _translated(), engine.begin() as connection:
        hold(connection, locks)
        yield connection


def hold(connection: Connection, locks: Iterable[str]) -> None:
    """Take these locks until the transaction ends; the last to be taken, so that no two wait for each other."""
    keys = sorted({_lock_key(name) for name in locks})
    if keys and connection.dialect.name == "postgresql":
        connection.execute(
            sa.text("SELECT pg_advisory_xact_lock(k) FROM (SELECT unnest(CAST(:keys AS bigint[])) AS k) AS named"),
            {"keys": keys},
        )


def upsert(
    connection: Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]], *, keep: Sequence[str] = ()
) -> None:
    """Insert, or overwrite the row with the same primary key. Columns in `keep` are left as they were."""
    if not rows:
        return
    insert = _insert(connection, table)
    keys = [column.name for column in table.primary_key.columns]
    changes = {name: insert.excluded[name] for name in rows[0] if name not in keys and name not in keep}
    statement = (
        insert.on_conflict_do_update(index_elements=keys, set_=changes)
        if changes
        else insert.on_conflict_do_nothing(index_elements=keys)
    )
    connection.execute(statement, _fitting(table, rows))


def insert_new(connection: Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows whose primary key is not there yet; pass over the others."""
    if rows:
        connection.execute(_insert(connection, table).on_conflict_do_nothing(), _fitting(table, rows))


def _insert(connection: Connection, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def _fitting(table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows without what PostgreSQL refuses and SQLite lets pass: NUL characters, and text longer than its column.

    A cut word is better than a call that cannot be recorded. Keys are left alone.
    """
    columns = {c.name: c.type.length for c in table.columns if isinstance(c.type, sa.String) and not c.primary_key}
    return [{name: _fit(value, columns.get(name)) for name, value in row.items()} for row in rows]


def _fit(value: Any, length: int | None) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", "")[:length]
    if isinstance(value, dict):
        return {_fit(key, None): _fit(item, None) for key, item in value.items()}
    if isinstance(value, list):
        return [_fit(item, None) for item in value]
    return value


def _lock_key(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout) as err:
        raise Unavailable(f"the database (IVR_DATABASE_URL) did not answer: {_reason(err)}") from err
    except DBAPIError as err:
        if err.connection_invalidated:
            raise Unavailable("the connection to the database was lost") from err
        raise


def _reason(err: SQLAlchemyError) -> str:
    """The driver's first line: host and cause, neither password nor statement."""
    said = str(getattr(err, "orig", None) or "").splitlines()
    return said[0].removeprefix("connection failed: ") if said and said[0] else type(err).__name__


def _prepare_sqlite(engine: Engine, *, busy_ms: int) -> None:
    """Take transactions out of the driver's hands: it would begin them late, and without the write lock."""

    @sa.event.listens_for(engine, "connect")
    def connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for setting in (f"busy_timeout={busy_ms}", "synchronous=FULL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {setting}")
        _switch_to_wal(cursor)
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        read_only = connection.get_execution_options().get(READ_ONLY)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _switch_to_wal(cursor: Any) -> None:
    """Several processes may open a new file at once. The switch does not wait for the others by itself, a write does."""
    for _ in range(SWITCHES):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            cursor.execute("BEGIN IMMEDIATE")
            cursor.execute("COMMIT")
        else:
            return
    cursor.execute("PRAGMA journal_mode=WAL")

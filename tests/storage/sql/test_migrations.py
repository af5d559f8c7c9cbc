"""The schema that migrations make is the one the code speaks of."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Engine

from ivr.core.errors import OperatorError, Unavailable
from ivr.core.ids import CallId
from ivr.storage.sql.engine import open_database, reading, writing
from ivr.storage.sql.migrate import FOLDER, is_current, upgrade
from ivr.storage.sql.records import Records
from ivr.storage.sql.schema import metadata

NEWEST = ScriptDirectory(str(FOLDER)).get_current_head()
SECRET = b"a secret of the tests, 32 bytes."
NUMBER = "+8613800138000"


def test_migrating_gives_exactly_the_tables_of_the_code(engine: Engine) -> None:
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def current(url: str) -> bool:
    engine = open_database(url)
    try:
        return is_current(engine)
    finally:
        engine.dispose()


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    assert upgrade(database_url) == upgrade(database_url) == NEWEST
    assert current(database_url)


def test_numbers_of_before_are_sealed_by_the_migration_and_never_without_a_secret(database_url: str) -> None:
    upgrade(database_url, "0001")
    engine = open_database(database_url)
    row = dict.fromkeys(
        ("hotline", "kind", "dialled", "country", "menu_version", "language", "end", "left", "hung_up_by"), ""
    )
    counts = dict.fromkeys(("segments", "offers", "texts", "repairs"), 0)
    with writing(engine) as connection:
        for call, number in (("CA1", NUMBER), ("CA2", "")):
            values = {"call": call, "number": number, "number_index": "", "answers": {}, "path": [], **row, **counts}
            connection.execute(metadata.tables["calls"].insert(), values)
    with pytest.raises(OperatorError, match="IVR_SECRET_KEY"):
        upgrade(database_url)
    assert not current(database_url)
    upgrade(database_url, secret=SECRET)
    records = Records(engine, SECRET)
    assert (records.number_of(CallId("CA1")), records.number_of(CallId("CA2"))) == (NUMBER, "")
    with reading(engine) as connection:
        assert NUMBER not in str(connection.execute(sa.text("SELECT number FROM calls")).all())
    engine.dispose()


def test_a_follow_up_of_before_belongs_to_whoever_named_its_day(database_url: str) -> None:
    upgrade(database_url, "0021", secret=SECRET)
    engine = open_database(database_url)
    words = dict.fromkeys(("hotline", "caller", "caller_index", "topic", "language", "note"), "")
    at = datetime(2026, 3, 2, tzinfo=UTC)
    with writing(engine) as connection:
        for number, status, due_at in (("1", "pending", at), ("2", "open", None), ("3", "solved", at)):
            told = {"due_at": due_at, "opened_at": at, "changed_at": at, "changed_by": "a1001"}
            row = {**words, "id": f"case-{number}", "number": number, "path": [], "answers": {}, "status": status}
            connection.execute(metadata.tables["cases"].insert(), {**row, **told})
    upgrade(database_url, secret=SECRET)
    with reading(engine) as connection:
        found = {row.number: row.due_by for row in connection.execute(sa.text("SELECT number, due_by FROM cases"))}
    assert found == {"1": "a1001", "2": "", "3": ""}
    engine.dispose()


def test_an_empty_database_is_not_current(database_url: str) -> None:
    assert not current(database_url)


def test_two_processes_may_migrate_at_once(database_url: str) -> None:
    reached: list[str] = []
    threads = [threading.Thread(target=lambda: reached.append(upgrade(database_url))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert reached == [NEWEST] * 4


def test_a_database_that_is_away_is_unavailable(free_port: object) -> None:
    port = free_port()  # type: ignore[operator]
    engine = open_database(f"postgresql://nobody@127.0.0.1:{port}/nothing", statement_timeout=timedelta(seconds=1))
    with pytest.raises(Unavailable), reading(engine) as connection:
        connection.execute(sa.text("SELECT 1"))


def test_a_locked_sqlite_file_is_unavailable_in_time(sqlite_url: str) -> None:
    upgrade(sqlite_url)
    holder = open_database(sqlite_url)
    hasty = open_database(sqlite_url, statement_timeout=timedelta(milliseconds=200))
    with writing(holder), pytest.raises(Unavailable), writing(hasty):
        pass
    with writing(holder), reading(hasty) as connection:
        assert connection.execute(sa.text("SELECT 1")).scalar() == 1, "a reader does not wait for a writer"


def test_sqlite_keeps_what_it_has_said_it_kept(disk_in_earnest: None, sqlite_url: str) -> None:
    with reading(open_database(sqlite_url)) as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


@pytest.mark.parametrize("url", ["mysql://a@b/c", "no url at all", "sqlite://", "postgresql+psycopg2://a@b/c"])
def test_another_kind_of_database_is_refused_with_a_sentence(url: str) -> None:
    with pytest.raises(OperatorError):
        open_database(url)


@pytest.mark.parametrize("url", ["postgres://u@h/d", "postgresql://u@h/d", "postgresql+psycopg://u@h/d"])
def test_every_spelling_of_postgresql_means_psycopg_3(url: str) -> None:
    assert open_database(url).url.drivername == "postgresql+psycopg"

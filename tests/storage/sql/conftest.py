"""A migrated database of each kind, fresh for every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.engine import Engine

from ivr.storage.sql.engine import open_database
from ivr.storage.sql.migrate import upgrade
from ivr.storage.sql.people import People
from ivr.storage.sql.records import Records

SECRET = b"a secret of the tests, 32 bytes."


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    upgrade(database_url)
    engine = open_database(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def records(engine: Engine) -> Records:
    return Records(engine, SECRET)


@pytest.fixture
def people(engine: Engine) -> People:
    return People(engine, SECRET)

"""A migrated database of each kind, fresh for every test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy.engine import Engine

from ivr.storage.sql.engine import open_database
from ivr.storage.sql.people import People
from ivr.storage.sql.records import Records
from tests.schemas import brought_up

SECRET = b"a secret of the tests, 32 bytes."


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with _migrated(request) as url:
        engine = open_database(url)
        yield engine
        engine.dispose()


@contextmanager
def _migrated(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "sqlite":
        url = request.getfixturevalue("sqlite_url")
        brought_up(url)
        yield url
        return
    cluster = request.getfixturevalue("postgres")
    with cluster.lent() as database:
        yield cluster.url(database)


@pytest.fixture
def records(engine: Engine) -> Records:
    return Records(engine, SECRET)


@pytest.fixture
def people(engine: Engine) -> People:
    return People(engine, SECRET)

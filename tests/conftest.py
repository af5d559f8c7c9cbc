"""Fixtures everybody uses. What they start is real; what it stands on is in `tests/servers.py`."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis as redis_client
import sqlalchemy as sa
from argon2 import PasswordHasher
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from playwright.sync_api import Browser, expect
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy.engine import Engine
from werkzeug.routing import Rule

from ivr import logs
from ivr.storage.files.menus import Checked, check_menu
from ivr.storage.redis.connection import Link
from ivr.storage.sql import engine as sql_engine
from ivr.storage.sql import passwords
from tests import servers
from tests.lanes import Lanes
from tests.pictures import Pictures

pytest.register_assert_rewrite("tests.stories.town", "tests.audit")
IN_EARNEST = passwords.HASHER
PREPARE_SQLITE = sql_engine._prepare_sqlite
PATIENCE_MS = 30_000
"""A page shows what it is to show within a fraction of a second; a machine that is busy with other things takes longer."""


def pytest_configure() -> None:
    expect.set_options(timeout=PATIENCE_MS)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Lanes | None:
    return Lanes(config, log) if config.getvalue("dist") == "loadscope" else None


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screenshots", metavar="FOLDER", help="where browser tests keep the pictures of README")


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No option of the machine that runs the tests reaches a test."""
    for name in list(os.environ):
        if name.startswith(("IVR_", "TWILIO_")) and not name.startswith("IVR_TEST_"):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _logs_as_in_production(_log_handlers: set[logging.Handler]) -> None:
    """The library's own default draws traces with all variables, which takes seconds; and a command that was run in this process
    has its own, which ends with it."""
    root = logging.getLogger()
    if _log_handlers.isdisjoint(root.handlers):
        logs.set_up(level="warning", form="json")
        _log_handlers.update(root.handlers)


@pytest.fixture(scope="session")
def _log_handlers() -> set[logging.Handler]:
    return set()


@pytest.fixture(scope="session", autouse=True)
def _menus_judged_once() -> Iterator[None]:
    """A menu file that is as it was is judged once in a test process, and not by each of a thousand switchboards."""
    known: dict[object, Checked] = {}

    def judged(file: Path, *, recordings: Path | None = None) -> Checked:
        try:
            sounds = frozenset((one.name, one.stat().st_size) for one in recordings.iterdir()) if recordings else None
            key = (file, file.read_bytes(), recordings, sounds)
        except OSError:
            return check_menu(file, recordings=recordings)
        if key not in known:
            known[key] = check_menu(file, recordings=recordings)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ivr.storage.files.menus_in_use.check_menu", judged)
        yield


@pytest.fixture(scope="session", autouse=True)
def _addresses_compiled_once() -> Iterator[None]:
    """Every application has the same hundred addresses: werkzeug compiles the function that builds one once a test process.

    It depends on nothing but what is in the key; converters are looked up in the rule it is bound to. A rule with defaults has
    more in it and is left alone.
    """
    compiled: dict[object, Callable[..., tuple[str, str]]] = {}
    compile_builder = Rule._compile_builder

    def once(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        if rule.defaults:
            return compile_builder(rule, append_unknown)
        key = (rule.rule, tuple(rule._trace), append_unknown)
        if key not in compiled:
            compiled[key] = compile_builder(rule, append_unknown)
        return compiled[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", once)
        yield


class Compiled(BytecodeCache):
    """Templates of this test process, by name and text."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key, bucket.checksum] = bucket.code


@pytest.fixture(scope="session", autouse=True)
def _templates_compiled_once() -> Iterator[None]:
    """Every application has the same pages: to compile them anew would take a third of the tests that ask for some."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "jinja_options", {**Flask.jinja_options, "bytecode_cache": Compiled()})
        yield


@pytest.fixture(scope="session", autouse=True)
def _passwords_hashed_lightly() -> Iterator[None]:
    """Three accounts stand in most houses; what their passwords are to cost is tested with `passwords_in_earnest`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(scope="session", autouse=True)
def _redis_is_waited_for() -> Iterator[None]:
    """A Redis that is away refuses at once. One that is only slow, on a machine that is busy with other tests, is not away."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(Link.__init__.__kwdefaults__, "timeout_s", 2.0)
        yield


@pytest.fixture(scope="session", autouse=True)
def _disk_is_not_waited_for() -> Iterator[None]:
    """No test outlives a power cut: what SQLite reports is written, but not waited for until it is on the disk.

    What it is told in use is tested with `disk_in_earnest`. PostgreSQL and Redis are told so in `tests/servers.py`.
    """

    def quickly(engine: Engine, *, busy_ms: int) -> None:
        PREPARE_SQLITE(engine, busy_ms=busy_ms)
        sa.event.listen(engine, "connect", lambda connection, _record: connection.execute("PRAGMA synchronous=OFF"))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sql_engine, "_prepare_sqlite", quickly)
        yield


@pytest.fixture
def disk_in_earnest(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite writes as it does in use."""
    monkeypatch.setattr(sql_engine, "_prepare_sqlite", PREPARE_SQLITE)


@pytest.fixture
def passwords_in_earnest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are hashed as they are hashed in use."""
    monkeypatch.setattr(passwords, "HASHER", IN_EARNEST)


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis of this test process alone. Tests that keep keys use `redis`, which empties it first."""
    with servers.private_redis() as url:
        yield url


@pytest.fixture
def redis(redis_url: str) -> Iterator[redis_client.Redis]:
    """A client of that server, all keys and functions gone."""
    client = redis_client.Redis.from_url(redis_url, retry=Retry(NoBackoff(), 0))
    client.flushall()
    client.config_resetstat()
    yield client
    client.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[servers.Postgres]:
    """A PostgreSQL cluster of this test process alone."""
    try:
        with servers.private_postgres() as cluster:
            yield cluster
    except servers.Missing as err:
        pytest.fail(str(err), pytrace=False)


@pytest.fixture
def postgres_url(postgres: servers.Postgres) -> Iterator[str]:
    """An empty PostgreSQL database, gone afterwards."""
    database = postgres.create()
    yield postgres.url(database)
    postgres.drop(database)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """An SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'test.sqlite3'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database; a test that asks for it runs once on each kind."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url"))


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser's executable."""
    try:
        return servers.chromium_path()
    except servers.Missing as err:
        pytest.fail(str(err), pytrace=False)


@pytest.fixture(scope="session")
def _chromiums() -> Iterator[servers.Chromiums]:
    with servers.Chromiums() as kept:
        yield kept


def _emptied(running: Browser) -> Iterator[Browser]:
    yield running
    for context in running.contexts:
        context.close()


@pytest.fixture
def browser(_chromiums: servers.Chromiums, chromium: Path) -> Iterator[Browser]:
    """The browser of this test process, without windows; what a test opened in it is closed afterwards."""
    del chromium  # its absence is said in one place
    yield from _emptied(_chromiums.running(servers.headless_shell_path()))


@pytest.fixture
def windowed(_chromiums: servers.Chromiums, chromium: Path) -> Iterator[Browser]:
    """The browser as people have it, with the choice of microphone and speakers: for talks that are heard."""
    yield from _emptied(_chromiums.running(chromium))


@pytest.fixture(autouse=True)
def _themes_by_language(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that runs in each language looks at its pages in one theme each."""
    from tests.audit import THEMES, Audit  # after it was registered for rewriting

    language = request.node.callspec.params.get("language") if hasattr(request.node, "callspec") else None
    if language in THEMES:
        monkeypatch.setattr(Audit, "schemes", THEMES[language])


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    """Each call names a port of 127.0.0.1 on which nobody listens, and none twice in a test process."""
    given: set[int] = set()

    def another() -> int:
        while True:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = int(probe.getsockname()[1])
            if port not in given:
                given.add(port)
                return port

    return another


@pytest.fixture(scope="session")
def screenshots(request: pytest.FixtureRequest) -> Pictures:
    """Takes pictures where --screenshots names a folder for them."""
    named = request.config.getoption("--screenshots")
    return Pictures(Path(named) if named else None)

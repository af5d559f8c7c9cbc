"""The real servers that tests use: a private Redis, PostgreSQL and Chromium.

Each pytest process starts its own on unix sockets in a temporary folder and ends them with itself, so tests in
parallel never meet. `python -m tests.servers` says, one line each, what this machine lacks.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import psycopg
import redis
from playwright.sync_api import Browser, sync_playwright

from ivr.embedded import EmbeddedRedis, RedisError, server_binary

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SHELL_NAMES = ("chromium-headless-shell", "chrome-headless-shell")
START_S = 30.0
SHAPE = """SELECT (SELECT count(*) FROM pg_class WHERE relpersistence <> 't'), (SELECT count(*) FROM pg_attribute),
    (SELECT count(*) FROM pg_constraint), (SELECT count(*) FROM pg_trigger), (SELECT count(*) FROM pg_proc),
    (SELECT version_num FROM alembic_version)"""
TABLES = """SELECT quote_ident(relname) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    AND relname <> 'alembic_version'"""
ALONE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
SEQUENCES = """SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) FROM pg_sequences
    WHERE last_value IS NOT NULL"""


CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)
"""Headless in a container, silent towards the network, with a microphone that needs nobody's permission."""


class Missing(Exception):
    """This machine lacks a server; the message names the command that installs it."""


def chromium_path() -> Path:
    """IVR_TEST_CHROMIUM, else the browser on the PATH."""
    named = os.environ.get("IVR_TEST_CHROMIUM", "")
    for name in (named, *CHROMIUM_NAMES):
        found = shutil.which(name) if name else None
        if found:
            return Path(found)
    raise Missing("Chromium is missing: sudo apt-get install chromium")


def headless_shell_path() -> Path:
    """The same browser without windows, else Chromium itself.

    A Chromium without a screen still draws the frame of each window as a page of its own: 0.72 s of a processor for a window
    with one page, against 0.15 s of the shell's. The shell knows no choice of microphones and speakers.
    """
    found = next(filter(None, map(shutil.which, SHELL_NAMES)), None)
    return Path(found) if found else chromium_path()


def postgres_bin() -> Path:
    """The newest PostgreSQL server's folder of programs."""

    def version(folder: Path) -> int:
        return int(folder.parent.name) if folder.parent.name.isdigit() else 0

    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=version, reverse=True)
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise Missing("The PostgreSQL server is missing: sudo apt-get install postgresql")


def browser_driver() -> Path:
    """The Node that comes with Playwright, if it starts here."""
    from playwright._impl._driver import compute_driver_executable

    node = compute_driver_executable()[0]
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no message"])[-1].removeprefix(f"{node}: ")
        raise Missing(f"The browser's driver does not start ({said}): sudo apt-get install libatomic1")
    return Path(node)


def missing() -> list[str]:
    """What has to be installed before the tests can run. Empty when all is there."""
    lines = []
    for look in (chromium_path, browser_driver, postgres_bin, server_binary):
        try:
            look()
        except (Missing, RedisError) as err:
            lines.append(str(err))
    return lines


@contextmanager
def private_redis() -> Iterator[str]:
    """URL of a fresh server, ended afterwards. It writes its log, and does not wait for the disk: a busy one would halt it."""
    with tempfile.TemporaryDirectory(prefix="ivr-redis-") as folder, EmbeddedRedis(Path(folder)) as server:
        with redis.Redis.from_url(server.url) as client:
            client.config_set("appendfsync", "no")
        yield server.url


class Postgres:
    """A cluster of one test session. New databases are copies of `template1`: 50 ms each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._bin = postgres_bin()
        # The server refuses to run as root; Debian's package brings the account for it.
        self._user = "postgres" if os.getuid() == 0 else None
        self.role = self._user or pwd.getpwuid(os.getuid()).pw_name
        self._made = 0
        self._emptied: list[str] = []
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if self._user is not None:
            shutil.chown(self.folder, self._user)
        self._run("initdb", "-D", str(self.folder / "data"), "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        self.serve()

    def serve(self) -> None:
        """Begin to answer, at first or again after `stop`."""
        options = [
            "-c",
            "listen_addresses=",
            "-c",
            "fsync=off",
            "-c",
            "full_page_writes=off",
            "-c",
            "max_connections=200",
        ]
        with (self.folder / "log").open("wb") as log:
            self._server = subprocess.Popen(
                [str(self._bin / "postgres"), "-D", str(self.folder / "data"), "-k", str(self.folder), *options],
                user=self._user,
                cwd=self.folder,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_S
        while not self._ready():
            if self._server.poll() is not None or time.monotonic() > deadline:
                raise Missing(f"PostgreSQL does not start: {(self.folder / 'log').read_text(errors='replace')[-500:]}")
            time.sleep(0.02)

    def stop(self) -> None:
        """At once: the polite way waits for everybody who is connected."""
        if self._server is not None:
            self._server.send_signal(signal.SIGINT)
            try:
                self._server.wait(10)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{self.role}@/{database}?host={quote(str(self.folder), safe='')}"

    def create(self, template: str = "template1") -> str:
        """Name of a new database, a copy of `template`."""
        self._made += 1
        name = f"test_{self._made}"
        self._sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    @cached_property
    def master(self) -> str:
        """A database with the newest schema, for copies."""
        from ivr.storage.sql.migrate import upgrade

        name = self.create()
        upgrade(self.url(name))
        return name

    @contextmanager
    def lent(self) -> Iterator[str]:
        """Name of a database with the newest schema and no rows.

        A copy costs half a second of a processor, to empty one that another test has filled a tenth of it.
        """
        name = self._emptied.pop() if self._emptied else self.create(self.master)
        yield name
        if self._empty(name):
            self._emptied.append(name)
        else:
            self.drop(name)

    @cached_property
    def _shape(self) -> tuple[Any, ...] | None:
        with self._open(self.master) as connection:
            return connection.execute(SHAPE).fetchone()

    def _empty(self, name: str) -> bool:
        """False: the test changed more than rows."""
        with suppress(psycopg.Error), self._open(name) as connection:
            connection.execute(ALONE)
            if connection.execute(SHAPE).fetchone() != self._shape:
                return False
            tables = [table for (table,) in connection.execute(TABLES)]
            filled = " UNION ALL ".join(f"(SELECT '{table}' WHERE EXISTS (SELECT FROM {table}))" for table in tables)  # noqa: S608 - of the catalogue
            if found := ", ".join(table for (table,) in connection.execute(filled.encode())):
                connection.execute(f"TRUNCATE {found} CASCADE".encode())
            connection.execute(SEQUENCES)
            return True
        return False

    def _open(self, name: str) -> psycopg.Connection[Any]:
        """As the one who may also empty what is never to be changed."""
        options = "-c session_replication_role=replica -c statement_timeout=5s"
        return psycopg.connect(host=str(self.folder), dbname=name, user=self.role, autocommit=True, options=options)

    def drop(self, database: str) -> None:
        self._sql(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def _sql(self, statement: str) -> None:
        self._run("psql", "-h", str(self.folder), "-d", "postgres", "-qX", "-v", "ON_ERROR_STOP=1", "-c", statement)

    def _ready(self) -> bool:
        asked = [str(self._bin / "pg_isready"), "-q", "-h", str(self.folder)]
        return subprocess.run(asked, check=False).returncode == 0

    def _run(self, program: str, *words: str) -> None:
        done = subprocess.run(
            [str(self._bin / program), *words],
            user=self._user,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise Missing(f"{program} failed: {done.stderr.strip()[-500:]}")


@contextmanager
def private_postgres() -> Iterator[Postgres]:
    """A fresh cluster, ended and removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="ivr-pg-"))
    cluster = Postgres(folder)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


class Chromiums:
    """One browser of a kind for as long as it runs, and another one should it have ended.

    Pages stand still, as for people who asked for that: drawing what moves without end takes a machine without a graphics card
    more time than all the rest of a page.
    """

    def __init__(self) -> None:
        self._driver = sync_playwright()
        self._browsers: dict[Path, Browser] = {}

    def __enter__(self) -> Self:
        self._playwright = self._driver.start()
        return self

    def __exit__(self, *_: object) -> None:
        for browser in self._browsers.values():
            browser.close()
        self._playwright.stop()

    def running(self, program: Path) -> Browser:
        known = self._browsers.get(program)
        if known is None or not known.is_connected():
            known = self._playwright.chromium.launch(executable_path=str(program), args=CHROMIUM_FLAGS)
            for name in ("new_context", "new_page"):  # Playwright says "no preference" itself, whatever the flag says
                setattr(known, name, partial(getattr(known, name), reduced_motion="reduce"))
            self._browsers[program] = known
        return known


if __name__ == "__main__":
    lacking = missing()
    for line in lacking:
        print(line, file=sys.stderr)
    sys.exit(1 if lacking else 0)

"""What callers pressed, counted from the facts, and what `ivr menu check` makes of it."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ivr.core import facts
from ivr.core.ids import CallId, NodeId
from ivr.core.menu_usage import ENOUGH, Usage
from ivr.storage.sql.engine import open_database
from ivr.storage.sql.key_counts import KeyCounts
from ivr.storage.sql.records import Records
from ivr.workflows.ports import FactRow
from tests import commands
from tests.schemas import brought_up

ROOT = Path(__file__).parents[3]
UTILITIES = ROOT / "menus" / "examples" / "utilities.yaml"
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
MAIN = NodeId("main")


def visits(count, *, at, hotline="utilities", key="1", result="choice", name="v"):
    """`count` callers who come to the main menu and press one key."""
    rows = []
    for number in range(count):
        call = CallId(f"{name}{number}")
        rows += [
            FactRow(id=f"{call}:1:0", hotline=hotline, fact=facts.NodeEntered(at=at, call=call, node=MAIN)),
            FactRow(
                id=f"{call}:1:1",
                hotline=hotline,
                fact=facts.KeyPressed(at=at, call=call, node=MAIN, key=key, result=result),
            ),
        ]
    return rows


def test_keys_are_counted_by_hotline_and_period_and_only_as_choices(engine):
    records = Records(engine, b"a secret of the tests, 32 bytes.")
    records.write(visits(3, at=NOW - timedelta(days=1), name="a"))
    records.write(visits(2, at=NOW - timedelta(days=2), key="7", result="no_match", name="b"))
    records.write(visits(5, at=NOW - timedelta(days=31), key="2", name="c"))
    records.write(visits(4, at=NOW - timedelta(days=1), hotline="wallet", key="2", name="d"))
    assert KeyCounts(engine).usage("utilities", NOW) == Usage(covered=True, visits={MAIN: 5}, chosen={(MAIN, "1"): 3})
    assert not KeyCounts(engine).usage("wallet", NOW).covered


def check(url, folder):
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "IVR_DATA_DIR": str(folder),
        "IVR_DATABASE_URL": url,
    }
    done = commands.ivr(environment, "menu", "check", str(UTILITIES))
    return done.returncode, done.stderr.decode()


def test_menu_check_warns_of_an_option_that_nobody_took_in_30_days(database_url, tmp_path):
    brought_up(database_url)
    now = datetime.now(UTC)
    records = Records(open_database(database_url), b"a secret of the tests, 32 bytes.")
    records.write(visits(1, at=now - timedelta(days=40), key="2", name="old"))
    records.write(visits(ENOUGH, at=now - timedelta(days=3), name="new"))
    code, said = check(database_url, tmp_path)
    assert code == 0
    assert f"main > choices > 2: was taken by none of the {ENOUGH} callers who came here in 30 days (warning)" in said
    assert "choices > 1" not in said


def test_menu_check_needs_no_database_and_makes_none(tmp_path):
    assert check(f"sqlite:///{tmp_path / 'none.sqlite3'}", tmp_path) == (0, "")
    assert not (tmp_path / "none.sqlite3").exists()


def test_menu_check_judges_the_file_when_the_database_is_away(tmp_path, free_port):
    code, said = check(f"postgresql://ivr@127.0.0.1:{free_port()}/ivr", tmp_path)
    assert code == 0
    assert "options that nobody takes were not looked for: the database (IVR_DATABASE_URL) did not answer" in said

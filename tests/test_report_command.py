"""`ivr report` as an operator calls it: a table to read, and files whatever the terminal speaks."""

from __future__ import annotations

import io
import json
import os
import pty
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ivr.workflows.report_output import BOM
from tests import commands
from tests.schemas import brought_up

ROOT = Path(__file__).parent.parent


@pytest.fixture
def environment(redis: Any, redis_url: str, sqlite_url: str, tmp_path: Path) -> dict[str, str]:
    """An installation that has taken no call yet, on a terminal that does not speak UTF-8."""
    brought_up(sqlite_url)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PYTHONIOENCODING": "latin-1:strict",
        "IVR_DATABASE_URL": sqlite_url,
        "IVR_REDIS_URL": redis_url,
        "IVR_DATA_DIR": str(tmp_path / "var"),
        "IVR_MENUS_DIR": str(ROOT / "menus"),
        "IVR_RECORDINGS_DIR": str(ROOT / "recordings"),
        "IVR_AGENTS_DIR": str(ROOT / "agents"),
    }


def report(environment: dict[str, str], *words: str, out: str = "") -> commands.Done:
    return commands.ivr(environment, "report", *words, out=out)


@pytest.mark.parametrize("kind", ["waits", "callbacks"])
def test_each_format_is_whole(environment, kind):
    day = ("--from", "2026-11-02", "--interval", "day")
    assert report(environment, kind, *day, "--format", "csv").stdout.decode().startswith(f'{BOM}"interval (Asia/')
    assert json.loads(report(environment, kind, *day, "--format", "json").stdout)["report"] == kind
    with zipfile.ZipFile(io.BytesIO(report(environment, kind, *day, "--format", "xlsx").stdout)) as book:
        assert book.testzip() is None
        assert "xl/worksheets/sheet2.xml" in book.namelist()


@pytest.mark.parametrize(("kind", "first"), [("hours", "hour (Asia/Shanghai)"), ("results", "topic")])
def test_the_reports_without_intervals_are_whole_too(environment, kind, first):
    day = ("--from", "2026-11-02")
    head, *rows = report(environment, kind, *day, "--format", "csv").stdout.decode().splitlines()
    assert head.startswith(f'{BOM}"{first}"')
    assert len(rows) == (25 if kind == "hours" else 1)
    assert json.loads(report(environment, kind, *day, "--format", "json").stdout)["report"] == kind


def test_a_workbook_is_not_poured_over_a_terminal(environment):
    ours, theirs = pty.openpty()
    try:
        done = report(environment, "waits", "--format", "xlsx", out=os.ttyname(theirs))
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.returncode == 2
    assert b"> report.xlsx" in done.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--from", "2026-11-31"), "2026-11-31"),
        (("--from", "2026-11-02", "--to", "2026-11-01"), "before it begins"),
        (("--zone", "Shanghai"), "'Shanghai' is no time zone; write it like Asia/Shanghai"),
        (("--interval", "7m"), "'7m': use 15m"),
    ],
)
def test_what_cannot_be_reported_is_said(environment, words, says):
    done = report(environment, "waits", *words)
    assert done.returncode == 2
    assert says in " ".join(done.stderr.decode("latin-1").replace("│", " ").split())

"""README names every option, every command and every page; what is missing is named by the failing test."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
import typer

from ivr.settings_help import settings_table

ROOT = Path(__file__).parent.parent
PAGES = ("/agent", "/supervisor", "/phone", "/login", "/supervisor/reports/waits", "/supervisor/incident")
ADDRESSES = (
    "/voice/incoming",
    "/voice/fallback",
    "/voice/status",
    "/voice/client",
    "/healthz",
    "/readyz",
    "/metrics",
    "/api/v1",
    "/api/openapi.json",
)


@cache
def readme() -> str:
    path = ROOT / "README.md"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def commands() -> list[str]:
    """Every command of `ivr`, groups with their own: `menu check`."""
    from ivr.cli import app

    found: list[str] = []

    def collect(group: object, before: str) -> None:
        for name, command in getattr(group, "commands", {}).items():
            if getattr(command, "hidden", False):
                continue
            if getattr(command, "commands", None):
                collect(command, f"{before}{name} ")
            else:
                found.append(f"{before}{name}")

    collect(typer.main.get_command(app), "")
    return found


def named(text: str, word: str) -> bool:
    return re.search(rf"(?<![\w/-]){re.escape(word)}(?![\w-])", text) is not None


def test_readme_begins_with_the_two_commands():
    start = readme()[:2500]

    assert "make run" in start
    assert "make test" in start
    assert "![" in start, "a picture of the running pages belongs beside the two commands"


@pytest.mark.parametrize("row", settings_table(), ids=lambda row: row.name)
def test_option_is_in_the_table_of_readme_as_the_code_has_it(row):
    line = next((line for line in readme().splitlines() if line.startswith(f"| `{row.name}` ")), "")

    assert line == f"| `{row.name}` | {row.meaning} | {row.unit} | {row.allowed} | {row.default} |", (
        "README's table comes from: python -m ivr.settings_help"
    )


def test_every_command_is_named():
    missing = [command for command in commands() if not named(readme(), f"ivr {command}")]

    assert missing == []


def test_every_page_and_address_is_named():
    missing = [path for path in (*PAGES, *ADDRESSES) if path not in readme()]

    assert missing == []


def test_links_between_documents_lead_somewhere():
    wrong = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
        if page.exists()
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
        if "://" not in target and not target.startswith("mailto:") and not (page.parent / target).exists()
    ]

    assert wrong == []


def test_deployment_guide_names_only_options_that_exist():
    known = {row.name for row in settings_table()}
    wrong = {
        f"{page.relative_to(ROOT)}: {name}"
        for page in [*sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "deploy").rglob("*")), ROOT / "README.md"]
        if page.is_file()
        for name in re.findall(r"\b(?:IVR|TWILIO)_[A-Z_]+[A-Z]\b", page.read_text(encoding="utf-8", errors="replace"))
        if name.removesuffix("_FILE") not in known and not name.startswith("IVR_TEST")
    }

    assert wrong == set()

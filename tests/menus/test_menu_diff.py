"""`ivr menu diff`: what changed, in words."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ivr.cli_menu import menu
from ivr.core.errors import OperatorError
from ivr.core.ids import Language
from ivr.menu_replay import words_until

ROOT = Path(__file__).parents[2]
UTILITIES = ROOT / "menus" / "examples" / "utilities.yaml"


@pytest.fixture(autouse=True)
def _recordings(monkeypatch, tmp_path):
    monkeypatch.setenv("IVR_RECORDINGS_DIR", str(ROOT / "recordings"))
    monkeypatch.setenv("IVR_DATA_DIR", str(tmp_path / "var"))


def compared(tmp_path, *changes, words=()):
    text = UTILITIES.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    other = tmp_path / "new.yaml"
    other.write_text(text, encoding="utf-8")
    done = CliRunner().invoke(menu, ["diff", str(UTILITIES), str(other), *words], catch_exceptions=False)
    return done.stdout.splitlines()


def test_nothing_changed_is_said_so_whatever_the_layout(tmp_path):
    assert compared(tmp_path, ("prompts:\n", "\n# a remark\nprompts:\n")) == ["nothing changed"]


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (
            ("'1': {goto: faults, path: faults}", "'1': {goto: accounts, path: faults}"),
            "menu main: key 1 leads to accounts instead of faults",
        ),
        (
            (
                "        '2': {goto: accounts, path: accounts}",
                "        '2': {goto: accounts, path: accounts}\n        '3': {goto: faults}",
            ),
            "menu main: key 3 is new and leads to faults",
        ),
        (("priority: 60", "priority: 70"), "topic faults: priority is 70 instead of 60"),
        (("overflow: {after: 10m,", "overflow: {after: 90s,"), "topic faults: overflow after is 90s instead of 10m"),
        (
            ("      sat: '09:00-12:00'\n", ""),
            "calendar office: open Monday to Friday, 8:30 a.m. to 12 noon and 1 p.m. to 5 p.m. instead of",
        ),
        (
            ("    en: You are next. Please hold.", "    en: Next."),
            "prompt you_are_next (en): says 'Next.' instead of 'You are next. Please hold.' (-1 s)",
        ),
        (("      max_digits: 10", "      max_digits: 12"), "node accounts: max digits is 12 instead of 10"),
        (("zone: Europe/London", "zone: Europe/Dublin"), "zone is Europe/Dublin instead of Europe/London"),
    ],
)
def test_a_difference_is_one_line_in_words(tmp_path, change, line):
    lines = compared(tmp_path, change)
    assert any(one.startswith(line) for one in lines), lines


def test_a_git_revision_and_a_file_are_compared(tmp_path, monkeypatch):
    repository = tmp_path / "house"
    repository.mkdir()
    text = UTILITIES.read_text(encoding="utf-8")
    (repository / "m.yaml").write_text(text, encoding="utf-8")
    who = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    for words in (["init", "-q"], ["add", "."], [*who, "commit", "-qm", "first"]):
        subprocess.run(["git", *words], cwd=repository, check=True)
    (repository / "m.yaml").write_text(text.replace("priority: 60", "priority: 65"), encoding="utf-8")
    monkeypatch.chdir(repository)
    done = CliRunner().invoke(menu, ["diff", "HEAD:m.yaml", "m.yaml"], catch_exceptions=False)
    assert done.stdout.splitlines() == ["topic faults: priority is 65 instead of 60"]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("none.yaml", "is no file, no file of a git revision (HEAD:menus/wallet.yaml), no kept version"),
        ("0123456789ab", "no such version has been in service here"),
        ("--output=x:m.yaml", "is no file"),
    ],
)
def test_what_cannot_be_found_is_a_sentence(name, says):
    with pytest.raises(OperatorError, match=says.replace("(", r"\(").replace(")", r"\)")):
        CliRunner().invoke(menu, ["diff", "--", name, str(UTILITIES)], catch_exceptions=False)


def test_a_replay_without_records_says_where_they_would_come_from(tmp_path):
    with pytest.raises(OperatorError, match="IVR_DATABASE_URL"):
        compared(tmp_path, ("priority: 60", "priority: 70"), words=["--replay"])


@pytest.mark.parametrize(
    ("text", "key", "language", "heard"),
    [
        ("Refunds, press 4. Anything else, press 5.", "4", "en", "Refunds, press 4"),
        (
            "Late, press 1. To go back, press star. For an agent, press 0.",
            "*",
            "en",
            "Late, press 1. To go back, press star",
        ),
        ("退款，请按4。其他问题，请按5。", "5", "zh", "退款，请按4。其他问题，请按5"),
        ("返回请按星号键，人工请按0。", "*", "zh", "返回请按星号"),
        ("Refunds, press 4.", "7", "en", ""),
        ("Press 12 now.", "1", "en", ""),
    ],
)
def test_a_menu_is_heard_up_to_the_words_that_name_the_key(text, key, language, heard):
    assert words_until(text, key, Language(language)) == heard

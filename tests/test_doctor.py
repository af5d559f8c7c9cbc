"""`ivr doctor` and `ivr twilio check`: whatever is missing is one line that says what to do, and never a trace."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import create_engine

from ivr.simulator import Network
from tests import commands
from tests.schemas import brought_up

ROOT = Path(__file__).parent.parent
NUMBER = "+861058765432"
TOKEN = "never-shown-" + "k7Q2" * 8


@pytest.fixture
def network() -> Iterator[Network]:
    with Network(clock="manual", instant_speech=True, number=NUMBER) as running:
        yield running


@pytest.fixture
def environment(network: Network, redis: Any, redis_url: str, sqlite_url: str, tmp_path: Path) -> dict[str, str]:
    """An installation in which only the dispatcher, the roster and the accounts are missing."""
    brought_up(sqlite_url)
    account = network.account
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "IVR_CARRIER": "twilio",
        "IVR_PUBLIC_URL": "http://127.0.0.1:8000",
        "IVR_SECRET_KEY": TOKEN,
        "IVR_DATABASE_URL": sqlite_url,
        "IVR_REDIS_URL": redis_url,
        "IVR_DATA_DIR": str(tmp_path / "var"),
        "IVR_MENUS_DIR": str(ROOT / "menus"),
        "IVR_RECORDINGS_DIR": str(ROOT / "recordings"),
        "IVR_AGENTS_DIR": str(ROOT / "agents"),
        "TWILIO_ACCOUNT_SID": account.sid,
        "TWILIO_AUTH_TOKEN": account.auth_token,
        "TWILIO_API_KEY": account.api_key,
        "TWILIO_API_SECRET": account.api_secret,
        "TWILIO_APP_SID": account.app_sid,
        "TWILIO_API_BASE": network.base_url,
    }


def ivr(environment: dict[str, str], *words: str) -> tuple[int, list[str]]:
    """Exit code and all lines, as an operator sees them."""
    done = commands.ivr(environment, *words)
    said = (done.stdout + done.stderr).decode()
    assert "Traceback" not in said, said
    for secret in ("IVR_SECRET_KEY", "TWILIO_AUTH_TOKEN", "TWILIO_API_SECRET"):
        assert not environment.get(secret) or environment[secret] not in said, f"{secret} is shown"
    return done.returncode, said.splitlines()


def bad(lines: list[str]) -> dict[str, list[str]]:
    """The failing lines of the doctor by what they are about."""
    found: dict[str, list[str]] = {}
    for line in lines:
        if line.startswith("BAD"):
            what, _, said = line.removeprefix("BAD").strip().partition(": ")
            found.setdefault(what, []).append(said)
    return found


def test_each_missing_thing_is_a_line_that_says_what_to_do(environment):
    code, lines = ivr(environment, "doctor")
    found = bad(lines)
    assert code == 1
    assert found.pop("dispatcher") == ["no dispatcher is at work: start `ivr dispatch` (or `ivr run`)"]
    assert found.pop("people") == [
        "the roster is empty: write agents/*.yaml and run `ivr agents import`",
        "nobody can sign in: run `ivr users add NAME --role admin`",
    ]
    (carrier,) = found.pop("carrier")
    assert carrier.endswith("settings of numbers and application differ: `ivr twilio setup` shows them")
    assert found == {}
    assert {"good  settings", "good  redis", "good  database", "good  menus"} <= set(lines)


def old_schema(environment: dict[str, str], tmp_path: Path) -> None:
    engine = create_engine(environment["IVR_DATABASE_URL"])
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0001'"))
    engine.dispose()


def no_schema(environment: dict[str, str], tmp_path: Path) -> None:
    environment["IVR_DATABASE_URL"] = f"sqlite:///{tmp_path / 'empty.sqlite3'}"


def no_database(environment: dict[str, str], tmp_path: Path) -> None:
    environment["IVR_DATABASE_URL"] = "postgresql://ivr:hidden-word@127.0.0.1:9/ivr"


def no_menu(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "menus").mkdir()
    environment["IVR_MENUS_DIR"] = str(tmp_path / "menus")


def broken_menu(environment: dict[str, str], tmp_path: Path) -> None:
    no_menu(environment, tmp_path)
    text = (ROOT / "menus" / "wallet.yaml").read_text(encoding="utf-8")
    (tmp_path / "menus" / "wallet.yaml").write_text(text.replace("start: ", "start: x", 1), encoding="utf-8")


def no_recordings(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "recordings").mkdir()
    environment["IVR_RECORDINGS_DIR"] = str(tmp_path / "recordings")


def empty_recording(environment: dict[str, str], tmp_path: Path) -> None:
    shutil.copytree(ROOT / "recordings", tmp_path / "recordings")
    environment["IVR_RECORDINGS_DIR"] = str(tmp_path / "recordings")
    (tmp_path / "recordings" / "music-1.wav").write_bytes(b"")


def no_redis(environment: dict[str, str], tmp_path: Path) -> None:
    environment["IVR_REDIS_URL"] = f"unix://{tmp_path}/nobody.sock"


def wrong_secret(environment: dict[str, str], tmp_path: Path) -> None:
    environment["TWILIO_API_SECRET"] = "not-the-secret-of-this-key"


def no_carrier(environment: dict[str, str], tmp_path: Path) -> None:
    environment["TWILIO_API_BASE"] = "http://127.0.0.1:9"


def plain_http(environment: dict[str, str], tmp_path: Path) -> None:
    environment["IVR_PUBLIC_URL"] = "http://hotline.example.org"


def no_app(environment: dict[str, str], tmp_path: Path) -> None:
    environment["TWILIO_APP_SID"] = ""


@pytest.mark.parametrize(
    ("break_it", "what", "says"),
    [
        (old_schema, "database", "the schema is not this version's: run `ivr db upgrade`"),
        (no_schema, "database", "the schema is not this version's: run `ivr db upgrade`"),
        (
            no_database,
            "database",
            'the database (IVR_DATABASE_URL) did not answer: connection to server at "127.0.0.1"',
        ),
        (no_menu, "menus", "put a .yaml file there"),
        (broken_menu, "menus", "wallet.yaml:"),
        (no_recordings, "menus", "needs its pieces in recordings/ (see docs/menus.md): music-1.wav"),
        (empty_recording, "menus", "recordings/music-1.wav is missing or empty"),
        (no_redis, "redis", "IVR_REDIS_URL"),
        (wrong_secret, "carrier", "TWILIO_API_SECRET"),
        (no_carrier, "carrier", "TWILIO_API_BASE"),
        (plain_http, "settings", "IVR_PUBLIC_URL must begin with https://"),
        (no_app, "carrier", "TWILIO_APP_SID is not set: `ivr twilio setup --apply` makes the application"),
    ],
)
def test_the_doctor_names_what_is_broken_and_the_cure(
    environment: dict[str, str],
    tmp_path: Path,
    break_it: Callable[[dict[str, str], Path], None],
    what: str,
    says: str,
) -> None:
    break_it(environment, tmp_path)
    code, lines = ivr(environment, "doctor")
    assert code == 1
    assert any(says in line for line in bad(lines).get(what, [])), "\n".join(lines)
    assert "hidden-word" not in "\n".join(lines)


def test_setup_changes_nothing_until_told_to_and_check_is_content_afterwards(environment):
    code, before = ivr(environment, "twilio", "check")
    assert code == 1
    assert all("`ivr twilio setup --apply` sets it" in line for line in before if "must be" in line)
    code, shown = ivr(environment, "twilio", "setup")
    assert (code, shown[-1]) == (0, "nothing was changed; `ivr twilio setup --apply` does it")
    assert ivr(environment, "twilio", "check") == (1, before), "the dry run was one"
    assert ivr(environment, "twilio", "setup", "--apply")[0] == 0
    code, after = ivr(environment, "twilio", "check")
    assert (code, after[-1]) == (0, "numbers and application are as they must be")


@pytest.mark.parametrize("command", ["setup", "check"])
@pytest.mark.parametrize(
    ("break_it", "says"),
    [(wrong_secret, "TWILIO_API_SECRET"), (no_carrier, "TWILIO_API_BASE"), (no_menu, "put a .yaml file there"),
     (no_redis, "")],
)  # fmt: skip
def test_twilio_commands_say_what_to_do(environment, tmp_path, command, break_it, says):
    break_it(environment, tmp_path)
    code, lines = ivr(environment, "twilio", command)
    if break_it is no_redis:
        assert lines, "the account needs no Redis"
    else:
        assert code == 1
        assert says in lines[-1], "\n".join(lines)


def test_rekey_seals_with_the_new_secret(environment):
    environment["IVR_SECRET_KEY_OLD"] = "a secret of before"
    assert ivr(environment, "db", "rekey") == (
        0,
        ["0 numbers and transcripts, 0 words and 0 files of callers sealed anew"],
    )

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ivr.settings import Carrier, Settings, SettingsError, environment_of, load_settings, name_of
from ivr.settings_help import settings_markdown, settings_table, strangers

ROOT = Path(__file__).parent.parent
TWILIO = {
    "IVR_CARRIER": "twilio",
    "IVR_PUBLIC_URL": "https://hotline.example.org",
    "IVR_SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz",
    "IVR_REDIS_URL": "unix:///run/redis.sock",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "t" * 32,
    "TWILIO_API_KEY": "SK" + "1" * 32,
    "TWILIO_API_SECRET": "s" * 32,
    "TWILIO_APP_SID": "AP" + "2" * 32,
}


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Settings from exactly these variables; data in a temporary folder."""

    def from_variables(**variables: str) -> Settings:
        monkeypatch.setenv("IVR_DATA_DIR", str(tmp_path / "var"))
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return load_settings(env_file=None)

    return from_variables


def test_nothing_given_is_a_working_box(load, tmp_path: Path):
    settings = load()

    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.redis_url is None
    assert settings.database_url == f"sqlite:///{tmp_path}/var/ivr.sqlite3"
    assert settings.twilio_api_base == "http://127.0.0.1:8001"
    assert settings.in_the_box
    assert settings.starts_simulator
    assert settings.demo is True
    assert settings.problems() == []


def test_everything_hangs_on_the_port(load):
    settings = load(IVR_PORT="9100")

    assert settings.public_url == "http://127.0.0.1:9100"
    assert (settings.simulator_port, settings.events_port) == (9101, 9102)


def test_highest_port_leaves_room_for_the_others_below(load):
    settings = load(IVR_PORT="65535")

    assert (settings.simulator_port, settings.events_port) == (65534, 65533)


def test_secrets_of_the_box_are_made_once_and_read_by_the_owner_alone(load, tmp_path: Path):
    first = load()
    second = load()

    assert first == second
    assert first.twilio_account_sid.startswith("AC")
    assert len(first.twilio_auth_token.get_secret_value()) == 32
    assert stat.S_IMODE((tmp_path / "var/secrets.json").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["secrets.json"]


def test_processes_that_start_together_agree_on_the_secrets(tmp_path: Path):
    program = "from ivr.settings import load_settings; print(load_settings(None).twilio_account_sid)"
    together = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            env={"IVR_DATA_DIR": str(tmp_path)},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]

    assert len({process.communicate()[0] for process in together}) == 1


def test_commands_that_only_read_write_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("IVR_DATA_DIR", str(tmp_path / "var"))

    load_settings(None, keep_secrets=False)

    assert not (tmp_path / "var").exists()


def test_given_value_goes_before_the_kept_one(load):
    assert load(TWILIO_AUTH_TOKEN="f" * 32).twilio_auth_token.get_secret_value() == "f" * 32


def test_damaged_secrets_are_named_and_not_replaced(load, tmp_path: Path):
    load()
    (tmp_path / "var/secrets.json").write_text('{"secret_key": 1')

    with pytest.raises(SettingsError, match=r"secrets\.json is damaged"):
        load()


def test_every_wrong_value_is_one_line_with_its_name_and_without_its_value(load):
    with pytest.raises(SettingsError) as told:
        load(
            IVR_PORT="70000",
            IVR_CARRIER="telegraph",
            IVR_PUBLIC_URL="hotline",
            IVR_REDIS_URL="http://redis",
            TWILIO_ACCOUNT_SID="secret-by-mistake",
        )

    assert [line.split(":")[0] for line in told.value.lines] == [
        "IVR_CARRIER",
        "IVR_PORT",
        "IVR_PUBLIC_URL",
        "IVR_REDIS_URL",
        "TWILIO_ACCOUNT_SID",
    ]
    assert "secret-by-mistake" not in str(told.value)
    assert "telegraph" not in str(told.value)


def test_values_of_the_wrong_type_are_refused_in_plain_words(load):
    with pytest.raises(SettingsError) as told:
        load(IVR_PORT="hello", IVR_DEMO="perhaps", TWILIO_CALLS_PER_SECOND="fast")

    assert list(told.value.lines) == [
        "IVR_PORT: is no whole number",
        "IVR_DEMO: is not true or false",
        "TWILIO_CALLS_PER_SECOND: is no number",
    ]


def test_empty_value_is_no_value(load):
    assert load(IVR_REDIS_URL="", IVR_PORT="").port == 8000


def test_postgresql_addresses_as_people_paste_them_work(load):
    assert load(IVR_DATABASE_URL="postgres://u:p@db/ivr").database_url == "postgresql+psycopg://u:p@db/ivr"
    assert load(IVR_DATABASE_URL="postgresql://u@db/ivr").database_url == "postgresql+psycopg://u@db/ivr"


def test_secret_can_come_from_a_file(load, tmp_path: Path):
    (tmp_path / "token").write_text("from-a-file\n")

    assert load(TWILIO_AUTH_TOKEN_FILE=str(tmp_path / "token")).twilio_auth_token.get_secret_value() == "from-a-file"


def test_dot_env_is_read_and_the_environment_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / ".env").write_text(f"IVR_PORT=9000\nIVR_HOST=127.0.0.2\nIVR_DATA_DIR={tmp_path}\n")
    monkeypatch.setenv("IVR_PORT", "9500")

    settings = load_settings(tmp_path / ".env")

    assert (settings.port, settings.host) == (9500, "127.0.0.2")


def test_child_process_loads_the_same_settings(load, tmp_path: Path):
    settings = load(IVR_PORT="9200").model_copy(update={"redis_url": "unix:///tmp/r.sock", "simulator_port": 4444})
    program = (
        "from ivr.settings import *; print(environment_of(load_settings(None)) == environment_of(load_settings(None)))"
    )
    program += "; import json, os; s = load_settings(None); print(json.dumps([str(getattr(s, f)) for f in s.__class__.model_fields]))"
    program += "; print(s.secret_key.get_secret_value())"

    said = subprocess.run(
        [sys.executable, "-c", program],
        env=environment_of(settings),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()

    assert said[0] == "True"
    assert json.loads(said[1]) == [str(getattr(settings, field)) for field in Settings.model_fields]
    assert said[2] == settings.secret_key.get_secret_value()


def test_no_secret_is_shown_by_printing_the_settings(load):
    settings = load(IVR_REDIS_URL="redis://:hidden-1@localhost", IVR_DATABASE_URL="postgresql://u:hidden-2@db/ivr")

    shown = f"{settings!r} {settings}"

    assert "hidden" not in shown
    assert settings.twilio_auth_token.get_secret_value() not in shown
    assert settings.secret_key.get_secret_value() not in shown


def test_complete_settings_for_a_real_number_have_no_problem(load):
    settings = load(**TWILIO)

    assert settings.problems() == []
    assert settings.carrier is Carrier.TWILIO
    assert settings.twilio_api_base == "https://api.twilio.com"
    assert settings.demo is False
    assert not settings.starts_simulator


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"IVR_SECRET_KEY": ""}, "IVR_SECRET_KEY is missing"),
        ({"IVR_SECRET_KEY": "short-secret"}, "IVR_SECRET_KEY is too short"),
        ({"IVR_SECRET_KEY": "x" * 64}, "IVR_SECRET_KEY is too short or too simple"),
        ({"IVR_PUBLIC_URL": ""}, "IVR_PUBLIC_URL is missing"),
        ({"IVR_PUBLIC_URL": "http://hotline.example.org"}, "IVR_PUBLIC_URL must begin with https://"),
        ({"TWILIO_API_BASE": "http://api.example.org"}, "TWILIO_API_BASE must begin with https://"),
        ({"TWILIO_AUTH_TOKEN": ""}, "TWILIO_AUTH_TOKEN is missing"),
        ({"TWILIO_ACCOUNT_SID": ""}, "TWILIO_ACCOUNT_SID is missing"),
        ({"FLASK_DEBUG": "true"}, "FLASK_DEBUG must be off"),
        ({"IVR_REDIS_URL": "redis://redis.example.org"}, "IVR_REDIS_URL names another machine without a password"),
    ],
)
def test_unsafe_settings_for_a_real_number_are_refused_without_showing_them(load, wrong: dict[str, str], told: str):
    problems = load(**{**TWILIO, **wrong}).problems()

    assert len(problems) == 1
    assert problems[0].startswith(told)
    for value in wrong.values():
        assert value in {"", "true"} or value not in problems[0]


def test_twilio_compatible_server_on_this_machine_needs_no_https(load):
    here = {"IVR_PUBLIC_URL": "http://127.0.0.1:8000", "TWILIO_API_BASE": "http://localhost:9999"}

    assert load(**{**TWILIO, **here}).problems() == []


def test_live_streams_leave_threads_for_calls_and_fill_their_own_pool(load):
    settings = load(IVR_WEB_THREADS="16", IVR_STREAMS_MAX="100", IVR_EVENTS_THREADS="300")

    assert settings.streams_cap == 8
    assert settings.for_events().streams_cap == 296


def test_typing_error_in_a_name_is_found():
    assert strangers({"IVR_PROT": "1", "IVR_PORT": "1", "IVR_SECRET_KEY_FILE": "x", "IVR_TEST_X": "", "PATH": ""}) == [
        "IVR_PROT"
    ]


def test_every_option_says_what_it_is_and_what_it_may_be():
    for row in settings_table():
        assert row.meaning.endswith("."), row
        assert row.allowed, row
        assert row.default, row


def test_every_option_is_used_somewhere():
    others = [path for path in (ROOT / "ivr").rglob("*.py") if path.name not in {"settings.py", "settings_help.py"}]
    code = "\n".join(path.read_text(encoding="utf-8") for path in others)
    stand_for = {
        "streams_max": "streams_cap",
        "carrier": "in_the_box",
        "data_dir": "redis_dir",
        "secret_key": "secret",
        "secret_key_old": "old_secrets",
    }

    unused = [field for field in Settings.model_fields if f"settings.{stand_for.get(field, field)}" not in code]

    assert unused == []


def test_table_for_readme_has_every_option():
    assert settings_markdown().count("\n| `") == len(Settings.model_fields)


def test_example_file_names_every_option_and_sets_none():
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    named = [line.removeprefix("#").partition("=")[0] for line in lines if "=" in line and not line.startswith("# ")]

    assert named == [name_of(field) for field in Settings.model_fields]
    assert all(line.startswith("#") for line in lines if line)

"""Every option of the service, and the only place that reads the environment (and `.env`).

A `Settings` from `load_settings` is complete: what was not given has been worked out, so nobody else asks "and if it
is empty?". In the box (`IVR_CARRIER=simulator`) the secrets that a carrier would hand out are made once and kept in
`<IVR_DATA_DIR>/secrets.json`. Towards a real carrier nothing is made up: `problems()` names what is missing or unsafe.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from ivr.box_secrets import BoxSecrets

TWILIO = "https://api.twilio.com"
SECRET_LENGTH = 32
"""Fewest characters of IVR_SECRET_KEY: sessions hang on it."""
FEWEST_DIFFERENT = 8
"""Fewest different characters of IVR_SECRET_KEY: 'xxxx…' is long and no secret."""
PLAIN = {"int_parsing": "is no whole number", "float_parsing": "is no number", "bool_parsing": "is not true or false"}
MAKE_SECRET = "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"  # noqa: S105 - how to make one
HIGHEST_PORT = 65535
IN_THE_BOX = "made once and kept (in the box)"


class Carrier(StrEnum):
    SIMULATOR = "simulator"
    TWILIO = "twilio"


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    AUTO = "auto"
    JSON = "json"
    CONSOLE = "console"


class SettingsError(Exception):
    """The environment cannot be used: one line per problem, none shows a secret."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class Shown(NamedTuple):
    """What README says of an option beyond its sentence. `default` stands for one that is worked out."""

    allowed: str = ""
    unit: str = ""
    default: str = ""


def name_of(field: str) -> str:
    """The variable of a field: `port` → `IVR_PORT`, `twilio_app_sid` → `TWILIO_APP_SID`."""
    return field.upper() if field.startswith("twilio_") else f"IVR_{field.upper()}"


class Settings(BaseSettings):
    """What the operator decided, and sensible values for the rest. Frozen: a change is a restart."""

    model_config = SettingsConfigDict(
        alias_generator=name_of,
        populate_by_name=True,
        use_attribute_docstrings=True,
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        validate_default=True,
        hide_input_in_errors=True,
    )

    carrier: Carrier = Carrier.SIMULATOR
    """The telephone network: the one in the box, or Twilio."""
    host: Annotated[str, Shown("an address of this machine")] = "127.0.0.1"
    """Address on which pages and webhooks are served."""
    port: Annotated[int, Field(ge=1, le=65535), Shown(unit="port")] = 8000
    """Port of pages and webhooks."""
    public_url: Annotated[str, Shown("https://host, no path", "URL", "http://127.0.0.1:<IVR_PORT> (in the box)")] = ""
    """Origin under which carrier and browsers reach us; signatures are checked against it."""
    data_dir: Annotated[Path, Shown("a folder")] = Path("var")
    """Everything embedded lives here: bundled Redis, SQLite, stored voices, secrets."""
    database_url: Annotated[
        str, Field(repr=False), Shown("sqlite:///…, postgresql://…", "URL", "SQLite in <IVR_DATA_DIR>/ivr.sqlite3")
    ] = ""
    """Call records, agents, callbacks."""
    redis_url: Annotated[
        str | None,
        Field(repr=False),
        Shown("redis://…, rediss://…, unix://…", "URL", "the bundled one, in <IVR_DATA_DIR>/redis"),
    ] = None
    """Live state: a Redis or Valkey server, version 7.0 or newer."""
    secret_key: Annotated[SecretStr, Shown(f"{SECRET_LENGTH} characters or more", default=IN_THE_BOX)] = SecretStr("")
    """Signs the pages' forms, seals telephone numbers in the database, chains the audit."""
    secret_key_old: Annotated[SecretStr, Shown("secrets of before, separated by commas", default="none")] = SecretStr(
        ""
    )
    """Still open what they sealed, until `ivr db rekey` has sealed it anew."""
    menus_dir: Annotated[Path, Shown("a folder")] = Path("menus")
    """Menus and their scenario tests (YAML)."""
    recordings_dir: Annotated[Path, Shown("a folder")] = Path("recordings")
    """Prompts and music that menus name."""
    agents_dir: Annotated[Path, Shown("a folder")] = Path("agents")
    """Roster: teams, agents, skills, shifts (YAML)."""
    demo: Annotated[bool | None, Shown("true, false", default="true in the box, else false")] = None
    """Make demo accounts at the first `ivr run`."""

    lookup_hosts: Annotated[str, Shown("hosts, origins, networks, with commas", default="none")] = ""
    """Systems of the house that menus may ask (`lookup`)."""
    lookup_secrets: Annotated[SecretStr, Shown("NAME=secret, with commas", default="none")] = SecretStr("")
    """Secrets for them, by the names that menus use; sent as a bearer token."""
    lookup_hooks: Annotated[str, Shown("package.module:function, with commas", default="none")] = ""
    """Python functions that menus may ask instead."""
    embed_origins: Annotated[str, Shown("https://crm.example.org, with commas", default="none")] = ""
    """Origins whose pages may show the desk in a frame and exchange messages with it."""
    evidence_days: Annotated[int, Field(ge=1, le=3650), Shown(unit="days")] = 180
    """How long forms and files that callers sent are kept."""
    scan_command: Annotated[str, Shown("a command that reads a file from its input", default="none")] = ""
    """Virus scanner for files of callers (`clamdscan --quiet -`): exit 0 is clean, 1 infected."""
    transcribe_command: Annotated[str, Shown("a command that reads WAV from its input", default="none")] = ""
    """Writes down what callers say in messages: text on its output; `{language}` stands for theirs (`zh`, `en`)."""

    smtp_host: Annotated[str, Shown("a host", default="none")] = ""
    """Mail server of the house, for alerts and reports."""
    smtp_port: Annotated[int, Field(ge=1, le=65535), Shown(unit="port")] = 587
    """Its port."""
    smtp_tls: Annotated[str, Field(pattern="^(starttls|tls|none)$"), Shown("starttls, tls, none")] = "starttls"
    """How the way to it is sealed."""
    smtp_user: Annotated[str, Shown("as issued", default="none")] = ""
    """Who signs in there."""
    smtp_password: Annotated[SecretStr, Shown("as issued", default="none")] = SecretStr("")
    """The password for it."""
    smtp_from: Annotated[str, Shown("an address", default="hotline@<host of IVR_PUBLIC_URL>")] = ""
    """Sender of our mails."""
    webhook_hosts: Annotated[str, Shown("hosts, origins, networks, with commas", default="none")] = ""
    """Where webhooks may be sent besides public https addresses: origins and networks of the house."""

    simulator_port: Annotated[
        int, Field(ge=0, le=65535), Shown("1–65535", "port", "IVR_PORT + 1, another if that is taken")
    ] = 0
    """Port of the telephone network in the box."""
    web_workers: Annotated[int, Field(ge=1, le=64), Shown(unit="processes")] = 1
    """Server processes of `ivr web`."""
    web_threads: Annotated[int, Field(ge=4, le=1024), Shown(unit="threads")] = 64
    """Requests that one server process works on at once."""
    streams_max: Annotated[int, Field(ge=0, le=1000), Shown(unit="streams")] = 24
    """Live streams `ivr web` holds per process before it answers 503; at most half of its threads."""
    events_port: Annotated[int, Field(ge=0, le=65535), Shown("1–65535", "port", "IVR_PORT + 2")] = 0
    """Port of `ivr events`, the pool of live streams in production."""
    events_threads: Annotated[int, Field(ge=8, le=4096), Shown(unit="threads")] = 400
    """Live streams `ivr events` can hold."""
    trusted_proxies: Annotated[int, Field(ge=0, le=5), Shown(unit="proxies")] = 0
    """Reverse proxies in front of us whose X-Forwarded-For is believed."""
    log_level: LogLevel = LogLevel.INFO
    """Least severe line that is logged."""
    log_format: LogFormat = LogFormat.AUTO
    """Log lines as JSON or for reading; auto: for reading on a terminal."""

    twilio_account_sid: Annotated[
        str, Field(pattern="^(AC[0-9a-fA-F]{32})?$"), Shown("AC + 32 hex", "", IN_THE_BOX)
    ] = ""
    """The account whose webhooks we accept."""
    twilio_auth_token: Annotated[SecretStr, Shown("as issued", default=IN_THE_BOX)] = SecretStr("")
    """Checks the signatures of webhooks."""
    twilio_auth_token_secondary: Annotated[SecretStr, Shown("as issued", default="none")] = SecretStr("")
    """The second token, while tokens are being changed."""
    twilio_api_key: Annotated[str, Field(pattern="^(SK[0-9a-fA-F]{32})?$"), Shown("SK + 32 hex", "", IN_THE_BOX)] = ""
    """API key for REST calls and softphone tokens."""
    twilio_api_secret: Annotated[SecretStr, Shown("as issued", default=IN_THE_BOX)] = SecretStr("")
    """Secret of that key."""
    twilio_app_sid: Annotated[str, Field(pattern="^(AP[0-9a-fA-F]{32})?$"), Shown("AP + 32 hex", "", IN_THE_BOX)] = ""
    """TwiML app of the browser softphones."""
    twilio_api_base: Annotated[str, Shown("scheme and host", "URL", f"{TWILIO}, or the simulator")] = ""
    """REST address of the carrier; any Twilio-compatible server can stand in."""
    twilio_calls_per_second: Annotated[float, Field(ge=0.1, le=100), Shown(unit="calls/s")] = 1.0
    """Outgoing legs we ask the carrier for, per second."""
    twilio_outbound_lines: Annotated[int, Field(ge=0, le=100_000), Shown(unit="lines", default="0, no limit known")] = 0
    """Lines that the account may have dialled at once; the cost page warns before they are used up."""

    @field_validator("data_dir", "menus_dir", "recordings_dir", "agents_dir")
    @classmethod
    def _from_here(cls, path: Path) -> Path:
        return path.expanduser().absolute()

    @field_validator("database_url")
    @classmethod
    def _modern_driver(cls, url: str) -> str:
        """`postgres://` and `postgresql://` are what people paste; the driver is psycopg 3."""
        scheme, mark, rest = url.partition("://")
        return f"postgresql+psycopg://{rest}" if mark and scheme in {"postgres", "postgresql"} else url

    @field_validator("redis_url")
    @classmethod
    def _redis_scheme(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("begins with redis://, rediss:// or unix://")
        return url

    @field_validator("public_url", "twilio_api_base")
    @classmethod
    def _origin(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and (
            parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query
        ):
            raise ValueError("is an origin such as https://hotline.example.org, without a path")
        return url.rstrip("/")

    @field_validator("embed_origins")
    @classmethod
    def _framing(cls, text: str) -> str:
        return ",".join(_framing_origin(one.strip()) for one in text.split(",") if one.strip())

    @property
    def embed_origins_listed(self) -> tuple[str, ...]:
        return tuple(one for one in self.embed_origins.split(",") if one)

    @property
    def in_the_box(self) -> bool:
        """The telephone network is our simulator; nothing here can reach a real telephone."""
        return self.carrier is Carrier.SIMULATOR

    @property
    def secret(self) -> bytes:
        return self.secret_key.get_secret_value().encode()

    @property
    def old_secrets(self) -> tuple[bytes, ...]:
        return tuple(one.strip().encode() for one in self.secret_key_old.get_secret_value().split(",") if one.strip())

    @property
    def lookup_secrets_by_name(self) -> dict[str, str]:
        """By name."""
        pairs = (pair.partition("=") for pair in self.lookup_secrets.get_secret_value().split(",") if pair.strip())
        return {name.strip(): secret.strip() for name, _, secret in pairs}

    @property
    def redis_dir(self) -> Path:
        """Where the bundled Redis keeps its files."""
        return self.data_dir / "redis"

    @property
    def simulator_url(self) -> str:
        return f"http://127.0.0.1:{self.simulator_port}"

    @property
    def streams_cap(self) -> int:
        """Streams one web process really holds: never more than half of its threads."""
        return min(self.streams_max, self.web_threads // 2)

    @property
    def starts_simulator(self) -> bool:
        """False when another server stands in for the telephone network."""
        return self.in_the_box and self.twilio_api_base == self.simulator_url

    def for_events(self) -> Settings:
        """The same for `ivr events`: all but a few threads of that pool may hold a stream."""
        own = {"streams_max": self.events_threads - 4, "web_threads": 2 * self.events_threads}
        return self.model_copy(update=own)

    def problems(self) -> list[str]:
        """Why the service must not start like this, one line each and without any secret. Empty in the box."""
        return [] if self.in_the_box else _production_problems(self)


def load_settings(env_file: Path | None = Path(".env"), *, keep_secrets: bool = True) -> Settings:
    """The settings of this process, complete. Raises SettingsError with one line per wrong value.

    Without `keep_secrets` nothing is written: for commands that only read files, such as `ivr menu check`.
    """
    try:
        given = Settings(_env_file=env_file, **_from_secret_files())
    except ValidationError as err:
        raise SettingsError(
            [_sentence(error) for error in err.errors(include_input=False, include_url=False)]
        ) from None
    return completed(given, keep_secrets=keep_secrets)


def completed(given: Settings, *, keep_secrets: bool = True) -> Settings:
    """`given`, with everything worked out that was left open."""
    simulator_port = given.simulator_port or _next(given.port, 1)
    box = given.in_the_box
    found: dict[str, object] = {
        "simulator_port": simulator_port,
        "events_port": given.events_port or _next(given.port, 2),
        "public_url": given.public_url or (f"http://127.0.0.1:{given.port}" if box else ""),
        "database_url": given.database_url or f"sqlite:///{given.data_dir / 'ivr.sqlite3'}",
        "twilio_api_base": given.twilio_api_base or (f"http://127.0.0.1:{simulator_port}" if box else TWILIO),
        "demo": box if given.demo is None else given.demo,
    }
    if box and keep_secrets:
        try:
            kept = BoxSecrets.kept_in(given.data_dir)
        except OSError as err:
            raise SettingsError([f"IVR_DATA_DIR: {given.data_dir} cannot be written: {err.strerror}"]) from None
        except ValueError as err:
            raise SettingsError([str(err)]) from None
        found |= {
            "secret_key": given.secret_key or SecretStr(kept.secret_key),
            "twilio_account_sid": given.twilio_account_sid or kept.account_sid,
            "twilio_auth_token": given.twilio_auth_token or SecretStr(kept.auth_token),
            "twilio_api_key": given.twilio_api_key or kept.api_key,
            "twilio_api_secret": given.twilio_api_secret or SecretStr(kept.api_secret),
            "twilio_app_sid": given.twilio_app_sid or kept.app_sid,
        }
    return given.model_copy(update=found)


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment that makes a child process load exactly these settings."""
    given = {}
    for field in type(settings).model_fields:
        value = getattr(settings, field)
        plain = value.get_secret_value() if isinstance(value, SecretStr) else value
        given[name_of(field)] = "" if plain is None else str(plain)
    return {**os.environ, **given}


def started_by_make() -> bool:
    """True below `make run`; `make` is then the process whose end is meant to be ours."""
    return "MAKELEVEL" in os.environ


def _framing_origin(text: str) -> str:
    """Raises ValueError for what is no origin that a browser would name: one host, no path, https but on this machine."""
    wrong = f"{text!r} is no origin such as https://crm.example.org"
    if not re.fullmatch(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?", text):
        raise ValueError(wrong)
    if text.startswith("http:") and urlsplit(text).hostname not in ("127.0.0.1", "localhost"):
        raise ValueError(f"{wrong}: a page that frames the desk is served over https")
    return text


def _from_secret_files() -> dict[str, Any]:
    """Values given as `<NAME>_FILE=/path`, the way container platforms hand out secrets."""
    found = {}
    for field in Settings.model_fields:
        path = os.environ.get(f"{name_of(field)}_FILE")
        if path:
            try:
                found[field] = Path(path).read_text(encoding="utf-8").strip()
            except OSError as err:
                raise SettingsError([f"{name_of(field)}_FILE: {path} cannot be read: {err.strerror}"]) from None
    return found


def _next(port: int, steps: int) -> int:
    return port + steps if port + steps <= HIGHEST_PORT else port - steps


def _sentence(error: ErrorDetails) -> str:
    message = PLAIN.get(error["type"]) or error["msg"].removeprefix("Value error, ").replace("Input should", "should")
    return f"{error['loc'][0]}: {message[0].lower() + message[1:]}"


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"


def _production_problems(settings: Settings) -> list[str]:
    secret = settings.secret_key.get_secret_value()
    needed = ("twilio_account_sid", "twilio_auth_token", "twilio_api_key", "twilio_api_secret")
    # A Twilio-compatible server on this very machine: nothing travels, so plain http is no danger.
    travels = not (_is_loopback(settings.public_url) and _is_loopback(settings.twilio_api_base))
    redis = urlsplit(settings.redis_url or "unix://")
    far_redis = redis.scheme != "unix" and not _is_loopback(settings.redis_url or "")
    checks = [
        *((not getattr(settings, field), f"{name_of(field)} is missing") for field in needed),
        (not secret, f"IVR_SECRET_KEY is missing; make one with: {MAKE_SECRET}"),
        (
            bool(secret) and (len(secret) < SECRET_LENGTH or len(set(secret)) < FEWEST_DIFFERENT),
            f"IVR_SECRET_KEY is too short or too simple; make one with: {MAKE_SECRET}",
        ),
        (not settings.public_url, "IVR_PUBLIC_URL is missing: the https origin under which the carrier reaches us"),
        (
            bool(settings.public_url) and travels and not settings.public_url.startswith("https://"),
            "IVR_PUBLIC_URL must begin with https://: names, numbers and signatures would travel in the clear",
        ),
        (
            travels and not settings.twilio_api_base.startswith("https://"),
            "TWILIO_API_BASE must begin with https://: the API secret would travel in the clear",
        ),
        (os.environ.get("FLASK_DEBUG", "0") not in {"", "0"}, "FLASK_DEBUG must be off: it shows what is inside"),
        (far_redis and not redis.password, "IVR_REDIS_URL names another machine without a password"),
    ]
    return [line for wrong, line in checks if wrong]

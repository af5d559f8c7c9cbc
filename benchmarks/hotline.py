"""A hotline to measure: the whole service in this process on a Redis and an SQLite of its own, and its callers.

Callers speak the carrier's wire: signed forms of the size that it sends, each at the address that the last answer gave.
A request is prepared before the clock runs, and handed to the WSGI application directly: no test client stands between.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask

from ivr.core.agents import Agent, Presence
from ivr.core.events import StepAsked, TurnAsked
from ivr.core.ids import AgentId, CallId, LegId
from ivr.core.instructions import Gather, GoOn, Instruction
from ivr.core.instructions import Link as Address
from ivr.embedded import EmbeddedRedis
from ivr.settings import Settings, load_settings
from ivr.storage.redis.agent_rows import AgentRow, write_agent
from ivr.storage.redis.connection import Link, RedisClock
from ivr.storage.redis.write import Write
from ivr.storage.sql.migrate import upgrade
from ivr.telephony.numbers import caller_of
from ivr.wiring import Switchboard

NUMBER = "+861058765432"
FORM = {
    "From": "+8613800138000",
    "To": NUMBER,
    "Caller": "+8613800138000",
    "Called": NUMBER,
    "CallStatus": "in-progress",
    "Direction": "inbound",
    "ApiVersion": "2010-04-01",
    "CallToken": "%7B%22parentCallInfoToken%22%3A%22" + "eyJhbGciOiJFUzI1NiJ9" * 8 + "%22%7D",
    **{
        f"{side}{part}": "x" * 12
        for side in ("From", "To", "Caller", "Called")
        for part in ("City", "State", "Zip", "Country")
    },
}
"""With call, account and keys the 27 fields of a real request."""
SKILLS = ("account_security", "transfers", "deposits_withdrawals", "refunds", "other")
LANGUAGES = {"zh": 5, "en": 4}


def bare_app() -> Flask:
    """The limit: a route that says hello, and nothing else in the application."""
    app = Flask("bare")

    @app.post("/bare")
    def bare() -> str:
        return "hello"

    return app


class Ahead(RedisClock):
    """The product's clock, which can be put ahead."""

    ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


def clock_of(switchboard: Switchboard) -> Ahead:
    assert isinstance(switchboard.clock, Ahead)
    return switchboard.clock


@contextmanager
def hotline(settings: Settings | None = None) -> Iterator[Switchboard]:
    """A switchboard on stores of its own, which are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="ivr-bench-") as folder:
        found = (settings or load_settings(env_file=None)).model_copy(
            update={"data_dir": Path(folder), "database_url": f"sqlite:///{folder}/bench.sqlite3"}
        )
        with EmbeddedRedis(Path(folder) / "redis") as redis:
            upgrade(found.database_url)
            switchboard = Switchboard(found, redis_url=redis.url, clock=Ahead(Link(redis.url)))
            try:
                yield switchboard
            finally:
                switchboard.close()


def crowd(switchboard: Switchboard, *, waiting: int, agents: int = 0, first: int = 0, turns: int = 1) -> None:
    """So many callers wait, each after the greeting, a key and so many turns; all agents are on a call."""
    for number in range(agents):
        _at_work(switchboard, f"agent{number:05}")
    for number in range(first, first + waiting):
        walk_in(switchboard, CallId(f"CA{number:032x}"), f"+8613{number:09}", turns=turns)


def walk_in(switchboard: Switchboard, call: CallId, number: str, *, turns: int = 1) -> None:
    """One caller asks for a person and waits for some turns."""
    take, caller = switchboard.take_call, caller_of(number)
    answer = take.arrive(call, caller, NUMBER)
    link = _next(answer.instructions)
    for keys in ("", "0", *[""] * turns):
        at = switchboard.clock.now()
        event = TurnAsked(at=at, keys=keys) if link.door == "wait" else StepAsked(at=at, keys=keys)
        answer = take.carry(link, event, caller=caller, dialled=NUMBER, leg=LegId(call))
        link = _next(answer.instructions)
    assert link.door == "wait", link


def _next(instructions: tuple[Instruction, ...]) -> Address:
    return next(one.link for one in reversed(instructions) if isinstance(one, Gather | GoOn))


def _at_work(switchboard: Switchboard, name: str) -> None:
    link, now = switchboard.link, switchboard.clock.now()
    agent = Agent(
        id=AgentId(name),
        presence=Presence.ON_CALL,
        since=now,
        idle_since=now - timedelta(minutes=5),
        skills=dict.fromkeys(SKILLS, 3),
        languages=LANGUAGES,
    )
    unknown = AgentRow(agent=Agent(id=agent.id, since=now, idle_since=now), version=0, signature="", presence="")
    write = Write(link, of=link.keys("a", name))
    write_agent(write, link.keys, unknown, agent, at=now)
    assert write.send() is None


@dataclass(frozen=True)
class Sent:
    """One request, ready to be sent."""

    path: str
    body: bytes
    signature: str


class Caller:
    """Follows the address of the last answer."""

    def __init__(self, settings: Settings, number: int = 0) -> None:
        self._origin = settings.public_url.rstrip("/")
        self._token = settings.twilio_auth_token.get_secret_value().encode()
        self._account = settings.twilio_account_sid
        self.number = number
        self.next = ""

    def arrives(self) -> Sent:
        """Another call."""
        self.number += 1
        return self._sent("/voice/incoming", {})

    def goes_on(self, **more: str) -> Sent:
        return self._sent(self.next, more)

    def hears(self, document: bytes) -> None:
        text = document.decode()
        mark = 'action="' if 'action="' in text else '<Redirect method="POST">'
        assert mark in text, text
        self.next = text.split(mark, 1)[1].split("#", 1)[0].replace("&amp;", "&")

    def _sent(self, path: str, more: Mapping[str, str]) -> Sent:
        form = {**FORM, "AccountSid": self._account, "CallSid": f"CA{self.number:032x}", **more}
        plain = self._origin + path + "".join(name + form[name] for name in sorted(form))
        seal = hmac.new(self._token, plain.encode(), hashlib.sha1).digest()
        return Sent(path, urlencode(form).encode(), base64.b64encode(seal).decode())


def environ_of(sent: Sent) -> dict[str, Any]:
    """As gunicorn hands it over."""
    path, _, query = sent.path.partition("?")
    return {
        "REQUEST_METHOD": "POST",
        "RAW_URI": sent.path,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_TYPE": "application/x-www-form-urlencoded; charset=utf-8",
        "CONTENT_LENGTH": str(len(sent.body)),
        "HTTP_HOST": "127.0.0.1:8000",
        "HTTP_USER_AGENT": "TwilioProxy/1.1",
        "HTTP_ACCEPT": "*/*",
        "HTTP_X_TWILIO_SIGNATURE": sent.signature,
        "HTTP_I_TWILIO_IDEMPOTENCY_TOKEN": "1e2b3c4d-0000-4000-8000-000000000000",
        "REMOTE_ADDR": "127.0.0.1",
        "REMOTE_PORT": "40000",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(sent.body),
        "wsgi.input_terminated": True,
        "wsgi.errors": BytesIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


def answer_of(app: Callable[..., Any], environ: dict[str, Any]) -> bytes:
    """The document; raises unless it came with 200."""
    seen: list[str] = []
    chunks = app(environ, lambda status, _headers, _trouble=None: seen.append(status))
    body = b"".join(chunks)
    close = getattr(chunks, "close", None)
    if close is not None:
        close()
    assert seen[0].startswith("200"), seen[0]
    return body

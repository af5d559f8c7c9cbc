"""The network for tests and programs: phones that call, hear, press and hang up. Described in the package's docstring.

Time-outs named `within_s` are real seconds. A script that waits in vain says what was heard instead.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant

from ivr.simulator.account import DEFAULT_NUMBER, Account
from ivr.simulator.clock import Clock, factor_of
from ivr.simulator.device import Pass, read_token
from ivr.simulator.exchange import Exchange
from ivr.simulator.faults import Faults
from ivr.simulator.ledger import Entry, Ledger
from ivr.simulator.legs import Direction, Heard, Leg
from ivr.simulator.loop import Loop
from ivr.simulator.phones import Behaviour
from ivr.simulator.phones import Phone as Line
from ivr.simulator.server import Server

WITHIN_S = 5.0


class ScriptFailed(AssertionError):
    """What a script waited for did not happen."""


class Time:
    """The network's clock for scripts."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop

    def advance(self, seconds: float) -> None:
        """Moves a clock that stands still; everything due is done and answered on the way."""
        if not self._loop.clock.manual:
            raise ScriptFailed("the clock runs by itself: Network(clock='manual') or set_factor(0)")
        self._loop.advance(seconds)

    def set_factor(self, factor: float) -> None:
        self._loop.set_factor(factor)

    def now(self) -> float:
        return self._loop.clock.now()

    def date(self) -> Any:
        return self._loop.clock.date()


class Network:
    def __init__(  # noqa: PLR0913
        self,
        *,
        account: Account | None = None,
        account_sid: str = "",
        auth_token: str = "",
        api_key: str = "",
        api_secret: str = "",
        number: str = "",
        numbers: Iterable[str] = (),
        voice_url: str = "",
        fallback_url: str = "",
        status_url: str = "",
        app_sid: str = "",
        app_voice_url: str = "",
        host: str = "127.0.0.1",
        port: int = 0,
        allowed_origins: Iterable[str] = (),
        clock: str = "real",
        start: datetime | None = None,
        instant_speech: bool = False,
        calls_per_second: float = 1.0,
        ring_extra_s: float = 0.0,
        seed: int = 1,
        http_threads: int = 48,
        ledger_file: Path | None = None,
    ) -> None:
        given = {"sid": account_sid, "auth_token": auth_token, "api_key": api_key, "api_secret": api_secret, "app_sid": app_sid}
        self.account = account or Account(calls_per_second=calls_per_second, **{k: v for k, v in given.items() if v})  # type: ignore[arg-type]
        wanted = [one for one in dict.fromkeys((number, *numbers)) if one]
        for one in wanted or [DEFAULT_NUMBER]:
            if one not in self.account.numbers:
                self.account.add_number(one)
        self.account.applications.get(self.account.app_sid) or self.account.add_application(self.account.app_sid, friendly_name="softphones")
        self.loop = Loop(Clock(factor_of(clock), start=start), http_threads=http_threads)
        self.ledger = Ledger(self.loop.clock, path=ledger_file)
        self.faults = Faults(seed=seed)
        self.rest = Exchange(account=self.account, loop=self.loop, ledger=self.ledger, faults=self.faults,
                             instant_speech=instant_speech, ring_extra_s=ring_extra_s)
        self.clock = Time(self.loop)
        self.server = Server(self.rest, host=host, port=port, allowed_origins=tuple(allowed_origins))
        self.base_url = self.server.base_url
        self.port = self.server.port
        self.rest.recordings.base_url = self.base_url
        self.point_to(voice_url=voice_url, fallback_url=fallback_url, status_url=status_url, app_voice_url=app_voice_url)

    # --- life -------------------------------------------------------------------------------------------------

    def start(self) -> Self:
        self.loop.start()
        self.server.start()
        return self

    def stop(self) -> None:
        self.loop.stop()
        self.server.stop()
        self.ledger.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    # --- settings ---------------------------------------------------------------------------------------------

    @property
    def number(self) -> str:
        return next(iter(self.account.numbers))

    def serves(self, origin: str) -> None:
        """Where the service is; its pages may use the softphone."""
        base = origin.rstrip("/") + "/voice"
        self.point_to(voice_url=f"{base}/incoming", fallback_url=f"{base}/fallback", status_url=f"{base}/status", app_voice_url=f"{base}/client")
        self.server.app.allow(origin)

    def point_to(self, *, voice_url: str = "", fallback_url: str = "", status_url: str = "", app_voice_url: str = "") -> None:
        """Addresses of all numbers and of the application; what is not named stays."""
        with self.loop.change():
            application = self.account.applications[self.account.app_sid]
            for number in self.account.numbers.values():
                number.voice_url = voice_url or number.voice_url
            application.voice_url = app_voice_url or application.voice_url
            for settings in (*self.account.numbers.values(), application):
                settings.voice_fallback_url = fallback_url or settings.voice_fallback_url
                settings.status_callback = status_url or settings.status_callback

    # --- phones -----------------------------------------------------------------------------------------------

    def phone(self, address: str) -> Phone:
        with self.loop.change():
            return Phone(self, self.rest.phones.one(address))

    def client(self, identity: str = "", token: str = "") -> Client:
        with self.loop.change():
            return Client(self, read_token(token or self.token(identity), self.account))

    def token(self, identity: str, *, ttl: int = 3600) -> str:
        """An access token as the service would make it."""
        made = AccessToken(self.account.sid, self.account.api_key, self.account.api_secret, identity=identity, ttl=ttl)
        made.add_grant(VoiceGrant(outgoing_application_sid=self.account.app_sid, incoming_allow=True))
        return str(made.to_jwt())

    def calls(self) -> list[Call]:
        with self.loop.lock:
            return [Call(self, leg) for leg in self.rest.legs.values()]

    # --- waiting ----------------------------------------------------------------------------------------------

    def wait_until(self, condition: Callable[[], object], within_s: float = WITHIN_S, what: str = "the condition") -> None:
        """Asked whenever something changed here, and a few times a second, as the service changes beside us."""
        deadline = time.monotonic() + within_s
        while not self.loop.wait_until(lambda: bool(condition()), min(0.05, max(0.0, deadline - time.monotonic()))):
            if time.monotonic() >= deadline:
                raise ScriptFailed(f"{what}: not within {within_s:g} s")

    def settle(self, within_s: float = 30.0) -> None:
        if not self.loop.settle(within_s):
            raise ScriptFailed(f"webhooks still under way after {within_s:g} s")

    def now(self) -> datetime:
        """The network's date."""
        with self.loop.lock:
            return self.loop.clock.date()

    def live_legs(self) -> list[Leg]:
        with self.loop.lock:
            return [leg for leg in self.rest.legs.values() if not leg.over]

    def violations(self) -> list[Entry]:
        with self.loop.lock:
            return self.ledger.violations


class Phone:
    """A telephone or SIP phone."""

    def __init__(self, network: Network, line: Line) -> None:
        self.network = network
        self.line = line

    @property
    def address(self) -> str:
        return self.line.address

    def calls(self, number: str | None = None, *, own: Mapping[str, str] | None = None) -> Call:
        """`own`: parameters a SIP caller brings (`SipHeader_X-…`)."""
        with self.network.loop.change():
            return Call(self.network, self.network.rest.call_in(self.line, number or self.network.number, own=own))

    @property
    def is_ringing(self) -> bool:
        with self.network.loop.lock:
            return bool(self._ringing())

    def _ringing(self) -> list[Leg]:
        return [leg for leg in self.line.legs if self.line in leg.ringing_at]

    def rings(self, within_s: float = WITHIN_S) -> Self:
        self.network.wait_until(self._ringing, within_s, f"{self.address} rings")
        return self

    def answers(self) -> Call:
        with self.network.loop.change():
            ringing = self._ringing()
            if not ringing or not self.network.rest.answer(ringing[0], self.line):
                raise ScriptFailed(f"nothing rings at {self.address}")
            return Call(self.network, ringing[0])

    def declines(self) -> None:
        with self.network.loop.change():
            for leg in self._ringing():
                self.network.rest.decline(leg, self.line)

    def behaves(self, kind: str, **how: Any) -> Self:
        with self.network.loop.change():
            self.line.behaviour = Behaviour(kind=kind, **how)
        return self

    @property
    def call(self) -> Call | None:
        """The one it is on now."""
        with self.network.loop.lock:
            return next((Call(self.network, leg) for leg in self.line.legs if leg.phone is self.line), None)


class Client(Phone):
    """A browser softphone of one identity."""

    def __init__(self, network: Network, allowed: Pass) -> None:
        super().__init__(network, network.rest.phones.one(f"client:{allowed.identity}"))
        self._application = allowed.application_sid

    def registers(self) -> Self:
        with self.network.loop.change():
            self.line.registered = True
        return self

    def unregisters(self) -> None:
        with self.network.loop.change():
            self.line.registered = False

    def connects(self, params: Mapping[str, str] | None = None) -> Call:
        with self.network.loop.change():
            return Call(self.network, self.network.rest.client_call(self.line, self._application, params or {}))


class Call:
    def __init__(self, network: Network, leg: Leg) -> None:
        self.network = network
        self.leg = leg
        self._heard_to = 0

    @property
    def sid(self) -> str:
        return self.leg.sid

    @property
    def state(self) -> str:
        return self.leg.status.value

    @property
    def over(self) -> bool:
        return self.leg.over

    @property
    def transcript(self) -> list[Heard]:
        with self.network.loop.lock:
            return list(self.leg.transcript)

    @property
    def text(self) -> str:
        """Everything said so far, one prompt a line."""
        return "\n".join(heard.text for heard in self.transcript if heard.kind == "say")

    def heard(self, fragment: str) -> bool:
        return any(_holds(heard, fragment) for heard in self.transcript)

    def hears(self, fragment: str, within_s: float = WITHIN_S) -> Self:
        """Waits for a prompt (or an audio address) with `fragment`, after the one that was heard last."""

        def found() -> bool:
            for heard in self.leg.transcript[self._heard_to :]:
                if _holds(heard, fragment):
                    self._heard_to = heard.n + 1
                    return True
            return False

        try:
            self.network.wait_until(found, within_s, f"{self.leg.from_} hears {fragment!r}")
        except ScriptFailed as err:
            raise ScriptFailed(f"{err}; state {self.state}; heard instead:\n{self._story()}") from None
        return self

    def _story(self) -> str:
        lines = [f"  {heard.at_s:8.2f} {heard.kind:6} {heard.text or heard.url}" for heard in self.transcript]
        errors = self.network.ledger.entries("error", leg=self.sid)
        return "\n".join([*lines[-30:], *(f"  error {entry['code']}: {entry['message']}" for entry in errors[-5:])])

    def presses(self, keys: str) -> Self:
        """Each key as soon as the one before is digested (keys outside a Gather are lost, so wait with `hears` first)."""
        with self.network.loop.change():
            self.network.rest.press(self.leg, keys)
        return self

    def says(self, text: str) -> Self:
        with self.network.loop.change():
            self.network.rest.speak(self.leg, text)
        return self

    def speaks(self, seconds: float) -> Self:
        """Voice from now on for so long, then silence; 0: silent."""
        with self.network.loop.change():
            self.network.rest.voice(self.leg, seconds)
        return self

    def hangs_up(self) -> Self:
        with self.network.loop.change():
            self.network.rest.hang_up(self.leg)
        return self

    def ends(self, within_s: float = WITHIN_S) -> Self:
        try:
            self.network.wait_until(lambda: self.leg.over, within_s, f"the call of {self.leg.from_} ends")
        except ScriptFailed as err:
            raise ScriptFailed(f"{err}; state {self.state}; heard:\n{self._story()}") from None
        return self

    @property
    def room(self) -> str | None:
        with self.network.loop.lock:
            return self.leg.seat.room.name if self.leg.seat is not None else None

    @property
    def in_room_with(self) -> list[str]:
        """Addresses of the parties it can talk with now (a started conference, or a plain bridge)."""
        with self.network.loop.lock:
            return [other.from_ if other.direction is Direction.INBOUND else other.to for other in self.leg.hears]

    def meets(self, other: Call, within_s: float = WITHIN_S) -> Self:
        def together() -> bool:
            return other.leg in self.leg.hears and self.leg in other.leg.hears

        try:
            self.network.wait_until(together, within_s, f"{self.leg.from_} → {self.leg.to} meets {other.leg.from_} → {other.leg.to}")
        except ScriptFailed as err:
            raise ScriptFailed(f"{err}; states {self.state}, {other.state}; heard:\n{self._story()}\nthe other:\n{other._story()}") from None  # noqa: SLF001
        return self


def _holds(heard: Heard, fragment: str) -> bool:
    return (heard.kind == "say" and fragment in heard.text) or (heard.kind == "play" and fragment in heard.url)

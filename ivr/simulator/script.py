"""The network for tests and programs: phones that call, hear, press and hang up. Described in the package's docstring.

Time-outs named `within_s` are real seconds. A script that waits in vain says what was heard instead.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant

from ivr.simulator.account import DEFAULT_NUMBER, Account
from ivr.simulator.clock import Clock, factor_of
from ivr.simulator.device import read_token
from ivr.simulator.exchange import Exchange
from ivr.simulator.faults import Faults
from ivr.simulator.handsets import WITHIN_S, Call, Client, Phone, ScriptFailed
from ivr.simulator.ledger import Entry, Ledger
from ivr.simulator.legs import Leg
from ivr.simulator.loop import Loop
from ivr.simulator.server import Server


class Time:
    """The network's clock for scripts."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop

    def advance(self, seconds: float) -> None:
        """Moves a clock that stands still; everything due is done and answered on the way."""
        if not self._loop.clock.manual:
            raise ScriptFailed("the clock runs by itself: Network(clock='manual') or set_factor(0)")
        self._loop.advance(seconds)

    def until_next(self) -> float | None:
        """Seconds until the network does something by itself; None: it never will."""
        return self._loop.until_next()

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
        given = {
            "sid": account_sid,
            "auth_token": auth_token,
            "api_key": api_key,
            "api_secret": api_secret,
            "app_sid": app_sid,
        }
        self.account = account or Account(calls_per_second=calls_per_second, **{k: v for k, v in given.items() if v})  # type: ignore[arg-type]
        wanted = [one for one in dict.fromkeys((number, *numbers)) if one]
        for one in wanted or [DEFAULT_NUMBER]:
            if one not in self.account.numbers:
                self.account.add_number(one)
        self.account.applications.get(self.account.app_sid) or self.account.add_application(
            self.account.app_sid, friendly_name="softphones"
        )
        self.loop = Loop(Clock(factor_of(clock), start=start), http_threads=http_threads)
        self.ledger = Ledger(self.loop.clock, path=ledger_file)
        self.faults = Faults(seed=seed)
        self.rest = Exchange(
            account=self.account,
            loop=self.loop,
            ledger=self.ledger,
            faults=self.faults,
            instant_speech=instant_speech,
            ring_extra_s=ring_extra_s,
        )
        self.clock = Time(self.loop)
        self.server = Server(self.rest, host=host, port=port, allowed_origins=tuple(allowed_origins))
        self.base_url = self.server.base_url
        self.port = self.server.port
        self.rest.recordings.base_url = self.base_url
        self.point_to(
            voice_url=voice_url, fallback_url=fallback_url, status_url=status_url, app_voice_url=app_voice_url
        )

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
        self.point_to(
            voice_url=f"{base}/incoming",
            fallback_url=f"{base}/fallback",
            status_url=f"{base}/status",
            app_voice_url=f"{base}/client",
            sms_url=f"{base}/text",
        )
        self.server.app.allow(origin)

    def point_to(
        self,
        *,
        voice_url: str = "",
        fallback_url: str = "",
        status_url: str = "",
        app_voice_url: str = "",
        sms_url: str = "",
    ) -> None:
        """Addresses of all numbers and of the application; what is not named stays."""
        with self.loop.change():
            application = self.account.applications[self.account.app_sid]
            for number in self.account.numbers.values():
                number.voice_url = voice_url or number.voice_url
                number.sms_url = sms_url or number.sms_url
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

    def wait_until(
        self, condition: Callable[[], object], within_s: float = WITHIN_S, what: str = "the condition"
    ) -> None:
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

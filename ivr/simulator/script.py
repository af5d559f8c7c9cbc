"""Playing the network from Python: phones that call, hear, press and hang up, and a clock in one's hand.

`Network` is the whole thing in this process, with its HTTP server; the phones and calls around it only look at it and
wait for conditions. Waiting is in real seconds (`within_s`), everything else on the network's clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Self

from ivr.simulator.account import DEFAULT_NUMBER, Account
from ivr.simulator.clock import Clock, factor_of
from ivr.simulator.exchange import Exchange
from ivr.simulator.faults import Faults
from ivr.simulator.ledger import Entry, Ledger
from ivr.simulator.legs import Heard, Leg
from ivr.simulator.loop import Loop
from ivr.simulator.phones import Behaviour
from ivr.simulator.phones import Phone as Line

WITHIN_S = 5.0


class ScriptFailed(AssertionError):
    """What the script waited for did not happen; says what was heard instead."""


class Network:
    """A telephone network in this process."""

    def __init__(  # noqa: PLR0913 - every option by name
        self,
        *,
        numbers: Sequence[str] = (),
        clock: str = "real",
        start: datetime | None = None,
        instant_speech: bool = False,
        host: str = "127.0.0.1",
        port: int = 0,
        account_sid: str = "",
        auth_token: str = "",
        api_key: str = "",
        api_secret: str = "",
        app_sid: str = "",
        calls_per_second: float = 1.0,
        allowed_origins: Sequence[str] = (),
        ring_extra_s: float = 0.0,
    ) -> None:
        from ivr.simulator.server import Server

        given = {
            "sid": account_sid,
            "auth_token": auth_token,
            "api_key": api_key,
            "api_secret": api_secret,
            "app_sid": app_sid,
        }
        self.account = Account(
            **{name: value for name, value in given.items() if value}, calls_per_second=calls_per_second
        )
        for number in numbers or (DEFAULT_NUMBER,):
            self.account.add_number(number)
        self.account.add_application(self.account.app_sid, friendly_name="softphones")
        self._time = Clock(factor_of(clock), start=start)
        self.loop = Loop(self._time)
        self.ledger = Ledger(self._time)
        self.faults = Faults()
        self.rest = Exchange(
            account=self.account,
            loop=self.loop,
            ledger=self.ledger,
            faults=self.faults,
            instant_speech=instant_speech,
            ring_extra_s=ring_extra_s,
        )
        self.server = Server(self.rest, host=host, port=port, allowed_origins=allowed_origins)
        self.clock = ScriptClock(self)
        self._started = False

    # --- life -------------------------------------------------------------------------------------------------

    def start(self) -> Self:
        if not self._started:
            self._started = True
            self.loop.start()
            self.server.start()
            self.rest.recordings.base_url = self.base_url
        return self

    def stop(self) -> None:
        if self._started:
            self._started = False
            self.server.stop()
            self.loop.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def base_url(self) -> str:
        return self.server.base_url

    @property
    def number(self) -> str:
        return next(iter(self.account.numbers))

    def serves(self, origin: str) -> None:
        """Where the service is."""
        origin = origin.rstrip("/")
        self.point_to(
            voice_url=f"{origin}/voice/incoming",
            fallback_url=f"{origin}/voice/fallback",
            status_url=f"{origin}/voice/status",
            app_voice_url=f"{origin}/voice/client",
        )

    def point_to(
        self, *, voice_url: str = "", fallback_url: str = "", status_url: str = "", app_voice_url: str = ""
    ) -> None:
        with self.loop.change():
            for number in self.account.numbers.values():
                number.voice_url = voice_url or number.voice_url
                number.voice_fallback_url = fallback_url or number.voice_fallback_url
                number.status_callback = status_url or number.status_callback
            for application in self.account.applications.values():
                application.voice_url = app_voice_url or application.voice_url
                application.voice_fallback_url = fallback_url or application.voice_fallback_url
                application.status_callback = status_url or application.status_callback

    # --- people -----------------------------------------------------------------------------------------------

    def phone(self, address: str) -> Phone:
        with self.loop.change():
            return Phone(self, self.rest.phones.one(address))

    def client(self, identity: str, *, token: str = "") -> Client:
        with self.loop.change():
            return Client(self, self.rest.phones.one(f"client:{identity}"))

    def call_of(self, leg: Leg) -> Call:
        return Call(self, leg)

    # --- time and truth ---------------------------------------------------------------------------------------

    def now(self) -> datetime:
        """The network's date."""
        with self.loop.lock:
            return self._time.date()

    def settle(self, within_s: float = 30.0) -> None:
        if not self.loop.settle(within_s):
            raise ScriptFailed("the network does not come to rest")

    def wait_until(self, condition: Callable[[], bool], within_s: float = WITHIN_S, what: str = "it") -> None:
        if not self.loop.wait_until(condition, within_s):
            raise ScriptFailed(f"{what} did not happen within {within_s} s")

    def violations(self) -> list[Entry]:
        return self.ledger.violations()

    def live_legs(self) -> list[Leg]:
        with self.loop.lock:
            return [leg for leg in self.rest.legs.values() if not leg.over]


class ScriptClock:
    def __init__(self, network: Network) -> None:
        self._network = network

    def advance(self, seconds: float) -> None:
        """Move a clock that stands still; everything due is done before it returns."""
        self._network.loop.advance(seconds)

    def set_factor(self, factor: float) -> None:
        self._network.loop.set_factor(factor)

    def now(self) -> float:
        with self._network.loop.lock:
            return self._network.loop.clock.now()


class Phone:
    """A telephone and whoever holds it."""

    def __init__(self, network: Network, line: Line) -> None:
        self._network = network
        self.line = line

    @property
    def address(self) -> str:
        return self.line.address

    def calls(self, to: str = "", *, own: Mapping[str, str] | None = None) -> Call:
        with self._network.loop.change():
            leg = self._network.rest.call_in(self.line, to or self._network.number, own=own)
        return Call(self._network, leg)

    def behaves(self, kind: str, **how: Any) -> Self:
        with self._network.loop.change():
            self.line.behaviour = Behaviour(kind=kind, **how)
        return self

    @property
    def ringing(self) -> Leg | None:
        return next((leg for leg in self.line.legs if self.line in leg.ringing_at), None)

    def rings(self, within_s: float = WITHIN_S) -> Self:
        self._network.wait_until(lambda: self.ringing is not None, within_s, f"a ring at {self.address}")
        return self

    def answers(self) -> Call:
        with self._network.loop.change():
            leg = self.ringing
            if leg is None or not self._network.rest.answer(leg, self.line):
                raise ScriptFailed(f"{self.address} does not ring")
        return Call(self._network, leg)

    def declines(self) -> None:
        with self._network.loop.change():
            leg = self.ringing
            if leg is None:
                raise ScriptFailed(f"{self.address} does not ring")
            self._network.rest.decline(leg, self.line)


class Client(Phone):
    """A browser softphone."""

    def registers(self) -> Self:
        return self

    def unregisters(self) -> None:
        with self._network.loop.change():
            self._network.rest.phones.remove(self.line)

    def connects(self, params: Mapping[str, str]) -> Call:
        """Dial in to the application."""
        network = self._network
        with network.loop.change():
            leg = network.rest.client_call(self.line, network.account.app_sid, params)
        return Call(network, leg)


class Call:
    """One leg, from the ear of whoever is on it."""

    def __init__(self, network: Network, leg: Leg) -> None:
        self._network = network
        self.leg = leg
        self._heard_up_to = 0

    # --- what is heard ----------------------------------------------------------------------------------------

    @property
    def transcript(self) -> list[Heard]:
        with self._network.loop.lock:
            return list(self.leg.transcript)

    @property
    def text(self) -> str:
        """All words so far."""
        return "\n".join(heard.text for heard in self.transcript if heard.kind == "say")

    def heard(self, fragment: str) -> bool:
        return fragment in self.text

    def hears(self, fragment: str, within_s: float = WITHIN_S) -> Self:
        """Wait for a prompt after the one last heard."""

        def found() -> bool:
            for place in range(self._heard_up_to, len(self.leg.transcript)):
                heard = self.leg.transcript[place]
                if heard.kind == "say" and fragment in heard.text:
                    self._heard_up_to = place + 1
                    return True
            return False

        if not self._network.loop.wait_until(found, within_s):
            since = [heard.text for heard in self.transcript[self._heard_up_to :] if heard.kind == "say"]
            raise ScriptFailed(f"{fragment!r} was not heard within {within_s} s; since then: {since}")
        return self

    # --- what is done -----------------------------------------------------------------------------------------

    def presses(self, keys: str) -> Self:
        with self._network.loop.change():
            self._network.rest.press(self.leg, keys)
        return self

    def speaks(self, seconds: float) -> Self:
        """Voice for so long, then silence."""
        with self._network.loop.change():
            self.leg.voice_until_s = self._network.loop.clock.now() + seconds
        return self

    def says(self, words: str) -> Self:
        with self._network.loop.change():
            self._network.rest.speak(self.leg, words)
        return self

    def hangs_up(self) -> Self:
        with self._network.loop.change():
            self._network.rest.hang_up(self.leg)
        return self

    # --- how it stands ----------------------------------------------------------------------------------------

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
    def room(self) -> str:
        with self._network.loop.lock:
            return self.leg.seat.room.name if self.leg.seat is not None else ""

    @property
    def in_room_with(self) -> list[str]:
        """Addresses of the parties it can talk with."""
        with self._network.loop.lock:
            return [leg.phone.address if leg.phone else leg.to for leg in self.leg.hears]

    def meets(self, other: Call, within_s: float = WITHIN_S) -> Self:
        """Wait until both hear each other."""
        self._network.wait_until(
            lambda: other.leg in self.leg.hears and self.leg in other.leg.hears,
            within_s,
            f"a talk of {self.leg.from_} with {other.leg.from_} ({self.state}, {other.state})",
        )
        return self

    def ends(self, within_s: float = WITHIN_S) -> Self:
        self._network.wait_until(lambda: self.leg.over, within_s, f"the end of {self.sid}")
        return self

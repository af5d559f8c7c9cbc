"""A town with telephones, a hotline and a clock: what the story tests play in.

The service is the real one: the web application behind a real HTTP server, a real Redis, a real database, the
dispatcher's and the recorder's own code. The telephone network is the simulator. Only time is ours: it stands still
until `passes`, and what is due then happens in order, on the network and in the service.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from ivr.app import create_app
from ivr.core.agents import Agent, Presence
from ivr.core.errors import Unavailable
from ivr.core.facts import Fact
from ivr.core.ids import AgentId, CallId, Language, OfferId
from ivr.core.people import RosterAgent
from ivr.core.returning import RETURN_TIME
from ivr.core.session import CallSession
from ivr.settings import Settings
from ivr.simulator import Call, Network
from ivr.simulator.webhooks import SLOW_S
from ivr.storage.redis.write import EPOCH, MILLISECOND
from ivr.storage.sql.engine import reading
from ivr.storage.sql.records import facts_by_call
from ivr.storage.sql.tables import callbacks
from ivr.web.meters import VOICE_TROUBLE
from ivr.wiring import Switchboard
from tests.schemas import brought_up
from tests.stalls import stalls

ROOT = Path(__file__).resolve().parent.parent.parent
WALLET = "+861058765432"
MORNING = datetime.fromisoformat("2026-03-02T10:00:00+08:00")
"""A Monday at the desk in Shanghai."""
STEP = timedelta(milliseconds=500)
"""Time goes on by this while something is due that cannot be done."""
NOTHING = timedelta(0)


class NetworkClock:
    """The service lives on the network's time."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def now(self) -> datetime:
        return self._network.now()


class Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_: Any) -> None:
        """The network's ledger is the log."""


@dataclass
class Town:
    """One hotline, open for business, with nobody in it yet."""

    network: Network
    switchboard: Switchboard
    _server: BaseWSGIServer
    _holder: dict[str, Any] = field(default_factory=dict)
    agents: list[Desk] = field(default_factory=list)
    dispatching: bool = True
    troubles: float = 0.0
    stalled_s: float = field(default_factory=lambda: stalls().lost_s())

    # ---- people ------------------------------------------------------------------------------------------------

    def agent(
        self,
        name: str,
        *,
        skills: dict[str, int],
        languages: dict[str, int] | None = None,
        phone: str = "browser",
    ) -> Desk:
        """An agent on the roster; `.available()` brings them to their desk."""
        known = RosterAgent(
            id=AgentId(name),
            name=name,
            skills=skills,
            languages=languages or {"zh": 5, "en": 5},
            phone=phone,
        )
        self.switchboard.people.save_agents([known])
        desk = Desk(self, AgentId(name), phone)
        self.agents.append(desk)
        return desk

    def caller(self, number: str = "+8613800138000") -> Call:
        """Somebody who rings the hotline."""
        call = self.network.phone(number).calls(WALLET)
        self.settle()
        return call

    def presses(self, call: Call, keys: str) -> None:
        """One key after the other, each heard by the menu it is for."""
        for key in keys:
            call.presses(key)
            self.settle()

    def queues(self, number: str = "+8613800138000", keys: str = "1" + "0") -> Call:
        """A caller who is in line: by default for `other`, in Mandarin."""
        call = self.caller(number)
        self.presses(call, keys)
        return call

    # ---- time --------------------------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        return self.network.now()

    def passes(self, seconds: float) -> None:
        """Time goes by; whatever is due happens."""
        end = self.now + timedelta(seconds=seconds)
        self.settle()
        while self.now < end:
            self.network.clock.advance(min(self._until_next(), end - self.now).total_seconds())
            self.settle()

    def _until_next(self) -> timedelta:
        """Nothing happens in the town before this has passed: on the network, nor in the dispatcher."""
        left = self.network.clock.until_next()
        found = [] if left is None else [timedelta(seconds=left)]
        if self.dispatching:
            try:
                found += [at - self.now for at in self._looks() if at is not None]
            except Unavailable:
                return STEP
        step = min(found, default=timedelta(days=365))
        return step + MILLISECOND if step > NOTHING else STEP

    def _looks(self) -> list[datetime | None]:
        """When the dispatcher has something to do next: wake-ups, orders tried again, promises."""
        link = self.switchboard.link
        again = link.run(lambda connection: connection.zrange(link.keys("later"), 0, 0, withscores=True))
        with reading(self.switchboard.engine) as connection:
            look_at = connection.scalar(sa.select(sa.func.min(callbacks.c.look_at)))
        retried = EPOCH + int(again[0][1]) * MILLISECOND if again else None
        return [self.switchboard.timers.next_at(), retried, look_at]

    def settle(self) -> None:
        """Until nothing is under way and nothing is due."""
        for _ in range(200):
            self.network.settle()
            if not self._work():
                return
        raise AssertionError("the service does not come to rest")

    def _work(self) -> int:
        if not self.dispatching:
            return 0
        dispatch = self.switchboard.dispatch
        try:
            done = dispatch.wake_ups() + dispatch.orders(wait=NOTHING) + dispatch.call_back.round()
            return done + self.switchboard.match.sweep()
        except Unavailable:
            return 0  # as the dispatcher's own loop does: the next round comes

    def until(self, true: Callable[[], bool], *, within_s: float = 60, what: str = "it") -> None:
        """Let time pass until something is true."""
        end = self.now + timedelta(seconds=within_s)
        while not true():
            if self.now >= end:
                raise AssertionError(f"{what} did not happen within {within_s} s")
            self.passes(0.5)

    # ---- what is known -----------------------------------------------------------------------------------------

    def session(self, call: Call) -> CallSession:
        found = self.switchboard.sessions.find(CallId(call.sid))
        assert found is not None
        return found

    def record(self) -> None:
        """Bring all facts into SQL."""
        while self.switchboard.keep_record(wait=NOTHING):
            pass

    def facts_of(self, call: Call) -> list[Fact]:
        self.record()
        return self.facts_of_id(CallId(call.sid))

    def facts_of_id(self, name: CallId) -> list[Fact]:
        """Those that are in SQL."""
        with reading(self.switchboard.engine) as connection:
            found = facts_by_call(connection, [name]).get(name, {})
        return [fact for _, fact in sorted(found.values(), key=lambda pair: pair[1].at)]

    def ended(self, call: Call) -> Any:
        """The call's record."""
        self.record()
        return self.switchboard.records.record(CallId(call.sid))

    def violations(self) -> list[dict[str, Any]]:
        """What the carrier would not have stood for; a wait that this machine's own standing still explains is none."""
        stood_still_s = stalls().lost_s() - self.stalled_s
        found: list[dict[str, Any]] = self.network.violations()
        return [one for one in found if "latency_s" not in one or one["latency_s"] - stood_still_s > SLOW_S]

    def fine(self) -> None:
        """What must hold at the end of every story."""
        assert self.violations() == []
        assert troubles() == self.troubles, "a webhook fell back to its last resort"
        held = [a for a in self.switchboard.presences.all() if a.presence in HELD]
        talking = {leg.sid for leg in self.network.live_legs()}
        assert all(self._line_of(agent) in talking for agent in held), held

    def _line_of(self, agent: Agent) -> str | None:
        """The leg of the call that holds this agent; a callback is no leg itself."""
        session = self.switchboard.sessions.find(agent.call) if agent.call else None
        return session.line if session else None

    def restarts(self) -> None:
        """Every process of the service ends and is started again."""
        settings, old = self.switchboard.settings, self.switchboard
        self.switchboard = Switchboard(settings, redis_url=old.redis_url, clock=NetworkClock(self.network))
        self._holder["app"] = create_app(self.switchboard)
        old.close()

    def close(self) -> None:
        self.switchboard.close()
        self._server.shutdown()
        self._server.server_close()


def troubles() -> float:
    """How often this process has answered a webhook with its last resort so far."""
    return sum(
        sample.value for metric in VOICE_TROUBLE.collect() for sample in metric.samples if sample.name.endswith("total")
    )


HELD = frozenset({Presence.RESERVED, Presence.ON_CALL})


@dataclass
class Desk:
    """An agent at the desk, with a softphone or a telephone."""

    town: Town
    id: AgentId
    address: str
    leg: Call | None = None

    @property
    def state(self) -> Agent:
        found = self.town.switchboard.presences.find(self.id)
        assert found is not None
        return found

    @property
    def presence(self) -> Presence:
        return self.state.presence

    @property
    def offer(self) -> OfferId | None:
        return self.state.offer

    def available(self) -> Desk:
        """Signed in and ready."""
        self.town.switchboard.desk.open(self.id)
        self.town.switchboard.desk.ready(self.id)
        self.town.settle()
        return self

    def takes_a_break(self) -> None:
        self.town.switchboard.desk.take_break(self.id, "lunch")
        self.town.settle()

    def signs_out(self) -> None:
        self.town.switchboard.desk.sign_out(self.id)
        self.town.settle()

    def breathes(self) -> None:
        """The page's heartbeat."""
        self.town.switchboard.desk.heard(self.id)

    def accepts(self) -> Call:
        """Press Accept; the page dials in with the offer."""
        offer = self.offer
        assert offer is not None, f"{self.id} is not offered anything"
        self.town.switchboard.desk.accept(self.id, offer)
        self.leg = self.town.network.client(self.id).connects({"offer": offer})
        self.town.settle()
        return self.leg

    def joins(self) -> Call:
        """The page dials in by itself: the customer of a callback is on the line."""
        return self.dials_in()

    def dials_in(self, **more: str) -> Call:
        """The page dials in, at first or again. `more` goes along, as its name."""
        offer = self.offer
        assert offer is not None
        self.leg = self.town.network.client(self.id).connects({"offer": offer, **more})
        self.town.settle()
        return self.leg

    def declines(self) -> None:
        offer = self.offer
        assert offer is not None
        self.town.switchboard.desk.decline(self.id, offer)
        self.town.settle()

    def ends(self) -> None:
        """The End button: the service is told first, then the line is put down."""
        offer = self.offer
        assert offer is not None
        self.town.switchboard.desk.end(self.id, offer)
        self.town.settle()

    def loses_the_line(self) -> None:
        """It is gone without a word, as when the page is loaded anew."""
        assert self.leg is not None
        self.leg.hangs_up()
        self.town.settle()

    def vanishes(self) -> None:
        """The line is gone without a word, and the agent does not come back in time."""
        self.loses_the_line()
        self.town.passes(RETURN_TIME.total_seconds())

    def finishes(self, disposition: str = "solved") -> None:
        """With the first reason of the result, where it has some."""
        offer, desk = self.offer, self.town.switchboard.desk
        assert offer is not None
        form = desk.view(self.id, Language("en")).wrap_up if disposition != "solved" else None
        reasons = form.reasons.get(disposition, ()) if form else ()
        reason = reasons[0][0] if reasons else ""
        desk.finish(self.id, offer, disposition=disposition, disposition_reason=reason)
        self.town.settle()


def open_town(
    *,
    redis_url: str,
    database_url: str,
    folder: Path,
    number: str = WALLET,
    menus: Path | None = None,
    start: datetime = MORNING,
    instant_speech: bool = True,
    **options: Any,
) -> Town:
    """Everything started, nothing happened yet. Without `instant_speech` words take their time. `options` are settings."""
    network = Network(clock="manual", instant_speech=instant_speech, number=number, start=start)
    brought_up(database_url)
    holder: dict[str, Any] = {}

    def serve(environ: Any, start_response: Any) -> Any:
        return holder["app"](environ, start_response)

    server = make_server("127.0.0.1", 0, serve, threaded=True, request_handler=Quiet)
    origin = f"http://127.0.0.1:{server.server_port}"
    account = network.account
    settings = Settings(
        _env_file=None,
        public_url=origin,
        database_url=database_url,
        redis_url=redis_url,
        data_dir=folder,
        menus_dir=menus or ROOT / "menus",
        recordings_dir=ROOT / "recordings",
        agents_dir=ROOT / "agents",
        secret_key="test-" + "k7Q2" * 12,
        twilio_account_sid=account.sid,
        twilio_auth_token=account.auth_token,
        twilio_api_key=account.api_key,
        twilio_api_secret=account.api_secret,
        twilio_app_sid=account.app_sid,
        twilio_api_base=network.base_url,
        twilio_calls_per_second=100,
        **options,
    )
    switchboard = Switchboard(settings, redis_url=redis_url, clock=NetworkClock(network))
    holder["app"] = create_app(switchboard)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    network.serves(origin)
    return Town(network, switchboard, server, holder, troubles=troubles())

"""A whole switchboard for tests of the pages: real Redis, real SQLite, the wallet's menu, and callers who press keys.

Only the carrier is missing: a caller's leg is followed here by hand (`Caller.presses`), and the page's telephone is
a few lines of script (`DEVICE`) that tells the house when the agent's line joins and leaves.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, Response
from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.test import Client

from ivr.app import create_app
from ivr.core import people
from ivr.core.callback_enrol import enrolled
from ivr.core.callback_rules import Callee, Promise
from ivr.core.events import Caller as CallerIs
from ivr.core.events import RoomAsked, StepAsked, TurnAsked
from ivr.core.ids import E164, AgentId, CallId, Language, LegId, OfferId, TopicId
from ivr.core.instructions import Gather, GoOn, Instruction, JoinRoom, Link
from ivr.core.people import Role, RosterAgent
from ivr.settings import Settings, completed
from ivr.telephony.numbers import caller_of
from ivr.web.security import allow_anyone, signed_by_carrier
from ivr.wiring import Switchboard, connect
from ivr.workflows.ports import OfferRow
from tests.schemas import brought_up

ROOT = Path(__file__).parents[2]
HOTLINE = "+861058765432"
PASSWORD = "violet kettle orbit 41"
SKILLS = {"account_security": 5, "transfers": 5, "deposits_withdrawals": 4, "refunds": 3, "other": 3}

DEVICE = """
window.SimulatorDevice = class {
  state = "unregistered";
  constructor(token, { base }) { this.base = base; }
  on() {}
  updateToken() {}
  async register() { this.state = "registered"; }
  async connect({ params }) {
    const listeners = {};
    let muted = false;
    window.testTones = "";
    const post = (what) => fetch(`${this.base}/test-line/${what}/${params.offer}`, { method: "POST" });
    await post("join");
    return {
      on: (event, listener) => { listeners[event] = listener; if (event === "accept") listener(); },
      status: () => "open",
      isMuted: () => muted,
      mute: (on) => { muted = on; },
      sendDigits: (keys) => { window.testTones += keys; },
      disconnect: () => { post("leave").then(() => listeners.disconnect?.()); },
    };
  }
};
"""


class House:
    """The switchboard, its app, and people with accounts."""

    def __init__(
        self, folder: Path, redis_url: str, port: int, *, menus: Path = ROOT / "menus", **more: object
    ) -> None:
        settings = completed(
            Settings(
                _env_file=None,
                data_dir=folder,
                redis_url=redis_url,
                port=port,
                simulator_port=port,
                menus_dir=menus,
                recordings_dir=ROOT / "recordings",
                agents_dir=ROOT / "agents",
                streams_max=8,
                **more,
            )
        )
        brought_up(settings.database_url)
        self.origin = settings.public_url
        self.switchboard: Switchboard = connect(settings)
        self.app: Flask = create_app(self.switchboard)
        self._add_test_line()
        self._calls = itertools.count(1)

    @property
    def now(self):
        return self.switchboard.clock.now()

    def account(self, login: str, *roles: Role, agent: str = "", language: str = "en") -> people.Account:
        return self.switchboard.people.add_account(
            login,
            PASSWORD,
            at=self.now,
            roles=roles,
            agent=AgentId(agent) if agent else None,
            language=language,
        )

    def agent(self, name: str, *, shown: str = "", **changes: object) -> AgentId:
        """An agent on the roster, with an account of that name."""
        values: dict[str, object] = {"skills": SKILLS, "languages": {"zh": 5, "en": 5}, **changes}
        one = RosterAgent(id=AgentId(name), name=shown or name, **values)
        known = [agent for agent in self.switchboard.people.agents() if agent.id != one.id]
        self.switchboard.people.save_agents([*known, one])
        self.account(name, Role.AGENT, agent=name)
        return one.id

    def phones(self, number: str, *, dialled: str = HOTLINE) -> Caller:
        return Caller(self, CallId(f"CA{next(self._calls):032x}"), caller_of(number), dialled)

    def calls_back(self, number: str) -> CallId:
        """A promised callback to this number takes its place in line. Its call."""
        promise = Promise(
            id="c0ffee",
            hotline="wallet",
            topic=TopicId("transfers"),
            callee=Callee(number=E164(number), country="CN", zones=("Asia/Shanghai",)),
            dialled=HOTLINE,
            call=None,
            language=Language("zh"),
            path=("transfers", "late"),
            priority=30,
            queued_at=self.now - timedelta(minutes=5),
            requested_at=self.now - timedelta(minutes=4),
            due_at=self.now,
            expires_at=self.now + timedelta(hours=24),
            window=None,
            code="4817",
            attempts=1,
        )
        tree = self.switchboard.menus.by_number(HOTLINE)
        saved = self.switchboard.sessions.change(promise.attempt_call, lambda _: enrolled(promise, tree, self.now))
        self.switchboard.match.after(saved)
        return promise.attempt_call

    def client(self, login: str = "") -> Browser:
        browser = Browser(self)
        if login:
            answer = browser.sign_in(login)
            assert answer.status_code == 303, answer.text
        return browser

    def records(self) -> None:
        """Let the recorder write what has happened so far."""
        while self.switchboard.keep_record(wait=timedelta(milliseconds=1)):
            pass

    def _add_test_line(self) -> None:

        def device() -> Response:
            return Response(DEVICE, mimetype="text/javascript")

        def line(what: str, offer: str) -> Response:
            (self.joins if what == "join" else self.leaves)(OfferId(offer))
            return Response(status=204)

        self.app.add_url_rule("/device.js", "test_device", allow_anyone(device))
        self.app.add_url_rule("/test-line/<what>/<offer>", "test_line", signed_by_carrier(line), methods=["POST"])

    def joins(self, offer: OfferId) -> None:
        """The agent's line and then the caller's arrive in the room; who is only being called has none yet."""
        row = self._row(offer)
        self.switchboard.take_offer.join(row.agent, offer, leg_of(offer))
        session = self.switchboard.sessions.find(row.call)
        if session is not None and session.line is not None:
            self.switchboard.take_call.tell(row.call, RoomAsked(at=self.now, offer=offer))

    def leaves(self, offer: OfferId) -> None:
        """The agent's line ends."""
        self.switchboard.take_offer.left_room(self._row(offer).call, offer, leg_of(offer), alive=False)

    def _row(self, offer: OfferId) -> OfferRow:
        row = self.switchboard.presences.offer(offer)
        assert row is not None, offer
        return row


def leg_of(offer: OfferId) -> LegId:
    return LegId("CA" + sha256(offer.encode()).hexdigest()[:32])


class Caller:
    """A caller's leg, followed by hand."""

    def __init__(self, house: House, call: CallId, who: CallerIs, dialled: str) -> None:
        self.house, self.call, self.who, self.dialled = house, call, who, dialled
        self._follow(house.switchboard.take_call.arrive(call, who, dialled).instructions)

    def presses(self, keys: str) -> Caller:
        for key in keys:
            self._ask(self.link, key)
        return self

    def silent(self) -> Caller:
        """No key until the collector gives up."""
        self._ask(self.link)
        return self

    def hangs_up(self) -> None:
        self.house.switchboard.take_call.left(self.call)

    def _ask(self, link: Link, key: str = "") -> None:
        now = self.house.now
        event: TurnAsked | StepAsked
        if link.door == "wait":
            event = TurnAsked(at=now, keys=key)
        else:
            event = StepAsked(at=now, keys=key.strip("#"), finished=key == "#")
        answer = self.house.switchboard.take_call.carry(link, event, caller=self.who, dialled=self.dialled)
        self._follow(answer.instructions)

    def _follow(self, instructions: tuple[Instruction, ...]) -> None:
        last = instructions[-1] if instructions else None
        if isinstance(last, Gather | GoOn | JoinRoom):
            self.link = last.link
        gathers = [one for one in instructions if isinstance(one, Gather)]
        if gathers:
            self.link = gathers[-1].link


class Browser(Client):
    """A visitor who keeps cookies and knows the page's token."""

    def __init__(self, house: House) -> None:
        super().__init__(house.app)
        self.base = house.origin
        self._token: tuple[list[Any], str] = ([], "")

    def token(self) -> str:
        """Of the session that the cookies name: read from a page once."""
        if self._token[0] != self.cookies("") or not self._token[1]:
            page = self.get("/login", follow_redirects=True).text
            self._token = (self.cookies(""), page.split('name="csrf" content="', 1)[1].split('"', 1)[0])
        return self._token[1]

    def sign_in(self, login: str, password: str = PASSWORD, onward: str = ""):
        form = {"name": login, "password": password, "next": onward, "csrf": self.token()}
        return self.post("/login", data=form)

    def cookies(self, origin: str) -> list[Any]:
        """What a real browser has to keep to be this visitor."""
        return [{"name": one.key, "value": one.value, "url": origin} for one in (self._cookies or {}).values()]

    def asks(self, path: str, body: object = None):
        headers = {"X-CSRF-Token": self.token()}
        return self.post(path, json=body, headers=headers) if body is not None else self.post(path, headers=headers)


@contextmanager
def served(house: House, port: int) -> Iterator[str]:
    """The house's app on a real port, for a real browser."""
    server: BaseWSGIServer = make_server("127.0.0.1", port, house.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield house.origin
    finally:
        house.switchboard.closing.set()
        server.shutdown()
        thread.join(5)

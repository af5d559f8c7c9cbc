"""The carrier's webhooks: verify, parse, one workflow, draw.

A request that is not the carrier's gets 403 and changes nothing. A signed one that steers a call always gets 200 and a
document, whatever breaks behind it: `steering` catches everything and falls back to words that need nothing.
Status callbacks get 204; what they report is also found by the sweep, so a lost one is no loss.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from time import perf_counter
from typing import Any, Protocol

import structlog
from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from ivr.core.errors import Unavailable
from ivr.core.events import (
    Caller,
    Event,
    LegAsked,
    MessageRecorded,
    OutsideDialled,
    RoomAsked,
    RoomLeft,
    StepAsked,
    TurnAsked,
)
from ivr.core.ids import AgentId, CallId, LegId, OfferId
from ivr.core.instructions import Instruction, Link
from ivr.core.menus import MenuTree
from ivr.web.meters import VOICE_SECONDS, VOICE_TROUBLE, WEBHOOKS_REFUSED
from ivr.web.security import signed_by_carrier
from ivr.workflows.ports import Clock, Presences
from ivr.workflows.take_call import Answer, TakeCall
from ivr.workflows.take_offer import TakeOffer

LARGEST_BODY = 64 * 1024
MOST_FIELDS = 200
CALLER_DOORS = frozenset({"step", "wait", "enter", "back", "room", "left", "bye", "message", "dialled"})
AGENT_DOORS = frozenset({"client", "offer", "answer", "agent-left"})
CLIENT = "client:"
ROOM_LABEL = "agent-"
OVER = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})

log = structlog.get_logger(__name__)


class Said(Protocol):
    """What one webhook says (`telephony.twilio.parse.Wire`)."""

    call: str
    claimed: str
    dialled: str
    status: str
    keys: str
    finished: bool
    label: str
    event: str
    participant_status: str
    dial_status: str
    recording: str
    recorded_s: int
    hung_up: bool
    offer: str
    error_code: str

    @property
    def over(self) -> bool: ...


class Wire(Protocol):
    """The carrier's wire, injected by `wiring`."""

    def genuine(self, *, target: str, form: Any, headers: Any) -> bool: ...
    def parse(self, form: Mapping[str, str]) -> Any: ...
    def link(self, door: str, call: str, step: str, query: Mapping[str, str]) -> Link: ...
    def caller(self, claimed: str) -> Caller: ...
    def draw(self, instructions: tuple[Instruction, ...], tree: MenuTree, *, dialled: str) -> bytes: ...
    def one_moment(self, target: str) -> bytes: ...
    def fixed(self, name: str) -> bytes: ...


@dataclass(frozen=True, kw_only=True)
class Line:
    """Everything behind the webhooks."""

    wire: Wire
    take_call: TakeCall
    take_offer: TakeOffer
    presences: Presences
    clock: Clock


def raw_target() -> str:
    """The request target as it came over the wire, never re-spelled."""
    raw = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or ""
    if raw.startswith(("http://", "https://")):
        raw = "/" + raw.split("/", 3)[3] if raw.count("/") > 2 else "/"
    return raw or request.full_path.rstrip("?")


def voice_blueprint(line: Line) -> Blueprint:
    blueprint = Blueprint("voice", __name__, url_prefix="/voice")
    _caller_routes(blueprint, line)
    _agent_routes(blueprint, line)
    _report_routes(blueprint, line)
    return blueprint


def verified(line: Line) -> Said | None:
    """What the carrier says, or None when it is not the carrier."""
    if (request.content_length or 0) > LARGEST_BODY or request.mimetype != "application/x-www-form-urlencoded":
        return None
    form = request.form
    if len(form) > MOST_FIELDS:
        return None
    if not line.wire.genuine(target=raw_target(), form=form, headers=request.headers):
        WEBHOOKS_REFUSED.inc()
        return None
    said: Said = line.wire.parse(form)
    structlog.contextvars.bind_contextvars(call=said.call)
    return said


def steering(line: Line, safe: Callable[[], bytes]) -> Callable[[Any], Any]:
    """A request that steers a leg: 403 when unsigned, else 200 and a document, always."""

    def decorate(view: Callable[..., bytes]) -> Callable[..., Response]:
        @wraps(view)
        def answered(**parts: str) -> Response:
            started = perf_counter()
            try:
                said = verified(line)
            except HTTPException:
                said = None
            if said is None:
                return Response(status=403)
            try:
                body = view(said, **parts)
            except Unavailable as err:
                # An agent's line cannot be led without Redis; a caller's can (`TakeCall`).
                log.warning("voice_without_store", path=request.path, reason=str(err))
                body = safe()
            except Exception:
                VOICE_TROUBLE.inc()
                log.exception("voice_trouble", path=request.path)
                body = safe()
            VOICE_SECONDS.observe(perf_counter() - started)
            return Response(body, mimetype="text/xml")

        return signed_by_carrier(answered)

    return decorate


def reporting(line: Line) -> Callable[[Any], Any]:
    """A status callback: 403 when unsigned, else 204. A store that is away loses nothing: the sweep asks."""

    def decorate(view: Callable[..., None]) -> Callable[..., Response]:
        @wraps(view)
        def answered(**parts: str) -> Response:
            said = verified(line)
            if said is None:
                return Response(status=403)
            try:
                view(said, **parts)
            except Unavailable:
                log.warning("callback_not_kept", path=request.path)
            except Exception:
                VOICE_TROUBLE.inc()
                log.exception("callback_trouble", path=request.path)
            return Response(status=204)

        return signed_by_carrier(answered)

    return decorate


def _caller_routes(blueprint: Blueprint, line: Line) -> None:
    again = steering(line, lambda: line.wire.one_moment(raw_target()))

    def drawn(answer: Answer, dialled: str) -> bytes:
        return line.wire.draw(answer.instructions, answer.tree, dialled=dialled)

    @blueprint.post("/incoming")
    @again
    def incoming(said: Said) -> bytes:
        """The number's Voice URL: a call begins."""
        answer = line.take_call.arrive(CallId(said.call), line.wire.caller(said.claimed), said.dialled)
        return drawn(answer, said.dialled)

    @blueprint.post("/fallback")
    @again
    def fallback(said: Said) -> bytes:
        """The carrier could not use our last answer: say where the call is now; it has only its id."""
        log.warning("fallback_asked", error_code=said.error_code)
        if said.claimed.startswith(CLIENT):
            return line.wire.fixed("agent")
        return drawn(line.take_call.ask_again(CallId(said.call), dialled=said.dialled), said.dialled)

    @blueprint.post("/sorry")
    @again
    def sorry(said: Said) -> bytes:
        return line.wire.fixed("goodbye")

    @blueprint.post("/<any(step, wait, enter, back, room, left, bye, message, dialled):door>/<call>/<step>")
    @again
    def step(said: Said, door: str, call: str, step: str) -> bytes:
        """One step of a caller's leg. A step of another call is nobody's business: it has no effect."""
        if said.call != call:
            log.error("foreign_step", step_call=call)
            return line.wire.fixed("goodbye")
        if said.over and door not in ("message", "dialled"):
            line.take_call.left(CallId(call))
            return line.wire.fixed("goodbye")
        link = line.wire.link(door, call, step, request.args)
        answer = line.take_call.carry(
            link, event_of(line, said, link), caller=line.wire.caller(said.claimed), dialled=said.dialled
        )
        return drawn(answer, said.dialled)

    @blueprint.post("/<path:rest>")
    @again
    def elsewhere(said: Said, rest: str) -> bytes:
        """A signed request for an address we no longer have: the call goes on where it is."""
        return drawn(line.take_call.ask_again(CallId(said.call), dialled=said.dialled), said.dialled)


def event_of(line: Line, said: Said, link: Link) -> Event:
    """What a request at one of the caller's doors reports."""
    at = line.clock.now()
    match link.door:
        case "step" | "bye":
            return StepAsked(at=at, keys=said.keys, finished=said.finished)
        case "wait":
            return TurnAsked(at=at, keys=said.keys)
        case "room":
            return RoomAsked(at=at, offer=OfferId(link.step))
        case "left":
            return RoomLeft(at=at, offer=OfferId(link.step))
        case "message":
            return MessageRecorded(at=at, duration_s=said.recorded_s, recording=said.recording, hung_up=said.hung_up)
        case "dialled":
            return OutsideDialled(at=at, answered=said.dial_status in ("completed", "answered"))
        case _:
            return LegAsked(at=at)


def _agent_routes(blueprint: Blueprint, line: Line) -> None:
    agent_leg = steering(line, lambda: line.wire.fixed("agent"))

    def drawn(answer: Answer) -> bytes:
        return line.wire.draw(answer.instructions, answer.tree, dialled="")

    @blueprint.post("/client")
    @agent_leg
    def client(said: Said) -> bytes:
        """A browser dials in. Who it is comes from its signed token; the offer it names must be its own."""
        if not said.claimed.startswith(CLIENT) or not said.offer:
            log.error("browser_without_offer")
            return line.wire.fixed("not_permitted")
        agent = AgentId(said.claimed.removeprefix(CLIENT))
        return drawn(line.take_offer.join(agent, OfferId(said.offer), LegId(said.call)))

    @blueprint.post("/offer/<call>/<offer>")
    @agent_leg
    def offer(said: Said, call: str, offer: str) -> bytes:
        return drawn(line.take_offer.whisper(CallId(call), OfferId(offer)))

    @blueprint.post("/answer/<call>/<offer>")
    @agent_leg
    def answer(said: Said, call: str, offer: str) -> bytes:
        return drawn(line.take_offer.answer(CallId(call), OfferId(offer), LegId(said.call), keys=said.keys))

    @blueprint.post("/agent-left/<call>/<offer>")
    @agent_leg
    def agent_left(said: Said, call: str, offer: str) -> bytes:
        line.take_offer.left_room(CallId(call), OfferId(offer), LegId(said.call), alive=not said.over)
        return line.wire.fixed("hang_up")


def _report_routes(blueprint: Blueprint, line: Line) -> None:
    report = reporting(line)

    @blueprint.post("/status")
    @report
    def status(said: Said) -> None:
        """The end of a leg: a caller's, or a browser agent's."""
        if not said.over:
            return
        if not said.claimed.startswith(CLIENT):
            line.take_call.left(CallId(said.call))
            return
        agent = line.presences.find(AgentId(said.claimed.removeprefix(CLIENT)))
        if agent is not None and agent.call is not None and agent.offer is not None:
            line.take_offer.lost(agent.call, agent.offer, LegId(said.call))

    @blueprint.post("/agent-leg/<call>/<offer>")
    @report
    def agent_leg(said: Said, call: str, offer: str) -> None:
        if said.over:
            line.take_offer.leg_ended(CallId(call), OfferId(offer), LegId(said.call), status=said.status)

    @blueprint.post("/room-events/<call>")
    @report
    def room_events(said: Said, call: str) -> None:
        """Somebody left the room for good. One who was moved out is still on the line, and is no news."""
        if said.event != "participant-leave" or said.participant_status not in OVER:
            return
        if said.label == "caller":
            line.take_call.left(CallId(call))
        elif said.label.startswith(ROOM_LABEL):
            offer = OfferId(said.label.removeprefix(ROOM_LABEL))
            line.take_offer.lost(CallId(call), offer, LegId(said.call))
